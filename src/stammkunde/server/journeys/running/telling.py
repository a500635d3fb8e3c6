"""Other programs hear who begins a journey and who ends it. Rows are read only where somebody listens."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection

from stammkunde.server.accounts.actions.outgoing import tell_many

COLUMNS = ("enrolment", "journey", "version", "customer", "reason")


def last() -> int:
    """The number of the latest enrolment: those that come in now are later."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM journeys_enrolment")
        return int(cursor.fetchone()[0])


def entered(journey: int, arrived: str, after: int, *, now: datetime) -> None:
    """Tell of those of the table `arrived` who have entered since an enrolment."""
    where = f"e.journey_id = {journey} AND e.id > {after} AND e.customer_id IN (SELECT a.customer_id FROM {arrived} a)"
    tell_many("journey.entered", _rows("journeys_enrolment e", where, now), now=now)


def ended(lot: str, *, now: datetime) -> None:
    """Tell of those of a lot whose way ended with it."""
    where = "l.closed = 1 AND l.state IN ('done', 'left') AND e.state = l.state"
    tell_many("journey.left", _rows(f"{lot} l JOIN journeys_enrolment e ON e.id = l.id", where, now), now=now)


def _rows(table: str, where: str, now: datetime) -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT e.id, e.journey_id, e.version_id, e.customer_id, e.reason FROM {table} WHERE {where} ORDER BY e.id"
        )
        found = cursor.fetchall()
    for row in found:
        told = dict(zip(COLUMNS, row, strict=True))
        yield {name: value for name, value in told.items() if value != ""} | {"at": now}
