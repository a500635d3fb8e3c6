"""The second order: how long customers take to come back after the first, and who does not."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stammkunde.errors import InputError, NotEnoughDataError
from stammkunde.facts.history import History

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Integers = NDArray[np.int64]
By = Literal["product", "channel", "country"]

#: 97.5 % of a normal distribution lie below: for intervals of 95 %.
Z = 1.959963984540054


def second_order_curve(source: History | Any, *, until: date | None = None) -> pa.Table:
    """Share of customers who purchased again within so many days of the first purchase (Kaplan, Meier 1958).

    Who has not come back counts for as long as they could have: customers of last week say something about the first
    week, and nothing about the first month.

    Parameters
    ----------
    source : a history that knows its order days, as that of `summarize` does; or orders, or anything `read_orders`
        reads, of which only a histogram leaves the engine.
    until : of orders, the last day that is looked at; by default their own.

    Returns one row a day from 0 to the longest wait of all, so that row 90 is day 90

    - day: since the first purchase (int64)
    - at_risk: customers who did not come back before that day, and whose history goes on to it (int64)
    - returned: those of them who came back on it (int64); share: estimated share who came back up to it (float64)
    - low, high: 95 % interval of the share on that day, by Greenwood's variance on the scale of log(-log); null where
      nobody or everybody has come back, since the method has no answer there (float64)

    Raises
    ------
    InputError : the history does not know its order days, or `until` is given for it.
    NotEnoughDataError : nobody purchased by then.

    >>> day = [date(2024, 1, 1), date(2024, 1, 11), date(2024, 1, 6)]  # Anna comes back after ten days, Ben does not
    >>> days = {"customer_id": ["Anna", "Anna", "Ben"], "day": day, "revenue": [9.0, 9.0, 9.0], "purchase": [True] * 3}
    >>> curve = second_order_curve(History.from_days(pa.table(days), until=date(2024, 1, 31)))
    >>> curve["share"][9].as_py(), curve["share"][10].as_py()
    (0.0, 0.5)
    """
    count = _waits_of_history if isinstance(source, History) else _waits_of_orders
    days, returned, customers = count(source, until)
    if not len(days):
        raise _nobody()
    length = int(days.max()) + 1
    ended = np.bincount(days, weights=customers, minlength=length)
    came = np.bincount(days, weights=np.where(returned, customers, 0.0), minlength=length)
    at_risk = ended[::-1].cumsum()[::-1]
    left = np.cumprod(1.0 - came / at_risk)
    low, high = _bounds(left, came, at_risk)
    columns = {
        "day": np.arange(length),
        "at_risk": at_risk.astype(np.int64),
        "returned": came.astype(np.int64),
        "share": 1.0 - left,
        "low": low,
        "high": high,
    }
    return pa.table(columns)


def one_time_buyers(
    source: History | Any,
    *,
    by: By = "product",
    within: Sequence[int] = (90, 365),
    top: int = 10,
    until: date | None = None,
) -> pa.Table:
    """What the first purchase of those who do not come back was: the largest groups, and how many of each came back.

    Parameters
    ----------
    source : orders, or anything `read_orders` reads; or a history that knows its order days and what came first, as
        that of `summarize(orders, covariates=["product"])`.
    by : "product", "channel" or "country" of the dearest line of the first purchase.
    within : days after the first purchase. Only customers at least so old are counted, whether they came back or not.
    top : the number of groups.
    until : of orders, the last day that is looked at; by default their own.

    Returns one row a group, the largest first, and number of days

    - cohort: the product, channel or country; null where it is not known
    - customers: size of the group; once: those of them with one purchase so far (int64)
    - days: of `within`; at_risk: those at least so old; returned: those of them who came back by then (int64)
    - share: returned / at_risk; low, high: its 95 % interval (Wilson 1927); null where nobody is so old (float64)

    Raises
    ------
    InputError : the orders or the history do not know `by`; or as for `second_order_curve`.
    NotEnoughDataError : nobody purchased by then.
    """
    count = _groups_of_history if isinstance(source, History) else _groups_of_orders
    counted = count(source, by, within, until)
    groups = sorted(counted.to_pylist(), key=lambda g: (-g["customers"], g["cohort"] is None, g["cohort"]))
    if not groups:
        raise _nobody()
    rows = [(group, days) for group in groups[:top] for days in within]
    at_risk, returned = (np.array([g[f"{name}_{days}"] for g, days in rows], np.float64) for name in ("old", "back"))
    share, low, high = _wilson(returned, at_risk)
    columns = {
        "cohort": pa.array([group["cohort"] for group, _ in rows], counted.schema.field("cohort").type),
        "customers": [group["customers"] for group, _ in rows],
        "once": [group["once"] for group, _ in rows],
        "days": [days for _, days in rows],
        "at_risk": at_risk.astype(np.int64),
        "returned": returned.astype(np.int64),
        "share": share,
        "low": low,
        "high": high,
    }
    return pa.table(columns)


# --- counted in the engine, or from the order days of a history -------------------------------------------------------


def _waits_of_orders(source: Any, until: date | None) -> tuple[Integers, Bools, Array]:
    """Days to the second purchase, or to the last day where there was none; whether there was; how many customers."""
    from stammkunde.facts import purchases, summary  # bring the engines, which a history does without

    orders = summary.as_orders(source)
    people = purchases.second_purchases(orders, until=until or orders.until)
    waits = people.select(days=people.wait.coalesce(people.age), returned=people.wait.notnull())
    counted = orders.engine.to_arrow(waits.group_by(waits.columns).aggregate(customers=waits.count()))
    days, returned, customers = (column.to_numpy() for column in counted.columns)
    return days.astype(np.int64), returned, customers.astype(np.float64)


def _waits_of_history(history: History, until: date | None) -> tuple[Integers, Bools, Array]:
    age, wait = _people(history, until)
    returned = wait > 0
    return np.where(returned, wait, age), returned, np.ones(len(age))


def _groups_of_orders(source: Any, by: str, within: Sequence[int], until: date | None) -> pa.Table:
    """Customers by what came first: cohort, customers, once, and for each number of days those so old (old_90), and
    those of them who came back (back_90)."""
    from stammkunde.facts import purchases, summary  # bring the engines, which a history does without

    orders = summary.as_orders(source)
    until = until or orders.until
    first = purchases.first_purchases(orders, [by], until=until).rename(cohort=f"first_{by}")
    people = purchases.second_purchases(orders, until=until).join(first, "customer_id")
    sums = {"customers": people.count(), "once": people.wait.isnull().ifelse(1, 0).sum()}
    for days in within:
        old = people.age >= days
        back = old & (people.wait <= days)  # counted by ifelse: null is no, where Spark's filtered count says null
        sums |= {f"old_{days}": old.ifelse(1, 0).sum(), f"back_{days}": back.ifelse(1, 0).sum()}
    return orders.engine.to_arrow(people.group_by("cohort").aggregate(**sums))


def _groups_of_history(history: History, by: str, within: Sequence[int], until: date | None) -> pa.Table:
    if f"first_{by}" not in history.table.column_names:
        advice = f"Ask for it: summarize(orders, covariates=[{by!r}])."
        raise InputError(f"The history does not know the {by} of the first purchase.", where="by", advice=advice)
    age, wait = _people(history, until)
    columns = {"customers": np.ones(len(age), np.int64), "once": wait < 0}
    for days in within:
        columns |= {f"old_{days}": age >= days, f"back_{days}": (age >= days) & (wait > 0) & (wait <= days)}
    counts = {name: column.astype(np.int64) for name, column in columns.items()}
    people = pa.table({"cohort": history.table[f"first_{by}"]} | counts)
    counted = people.group_by("cohort", use_threads=False).aggregate([(name, "sum") for name in counts])
    return counted.rename_columns(["cohort", *counts])


def _people(history: History, until: date | None) -> tuple[Integers, Integers]:
    """Days from each customer's first purchase to the last day, and to the second purchase (-1 where there is none)."""
    if until is not None:
        raise InputError("A history has its own last day.", where="until", advice="Summarize the orders until then.")
    if history.order_days is None:
        raise InputError("This history does not know its order days.", advice="Give the orders instead.")
    days = history.order_days()
    days = days.filter(pc.and_(days["purchase"], pc.less_equal(days["day"], pa.scalar(history.until, pa.date32()))))
    found = pc.index_in(days["customer_id"], history.table["customer_id"].combine_chunks())
    who = found.drop_null().to_numpy()
    day = days["day"].filter(found.is_valid()).cast(pa.int32()).to_numpy()
    first = np.flatnonzero(np.diff(who, prepend=-1))  # customers come one after the other, each from the first day on
    again = first[np.append(np.diff(first), len(who) - first[-1:]) > 1]
    wait = np.full(len(history), -1, dtype=np.int64)
    wait[who[again]] = day[again + 1] - day[again]
    return np.rint(history.T * history.days_per_unit).astype(np.int64), wait


def _nobody() -> NotEnoughDataError:
    return NotEnoughDataError("Nobody has purchased, so nobody can come back.", advice="Choose a later last day.")


# --- intervals --------------------------------------------------------------------------------------------------------


def _bounds(left: Array, came: NDArray[Any], at_risk: NDArray[Any]) -> tuple[pa.Array, pa.Array]:
    """95 % interval of 1 - `left`, the share of customers who did not come back."""
    unknown = (left <= 0) | (left >= 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(came / (at_risk * (at_risk - came)))
        spread = np.exp(Z * np.sqrt(variance) / np.abs(np.log(left)))
        low, high = 1 - left ** (1 / spread), 1 - left**spread
    return pa.array(low, mask=unknown), pa.array(high, mask=unknown)


def _wilson(count: Array, total: Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """The share of `count` in `total`, and its 95 % interval; null where the total is 0."""
    n = np.maximum(total, 1)
    share, scale = count / n, 1 + Z**2 / n
    middle = (share + Z**2 / (2 * n)) / scale
    half = Z / scale * np.sqrt(share * (1 - share) / n + (Z / (2 * n)) ** 2)
    bounds = (share, (middle - half).clip(0), (middle + half).clip(max=1))
    share, low, high = (pa.array(column, mask=total == 0) for column in bounds)
    return share, low, high
