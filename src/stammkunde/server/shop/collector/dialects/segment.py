"""Segment's contract, as its clients and RudderStack's keep it.

Traits stand in `traits` or, from RudderStack's Python client, in `context.traits`; what stands beside a batch holds for
each of its events; a null is nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from stammkunde.server.shop.collector import persons
from stammkunde.server.shop.collector.items import (
    CALLS,
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
EVENT = 32 * 1024


def item(piece: Any, document: Document, *, call: str, received: datetime) -> Item:
    """What one event says.

    Raises
    ------
    PayloadError : it cannot be used, and why.
    """
    node, beside = Node(piece), Node(document)
    kind = (node.text("type") or call).lower()
    if kind not in CALLS:
        raise node.wrong("type", f"{kind[:40]!r} is none of {', '.join(sorted(CALLS))}.")
    context = Node(merged(beside, node, "context"), "context")
    traits = Node({**_object(context, "traits"), **_object(node, "traits")}, "traits")
    who = _who(node, traits, context)
    at = _at(node, beside, received)
    told: dict[str, Any] = {"call": kind, "key": node.text("messageId", "message_id")[:200], "at": at, "who": who}
    match kind:
        case "identify":
            return Item(**told, since=moment(traits, "createdAt", "created_at"))
        case "group":
            told["who"] = replace(who, name="", company=traits.text("name"))  # its traits are the group's
            return Item(**told, name=id_of(node, "groupId", "group_id"))
        case "alias":
            former = id_of(node, "previousId", "previous_id")
            if not former:
                raise node.wrong("previousId", "an alias says who the person was before.")
            return Item(**told, former=Who(user_id=former, anonymous_id=former))
    name = node.text("event") if kind == TRACK else node.text("name")
    if kind == TRACK and not name:
        raise node.wrong("event", "the name of the event is missing.")
    return Item(**told, name=name, properties=_properties(node, context, name, kind))


def merged(beside: Node, node: Node, name: str) -> dict[str, Any]:
    """An object of the event, and what the batch says beside it."""
    return {**_object(beside, name), **_object(node, name)} if beside.value is not node.value else _object(node, name)


def _object(node: Node, name: str) -> dict[str, Any]:
    found = node.value.get(name)
    return dict(found) if isinstance(found, Mapping) else {}


def _who(node: Node, traits: Node, context: Node) -> Who:
    return persons.who(
        user=id_of(node, "userId", "user_id"),
        anonymous=id_of(node, "anonymousId", "anonymous_id"),
        traits=traits,
        locale=context.text("locale"),
        zone=context.text("timezone"),
    )


def _at(node: Node, beside: Node, received: datetime) -> datetime:
    """By our clock; an event that another server received before us has its moment corrected already."""
    if "receivedAt" in node and "timestamp" in node:
        return happened(moment(node, "timestamp"), sent=None, received=received)
    said = moment(node, "originalTimestamp", "timestamp")
    return happened(said, sent=moment(node, "sentAt") or moment(beside, "sentAt", "sent_at"), received=received)


def _properties(node: Node, context: Node, name: str, kind: str) -> dict[str, Any]:
    """What belongs to the event, and where it was: page and campaign of the context. No address of a machine."""
    found = _object(node, "properties")
    if kind in {PAGE, SCREEN} and name:
        found = {"name": name, **found}
    page, campaign = _object(context, "page"), _object(context, "campaign")
    told = {key: page[key] for key in ("url", "path", "title", "referrer", "search") if page.get(key)}
    return {**(told if kind == PAGE else {key: told[key] for key in ("url",) if key in told}), **found} | (
        {"campaign": campaign} if campaign else {}
    )
