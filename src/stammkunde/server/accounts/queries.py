"""Reads of staff, keys and the log."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from stammkunde.server.accounts.models import Dispatch, Endpoint, Entry, Invitation, Key, User
from stammkunde.server.lib.requests import row_number

PAGE = 50


@dataclass(frozen=True)
class Page:
    """A page of the log, and the key after which the next one begins; empty where there is none."""

    rows: list[Entry]
    after: str


def log(*, subject: str = "", who: str = "", after: str = "", most: int = PAGE) -> Page:
    """The log, newest first; of one subject, or by one user (their number), where such is named."""
    rows = Entry.objects.select_related("user", "key").order_by("-pk")
    rows = rows.filter(subject=subject) if subject else rows
    user, last = row_number(who), row_number(after)
    rows = rows.filter(user_id=user) if user is not None else rows
    rows = rows.filter(pk__lt=last) if last is not None else rows
    found = list(rows[: most + 1])
    return Page(found[:most], str(found[most - 1].pk) if len(found) > most else "")


def subjects() -> list[str]:
    """What entries are about."""
    return list(Entry.objects.order_by("subject").values_list("subject", flat=True).distinct())


def staff() -> QuerySet[User]:
    """Everybody who ever worked here, the active first, with `factor` (is there a second one) and `open_keys`."""
    factor = Authenticator.objects.filter(user_id=OuterRef("pk"))
    open_keys = Count("keys", filter=Q(keys__ended_at=None))
    return User.objects.annotate(factor=Exists(factor), open_keys=open_keys).order_by("-is_active", "email")


def invitations(*, now: datetime) -> QuerySet[Invitation]:
    """Links that still let somebody in."""
    return Invitation.objects.filter(used_at=None, expires_at__gt=now).order_by("-pk")


def keys() -> QuerySet[Key]:
    """Keys, those that still open first."""
    return Key.objects.select_related("by").order_by(F("ended_at").desc(nulls_first=True), "-pk")


def endpoints() -> QuerySet[Endpoint]:
    """Who listens, the active first, with how many tellings wait (`waiting`) and were given up (`failed`)."""
    of_state = {
        name: Count("dispatches", filter=Q(dispatches__state__in=states))
        for name, states in (
            ("waiting", [Dispatch.State.WAITING, Dispatch.State.CLAIMED]),
            ("failed", [Dispatch.State.FAILED]),
        )
    }
    return Endpoint.objects.annotate(**of_state).order_by("-active", "pk")


def dispatches(endpoint: Endpoint, *, before: int | None = None, most: int = PAGE) -> list[Dispatch]:
    """What an endpoint was told, newest first; before one, where such is named."""
    rows = endpoint.dispatches.select_related("outgoing").order_by("-pk")
    return list((rows.filter(pk__lt=before) if before is not None else rows)[:most])
