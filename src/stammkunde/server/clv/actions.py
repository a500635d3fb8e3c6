"""What people change: rates, money spent on winning customers, single bookings; and the wish for a run."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.clv.models import Booking, Rates, Spend
from stammkunde.server.lib.models import Job
from stammkunde.server.lib.work import enqueue
from stammkunde.server.shop.actions.people import changed
from stammkunde.server.shop.models import Customer

KIND, ASKED = "value", "asked"  # of the job that computes


def ask(*, now: datetime, by: User | Key | None = None) -> Job:
    """Have everybody's value computed soon; while that is waiting or running, it is not asked for twice."""
    with transaction.atomic():
        job = enqueue(KIND, now=now, key=ASKED)
        record("asked for", "run", now=now, by=by, subject_id=job.pk)
    return job


@transaction.atomic
def save_rates(*, valid_from: date, values: Mapping[str, Any], now: datetime, by: User | Key | None) -> Rates:
    """State rates from a day on; what was stated from the same day is replaced."""
    before = Rates.objects.filter(valid_from=valid_from).first()
    user = by if isinstance(by, User) else by.by if by else None
    saved, _ = Rates.objects.update_or_create(valid_from=valid_from, defaults={**values, "by": user, "created_at": now})
    old = {} if before is None else {name: getattr(before, name) for name in values}
    change = {"from": old, "to": dict(values)}
    record("stated", "rates", now=now, by=by, subject_id=saved.pk, title=valid_from.isoformat(), change=change)
    return saved


@transaction.atomic
def remove_rates(rates: Rates, *, now: datetime, by: User | Key | None) -> None:
    """Take rates back: the ones before hold on."""
    title, old = rates.valid_from.isoformat(), {name: getattr(rates, name) for name in RATES}
    record("removed", "rates", now=now, by=by, subject_id=rates.pk, title=title, change={"from": old})
    rates.delete()


RATES = (
    "vat", "goods", "resale", "shipping", "payment", "payment_fixed", "marketplace", "marketplaces", "handling",
    "minute", "discount", "horizon_months",
)  # fmt: skip


@transaction.atomic
def spend(*, channel: str, month: date, amount: int, now: datetime, by: User | Key | None) -> Spend:
    """Note what was spent on winning customers in a channel and month; what was noted before is replaced."""
    first = month.replace(day=1)
    before = Spend.objects.filter(channel=channel, month=first).values_list("amount", flat=True).first()
    user = by if isinstance(by, User) else by.by if by else None
    saved, _ = Spend.objects.update_or_create(
        channel=channel, month=first, defaults={"amount": amount, "by": user, "changed_at": now}
    )
    change = {"from": before, "to": amount}
    title = f"{channel} {first:%Y-%m}"
    record("stated", "spend", now=now, by=by, subject_id=saved.pk, title=title, change=change)
    return saved


@transaction.atomic
def book(
    customer: Customer,
    *,
    day: date,
    kind: str,
    now: datetime,
    by: User | Key | None = None,
    amount: int | None = None,
    minutes: int | None = None,
    text: str = "",
    source: str = "hand",
    key: str = "",
) -> Booking:
    """A line in a customer's ledger: a signed amount, or minutes of service that cost what the rate says.

    With a key, what was booked under it is returned instead of a second line.
    """
    if key and (there := Booking.objects.filter(source=source, key=key).first()):
        return there
    user = by if isinstance(by, User) else by.by if by else None
    row = {"customer": customer, "day": day, "kind": kind, "amount": amount, "minutes": minutes, "text": text[:300]}
    try:
        with transaction.atomic():
            made = Booking.objects.create(**row, source=source, key=key, by=user, created_at=now)
            changed([customer.pk])
    except IntegrityError:  # booked by somebody else this very moment
        return Booking.objects.get(source=source, key=key)
    if by is not None:
        change = {"kind": kind, "amount": amount, "minutes": minutes, "day": day.isoformat()}
        record("booked", "customer", now=now, by=by, subject_id=customer.pk, title=str(customer), change=change)
    return made
