"""A run from the first order to predictions that everybody reads."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from stammkunde.clv.report.trial import timing
from stammkunde.server.clv.computing import groups, reading, scoring, writing
from stammkunde.server.clv.computing.pictures import pictures
from stammkunde.server.clv.computing.scoring import Scored
from stammkunde.server.clv.computing.what_if import what_if
from stammkunde.server.clv.models import Picture, Prediction, Run
from stammkunde.server.clv.queries import rates as stated
from stammkunde.server.clv.queries.runs import last_day, plain
from stammkunde.server.shop.models import Customer, Order

Tell = Callable[[str, int | None, int | None], None]


def silent(doing: str, done: int | None = None, total: int | None = None) -> None:
    """Say nothing."""
    del doing, done, total


@dataclass
class Watch:
    """Seconds by step."""

    began: float = field(default_factory=time.perf_counter)
    seconds: dict[str, float] = field(default_factory=dict)

    def lap(self, name: str) -> None:
        """Note what passed since the last lap under a name."""
        self.seconds[name] = round(time.perf_counter() - self.began - sum(self.seconds.values()), 3)


def compute(*, now: datetime, tell: Tell = silent) -> Run | None:
    """Compute everybody's value and let the predictions be read; None where there is nothing to compute.

    `tell` hears what is being done, and ends the run by raising.
    """
    day = last_day(now=now)
    if day is None:
        _retire()
        return None
    Run.objects.filter(state=Run.State.RUNNING).update(state=Run.State.FAILED)  # of a worker that is gone
    run = _begun(day[0], quiet=day[1], now=now)
    try:
        return run if _computed(run, now=now, tell=tell) else None
    except BaseException:
        Run.objects.filter(pk=run.pk, state=Run.State.RUNNING).update(state=Run.State.FAILED)
        raise


def _begun(until: date, *, quiet: int, now: datetime) -> Run:
    latest = stated.latest()
    months, discount = (latest.horizon_months, latest.discount / 10_000) if latest else (12, 0.10)
    return Run.objects.create(
        started_at=now,
        until=until,
        horizon=f"{months}m",
        discount=discount,
        currency=settings.CURRENCY,
        completeness={"quiet": quiet},
    )


def _computed(run: Run, *, now: datetime, tell: Tell) -> bool:
    watch = Watch()
    tell("Reading orders", None, None)
    merged = Customer.objects.filter(merged_into__isnull=False).values_list("pk", flat=True)
    days = reading.read(run.until, stated.stated(), left_out=np.array(list(merged), dtype=np.int64))
    watch.lap("read")
    if days is None or not days.table["purchase"].to_numpy().any():
        Run.objects.filter(pk=run.pk).delete()
        _retire()
        return False
    found = _scored(run, days, watch, now=now, tell=tell)
    tell("Comparing channels, products and countries", None, None)
    _describe(run, found, watch)
    writing.prepare(found, run, lambda done, total: tell("Writing predictions", done, total))
    watch.lap("write")
    writing.exchange(run, len(found.history), settle=lambda: _settle(run, watch, tell))
    watch.lap("exchange")
    Run.objects.filter(pk=run.pk).update(timings=watch.seconds, seconds=sum(watch.seconds.values()))
    return True


def _scored(run: Run, days: reading.Days, watch: Watch, *, now: datetime, tell: Tell) -> Scored:
    tell("Fitting the model", None, None)
    ahead = scoring.horizon(int(run.horizon[:-1]), run.until)
    history = scoring.history_of(days, run.until)
    watch.lap("summarise")

    def told(step: str, share: float | None) -> None:
        tell("Trying models on the shop's past", None if share is None else round(100 * share), 100)
        del step

    model = scoring.fitted(history, ahead, told)
    watch.lap("fit")
    tell("Predicting", None, None)
    day = timezone.localtime(now).date()
    found = scoring.scored(days, history, model, ahead=ahead, discount=run.discount, computed=day)
    watch.lap("predict")
    return found


def _retire() -> None:
    """The record is empty, or empty again: what was computed from it counts no more."""
    with transaction.atomic():
        Prediction.objects.all().delete()
        Run.objects.filter(state=Run.State.DONE).update(state=Run.State.RETIRED)


def _settle(run: Run, watch: Watch, tell: Tell) -> None:
    tell("Letting the new predictions be read", None, None)  # raises where another worker has the job now
    run.state, run.finished_at = Run.State.DONE, timezone.now()
    run.seconds, run.timings = sum(watch.seconds.values()), watch.seconds
    run.save()
    # A file that was undone may have been the only one that reached further.
    Run.objects.filter(state=Run.State.DONE, until__gt=run.until).update(state=Run.State.RETIRED)


# --- what the run's row says ------------------------------------------------------------------------------------------


def _describe(run: Run, found: Scored, watch: Watch) -> None:
    unit, h, page = found.unit, found.page.headline, found.page
    historic = scoring.minor(found.history.table["historic_value"].to_numpy(), unit)
    run.first_day, run.horizon_end = page.scope.first_day, run.until + timedelta(days=round(found.ahead.days))
    run.basis, run.customers, run.repeaters = found.days.basis, h.customers, h.repeat_customers
    run.orders, run.order_days, run.historic = found.days.counted.orders, h.orders, int(historic.sum())
    run.active, run.expected_orders = h.active, h.expected_orders
    run.new_customer = None if h.new_customer is None else round(h.new_customer * unit)
    if h.predicted is not None:
        ends = (h.predicted.mean, h.predicted.low, h.predicted.high)
        run.predicted, run.predicted_low, run.predicted_high = (round(v * unit) for v in ends)
    run.estimated_share = found.days.counted.estimated_share
    run.completeness = run.completeness | {"states": found.days.counted.states, **_nobodys(run, found)}
    _describe_model(run, found)
    known = groups.dimensions(found)
    run.groups = plain(groups.by_group(found, known) | {"channels": groups.channels(found, known["channel"])})
    run.what_if = plain(what_if(found))
    watch.lap("groups")
    run.cohorts = plain(asdict(page.cohorts)) if page.cohorts else {}
    later = 0 if found.scores is None else scoring.minor(found.scores["discounted_value"].to_numpy(), unit)
    run.discounted = None if found.scores is None else int(np.sum(later))
    run.distribution = plain(groups.distribution(historic + later))
    _draw(run, found)
    watch.lap("figures")


def _nobodys(run: Run, found: Scored) -> dict[str, int]:
    """What is in the record and in no prediction: orders without a customer, and money of people without a purchase."""
    lost = Order.objects.filter(customer=None, test=False, cancelled_at=None, day__lte=run.until).count()
    name = "contribution" if found.days.basis == "contribution" else "revenue"
    everything = int(scoring.minor(found.days.table[name].to_numpy(), found.unit).sum())
    return {"without_customer": lost, "without_purchase": everything - run.historic}


def _describe_model(run: Run, found: Scored) -> None:
    run.warnings = [plain(notice.to_dict()) for notice in found.page.quality.warnings]
    if found.model is None:
        return
    model, page = found.model, found.page
    run.model, run.timing, run.parameters = model.name, timing(model), model.parameters
    run.log_likelihood, run.saved = model.log_likelihood, model.to_json()
    tested = page.calibration
    run.quality = {
        "comparison": None if page.comparison is None else plain(asdict(page.comparison)),
        "tested": None
        if tested is None
        else plain({"origin": tested.origin, "end": tested.end, "error": _error(tested.predicted, tested.actual)}),
        "level_error": model.level_error,
    }


def _error(predicted: float, actual: float) -> float | None:
    return predicted / actual - 1.0 if actual > 0 else None


def _draw(run: Run, found: Scored) -> None:
    Picture.objects.filter(run=run).delete()
    drawn = pictures(found.page, run.distribution, found.unit)
    Picture.objects.bulk_create(
        Picture(run=run, language=language, place=place, name=name, title=title[:300], html=html)
        for place, (language, (name, title, html)) in enumerate(drawn)
    )
