"""What winning a customer costs, by channel, and after how many months that has come back.

The cost of a customer is what was spent in a channel and month by those who came in it: only months for which something
is stated count. It comes back in the first month of age in which the mean contribution of a customer reaches it,
undiscounted, of customers observed that long.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Sum

from stammkunde.server.clv.models import Booking, Run, Spend
from stammkunde.server.shop.models import Customer, Order

EVERYBODY = "*"


@dataclass(frozen=True)
class Channel:
    """A channel: who came, what that cost, what they bring. None is not known; `name` is empty where nobody knows."""

    name: str
    customers: int
    spent: int | None
    won: int
    cac: int | None
    year: int | None
    ratio: float | None
    payback: int | None
    observed: int


def channels(run: Run) -> list[Channel]:
    """All channels of a run, the largest first, and all of them together last."""
    told: Mapping[str, Any] = run.groups.get("channels", {})
    spent = _spent()
    rows = [_channel(name, about, spent.get(name, {})) for name, about in told.items()]
    rows.sort(key=lambda row: -row.customers)
    return [*rows, _everybody(told, spent)] if len(rows) > 1 or spent else rows


def _spent() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for channel, month, amount in Spend.objects.values_list("channel", "month", "amount"):
        found[channel][f"{month:%Y-%m}"] = amount
    return dict(found)


def _channel(name: str, about: Mapping[str, Any], spent: Mapping[str, int]) -> Channel:
    won = sum(about["new"].get(month, 0) for month in spent)
    total = sum(spent.values()) if spent else None
    cac = round(total / won) if total is not None and won else None
    curve = about["curve"]
    year = curve[11] if len(curve) > 11 else None
    payback = None if cac is None else next((k + 1 for k, v in enumerate(curve) if v is not None and v >= cac), None)
    ratio = year / cac if cac and year is not None else None
    return Channel(name, about["customers"], total, won, cac, year, ratio, payback, len(curve))


def _everybody(told: Mapping[str, Any], spent: Mapping[str, Mapping[str, int]]) -> Channel:
    new: dict[str, int] = defaultdict(int)
    months: dict[str, int] = defaultdict(int)
    steps = [_steps(about) for about in told.values()]
    for about in told.values():
        for month, count in about["new"].items():
            new[month] += count
    for of in spent.values():
        for month, amount in of.items():
            months[month] += amount
    curve, total = [], 0.0
    for age in range(max((len(s) for s in steps), default=0)):
        old = sum(s[age][1] for s in steps if age < len(s))
        total += sum(s[age][0] * s[age][1] for s in steps if age < len(s)) / old
        curve.append(round(total))
    people = sum(about["customers"] for about in told.values())
    return _channel(EVERYBODY, {"new": new, "curve": curve, "customers": people}, months)


def _steps(about: Mapping[str, Any]) -> list[tuple[float, int]]:
    """What a customer brought in each month of age, and how many were observed that long."""
    before = [0, *about["curve"]]
    return [(now - then, old) for then, now, old in zip(before, about["curve"], about["old"], strict=False)]


def last_year(run: Run) -> int | None:
    """What was spent on winning customers in the twelve months up to a run's last day; None where nothing is stated."""
    start = run.until - timedelta(days=365)
    found = Spend.objects.filter(month__gt=start.replace(day=1), month__lte=run.until)
    total: int | None = found.aggregate(sum=Sum("amount"))["sum"]
    return total


@dataclass(frozen=True)
class Cost:
    """What winning one customer cost: stated for the customer, or the mean of channel and month; with corrections."""

    amount: int | None
    estimated: bool
    corrections: int
    channel: str
    month: date | None

    @property
    def total(self) -> int | None:
        """With corrections; None where nothing is known."""
        if self.amount is None:
            return self.corrections or None
        return self.amount + self.corrections


def of(customer: Customer, run: Run | None) -> Cost:
    """What winning a customer cost; shown apart from the contribution, never in it."""
    booked = Booking.objects.filter(customer=customer, kind=Booking.Kind.ACQUISITION)
    more = -(booked.aggregate(sum=Sum("amount"))["sum"] or 0)
    first = Order.objects.filter(customer=customer, test=False, cancelled_at=None).order_by("day", "pk").first()
    channel = customer.channel or (first.channel if first else "")
    month = first.day.replace(day=1) if first else None
    if customer.acquisition_cost is not None:
        return Cost(customer.acquisition_cost, estimated=False, corrections=more, channel=channel, month=month)
    spent = Spend.objects.filter(channel=channel, month=month).first() if month else None
    new = run.groups.get("channels", {}).get(channel, {}).get("new", {}) if run else {}
    won = new.get(f"{month:%Y-%m}", 0) if month else 0
    share = round(spent.amount / won) if spent and won else None
    return Cost(share, estimated=True, corrections=more, channel=channel, month=month)
