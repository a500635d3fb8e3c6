"""What the room says and takes through the API. Amounts are in the smallest unit of the shop's currency."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Body, Query, Router, Status
from ninja.errors import HttpError

from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.roles import Right
from stammkunde.server.segments.actions import audiences as actions
from stammkunde.server.segments.actions import exchange
from stammkunde.server.segments.actions.taking_out import take_out
from stammkunde.server.segments.models import Member, Recompute, Segment, Size
from stammkunde.server.segments.queries import audiences, days, naming, people, standing
from stammkunde.server.segments.queries import members as members_of
from stammkunde.server.segments.rules.reading import read
from stammkunde.server.segments.rules.sentence import sentence
from stammkunde.server.segments.schemas import (
    CellOut,
    ComputationOut,
    CountOut,
    FlowOut,
    MembersOut,
    MovesOut,
    PeopleIn,
    PeopleOut,
    PlannedOut,
    RuleIn,
    SegmentIn,
    SegmentOut,
    SegmentsOut,
    SizeOut,
    StatesOut,
    TierOut,
    TypeOut,
    WhyOut,
)
from stammkunde.server.segments.views.because import because, moved, words_of
from stammkunde.server.shop.models import Customer

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
    size, named = max(1, min(limit, MOST)), naming.titles()
    rows = Segment.objects.filter(pk__gt=_id(after)).order_by("pk")
    found = list((rows.filter(kind=kind) if kind else rows)[: size + 1])
    items = [_told(each, named) for each in found[:size]]
    return {"items": items, "after": found[size - 1].pk if len(found) > size else None}


@router.post("/segments", auth=scoped(Right.SEGMENTS), response={201: SegmentOut})
def make(request: HttpRequest, given: SegmentIn) -> Status[Any]:
    """Keep a new segment or type; who belongs to it is computed soon."""
    return Status(201, _saved(request, None, given))


@router.post("/segments/count", auth=scoped(Right.SEE), response=CountOut)
def count(request: HttpRequest, given: RuleIn) -> dict[str, Any]:
    """Whom a rule finds now; nothing is kept."""
    del request
    node, today = read(given.rule), days.number(timezone.now())
    return {
        "customers": audiences.count(node, today=today),
        "sample": [each.pk for each in audiences.sample(node, today=today)],
        "words": sentence(node, segments=naming.titles()),
    }


@router.get("/segments/file", auth=scoped(Right.SEE))
def file(request: HttpRequest) -> dict[str, Any]:
    """All segments and types as a file."""
    del request
    return exchange.exported(Segment.objects.all())


@router.post("/segments/file", auth=scoped(Right.SEGMENTS), response=list[PlannedOut])
def take_in(request: HttpRequest, given: Body[dict[str, Any]], keep: bool = False) -> list[exchange.Planned]:
    """What a file of segments would bring; with `keep`, it is kept."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    try:
        if keep:
            return exchange.imported(given, now=timezone.now(), by=by)
        return exchange.planned(given, now=timezone.now())
    except actions.RefusedError as error:
        raise HttpError(422, str(error)) from error


@router.post("/segments/starters", auth=scoped(Right.SEGMENTS), response={201: SegmentsOut})
def starters(request: HttpRequest) -> Status[Any]:
    """Begin with segments and types that have proven useful; those that are there stay as they are."""
    by, named = request.auth, naming.titles()  # type: ignore[attr-defined]  # ninja sets it
    made = actions.starters(now=timezone.now(), by=by)
    return Status(201, {"items": [_told(each, named) for each in made], "after": None})


@router.post("/segments/compute", auth=scoped(Right.SEGMENTS), response={202: ComputationOut})
def compute(request: HttpRequest) -> Status[Any]:
    """Compute everything soon."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    return Status(202, actions.ask(now=timezone.now(), by=by))


@router.get("/customer-types", auth=scoped(Right.SEE), response=list[TypeOut])
def types(request: HttpRequest) -> list[dict[str, Any]]:
    """Types of customers in the order in which they are asked, with their sizes and values."""
    del request
    known = standing.types()
    rows = Segment.objects.filter(kind=Segment.Kind.TYPE).order_by("position", "pk")
    found = [(each, known.get(each.pk, standing.Known(0, None))) for each in rows]
    return [{"id": each.pk, "name": each.name, "customers": k.customers, "clv": k.clv} for each, k in found]


@router.get("/segments/{pk}", auth=scoped(Right.SEE), response=SegmentOut)
def one(request: HttpRequest, pk: int) -> dict[str, Any]:
    """A segment."""
    del request
    return _told(_segment(pk), naming.titles())


@router.put("/segments/{pk}", auth=scoped(Right.SEGMENTS), response=SegmentOut)
def change(request: HttpRequest, pk: int, given: SegmentIn) -> dict[str, Any]:
    """Another rule, name or purpose; what kind it is stays."""
    return _saved(request, _segment(pk), given)


@router.delete("/segments/{pk}", auth=scoped(Right.SEGMENTS), response={204: None})
def delete(request: HttpRequest, pk: int) -> Status[None]:
    """Delete a segment with its history, unless others ask for it."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    try:
        actions.delete(_segment(pk), now=timezone.now(), by=by)
    except actions.RefusedError as error:
        raise HttpError(409, str(error)) from error
    return Status(204, None)


@router.get("/segments/{pk}/moves", auth=scoped(Right.SEE), response=MovesOut)
def moves(request: HttpRequest, pk: int, before: int | None = None, limit: int = 100) -> dict[str, Any]:
    """Who entered and who left, newest first, and why."""
    del request
    segment = _segment(pk)
    found = members_of.moves(segment, before="" if before is None else str(_id(before)), most=max(1, min(limit, MOST)))
    items = [
        {"id": m.move.pk, "customer": m.move.customer_id, "entered": m.move.entered, "at": m.move.at}
        | {"why": m.move.why, "words": list(m.said)}
        for m in moved(segment, found.rows)
    ]
    return {"items": items, "before": found.before}


@router.get("/segments/{pk}/why/{customer}", auth=scoped(Right.SEE), response=WhyOut)
def why(request: HttpRequest, pk: int, customer: int) -> dict[str, Any]:
    """Why a customer is in a segment, or not, condition by condition."""
    del request
    segment, who = _segment(pk), get_object_or_404(Customer, pk=_id(customer))
    answer = because(read(segment.rule), who, today=days.number(timezone.now()))
    return {"customer": who.pk, "segment": segment.pk, "answer": answer}


@router.get("/customers/{pk}/segments", auth=scoped(Right.SEE), response=list[SegmentOut])
def of_customer(request: HttpRequest, pk: int) -> list[dict[str, Any]]:
    """The segments a customer is in."""
    del request
    named = naming.titles()
    who = get_object_or_404(Customer, pk=_id(pk))
    return [_told(each, named) for each in audiences.segments_of(who.pk)]


@router.get("/segments/{pk}/members", auth=scoped(Right.SEE), response=MembersOut)
def members(request: HttpRequest, pk: int, after: int = 0, limit: int = 100) -> dict[str, Any]:
    """Who is in it, in the order of customers."""
    del request
    size, segment = max(1, min(limit, MOST)), _segment(pk)
    rows = Member.objects.filter(segment=segment, customer__gt=_id(after)).order_by("customer")
    found = list(rows[: size + 1])
    return {"items": found[:size], "after": found[size - 1].customer_id if len(found) > size else None}


@router.post("/segments/{pk}/members/export", auth=scoped(Right.EXPORT))
def export(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """All members as CSV; the log says who took them out."""
    segment, by = _segment(pk), request.auth  # type: ignore[attr-defined]  # ninja sets it
    lines = take_out(segment, now=timezone.now(), by=by)
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers={"Cache-Control": "no-store"})


@router.get("/segments/{pk}/file", auth=scoped(Right.SEE))
def one_file(request: HttpRequest, pk: int) -> dict[str, Any]:
    """A segment as a file, with those it asks for."""
    del request
    return exchange.exported([_segment(pk)])


@router.get("/segments/{pk}/sizes", auth=scoped(Right.SEE), response=list[SizeOut])
def sizes(request: HttpRequest, pk: int, limit: int = 366) -> list[dict[str, Any]]:
    """How large it was day by day, newest first."""
    del request
    rows = Size.objects.filter(segment=_segment(pk)).order_by("-day")
    names = ("size", "entered", "left", "restarted")
    return [
        {"day": days.day(each.day)} | {name: getattr(each, name) for name in names}
        for each in rows[: max(1, min(limit, 10 * MOST))]
    ]


def _segment(pk: int) -> Segment:
    return get_object_or_404(Segment, pk=_id(pk))


def _told(segment: Segment, named: Mapping[int, str]) -> dict[str, Any]:
    names = ("id", "kind", "name", "description", "rule", "position", "starter", "size", "computed_at")
    more = ("rule_changed_at", "stale", "alarm")
    return {each: getattr(segment, each) for each in (*names, *more)} | {"words": words_of(segment, named)}


def _saved(request: HttpRequest, segment: Segment | None, given: SegmentIn) -> dict[str, Any]:
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    texts = {name: getattr(given, name).replace("\0", "") for name in ("name", "description")}
    try:
        saved = actions.save(
            segment, kind=segment.kind if segment else given.kind, node=read(given.rule), position=given.position,
            now=timezone.now(), by=by, **texts,
        )  # fmt: skip
    except actions.RefusedError as error:
        raise HttpError(422, str(error)) from error
    return _told(saved, naming.titles())


def _id(pk: int) -> int:
    """A row's number as far as a database can hold one."""
    return pk if 0 <= pk < 2**63 else 0
