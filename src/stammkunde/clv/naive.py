"""Rules of thumb that every model has to beat: the future as a copy of the past.

Each maps a history, and what its customers did of late, to expected orders within a horizon. Values follow by the
customer's own mean.
"""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from stammkunde.clv.order_days import OrderDays
from stammkunde.facts import History

Array = NDArray[np.float64]
Rule = Callable[[History, OrderDays, float], Array]


def own_pace(history: History, days: OrderDays, horizon_days: float) -> Array:
    """Every customer goes on at the pace since the first order: x / T."""
    del days
    age = np.maximum(history.T * history.days_per_unit, 1.0)
    return np.asarray(history.x / age * horizon_days)


def last_period(history: History, days: OrderDays, horizon_days: float) -> Array:
    """Every customer repeats what the last span as long as the horizon brought (last year's orders, for a year)."""
    back = max(min(round(horizon_days), (history.until - history.start).days), 1)
    orders, _ = days.window(history, history.until - timedelta(days=back), history.until)
    return orders * (horizon_days / back)


def recent_pace(history: History, days: OrderDays, horizon_days: float) -> Array:
    """Geometric mean of the pace since the first order and its mean with the pace in the last third of the period."""
    back = max((history.until - history.start).days // 3, 1)
    since = history.until - timedelta(days=back)
    orders, _ = days.window(history, since, history.until)
    age = np.maximum(history.T * history.days_per_unit, 1.0)
    late = (orders - began_after(history, since)) / np.minimum(back, age)
    pace = history.x / age
    return np.sqrt(pace * (pace + np.maximum(late, 0.0)) / 2.0) * horizon_days + 1e-9


def began_after(history: History, day: date) -> Array:
    """1.0 for customers whose first order came after `day`, shape (customers,)."""
    return (history.T * history.days_per_unit < (history.until - day).days).astype(np.float64)


NAIVE_RULES: dict[str, Rule] = {"own-pace": own_pace, "last-period": last_period}
