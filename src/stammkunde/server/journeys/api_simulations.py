"""Journeys over the shop's past, through the API: asked for, and answered when it was lived through."""

from datetime import datetime
from typing import Any, Self

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from ninja.errors import HttpError

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.models import Key
from stammkunde.server.accounts.roles import Right
from stammkunde.server.journeys.actions import simulating
from stammkunde.server.journeys.models import Journey, Simulation
from stammkunde.server.lib.bodies import Body

router = Router(tags=["journeys"])
EARLIEST = 1990


class JourneySimulationIn(Body):
    """Over which time, with zones."""

    begin: datetime
    end: datetime


class JourneySimulationOut(Schema):
    """What was asked, and what came out: `found` is there once it was lived through; `error` says why it was not."""

    id: int
    journey: int
    begin: datetime
    end: datetime
    asked_at: datetime
    done_at: datetime | None
    error: str
    found: dict[str, Any] | None

    @classmethod
    def of(cls, row: Simulation) -> Self:
        """Put together."""
        own = ("begin", "end", "asked_at", "done_at", "error", "found")
        return cls(id=row.pk, journey=row.journey_id, **{name: getattr(row, name) for name in own})


@router.get("/journeys/{pk}/simulations", auth=scoped(Right.SEE), response=list[JourneySimulationOut])
def simulations(request: HttpRequest, pk: int) -> list[JourneySimulationOut]:
    """The latest, newest first."""
    del request
    rows = Simulation.objects.filter(journey=_journey(pk)).order_by("-pk")
    return [JourneySimulationOut.of(row) for row in rows]


@router.post("/journeys/{pk}/simulations", auth=scoped(Right.MESSAGES), response={202: JourneySimulationOut})
def ask(request: HttpRequest, pk: int, given: JourneySimulationIn) -> Status[JourneySimulationOut]:
    """Have the draft lived through in the background: how many mails, when, on top of which others, how many without a
    basis. Nothing is sent."""
    journey, now = _journey(pk), timezone.now()
    if any(timezone.is_naive(each) for each in (given.begin, given.end)):
        raise HttpError(422, "begin and end need their zone, such as 2026-03-02T09:00:00Z.")
    if not given.begin.year > EARLIEST or not given.begin < given.end <= now:
        raise HttpError(422, "begin comes before end, and end is not in the future.")
    key = request.auth  # type: ignore[attr-defined]  # ninja sets it
    by = key.by if isinstance(key, Key) else None
    made = simulating.ask(journey, begin=given.begin, end=given.end, now=now, by=by)
    record("tried", "journey", now=now, by=key, subject_id=journey.pk, title=journey.name)
    return Status(202, JourneySimulationOut.of(made))


def _journey(pk: int) -> Journey:
    return get_object_or_404(Journey, pk=pk if abs(pk) < 2**62 else 0)
