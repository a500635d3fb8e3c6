"""Not now: a card of the Start page is put off for a week, or shown again."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.dashboards.models import PutOff
from stammkunde.server.dashboards.queries.advice import WORDS

WEEK = timedelta(days=7)


@transaction.atomic
def put_off(card: str, *, now: datetime, by: User | Key | None) -> PutOff:
    """Do not show a card for a week.

    Raises
    ------
    ValueError : there is no such card.
    """
    if card not in WORDS:
        raise ValueError(card)
    until = now.astimezone(ZoneInfo(settings.SHOP_ZONE)).date() + WEEK
    user = by if isinstance(by, User) else by.by if by else None
    saved, _ = PutOff.objects.update_or_create(card=card, defaults={"until": until, "by": user, "at": now})
    record("put off", "card", now=now, by=by, subject_id=card, title=card, change={"until": until.isoformat()})
    return saved


@transaction.atomic
def show_again(card: str, *, now: datetime, by: User | Key | None) -> bool:
    """Show a card again; whether it had been put off."""
    gone, _ = PutOff.objects.filter(card=card).delete()
    if gone:
        record("showed again", "card", now=now, by=by, subject_id=card, title=card)
    return bool(gone)
