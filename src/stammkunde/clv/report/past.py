"""What has been, counted from who ordered when: cohorts by age, the second order, how value is spread."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stammkunde.clv.order_days import EPOCH, order_days
from stammkunde.clv.report.data import (
    Cohort,
    CohortGroup,
    CohortTable,
    Concentration,
    OneTimeBuyers,
    SecondOrder,
)
from stammkunde.facts import History, second_order_curve

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

MONTHS = {"month": 1, "quarter": 3, "year": 12}
LARGE = 20  # customers from which a group's mean is worth a bar
BARS = 8


@dataclass(frozen=True, eq=False)
class Book:
    """Customer days of a history's customers, in order of customer and day, none after `until`.

    `who` is the number of the customer's row in the history; `day` counts from 1970; `value` is contribution. Arrays of
    shape (rows,). `table` holds the same rows for `History.from_days`.
    """

    table: pa.Table
    until: date
    customers: int
    who: Integers
    day: Integers
    value: Array
    purchase: NDArray[np.bool_]

    @classmethod
    def of(cls, history: History) -> "Book | None":
        """None where nobody knows the order days: a history from ready summaries, or on Spark."""
        if history.order_days is None:
            return None
        table = order_days(history).table
        row = pc.index_in(table["customer_id"], history.table["customer_id"].combine_chunks())
        kept = pc.and_(pc.is_valid(row), pc.less_equal(table["day"], pa.scalar(history.until, pa.date32())))
        table, row = table.filter(kept), row.filter(kept)
        value = "contribution" if "contribution" in table.column_names else "revenue"
        return cls(
            table,
            history.until,
            len(history),
            row.to_numpy().astype(np.int64),
            table["day"].cast(pa.int32()).to_numpy().astype(np.int64),
            table[value].to_numpy(),
            table["purchase"].to_numpy(),
        )

    @cached_property
    def first(self) -> Integers:
        """Day of each customer's first purchase, shape (customers,)."""
        found = np.full(self.customers, np.iinfo(np.int64).max)
        np.minimum.at(found, self.who[self.purchase], self.day[self.purchase])
        return found

    @cached_property
    def second(self) -> Integers:
        """Day of each customer's second purchase, shape (customers,); beyond all calendars where there is none."""
        again = self.purchase & (self.day > self.first[self.who])
        found = np.full(self.customers, np.iinfo(np.int64).max)
        np.minimum.at(found, self.who[again], self.day[again])
        return found

    @property
    def last(self) -> int:
        """The last day, as a number."""
        return (self.until - EPOCH).days

    @property
    def age(self) -> Integers:
        """Days from each customer's first purchase to `until`."""
        return np.asarray(self.last - self.first)


def concentration(historic: Array) -> Concentration | None:
    """Lorenz curve of value, best customers first; None for fewer than ten customers, or no value at all."""
    total = float(historic.sum())
    if len(historic) < 10 or total <= 0:
        return None
    falling = np.sort(historic)[::-1]
    share = np.concatenate([[0.0], np.cumsum(falling) / total])
    at = np.unique(np.linspace(0, len(historic), 101).astype(int))
    return Concentration(tuple((at / len(historic)).tolist()), tuple(share[at].tolist()), float(falling[0] / total))


# --- cohorts ----------------------------------------------------------------------------------------------------------


def period_for(days: int) -> str:
    """Months for a shop that is up to a year and a half old, quarters up to five years, else years."""
    return "month" if days <= 550 else "quarter" if days <= 5 * 366 else "year"


def cohorts(book: Book) -> CohortTable:
    """Cohorts by calendar period of the first order: months, quarters or years, as the length of the history asks."""
    name = period_for(book.last - int(book.first.min()))
    step = MONTHS[name]
    period, start = _months(book.day) // step, _months(book.first) // step
    oldest, ages = int(start.min()), _months(np.array([book.last]))[0] // step - int(start.min()) + 1
    cohort, age = start - oldest, np.maximum(period - start[book.who], 0)
    cell = cohort[book.who] * ages + age
    ordered = np.unique(book.who[book.purchase] * ages + age[book.purchase])
    active = np.bincount(cohort[ordered // ages] * ages + ordered % ages, minlength=ages * ages).reshape(ages, ages)
    value = np.bincount(cell, weights=book.value, minlength=ages * ages).reshape(ages, ages).cumsum(axis=1)
    size = np.bincount(cohort, minlength=ages)
    over = _first_day((oldest + ages) * step) == book.until + timedelta(days=1)
    rows = tuple(
        Cohort(
            start=_first_day((oldest + int(k)) * step),
            customers=int(size[k]),
            active=tuple((active[k, : ages - k] / size[k]).tolist()),
            value=tuple((value[k, : ages - k] / size[k]).tolist()),
            complete=int(ages - k if over else ages - k - 1),
        )
        for k in np.flatnonzero(size)
    )
    return CohortTable(name, rows)


def group_age(book: Book) -> int:
    """The greatest of a few ages that half of the customers have reached, in days; 0 where there is none."""
    return next((days for days in (730, 365, 180, 90, 30) if (book.age >= days).mean() >= 0.5), 0)


def groups(book: Book, names: pa.ChunkedArray, days: int) -> tuple[CohortGroup, ...]:
    """The largest groups by `names`, what the first order of each customer was, with their value up to the age `days`.

    Only customers who have reached that age are looked at; groups of few are left out.
    """
    encoded = names.combine_chunks().dictionary_encode()
    code = pc.fill_null(encoded.indices, -1).to_numpy().astype(np.int64)
    member = (book.age >= days) & (code >= 0)
    young = member[book.who] & (book.day - book.first[book.who] <= days)
    kinds = len(encoded.dictionary)
    size = np.bincount(code[member], minlength=kinds)
    value = np.bincount(code[book.who[young]], weights=book.value[young], minlength=kinds)
    again = np.bincount(code[member & (book.second <= book.first + days)], minlength=kinds)
    named = encoded.dictionary.to_pylist()
    largest = [k for k in np.argsort(-size, kind="stable")[:BARS] if size[k] >= LARGE]
    return tuple(
        CohortGroup(str(named[k]), int(size[k]), float(value[k] / size[k]), float(again[k] / size[k])) for k in largest
    )


def _months(days: Integers) -> Any:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _first_day(months: int) -> date:
    """The first day of a month counted from January 1970."""
    return date(1970 + months // 12, months % 12 + 1, 1)


# --- the second order -------------------------------------------------------------------------------------------------


def second_order(history: History, once: OneTimeBuyers) -> SecondOrder:
    """Time to the second order with pointwise 95 % intervals: the curve where it rises, and where it ends."""
    days = order_days(history).table  # read once for the whole report
    curve = second_order_curve(replace(history, order_days=lambda: days))
    day, came, share = (curve[name].to_numpy() for name in ("day", "returned", "share"))
    low, high = (pc.coalesce(curve[name], curve["share"]).to_numpy() for name in ("low", "high"))
    kept = np.flatnonzero((came > 0) | (day == 0) | (day == day[-1]))
    points = [tuple(column[kept].astype(np.float64).tolist()) for column in (day, share, low, high)]
    back = np.cumsum(came)
    half, most = (int(day[np.searchsorted(back, np.ceil(q * back[-1]))]) if back[-1] else None for q in (0.5, 0.8))
    return SecondOrder(points[0], points[1], points[2], points[3], half, most, once)
