"""What the room says and takes through the API. Amounts are in the smallest unit of the shop's currency."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router

from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.roles import Right
from stammkunde.server.segments.models import Member, Recompute, Segment, Size
from stammkunde.server.segments.queries import days, people, standing
from stammkunde.server.segments.schemas import (
    CellOut,
    FlowOut,
    MembersOut,
    PeopleIn,
    PeopleOut,
    SegmentOut,
    SegmentsOut,
    SizeOut,
    StatesOut,
    TierOut,
)

router = Router(tags=["segments"])
MOST = 500
SINCE = 28


@router.get("/lifecycle", auth=scoped(Right.SEE), response=StatesOut)
def states(request: HttpRequest) -> dict[str, Any]:
    """Customers by lifecycle state, and moves of the last four weeks."""
    del request
    until = days.number(timezone.now())
    flows = standing.flow(since=until - SINCE + 1, until=until)
    items = [
        {
            "state": state,
            "customers": known.customers,
            "clv": known.clv,
            "entered": sum(each.customers for each in flows if each.after == state),
            "left": sum(each.customers for each in flows if each.before == state),
        }
        for state, known in standing.states().items()
    ]
    last = Recompute.objects.exclude(ended_at=None).order_by("-pk").first()
    return {"computed_at": last and last.ended_at, "days": SINCE, "items": items}


@router.get("/lifecycle/flow", auth=scoped(Right.SEE), response=list[FlowOut])
def flow(request: HttpRequest, since: date | None = None, until: date | None = None) -> list[standing.Flow]:
    """Moves between states from a day to another, both included; without days, those of the last four weeks."""
    del request
    last = days.count(until) if until else days.number(timezone.now())
    return standing.flow(since=days.count(since) if since else last - SINCE + 1, until=last)


@router.get("/value-tiers", auth=scoped(Right.SEE), response=list[TierOut])
def tiers(request: HttpRequest) -> list[dict[str, Any]]:
    """Customers by tier of value: best tenth ("top"), next 15 % ("good"), next 25 % ("middle"), lower half ("low")."""
    del request
    return [{"tier": name, "customers": k.customers, "clv": k.clv} for name, k in standing.tiers().items()]


@router.get("/rfm", auth=scoped(Right.SEE), response=list[CellOut])
def grid(request: HttpRequest) -> list[dict[str, Any]]:
    """Customers by scores of recency and frequency; cells without customers are left out."""
    del request
    return [{"r": r, "f": f, "customers": k.customers, "clv": k.clv} for (r, f), k in sorted(standing.grid().items())]


@router.get("/lifecycle/customers", auth=scoped(Right.SEE), response=PeopleOut)
def customers(request: HttpRequest, asked: Query[PeopleIn], after: str = "", limit: int = 100) -> dict[str, Any]:
    """Customers of a state, a tier, a type or a cell of the RFM grid, the most valuable first."""
    del request
    found = people.page(people.known(asked.dict(exclude_none=True)), after=after, most=max(1, min(limit, MOST)))
    return {"items": found.rows, "after": found.after or None}


# --- segments ---------------------------------------------------------------------------------------------------------


@router.get("/segments", auth=scoped(Right.SEE), response=SegmentsOut)
def segments(
    request: HttpRequest, kind: Segment.Kind | None = None, after: int = 0, limit: int = 100
) -> dict[str, Any]:
    """Segments and types of customers, in the order of their numbers."""
    del request
    size = max(1, min(limit, MOST))
    rows = Segment.objects.filter(pk__gt=_id(after)).order_by("pk")
    found = list((rows.filter(kind=kind) if kind else rows)[: size + 1])
    return {"items": found[:size], "after": found[size - 1].pk if len(found) > size else None}


@router.get("/segments/{pk}", auth=scoped(Right.SEE), response=SegmentOut)
def one(request: HttpRequest, pk: int) -> Segment:
    """A segment."""
    del request
    return get_object_or_404(Segment, pk=_id(pk))


@router.get("/segments/{pk}/members", auth=scoped(Right.SEE), response=MembersOut)
def members(request: HttpRequest, pk: int, after: int = 0, limit: int = 100) -> dict[str, Any]:
    """Who is in it, in the order of customers."""
    del request
    size, segment = max(1, min(limit, MOST)), get_object_or_404(Segment, pk=_id(pk))
    rows = Member.objects.filter(segment=segment, customer__gt=_id(after)).order_by("customer")
    found = list(rows[: size + 1])
    return {"items": found[:size], "after": found[size - 1].customer_id if len(found) > size else None}


@router.get("/segments/{pk}/sizes", auth=scoped(Right.SEE), response=list[SizeOut])
def sizes(request: HttpRequest, pk: int, limit: int = 366) -> list[dict[str, Any]]:
    """How large it was day by day, newest first."""
    del request
    rows = Size.objects.filter(segment=get_object_or_404(Segment, pk=_id(pk))).order_by("-day")
    names = ("size", "entered", "left", "restarted")
    return [
        {"day": days.day(each.day)} | {name: getattr(each, name) for name in names}
        for each in rows[: max(1, min(limit, 10 * MOST))]
    ]


def _id(pk: int) -> int:
    """A row's number as far as a database can hold one."""
    return pk if 0 <= pk < 2**63 else 0
