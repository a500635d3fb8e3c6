"""Who enters: whatever let somebody in since the journey went live, and not too long ago, in one statement a lot.

Nothing is remembered of what was looked at: the same happening finds the enrolment that is there. So what arrives
late, or in another order, enters all the same; nobody enters twice; and neither a restore nor a clock that jumped lets
in what lies before `live_since` or further back than the trigger's `max_age`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from stammkunde.server.journeys.definitions.language import Definition, Fits, Happened
from stammkunde.server.journeys.models import Journey
from stammkunde.server.journeys.running import telling
from stammkunde.server.journeys.running.asking import Asker
from stammkunde.server.journeys.running.draws import drawn_sql, seed
from stammkunde.server.journeys.running.moments import kind, later, stamp
from stammkunde.server.journeys.running.words import happened, values_of
from stammkunde.server.journeys.triggers.base import NAMED, Window, sources
from stammkunde.server.segments.rules.compiling import Sql

SIZE = 20_000
TABLE = "journeys_arrived"
AMONG = f"SELECT l.customer_id FROM {TABLE} l"
Beat = Callable[[], None]


@dataclass(frozen=True)
class Entrance:
    """A journey that lets people in, the definition of its live version, the time looked at, and how far back."""

    journey: Journey
    definition: Definition
    now: datetime
    since: datetime | None = None
    listed: bool = False

    @property
    def window(self) -> Window:
        """Since it is live, and no longer ago than the trigger says, or than is looked back."""
        oldest = self.now - self.definition.trigger.max_age.time
        return Window(max(oldest, self.journey.live_since or self.now, self.since or oldest), self.now, self.listed)

    @property
    def key(self) -> str:
        """What makes an enrolment another one: an expression on what happened."""
        named = self.definition.trigger.on in NAMED or self.definition.again is not None
        return "s.what" if named or self.definition.per != "customer" else "''"


def enter(entrance: Entrance, beat: Beat = lambda: None) -> int:
    """Let in whoever is to enter up to now. Returns how many did."""
    window, count, last = entrance.window, 0, 0
    while window.begin < window.end:
        beat()
        with transaction.atomic():
            found, highest = _arrived(entrance, window, last)
            before = telling.last() if found else 0
            count += _enrol(entrance) if found else 0
            if found:
                telling.entered(entrance.journey.pk, TABLE, before, now=entrance.now)
        if found < SIZE:
            return count
        last = highest - 1 if highest - 1 > last else highest  # of the last one, more may have happened
    return count


def _arrived(entrance: Entrance, window: Window, last: int) -> tuple[int, int]:
    """Happenings nobody is enrolled for, of some customers, into a table of this connection; how many, and the last."""
    found = sources()[entrance.definition.trigger.on](entrance.definition.trigger, window)
    if not found.text:
        return 0, last
    once = "b.customer_id" if entrance.definition.again is not None else "b.customer_id, b.key"
    silence = entrance.definition.trigger.silence.seconds
    since = later("a.moment", -silence) if silence else "a.moment"
    with connection.cursor() as cursor:
        _table(cursor)
        cursor.execute(
            f"""INSERT INTO {TABLE}
            SELECT 0, a.customer_id, a.key, a.order_id, a.cart_id, a.refs, a.moment, {since} FROM (
                SELECT b.*, ROW_NUMBER() OVER (PARTITION BY {once} ORDER BY b.moment) AS place FROM (
                    SELECT COALESCE(w.merged_into_id, w.id) AS customer_id, {entrance.key} AS key, s.moment,
                        s.order_id, s.cart_id, s.refs
                    FROM ({found.text}) s CROSS JOIN shop_customer w WHERE w.id = s.customer_id) b
                WHERE b.customer_id > %s AND NOT EXISTS (SELECT 1 FROM journeys_enrolment x
                    WHERE x.journey_id = {entrance.journey.pk} AND x.customer_id = b.customer_id AND x.key = b.key)) a
            WHERE a.place = 1{_rested(entrance)} ORDER BY a.customer_id LIMIT {SIZE}""",
            (*found.values, last),
        )
        count = int(cursor.rowcount)
        cursor.execute(f"SELECT COALESCE(MAX(customer_id), 0) FROM {TABLE}")
        return count, int(cursor.fetchone()[0])


def _table(cursor: Any) -> None:
    number, at = ("BIGINT" if connection.vendor == "postgresql" else "INTEGER"), kind()
    cursor.execute(
        f"""CREATE TEMPORARY TABLE IF NOT EXISTS {TABLE} (id {number}, customer_id {number}, key VARCHAR(40),
            order_id {number}, cart_id {number}, refs TEXT, entered_at {at}, since {at})"""
    )
    cursor.execute(f"TRUNCATE {TABLE}" if connection.vendor == "postgresql" else f"DELETE FROM {TABLE}")


def _rested(entrance: Entrance) -> str:
    """Who may enter again does so when that time has passed since they entered, and not while they are on it."""
    again = entrance.definition.again
    if again is None:
        return ""
    low, high = later("a.moment", -again.seconds), later("a.moment", again.seconds)
    return f""" AND NOT EXISTS (SELECT 1 FROM journeys_enrolment x WHERE x.journey_id = {entrance.journey.pk}
        AND x.customer_id = a.customer_id AND (x.state IN ('active', 'stuck')
            OR (x.entered_at > {low} AND x.entered_at < {high})))"""


def _enrol(entrance: Entrance) -> int:
    """Of those who arrived, enrol who fits, unless what would end the journey has happened already."""
    definition, journey = entrance.definition, entrance.journey
    where = fitting(definition, now=entrance.now)
    draw = drawn_sql("n.customer_id", seed(journey.key))
    cast = "CAST(n.refs AS JSONB)" if connection.vendor == "postgresql" else "n.refs"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO journeys_enrolment (journey_id, version_id, customer_id, key, order_id, cart_id, refs, step,
                state, due_at, entered_at, stepped_at, draw, reason)
            SELECT {journey.pk}, {int(journey.live_id or 0)}, n.customer_id, n.key, n.order_id, n.cart_id, {cast}, %s,
                'active', n.entered_at, n.entered_at, n.entered_at, {draw}, '' FROM {TABLE} n WHERE {where.text}
            ON CONFLICT (journey_id, customer_id, key) DO NOTHING""",
            (definition.first, *where.values),
        )
        return int(cursor.rowcount)


def fitting(definition: Definition, *, now: datetime, among: str = AMONG) -> Sql:
    """Whether somebody who arrived fits the audience, and nothing has happened that would end it at once."""
    asker = Asker(now, among)
    parts = [asker.rule(definition.audience)] if definition.audience is not None else []
    ending: list[Happened | Fits] = [Happened(word) for word in definition.words()]
    ending += [each for each in definition.exits if isinstance(each, Fits)]
    for each in ending:
        found = happened(each.word, now=now) if isinstance(each, Happened) else asker.rule(each.rule)
        parts.append(Sql(f"NOT {found.text}", found.values))
    return Sql(" AND ".join(f"({part.text})" for part in parts) or "1 = 1", values_of(parts))


_MERGED = "SELECT c.id FROM shop_customer c WHERE c.merged_into_id > 0"  # what an index finds, unlike IS NOT NULL
_INTO = "(SELECT c.merged_into_id FROM shop_customer c WHERE c.id = journeys_enrolment.customer_id)"


@transaction.atomic
def follow(now: datetime) -> int:
    """Let the enrolments of customers who turned out to be another one be that one's. Where that one is on it too, for
    the same, the enrolment ends."""
    there = f"""EXISTS (SELECT 1 FROM journeys_enrolment x WHERE x.journey_id = journeys_enrolment.journey_id
        AND x.customer_id = {_INTO} AND x.key = journeys_enrolment.key)"""
    at = "CAST(%s AS TIMESTAMPTZ)" if connection.vendor == "postgresql" else "%s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE journeys_enrolment SET state = 'left', reason = 'merged', ended_at = {at}
                WHERE customer_id IN ({_MERGED}) AND state IN ('active', 'stuck') AND {there}""",
            [stamp(now)],
        )
        cursor.execute(
            f"UPDATE journeys_enrolment SET customer_id = {_INTO} WHERE customer_id IN ({_MERGED}) AND NOT {there}"
        )
        return int(cursor.rowcount)
