"""What happens to staff: invited, let in, given another role or a key; and the log of every change."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from stammkunde.server.accounts.models import Entry, Invitation, Key, User
from stammkunde.server.accounts.roles import RIGHTS, Right, Role

OPEN_FOR = timedelta(days=7)


class RefusedError(ValueError):
    """Something that cannot be done to staff or keys; the text says why, in the language of whoever asked."""


def record(
    verb: str,
    subject: str,
    *,
    now: datetime,
    by: User | Key | None = None,
    subject_id: object = "",
    title: str = "",
    change: dict[str, Any] | None = None,
) -> Entry:
    """Write an entry of the log: `record("merged", "customer", …)`. Part of the caller's transaction.

    A change of values is `{"from": {…}, "to": {…}}`; anything else worth knowing stands beside.
    """
    return Entry.objects.create(
        at=now,
        user=by if isinstance(by, User) else by.by if by else None,
        key=by if isinstance(by, Key) else None,
        verb=verb,
        subject=subject,
        subject_id=str(subject_id),
        title=title[:200],
        change=change or {},
    )


def digest(secret: str) -> str:
    """What is kept of a long random secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _within(by: User | Key | None, rights: Iterable[Right]) -> None:
    """Nobody gives, or takes over, more than they have: a key for settings alone makes no owner."""
    if by is not None and not all(by.may(right) for right in rights):
        raise RefusedError(_("This needs more rights than the one who asks has."))


@transaction.atomic
def invite(*, role: str, now: datetime, email: str = "", by: User | Key | None = None) -> str:
    """An invitation; returns the secret of its link, which is kept nowhere.

    Raises
    ------
    RefusedError : the address is in already, or the role has more rights than whoever gives it.
    """
    _within(by, RIGHTS[role])
    if email and User.objects.filter(email=email.lower()).exists():
        raise RefusedError(_("Somebody with this address works here already, or did: see the list of staff."))
    secret = secrets.token_urlsafe(32)
    giver = by.by if isinstance(by, Key) else by
    Invitation.objects.create(
        digest=digest(secret), email=email.lower(), role=role, by=giver, created_at=now, expires_at=now + OPEN_FOR
    )
    record("invited", "staff", now=now, by=by, title=email, change={"role": role})
    return secret


@transaction.atomic
def end_invitation(found: Invitation, *, now: datetime, by: User | Key) -> None:
    """The link lets nobody in any more."""
    if Invitation.objects.filter(pk=found.pk, used_at=None, expires_at__gt=now).update(expires_at=now):
        record("ended", "invitation", now=now, by=by, subject_id=found.pk, title=found.email)


def first_link(*, now: datetime) -> str | None:
    """The secret of a link for the first owner; None where there is one. Earlier such links end."""
    if User.objects.filter(role=Role.OWNER, is_active=True).exists():
        return None
    Invitation.objects.filter(by=None, role=Role.OWNER, used_at=None).delete()
    return invite(role=Role.OWNER, now=now)


def invitation(secret: str, *, now: datetime) -> Invitation | None:
    """The invitation of a link, if it is still open."""
    return Invitation.objects.filter(digest=digest(secret), used_at=None, expires_at__gt=now).first()


def join(found: Invitation, *, email: str, name: str, password: str, now: datetime) -> User | None:
    """Let the invited person in; None where the link was used or ended this very moment.

    Raises
    ------
    RefusedError : somebody has the address; the link stays open.
    """
    try:
        with transaction.atomic():
            if not Invitation.objects.filter(pk=found.pk, used_at=None, expires_at__gt=now).update(used_at=now):
                return None
            user = User.objects.create_user(email, password, name=name, role=found.role, joined_at=now)
            change = {"role": user.role}
            record("joined", "staff", now=now, by=user, subject_id=user.pk, title=user.email, change=change)
            return user
    except IntegrityError as error:
        raise RefusedError(_("Somebody with this address is in already. Log in instead.")) from error


@transaction.atomic
def make_key(*, name: str, scopes: list[Right], now: datetime, by: User | Key | None) -> str:
    """An API key; returns it whole, which is kept nowhere.

    Raises
    ------
    RefusedError : it would do more than whoever makes it.
    """
    _within(by, scopes)
    whole = f"stk_{secrets.token_urlsafe(32)}"
    maker = by.by if isinstance(by, Key) else by
    key = Key.objects.create(
        name=name, start=whole[:10], digest=digest(whole), scopes=[str(s) for s in scopes], by=maker, created_at=now
    )
    record("made", "key", now=now, by=by, subject_id=key.pk, title=name, change={"scopes": key.scopes})
    return whole


@transaction.atomic
def end_key(key: Key, *, now: datetime, by: User | Key) -> None:
    """No request is answered with this key any more."""
    if Key.objects.filter(pk=key.pk, ended_at=None).update(ended_at=now):
        record("ended", "key", now=now, by=by, subject_id=key.pk, title=key.name)


@transaction.atomic
def change_staff(user: User, *, now: datetime, by: User | Key, role: str, is_active: bool) -> None:
    """Another role, or the end of somebody's access; it holds from the next request on.

    Raises
    ------
    RefusedError : nobody would be left as owner, or the role has more rights than whoever gives it.
    """
    # Locked, all owners in one order: two who take each other's role at once would leave none.
    locked = User.objects.select_for_update().order_by("pk")
    owners = {owner.pk for owner in locked.filter(role=Role.OWNER, is_active=True)}
    kept = locked.get(pk=user.pk)
    before, after = {"role": kept.role, "active": kept.is_active}, {"role": role, "active": is_active}
    if before == after:
        return
    _within(by, RIGHTS[kept.role] | RIGHTS[role])
    if owners == {kept.pk} and (role != Role.OWNER or not is_active):
        raise RefusedError(_("Somebody has to stay owner. Make somebody else owner first."))
    User.objects.filter(pk=kept.pk).update(role=role, is_active=is_active)
    change = {"from": before, "to": after}
    record("changed", "staff", now=now, by=by, subject_id=kept.pk, title=kept.email, change=change)


@transaction.atomic
def password_link(user: User, *, now: datetime, by: User | Key) -> str:
    """What a link needs by which somebody sets a new password, once, within three days: `<who>-<token>`.

    Raises
    ------
    RefusedError : their role has more rights than whoever asks.
    """
    _within(by, RIGHTS[user.role])
    record("made a password link for", "staff", now=now, by=by, subject_id=user.pk, title=user.email)
    return f"{user_pk_to_url_str(user)}-{app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)}"


@transaction.atomic
def remove_factor(user: User, *, now: datetime, by: User | Key) -> None:
    """Take a lost second factor off somebody, who then logs in with the password alone and sets up another one.

    Raises
    ------
    RefusedError : their role has more rights than whoever asks.
    """
    _within(by, RIGHTS[user.role])
    if Authenticator.objects.filter(user_id=user.pk).delete()[0]:
        record("removed the second factor of", "staff", now=now, by=by, subject_id=user.pk, title=user.email)


@transaction.atomic
def rename(user: User, *, name: str, now: datetime) -> None:
    """Another name for oneself."""
    before = user.name
    if name != before:
        User.objects.filter(pk=user.pk).update(name=name)
        change = {"from": {"name": before}, "to": {"name": name}}
        record("changed", "staff", now=now, by=user, subject_id=user.pk, title=user.email, change=change)


def prefer(user: User, **chosen: str) -> None:
    """The `language` or `theme` somebody likes; not worth an entry of the log."""
    User.objects.filter(pk=user.pk).update(**{name: chosen[name] for name in ("language", "theme") if name in chosen})
