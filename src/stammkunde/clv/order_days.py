"""Who ordered when, as flat arrays: windows of the past and futures that are already known."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stammkunde.errors import InputError, NotEnoughDataError
from stammkunde.facts import History

Array = NDArray[np.float64]
EPOCH = date(1970, 1, 1)
LARGEST = 50_000  # customers that a backtest looks at; more would not tell more


@dataclass(frozen=True)
class OrderDays:
    """Customer days in order of customer and day, as `stammkunde.facts.days` returns them."""

    table: pa.Table
    _last: "tuple[History, NDArray[np.int64]] | None" = None  # windows are asked for several at a time

    @cached_property
    def _starts(self) -> NDArray[np.intp]:
        ids = self.table["customer_id"].combine_chunks()
        if len(ids) < 2:
            return np.arange(len(ids))
        new = pc.not_equal(ids.slice(1), ids.slice(0, len(ids) - 1)).to_numpy(zero_copy_only=False)
        return np.concatenate([[0], np.flatnonzero(new) + 1])

    @cached_property
    def customers(self) -> pa.Array:
        """Distinct customers in order, shape (customers,)."""
        return self.table["customer_id"].combine_chunks().take(pa.array(self._starts))

    @cached_property
    def _codes(self) -> NDArray[np.intp]:
        return np.repeat(np.arange(len(self._starts)), np.diff(np.append(self._starts, self.table.num_rows)))

    @cached_property
    def _day(self) -> NDArray[np.int64]:
        return np.asarray(self.table["day"].cast(pa.int32()).to_numpy(), dtype=np.int64)

    @cached_property
    def _purchase(self) -> NDArray[np.bool_]:
        return np.asarray(self.table["purchase"].to_numpy())

    @cached_property
    def _value(self) -> Array:
        name = "contribution" if "contribution" in self.table.column_names else "revenue"
        return np.asarray(self.table[name].to_numpy())

    @property
    def first(self) -> date:
        """The first day of all."""
        return EPOCH + timedelta(days=int(self._day.min()))

    def window(self, history: History, after: date, until: date) -> tuple[Array, Array]:
        """Order days and their value in (after, until] of each customer of `history`, shape (customers,) each."""
        low, high = ((day - EPOCH).days for day in (after, until))
        inside = (self._day > low) & (self._day <= high)
        codes, size = self._codes[inside], len(self.customers)
        rows = self.rows_of(history)

        def total(weights: Array) -> Array:
            return np.asarray(np.bincount(codes, weights=weights, minlength=size)[rows], dtype=np.float64)

        return total(self._purchase[inside].astype(np.float64)), total(self._value[inside])

    def rows_of(self, history: History) -> NDArray[np.int64]:
        """Number of each customer of `history` among `customers`.

        Raises
        ------
        InputError : the history has customers who are not here.
        """
        if self._last is not None and self._last[0] is history:
            return self._last[1]
        found = pc.index_in(history.table["customer_id"].combine_chunks(), self.customers)
        if found.null_count:
            raise InputError(
                "The history and its order days do not belong together.", advice="Summarize the orders once more."
            )
        rows: NDArray[np.int64] = np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)
        object.__setattr__(self, "_last", (history, rows))
        return rows

    def totals(self, step: int, start: date, until: date) -> Array:
        """Order days of all customers together in consecutive spans of `step` days from `start`."""
        low, high = ((day - EPOCH).days for day in (start, until))
        inside = self._purchase & (self._day >= low) & (self._day <= high)
        return np.bincount((self._day[inside] - low) // step, minlength=(high - low) // step + 1).astype(np.float64)

    def arrivals(self, until: date) -> tuple[Array, Array]:
        """First orders and repeat orders of all customers on each day from `first` to `until`, shape (days,) each."""
        start, size = (self.first - EPOCH).days, (until - self.first).days + 1
        known = self._purchase & (self._day < start + size)
        day, code = self._day[known], self._codes[known]
        new = np.append(True, code[1:] != code[:-1])[: len(code)]
        first, all_of_them = (np.bincount(d - start, minlength=size).astype(np.float64) for d in (day[new], day))
        return first, all_of_them - first

    def regularity(self, until: date) -> tuple[float, int]:
        """How regular customers are until a day, by every two neighbouring gaps, and how many such pairs there are.

        The share of the first gap in both varies with 1 / (4 (2k + 1)) where gaps are Erlang-k: 1 means at random,
        whatever the pace of each customer and the length of the time seen (a little more where gaps are a few days, for
        orders of one day count once). NaN without a pair.

        Wheat, Morrison (1990), Estimating purchase regularity with two interpurchase times, Journal of Marketing
        Research 27(1), 87-93.
        """
        known = self._purchase & (self._day <= (until - EPOCH).days)
        day, code = self._day[known], self._codes[known]
        gap = np.diff(day)
        of_one = code[2:] == code[:-2]
        early, late = gap[:-1][of_one], gap[1:][of_one]
        if not len(early):
            return float("nan"), 0
        spread = 4.0 * float(np.square(early / (early + late) - 0.5).mean())
        return (1.0 - spread) / (2.0 * max(spread, 1e-9)), len(early)

    def part(self, customers: int = LARGEST) -> "OrderDays":
        """At most so many customers, evenly spread over the order of their ids."""
        if len(self.customers) <= customers:
            return self
        chosen = np.zeros(len(self.customers), dtype=bool)
        chosen[np.linspace(0, len(chosen) - 1, customers).astype(np.intp)] = True
        return OrderDays(self.table.filter(pa.array(chosen[self._codes])))


_read: "WeakKeyDictionary[History, OrderDays]" = WeakKeyDictionary()


def order_days(history: History) -> OrderDays:
    """The order days behind a history, read once.

    Raises
    ------
    NotEnoughDataError : nobody knows them: the history was made from ready summaries, or lives on Spark.
    """
    if history.order_days is None:
        raise NotEnoughDataError(
            "The order days behind this history are not known.",
            advice="Make it with summarize(orders) on the embedded engine, or name a model instead of auto.",
        )
    if history not in _read:
        _read[history] = OrderDays(history.order_days())
    return _read[history]
