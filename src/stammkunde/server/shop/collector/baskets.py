"""Carts, made of the events of one customer: the same events make the same carts, in whatever order they came.

A cart is known by its `cart_id`, else by its `checkout_id`, else by the id of the event it began with. An event that
names neither belongs to the cart that is open. An order ends a cart; what follows begins another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stammkunde.server.shop.collector import products
from stammkunde.server.shop.collector.items import id_of
from stammkunde.server.shop.facts import CartFact, Who
from stammkunde.server.shop.sources.payloads import Node, PayloadError

CART, CHECKOUT, ORDERED = "cart", "checkout", "ordered"
_BEGINS = frozenset({"Product Added", "Wishlist Product Added to Cart", "Cart Viewed", "Checkout Started"})
_STEPS = frozenset({"Checkout Started", "Checkout Step Viewed", "Checkout Step Completed", "Payment Info Entered"})
_ADDS = frozenset({"Product Added", "Wishlist Product Added to Cart"})


@dataclass(frozen=True)
class Happened:
    """An event of the record, as far as it is about carts; `pk` grows with the time it was taken in."""

    pk: int
    key: str
    name: str
    at: datetime
    who: Who
    currency: str
    properties: Mapping[str, Any]


@dataclass
class Basket:
    """A cart while it is put together."""

    first: Happened
    last: Happened
    newest: int = 0
    events: int = 0
    cart_id: str = ""
    checkout_id: str = ""
    order_id: str = ""
    stage: str = CART
    stated: int = 0
    url: str = ""
    lines: dict[str, products.Line] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What it is known by."""
        return (self.cart_id or self.checkout_id or f"event {self.first.key}")[:120]

    @property
    def value(self) -> int:
        """What is in it, or what an event said it is worth where the prices are not told."""
        return sum(line["quantity"] * line["price"] for line in self.lines.values()) or self.stated

    def fact(self) -> CartFact:
        """As it goes into the record. Its version is the newest event in it: more events, newer cart."""
        return CartFact(
            external_id=self.key,
            who=self.last.who,
            began_at=self.first.at,
            changed_at=self.last.at,
            currency=self.last.currency,
            value=self.value,
            stage=self.stage,
            lines=tuple(self.lines.values()),
            url=self.url,
            version=self.newest,
        )


def fold(events: Iterable[Happened]) -> list[Basket]:
    """The carts of one customer."""
    found: list[Basket] = []
    for event in sorted(events, key=lambda each: (each.at, each.key)):
        basket = _of(found, event)
        if basket is not None:
            _add(basket, event)
    return found


def _of(baskets: list[Basket], event: Happened) -> Basket | None:
    """The cart an event belongs to; a new one where it begins one, None where there is none."""
    ids = _ids(event)
    for basket in reversed(baskets):
        if any(ids[name] and ids[name] == getattr(basket, name) for name in ids):
            return basket
    newest = baskets[-1] if baskets else None
    if newest is not None and newest.stage != ORDERED and not (ids["cart_id"] and newest.cart_id):
        return newest
    if event.name not in _BEGINS:
        return None
    baskets.append(Basket(first=event, last=event))
    return baskets[-1]


def _ids(event: Happened) -> dict[str, str]:
    node = Node(event.properties)
    return {
        "cart_id": id_of(node, "cart_id", "cartId", "$cart_id", "CartID"),
        "checkout_id": id_of(node, "checkout_id", "checkoutId", "$checkout_id", "CheckoutID"),
        "order_id": id_of(node, "order_id", "orderId", "OrderId", "order_number"),
    }


def _add(basket: Basket, event: Happened) -> None:
    for name, told in _ids(event).items():
        setattr(basket, name, getattr(basket, name) or told)
    basket.last, basket.newest = event, max(basket.newest, event.pk)
    basket.events += 1
    node = Node(event.properties)
    basket.url = node.text("checkout_url", "CheckoutURL", "cart_url") or basket.url
    basket.stated = products.stated(event.properties, event.currency) if _whole(event) else basket.stated
    _fill(basket, event, node)
    if event.name == "Order Completed":
        basket.stage = ORDERED
    elif event.name in _STEPS and basket.stage == CART:
        basket.stage = CHECKOUT


def _whole(event: Happened) -> bool:
    return event.name in {"Cart Viewed", "Checkout Started", "Order Completed"}


def _fill(basket: Basket, event: Happened, node: Node) -> None:
    """The articles: a list is the whole cart, a single one comes or goes."""
    try:
        said = products.lines(node)
    except PayloadError:
        return  # such an event was refused; what is in the record by other ways changes no articles
    if products.listed(node):
        if said or event.name == "Cart Viewed":
            basket.lines = {products.name_of(line): line for line in said}
        return
    for line in said:
        there = basket.lines.get(products.name_of(line))
        before = there["quantity"] if there else 0
        if event.name in _ADDS:
            price = line["price"] or (there["price"] if there else 0)
            basket.lines[products.name_of(line)] = {**line, "quantity": before + line["quantity"], "price": price}
        elif event.name == "Product Removed" and there:
            _take(basket, line, there)


def _take(basket: Basket, line: products.Line, there: products.Line) -> None:
    left = there["quantity"] - line["quantity"]
    if left > 0:
        basket.lines[products.name_of(line)] = {**there, "quantity": left}
    else:
        del basket.lines[products.name_of(line)]
