"""Customers by what is known of them: of a state, a type, a tier of value or a cell of the RFM grid; page by page."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet, Sum

from stammkunde.server.lib.requests import row_number
from stammkunde.server.segments.models import CustomerFacts
from stammkunde.server.segments.queries.standing import TIERS

PAGE = 50
ASKED = ("state", "customer_type", "r", "f", "m")


@dataclass(frozen=True)
class Page:
    """The most valuable first, and the key after which the next page begins; empty where there is none."""

    rows: list[CustomerFacts]
    after: str


@dataclass(frozen=True)
class Total:
    """How many they are, and what they are worth together; None before the first run."""

    customers: int
    clv: int | None


def known(asked: Mapping[str, str | int]) -> QuerySet[CustomerFacts]:
    """Customers of whom all of this is known, such as {"state": "slipping"}, {"r": 5, "f": 4} or {"tier": "top"}."""
    rows = CustomerFacts.objects.filter(**{name: value for name, value in asked.items() if name in ASKED})
    for name, low, high in TIERS:
        if name == asked.get("tier"):
            rows = rows.filter(value_percent__gte=low, value_percent__lt=high)
    return rows


def total(rows: QuerySet[CustomerFacts]) -> Total:
    """How many, and worth how much."""
    found = rows.aggregate(customers=Count("pk"), clv=Sum("clv"))
    return Total(found["customers"], found["clv"])


def page(rows: QuerySet[CustomerFacts], *, after: str = "", most: int = PAGE) -> Page:
    """Those after a key, by value and then by number; who has no value yet comes last."""
    value, _, last = after.partition(".")
    below, size = row_number(last), row_number(value.removeprefix("-"))
    if below is not None and value == "none":
        rows = rows.filter(clv=None, pk__lt=below)
    elif below is not None and size is not None:
        worth = -size if value.startswith("-") else size
        rows = rows.filter(Q(clv__lt=worth) | Q(clv=worth, pk__lt=below) | Q(clv=None))
    ordered = rows.select_related("customer").order_by(F("clv").desc(nulls_last=True), "-pk")
    found = list(ordered[: most + 1])
    if len(found) <= most:
        return Page(found, "")
    edge = found[most - 1]
    return Page(found[:most], f"{'none' if edge.clv is None else edge.clv}.{edge.pk}")
