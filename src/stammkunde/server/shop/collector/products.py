"""Articles and amounts in the properties of an event, under the names clients give them."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings

from stammkunde.server.lib.money import minor
from stammkunde.server.shop.sources.payloads import Node, PayloadError

Line = dict[str, Any]
_LISTS = ("products", "Items", "items", "Products")
_WORTH = ("value", "$value", "total", "revenue")


def currency(properties: Node) -> str:
    """The currency of the amounts: the shop's, where none is told.

    Raises
    ------
    PayloadError : what is told is none.
    """
    told = properties.text("currency", "$currency_code", "value_currency", "Currency")
    return Node({"currency": told}, properties.place).currency("currency") if told else settings.CURRENCY


def listed(properties: Node) -> bool:
    """Whether the event tells of several articles: a whole cart."""
    return any(isinstance(properties.value.get(name), list) for name in _LISTS)


def lines(properties: Node) -> list[Line]:
    """The articles an event is about: those of its list, or the one it describes itself.

    Raises
    ------
    PayloadError : an amount or a count is none.
    """
    code = currency(properties)
    return [line for each in _articles(properties) if (line := _line(each, code))]


def name_of(line: Line) -> str:
    """What makes a line the same one: its number, or its title where it has none."""
    return str(line.get("sku") or line.get("id") or line.get("title") or "")


def _articles(properties: Node) -> Iterator[Node]:
    for name in _LISTS:
        if isinstance(properties.value.get(name), list):
            yield from properties.each(name)
            return
    yield properties


def _line(node: Node, code: str) -> Line | None:
    known = node.text("product_id", "productId", "ProductID", "id")
    sku = node.text("sku", "SKU") or known
    title = node.text("name", "title", "ProductName", "product_name", "AddedItemProductName")
    sku = sku or node.text("AddedItemSKU", "AddedItemProductID")
    if not sku and not title:
        return None
    quantity = next((node.whole(n) for n in ("quantity", "Quantity", "qty", "AddedItemQuantity") if n in node), 1)
    price = next((node.money(n, code) for n in ("price", "ItemPrice", "Price", "AddedItemPrice") if n in node), 0)
    return {"sku": sku[:120], "title": title[:300], "quantity": max(quantity, 0), "price": price}


def worth(properties: Node, *, strict: bool) -> int | None:
    """The amount of an event in the smallest unit; None where it has none.

    Raises
    ------
    PayloadError : `strict`, and what stands there is no amount.
    """
    for name in _WORTH:
        if properties.value.get(name) not in (None, ""):
            try:
                return properties.money(name, currency(properties))
            except PayloadError:
                if strict:
                    raise
                return None
    if not strict:
        return None
    found = lines(properties)
    return sum(each["quantity"] * each["price"] for each in found) if any(each["price"] for each in found) else None


def stated(properties: Mapping[str, Any], code: str) -> int:
    """What an event says a cart is worth; 0 where it does not, or not as an amount."""
    for name in _WORTH:
        try:
            if properties.get(name) not in (None, ""):
                return minor(properties[name], code)
        except ValueError:
            continue
    return 0
