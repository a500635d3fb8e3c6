"""Value concentration: which share of the value the best customers bring (Lorenz 1905, Gini 1912)."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stammkunde.errors import NotEnoughDataError
from stammkunde.facts.history import History

Array = NDArray[np.float64]


def value_concentration(history: History) -> pa.Table:
    """Share of the historic value that the best customers hold, in steps of one per cent of the customers.

    Returns 101 rows: customers, share of the customers, the most valuable first (0, 0.01, …, 1) | value, their share of
    all value (float64; between two customers a straight line) | gini, the same in every row.

    Customers who returned more than they kept, or cost more than they brought, have a negative value. They stay in, and
    the shares are of what is left: the curve rises above 1 and comes back to it, and what it has above 1 is what they
    lost again. The Gini coefficient is half the mean difference of two customers over the mean absolute value: as usual
    where nobody is negative, and never above 1 where somebody is (Raffinetti, Siletti, Vernizzi 2015).

    Raises
    ------
    NotEnoughDataError : the customers brought no value, of which there could be shares.

    >>> shares = value_concentration(History.from_arrays(x=[1, 1], t_x=[3, 3], T=[9, 9], value=[30.0, 10.0]))
    >>> shares["value"][50].as_py(), shares["gini"][0].as_py()
    (0.75, 0.25)
    """
    falling = np.sort(history.table["historic_value"].to_numpy())[::-1]
    total = float(falling.sum())
    if total <= 0:
        raise NotEnoughDataError(
            f"The {len(history):,} customers have brought no value, so nobody has a share of it.",
            advice="Look at the refunds and costs, or take a longer period.",
        )
    held = np.concatenate([[0.0], np.cumsum(falling) / total])
    share = np.arange(101) / 100
    value = np.interp(share * len(falling), np.arange(len(held)), held)
    return pa.table({"customers": share, "value": value, "gini": np.full(101, _gini(falling))})


def _gini(falling: Array) -> float:
    """The mean difference comes from ranks: of n values the i-th is the larger in n - i pairs, the smaller in i - 1."""
    count = len(falling)
    larger_less_smaller = count + 1 - 2.0 * np.arange(1, count + 1)
    return float(larger_less_smaller @ falling / (count * np.abs(falling).sum()))
