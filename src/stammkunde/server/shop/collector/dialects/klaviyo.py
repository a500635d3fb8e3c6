"""Klaviyo's API as its clients call it: JSON:API documents of an event with its profile, or of a profile alone."""

import hashlib
from datetime import datetime
from typing import Any

from stammkunde.server.shop.collector import persons
from stammkunde.server.shop.collector.items import IDENTIFY, TRACK, Item, happened, id_of, moment
from stammkunde.server.shop.collector.reading import Document
from stammkunde.server.shop.facts import Who
from stammkunde.server.shop.sources.payloads import Node

LIST = ""  # each document is one
EVENT = 5000 * 1024


def item(piece: Any, document: Document, *, call: str, received: datetime) -> Item:
    """What one document says.

    Raises
    ------
    PayloadError : it cannot be used, and why.
    """
    del document
    data = Node(piece).one("data")
    said = data.one("attributes")
    if call != "events":
        return Item(IDENTIFY, "", received, _who(data))
    name = said.one("metric").one("data").one("attributes").text("name") or said.one("metric").text("name")
    if not name:
        raise said.wrong("metric", "the name of the metric is missing.")
    profile = said.one("profile")
    who = _who(profile.one("data") if "data" in profile else profile)
    time = moment(said, "time")
    properties = dict(said.one("properties").value)
    for own, here in (("value", "value"), ("value_currency", "currency")):
        if own in said:
            properties.setdefault(here, said.value[own])
    key = said.text("unique_id") or (_key(name, who, said.text("time")) if time else "")
    return Item(TRACK, key[:200], happened(time, sent=None, received=received), who, name, properties)


def _who(data: Node) -> Who:
    said = data.one("attributes") if "attributes" in data else data
    traits = {**said.one("properties").value, **said.value}
    return persons.who(
        user=id_of(said, "external_id"),
        anonymous=id_of(said, "anonymous_id") or id_of(data, "id"),
        traits=Node(traits, "profile"),
        locale=said.text("locale"),
        zone=persons.part(said, "location").text("timezone"),
    )


def _key(name: str, who: Who, time: str) -> str:
    """Klaviyo's own rule where an event has no id: one of a kind for a person and a second."""
    told = f"{name}|{who.user_id}|{who.email}|{who.phone}|{who.anonymous_id}|{time}"
    return "k-" + hashlib.sha256(told.encode()).hexdigest()
