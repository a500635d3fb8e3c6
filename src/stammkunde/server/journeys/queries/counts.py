"""How many stand where, went on and left, and what became of the mails: always counted from the rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Count, Q

from stammkunde.server.journeys.definitions.language import END
from stammkunde.server.journeys.models import Enrolment, Journey, JourneyVersion, Trace
from stammkunde.server.mail.models import Send


@dataclass
class StepCount:
    """Of one step: who stands there, on their way or stuck (by reason); how those who took it did (by outcome); who
    left there (by reason); its mails by state."""

    waiting: int = 0
    stuck: dict[str, int] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    sends: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Counts:
    """Of a journey, or of a version of it: how many entered, are on the way, done, and left by reason; and by step."""

    entered: int
    active: int
    stuck: int
    done: int
    left: Mapping[str, int]
    steps: Mapping[str, StepCount]


def counts(journey: Journey, version: JourneyVersion | None = None) -> Counts:
    """Count anew. Messages are counted for the journey, since a message does not tell on which version somebody was."""
    only = Q(journey=journey) if version is None else Q(version=version)
    steps: dict[str, StepCount] = {}
    totals: dict[str, int] = {}
    left: dict[str, int] = {}
    rows = Enrolment.objects.filter(only).values_list("step", "state", "reason").annotate(n=Count("pk")).order_by()
    for step, state, reason, number in rows:
        totals[state] = totals.get(state, 0) + number
        found = steps.setdefault(step, StepCount()) if step != END else StepCount()
        if state == Enrolment.State.ACTIVE:
            found.waiting += number
        elif state == Enrolment.State.STUCK:
            found.stuck[reason] = found.stuck.get(reason, 0) + number
        elif state == Enrolment.State.LEFT:
            found.left[reason] = found.left.get(reason, 0) + number
            left[reason] = left.get(reason, 0) + number
    _taken(only, steps)
    _sends(journey, steps)
    return Counts(
        entered=sum(totals.values()),
        active=totals.get(Enrolment.State.ACTIVE, 0),
        stuck=totals.get(Enrolment.State.STUCK, 0),
        done=totals.get(Enrolment.State.DONE, 0),
        left=left,
        steps=steps,
    )


def _taken(only: Q, steps: dict[str, StepCount]) -> None:
    of = Trace.objects.filter(enrolment__in=Enrolment.objects.filter(only)).exclude(outcome__startswith="left: ")
    for step, outcome, number in of.values_list("step", "outcome").annotate(n=Count("pk")).order_by():
        steps.setdefault(step, StepCount()).taken[outcome] = number


def _sends(journey: Journey, steps: dict[str, StepCount]) -> None:
    of = Send.objects.filter(message__origin="journey", message__origin_id=journey.pk)
    for step, state, number in of.values_list("message__step", "state").annotate(n=Count("pk")).order_by():
        steps.setdefault(step, StepCount()).sends[state] = number


def summaries() -> dict[int, dict[str, int]]:
    """For each journey how many are on it by state: for lists."""
    found: dict[int, dict[str, int]] = {}
    for pk, state, number in Enrolment.objects.values_list("journey", "state").annotate(n=Count("pk")).order_by():
        found.setdefault(pk, {})[state] = number
    return found
