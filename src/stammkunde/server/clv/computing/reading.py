"""From entries in the database to the customer days that the library reads."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from numpy.typing import NDArray

from stammkunde.facts.customer_days import LABEL, NOTHING
from stammkunde.server.clv.computing import stream
from stammkunde.server.clv.queries.contribution import ESTIMATED, KNOWN, MISSING, PARTS
from stammkunde.server.clv.queries.entries import COLUMNS, entries_sql
from stammkunde.server.clv.queries.rates import Stated
from stammkunde.server.lib.money import places

Integers = NDArray[np.int64]
SCHEMA = pa.schema([(name, pa.string() if name in {"channel", "country"} else pa.int64()) for name in COLUMNS])
KEPT = ("customer", "day", "part", "contribution", "charged", "entry")
TEXTS = ("channel", "country")


@dataclass
class Counted:
    """What is counted of entries while they stream by: costs, how much of them is estimated, states by component."""

    estimated: int = 0
    costs: int = 0
    orders: int = 0
    states: dict[str, list[int]] = field(default_factory=dict)

    @property
    def estimated_share(self) -> float:
        """The part of all costs that came from stated rates."""
        return self.estimated / self.costs if self.costs else 0.0

    def add(self, batch: pa.RecordBatch) -> None:
        """Count a batch in."""
        self.estimated += pc.sum(batch["estimated"]).as_py() or 0
        self.costs += pc.sum(batch["costs"]).as_py() or 0
        part, code = batch["part"].to_numpy(), batch["code"].to_numpy()
        self.orders += int((part == PARTS[0].number).sum())
        for each in PARTS:
            codes, counts = np.unique(code[part == each.number], return_counts=True)
            for place, component in enumerate(each.components):
                if component.state != str(KNOWN):
                    told = self.states.setdefault(component.kind, [0, 0, 0])
                    state = codes // 4**place % 4
                    for kind in (KNOWN, ESTIMATED, MISSING):
                        told[kind] += int(counts[state == kind].sum())


@dataclass(frozen=True)
class Days:
    """Customer days as `stammkunde.facts.days` has them, and for each the row's first order: entry, channel, country.

    `table` carries currency and basis.
    """

    table: pa.Table
    first_entry: Integers
    channel: pa.Array
    country: pa.Array
    counted: Counted

    @property
    def basis(self) -> str:
        """Whether values are contribution, or revenue since no cost is known."""
        return "contribution" if "contribution" in self.table.column_names else "revenue"


def read(until: date, rates: Stated, *, left_out: Integers) -> Days | None:
    """Every customer's days until the end of a day, but for the customers `left_out`; None where there is no order."""
    counted, kept = Counted(), list[dict[str, Any]]()
    with stream.batches(entries_sql(until, rates), SCHEMA) as batches:
        for batch in batches:
            counted.add(batch)
            kept.append(_kept(batch))
    if not counted.orders:
        return None
    rows = {name: np.concatenate([part[name] for part in kept]) for name in KEPT}
    texts = {name: _unified([part[name] for part in kept]) for name in TEXTS}
    kept.clear()
    chosen = _order(rows["customer"], rows["day"])
    if len(left_out):
        chosen = chosen[~np.isin(rows["customer"][chosen], left_out)]
    return _days({name: column[chosen] for name, column in rows.items()}, texts, chosen, counted)


def _kept(batch: pa.RecordBatch) -> dict[str, Any]:
    small = {"day": np.int32, "part": np.int8}
    found: dict[str, Any] = {n: batch[n].to_numpy().astype(small.get(n, np.int64)) for n in KEPT}
    return found | {name: pc.dictionary_encode(batch[name]) for name in TEXTS}


def _unified(parts: list[pa.DictionaryArray]) -> pa.DictionaryArray:
    joined = pa.chunked_array(parts).unify_dictionaries().combine_chunks()
    return joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined


def _order(customer: Integers, day: NDArray[np.int32]) -> Integers:
    """Rows by customer and day, those of a day as they came."""
    first, last = int(day.min(initial=0)), int(day.max(initial=0))
    key = customer * (last - first + 1) + (day - first)
    return np.argsort(key, kind="stable")


def _days(rows: dict[str, Any], texts: dict[str, pa.DictionaryArray], chosen: Integers, counted: Counted) -> Days:
    customer, day, part = rows["customer"], rows["day"], rows["part"]
    starts = np.flatnonzero(np.append(True, (customer[1:] != customer[:-1]) | (day[1:] != day[:-1])))
    unit = 10.0 ** places(settings.CURRENCY)
    ordered, back = part == PARTS[0].number, part == PARTS[1].number
    charged = np.add.reduceat(rows["charged"], starts)
    gross = np.add.reduceat(np.abs(rows["charged"]), starts)
    returned = np.logical_or.reduceat(back, starts)
    bought = np.logical_or.reduceat(ordered, starts) & (~returned | (charged > NOTHING * gross))
    columns: dict[str, Any] = {
        "customer_id": customer[starts],
        "day": pa.array(day[starts]).view(pa.date32()),
        "revenue": charged / unit,
    }
    if counted.costs:
        columns["contribution"] = np.add.reduceat(rows["contribution"], starts) / unit
    table = pa.table(columns | {"purchase": bought})
    basis = {"currency": settings.CURRENCY, "basis": "contribution" if counted.costs else "revenue"}
    first = _first_orders(ordered, starts)
    return Days(
        table.replace_schema_metadata({LABEL: json.dumps(basis)}),
        rows["entry"][first],
        texts["channel"].take(pa.array(chosen[first])),
        texts["country"].take(pa.array(chosen[first])),
        counted,
    )


def _first_orders(ordered: NDArray[np.bool_], starts: Integers) -> Integers:
    """For each day the number of its first row that is an order; its first row, where none is."""
    ahead = np.append(np.flatnonzero(ordered), len(ordered))
    found = ahead[np.searchsorted(ahead, starts)]
    ends = np.append(starts[1:], len(ordered))
    return np.where(found < ends, found, starts)


def first_purchases(days: Days) -> Integers:
    """Row of each customer's first purchase among the days, in order of customers."""
    customer = days.table["customer_id"].to_numpy()
    purchase = np.flatnonzero(days.table["purchase"].to_numpy())
    new = np.ones(len(purchase), dtype=bool)
    new[1:] = customer[purchase][1:] != customer[purchase][:-1]
    return purchase[new]
