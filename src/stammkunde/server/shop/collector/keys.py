"""Whose write key a request carries: looked for in every place clients put it, known sources kept for a while."""

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.http import HttpRequest

from stammkunde.server.shop.models import Source

KIND = "collector"
IN_BODY = ("writeKey", "write_key", "api_key", "apiKey", "token")
IN_QUERY = (*IN_BODY, "aid", "company_id")
KEPT = 15.0  # seconds until a change of a source is noticed
UNKNOWN_KEPT = 2.0
MOST = 1000  # keys kept; strangers' guesses push each other out

_known: dict[str, tuple[float, int | None]] = {}
_lock = threading.Lock()


def of_request(request: HttpRequest) -> Iterator[str]:
    """Keys in the header and the query."""
    scheme, _, value = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    value = value.strip()
    if scheme.lower() == "basic":
        with suppress(ValueError):  # the next place may hold one
            yield base64.b64decode(value).decode().partition(":")[0]
    elif scheme.lower() in {"bearer", "klaviyo-api-key"}:
        yield value
    yield request.META.get("HTTP_X_WRITE_KEY", "")
    for name in IN_QUERY:
        yield request.GET.get(name, "")


def of_document(document: dict[str, Any]) -> Iterator[str]:
    """Keys in the body: beside the batch, or in its first event."""
    pieces = document.get("batch") or document.get("data")
    first = pieces[0] if isinstance(pieces, list) and pieces else None
    for place in (document, first):
        if isinstance(place, dict):
            inner = place.get("properties")
            yield from (str(place[name]) for name in (*IN_BODY, "aid") if place.get(name))
            yield str(inner.get("token") or "") if isinstance(inner, dict) else ""


def source_of(keys: Iterator[str]) -> int | None:
    """The id of the first source that is open for one of the keys."""
    for key in keys:
        found = _source(key.strip()) if key and len(key) <= 64 else None
        if found is not None:
            return found
    return None


def _source(key: str) -> int | None:
    until, found = _known.get(key, (0.0, None))
    if until > time.monotonic():
        return found
    found = Source.objects.filter(kind=KIND, active=True, token=key).values_list("pk", flat=True).first()
    with _lock:
        while len(_known) >= MOST:
            del _known[next(iter(_known))]
        _known[key] = (time.monotonic() + (KEPT if found is not None else UNKNOWN_KEPT), found)
    return found


def forget() -> None:
    """Look every key up again."""
    with _lock:
        _known.clear()
