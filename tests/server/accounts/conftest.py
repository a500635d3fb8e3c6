"""Staff with and without a second factor."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client

from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Role


@pytest.fixture(autouse=True)
def fresh(settings: Any) -> Iterator[None]:
    """Nobody has tried to log in before; a code is not late because this machine is busy."""
    settings.MFA_TOTP_TOLERANCE = 1
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def secured(owner: Client) -> Client:
    """A browser of an owner with a second factor."""
    TOTP.activate(User.objects.get(role=Role.OWNER), generate_totp_secret())
    return owner


@pytest.fixture
def olga(secured: Client) -> User:
    """That owner."""
    del secured
    return User.objects.get(role=Role.OWNER)
