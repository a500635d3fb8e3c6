"""What is written of a message around its hand-over: one short statement a message settles the one before and marks the
next, so that the ledger costs one commit each.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from stammkunde.server.mail.models import Send
from stammkunde.server.mail.sending.transports.base import Outcome, Receipt

SET = 200  # rows of one transaction: others wait that long for the lock of SQLite
BACKOFF = tuple(timedelta(minutes=each) for each in (5, 15, 60, 180, 360))
NOBODY = -1


@dataclass(frozen=True)
class Stopped:
    """A claimed message that does not leave now: for good, or until a moment. `bases` says what was looked at."""

    send: Send
    state: str
    reason: str
    detail: str = ""
    until: datetime | None = None
    bases: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Settled:
    """What became of a message that was handed over."""

    send_id: int
    state: str
    receipt: Receipt
    provider: str = ""
    due_at: datetime | None = None


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many times of handing over."""
    return BACKOFF[min(max(attempts, 1), len(BACKOFF)) - 1]


def settled(send: Send, receipt: Receipt, *, provider: str, now: datetime) -> Settled:
    """What a receipt means for a row: one that is put off comes again, until it is too old."""
    if receipt.outcome != Outcome.LATER:
        return Settled(send.pk, str(receipt.outcome), receipt, provider)
    due_at = now + backoff(send.attempts + 1)
    if send.expires_at is not None and due_at >= send.expires_at:
        return Settled(send.pk, Send.State.REFUSED, receipt, provider)
    return Settled(send.pk, Send.State.WAITING, receipt, provider, due_at)


def settle_and_mark(last: Settled | None, send_id: int | None, *, worker: str, now: datetime, until: datetime) -> bool:
    """Settle the message before and mark the next as being handed over, in one statement. Returns whether the next is
    ours to hand over: not if somebody took it from us, thinking that we were gone.

    A row that a sweep has made `unknown` meanwhile is settled all the same, as long as it names this worker: now it is
    known.
    """
    done = last.send_id if last else NOBODY
    mine, receipt = send_id if send_id is not None else NOBODY, last.receipt if last else Receipt(Outcome.SENT)
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLE_AND_MARK,
            [
                *(mine, last.state if last else ""),
                *(mine, mine, until),
                *(mine, now),
                *(mine, last.due_at if last else None),
                *(mine, receipt.reason[:40]),
                *(mine, receipt.response[:500], mine, last.provider if last else ""),
                *(mine or NOBODY, receipt.header_id, receipt.header_id),
                *(done, mine, worker, done, mine),
            ],
        )
        return mine != NOBODY and (mine,) in cursor.fetchall()


_SETTLE_AND_MARK = """
    UPDATE mail_send SET
        state = CASE WHEN id = %s THEN 'handing' ELSE %s END,
        attempts = CASE WHEN id = %s THEN attempts + 1 ELSE attempts END,
        lease_until = CASE WHEN id = %s THEN %s ELSE NULL END,
        settled_at = CASE WHEN id = %s THEN NULL ELSE %s END,
        due_at = CASE WHEN id = %s THEN due_at ELSE COALESCE(%s, due_at) END,
        reason = CASE WHEN id = %s THEN '' ELSE %s END,
        response = CASE WHEN id = %s THEN '' ELSE %s END,
        provider = CASE WHEN id = %s THEN '' ELSE %s END,
        header_id = CASE WHEN id = %s OR %s = '' THEN header_id ELSE %s END
    WHERE id IN (%s, %s) AND worker = %s AND (
        (id = %s AND state IN ('handing', 'unknown')) OR (id = %s AND state = 'claimed')
    )
    RETURNING id
"""


def stop(rows: Iterable[Stopped], *, worker: str, now: datetime) -> None:
    """Write down what does not leave, in sets; only of rows that are still this worker's."""
    found = list(rows)
    values = [
        (
            *(each.state, each.reason[:40], each.detail[:500], json.dumps(each.bases), each.until),
            None if each.state == Send.State.WAITING else now,
            *("" if each.state == Send.State.WAITING else worker, each.send.pk, worker),
        )
        for each in found
    ]
    sql = """
        UPDATE mail_send SET state = %s, reason = %s, detail = %s, bases = %s, due_at = COALESCE(%s, due_at),
            settled_at = %s, worker = %s, lease_until = NULL WHERE id = %s AND worker = %s AND state = 'claimed'
    """
    _in_sets(sql, values)


def prepare(rows: Iterable[Send], *, worker: str) -> None:
    """Write down, before anything is handed over, to whom it goes, on which bases, and under which name."""
    values = [
        (row.address, json.dumps(row.bases), row.voice, row.subject[:300], row.header_id, row.pk, worker)
        for row in rows
    ]
    sql = """
        UPDATE mail_send SET address = %s, bases = %s, voice = %s, subject = %s, header_id = %s,
            reason = '', detail = ''
        WHERE id = %s AND worker = %s AND state = 'claimed'
    """
    _in_sets(sql, values)


def _in_sets(sql: str, values: list[tuple[Any, ...]]) -> None:
    for start in range(0, len(values), SET):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(sql, values[start : start + SET])
