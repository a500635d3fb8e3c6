"""Moments in SQL, the same on both databases: added to, and taken from each other, to the microsecond.

SQLite keeps moments as text in UTC. Its functions forget what is behind the second, so that is put back: two moments
that are equal stay equal, and compare as text as they do in time.
"""

from datetime import datetime
from typing import Any

from django.db import connection


def stamp(moment: datetime) -> Any:
    """A moment as the database keeps it, for a blank."""
    return connection.ops.adapt_datetimefield_value(moment)


def later(column: str, seconds: int | str) -> str:
    """A column so many whole seconds later (or, negative, earlier); seconds may be an expression."""
    if connection.vendor == "postgresql":
        return f"({column} + ({seconds}) * INTERVAL '1 second')"
    return f"(DATETIME(SUBSTR({column}, 1, 19), ({seconds}) || ' seconds') || SUBSTR({column}, 20))"


def seconds_between(early: str, late: str) -> str:
    """Whole seconds from one column to another."""
    if connection.vendor == "postgresql":
        return f"CAST(FLOOR(EXTRACT(EPOCH FROM ({late} - {early}))) AS BIGINT)"
    return f"(CAST(STRFTIME('%%s', {late}) AS INTEGER) - CAST(STRFTIME('%%s', {early}) AS INTEGER))"


def day_before(column: str) -> str:
    """A day that no day of that moment, in whatever zone, lies before: an index of days is then read from there on."""
    if connection.vendor == "postgresql":
        return f"(CAST({column} AT TIME ZONE 'UTC' AS DATE) - 1)"
    return f"DATE(SUBSTR({column}, 1, 10), '-1 day')"


def least(one: str, other: str) -> str:
    """The earlier of two."""
    return f"{'LEAST' if connection.vendor == 'postgresql' else 'MIN'}({one}, {other})"


def kind() -> str:
    """The type of a moment in a table."""
    return "TIMESTAMPTZ" if connection.vendor == "postgresql" else "TEXT"
