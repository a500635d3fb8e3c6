"""The room in the API: newsletters written, looked at, let out, stopped, and what became of them."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status
from ninja.errors import HttpError

from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.accounts.roles import Right
from stammkunde.server.campaigns.actions import approving, sending, writing
from stammkunde.server.campaigns.actions.writing import Text, Wanted
from stammkunde.server.campaigns.models import Campaign, Tenure
from stammkunde.server.campaigns.queries import looking, results
from stammkunde.server.campaigns.queries.reach import reach
from stammkunde.server.campaigns.queries.tenure import check
from stammkunde.server.campaigns.schemas import (
    CampaignIn,
    CampaignOut,
    CampaignReachOut,
    CampaignResultOut,
    CampaignResultsOut,
    CampaignsOut,
    CampaignTestOut,
    CampaignTextIn,
    CampaignTextOut,
    SubjectIn,
    SubjectOut,
)
from stammkunde.server.campaigns.subjects import cut
from stammkunde.server.mail.models import Template
from stammkunde.server.segments.models import Segment
from stammkunde.server.segments.rules.reading import RuleError

router = Router(tags=["campaigns"])
MOST, LARGEST = 100, 2**62
Made = TypeVar("Made")


@router.get("/newsletters", response=CampaignsOut, auth=scoped(Right.SEE))
def newsletters(request: HttpRequest, before: int | None = None, limit: int = 25) -> CampaignsOut:
    """Newsletters, newest first."""
    del request
    size = max(1, min(limit, MOST))
    rows = Campaign.objects.order_by("-pk").prefetch_related("variants")
    rows = rows if before is None else rows.filter(pk__lt=max(min(before, LARGEST), 0))
    found = list(rows[: size + 1])
    last = found[size - 1].pk if len(found) > size else None
    return CampaignsOut(items=[CampaignOut.of(each) for each in found[:size]], before=last)


@router.post("/newsletters", response={201: CampaignOut}, auth=scoped(Right.MESSAGES))
def make(request: HttpRequest, body: CampaignIn) -> Status[CampaignOut]:
    """Begin a newsletter. Nothing goes out before it was approved and released."""
    made = _tried(lambda: writing.make(_wanted(body), _texts(body.texts), now=timezone.now(), by=_by(request)))
    return Status(201, CampaignOut.of(made))


@router.post("/newsletters/subject", response=SubjectOut, auth=scoped(Right.SEE))
def subject(request: HttpRequest, body: SubjectIn) -> SubjectOut:
    """How a subject is cut; nothing is kept."""
    del request
    return SubjectOut.of(cut(body.subject, body.preheader))


@router.get("/newsletters/{pk}", response=CampaignOut, auth=scoped(Right.SEE))
def one(request: HttpRequest, pk: int) -> CampaignOut:
    """One newsletter."""
    del request
    return CampaignOut.of(get_object_or_404(Campaign, pk=pk))


@router.put("/newsletters/{pk}", response=CampaignOut, auth=scoped(Right.MESSAGES))
def change(request: HttpRequest, pk: int, body: CampaignIn) -> CampaignOut:
    """Write it anew, while it is not on its way. What had been approved has to be approved again."""
    found, now, by = get_object_or_404(Campaign, pk=pk), timezone.now(), _by(request)
    return CampaignOut.of(_tried(lambda: writing.change(found, _wanted(body), _texts(body.texts), now=now, by=by)))


@router.delete("/newsletters/{pk}", response={204: None}, auth=scoped(Right.MESSAGES))
def throw_away(request: HttpRequest, pk: int) -> Status[None]:
    """Delete what never went out."""
    found = get_object_or_404(Campaign, pk=pk)
    _tried(lambda: writing.throw_away(found, now=timezone.now(), by=_by(request)))
    return Status(204, None)


@router.post("/newsletters/{pk}/copy", response={201: CampaignOut}, auth=scoped(Right.MESSAGES))
def copy(request: HttpRequest, pk: int) -> Status[CampaignOut]:
    """A draft like it, without its time."""
    found = get_object_or_404(Campaign, pk=pk)
    return Status(201, CampaignOut.of(_tried(lambda: writing.copy(found, now=timezone.now(), by=_by(request)))))


@router.get("/newsletters/{pk}/reach", response=CampaignReachOut, auth=scoped(Right.SEE))
def would_reach(request: HttpRequest, pk: int) -> CampaignReachOut:
    """What it would do if it went out now: how many would get it, why not the others, who is left out."""
    del request
    found, now = get_object_or_404(Campaign, pk=pk), timezone.now()
    return _tried(lambda: CampaignReachOut.of(reach(found, now=now), check(found, now=now)))


@router.get("/newsletters/{pk}/results", response=CampaignResultsOut, auth=scoped(Right.SEE))
def came_of(request: HttpRequest, pk: int) -> CampaignResultsOut:
    """What became of it, counted from the ledger and the shop's own orders."""
    del request
    found, now = get_object_or_404(Campaign, pk=pk), timezone.now()
    rows = looking.rows(found, now=now)
    return CampaignResultsOut(
        total=CampaignResultOut.of(results.total({row.variant.key: row.result for row in rows})),
        texts=[CampaignTextOut.of(row) for row in rows],
        tests=[CampaignTestOut.of(each) for each in looking.judged(found, now=now)],
        reasons=dict(results.reasons(found)),
    )


@router.post("/newsletters/{pk}/approve", response=CampaignOut, auth=scoped(Right.SEND))
def approve(request: HttpRequest, pk: int) -> CampaignOut:
    """Let it go out as it stands: another person than who wrote it, where there is one who may."""
    return _acted(request, pk, approving.approve)


@router.post("/newsletters/{pk}/draft", response=CampaignOut, auth=scoped(Right.SEND))
def take_back(request: HttpRequest, pk: int) -> CampaignOut:
    """A draft again."""
    return _acted(request, pk, approving.take_back)


@router.post("/newsletters/{pk}/schedule", response=CampaignOut, auth=scoped(Right.SEND))
def schedule(request: HttpRequest, pk: int) -> CampaignOut:
    """Let it go out at its time, or now where it has none."""
    return _acted(request, pk, sending.schedule)


@router.post("/newsletters/{pk}/stop", response=CampaignOut, auth=scoped(Right.SEND))
def stop(request: HttpRequest, pk: int) -> CampaignOut:
    """Call off what has not left."""
    return _acted(request, pk, sending.stop)


@router.post("/newsletters/{pk}/resume", response=CampaignOut, auth=scoped(Right.SEND))
def resume(request: HttpRequest, pk: int) -> CampaignOut:
    """Go on with what was called off; nobody gets it twice."""
    return _acted(request, pk, sending.resume)


def _acted(request: HttpRequest, pk: int, act: Callable[..., Any]) -> CampaignOut:
    found = get_object_or_404(Campaign, pk=pk)
    _tried(lambda: act(found, now=timezone.now(), by=_by(request)))
    return CampaignOut.of(Campaign.objects.get(pk=pk))


def _tried(act: Callable[[], Made]) -> Made:
    try:
        return act()
    except RuleError as error:
        raise HttpError(422, error.message) from error
    except StammkundeError as error:
        raise HttpError(422, str(error)) from error


def _by(request: HttpRequest) -> User | Key:
    by = getattr(request, "auth", None)
    if not isinstance(by, User | Key):
        raise HttpError(401, "Nobody asks.")
    return by


def _wanted(body: CampaignIn) -> Wanted:
    """What is to be kept.

    Raises
    ------
    HttpError : 422, there is no such segment, or a moment without a zone.
    """
    said = {name: getattr(body, name) for name in Wanted.__dataclass_fields__ if name != "segment"}
    if body.at is not None and body.at.tzinfo is None:
        raise HttpError(422, "at needs its zone, such as 2026-03-02T09:00:00Z.")
    segment = None
    if body.segment is not None:
        rows = Segment.objects.filter(kind=Segment.Kind.AUDIENCE)
        segment = rows.filter(pk=body.segment).first() if abs(body.segment) < LARGEST else None
        if segment is None:
            raise HttpError(422, "There is no segment of this number.")
    hour = body.hour.replace(tzinfo=None) if body.hour else None  # it is an hour where the customer is
    return Wanted(**(said | {"segment": segment, "hour": hour}))


def _texts(rows: list[CampaignTextIn]) -> list[Text]:
    """Texts with the mails they name.

    Raises
    ------
    HttpError : 422, there is no such mail or tenure, or two texts have one key.
    """
    found = []
    for row in rows:
        template = Template.objects.filter(pk=row.template).first() if abs(row.template) < LARGEST else None
        if template is None:
            raise HttpError(422, "There is no mail of this number.")
        if row.tenure not in Tenure.values:
            raise HttpError(422, f"tenure is one of {', '.join(Tenure.values)}.")
        found.append(Text(template, row.tenure, row.subjects, row.key))
    return found
