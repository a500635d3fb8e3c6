"""What happens to staff: invited, let in, given another role or a key; and the log of every change."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from stammkunde.server.accounts.models import Entry, Invitation, Key, User
from stammkunde.server.accounts.roles import Right, Role

OPEN_FOR = timedelta(days=7)


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
    """Write an entry of the log: `record("merged", "customer", …)`. Part of the caller's transaction."""
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


@transaction.atomic
def invite(*, role: str, now: datetime, email: str = "", by: User | None = None) -> str:
    """An invitation; returns the secret of its link, which is kept nowhere."""
    secret = secrets.token_urlsafe(32)
    Invitation.objects.create(
        digest=digest(secret), email=email.lower(), role=role, by=by, created_at=now, expires_at=now + OPEN_FOR
    )
    record("invited", "staff", now=now, by=by, title=email, change={"role": role})
    return secret


def first_link(*, now: datetime) -> str | None:
    """The secret of a link for the first owner; None where there is one. Earlier such links end."""
    if User.objects.filter(role=Role.OWNER, is_active=True).exists():
        return None
    Invitation.objects.filter(by=None, role=Role.OWNER, used_at=None).delete()
    return invite(role=Role.OWNER, now=now)


def invitation(secret: str, *, now: datetime) -> Invitation | None:
    """The invitation of a link, if it is still open."""
    return Invitation.objects.filter(digest=digest(secret), used_at=None, expires_at__gt=now).first()


@transaction.atomic
def join(found: Invitation, *, email: str, name: str, password: str, now: datetime) -> User | None:
    """Let the invited person in; None where the link was used this very moment."""
    taken = Invitation.objects.filter(pk=found.pk, used_at=None, expires_at__gt=now).update(used_at=now)
    if not taken:
        return None
    user = User.objects.create_user(email, password, name=name, role=found.role, joined_at=now)
    record("joined", "staff", now=now, by=user, subject_id=user.pk, title=user.email, change={"role": user.role})
    return user


@transaction.atomic
def make_key(*, name: str, scopes: list[Right], now: datetime, by: User | None) -> str:
    """An API key; returns it whole, which is kept nowhere."""
    whole = f"stk_{secrets.token_urlsafe(32)}"
    key = Key.objects.create(
        name=name, start=whole[:10], digest=digest(whole), scopes=[str(s) for s in scopes], by=by, created_at=now
    )
    record("made", "key", now=now, by=by, subject_id=key.pk, title=name, change={"scopes": key.scopes})
    return whole


@transaction.atomic
def end_key(key: Key, *, now: datetime, by: User) -> None:
    """No request is answered with this key any more."""
    Key.objects.filter(pk=key.pk, ended_at=None).update(ended_at=now)
    record("ended", "key", now=now, by=by, subject_id=key.pk, title=key.name)


@transaction.atomic
def change_staff(user: User, *, now: datetime, by: User, role: str, is_active: bool) -> None:
    """Another role, or the end of somebody's access.

    Raises
    ------
    ValueError : nobody would be left as owner.
    """
    before = {"role": user.role, "active": user.is_active}
    losing = user.role == Role.OWNER and (role != Role.OWNER or not is_active)
    if losing and not User.objects.filter(role=Role.OWNER, is_active=True).exclude(pk=user.pk).exists():
        raise ValueError("Somebody has to stay owner.")
    User.objects.filter(pk=user.pk).update(role=role, is_active=is_active)
    after = {"role": role, "active": is_active}
    record(
        "changed", "staff", now=now, by=by, subject_id=user.pk, title=user.email, change={"from": before, "to": after}
    )
