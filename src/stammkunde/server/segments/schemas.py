"""What comes out through the API. Amounts are in the smallest unit of the shop's currency."""

from datetime import date, datetime
from typing import Any, Literal

from ninja import Field, Schema

from stammkunde.server.lib.bodies import Body
from stammkunde.server.segments.models import Segment, State


class StateOut(Schema):
    """A state of customers' lives with the shop: who is in it, and who came and left in `days`."""

    state: str
    customers: int
    clv: int | None
    entered: int
    left: int


class StatesOut(Schema):
    """All states in the order of a customer's life, as of the last computation."""

    computed_at: datetime | None
    days: int
    items: list[StateOut]


class FlowOut(Schema):
    """How many times customers came from a state into another."""

    before: str
    after: str
    customers: int


class KnownOut(Schema):
    """Customers who have something in common, and what they are worth together."""

    customers: int
    clv: int | None


class TierOut(KnownOut):
    """A tier of value."""

    tier: str


class CellOut(KnownOut):
    """A cell of the RFM grid."""

    r: int
    f: int


class PeopleIn(Schema):
    """What is known of them; all of it has to hold."""

    state: State | None = None
    tier: Literal["top", "good", "middle", "low"] | None = None
    customer_type: int | None = Field(None, ge=0, lt=2**63)
    r: int | None = Field(None, ge=1, le=5)
    f: int | None = Field(None, ge=1, le=5)
    m: int | None = Field(None, ge=1, le=5)


class PersonOut(Schema):
    """What is known of a customer."""

    customer: int = Field(alias="customer_id")
    state: str
    orders: int
    revenue: int
    clv: int | None
    r: int | None
    f: int | None
    m: int | None
    customer_type: int | None


class PeopleOut(Schema):
    """A page of customers, the most valuable first; `after` asks for the next one."""

    items: list[PersonOut]
    after: str | None


class SizeOut(Schema):
    """How large a segment was at the end of a day; `restarted` where its rule was new or changed."""

    day: date
    size: int
    entered: int
    left: int
    restarted: bool


class MemberOut(Schema):
    """A member, and since when."""

    customer: int = Field(alias="customer_id")
    since: datetime


class MembersOut(Schema):
    """A page of members in the order of customers; `after` asks for the next one."""

    items: list[MemberOut]
    after: int | None


class RuleIn(Body):
    """A rule as data: {"version": 1, "rule": {"all": [...]}}, or its inner part alone."""

    rule: dict[str, Any]


class SegmentIn(RuleIn):
    """A segment or type to be kept."""

    name: str = Field(min_length=1, max_length=120)
    description: str = Field("", max_length=500)
    kind: Segment.Kind = Segment.Kind.AUDIENCE
    position: int = Field(0, ge=0, le=10_000)


class CountOut(Schema):
    """Whom a rule finds now: how many, the numbers of some of them, and the rule in words."""

    customers: int
    sample: list[int]
    words: str


class MoveOut(Schema):
    """A customer entered or left, and why, as data and in words."""

    id: int
    customer: int
    entered: bool
    at: datetime
    why: list[Any]
    words: list[str]


class MovesOut(Schema):
    """A page of moves, newest first; `before` asks for the next one."""

    items: list[MoveOut]
    before: int | None


class AnswerOut(Schema):
    """A condition with what is known, or a group with its parts; and whether it holds."""

    holds: bool
    said: str
    known: str
    kind: str
    parts: "list[AnswerOut]"


class WhyOut(Schema):
    """Why a customer is in a segment, or not; no answer where nothing is known of them yet."""

    customer: int
    segment: int
    answer: AnswerOut | None


class ComputationOut(Schema):
    """A computation that was asked for, and how far it is."""

    id: int
    state: str
    doing: str
    done: int
    total: int | None
    error: str


class TypeOut(KnownOut):
    """A type of customers, in the order in which they are asked."""

    id: int
    name: str


class PlannedOut(Schema):
    """A segment of a file: "new", "changed" or "same", or what is wrong with it."""

    kind: str
    name: str
    becomes: str
    wrong: str


class SegmentOut(Schema):
    """A segment: its rule as data and in words, its size as of `computed_at`; `alarm` where it drifted."""

    id: int
    kind: str
    name: str
    description: str
    rule: dict[str, Any]
    words: str
    position: int
    starter: str
    size: int | None
    computed_at: datetime | None
    rule_changed_at: datetime
    stale: bool
    alarm: Any


class SegmentsOut(Schema):
    """A page of segments in the order of their numbers; `after` asks for the next one."""

    items: list[SegmentOut]
    after: int | None
