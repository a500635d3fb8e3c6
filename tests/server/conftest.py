"""A shop's server for tests: staff of every role, and a source to take facts from."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import translation

from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Role
from stammkunde.server.shop.models import Source

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday morning


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins in English: a request leaves its language behind, as it does in a worker of the web."""
    translation.activate("en")
    yield
    translation.activate("en")


@pytest.fixture
def now() -> datetime:
    """Monday, 2 March 2026, nine o'clock UTC."""
    return NOW


@pytest.fixture
def as_role(db: None) -> Callable[[str], Client]:
    """A browser in which somebody of a role is logged in: `as_role("service")`."""
    del db

    def client(role: str) -> Client:
        user = User.objects.create_user(f"{role}@example.com", "correct horse battery", role=role, joined_at=NOW)
        browser = Client()
        browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return browser

    return client


@pytest.fixture
def owner(as_role: Callable[[str], Client]) -> Client:
    """A browser of the owner."""
    return as_role(Role.OWNER)


@pytest.fixture
def source(db: None) -> Source:
    """A place facts come from."""
    del db
    return Source.objects.create(kind="csv", name="Orders by hand", token="t" * 32, created_at=NOW)
