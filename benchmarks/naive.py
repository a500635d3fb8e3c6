"""Rules anyone can apply without a model: forecasts of orders and spend, and intervals of spend.

The intervals look at the truth they are judged by, as nobody could in time: what is narrower is so because it knows the
customer, not because the rule was badly set.
"""

from datetime import timedelta

import numpy as np

from shops import Array, Shop, Summary

Forecast = tuple[Array, Array]


def past_pace(shop: Shop) -> Forecast:
    """The customer's own pace of repeat orders and mean repeat order go on."""
    s = shop.summary
    count = _pace(s) * shop.horizon / 7
    return count, count * s.value


def past_pace_shrunk(shop: Shop) -> Forecast:
    """The same for who had also lived the shop's mean life: its repeat orders, in its time, for its usual value."""
    s = shop.summary
    count = (s.x + s.x.mean()) / (s.T + s.T.mean()) * shop.horizon / 7
    usual = s.value[s.x > 0].mean()
    return count, count * (s.x * s.value + s.x.mean() * usual) / (s.x + s.x.mean())


def last_period_repeats(shop: Shop) -> Forecast:
    """As many days as are to be forecast, looked at backwards, happen once more."""
    return shop.bought(shop.summary.customer, shop.split - timedelta(days=shop.horizon), shop.split)


RULES = {
    "past pace": past_pace,
    "past pace, shrunk": past_pace_shrunk,
    "last period repeats": last_period_repeats,
}


def whole_shop(shop: Shop, level: float) -> Forecast:
    """One interval for everybody: the quantiles of what the shop's customers then spent."""
    _, spent = shop.truth
    low, high = np.quantile(spent, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
    return np.full_like(spent, low), np.full_like(spent, high)


def same_frequency(shop: Shop, level: float) -> Forecast:
    """The quantiles of what customers with as many repeat orders then spent (groups of at least 50)."""
    _, spent = shop.truth
    low, high = np.empty_like(spent), np.empty_like(spent)
    for rows in _groups(shop.summary):
        bounds = np.quantile(spent[rows], [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
        low[rows], high[rows] = bounds
    return low, high


INTERVALS = {"whole shop": whole_shop, "same frequency": same_frequency}


def _pace(s: Summary) -> Array:
    return np.divide(s.x, s.T, out=np.zeros_like(s.x), where=s.T > 0)


def _groups(s: Summary, least: int = 50) -> list[Array]:
    order = np.argsort(s.x, kind="stable")
    changes = np.flatnonzero(np.diff(s.x[order])) + 1
    starts = [0]
    for change in changes:
        if change - starts[-1] >= least and len(order) - change >= least:
            starts.append(int(change))
    return np.split(order, starts[1:])
