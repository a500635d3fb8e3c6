"""One row a customer: how often, how recently, how long, how much. All that the models see of a shop.

A purchase is a day with purchases: several orders of one day count once. Time is exact, in days, and only shown in the
unit: the same customer is 213 days, 30.43 weeks or 5,112 hours old at the last order.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Literal, Self, cast

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from stammkunde.errors import DataError, InputError, NotEnoughDataError
from stammkunde.facts.customer_days import LABEL, merge_customers

Array = NDArray[np.float64]
Unit = Literal["hour", "day", "week"]

DAYS_PER_UNIT: Mapping[str, float] = {"hour": 1 / 24, "day": 1.0, "week": 7.0}
EPOCH = date(1970, 1, 1)
_LABEL = b"stammkunde.history"


@dataclass(frozen=True)
class Histogram:
    """Distinct histories: repeat purchases `x`, last one `t_x` and age `T` in units, and how many share one."""

    x: Array
    t_x: Array
    T: Array
    weight: Array

    def __len__(self) -> int:
        return len(self.weight)


@dataclass(frozen=True)
class Spending:
    """Distinct mean values of `x` repeat purchases (x > 0, value > 0), and how many customers share them."""

    x: Array
    value: Array
    weight: Array


@dataclass(frozen=True, eq=False)
class History:
    """The customers of a shop at the end of the day `until`, one row each.

    Columns of `table`; money in major units of `currency`, net of refunds:

    - customer_id: as the source has it (text or int64)
    - first_order, last_order: days of the first and the last purchase (date32)
    - orders: purchase days (int64), at least 1; frequency: repeat purchase days, orders - 1
    - recency, age: from the first purchase to the last, and to `until`, in units (float64)
    - value: mean contribution of a repeat purchase day, 0 for who bought once
    - first_value: contribution of the first purchase day; historic_value: of all of them
    - revenue: as historic_value, before costs (the same where costs are not known)
    - covariates, where asked for: what the first purchase was (channel, country, product)

    A refund belongs to the purchase day it follows, also where that is long ago.

    `order_days` gives the table of customer days behind the rows (see `days`), for backtests; None where nobody has it.
    """

    table: pa.Table
    until: date
    unit: Unit = "week"
    currency: str | None = None
    basis: str = "revenue"
    order_days: Callable[[], pa.Table] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def days_per_unit(self) -> float:
        """Length of the unit in days."""
        return days_per_unit(self.unit)

    @cached_property
    def start(self) -> date:
        """The day of the first purchase of all."""
        oldest = float(self.T.max(initial=0.0)) * self.days_per_unit
        return self.until - timedelta(days=round(oldest))

    @cached_property
    def x(self) -> Array:
        """Repeat purchase days, shape (customers,)."""
        return cast(Array, self.table["frequency"].to_numpy().astype(np.float64))

    @cached_property
    def t_x(self) -> Array:
        """Time from first to last purchase in units, shape (customers,)."""
        return cast(Array, self.table["recency"].to_numpy())

    @cached_property
    def T(self) -> Array:  # noqa: N802  every paper writes it so
        """Time from first purchase to `until` in units, shape (customers,)."""
        return cast(Array, self.table["age"].to_numpy())

    @cached_property
    def value(self) -> Array:
        """Mean contribution of a repeat purchase day, shape (customers,); 0 where there is none."""
        return cast(Array, self.table["value"].to_numpy())

    # --- ways to get one --------------------------------------------------------------------------------------

    @classmethod
    def from_arrays(
        cls,
        x: ArrayLike,
        t_x: ArrayLike,
        T: ArrayLike,
        value: ArrayLike | None = None,
        *,
        unit: Unit = "week",
        until: date | None = None,
        customer_id: ArrayLike | pa.Array | None = None,
    ) -> Self:
        """A history from ready summaries: repeat purchases, recency and age in units, mean value of repeat purchases.

        Recency and age may fall between days. Without `until` nothing is known of the calendar: first and last order
        are null, and calendar months are counted from 2000-01-01. First purchases, whose value is unknown here, are
        taken to be worth as much as the customer's repeat purchases.

        Raises
        ------
        DataError : lengths differ, or a row cannot be (see `validate`).
        """
        frequency, recency, age = (np.atleast_1d(np.asarray(column, dtype=np.float64)) for column in (x, t_x, T))
        worth = np.zeros_like(frequency) if value is None else np.atleast_1d(np.asarray(value, dtype=np.float64))
        ids = pa.array(np.arange(1, len(frequency) + 1)) if customer_id is None else pa.array(customer_id)
        lengths = {len(column) for column in (frequency, recency, age, worth, ids)}
        if len(lengths) > 1:
            raise DataError("The columns differ in length.", advice="Give one value a customer in every column.")
        _check(frequency, recency, age, worth)
        orders = frequency.astype(np.int64) + 1
        length = days_per_unit(unit)
        nothing = pa.nulls(len(ids), pa.date32())
        first = nothing if until is None else _dates(_number(until) - np.floor(age * length))
        last = nothing if until is None else _dates(_number(until) - np.floor((age - recency) * length))
        columns = {
            "customer_id": ids,
            "first_order": first,
            "last_order": last,
            "orders": orders,
            "frequency": orders - 1,
            "recency": recency,
            "age": age,
            "value": worth,
            "first_value": worth,
            "historic_value": worth * orders,
            "revenue": worth * orders,
        }
        return cls(pa.table(columns), until or date(2000, 1, 1), unit)

    @classmethod
    def from_days(cls, days: pa.Table, *, until: date, unit: Unit = "week") -> Self:
        """The history at the end of the day `until`, from the table that `days` made; later days are not looked at.

        Raises
        ------
        DataError : the rows are not in order of customer and day.
        NotEnoughDataError : nobody purchased by then.
        """
        merged = merge_customers(days, until=until)
        if not merged.num_rows:
            raise NotEnoughDataError(f"Nobody purchased until {until}.", advice="Choose a later last day.")
        return cls.from_customers(merged, until=until, unit=unit, order_days=lambda: days, **_carried(days))

    @classmethod
    def from_customers(
        cls,
        customers: pa.Table,
        *,
        until: date,
        unit: Unit = "week",
        currency: str | None = None,
        basis: str = "revenue",
        order_days: Callable[[], pa.Table] | None = None,
    ) -> Self:
        """The history of merged customers: customer_id, first_order, last_order, orders, first_value, historic_value
        and revenue, then covariates."""
        given = {name: customers[name] for name in customers.column_names}
        first, last, orders = (_integers(given.pop(name)) for name in ("first_order", "last_order", "orders"))
        length = days_per_unit(unit)
        first_value, total = (given[name].to_numpy() for name in ("first_value", "historic_value"))
        frequency = orders - 1
        columns = {
            "customer_id": given.pop("customer_id"),
            "first_order": _dates(first),
            "last_order": _dates(last),
            "orders": orders,
            "frequency": frequency,
            "recency": (last - first) / length,
            "age": (_number(until) - first) / length,
            "value": np.where(frequency > 0, (total - first_value) / np.maximum(frequency, 1), 0.0),
        }
        return cls(pa.table(columns | given), until, unit, currency, basis, order_days)

    @classmethod
    def from_arrow(cls, table: pa.Table) -> Self:
        """The history that `to_arrow` wrote.

        Raises
        ------
        InputError : the table carries no history.
        """
        saved = (table.schema.metadata or {}).get(_LABEL)
        if saved is None:
            raise InputError(
                "This table is no saved history.", advice="Save one with History.to_arrow, or use History.from_arrays."
            )
        kept = json.loads(saved)
        return cls(table, date.fromisoformat(kept.pop("until")), **kept)

    def to_arrow(self) -> pa.Table:
        """The table, with unit, last day, currency and basis in its metadata: what Parquet keeps."""
        kept = {"until": self.until.isoformat(), "unit": self.unit, "currency": self.currency, "basis": self.basis}
        return self.table.replace_schema_metadata({_LABEL: json.dumps(kept)})

    # --- what to do with it -----------------------------------------------------------------------------------

    def select(self, rows: ArrayLike) -> Self:
        """These customers only: a mask of shape (customers,) or row numbers."""
        chosen = np.asarray(rows)
        where = np.flatnonzero(chosen) if chosen.dtype == bool else chosen.astype(np.int64)
        return replace(self, table=self.table.take(pa.array(where)))

    def histogram(self) -> Histogram:
        """Distinct histories with the number of customers who share each, in order of x, age and recency."""
        length = self.days_per_unit
        spans = [self.x, np.rint(self.T * length), np.rint(self.t_x * length)]
        whole = all(
            np.array_equal(days / length, time) for days, time in zip(spans[1:], (self.T, self.t_x), strict=True)
        )
        width = [int(span.max(initial=0.0)) + 1 for span in spans]
        if not whole or float(np.prod(np.array(width, dtype=np.float64))) > 2.0**62:
            return self._lexical()
        x, age, recency = (span.astype(np.int64) for span in spans)
        keys, weight = np.unique((x * width[1] + age) * width[2] + recency, return_counts=True)
        rest, recency = np.divmod(keys, width[2])
        x, age = np.divmod(rest, width[1])
        return Histogram(x.astype(np.float64), recency / length, age / length, weight.astype(np.float64))

    def _lexical(self) -> Histogram:
        order = np.lexsort((self.t_x, self.T, self.x))
        columns = [column[order] for column in (self.x, self.t_x, self.T)]
        new = np.ones(len(order), dtype=bool)
        new[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
        starts = np.flatnonzero(new)
        weight = np.diff(np.append(starts, len(order))).astype(np.float64)
        x, t_x, age = (column[starts] for column in columns)
        return Histogram(x, t_x, age, weight)

    def validate(self) -> Self:
        """This history, if every row can be.

        Raises
        ------
        DataError : a number is missing, negative or infinite, a frequency is no whole number, the last purchase lies
            beyond the age, or a customer without repeat purchase has a recency; the first such row is named.
        """
        _check(self.x, self.t_x, self.T, self.value)
        return self


def days_per_unit(unit: str) -> float:
    """Length of "hour", "day" or "week" in days.

    Raises
    ------
    InputError : another unit; months and quarters have no one length.
    """
    try:
        return DAYS_PER_UNIT[unit]
    except KeyError:
        raise InputError(
            f"{unit!r} is no unit of time here.", advice=f"Choose one of {', '.join(DAYS_PER_UNIT)}."
        ) from None


def _carried(days: pa.Table) -> dict[str, Any]:
    saved = (days.schema.metadata or {}).get(LABEL)
    return {} if saved is None else dict(json.loads(saved))


def _check(x: Array, t_x: Array, T: Array, value: Array) -> None:
    finite = np.isfinite(x) & np.isfinite(t_x) & np.isfinite(T) & np.isfinite(value)
    _refuse(~finite, "A number is missing or infinite", "Leave such customers out, or look up what is missing.")
    _refuse((x < 0) | (t_x < 0) | (T < 0), "A negative number", "Frequency, recency and age count from 0.")
    _refuse(x != np.floor(x), "A frequency is no whole number", "Frequency counts repeat purchases: 0, 1, 2, …")
    _refuse(
        t_x > T * (1 + 1e-9),
        "The last purchase lies beyond the customer's age",
        "Recency and age both count from the first purchase, in the same unit: recency cannot be larger.",
    )
    _refuse(
        (x == 0) & (t_x > 0),
        "A customer without repeat purchase has a recency",
        "Recency is the time from the first to the last purchase: 0 for one purchase, not the time since then.",
    )


def _refuse(bad: NDArray[np.bool_], what: str, advice: str) -> None:
    if bad.any():
        rows = np.flatnonzero(bad)
        more = f" (and {len(rows) - 1:,} more)" if len(rows) > 1 else ""
        raise DataError(f"{what}{more}.", where=f"row {rows[0] + 1}", advice=advice)


def _number(day: date) -> int:
    return (day - EPOCH).days


def _dates(numbers: NDArray[Any]) -> pa.Array:
    return pa.array(numbers.astype(np.int32)).view(pa.date32())


def _integers(column: pa.ChunkedArray) -> NDArray[np.int64]:
    if pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    return cast(NDArray[np.int64], column.to_numpy().astype(np.int64, copy=False))
