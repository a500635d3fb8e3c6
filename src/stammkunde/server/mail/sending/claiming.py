"""Due rows, taken by one worker each; and what becomes of those whose worker fell silent."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from stammkunde.server.mail.models import Message, Send, Sender
from stammkunde.server.mail.sending import pacing, telling
from stammkunde.server.mail.sending.points import crossing
from stammkunde.server.mail.sending.rules import rules

LEASE = timedelta(minutes=2)  # of a claim; a living worker is done with one long before
RETRIED_AFTER = timedelta(minutes=15)  # by then a provider that took it may have said so
SET = 200  # rows of one transaction


def lease_of(sender: Sender) -> timedelta:
    """How long a worker may be silent; `options["lease"]` in seconds."""
    return timedelta(seconds=float(sender.options.get("lease") or LEASE.total_seconds()))


def claim(worker: str, *, sender: Sender, now: datetime, most: int) -> list[Send]:
    """Take due rows, order mails first, as many as the pace of the sender allows. No two workers get the same row.

    Returns them with their messages, in the order in which they are to go.
    """
    with transaction.atomic():
        allowed = pacing.allowed(sender, now=now, most=most)
        ids = _claim(worker, marketing=False, most=allowed.all, until=now + lease_of(sender), now=now)
        room = min(allowed.all - len(ids), allowed.marketing)
        ids += _claim(worker, marketing=True, most=room, until=now + lease_of(sender), now=now)
    if ids:
        crossing("claimed")
    rows = Send.objects.filter(pk__in=ids).order_by("marketing", "due_at", "pk")
    return with_messages(list(rows))


def _claim(worker: str, *, marketing: bool, most: int, until: datetime, now: datetime) -> list[int]:
    if most <= 0:
        return []
    lock = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    sql = f"""
        WITH due AS (
            SELECT id FROM mail_send WHERE state = 'waiting' AND marketing = %s AND due_at <= %s
            ORDER BY due_at, id LIMIT %s {lock}
        )
        UPDATE mail_send SET state = 'claimed', worker = %s, lease_until = %s
        WHERE id IN (SELECT id FROM due) RETURNING id
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [marketing, now, most, worker, until])
        return [row[0] for row in cursor.fetchall()]


def with_messages(rows: Sequence[Send]) -> list[Send]:
    """The same rows, with message, version and template at hand: few of them for many rows."""
    found = Message.objects.select_related("version__template").in_bulk({row.message_id for row in rows})
    for row in rows:
        row.message = found[row.message_id]
    return list(rows)


def due(*, now: datetime) -> bool:
    """Whether anything waits that could go now."""
    return Send.objects.filter(state=Send.State.WAITING, due_at__lte=now).exists()


def give_back(ids: Iterable[int], worker: str) -> int:
    """Let rows wait again that were claimed and not begun; how many."""
    mine = Send.objects.filter(pk__in=list(ids), worker=worker, state=Send.State.CLAIMED)
    return mine.update(state=Send.State.WAITING, worker="", lease_until=None)


def sweep(*, now: datetime) -> tuple[int, int, int]:
    """See to rows whose worker is gone. Claimed ones wait again, since nothing of them had left; those that were being
    handed over are `unknown`, and shown. An order mail whose end is unknown is handed over once more after a while,
    under the same Message-ID. Returns how many of each."""
    silent = Send.objects.filter(lease_until__lt=now)
    waiting = silent.filter(state=Send.State.CLAIMED).update(state=Send.State.WAITING, worker="", lease_until=None)
    handing = list(silent.filter(state=Send.State.HANDING).values_list("pk", flat=True))
    unknown = Send.objects.filter(pk__in=handing, state=Send.State.HANDING, lease_until__lt=now).update(
        state=Send.State.UNKNOWN, reason="silent", settled_at=now, lease_until=None
    )
    telling.ended(handing, now=now)
    return waiting, unknown, _retry(now)


def _retry(now: datetime) -> int:
    """Order mails whose rules allow it, once: `attempts` counts how often a row was handed over."""
    doubtful = Send.objects.filter(state=Send.State.UNKNOWN, marketing=False, attempts__lt=2)
    doubtful = doubtful.filter(settled_at__lte=now - RETRIED_AFTER, settled_at__gt=now - timedelta(days=7))
    found = [row.pk for row in with_messages(list(doubtful.order_by("pk")[:SET])) if _may_retry(row, now)]
    again = Send.objects.filter(pk__in=found, state=Send.State.UNKNOWN)
    return again.update(
        state=Send.State.WAITING, due_at=now, reason="again", worker="", settled_at=None, attempts=F("attempts")
    )


def _may_retry(row: Send, now: datetime) -> bool:
    told = rules(row.message.rules, marketing=row.marketing)
    return told.retry and (row.expires_at is None or row.expires_at > now)
