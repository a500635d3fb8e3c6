"""Customers for tests of models: customer days of an order table, a typical shop, and a simulated one."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stammkunde.clv.transactions import TransactionModel
from stammkunde.facts.customer_days import merge_days

Array = NDArray[np.float64]

#: The halves of CDNOW.
CALIBRATION_END, HOLDOUT_END = date(1997, 9, 30), date(1998, 6, 30)


def customer_days(orders: pa.Table) -> pa.Table:
    """The customer days of a table with customer_id, date and amount, as `stammkunde.facts.days` returns them."""
    rows = pa.table(
        {
            "customer_id": orders["customer_id"],
            "day": orders["date"],
            "revenue": orders["amount"],
            "refund": np.less(orders["amount"].to_numpy(), 0.0),
        }
    )
    return merge_days(rows.sort_by([("customer_id", "ascending"), ("day", "ascending")]))


def typical(model: type[TransactionModel]) -> TransactionModel:
    """A typical shop in weeks, nowhere special: the centre of the model's own prior, moved a little."""
    logs = np.array([mean for mean, _ in model.pooled]) + 0.1 * np.arange(1, len(model.pooled) + 1)
    return model(np.exp(logs) / np.where(np.isin(model.names, model.timed), 7.0, 1.0))


def simulated_orders(customers: int, *, seed: int = 1, start: date = date(2023, 1, 1), days: int = 730) -> pa.Table:
    """Orders of people who begin in the first two thirds of the time, order at a pace of their own, and may leave.

    Columns customer_id, date and amount.
    """
    rng = np.random.default_rng(seed)
    begin, gap = rng.integers(0, days * 2 // 3, customers), 1 / rng.gamma(0.9, 1 / 42.0, customers)
    leaving, worth = rng.beta(0.8, 2.0, customers), rng.gamma(3.0, 12.0, customers)
    ids, when = np.arange(customers), begin.astype(np.float64)
    found, dates = [ids], [begin]
    while len(ids):
        stay = rng.random(len(ids)) >= leaving[ids]
        when = when + rng.exponential(gap[ids])
        keep = stay & (when < days)
        ids, when = ids[keep], when[keep]
        found.append(ids)
        dates.append(np.floor(when).astype(np.int64))
    customer, day = np.concatenate(found), np.concatenate(dates)
    amount = np.round(rng.gamma(4.0, worth[customer] / 4.0) + 0.01, 2)
    names = np.char.add("C", np.char.zfill(customer.astype(str), 6))
    return pa.table({"customer_id": names, "date": np.datetime64(start, "D") + day, "amount": amount})


def in_season(orders: pa.Table, index: Sequence[float]) -> pa.Table:
    """The same orders where days of a calendar month count `index` days each: January first, any scale."""
    when = orders["date"].to_numpy().astype("datetime64[D]")
    calendar = np.arange(when.min().astype("datetime64[M]"), when.max() + 400, dtype="datetime64[D]")
    pace = np.asarray(index)[calendar.astype("datetime64[M]").astype(np.int64) % 12]
    clock = np.cumsum(pace / np.mean(index))
    moved = calendar[np.searchsorted(clock, (when - calendar[0]).astype(np.float64) + 0.5)]
    return orders.set_column(orders.column_names.index("date"), "date", pa.array(moved))
