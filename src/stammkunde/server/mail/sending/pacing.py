"""How many may leave now: so many a minute, and a plan that grows day by day while a new sender warms up.

Counted from the ledger within the transaction of the claim, so that several workers obey one limit together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Q

from stammkunde.server.mail.models import Send, Sender

GROWTH = 1.5  # a day
WARM = 200_000  # messages a day at which a sender is known to the large providers
LOCK = 7_140_411  # of PostgreSQL, for those who count; any number that nobody else uses
OUT = (Send.State.SENT, Send.State.REFUSED, Send.State.UNKNOWN)


@dataclass(frozen=True)
class Allowed:
    """How many may be claimed now, and how many of them may be advertising."""

    all: int
    marketing: int


def allowed(sender: Sender, *, now: datetime, most: int) -> Allowed:
    """What the pace leaves of `most`. Call it in the transaction of the claim: while it lasts, nobody else counts."""
    a_day = plan_of(sender, now=now)
    if not sender.per_minute and a_day is None:
        return Allowed(most, most)
    if connection.vendor == "postgresql":  # SQLite has but one who writes
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    all_ = max(min(most, sender.per_minute - _begun(now - timedelta(minutes=1))), 0) if sender.per_minute else most
    if a_day is None:
        return Allowed(all_, all_)
    return Allowed(all_, max(min(all_, a_day - _begun(_midnight(now))), 0))


def plan_of(sender: Sender, *, now: datetime) -> int | None:
    """How many a new sender sends on this day of the shop; None where it is warm, or was never cold. Order mails count
    but are never held back."""
    if sender.warm_up_since is None:
        return None
    days = (now.astimezone(ZoneInfo(settings.SHOP_ZONE)).date() - sender.warm_up_since).days
    if days < 0:
        return sender.warm_up_first
    planned = sender.warm_up_first * GROWTH ** min(days, 60)
    return None if planned >= WARM else int(planned)


def _begun(since: datetime) -> int:
    """Messages handed over since then, and those that workers have in hand."""
    out = Q(state__in=OUT, settled_at__gt=since, attempts__gt=0)
    out |= Q(state=Send.State.WAITING, settled_at__gt=since, attempts__gt=0)  # put off by the server
    return Send.objects.filter(out | Q(state__in=(Send.State.CLAIMED, Send.State.HANDING))).count()


def _midnight(now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(settings.SHOP_ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
