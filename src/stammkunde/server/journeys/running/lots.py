"""A lot: some thousand enrolments that stand on one step, taken by one worker, and what is to become of them.

Rows are copied into a table of the connection, `journeys_lot`, known as `n`; exits and the step write into it where
each goes (`to_step`, `to_due`), how it ended (`outcome`) and why. `settle` carries that back in one statement, only for
rows that nobody else has moved meanwhile, and notes the traces. All of it is one transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from stammkunde.server.journeys.definitions.language import END, Definition
from stammkunde.server.journeys.models import JourneyVersion
from stammkunde.server.journeys.running import telling
from stammkunde.server.journeys.running.asking import Asker
from stammkunde.server.journeys.running.moments import kind, later, stamp
from stammkunde.server.segments.rules.compiling import Sql

SIZE = 20_000
LATE = timedelta(hours=1)  # a tick that comes within it came in time
TABLE = "journeys_lot"
AMONG = f"SELECT l.customer_id FROM {TABLE} l"
PLAIN = Sql("n.due_at")
STUCK, LEFT, DONE, ACTIVE = "stuck", "left", "done", "active"


@dataclass(frozen=True)
class Lot:
    """The rows of `journeys_lot`: of one version, on one step, at one moment."""

    version: JourneyVersion
    definition: Definition
    step: str
    now: datetime

    @property
    def asker(self) -> Asker:
        """Asks conditions of the rows of the lot."""
        return Asker(self.now, AMONG)

    def run(self, sql: str, values: tuple[Any, ...] = ()) -> int:
        """A statement; how many rows it touched."""
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return int(cursor.rowcount)

    def put(
        self, outcome: str, *, to: str, due: Sql = PLAIN, began: Sql | None = None, where: Sql | None = None
    ) -> int:
        """Let rows that are open go on to a step, due at an expression on `n`, which is also when it begins, unless
        `began` says otherwise. An empty outcome leaves no trace."""
        only, begins = f" AND ({where.text})" if where else "", began or due
        return self.run(
            f"""UPDATE {TABLE} AS n SET closed = 1, outcome = %s, to_step = %s, to_due = {due.text},
                to_stepped = {begins.text}, state = %s WHERE n.closed = 0{only}""",
            (
                *(outcome[:60], to, *due.values, *begins.values, DONE if to == END else ACTIVE),
                *(where.values if where else ()),
            ),
        )

    def stay(self, due: Sql, *, began: str = "n.stepped_at", where: Sql | None = None) -> int:
        """Let rows that are open stay on the step until an expression on `n`; no trace."""
        return self.put("", to=self.step, due=due, began=Sql(began), where=where)

    def follows(self, way: str = "") -> str:
        """The step of a way; of an empty one, the step that follows by itself."""
        step = self.definition.step(self.step)
        return way or (self.definition.after(step) if step is not None else END)

    def end(self, state: str, reason: str, *, where: Sql | None = None) -> int:
        """Let rows that are open leave, or be stuck, for a reason; the step stays the one where that was."""
        only = f" AND ({where.text})" if where else ""
        outcome = reason if state == STUCK else f"left: {reason}"
        return self.run(
            f"""UPDATE {TABLE} AS n SET closed = 1, outcome = %s, to_step = n.step, to_due = n.due_at,
                to_stepped = n.stepped_at, state = %s, reason = %s WHERE n.closed = 0{only}""",
            (outcome[:60], state, reason[:60], *(where.values if where else ())),
        )

    @property
    def arrived(self) -> Sql:
        """Whether a row has just come to the step: it is due when it came."""
        return Sql("n.due_at = n.stepped_at")


def empty() -> None:
    """An empty `journeys_lot`."""
    postgres = connection.vendor == "postgresql"
    number, at = ("BIGINT" if postgres else "INTEGER"), kind()
    with connection.cursor() as cursor:
        if postgres:
            cursor.execute("SET LOCAL jit = off")  # compiling takes longer than a lot does
        cursor.execute(
            f"""CREATE TEMPORARY TABLE IF NOT EXISTS {TABLE} (
                id {number} PRIMARY KEY, customer_id {number}, order_id {number}, cart_id {number},
                refs {"JSONB" if postgres else "TEXT"}, draw {number}, step VARCHAR(40), entered_at {at},
                stepped_at {at}, due_at {at}, since {at}, base {at}, plan_at {at}, closed SMALLINT,
                outcome VARCHAR(60), to_step VARCHAR(40), to_due {at}, to_stepped {at}, state VARCHAR(8),
                reason VARCHAR(60))"""
        )
        cursor.execute(f"TRUNCATE {TABLE}" if postgres else f"DELETE FROM {TABLE}")


def take(where: Sql, definition: Definition, *, now: datetime, order: str = "n.due_at", most: int = SIZE) -> int:
    """Copy enrolments that nobody else has in hand, and which `where` (on `n`) names, into the empty lot; how many.

    `base` is since when a row waits at a step it has just come to: since it should have come, unless that is long ago.
    Who entered late waits from what let them in.
    """
    empty()
    base = "CASE WHEN n.stepped_at >= %s OR n.stepped_at = n.entered_at THEN n.stepped_at ELSE %s END"
    lock = "FOR UPDATE OF n SKIP LOCKED" if connection.vendor == "postgresql" else ""
    silence = definition.trigger.silence.seconds
    since = later("n.entered_at", -silence) if silence else "n.entered_at"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {TABLE} SELECT n.id, n.customer_id, n.order_id, n.cart_id, n.refs, n.draw, n.step,
                n.entered_at, n.stepped_at, n.due_at, {since}, {base}, n.due_at, 0, '', '', n.due_at, n.stepped_at,
                '{ACTIVE}', '' FROM journeys_enrolment n WHERE n.state = '{ACTIVE}' AND ({where.text})
                ORDER BY {order} LIMIT {most} {lock}""",
            (stamp(now - LATE), stamp(now), *where.values),
        )
        count = int(cursor.rowcount)
        if connection.vendor == "postgresql" and count > SIZE // 20:
            cursor.execute(f"ANALYZE {TABLE}")  # a plan for a few rows would go through all enrolments
    return count


_SETTLE = f"""UPDATE journeys_enrolment SET step = l.to_step, due_at = l.to_due, stepped_at = l.to_stepped,
    state = l.state, reason = l.reason, ended_at = CASE WHEN l.state IN ('{DONE}', '{LEFT}') THEN {{now}} END
    FROM {TABLE} l WHERE journeys_enrolment.id = l.id AND l.closed = 1 AND journeys_enrolment.state = '{ACTIVE}'
    AND journeys_enrolment.step = l.step AND journeys_enrolment.due_at = l.due_at"""
_TRACE = f"""INSERT INTO journeys_trace (enrolment_id, step, outcome, at)
    SELECT l.id, l.step, l.outcome, {{now}} FROM {TABLE} l WHERE l.closed = 1 AND l.outcome <> ''"""


def settle(now: datetime) -> int:
    """Carry what became of the lot back; how many rows moved."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("A lot is taken and settled in one transaction.")
    at = "CAST(%s AS TIMESTAMPTZ)" if connection.vendor == "postgresql" else "%s"
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE.format(now=at), [stamp(now)])
        count = int(cursor.rowcount)
        cursor.execute(_TRACE.format(now=at), [stamp(now)])
    telling.ended(TABLE, now=now)
    return count
