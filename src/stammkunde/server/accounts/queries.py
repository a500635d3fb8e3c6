"""Reads of staff, keys and the log."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from stammkunde.server.accounts.models import Entry, Invitation, Key, User

PAGE = 50


@dataclass(frozen=True)
class Page:
    """A page of the log, and the key after which the next one begins; empty where there is none."""

    rows: list[Entry]
    after: str


def log(*, subject: str = "", after: str = "", most: int = PAGE) -> Page:
    """The log, newest first; of one subject where one is named."""
    rows = Entry.objects.select_related("user", "key").order_by("-pk")
    rows = rows.filter(subject=subject) if subject else rows
    rows = rows.filter(pk__lt=int(after)) if after.isdigit() else rows
    found = list(rows[: most + 1])
    return Page(found[:most], str(found[most - 1].pk) if len(found) > most else "")


def subjects() -> list[str]:
    """What entries are about."""
    return list(Entry.objects.order_by("subject").values_list("subject", flat=True).distinct())


def staff() -> QuerySet[User]:
    """Everybody who ever worked here, the active first."""
    return User.objects.order_by("-is_active", "email")


def invitations(*, now: datetime) -> QuerySet[Invitation]:
    """Links that still let somebody in."""
    return Invitation.objects.filter(used_at=None, expires_at__gt=now).order_by("-pk")


def keys() -> QuerySet[Key]:
    """Keys, those that still open first."""
    return Key.objects.select_related("by").order_by("ended_at", "-pk")
