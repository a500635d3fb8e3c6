"""What the room says and takes through the API: oneself, staff, invitations, keys, the log."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status
from ninja.errors import HttpError

from stammkunde.server.accounts import actions, queries
from stammkunde.server.accounts.adapter import password_address
from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.models import Invitation, Key, User
from stammkunde.server.accounts.roles import Right
from stammkunde.server.accounts.schemas import (
    InvitationIn,
    InvitationOut,
    KeyIn,
    KeyOut,
    LinkOut,
    LogOut,
    MeIn,
    MeOut,
    NewKeyOut,
    PersonIn,
    StaffOut,
)

router = Router(tags=["accounts"])
MOST = 200


def _by(request: HttpRequest) -> User | Key:
    """Who asks: staff in their session, or a key."""
    by: User | Key = request.auth  # type: ignore[attr-defined]  # ninja sets it
    return by


def _conflict(error: actions.RefusedError) -> HttpError:
    return HttpError(409, str(error))


@router.get("/me", response=MeOut, auth=scoped(Right.SEE))
def me(request: HttpRequest) -> dict[str, Any]:
    """Who asks, and what they may do."""
    by = _by(request)
    rights = [right for right in Right if by.may(right)]
    if isinstance(by, Key):
        blank = {"email": "", "role": "", "language": "", "theme": "", "second_factor": False}
        return {"kind": "key", "name": by.name, "rights": rights} | blank
    own = {name: getattr(by, name) for name in ("name", "email", "role", "language", "theme")}
    return {"kind": "staff", "rights": rights, "second_factor": is_mfa_enabled(by)} | own


@router.patch("/me", response=MeOut, auth=scoped(Right.SEE))
def change_me(request: HttpRequest, said: MeIn) -> dict[str, Any]:
    """Another name, language or theme. Keys have none."""
    by = _by(request)
    if isinstance(by, Key):
        raise HttpError(409, "A key has no name, language or theme to change: log in.")
    if said.name is not None:
        actions.rename(by, name=said.name, now=timezone.now())
    actions.prefer(by, **said.dict(include={"language", "theme"}, exclude_none=True))
    by.refresh_from_db()
    return me(request)


@router.get("/staff", response=list[StaffOut], auth=scoped(Right.SETTINGS))
def staff(request: HttpRequest) -> QuerySet[User]:
    """Everybody who ever worked here, the active first."""
    del request
    return queries.staff()


@router.post("/staff/{pk}", response=StaffOut, auth=scoped(Right.SETTINGS))
def change_staff(request: HttpRequest, pk: int, said: PersonIn) -> User:
    """Another role, the end of somebody's access, or its return."""
    user = get_object_or_404(User, pk=pk)
    role, active = said.role or user.role, user.is_active if said.is_active is None else said.is_active
    try:
        actions.change_staff(user, role=role, is_active=active, now=timezone.now(), by=_by(request))
    except actions.RefusedError as error:
        raise _conflict(error) from error
    return queries.staff().get(pk=pk)


@router.post("/staff/{pk}/password-link", response={201: LinkOut}, auth=scoped(Right.SETTINGS))
def password_link(request: HttpRequest, pk: int) -> Status[Any]:
    """A link by which somebody sets a new password; shown this once."""
    user = get_object_or_404(User, pk=pk, is_active=True)
    try:
        key = actions.password_link(user, now=timezone.now(), by=_by(request))
    except actions.RefusedError as error:
        raise _conflict(error) from error
    return Status(201, {"link": password_address(key)})


@router.delete("/staff/{pk}/factor", response={204: None}, auth=scoped(Right.SETTINGS))
def remove_factor(request: HttpRequest, pk: int) -> Status[None]:
    """Take a lost second factor off somebody."""
    try:
        actions.remove_factor(get_object_or_404(User, pk=pk), now=timezone.now(), by=_by(request))
    except actions.RefusedError as error:
        raise _conflict(error) from error
    return Status(204, None)


@router.get("/invitations", response=list[InvitationOut], auth=scoped(Right.SETTINGS))
def invitations(request: HttpRequest) -> QuerySet[Invitation]:
    """Links that still let somebody in."""
    del request
    return queries.invitations(now=timezone.now())


@router.post("/invitations", response={201: LinkOut}, auth=scoped(Right.SETTINGS))
def invite(request: HttpRequest, said: InvitationIn) -> Status[Any]:
    """Invite somebody; the link is shown this once."""
    try:
        secret = actions.invite(role=said.role, email=said.email, now=timezone.now(), by=_by(request))
    except actions.RefusedError as error:
        raise _conflict(error) from error
    return Status(201, {"link": f"{settings.PUBLIC_URL}/join/{secret}"})


@router.delete("/invitations/{pk}", response={204: None}, auth=scoped(Right.SETTINGS))
def end_invitation(request: HttpRequest, pk: int) -> Status[None]:
    """A link lets nobody in any more."""
    actions.end_invitation(get_object_or_404(Invitation, pk=pk), now=timezone.now(), by=_by(request))
    return Status(204, None)


@router.get("/keys", response=list[KeyOut], auth=scoped(Right.SETTINGS))
def keys(request: HttpRequest) -> QuerySet[Key]:
    """Keys of the API, those that still open first."""
    del request
    return queries.keys()


@router.post("/keys", response={201: NewKeyOut}, auth=scoped(Right.SETTINGS))
def make_key(request: HttpRequest, said: KeyIn) -> Status[Any]:
    """Make a key, which is shown this once. It can do no more than whoever makes it."""
    try:
        whole = actions.make_key(name=said.name, scopes=said.scopes, now=timezone.now(), by=_by(request))
    except actions.RefusedError as error:
        raise _conflict(error) from error
    return Status(201, {"key": whole})


@router.delete("/keys/{pk}", response={204: None}, auth=scoped(Right.SETTINGS))
def end_key(request: HttpRequest, pk: int) -> Status[None]:
    """No request is answered with this key any more."""
    actions.end_key(get_object_or_404(Key, pk=pk), now=timezone.now(), by=_by(request))
    return Status(204, None)


@router.get("/log", response=LogOut, auth=scoped(Right.SETTINGS))
def log(request: HttpRequest, subject: str = "", who: str = "", after: str = "", limit: int = 50) -> dict[str, Any]:
    """Who changed what, newest first; of one subject, or by one user (their number)."""
    del request
    found = queries.log(subject=subject, who=who, after=after, most=max(1, min(limit, MOST)))
    return {"items": found.rows, "after": found.after}
