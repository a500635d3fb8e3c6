"""Until it is an hour where the customer is: the hours of every zone in question, and the next of them for each."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import connection

from stammkunde.server.journeys.running.lots import TABLE, Lot
from stammkunde.server.journeys.running.moments import kind, stamp
from stammkunde.server.lib.local_time import next_at, zone_of

HOURS = "journeys_hour"
MOMENT = timedelta(microseconds=1)


def hours(lot: Lot, moment: str, at: time, weekdays: frozenset[int]) -> None:
    """Fill `journeys_hour` with the moments at which it is that hour, for the zones of those of the lot who have just
    come: from the earliest `moment` (an expression on `n`) to the first after the latest."""
    days = weekdays or None
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {HOURS} (zone VARCHAR(60), country VARCHAR(2), moment {kind()})"
        )
        cursor.execute(f"CREATE INDEX IF NOT EXISTS {HOURS}_next ON {HOURS} (zone, country, moment)")
        cursor.execute(f"TRUNCATE {HOURS}" if connection.vendor == "postgresql" else f"DELETE FROM {HOURS}")
        cursor.execute(
            f"""SELECT c.zone, c.country, MIN({moment}), MAX({moment}) FROM {TABLE} n
                JOIN shop_customer c ON c.id = n.customer_id
                WHERE n.closed = 0 AND {lot.arrived.text} GROUP BY c.zone, c.country"""
        )
        rows: list[tuple[str, str, Any]] = []
        for zone, country, low, high in cursor.fetchall():
            there, found, last = zone_of(zone, country), _read(low) - MOMENT, _read(high)
            while found < last:
                found = next_at(found, at, there, days)
                rows.append((zone, country, stamp(found)))
            rows.append((zone, country, stamp(next_at(found, at, there, days))))
        cursor.executemany(f"INSERT INTO {HOURS} VALUES (%s, %s, %s)", rows)


def first_hour(moment: str, *, strictly: bool) -> str:
    """The first such hour at an expression on `n` or after it (`strictly`: after it)."""
    return f"""(SELECT MIN(h.moment) FROM {HOURS} h JOIN shop_customer c ON c.id = n.customer_id
        WHERE h.zone = c.zone AND h.country = c.country AND h.moment {">" if strictly else ">="} {moment})"""


def _read(found: Any) -> datetime:
    """A moment as the database gives it of an expression."""
    return found if isinstance(found, datetime) else datetime.fromisoformat(found).replace(tzinfo=UTC)
