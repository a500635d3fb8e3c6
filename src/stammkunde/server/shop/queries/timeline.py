"""Everything that happened with one customer, in one line of time, read from the rows of each kind."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import Any

from stammkunde.server.shop.models import Cart, Customer, Event, Merge, Order, Parcel, Refund

PAGE = 50


@dataclass(frozen=True, order=True)
class Happening:
    """Something that happened: when, of which kind, with which row; `amount` is signed money of the shop."""

    at: datetime
    kind: str
    pk: int
    amount: int | None = field(default=None, compare=False)
    about: dict[str, Any] = field(default_factory=dict, compare=False)


def timeline(
    customer: Customer, *, kind: str = "", before: datetime | None = None, most: int = PAGE
) -> list[Happening]:
    """The latest `most` happenings before a moment, newest first, of one kind where it is named. Each is read by its
    index, no further than needed."""
    before = _writable(before)
    streams = [read(customer, before, most) for name, read in _STREAMS.items() if kind in (name, "")]
    return list(islice(merge(*streams, key=lambda each: (each.at, each.kind, each.pk), reverse=True), most))


def _writable(moment: datetime | None) -> datetime | None:
    """The moment, where a database can hold it: the first day of the calendar has no UTC east of Greenwich."""
    try:
        return None if moment is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def _latest(rows: Any, moment: str, before: datetime | None, most: int) -> Iterable[Any]:
    rows = rows.filter(**{f"{moment}__lt": before}) if before is not None else rows
    found: Iterable[Any] = rows.order_by(f"-{moment}", "-pk")[:most]
    return found


def _orders(customer: Customer, before: datetime | None, most: int) -> Iterator[Happening]:
    rows = Order.objects.filter(customer=customer).prefetch_related("lines")
    for row in _latest(rows, "placed_at", before, most):
        lines = [(line.quantity, line.title or line.sku, line.total) for line in row.lines.all()[:20]]
        about = {"number": str(row), "lines": lines, "cancelled": row.cancelled_at is not None, "test": row.test}
        yield Happening(row.placed_at, "order", row.pk, row.total, about | {"channel": row.channel})


def _refunds(customer: Customer, before: datetime | None, most: int) -> Iterator[Happening]:
    for row in _latest(Refund.objects.filter(customer=customer), "at", before, most):
        about = {"number": row.order_key, "reason": row.reason, "dated": row.dated}
        yield Happening(row.at, "refund", row.pk, -row.amount, about)


def _parcels(customer: Customer, before: datetime | None, most: int) -> Iterator[Happening]:
    rows = Parcel.objects.filter(order__customer=customer, shipped_at__isnull=False).select_related("order")
    for row in _latest(rows, "shipped_at", before, most):
        about = {"number": str(row.order), "carrier": row.carrier, "tracking": row.tracking, "state": row.state}
        yield Happening(row.shipped_at, "parcel", row.pk, None, about)


def _carts(customer: Customer, before: datetime | None, most: int) -> Iterator[Happening]:
    for row in _latest(Cart.objects.filter(customer=customer), "changed_at", before, most):
        about = {"stage": row.stage, "value": row.value, "ordered": row.order_id is not None, "pieces": len(row.lines)}
        yield Happening(row.changed_at, "cart", row.pk, None, about)


def _events(customer: Customer, before: datetime | None, most: int) -> Iterator[Happening]:
    for row in _latest(Event.objects.filter(customer=customer), "at", before, most):
        about = {"name": row.name, "properties": row.properties, "value": row.value}
        yield Happening(row.at, "event", row.pk, None, about)


def _merges(customer: Customer, before: datetime | None, most: int) -> Iterator[Happening]:
    rows = Merge.objects.filter(kept=customer).select_related("gone")
    for row in _latest(rows, "at", before, most):
        about = {"rule": row.rule, "reason": row.reason, "gone": str(row.gone), "undone": row.undone_at is not None}
        yield Happening(row.at, "merge", row.pk, None, about)


_STREAMS = {
    "order": _orders,
    "refund": _refunds,
    "parcel": _parcels,
    "cart": _carts,
    "event": _events,
    "merge": _merges,
}
