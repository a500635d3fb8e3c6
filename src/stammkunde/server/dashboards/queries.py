"""What pages show of several rooms at once."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, Min, Sum

from stammkunde.server.clv.models import Prediction, Run
from stammkunde.server.shop.models import Customer, Order
from stammkunde.server.shop.queries import customers as people


@dataclass(frozen=True)
class Bought:
    """What a customer has bought: valid orders, what was charged less what was given back, first and last day."""

    orders: int = 0
    revenue: int = 0
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Row:
    """A line of the list of customers; the prediction where a run has made one."""

    customer: Customer
    bought: Bought
    prediction: Prediction | None


@dataclass(frozen=True)
class Page:
    """A page of lines, and the key after which the next one begins; empty where there is none."""

    rows: list[Row]
    after: str


def customers(*, search: str = "", sort: str = "", after: str = "", most: int = people.PAGE) -> Page:
    """A page of customers: the newest first, or the most valuable, or whom `search` finds."""
    if sort == "value" and not search:
        return _by_value(after, most)
    found = people.page(people.found(search), after=after, most=most)
    return Page(_rows(found.rows), found.after)


def _by_value(after: str, most: int) -> Page:
    """The most valuable first; the key is the value and the customer of the last line."""
    rows = Prediction.objects.filter(customer__merged_into=None).order_by("-clv", "-customer")
    clv, _, last = after.partition(".")
    if clv.lstrip("-").isdigit() and last.isdigit():
        rows = rows.filter(clv__lte=int(clv)).exclude(clv=int(clv), customer__gte=int(last))
    found = list(rows.select_related("customer")[: most + 1])
    shown = found[:most]
    key = f"{shown[-1].clv}.{shown[-1].pk}" if len(found) > most else ""
    return Page(_rows([each.customer for each in shown]), key)


def _rows(found: list[Customer]) -> list[Row]:
    """Lines of these customers, in two further queries."""
    ids = [customer.pk for customer in found]
    sums, predictions = bought(ids), Prediction.objects.in_bulk(ids)
    return [Row(each, sums.get(each.pk, Bought()), predictions.get(each.pk)) for each in found]


def bought(customers: list[int]) -> dict[int, Bought]:
    """What these customers have bought; cancelled and test orders do not count."""
    valid = Order.objects.filter(customer__in=customers, cancelled_at=None, test=False)
    sums = valid.values("customer").annotate(
        orders=Count("pk"), charged=Sum("total"), back=Sum("refunded"), first=Min("day"), last=Max("day")
    )
    return {
        each["customer"]: Bought(each["orders"], each["charged"] - each["back"], each["first"], each["last"])
        for each in sums
    }


def start(run: Run | None) -> dict[str, Any]:
    """What the start page tells of the run that counts: whole, and per customer."""
    if run is None or not run.customers:
        return {"run": None}
    bounds = {"each": run.predicted, "each_low": run.predicted_low, "each_high": run.predicted_high}
    per_customer = {name: None if value is None else round(value / run.customers) for name, value in bounds.items()}
    return {"run": run, "came_back": run.repeaters / run.customers, **per_customer}
