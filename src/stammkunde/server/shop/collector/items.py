"""One call of a client, whatever its dialect: what happened, when, to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from stammkunde.server.shop.facts import Who
from stammkunde.server.shop.sources.payloads import Node

IDENTIFY, TRACK, PAGE, SCREEN, GROUP, ALIAS = "identify", "track", "page", "screen", "group", "alias"
CALLS = frozenset({IDENTIFY, TRACK, PAGE, SCREEN, GROUP, ALIAS})
RIGHT = timedelta(seconds=5)  # a clock that is off by less is right, the rest is the way: events keep their order
#: What programs write where they know nobody; taken for an id, it would make one person of a whole town.
NOBODY = frozenset({
    "null", "none", "nil", "undefined", "nan", "anonymous", "anon", "guest", "unknown", "0", "-1", "false", "true",
    "[object object]", "{}", "[]", "distinct_id", "distinctid", "id", "email", "user_id", "userid", "not_authenticated",
    "00000000-0000-0000-0000-000000000000",
})  # fmt: skip


@dataclass(frozen=True)
class Item:
    """What a client says. `key` is its id of it, empty where it has none; `name` is of the event, page or group.

    `former` is the name by which the person was known before (alias), `since` since when they are known.
    """

    call: str
    key: str
    at: datetime
    who: Who
    name: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    former: Who = field(default_factory=Who)
    since: datetime | None = None


def id_of(node: Node, *names: str) -> str:
    """The first of these ids that is one; null, 0 and words for nobody are none."""
    for name in names:
        found = node.text(name)
        if found and found.lower() not in NOBODY:
            return found[:254]
    return ""


def moment(node: Node, *names: str) -> datetime | None:
    """The first of these moments that is there; seconds and milliseconds are understood, with fractions too."""
    fractions = {name: Decimal(str(node.value[name])) for name in names if isinstance(node.value.get(name), float)}
    return (Node({**node.value, **fractions}, node.place) if fractions else node).maybe_moment(*names)


def happened(said: datetime | None, *, sent: datetime | None, received: datetime) -> datetime:
    """When it was by our clock: the sender's clock was wrong by what lies between sending and receiving.

    Nothing happened later than it was received.
    """
    if said is None:
        return received
    wrong = received - sent if sent is not None else timedelta(0)
    return min(said + wrong if abs(wrong) > RIGHT else said, received)
