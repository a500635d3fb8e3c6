"""Messages to be sent, as rows: planned in sets, once each however often they are planned, and called off again."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from stammkunde.server.consent.purposes import TRANSACTIONAL
from stammkunde.server.lib import bulk
from stammkunde.server.lib.work import enqueue
from stammkunde.server.mail.models import Message, Send, Version
from stammkunde.server.mail.sending.rules import rules as read

SENDING = "mail.send"  # the job that sends what is due
ASKED = "asked"
KEY = ("scope", "run", "customer_id")


@dataclass(frozen=True)
class Planned:
    """A message to one customer: see `Send` for what its fields are. Without `expires_at` the message's own age limit
    counts from `due_at`."""

    run: int
    customer_id: int
    due_at: datetime
    order_id: int | None = None
    cart_id: int | None = None
    refs: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None
    expected: int | None = None
    expires_at: datetime | None = None


def message_for(
    origin: str,
    origin_id: int,
    *,
    step: str,
    version: Version,
    now: datetime,
    variant: str = "",
    rules: Mapping[str, Any] | None = None,
) -> Message:
    """The message of a step, made where it is not there yet. It never changes: another version of the mail, another
    variant and other rules are other messages, while the scope of its sends stays that of the step.

    Raises
    ------
    ValueError : a rule cannot be read (see `sending.rules`).
    """
    said = dict(rules or {})
    purpose = str(version.document.get("purpose") or version.template.purpose)
    marketing = purpose not in TRANSACTIONAL
    read(said, marketing=marketing)
    found, _made = Message.objects.get_or_create(
        origin=origin,
        origin_id=origin_id,
        step=step,
        variant=variant,
        version=version,
        digest=hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16],
        defaults={"purpose": purpose, "marketing": marketing, "rules": said, "created_at": now},
    )
    return found


def scope_of(message: Message) -> str:
    """What its sends are unique in, together with run and customer."""
    return f"{message.origin}:{message.origin_id}:{message.step}"[:110]


#: Of a row that was planned and nothing more: all that may not be null, since rows written in sets get no defaults.
_BLANK: Mapping[str, Any] = {
    "state": "waiting",
    "address": "",
    "reason": "",
    "detail": "",
    "bases": "[]",
    "voice": "",
    "subject": "",
    "worker": "",
    "attempts": 0,
    "header_id": "",
    "provider": "",
    "response": "",
}
#: What a select for `plan_select` gives, in this order, and as what PostgreSQL is to take it.
GIVEN: Mapping[str, str] = {
    "run": "bigint",
    "customer_id": "bigint",
    "due_at": "timestamptz",
    "order_id": "bigint",
    "cart_id": "bigint",
    "refs": "jsonb",
    "since": "timestamptz",
    "expected": "bigint",
    "expires_at": "timestamptz",
}
_OWN = ("message_id", "scope", "marketing", "planned_at")


def plan(message: Message, rows: Iterable[Planned], *, now: datetime) -> int:
    """Put messages down to be sent; those that are there already (scope, run, customer) stay as they are. Returns how
    many were handed in, not how many were new."""
    own = (message.pk, scope_of(message), message.marketing, now, *_BLANK.values())
    age = read(message.rules, marketing=message.marketing).max_age
    written = (
        (
            *own,
            *(row.run, row.customer_id, row.due_at, row.order_id, row.cart_id),
            *(json.dumps(dict(row.refs)), row.since, row.expected, row.expires_at or row.due_at + age),
        )
        for row in rows
    )
    count = bulk.insert(Send, (*_OWN, *_BLANK, *GIVEN), written, key=KEY)
    enqueue(SENDING, now=now, key=ASKED)
    return count


def plan_select(message: Message, select: str, params: Sequence[Any] = (), *, now: datetime) -> int:
    """Put down what a SELECT gives, in one statement. Its columns bear the names of `GIVEN`, in any order: run,
    customer_id, due_at, order_id, cart_id, refs (JSON as text), since, expected, expires_at; all but the first
    three may be NULL (refs then is empty, expires_at the message's age limit from due_at). Moments come as the database
    stores them: a column, or a parameter. Returns how many are new."""
    age = read(message.rules, marketing=message.marketing).max_age.total_seconds()
    columns = ", ".join(map(connection.ops.quote_name, (*_OWN, *_BLANK, *GIVEN)))
    blanks = ", ".join(["%s"] * (len(_OWN) + len(_BLANK)))
    own = [message.pk, scope_of(message), message.marketing, now, *_BLANK.values()]
    sql = f"""
        INSERT INTO mail_send ({columns})
        SELECT {blanks}, {", ".join(_taken(name, kind, age) for name, kind in GIVEN.items())}
        FROM ({select}) AS w WHERE true
        ON CONFLICT (scope, run, customer_id) DO NOTHING
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [*own, *params])
        count = int(cursor.rowcount)
    enqueue(SENDING, now=now, key=ASKED)
    return count


def _taken(name: str, kind: str, age: float) -> str:
    """A column of the select as the ledger takes it."""
    postgres = connection.vendor == "postgresql"
    found = f"CAST(w.{name} AS {kind})" if postgres else f"w.{name}"
    if name == "refs":
        return f"COALESCE({found}, '{{}}')"
    if name == "expires_at":
        due, seconds = "CAST(w.due_at AS timestamptz)", int(age)
        later = f"{due} + interval '{seconds} seconds'" if postgres else f"datetime(w.due_at, '+{seconds} seconds')"
        return f"COALESCE({found}, {later})"
    return found


def call_off(which: Q, *, reason: str, now: datetime) -> int:
    """Let messages that still wait not be sent, for a reason of one word; those a worker has already are left to it,
    who looks at everything again. Returns how many."""
    waiting = Send.objects.filter(which, state=Send.State.WAITING)
    return waiting.update(state=Send.State.SUPPRESSED, reason=reason[:40], settled_at=now)
