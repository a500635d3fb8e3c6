"""The ledger of a customer: every signed line, summing to the value so far at any day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from stammkunde.server.clv.queries.contribution import ESTIMATED, MISSING, PARTS, Part
from stammkunde.server.clv.queries.entries import rows_sql
from stammkunde.server.clv.queries.kinds import NAMES
from stammkunde.server.clv.queries.rates import Stated, stated


@dataclass(frozen=True)
class Line:
    """A signed line: `state` is 0 for a figure of the record, 1 for an estimate from rates, 2 where nothing is known.

    `part` is "order", "refund" or "booking", `entry` its row; `label` is the number of the order or what was booked.
    """

    day: date
    part: str
    entry: int
    label: str
    note: str
    kind: str
    amount: int
    state: int
    cost: bool
    order: int | None

    @property
    def name(self) -> str:
        """As an owner names it."""
        return str(NAMES.get(self.kind, self.kind))

    @property
    def estimated(self) -> bool:
        """Whether a stated rate gave it."""
        return self.state == ESTIMATED

    @property
    def missing(self) -> bool:
        """Whether nothing is known, so that it counts as nothing."""
        return self.state == MISSING


@dataclass(frozen=True)
class Ledger:
    """The lines of a customer up to the end of the day `until`, oldest first; `total` is their sum."""

    lines: tuple[Line, ...]
    until: date

    @property
    def total(self) -> int:
        """The contribution so far: what the customer's historic value is."""
        return sum(line.amount for line in self.lines)

    @property
    def entries(self) -> list[tuple[Line, list[Line], int]]:
        """Lines by order, refund or booking, newest first: the first line, all of them, and their sum."""
        found: dict[tuple[str, int], list[Line]] = {}
        for line in reversed(self.lines):
            found.setdefault((line.part, line.entry), []).insert(0, line)
        return [(lines[0], lines, sum(line.amount for line in lines)) for lines in found.values()]

    @property
    def estimated_share(self) -> float:
        """The part of all costs that came from stated rates."""
        costs = sum(abs(line.amount) for line in self.lines if line.cost)
        return sum(abs(line.amount) for line in self.lines if line.cost and line.estimated) / costs if costs else 0.0


def ledger(customer: int, *, until: date, rates: Stated | None = None) -> Ledger:
    """Every line of a customer up to the end of a day, under these rates (none named: those that are saved)."""
    known = stated() if rates is None else rates
    lines = [line for part in PARTS for line in _lines(part, customer, until, known)]
    return Ledger(tuple(sorted(lines, key=lambda line: (line.day, ORDER_OF[line.part], line.entry))), until)


ORDER_OF = {part.name: part.number for part in PARTS}
_ABOUT = {
    "order": "COALESCE(NULLIF(o.number, ''), o.external_id), '', o.id",
    "refund": "f.number, f.reason, f.order_id",
    "booking": "b.kind, b.text, NULL",
}


def _lines(part: Part, customer: int, until: date, rates: Stated) -> Iterator[Line]:
    each = ", ".join(f"{c.amount}, {c.state}" for c in part.components)
    rows = rows_sql(part, until, rates, customer=customer)
    sql = f"SELECT {part.alias}.id, {part.alias}.day, {_ABOUT[part.name]}, {each} FROM ({rows}) {part.alias}"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        for row in cursor.fetchall():
            yield from _of_row(part, row)


def _of_row(part: Part, row: Sequence[Any]) -> Iterator[Line]:
    entry, day, label, note, order = row[:5]
    if isinstance(day, str):  # SQLite, outside Django's models
        day = date.fromisoformat(day)
    for place, component in enumerate(part.components):
        amount, state = row[5 + 2 * place : 7 + 2 * place]
        if amount or (state == MISSING and component.kind not in QUIET):
            kind = label if part.name == "booking" else component.kind
            yield Line(day, part.name, entry, label, note or "", kind, amount, state, component.cost, order)


#: Of these nothing is said where nothing is known: no rate is expected of everybody.
QUIET = ("handling", "goods_back", "marketplace")
