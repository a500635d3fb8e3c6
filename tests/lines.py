"""Small shops as order lines on an engine, without a file to read: what the tables of facts are made from."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from stammkunde.facts import Engine

_NUMBERS = itertools.count(1)
_KINDS = {"customer_id": pa.string(), "day": pa.date32(), "revenue": pa.float64(), "contribution": pa.float64()}


@dataclass(frozen=True)
class Lines:
    """Order lines as `read_orders` would give them."""

    lines: ir.Table
    engine: Engine
    until: date
    currency: str | None = "EUR"
    basis: str = "revenue"


def order_lines(engine: Engine, table: pa.Table, **known: Any) -> Lines:
    """Order lines of a table with customer_id, day, revenue; what is negative is a refund, unless `is_refund` says."""
    if "is_refund" not in table.column_names:
        table = table.append_column("is_refund", pa.array([worth < 0 for worth in table["revenue"].to_pylist()]))
    days = [day for day in table["day"].to_pylist() if day is not None]
    until = known.pop("until", None) or max(days, default=date(2024, 12, 31))
    basis = "contribution" if "contribution" in table.column_names else "revenue"
    return Lines(engine.from_arrow(table, f"lines_{next(_NUMBERS)}"), engine, until, basis=basis, **known)


def shop(engine: Engine, rows: Iterable[Sequence[Any]], *more: str, **known: Any) -> Lines:
    """Order lines from rows (customer, day such as "2024-02-29", revenue, and the columns named in `more`)."""
    names = ["customer_id", "day", "revenue", *more]
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for customer, day, *rest in rows:
        for name, value in zip(names, (customer, date.fromisoformat(day), *rest), strict=True):
            columns[name].append(value)
    return order_lines(engine, pa.table({n: pa.array(c, _KINDS.get(n)) for n, c in columns.items()}), **known)
