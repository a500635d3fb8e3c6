"""What each maker's clients write, read into items; one module a maker."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from stammkunde.server.shop.collector.dialects import klaviyo, posthog, segment, snowplow
from stammkunde.server.shop.collector.items import Item
from stammkunde.server.shop.collector.reading import Document
from stammkunde.server.shop.sources.payloads import PayloadError

_BATCH = "batch"


class Dialect(Protocol):
    """How one maker's documents are taken apart and read."""

    LIST: str  # where a document holds its events
    EVENT: int  # bytes of one

    @staticmethod
    def item(piece: Any, document: Document, *, call: str, received: datetime) -> Item | None:
        """What one event says; None where it says nothing that is of use here.

        Raises
        ------
        PayloadError : it cannot be used, and why.
        """


@dataclass(frozen=True)
class Piece:
    """One event of a document: as it was sent, and alone in a document like the one it came in."""

    raw: Any
    alone: Document


DIALECTS: dict[str, Any] = {"segment": segment, "posthog": posthog, "klaviyo": klaviyo, "snowplow": snowplow}


def dialect_of(topic: str, document: Document) -> Any:
    """The dialect of a delivery. `/batch` is PostHog's and RudderStack's: the event itself says which.

    Raises
    ------
    PayloadError : there is no such dialect.
    """
    name = topic.partition("/")[0]
    if name not in DIALECTS:
        raise PayloadError(f"Nobody here reads {topic!r}.")
    if name == "posthog":
        pieces = document.get(_BATCH)
        first = pieces[0] if isinstance(pieces, list) and pieces else document
        ours = isinstance(first, dict) and "type" in first and not posthog.speaks(first)
        return segment if ours else posthog
    return DIALECTS[name]


def pieces(document: Document, name: str) -> Iterator[Piece]:
    """The events of a document, whose list has this name; itself where it has none.

    Raises
    ------
    PayloadError : what should be a list is none.
    """
    found = document.get(name)
    if not name or found is None or (name == "data" and isinstance(found, dict)):
        yield Piece(document, document)
        return
    if not isinstance(found, list):
        raise PayloadError(f"{name}: a list was expected.")
    beside = {key: value for key, value in document.items() if key != name}
    for each in found:
        yield Piece(each, {**beside, name: [each]})
