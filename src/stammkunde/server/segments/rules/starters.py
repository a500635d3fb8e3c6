"""Segments and types to begin with: rules that fit any shop, since they ask for no amounts and no fixed days."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Starter:
    """A rule with its name and what it is for."""

    key: str
    kind: str
    name: Promise
    description: Promise
    rule: dict[str, Any]
    position: int = 0


def _is(fact: str, value: Any, op: str = "is") -> dict[str, Any]:
    return {"fact": fact, "op": op, "value": value}


def _all(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"all": list(parts)}


def starters() -> Iterator[Starter]:
    """Segments, then types in the order in which they are asked."""
    yield from _segments()
    for position, each in enumerate(_types(), start=1):
        yield Starter(each.key, each.kind, each.name, each.description, each.rule, position * 10)


def _segments() -> Iterator[Starter]:
    def segment(key: str, name: Promise, description: Promise, rule: dict[str, Any]) -> Starter:
        return Starter(key, "audience", name, description, rule)

    yield segment(
        "regulars",
        _("Regulars"),
        _("Three orders or more, and none later than usual: those who carry the shop."),
        _all(_is("orders", 3, ">="), _is("state", ["active", "reactivated"], "in")),
    )
    yield segment(
        "best-at-risk",
        _("Valuable and slipping away"),
        _("Of the best quarter by value, silent longer than their own rhythm explains."),
        _all(_is("value_percent", 25, "<"), _is("state", ["due", "slipping"], "in")),
    )
    yield segment(
        "second-order",
        _("Waiting for the second order"),
        _("Ordered once, not long ago: the second order decides whether somebody becomes a regular."),
        _all(_is("state", "new")),
    )
    yield segment(
        "one-time",
        _("Ordered once and stayed away"),
        _("Longer ago than others take for a second order."),
        _all(_is("state", "one_time")),
    )
    yield segment(
        "back",
        _("Came back"),
        _("Were lost and have ordered again: worth asking why."),
        _all(_is("state", "reactivated")),
    )
    yield segment(
        "lost-valuable",
        _("Lost, once valuable"),
        _("Spent more than four fifths of the others, and will hardly come again by themselves."),
        _all(_is("state", "lost"), _is("m", 5, "=")),
    )
    yield segment(
        "lead",
        _("Known, never ordered"),
        _("An address without an order: newsletter, account, cart."),
        _all(_is("state", "lead")),
    )
    yield segment(
        "returners",
        _("Send much back"),
        _("At least two refunds, and half of what was charged or more given back: the reason is worth a look."),
        _all(_is("refunds", 2, ">="), _is("returned_share", 0.5, ">=")),
    )


def _types() -> Iterator[Starter]:
    def kind(key: str, name: Promise, description: Promise, rule: dict[str, Any]) -> Starter:
        return Starter(key, "type", name, description, rule)

    yield kind(
        "type-company",
        _("Company"),
        _("Named a company: asks for invoices, plans ahead, buys for others."),
        _all(_is("is_company", value=True)),
    )
    yield kind(
        "type-returner",
        _("Tries and sends back"),
        _("At least three orders, of which a third of the money or more went back: advice before the purchase helps."),
        _all(_is("orders", 3, ">="), _is("returned_share", 1 / 3, ">=")),
    )
    yield kind(
        "type-helped",
        _("Needs advice"),
        _("Has taken an hour of service or more: a guide or a video before the question saves both sides time."),
        _all(_is("service_minutes", 60, ">=")),
    )
    yield kind(
        "type-bargain",
        _("Waits for offers"),
        _("Has used coupons again and again: a discount brings orders that would have come later."),
        {"all": [_is("orders", 2, ">="), _is("coupon_orders", 2, ">="), {"none": [_is("f", 5, "=")]}]},
    )
    yield kind(
        "type-stocker",
        _("Orders often and little"),
        _("Among the fifth that orders most often, below the middle in money: a bundle saves shipping."),
        _all(_is("f", 5, "="), _is("m", 3, "<=")),
    )
    yield kind(
        "type-regular",
        _("Regular"),
        _("Orders again and again."),
        _all(_is("order_days", 3, ">=")),
    )
    yield kind(
        "type-generous",
        _("Rarely, but much"),
        _("One or two orders, among the most generous: an occasion, a present, a project."),
        _all(_is("order_days", [1, 2], "between"), _is("m", 4, ">=")),
    )
    yield kind(
        "type-trying",
        _("Trying the shop"),
        _("One or two orders so far."),
        _all(_is("order_days", 1, ">=")),
    )
