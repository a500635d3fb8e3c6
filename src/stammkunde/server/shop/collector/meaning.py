"""What an item means to the record: facts."""

from datetime import datetime

from stammkunde.server.shop.collector import names, products
from stammkunde.server.shop.collector.items import ALIAS, GROUP, IDENTIFY, PAGE, SCREEN, Item
from stammkunde.server.shop.facts import CustomerFact, EventFact, Fact, Same
from stammkunde.server.shop.sources.payloads import Node, PayloadError


def facts(item: Item, *, key: str) -> list[Fact]:
    """What an item says; `key` is its id where its sender gave none.

    Raises
    ------
    PayloadError : it says of nobody whom it is about, or an amount that is none.
    """
    if not item.who:
        raise PayloadError("Nobody is named: userId, anonymousId or an e-mail address is needed.")
    if item.call in {IDENTIFY, GROUP}:
        return [CustomerFact(item.who, known_since=_since(item))]
    if item.call == ALIAS:
        return [Same(item.who, item.former)]
    return [_event(item, key)]


def _since(item: Item) -> datetime:
    return min(item.since, item.at) if item.since else item.at


def _event(item: Item, key: str) -> EventFact:
    name = {PAGE: names.PAGE, SCREEN: names.SCREEN}.get(item.call) or names.event_name(item.name)
    properties = Node(item.properties, "properties")
    strict = name in names.COMMERCE
    value = products.worth(properties, strict=strict)
    code = _currency(properties, strict=strict) if value is not None else ""
    return EventFact(item.key or key, name, item.at, item.who, value, code, dict(item.properties))


def _currency(properties: Node, *, strict: bool) -> str:
    try:
        return products.currency(properties)
    except PayloadError:
        if strict:
            raise
        return ""
