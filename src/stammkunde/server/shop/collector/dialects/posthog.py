"""PostHog's clients: an event with a `distinct_id`, names with a dollar for what is PostHog's own.

An alias goes either way round (Python writes the former id as `distinct_id`, Node the one that is kept), so both of its
names are of equal rank here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stammkunde.server.shop.collector import persons
from stammkunde.server.shop.collector.items import (
    ALIAS,
    GROUP,
    IDENTIFY,
    PAGE,
    SCREEN,
    TRACK,
    Item,
    happened,
    id_of,
    moment,
)
from stammkunde.server.shop.collector.reading import Document
from stammkunde.server.shop.facts import Who
from stammkunde.server.shop.sources.payloads import Node

LIST = "batch"
EVENT = 1000 * 1024
_CALLS = {
    "$identify": IDENTIFY,
    "$set": IDENTIFY,
    "$set_once": IDENTIFY,
    "$create_alias": ALIAS,
    "$merge_dangerously": ALIAS,
    "$groupidentify": GROUP,
    "$pageview": PAGE,
    "$screen": SCREEN,
}


def speaks(piece: Mapping[str, Any]) -> bool:
    """Whether an event is PostHog's."""
    inner = piece.get("properties")
    return "distinct_id" in piece or (isinstance(inner, Mapping) and "distinct_id" in inner)


def item(piece: Any, document: Document, *, call: str, received: datetime) -> Item | None:
    """What one event says; PostHog's own signals (clicks, flags, page leaves) say nothing here.

    Raises
    ------
    PayloadError : it cannot be used, and why.
    """
    del call
    node = Node(piece)
    properties, event = node.one("properties"), node.text("event")
    if not event:
        raise node.wrong("event", "the name of the event is missing.")
    if event.startswith("$") and event not in _CALLS:
        return None
    kind = _CALLS.get(event, TRACK)
    said, sent = moment(node, "timestamp"), moment(Node(document), "sent_at", "sentAt")
    told: dict[str, Any] = {
        "call": kind,
        "key": node.text("uuid", "message_id", "messageId")[:200],
        "at": happened(said, sent=sent, received=received),
        "who": _who(node, properties),
    }
    if kind == ALIAS:
        former = id_of(properties, "alias") or id_of(node, "alias")
        if not former:
            raise properties.wrong("alias", "the other name is missing.")
        whose = id_of(properties, "distinct_id") or id_of(node, "distinct_id")
        both = Who(user_id=whose, anonymous_id=whose)
        return Item(**{**told, "who": both}, former=Who(user_id=former, anonymous_id=former))
    name = properties.text("$screen_name", "title") if kind in {PAGE, SCREEN} else event
    return Item(**told, name=name, properties=_kept(properties, name, kind))


def _who(node: Node, properties: Node) -> Who:
    distinct = id_of(node, "distinct_id") or id_of(properties, "distinct_id", "$distinct_id")
    device = id_of(properties, "$anon_distinct_id", "$device_id")
    unknown = distinct == device or properties.value.get("$is_identified") is False
    traits: dict[str, Any] = {}
    for place in (properties, node):
        for name in ("$set_once", "$set"):
            found = place.value.get(name)
            traits |= dict(found) if isinstance(found, Mapping) else {}
    return persons.who(
        user="" if unknown else id_of(properties, "$user_id") or distinct,
        anonymous=distinct if unknown else device,
        traits=Node(traits, "$set"),
        zone=properties.text("$timezone"),
    )


def _kept(properties: Node, name: str, kind: str) -> dict[str, Any]:
    """What the shop says; of PostHog's own, where it was."""
    own = {key: value for key, value in properties.value.items() if not key.startswith("$") and key != "distinct_id"}
    own.pop("token", None)
    place = {"url": properties.text("$current_url"), "path": properties.text("$pathname")}
    label = {"name": name} if kind in {PAGE, SCREEN} and name else {}
    return {**label, **{key: value for key, value in place.items() if value}, **own}
