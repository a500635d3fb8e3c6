"""How the shop sends, through the API: what is set, whether it would arrive, test mails, pauses."""

from datetime import time

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status
from ninja.errors import HttpError

from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.accounts.roles import Right
from stammkunde.server.mail.actions import gating, settings, ways
from stammkunde.server.mail.deliverability.names import Live
from stammkunde.server.mail.models import Checkup, Sender
from stammkunde.server.mail.schemas_sending import (
    CheckupOut,
    PauseIn,
    SenderIn,
    SenderOut,
    TrialIn,
    TrialOut,
    WarmUpIn,
    WayIn,
)

router = Router(tags=["sending"])


def _by(request: HttpRequest) -> User | Key:
    by: User | Key = request.auth  # type: ignore[attr-defined]  # ninja sets it
    return by


@router.get("/sending", response=SenderOut, auth=scoped(Right.SETTINGS))
def sender(request: HttpRequest) -> SenderOut:
    """From whom mail comes, by which way, how fast and how often."""
    del request
    return SenderOut.of(Sender.now())


@router.patch("/sending", response=SenderOut, auth=scoped(Right.SETTINGS))
def set_sender(request: HttpRequest, body: SenderIn) -> SenderOut:
    """Set some of it."""
    said = body.dict(exclude_none=True)
    said |= {name: time.fromisoformat(said[name]) for name in ("quiet_from", "quiet_to") if name in said}
    try:
        return SenderOut.of(ways.set_values(said, now=timezone.now(), by=_by(request)))
    except StammkundeError as error:
        raise HttpError(422, str(error)) from error


@router.put("/sending/way", response=SenderOut, auth=scoped(Right.SETTINGS))
def set_way(request: HttpRequest, body: WayIn) -> SenderOut:
    """Choose the way out: captured, smtp, or a provider."""
    try:
        return SenderOut.of(
            ways.choose(body.transport, body.options, body.secrets, now=timezone.now(), by=_by(request))
        )
    except StammkundeError as error:
        raise HttpError(422, str(error)) from error


@router.get("/sending/check", response=CheckupOut, auth=scoped(Right.SEE))
def last_check(request: HttpRequest) -> CheckupOut:
    """What the last check found.

    Raises
    ------
    HttpError : 404, there was none.
    """
    del request
    found = Checkup.objects.order_by("-pk").first()
    if found is None:
        raise HttpError(404, "Nobody has checked yet: POST to this address does.")
    return CheckupOut.of(found)


@router.post("/sending/check", response={201: CheckupOut}, auth=scoped(Right.SETTINGS))
def check(request: HttpRequest) -> Status[CheckupOut]:
    """Look at SPF, DKIM, DMARC, MX and what is set here, and open or shut the gate for mail to many."""
    return Status(201, CheckupOut.of(gating.gate(Live(), now=timezone.now(), by=_by(request))))


@router.post("/sending/trial", response=TrialOut, auth=scoped(Right.SETTINGS))
def trial(request: HttpRequest, body: TrialIn) -> TrialOut:
    """Send a test mail by what is set."""
    found, now = Sender.now(), timezone.now()
    try:
        response = settings.trial(found, body.to, now=now)
    except StammkundeError as error:
        raise HttpError(409, str(error)) from error
    gating.note_trial(found, body.to, response, now=now, by=_by(request))
    return TrialOut(response=response)


@router.post("/sending/pause", response=SenderOut, auth=scoped(Right.SEND))
def pause(request: HttpRequest, body: PauseIn) -> SenderOut:
    """Let nothing leave until somebody resumes."""
    settings.pause(why=body.why, now=timezone.now(), by=_by(request))
    return SenderOut.of(Sender.now())


@router.post("/sending/resume", response=SenderOut, auth=scoped(Right.SEND))
def resume(request: HttpRequest) -> SenderOut:
    """Send again."""
    settings.resume(now=timezone.now(), by=_by(request))
    return SenderOut.of(Sender.now())


@router.post("/sending/warm-up", response=SenderOut, auth=scoped(Right.SETTINGS))
def warm_up(request: HttpRequest, body: WarmUpIn) -> SenderOut:
    """Begin the plan of a new sender today: so many messages, then half as many more each day."""
    settings.warm_up(first=body.first, now=timezone.now(), by=_by(request))
    return SenderOut.of(Sender.now())
