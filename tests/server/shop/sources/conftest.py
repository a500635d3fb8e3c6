"""A source of each kind, and a way to its door."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from server.shop.sources.case import Case, case_of
from stammkunde.server.lib.seal import seal
from stammkunde.server.shop.models import Source
from stammkunde.server.shop.sources import kinds

Send = Callable[..., int]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that ask for a `case` run for every kind that has one; those that `send`, for every kind that hears."""
    if "case" in metafunc.fixturenames:
        hears = "send" in metafunc.fixturenames
        cases = [case_of(name) for name, kind in kinds().items() if kind.hears or not hears]
        metafunc.parametrize("case", [case for case in cases if case], ids=[case.kind for case in cases if case])


@pytest.fixture
def place(db: None, case: Case, now: datetime) -> Source:
    """A source of the kind under test."""
    del db
    return place_of(case, now)


def place_of(case: Case, now: datetime, **more: Any) -> Source:
    """A source of a kind, with all that it asks for."""
    return Source.objects.create(
        kind=case.kind,
        name=case.kind.title(),
        options=dict(case.options),
        sealed=seal(dict(case.secrets)),
        token=f"token-of-{case.kind}",
        created_at=now,
        **more,
    )


@pytest.fixture
def send(case: Case, place: Source, client: Client) -> Send:
    """Send a payload as its shop would; returns the status."""

    def sent(payload: Any, *, key: str = "d1", topic: str = "", secret: str | None = None) -> int:
        headers, body = case.send(topic or case.topic, payload, key=key, secret=secret)
        return client.post(
            f"/hooks/{place.token}/orders", body, content_type="application/json", headers=headers
        ).status_code

    return sent
