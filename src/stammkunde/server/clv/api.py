"""What the room says and takes through the API. Amounts are in the smallest unit of the shop's currency."""

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status
from ninja.errors import HttpError

from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.roles import Right
from stammkunde.server.clv import actions
from stammkunde.server.clv.models import Booking, Picture, Prediction, Rates, Run, Spend
from stammkunde.server.clv.queries import acquisition, runs, value
from stammkunde.server.clv.queries.effect import effect
from stammkunde.server.clv.queries.kinds import DIMENSIONS
from stammkunde.server.clv.queries.profile import profile
from stammkunde.server.clv.schemas import (
    BookingIn,
    ChannelOut,
    EffectOut,
    FigureOut,
    JobOut,
    LedgerOut,
    PredictionOut,
    PredictionsOut,
    RatesIn,
    RatesOut,
    RunOut,
    SpendIn,
)
from stammkunde.server.shop.models import Customer

router = Router(tags=["clv"])
MOST = 500


def _run() -> Run:
    run = runs.current()
    if run is None:
        raise HttpError(404, "Nothing has been computed yet: POST /value/runs asks for it.")
    return run


@router.get("/value", auth=scoped(Right.SEE), response=RunOut)
def current(request: HttpRequest) -> Run:
    """The run whose predictions are shown."""
    del request
    return _run()


@router.get("/value/runs", auth=scoped(Right.SEE), response=list[RunOut])
def series(request: HttpRequest, limit: int = 60) -> list[Run]:
    """Runs, newest first."""
    del request
    return list(Run.objects.order_by("-pk")[: max(1, min(limit, MOST))])


@router.post("/value/runs", auth=scoped(Right.VALUE), response={202: JobOut})
def compute(request: HttpRequest) -> Status[Any]:
    """Compute everybody's value soon."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    return Status(202, actions.ask(now=timezone.now(), by=by))


@router.get("/value/job", auth=scoped(Right.SEE), response=JobOut)
def job(request: HttpRequest) -> Any:
    """How far the last run that was asked for is."""
    del request
    found = value.job()
    if found is None:
        raise HttpError(404, "No run has been asked for.")
    return found


@router.get("/value/predictions", auth=scoped(Right.SEE), response=PredictionsOut)
def predictions(request: HttpRequest, after: int = 0, limit: int = 100) -> dict[str, Any]:
    """Predictions in order of customers."""
    del request
    size = max(1, min(limit, MOST))
    rows = Prediction.objects.filter(customer_id__gt=max(0, min(after, 2**62)), customer__merged_into=None)
    found = list(rows.order_by("customer")[: size + 1])
    return {"items": found[:size], "after": found[size - 1].customer_id if len(found) > size else None}


@router.get("/value/cohorts", auth=scoped(Right.SEE))
def cohorts(request: HttpRequest) -> dict[str, Any]:
    """Cohorts: mean value and share of active customers by age; from `complete` on, periods are not over for all."""
    del request
    return dict(_run().cohorts)


@router.get("/value/groups/{by}", auth=scoped(Right.SEE))
def groups(request: HttpRequest, by: str) -> dict[str, Any]:
    """Customers by "channel", "product" (of the first order) or "country"."""
    del request
    if by not in DIMENSIONS:
        raise HttpError(404, f"There is no {by!r}; ask for {', '.join(DIMENSIONS)}.")
    return value.groups(_run(), by)


@router.get("/value/distribution", auth=scoped(Right.SEE))
def distribution(request: HttpRequest) -> dict[str, Any]:
    """Customers by value: mean, quantiles, counts in steps."""
    del request
    return dict(_run().distribution)


@router.get("/value/figures", auth=scoped(Right.SEE), response=list[FigureOut])
def figures(request: HttpRequest, language: Literal["en", "de"] = "en") -> list[Picture]:
    """The figures of the Value page: each with its finding as title, as SVG with its table, in HTML."""
    del request
    return list(value.pictures(_run(), language).values())


@router.get("/value/quality", auth=scoped(Right.SEE))
def quality(request: HttpRequest) -> dict[str, Any]:
    """How the models did on the shop's past, what had to be assumed, and how complete the data were."""
    del request
    run = _run()
    return {"quality": run.quality, "notices": value.notices(run, "en"), "completeness": run.completeness}


@router.get("/value/channels", auth=scoped(Right.SEE), response=list[ChannelOut])
def channels(request: HttpRequest) -> list[acquisition.Channel]:
    """Cost of acquisition and payback by channel."""
    del request
    return acquisition.channels(_run())


@router.get("/value/what-if", auth=scoped(Right.SEE))
def what_if(request: HttpRequest) -> dict[str, Any]:
    """One point more of repeat buyers against a tenth less cost of acquisition, in money a year."""
    del request
    found = value.what_if(_run())
    if found is None:
        return {}
    gains = {"gain": found.gain, "gain_low": found.gain_low, "gain_high": found.gain_high}
    return {**gains, "spent": found.spent, "saving": found.saving, "better": found.better, "assumptions": found.told}


@router.get("/value/rates", auth=scoped(Right.SEE), response=list[RatesOut])
def rates(request: HttpRequest) -> list[Rates]:
    """All stated rates, newest first."""
    del request
    return list(Rates.objects.order_by("-valid_from"))


@router.post("/value/rates", auth=scoped(Right.VALUE), response=RatesOut)
def save_rates(request: HttpRequest, given: RatesIn) -> Rates:
    """State rates from a day on."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    return actions.save_rates(valid_from=given.valid_from, values=given.values, now=timezone.now(), by=by)


@router.post("/value/rates/effect", auth=scoped(Right.SEE), response=EffectOut)
def effect_of(request: HttpRequest, given: RatesIn) -> Any:
    """What rates would change; nothing is saved."""
    del request
    run = runs.current()
    return effect(given.valid_from, given.costs, until=run.until if run else timezone.localdate())


@router.delete("/value/rates/{pk}", auth=scoped(Right.VALUE), response={204: None})
def remove_rates(request: HttpRequest, pk: int) -> Status[None]:
    """Take a row of rates back."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    actions.remove_rates(get_object_or_404(Rates, pk=_id(pk)), now=timezone.now(), by=by)
    return Status(204, None)


@router.get("/value/spend", auth=scoped(Right.SEE), response=list[SpendIn])
def spent(request: HttpRequest) -> list[Spend]:
    """What was spent on winning customers, by month and channel."""
    del request
    return list(Spend.objects.order_by("-month", "channel"))


@router.put("/value/spend", auth=scoped(Right.VALUE), response=SpendIn)
def spend(request: HttpRequest, given: SpendIn) -> Spend:
    """Note what was spent in a channel and month."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    channel = given.channel.replace("\0", "")
    return actions.spend(channel=channel, month=given.month, amount=given.amount, now=timezone.now(), by=by)


@router.get("/customers/{pk}/value", auth=scoped(Right.SEE), response=PredictionOut)
def of_customer(request: HttpRequest, pk: int) -> Prediction:
    """What is predicted for a customer."""
    del request
    found = runs.prediction(_id(pk))
    if found is None:
        raise HttpError(404, "Nothing is predicted for this customer.")
    return found


@router.get("/customers/{pk}/ledger", auth=scoped(Right.SEE), response=LedgerOut)
def ledger(request: HttpRequest, pk: int, until: date | None = None) -> dict[str, Any]:
    """Every signed line of a customer up to the end of a day."""
    del request
    found = profile(get_object_or_404(Customer, pk=_id(pk)), now=timezone.now(), until=until)
    lines, cost = found["ledger"], found["acquisition"]
    return {
        "until": found["until"],
        "total": lines.total,
        "estimated_share": lines.estimated_share,
        "acquisition": cost.total,
        "acquisition_estimated": cost.estimated,
        "lines": list(lines.lines),
    }


@router.post("/customers/{pk}/bookings", auth=scoped(Right.CUSTOMERS), response={201: dict[str, int]})
def book(request: HttpRequest, pk: int, given: BookingIn) -> Status[dict[str, int]]:
    """Write a line into a customer's ledger."""
    if given.amount is None and not (given.minutes and given.kind == Booking.Kind.SERVICE):
        raise HttpError(422, "Give an amount, or minutes of service.")
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    texts = {name: getattr(given, name).replace("\0", "") for name in ("text", "source", "key")}
    made = actions.book(
        get_object_or_404(Customer, pk=_id(pk)), day=given.day, kind=given.kind, amount=given.amount,
        minutes=given.minutes, now=timezone.now(), by=by, **texts,
    )  # fmt: skip
    return Status(201, {"id": made.pk})


def _id(pk: int) -> int:
    """A row's number as far as a database can hold one."""
    return pk if 0 <= pk < 2**63 else 0
