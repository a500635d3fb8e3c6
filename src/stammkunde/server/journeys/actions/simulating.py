"""Asking what a draft would have done, and keeping what came out."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.models import User
from stammkunde.server.journeys.models import Journey, Simulation
from stammkunde.server.journeys.simulating.running import Question, simulate
from stammkunde.server.journeys.simulating.staging import Draft
from stammkunde.server.lib.work import enqueue

JOB = "journeys.simulate"
KEPT = 5  # of one journey


@transaction.atomic
def ask(journey: Journey, *, begin: datetime, end: datetime, now: datetime, by: User | None) -> Simulation:
    """Have a draft lived through, in the background; older answers than the last few are forgotten."""
    made = Simulation.objects.create(
        journey=journey, definition=journey.draft, begin=begin, end=end, asked_at=now, by=by
    )
    old = list(Simulation.objects.filter(journey=journey).order_by("-pk").values_list("pk", flat=True)[KEPT:])
    Simulation.objects.filter(pk__in=old).delete()
    enqueue(JOB, {"simulation": made.pk}, now=now, key=f"simulation:{made.pk}")
    return made


def answer(asked: Simulation, *, now: Callable[[], datetime], tell: Callable[[str, int, int], None]) -> None:
    """Live through it. What is wrong with the draft is kept as the answer: trying again would not help."""
    draft = Draft(asked.definition, instead_of=asked.journey_id)
    values: dict[str, object] = {}
    try:
        found = simulate(Question([draft], asked.begin, asked.end), tell=tell)
        values["found"] = found.written()
    except StammkundeError as error:
        values["error"] = str(error)
    Simulation.objects.filter(pk=asked.pk).update(**values, done_at=now())
