"""The tray is cleared by people: a reply is answered, a mail nobody could read is told what it is."""

from datetime import datetime

from django.db import transaction

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.mail.actions.hearing import ref_of
from stammkunde.server.mail.actions.noting import Known, bounced
from stammkunde.server.mail.attention.holds import release_hold
from stammkunde.server.mail.models import Arrival, Send, Signal


@transaction.atomic
def done(arrival: Arrival, *, now: datetime, by: User | Key) -> bool:
    """Nobody has to look at it any more: it was answered, or means nothing. Advertising to whoever wrote goes on.
    Whether it was still open."""
    if not Arrival.objects.filter(pk=arrival.pk, handled_at=None).update(handled_at=now):
        return False
    if arrival.customer is not None:
        release_hold(arrival.customer, "reply", ref_of(arrival))
    record("cleared", "arrival", now=now, by=by, subject_id=arrival.pk, title=str(arrival.verdict.get("subject", "")))
    return True


@transaction.atomic
def is_bounce_of(arrival: Arrival, send: Send, *, now: datetime, by: User | Key) -> bool:
    """Somebody read in it that a message came back for good: the address is dead. Whether it was still open."""
    if not Arrival.objects.filter(pk=arrival.pk, handled_at=None).update(handled_at=now, kind="bounce", send=send):
        return False
    known = Known(Signal.Kind.BOUNCED, f"tray:{arrival.digest}", "staff", now, hard=True, reason="stated")
    bounced(send, known, now=now)
    if arrival.customer is not None:
        release_hold(arrival.customer, "reply", ref_of(arrival))
    record("stated", "bounce", now=now, by=by, subject_id=send.pk, title=send.address or str(send.message))
    return True
