"""Put the Start page of the day together, after a run, new states or new spending."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max

from stammkunde.server.clv.models import Run, Spend
from stammkunde.server.clv.queries import runs
from stammkunde.server.clv.queries.runs import plain
from stammkunde.server.dashboards.actions.shelving import shelve
from stammkunde.server.dashboards.models import Overview
from stammkunde.server.dashboards.queries import again, figures
from stammkunde.server.dashboards.queries.cards import cards
from stammkunde.server.segments.models import Recompute
from stammkunde.server.shop.models import Customer

Tell = Callable[[str, int | None, int | None], None]
PATIENCE = timedelta(hours=1)  # few customers changed: they are told once an hour


def silent(doing: str, done: int | None = None, total: int | None = None) -> None:
    """Say nothing."""
    del doing, done, total


def renew(*, now: datetime, tell: Tell = silent) -> Overview | None:
    """Put it together where something has changed since; None where nothing has, or nobody is known."""
    day = now.astimezone(ZoneInfo(settings.SHOP_ZONE)).date()
    last = Overview.objects.order_by("-day").first()
    marks = _marks(day)
    if last is not None and last.marks == marks and not _changed_since(last, now):
        return None
    if not Customer.objects.exists() and last is None:
        return None
    run = runs.current()
    shelve(run, tell)
    tell("Putting the overview together", None, None)
    told = _figures(run, day)
    values: dict[str, Any] = {"made_at": now, "run": run, "marks": marks, "figures": told}
    values["cards"] = [] if run is None else cards(run, told)
    return Overview.objects.update_or_create(day=day, defaults=values)[0]


def _marks(day: date) -> dict[str, Any]:
    """What decides whether the page is to be made anew at once."""
    run = runs.current()
    full = Recompute.objects.filter(full=True, ended_at__isnull=False).aggregate(last=Max("pk"))["last"]
    spent = Spend.objects.aggregate(last=Max("changed_at"))["last"]
    made = run.finished_at if run else None
    return {
        "day": day.isoformat(),
        "run": run.pk if run else None,
        "finished": made.isoformat() if made else None,
        "states": full,
        "spent": spent.isoformat() if spent else None,
    }


def _changed_since(last: Overview, now: datetime) -> bool:
    return (
        now - last.made_at > PATIENCE
        and Recompute.objects.filter(ended_at__gt=last.made_at, ended_at__lte=now).exists()
    )


def _figures(run: Run | None, day: date) -> dict[str, Any]:
    told: dict[str, Any] = {"states": figures.states(day)}
    if run is None:
        return told
    seen = again.read(run)
    return told | {
        "value": figures.value(run),
        "winning": figures.winning(run),
        "concentration": figures.concentration(run),
        "below": figures.below(),
        "returns": figures.returns(run),
        "complete": figures.complete(run),
        "repeat": again.repeat(seen, run),
        "second": plain(again.second(seen, run)),
        "newcomers": again.newcomers(seen, run),
    }
