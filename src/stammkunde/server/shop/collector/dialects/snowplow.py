"""Snowplow's trackers: short names, moments in milliseconds, events of one's own as JSON or base64 of it.

They send no key; the name of the app (`aid`) is the write key here.
"""

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stammkunde.server.shop.collector import persons
from stammkunde.server.shop.collector.items import PAGE, SCREEN, TRACK, Item, happened, id_of, moment
from stammkunde.server.shop.collector.reading import Document, parsed
from stammkunde.server.shop.collector.refusals import RefusedError
from stammkunde.server.shop.sources.payloads import Node

LIST = "data"
EVENT = 1000 * 1024
_NAME = re.compile(r"iglu:[^/]+/([^/]+)/")
_MOMENTS = ("dtm", "stm", "ttm")


def item(piece: Any, document: Document, *, call: str, received: datetime) -> Item | None:
    """What one event says; signs of life (`pp`) say nothing here.

    Raises
    ------
    PayloadError : it cannot be used, and why.
    """
    del document, call
    node = Node({**Node(piece).value, **_numbers(Node(piece))})
    read = {"pv": _page, "ue": _own, "se": _structured, "tr": _transaction}.get(node.text("e"))
    if read is None:
        return None
    kind, name, properties = read(node)
    at = happened(moment(node, "dtm"), sent=moment(node, "stm"), received=received)
    who = persons.who(
        user=id_of(node, "uid"),
        anonymous=id_of(node, "duid", "nuid", "tnuid", "sid"),
        traits=Node(_traits(properties)),
        locale=node.text("lang"),
        zone=node.text("tz"),
    )
    url = {"url": node.text("url")} if node.text("url") else {}
    at = happened(moment(node, "ttm"), sent=None, received=received) if "ttm" in node else at
    return Item(kind, node.text("eid")[:200], at, who, name, {**url, **properties})


def _numbers(node: Node) -> dict[str, int]:
    """Moments are texts of milliseconds."""
    return {name: int(text) for name in _MOMENTS if (text := node.text(name)).isascii() and text.isdigit()}


def _page(node: Node) -> tuple[str, str, dict[str, Any]]:
    name = node.text("page")
    found = {"name": name, "title": name, "referrer": node.text("refr")}
    return PAGE, name, {key: text for key, text in found.items() if text}


def _own(node: Node) -> tuple[str, str, dict[str, Any]]:
    """An event of the shop's own, named by its schema: iglu:com.acme/product_added/jsonschema/1-0-0."""
    text = node.text("ue_pr") or _decoded(node, node.text("ue_px"))
    try:
        inner = Node(parsed(text), "ue").one("data")
    except RefusedError as error:
        raise node.wrong("ue_pr", error.message) from error
    found = _NAME.match(inner.text("schema"))
    if found is None:
        raise node.wrong("ue_pr", "the event names no schema.")
    data = dict(inner.one("data").value)
    if found[1] == "screen_view":
        return SCREEN, inner.one("data").text("name"), data
    return TRACK, found[1], data


def _structured(node: Node) -> tuple[str, str, dict[str, Any]]:
    names = {"se_ca": "category", "se_ac": "action", "se_la": "label", "se_pr": "property", "se_va": "value"}
    found = {name: node.value[short] for short, name in names.items() if node.text(short)}
    if "action" not in found:
        raise node.wrong("se_ac", "an action is missing.")
    return TRACK, str(found["action"]), found


def _transaction(node: Node) -> tuple[str, str, dict[str, Any]]:
    names = {"tr_id": "order_id", "tr_tt": "total", "tr_tx": "tax", "tr_sh": "shipping", "tr_cu": "currency"}
    return TRACK, "Order Completed", {name: node.value[short] for short, name in names.items() if node.text(short)}


def _traits(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: properties[name] for name in ("email",) if isinstance(properties.get(name), str)}


def _decoded(node: Node, text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError as error:
        raise node.wrong("ue_px", "this is no base64.") from error
