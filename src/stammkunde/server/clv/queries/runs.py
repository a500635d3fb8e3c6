"""Which run counts, which came before, and up to which day the next one looks."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, Q

from stammkunde.server.clv.models import Prediction, Run
from stammkunde.server.shop.models import Order

QUIET = 30  # days without an order after which the record is taken to end with its last one
COUNTING = Q(test=False, cancelled_at=None, customer__isnull=False)


def current() -> Run | None:
    """The run whose predictions are shown."""
    return Run.objects.filter(state=Run.State.DONE).order_by("-until", "-pk").first()


def running() -> Run | None:
    """The run that is being computed."""
    return Run.objects.filter(state=Run.State.RUNNING).order_by("-pk").first()


def before(run: Run, *, days: int = 91) -> Run | None:
    """The last run that looked at least so many days less far."""
    earlier = Run.objects.filter(state=Run.State.DONE, until__lte=run.until - timedelta(days=days), basis=run.basis)
    return earlier.order_by("-until", "-pk").first()


def series(run: Run, *, most: int = 60) -> list[Run]:
    """Finished runs on the same basis, a day each, oldest first: the history of equity."""
    found = Run.objects.filter(state=Run.State.DONE, basis=run.basis, until__lte=run.until).order_by("-until", "-pk")
    newest: dict[date, Run] = {}
    for each in found.only("until", "predicted", "historic", "customers", "predicted_low", "predicted_high")[
        : most * 3
    ]:
        newest.setdefault(each.until, each)
    return sorted(newest.values(), key=lambda each: each.until)[-most:]


def prediction(customer: int) -> Prediction | None:
    """What is predicted for a customer, with its run."""
    return Prediction.objects.select_related("run").filter(customer=customer).first()


def last_day(*, now: datetime) -> tuple[date, int] | None:
    """The day up to whose end a run looks, and for how long the record had been quiet before today.

    That is yesterday; today where all orders are of today; and the day of the last order where nothing was ordered
    for `QUIET` days: then the record ends there, and silence is no sign of customers leaving. None without orders.
    """
    today = now.astimezone(ZoneInfo(settings.SHOP_ZONE)).date()
    known = Order.objects.filter(COUNTING, day__lte=today)
    last, before = (
        known.aggregate(last=Max("day"))["last"],
        known.filter(day__lt=today).aggregate(last=Max("day"))["last"],
    )
    if last is None:
        return None
    if before is None:
        return today, 0
    quiet = (today - last).days
    return (last, quiet) if quiet > QUIET else (today - timedelta(days=1), 0)


def plain(values: Any) -> Any:
    """Dates and tuples as JSON has them."""
    if isinstance(values, date):
        return values.isoformat()
    if isinstance(values, dict):
        return {str(name): plain(value) for name, value in values.items()}
    if isinstance(values, Sequence) and not isinstance(values, str):
        return [plain(value) for value in values]
    return values
