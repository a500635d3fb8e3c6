"""What the shop's own record says is open: parcels that are late, money that was just given back, a withdrawal.

A parcel is late when it has been on its way for `late_days`, an order when it was paid so long ago and has not left.
That is only said of a source that tells of deliveries (or parcels) at all: of the last `SAMPLE` old enough, at least
half were told of. Else silence would mean nothing, and everybody would be held. After `FORGOTTEN` it is history.
A refund is open for `refund_days`, unless the customer has ordered again since: then they are content to buy.
A withdrawal is open until money is given back for that order (for any, where it names none).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from stammkunde.server.mail.attention.holds import Held, register
from stammkunde.server.mail.models import Sender
from stammkunde.server.shop.models import Event, Order, Parcel, Refund, Source

FORGOTTEN = timedelta(days=60)
SAMPLE, TOLD = 500, 0.5
OVER = ("delivered", "returned", "cancelled")
WITHDRAWN = ("Order Withdrawn", "Withdrawal Declared")
COUNTING = Q(test=False, cancelled_at=None)


def late_parcels(customer_ids: Sequence[int] | None, now: datetime) -> Iterator[Held]:
    """Parcels that have been on their way for too long."""
    limit = now - timedelta(days=Sender.now().late_days)
    telling = _telling(Parcel.objects.filter(shipped_at__lte=limit), "delivered_at")
    rows = Parcel.objects.filter(
        shipped_at__lte=limit, shipped_at__gt=limit - FORGOTTEN, delivered_at=None, source__in=telling
    ).exclude(state__in=OVER)
    rows = rows.filter(order__test=False, order__cancelled_at=None, order__refunded__lt=F("order__total"))
    rows = rows.filter(order__customer__isnull=False)
    if customer_ids is not None:
        rows = rows.filter(order__customer__in=customer_ids)
    columns = ("order__customer_id", "shipped_at", "order__number")
    for customer, shipped_at, number in rows.order_by("shipped_at", "pk").values_list(*columns):
        yield Held(customer, "late_parcel", (shipped_at or limit) + (now - limit), ref=number)


def unshipped(customer_ids: Sequence[int] | None, now: datetime) -> Iterator[Held]:
    """Orders that were paid and have not left."""
    limit = now - timedelta(days=Sender.now().late_days)
    shipped = Exists(Parcel.objects.filter(order=OuterRef("pk")).exclude(shipped_at=None))
    old = Order.objects.filter(COUNTING, paid_at__lte=limit)
    telling = _telling(old.annotate(has_left=shipped), "has_left")
    rows = old.filter(~shipped, paid_at__gt=limit - FORGOTTEN, source__in=telling, refunded__lt=F("total"))
    rows = _of(rows, customer_ids)
    for customer, paid_at, number in rows.order_by("paid_at", "pk").values_list("customer_id", "paid_at", "number"):
        yield Held(customer, "unshipped", (paid_at or limit) + (now - limit), ref=number)


def _telling(rows: "QuerySet[Any]", column: str) -> list[int]:
    """Sources whose word on this can be relied on, by their newest rows."""
    found = []
    for source in Source.objects.order_by("pk").values_list("pk", flat=True):
        told = list(rows.filter(source=source).order_by("-pk").values_list(column, flat=True)[:SAMPLE])
        if told and sum(1 for each in told if each) >= TOLD * len(told):
            found.append(source)
    return found


def refunds(customer_ids: Sequence[int] | None, now: datetime) -> Iterator[Held]:
    """Money that was given back a short while ago, to somebody who has not ordered since."""
    since = now - timedelta(days=Sender.now().refund_days)
    again = Order.objects.filter(COUNTING, customer=OuterRef("customer"), placed_at__gt=OuterRef("at"))
    rows = _of(Refund.objects.filter(~Exists(again), at__gt=since, at__lte=now, dated=True), customer_ids)
    for customer, at, key in rows.order_by("at", "pk").values_list("customer_id", "at", "order_key"):
        yield Held(customer, "refund", at, ref=key)


def withdrawals(customer_ids: Sequence[int] | None, now: datetime) -> Iterator[Held]:
    """Contracts that were withdrawn from, before the money went back."""
    rows = _of(Event.objects.filter(name__in=WITHDRAWN, at__gt=now - FORGOTTEN, at__lte=now), customer_ids)
    told = list(rows.order_by("at", "pk").values_list("customer_id", "at", "properties"))
    given = _given_back({customer for customer, _at, _properties in told}, now - FORGOTTEN)
    for customer, at, properties in told:
        order = str(properties.get("order_id") or "")
        if not any(when >= at and order in ("", key) for when, key in given.get(customer, ())):
            yield Held(customer, "withdrawal", at, ref=order[:120])


def _given_back(customers: Iterable[int], since: datetime) -> dict[int, list[tuple[datetime, str]]]:
    found: dict[int, list[tuple[datetime, str]]] = {}
    rows = Refund.objects.filter(customer__in=list(customers), at__gte=since).values_list(
        "customer_id", "at", "order_key"
    )
    for customer, at, key in rows:
        found.setdefault(customer, []).append((at, key))
    return found


def _of(rows: "QuerySet[Any]", customer_ids: Sequence[int] | None) -> "QuerySet[Any]":
    known = rows.filter(customer__isnull=False)
    return known if customer_ids is None else known.filter(customer__in=customer_ids)


register("late_parcel", late_parcels, _("A parcel is late."))
register("unshipped", unshipped, _("An order was paid and has not left."))
register("refund", refunds, _("Money was just given back."))
register("withdrawal", withdrawals, _("A withdrawal is open."))
