"""From order lines to customer days to customers, as expressions that any engine runs.

The purchase rule stands here once for the engines and once in `customer_days.py` for numpy; the tests hold the two
together. Why twice: sorting rows and merging them as they stream by costs DuckDB less than half of what grouping costs
it, while on Spark only grouping leaves the orders where they are.
"""

from datetime import date
from typing import Protocol

import ibis
import ibis.expr.types as ir

from stammkunde.errors import InputError
from stammkunde.facts.customer_days import NOTHING
from stammkunde.facts.engines import Engine

KEY = ["customer_id", "day"]


class OrderLines(Protocol):
    """What the tables of facts need of orders; `Orders` has it."""

    @property
    def lines(self) -> ir.Table:
        """One row an accepted order line or refund: customer_id, day, revenue, contribution, is_refund, …"""
        ...

    @property
    def engine(self) -> Engine: ...

    @property
    def until(self) -> date: ...

    @property
    def currency(self) -> str | None: ...

    @property
    def basis(self) -> str: ...


def amounts(orders: OrderLines) -> list[str]:
    """The columns of money to carry along: contribution only where it differs from revenue."""
    return ["revenue"] if orders.basis == "revenue" else ["revenue", "contribution"]


def rows(orders: OrderLines, *, until: date | None) -> ir.Table:
    """Order lines to the end of `until`, in order of customer, day and amount (so that sums are the same twice)."""
    lines = _until(orders.lines, until)
    kept = lines.select(*KEY, *amounts(orders), refund=_refund(lines))
    return kept.order_by([*KEY, "revenue"])


def customer_days(orders: OrderLines, *, until: date | None) -> ir.Table:
    """One row a customer and day: customer_id, day, revenue, [contribution,] purchase."""
    lines = _until(orders.lines, until)
    sums = {name: lines[name].sum() for name in amounts(orders)}
    merged = lines.group_by(KEY).aggregate(**sums, gross=lines.revenue.abs().sum(), refund=_refund(lines).any())
    left = ~merged.refund | (merged.revenue > NOTHING * merged.gross)
    return merged.select(*KEY, *amounts(orders), purchase=left)


def customers(days: ir.Table) -> ir.Table:
    """One row a customer who purchased: customer_id, first_order, last_order, orders, first_value, historic_value,
    revenue. A refund lowers the purchase it follows."""
    contribution = "contribution" if "contribution" in days.columns else "revenue"
    so_far = ibis.cumulative_window(group_by="customer_id", order_by="day")
    days = days.mutate(number=days.purchase.cast("int64").sum().over(so_far))
    merged = days.group_by("customer_id").aggregate(
        first_order=days.day.min(where=days.purchase),
        last_order=days.day.max(where=days.purchase),
        orders=days.purchase.cast("int64").sum(),
        first_value=days[contribution].sum(where=days.number <= 1),
        historic_value=days[contribution].sum(),
        revenue=days.revenue.sum(),
    )
    return merged.filter(merged.orders > 0)


def first_purchases(orders: OrderLines, attributes: list[str], *, until: date | None) -> ir.Table:
    """What the first purchase of each customer was: customer_id, first_order, first_amount and the attributes of its
    largest line, as first_channel and so on (equal lines: the first by alphabet; null where unknown).

    Raises
    ------
    InputError : an attribute is no column of the orders.
    """
    for name in attributes:
        if name not in orders.lines.columns:
            advice = f"Name it when reading: read_orders(…, {name}=<its column>)."
            raise InputError(f"The orders have no column {name!r}.", advice=advice)
    days = customer_days(orders, until=until)
    bought = days.filter(days.purchase)
    start = bought.group_by("customer_id").aggregate(
        first_order=bought.day.min(), first_amount=bought.revenue.argmin(bought.day)
    )
    lines = orders.lines.select(*KEY, "revenue", *attributes)
    first = lines.join(start, "customer_id").filter(lambda t: t.day == t.first_order)
    first = first.select("customer_id", "first_order", "first_amount", "revenue", *attributes)
    best = ibis.window(group_by="customer_id", order_by=[ibis.desc("revenue"), *attributes])
    numbered = first.mutate(number=ibis.row_number().over(best))
    named = {f"first_{name}": numbered[name] for name in attributes}
    return numbered.filter(numbered.number == 0).select("customer_id", "first_order", "first_amount", **named)


def second_purchases(orders: OrderLines, *, until: date) -> ir.Table:
    """How long each customer took to come back: customer_id, age (days from the first purchase to `until`), wait (days
    to the second purchase; null where there is none)."""
    days = customer_days(orders, until=until)
    bought = days.filter(days.purchase)
    own = ibis.window(group_by="customer_id", order_by="day")
    numbered = bought.mutate(number=ibis.row_number().over(own), second=bought.day.lead().over(own))
    first = numbered.filter(numbered.number == 0)
    wait, age = first.second.delta(first.day, unit="day"), ibis.literal(until, "date").delta(first.day, unit="day")
    return first.select("customer_id", age=age, wait=wait)


def _until(lines: ir.Table, until: date | None) -> ir.Table:
    return lines if until is None else lines.filter(lines.day <= ibis.literal(until, "date"))


def _refund(lines: ir.Table) -> ir.BooleanValue:
    """A refund is marked as one, or negative; a mark matters for refunds of 0, which are no orders either."""
    return lines.is_refund | (lines.revenue < 0)
