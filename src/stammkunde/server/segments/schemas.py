"""What comes out through the API. Amounts are in the smallest unit of the shop's currency."""

from datetime import date, datetime
from typing import Any, Literal

from ninja import Field, Schema

from stammkunde.server.segments.models import State


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


class SegmentOut(Schema):
    """A segment: its rule as data, its size as of `computed_at`; `alarm` where it drifted."""

    id: int
    kind: str
    name: str
    description: str
    rule: dict[str, Any]
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
