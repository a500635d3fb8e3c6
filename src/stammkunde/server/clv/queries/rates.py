"""Stated rates as periods, and as a table that SQL can join to a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from itertools import pairwise

from django.db import connection

from stammkunde.server.clv.models import Rates

FIRST, LAST = date(1, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True)
class Costs:
    """The rates of a row of `Rates`, saved or not; shares in basis points, amounts in the smallest unit."""

    vat: int | None = None
    goods: int | None = None
    resale: int | None = None
    shipping: int | None = None
    payment: int | None = None
    payment_fixed: int | None = None
    marketplace: int | None = None
    handling: int | None = None
    minute: int | None = None
    marketplaces: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Rates) -> "Costs":
        """The rates of a row."""
        plain = {name: getattr(row, name) for name in RATES}
        return cls(**plain, marketplaces=tuple(row.marketplaces))

    def __bool__(self) -> bool:
        """Whether anything is stated."""
        return any(getattr(self, name) is not None for name in RATES)


RATES = tuple(field.name for field in fields(Costs) if field.name != "marketplaces")
Stated = Sequence[tuple[date, Costs]]


def stated() -> Stated:
    """All rates with the day from which they hold, oldest first."""
    return [(row.valid_from, Costs.of(row)) for row in Rates.objects.order_by("valid_from")]


def latest() -> Rates | None:
    """The newest row of rates."""
    return Rates.objects.order_by("valid_from").last()


def periods_sql(rates: Stated) -> str:
    """A table of rates with the days `starts` to `ends` on which each row holds: every day has one row.

    Days before the first row take the first row; without any, nothing is stated.
    """
    rows = sorted(rates, key=lambda row: row[0]) or [(FIRST, Costs())]
    starts = [FIRST, *(day for day, _ in rows[1:])]
    ends = [*(after - timedelta(days=1) for _, after in pairwise(starts)), LAST]
    return " UNION ALL ".join(
        _row(costs, start, end) for (_, costs), start, end in zip(rows, starts, ends, strict=True)
    )


def _row(costs: Costs, start: date, end: date) -> str:
    numbers = (f"CAST({_number(getattr(costs, name))} AS BIGINT) AS {name}" for name in RATES)
    named = text("".join(f"|{channel.lower()}" for channel in costs.marketplaces) + "|")
    return f"SELECT {literal(start)} AS starts, {literal(end)} AS ends, {named} AS marketplaces, {', '.join(numbers)}"


def _number(value: int | None) -> str:
    return "NULL" if value is None else str(int(value))


def literal(day: date) -> str:
    """A day in SQL; SQLite keeps days as text."""
    return f"DATE '{day.isoformat()}'" if connection.vendor == "postgresql" else f"'{day.isoformat()}'"


def text(value: str) -> str:
    """Text in SQL."""
    return "'" + value.replace("\0", "").replace("'", "''") + "'"


def day_number(column: str) -> str:
    """Days since 1 January 1970 of a column of days."""
    if connection.vendor == "postgresql":
        return f"({column} - DATE '1970-01-01')"
    return f"CAST(JULIANDAY({column}) - 2440587.5 AS INTEGER)"


def columns(names: Iterable[str], table: str) -> str:
    """Columns of a table, for a SELECT."""
    return ", ".join(f"{table}.{name}" for name in names)
