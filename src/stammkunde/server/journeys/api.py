"""The room in the API."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status

from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.roles import Right
from stammkunde.server.journeys.actions import editing, moving, publishing, repairing
from stammkunde.server.journeys.models import Enrolment, Journey, JourneyVersion, Tag
from stammkunde.server.journeys.queries.counts import counts, summaries
from stammkunde.server.journeys.queries.people import where
from stammkunde.server.journeys.queries.why import why
from stammkunde.server.journeys.schemas import (
    EnrolmentIn,
    EnrolmentOut,
    JourneyCountsOut,
    JourneyDraftIn,
    JourneyDraftOut,
    JourneyFileIn,
    JourneyFileOut,
    JourneyFileText,
    JourneyMoveIn,
    JourneyMoveOut,
    JourneyMovingOut,
    JourneyOut,
    JourneyRetryOut,
    JourneysOut,
    JourneySwitchIn,
    JourneyTagOut,
    JourneyVersionOut,
    JourneyWhyOut,
    position_of,
)
from stammkunde.server.shop.models import Customer

if TYPE_CHECKING:
    from django.db.models import QuerySet

router = Router(tags=["journeys"])
MOST = 500


@router.get("/journeys", auth=scoped(Right.SEE), response=JourneysOut)
def journeys(request: HttpRequest, after: int = 0, limit: int = 100) -> JourneysOut:
    """Journeys in the order in which they were made, with how many people are on them."""
    del request
    size, people = max(1, min(limit, MOST)), summaries()
    rows = Journey.objects.filter(pk__gt=_id(after)).select_related("live").order_by("pk")
    found = list(rows[: size + 1])
    items = [JourneyOut.of(each, people.get(each.pk, {})) for each in found[:size]]
    return JourneysOut(items=items, after=found[size - 1].pk if len(found) > size else None)


@router.post("/journeys", auth=scoped(Right.MESSAGES), response={201: JourneyOut})
def make(request: HttpRequest, given: JourneyDraftIn) -> Status[JourneyOut]:
    """A new journey, off and not published."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    return Status(201, JourneyOut.of(editing.create(given.definition, now=timezone.now(), by=by), {}))


@router.post("/journeys/file", auth=scoped(Right.MESSAGES), response={201: JourneyFileOut})
def take_in(request: HttpRequest, given: JourneyFileIn) -> Status[JourneyFileOut]:
    """Take a file in: the journey, off, and those of its mails that are not there yet."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    came = editing.import_file(given.text, now=timezone.now(), by=by)
    journey = JourneyOut.of(came.journey, {})
    return Status(201, JourneyFileOut(journey=journey, made=list(came.made), kept=list(came.kept)))


@router.get("/journeys/{pk}", auth=scoped(Right.SEE), response=JourneyOut)
def one(request: HttpRequest, pk: int) -> JourneyOut:
    """A journey."""
    del request
    return _told(_journey(pk))


@router.get("/journeys/{pk}/draft", auth=scoped(Right.SEE), response=JourneyDraftOut)
def draft(request: HttpRequest, pk: int) -> JourneyDraftOut:
    """What is being written."""
    del request
    return JourneyDraftOut(definition=_journey(pk).draft)


@router.put("/journeys/{pk}/draft", auth=scoped(Right.MESSAGES), response=JourneyOut)
def write(request: HttpRequest, pk: int, given: JourneyDraftIn) -> JourneyOut:
    """Keep another draft. Nobody who is on the journey is touched by it."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    return _told(editing.save_draft(_journey(pk), given.definition, now=timezone.now(), by=by))


@router.get("/journeys/{pk}/file", auth=scoped(Right.SEE), response=JourneyFileText)
def file(request: HttpRequest, pk: int) -> JourneyFileText:
    """The draft as a file, with the mails it sends."""
    del request
    return JourneyFileText(text=editing.export(_journey(pk)))


@router.post("/journeys/{pk}/publish", auth=scoped(Right.SEND), response={201: JourneyVersionOut})
def publish(request: HttpRequest, pk: int) -> Status[JourneyVersionOut]:
    """Make the draft the version that people enter from now on."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    made = publishing.publish(_journey(pk), now=timezone.now(), by=by)
    return Status(201, JourneyVersionOut.of(_versions(pk).get(pk=made.pk)))


@router.post("/journeys/{pk}/switch", auth=scoped(Right.SEND), response=JourneyOut)
def switch(request: HttpRequest, pk: int, given: JourneySwitchIn) -> JourneyOut:
    """Switch it on, off, or close it to newcomers."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    return _told(editing.switch(_journey(pk), given.state, now=timezone.now(), by=by))


@router.post("/journeys/{pk}/copy", auth=scoped(Right.MESSAGES), response={201: JourneyOut})
def copy(request: HttpRequest, pk: int) -> Status[JourneyOut]:
    """A journey like it, off and not published."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    return Status(201, JourneyOut.of(editing.copy(_journey(pk), now=timezone.now(), by=by), {}))


@router.get("/journeys/{pk}/versions", auth=scoped(Right.SEE), response=list[JourneyVersionOut])
def versions(request: HttpRequest, pk: int) -> list[JourneyVersionOut]:
    """Its versions, the latest first."""
    del request
    return [JourneyVersionOut.of(each) for each in _versions(_journey(pk).pk).order_by("-number")[:MOST]]


@router.post("/journeys/{pk}/move", auth=scoped(Right.SEND), response=JourneyMoveOut)
def move(request: HttpRequest, pk: int, given: JourneyMoveIn) -> JourneyMoveOut:
    """Move the people of a version to another; without `really`, only what it would do."""
    by, journey = request.auth, _journey(pk)  # type: ignore[attr-defined]  # ninja sets it
    old, new = (get_object_or_404(_versions(journey.pk), number=_id(number)) for number in (given.old, given.new))
    plan = [JourneyMovingOut(**asdict(each)) for each in moving.preview_move(old, new, given.steps)]
    moved = moving.move(old, new, given.steps, now=timezone.now(), by=by) if given.really else 0
    return JourneyMoveOut(plan=plan, moved=moved)


@router.get("/journeys/{pk}/counts", auth=scoped(Right.SEE), response=JourneyCountsOut)
def count(request: HttpRequest, pk: int, version: int | None = None) -> JourneyCountsOut:
    """How many stand where, went on and left; of all versions, or of one."""
    del request
    journey = _journey(pk)
    only = get_object_or_404(_versions(journey.pk), number=_id(version)) if version is not None else None
    return JourneyCountsOut.of(counts(journey, only))


@router.post("/journeys/{pk}/retry", auth=scoped(Right.MESSAGES), response=JourneyRetryOut)
def retry(request: HttpRequest, pk: int) -> JourneyRetryOut:
    """Try all who are stuck again."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    return JourneyRetryOut(people=repairing.retry(_journey(pk), now=timezone.now(), by=by))


@router.get("/journeys/{pk}/why/{customer}", auth=scoped(Right.SEE), response=list[JourneyWhyOut])
def because(request: HttpRequest, pk: int, customer: int) -> list[JourneyWhyOut]:
    """Why a customer is on it or not, and got its mails or did not."""
    del request
    who = get_object_or_404(Customer, pk=_id(customer))
    return [JourneyWhyOut(**asdict(each)) for each in why(who, _journey(pk), now=timezone.now())]


@router.get("/customers/{pk}/journeys", auth=scoped(Right.SEE), response=list[EnrolmentOut])
def of_customer(request: HttpRequest, pk: int) -> list[EnrolmentOut]:
    """Where a customer stands, and how they came there."""
    del request
    return [EnrolmentOut.of(each) for each in where(get_object_or_404(Customer, pk=_id(pk)))]


@router.get("/customers/{pk}/tags", auth=scoped(Right.SEE), response=list[JourneyTagOut])
def tags(request: HttpRequest, pk: int) -> list[JourneyTagOut]:
    """The words by which steps of journeys marked a customer."""
    del request
    rows = Tag.objects.filter(customer=get_object_or_404(Customer, pk=_id(pk))).order_by("at", "pk")
    return [JourneyTagOut(tag=each.tag, at=each.at) for each in rows[:MOST]]


@router.post("/enrolments/{pk}", auth=scoped(Right.MESSAGES), response=EnrolmentOut)
def repair(request: HttpRequest, pk: int, given: EnrolmentIn) -> EnrolmentOut:
    """Put somebody on a step, or let them go no further."""
    by, found = request.auth, get_object_or_404(Enrolment, pk=_id(pk))  # type: ignore[attr-defined]  # ninja sets it
    now = timezone.now()
    if given.step is None:
        repairing.end(found, now=now, by=by)
    else:
        repairing.put(found, given.step, now=now, by=by)
    return EnrolmentOut.of(position_of(Enrolment.objects.select_related("journey", "version").get(pk=found.pk)))


def _journey(pk: int) -> Journey:
    return get_object_or_404(Journey.objects.select_related("live"), pk=_id(pk))


def _versions(journey: int) -> "QuerySet[JourneyVersion]":
    return JourneyVersion.objects.filter(journey=_id(journey)).select_related("journey")


def _told(journey: Journey) -> JourneyOut:
    return JourneyOut.of(_journey(journey.pk), summaries().get(journey.pk, {}))


def _id(pk: int) -> int:
    """A row's number as far as a database can hold one."""
    return pk if 0 <= pk < 2**31 else 0
