"""The season of a shop: in which calendar months its customers order more often than the model expects.

Models of order timing know no calendar. Here all repeat orders of all customers are counted by month and compared with
what the fitted model expects of people who began when these did. What repeats from year to year is the season: an
index by calendar month, shrunk towards 1 the more, the fewer orders there are and the less the years agree. It changes
the clock, not the customer: in a month with the index 1.5 a day counts for a day and a half.

It is learnt from whole years up to the last day, and only if months differ beyond doubt.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from stammkunde.clv.order_days import EPOCH, OrderDays
from stammkunde.clv.transactions import TransactionModel
from stammkunde.facts import History

Array = NDArray[np.float64]

YEAR = 365  # days of a block of twelve months; a leap day moves its borders by one
YEARS = 2  # full years that a history needs for its season to be believed
DOUBT = 0.01  # chance that a shop without a season passes for one with it


@dataclass(frozen=True)
class Season:
    """Pace of repeat orders by calendar month, January first, with mean 1 over a year: `index`, twelve numbers.

    `usual` is the mean index of the time in which the model was fitted, customers present counted.
    """

    index: tuple[float, ...]
    usual: float = 1.0

    @classmethod
    def learn(cls, days: OrderDays, history: History, model: TransactionModel) -> "Season | None":
        """The season in the order days up to the history's last day; None without a full year, or where months agree.

        `model` was fitted to the history. With years y, months m and counts O, it expects E; the index i and the level
        l of each year solve the margins of O = E l i, the variance is Poisson's times the disagreement of the years,
        and the index is shrunk by the method of moments (DerSimonian, Laird 1986).
        """
        years = full_years(days.first, history.until)
        if years < 1:
            return None
        day, ordered, expected = _by_day(days, history.until, model)
        month, year = _month(day), (day[-1] - day) // YEAR
        cell, inside = np.minimum(year, years) * 12 + month, year < years
        seen, usual = (np.zeros((years, 12)) for _ in range(2))
        np.add.at(seen.reshape(-1), cell[inside], ordered[inside])
        np.add.at(usual.reshape(-1), cell[inside], expected[inside])
        index = _shrunk(seen, np.maximum(usual, 1e-9))
        if index is None:
            return None
        index /= index[_month(day[-YEAR:])].mean()
        return cls(tuple(index.tolist()), float(expected @ index[month] / expected.sum()))

    def stretch(self, until: date, days: float) -> float:
        """Pace of the `days` after `until`, relative to the time in which the model was fitted."""
        first, whole = (until - EPOCH).days + 1, max(round(days), 1)
        return float(np.asarray(self.index)[_month(np.arange(first, first + whole))].mean()) / self.usual


def full_years(first: date, until: date) -> int:
    """Whole years from the first day to the last one, both included."""
    return ((until - first).days + 1) // YEAR


def _by_day(days: OrderDays, until: date, model: TransactionModel) -> tuple[NDArray[np.int64], Array, Array]:
    """Every day up to `until`, the repeat orders that came, and those the model expects of customers who had begun."""
    arrivals, ordered = days.arrivals(until)
    first = (days.first - EPOCH).days
    anyone = model if model.shared is None else model.shared
    grown = anyone.expected_new(np.arange(len(arrivals)) / model.days_per_unit)
    expected = np.convolve(arrivals, np.diff(grown, prepend=0.0))[: len(arrivals)]
    return first + np.arange(len(arrivals)), ordered, expected


def _month(day: NDArray[np.int64]) -> NDArray[np.int64]:
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12


def _shrunk(seen: Array, expected: Array) -> Array | None:
    """Index by month from counts, (years, 12) each; None where months differ no more than by chance."""
    index = np.ones(12)
    for _ in range(50):
        level = seen.sum(axis=1) / (expected @ index)
        index = np.maximum(seen.sum(axis=0), 0.5) / np.maximum(level @ expected, 1e-9)
    mean = np.maximum(level[:, None] * expected * index, 1e-9)
    free = 11 * (len(seen) - 1)
    disagree = max(float((np.square(seen - mean) / mean).sum()) / free, 1.0) if free else 1.0
    precision = mean.sum(axis=0) / disagree
    log = np.log(index)
    centre = precision @ log / precision.sum()
    spread = float(precision @ np.square(log - centre))
    if spread <= stats.chi2.isf(DOUBT, 11):
        return None
    between = (spread - 11) / float(precision.sum() - np.square(precision).sum() / precision.sum())
    return np.asarray(np.exp((log - centre) * between / (between + 1 / precision)))
