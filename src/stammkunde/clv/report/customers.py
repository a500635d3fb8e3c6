"""The customers of a report as arrays, one entry each, and what is counted from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stammkunde.clv.report.data import AliveGrid, CustomerRow, OneTimeBuyers, Range

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

ORDERS = (1, 2, 3, 5, 9, 17)
QUARTERS = (0, 30, 60, 90, 180, 270, 365)


@dataclass(frozen=True, eq=False)
class Customers:
    """Scored customers, arrays of shape (customers,): `age` and `silence` are days since first and last order.

    `p_alive` to `high` are NaN where there is no model.
    """

    ids: Sequence[Any]
    until: date
    orders: Array
    age: Array
    silence: Array
    first_value: Array
    historic: Array
    p_alive: Array
    order_value: Array
    predicted: Array
    low: Array
    high: Array

    def __len__(self) -> int:
        return len(self.orders)

    @property
    def scored(self) -> bool:
        """Whether a model has scored them."""
        return bool(np.isfinite(self.p_alive).all())

    def rows(self, which: Iterable[int]) -> tuple[CustomerRow, ...]:
        """These customers, for a table."""
        return tuple(self._row(int(i)) for i in which)

    def _row(self, i: int) -> CustomerRow:
        return CustomerRow(
            customer=str(self.ids[i]),
            orders=int(self.orders[i]),
            last_order=self.until - timedelta(days=float(self.silence[i])),
            historic_value=float(self.historic[i]),
            p_alive=float(self.p_alive[i]),
            predicted=Range(float(self.predicted[i]), float(self.low[i]), float(self.high[i])),
        )


def best(customers: Customers, count: int = 10) -> tuple[CustomerRow, ...]:
    """Those with the highest prediction; nobody without a model."""
    if not customers.scored:
        return ()
    return customers.rows(np.argsort(-customers.predicted, kind="stable")[:count])


def one_time_buyers(customers: Customers) -> OneTimeBuyers:
    """Who ordered on one day only, beside those who came back."""
    once = customers.orders == 1
    return OneTimeBuyers(
        customers=int(once.sum()),
        share=float(once.mean()) if len(once) else 0.0,
        first_value=_mean(customers.first_value[once]),
        first_value_of_repeaters=_mean(customers.first_value[~once]),
        days_since=float(np.median(customers.age[once])) if once.any() else float("nan"),
        active=float(customers.p_alive[once].sum()) if customers.scored else None,
    )


def alive_grid(customers: Customers) -> AliveGrid | None:
    """Mean P(alive) by orders and silence, in bins that this shop fills; None without a model."""
    if not customers.scored or not len(customers):
        return None
    orders = _used(ORDERS, customers.orders)
    silence = _used(_silence_bins(customers.silence), customers.silence)
    r = np.searchsorted(orders, customers.orders, side="right") - 1
    c = np.searchsorted(silence, customers.silence, side="right") - 1
    shape = (len(orders), len(silence))
    code = r * shape[1] + c
    count = np.bincount(code, minlength=shape[0] * shape[1]).reshape(shape)
    total = np.bincount(code, weights=customers.p_alive, minlength=shape[0] * shape[1]).reshape(shape)
    mean = [[float(t / n) if n else None for t, n in zip(*row, strict=True)] for row in zip(total, count, strict=True)]
    return AliveGrid(orders, silence, tuple(map(tuple, mean)), tuple(tuple(map(int, row)) for row in count))


def _silence_bins(silence: Array) -> tuple[int, ...]:
    """Quarters of a year for young shops, more years for old ones."""
    years = int(silence.max(initial=0.0) // 365)
    if years <= 1:
        return QUARTERS
    return (0, 30, 90, 180, *(365 * k for k in range(1, min(years, 3) + 1)))


def _used(bounds: tuple[int, ...], values: Array) -> tuple[int, ...]:
    most = values.max(initial=0.0)
    return tuple(b for b in bounds if b <= most) or bounds[:1]


def _mean(values: Array) -> float:
    return float(values.mean()) if len(values) else float("nan")
