"""A source for the collector, and a client that shows its write key."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from stammkunde.server.shop.collecting import collect
from stammkunde.server.shop.collector import keys, limits
from stammkunde.server.shop.collector.writer import writer
from stammkunde.server.shop.models import Event, Source

KEY = "write-key-of-the-teahouse"
Send = Callable[..., Any]


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """No key known from another test, full buckets, and no thread left behind."""
    keys.forget()
    limits.buckets.fill()
    yield
    writer.stop()
    keys.forget()


@pytest.fixture
def place(db: None, now: datetime) -> Source:
    """The source of kind "collector"."""
    del db
    return Source.objects.create(kind=keys.KIND, name="Teahouse", token=KEY, created_at=now)


def basic(key: str = KEY) -> str:
    """The header clients show their key in."""
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


@pytest.fixture
def send(place: Source, client: Client) -> Send:
    """Send a document; `send("/v1/track", {...})`. Returns the answer."""

    def sent(
        address: str, document: Any = None, *, key: str | None = KEY, body: bytes | None = None, **more: Any
    ) -> Any:
        headers = {"Authorization": basic(key)} if key else {}
        text = json.dumps(document).encode() if body is None else body
        kind = more.pop("content_type", "application/json")
        return client.generic("POST", address, text, content_type=kind, headers={**headers, **more})

    return sent


@pytest.fixture
def events(place: Source, now: datetime) -> Callable[[], list[Event]]:
    """Understand what was sent; the events in the order they happened."""

    def found() -> list[Event]:
        collect(place, now=now)
        return list(Event.objects.order_by("at", "pk"))

    return found
