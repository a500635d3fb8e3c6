"""Mail that came back, and what became known of messages, through the API."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status
from ninja.errors import HttpError

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.accounts.roles import Right
from stammkunde.server.lib.requests import row_number
from stammkunde.server.mail.actions import clearing
from stammkunde.server.mail.actions.hearing import LARGEST, take
from stammkunde.server.mail.models import Arrival, Send
from stammkunde.server.mail.queries.signals import PAGE, tray
from stammkunde.server.mail.queries.signals import signals as found
from stammkunde.server.mail.schemas_arrivals import ArrivalOut, ArrivalsOut, BounceOfIn, SignalOut, SignalsOut

router = Router(tags=["messages"])


@router.post("/mail/arrivals", response={201: ArrivalOut}, auth=scoped(Right.MESSAGES))
def arrive(request: HttpRequest, to: str = "") -> Status[ArrivalOut]:
    """Hand in a mail that came back, as it is (message/rfc822): a bounce, a complaint, a reply. `to` is the address it
    was delivered to. Handed in twice, it is one."""
    raw, now = request.read(LARGEST + 1), timezone.now()
    if not raw or len(raw) > LARGEST:
        raise HttpError(422, f"The body is the mail, of at most {LARGEST // 1_000_000} MB.")
    made = take(raw, now=now, to=to[:254])
    record("took in", "arrival", now=now, by=_by(request), subject_id=made.pk, title=made.kind)
    return Status(201, ArrivalOut.of(made))


@router.get("/mail/arrivals", response=ArrivalsOut, auth=scoped(Right.SEE))
def arrivals(request: HttpRequest, after: str = "", *, handled: bool = False) -> ArrivalsOut:
    """Mail that somebody has to look at, newest first; or the other."""
    del request
    page = tray(after=after, handled=handled)
    return ArrivalsOut(arrivals=[ArrivalOut.of(row) for row in page.rows], after=str(page.after or ""))


@router.get("/mail/arrivals/{pk}", response=ArrivalOut, auth=scoped(Right.SEE))
def arrival(request: HttpRequest, pk: int) -> ArrivalOut:
    """One mail that came back."""
    del request
    return ArrivalOut.of(get_object_or_404(Arrival, pk=pk))


@router.post("/mail/arrivals/{pk}/done", response=ArrivalOut, auth=scoped(Right.CUSTOMERS))
def done(request: HttpRequest, pk: int) -> ArrivalOut:
    """It was answered, or means nothing: advertising to whoever wrote goes on."""
    row = get_object_or_404(Arrival, pk=pk)
    clearing.done(row, now=timezone.now(), by=_by(request))
    row.refresh_from_db()
    return ArrivalOut.of(row)


@router.post("/mail/arrivals/{pk}/bounce", response=ArrivalOut, auth=scoped(Right.CUSTOMERS))
def bounce(request: HttpRequest, pk: int, body: BounceOfIn) -> ArrivalOut:
    """It says that a message came back for good: its address is dead."""
    row, send = get_object_or_404(Arrival, pk=pk), get_object_or_404(Send, pk=body.message)
    clearing.is_bounce_of(row, send, now=timezone.now(), by=_by(request))
    row.refresh_from_db()
    return ArrivalOut.of(row)


@router.get("/mail/signals", response=SignalsOut, auth=scoped(Right.SEE))
def signals(request: HttpRequest, kind: str = "", after: str = "") -> SignalsOut:
    """What became known of messages, newest first: delivered, came back, complaint, reply; openings and clicks where
    they are measured."""
    del request
    rows, last = found(kind=kind).select_related("send"), row_number(after)
    shown = list((rows if last is None else rows.filter(pk__lt=last))[: PAGE + 1])
    more = str(shown[PAGE - 1].pk) if len(shown) > PAGE else ""
    return SignalsOut(signals=[SignalOut.of(row) for row in shown[:PAGE]], after=more)


def _by(request: HttpRequest) -> User | Key:
    """Who asks: a key, or somebody in their session."""
    by: User | Key = request.auth  # type: ignore[attr-defined]  # set by ninja
    return by
