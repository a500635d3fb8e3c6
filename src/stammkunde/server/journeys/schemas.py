"""Journeys as the API says and takes them."""

from datetime import datetime
from typing import Any

from ninja import Field, Schema

from stammkunde.server.journeys.models import Enrolment, Journey, JourneyVersion
from stammkunde.server.journeys.queries.counts import Counts
from stammkunde.server.journeys.queries.people import Position
from stammkunde.server.lib.bodies import Body


class JourneyOut(Schema):
    """A journey: `state` is on, off or closed, `people` how many are on it by state."""

    id: int
    key: str
    name: str
    flow: str
    state: str
    version: int | None
    live_since: datetime | None
    changed_at: datetime
    people: dict[str, int]

    @classmethod
    def of(cls, journey: Journey, people: dict[str, int]) -> "JourneyOut":
        """Put together."""
        live = journey.live.number if journey.live is not None else None
        return cls(
            id=journey.pk, key=journey.key, name=journey.name, flow=journey.flow, state=journey.state, version=live,
            live_since=journey.live_since, changed_at=journey.changed_at, people=people,
        )  # fmt: skip


class JourneysOut(Schema):
    """Journeys; `after` is where the next ones begin."""

    items: list[JourneyOut]
    after: int | None


class JourneyDraftOut(Schema):
    """What is being written."""

    definition: dict[str, Any]


class JourneyDraftIn(Body):
    """A definition, as files have it."""

    definition: dict[str, Any]


class JourneyFileIn(Body):
    """A file of a journey, as YAML."""

    text: str


class JourneyFileOut(Schema):
    """The journey that came in: off, with those of its mails that are new, and those that were there."""

    journey: JourneyOut
    made: list[str]
    kept: list[str]


class JourneyFileText(Schema):
    """The file of a journey, as YAML."""

    text: str


class JourneySwitchIn(Body):
    """On, off or closed."""

    state: str


class JourneyVersionOut(Schema):
    """A version, which never changes."""

    id: int
    number: int
    live: bool
    created_at: datetime
    definition: dict[str, Any]

    @classmethod
    def of(cls, version: JourneyVersion) -> "JourneyVersionOut":
        """Put together."""
        return cls(
            id=version.pk, number=version.number, live=version.journey.live_id == version.pk,
            created_at=version.created_at, definition=version.definition,
        )  # fmt: skip


class JourneyStepOut(Schema):
    """Of a step: who stands there, who is stuck there and who left there by reason, how it was taken, its mails."""

    waiting: int
    stuck: dict[str, int]
    taken: dict[str, int]
    left: dict[str, int]
    sends: dict[str, int]


class JourneyCountsOut(Schema):
    """How many entered, are on the way, stuck, done, and left by reason; and the same by step."""

    entered: int
    active: int
    stuck: int
    done: int
    left: dict[str, int]
    steps: dict[str, JourneyStepOut]

    @classmethod
    def of(cls, found: Counts) -> "JourneyCountsOut":
        """Put together."""
        steps = {name: JourneyStepOut(**vars(each)) for name, each in found.steps.items()}
        return cls(
            entered=found.entered, active=found.active, stuck=found.stuck, done=found.done, left=dict(found.left),
            steps=steps,
        )  # fmt: skip


class JourneyTraceOut(Schema):
    """A step somebody took."""

    step: str
    outcome: str
    at: datetime


class JourneySendOut(Schema):
    """A message of a step."""

    id: int
    step: str
    state: str
    reason: str
    due_at: datetime
    settled_at: datetime | None


class EnrolmentOut(Schema):
    """A customer on a journey: where they stand, and how they came there."""

    id: int
    journey: int
    name: str
    version: int
    customer: int
    key: str
    state: str
    step: str
    reason: str
    entered_at: datetime
    due_at: datetime
    ended_at: datetime | None
    traces: list[JourneyTraceOut]
    sends: list[JourneySendOut]

    @classmethod
    def of(cls, position: Position) -> "EnrolmentOut":
        """Put together."""
        found = position.enrolment
        plain = ("key", "state", "step", "reason", "entered_at", "due_at", "ended_at")
        sends = [
            JourneySendOut(
                id=each.pk, step=each.message.step, state=each.state, reason=each.reason, due_at=each.due_at,
                settled_at=each.settled_at,
            )
            for each in position.sends
        ]  # fmt: skip
        return cls(
            id=found.pk, journey=found.journey_id, name=found.journey.name, version=found.version.number,
            customer=found.customer_id, sends=sends, **{name: getattr(found, name) for name in plain},
            traces=[JourneyTraceOut(step=each.step, outcome=each.outcome, at=each.at) for each in position.traces],
        )  # fmt: skip


class JourneyTagOut(Schema):
    """A word a step marked a customer with, and since when."""

    tag: str
    at: datetime


class EnrolmentIn(Body):
    """The step somebody is to stand on; none: they go no further."""

    step: str | None = None


class JourneyMovingOut(Schema):
    """So many people of a step would stand on another; nothing where it is not said."""

    step: str
    to: str
    people: int
    stays: bool


class JourneyMoveIn(Body):
    """From which version to which, and for steps whose people go elsewhere, where. Without `really` nothing is done."""

    old: int
    new: int
    steps: dict[str, str] = Field(default_factory=dict)
    really: bool = False


class JourneyMoveOut(Schema):
    """What a move would do or did."""

    plan: list[JourneyMovingOut]
    moved: int


class JourneyRetryOut(Schema):
    """How many are tried again."""

    people: int


class JourneyWhyOut(Schema):
    """A reason: a code, the sentence, the moment it is about, and the enrolment or message."""

    code: str
    text: str
    at: datetime | None
    enrolment: int | None
    send: int | None


def position_of(enrolment: Enrolment) -> Position:
    """An enrolment alone, as it stands after something was done to it."""
    return Position(enrolment, tuple(enrolment.traces.order_by("at", "pk")), ())
