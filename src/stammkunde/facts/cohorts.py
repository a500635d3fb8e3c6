"""Cohorts: customers who began together, or with the same thing, followed from their first purchase on."""

from datetime import date, timedelta
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stammkunde.errors import InputError
from stammkunde.facts.purchases import OrderLines, amounts, customer_days, first_purchases
from stammkunde.facts.summary import as_orders, nobody

By = Literal["month", "quarter", "year", "channel", "country", "product"]
Array = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Length in months of the calendar's cohorts and of their periods.
MONTHS = {"month": 1, "quarter": 3, "year": 12}
ATTRIBUTES = ("channel", "country", "product")


def by_cohort(orders: OrderLines | Any, *, by: By = "month", until: date | None = None) -> pa.Table:
    """What became of customers who began alike: one row a cohort and period, periods without a purchase too.

    By "month", "quarter" or "year" of the first purchase, periods are those of the calendar: 0 is the month in which
    the cohort began. The last period of each cohort is the one that `until` falls into.

    By "channel", "country" or "product" of the first purchase (of its dearest line), customers begin at any time.
    Periods are months of age: for customers who began on the 17th, month 1 begins on the 17th of the next month.
    Customers count in those months only that are over for them, above and below the line: who began last week is in
    `customers`, and lowers no curve. `cumulative_value` adds up the means of the months, each over all who have it
    behind them (the mean cumulative function, Nelson 1988). The last months are those of the eldest few: look at
    `at_risk` before believing them.

    Parameters
    ----------
    orders : what `read_orders` returned, or anything it reads.
    by : what customers of one cohort have in common.
    until : later rows are not looked at; by default the last day of the orders.

    Returns

    - cohort: first day of its month, quarter or year (date32, in this order); or its channel, country or product (the
      largest cohort first; null where it is not known)
    - period: from 0 (int64)
    - customers: size of the cohort (int64)
    - at_risk: those who count in the period; of the calendar's cohorts all (int64)
    - active: those of them who purchased in it (int64); orders: their purchase days (int64)
    - value: their contribution; a refund counts on its own day, one before the first purchase with that (float64)
    - cumulative_value: up to the end of the period, per original customer and not per survivor (float64)
    - retention: active / at_risk (float64; this and cumulative_value are null where nobody is at risk)
    - complete: whether the period is over for every customer of the cohort (bool)

    Raises
    ------
    InputError : there are no such cohorts, or the orders have no such column.
    NotEnoughDataError : nobody purchased by then.
    """
    if by not in MONTHS and by not in ATTRIBUTES:
        known = ", ".join([*MONTHS, *ATTRIBUTES])
        raise InputError(f"There are no cohorts by {by!r}.", where="by", advice=f"Choose one of {known}.")
    orders = as_orders(orders)
    until = until or orders.until
    cells = orders.engine.to_arrow(activity(orders, by, until))
    if not cells.num_rows:
        raise nobody(until)
    step = MONTHS.get(by)
    running = step is not None and _period(until, step) == _period(until + timedelta(days=1), step)
    table = _curves(cells, running=running)
    if step is None:
        return table
    starts = (table["cohort"].to_numpy() * step - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]")
    return table.set_column(0, "cohort", pa.array(starts))


# --- in the engine ----------------------------------------------------------------------------------------------------


def activity(orders: OrderLines, by: str, until: date) -> ir.Table:
    """One row a cohort, `seen` (number of periods in which a customer counts) and period: cohort, seen, period,
    customers (who began in it: all in period 0), active, orders, value. A calendar's cohorts are numbers of periods."""
    days = customer_days(orders, until=until)
    if by in MONTHS:
        bought = days.filter(days.purchase)
        people = bought.group_by("customer_id").aggregate(first_order=bought.day.min())
        people = people.mutate(cohort=_months(people.first_order) // MONTHS[by])
        people = people.mutate(seen=_period(until, MONTHS[by]) - people.cohort + 1)
    else:
        people = first_purchases(orders, [by], until=until).rename(cohort=f"first_{by}")
        tomorrow = ibis.literal(until + timedelta(days=1), "date")
        people = people.mutate(seen=_age(people.first_order, tomorrow))
    lived = days.join(people.select("customer_id", "cohort", "seen", "first_order"), "customer_id")
    age = _months(lived.day) // MONTHS[by] - lived.cohort if by in MONTHS else _age(lived.first_order, lived.day)
    lived = lived.mutate(period=ibis.greatest(age, 0))
    alike = ["cohort", "seen", "period"]
    each = lived.group_by(["customer_id", *alike]).aggregate(
        began=(lived.day == lived.first_order).cast("int64").sum(),
        orders=lived.purchase.cast("int64").sum(),
        value=lived[amounts(orders)[-1]].sum(),
    )
    active = (each.orders > 0).cast("int64").sum()
    return each.group_by(alike).aggregate(
        customers=each.began.sum(), active=active, orders=each.orders.sum(), value=each.value.sum()
    )


def _months(day: ir.DateValue) -> ir.IntegerValue:
    """The calendar month as a number."""
    return day.year().cast("int64") * 12 + day.month().cast("int64") - 1


def _age(first: ir.DateValue, day: ir.DateValue) -> ir.IntegerValue:
    """Whole months from `first` to `day`; a 31st is waited for until the 1st where a month has none."""
    return _months(day) - _months(first) - (day.day() < first.day()).cast("int64")


def _period(day: date, step: int) -> int:
    return (day.year * 12 + day.month - 1) // step


# --- from cells to curves ---------------------------------------------------------------------------------------------


def _curves(cells: pa.Table, *, running: bool) -> pa.Table:
    """The whole curve of each cohort from the cells in which something happened, one after the other.

    `running` says that the last period of every cohort is not over.
    """
    named = cells["cohort"].combine_chunks().dictionary_encode(null_encoding="encode")
    seen, period, began = (cells[name].to_numpy().astype(np.int64) for name in ("seen", "period", "customers"))
    code, kinds = _ordered(named, began)
    lengths = np.ones(len(kinds), dtype=np.int64)
    np.maximum.at(lengths, code, seen)
    starts = np.cumsum(lengths) - lengths
    rows = int(lengths.sum())
    size = np.repeat(_summed(code, began, len(kinds)), lengths)
    gone = seen < lengths[code]
    at_risk = size - _running(_summed((starts[code] + seen)[gone], began[gone], rows), starts).astype(np.int64)
    counts = period < seen
    at = (starts[code] + period)[counts]
    active, bought = (_summed(at, cells[n].to_numpy()[counts], rows) for n in ("active", "orders"))
    value = np.bincount(at, weights=cells["value"].to_numpy()[counts], minlength=rows)
    number = np.arange(rows) - np.repeat(starts, lengths)
    last = number == np.repeat(lengths, lengths) - 1
    columns = {
        "cohort": kinds.take(pa.array(np.repeat(np.arange(len(kinds)), lengths))),
        "period": number,
        "customers": size,
        "at_risk": at_risk,
        "active": active,
        "orders": bought,
        "value": value,
        "cumulative_value": _known(_running(value / np.maximum(at_risk, 1), starts), at_risk),
        "retention": _known(active / np.maximum(at_risk, 1), at_risk),
        "complete": (at_risk == size) & ~(last & running),
    }
    return pa.table(columns)


def _ordered(named: pa.DictionaryArray, began: Integers) -> tuple[Integers, pa.Array]:
    """The number of each row's cohort, and the cohorts: periods as they come, attributes the largest first."""
    kinds, code = named.dictionary, named.indices.to_numpy().astype(np.int64)
    size = _summed(code, 0 * began if pa.types.is_integer(kinds.type) else began, len(kinds))
    names = kinds.to_pylist()
    order = sorted(range(len(kinds)), key=lambda k: (-size[k], names[k] is None, names[k]))
    return np.argsort(order)[code], kinds.take(pa.array(order))


def _summed(at: Integers, counts: NDArray[Any], length: int) -> Integers:
    """Whole numbers added up by place."""
    found = np.zeros(length, dtype=np.int64)
    np.add.at(found, at, counts)
    return found


def _running(values: NDArray[Any], starts: Integers) -> Array:
    """Sums so far, anew from each start."""
    return np.concatenate([np.cumsum(part) for part in np.split(values, starts[1:])]).astype(np.float64)


def _known(values: Array, at_risk: Integers) -> pa.Array:
    return pa.array(values, mask=at_risk == 0)
