"""How good a forecast was, once the truth is known.

`forecast` and `actual` have one entry per customer, shape (n,): expected orders against orders made, or expected value
against value spent. Who ties in the forecast was not told apart by it, so wherever an order of customers matters, tied
customers share their group's mean: no metric depends on the order of rows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stammkunde.errors import DataError, InputError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Accuracy:
    """The figures of one forecast; see the functions of the same names."""

    mae: float
    rmse: float
    bias: float
    spearman: float
    gini: float
    top_decile: float
    top_decile_best: float
    decile_mape: float


@dataclass(frozen=True)
class Calibration:
    """Customers in groups of equal size by falling forecast: how many, expected and actual mean; (groups,) each."""

    customers: NDArray[np.int64]
    expected: Array
    actual: Array


def accuracy(forecast: ArrayLike, actual: ArrayLike) -> Accuracy:
    """Every figure of this file that needs no distribution."""
    return Accuracy(
        mae=mae(forecast, actual),
        rmse=rmse(forecast, actual),
        bias=bias(forecast, actual),
        spearman=spearman(forecast, actual),
        gini=gini(forecast, actual),
        top_decile=top_share(forecast, actual),
        top_decile_best=top_share(actual, actual),
        decile_mape=decile_mape(forecast, actual),
    )


def mae(forecast: ArrayLike, actual: ArrayLike) -> float:
    """Mean absolute error."""
    f, y = _pair(forecast, actual)
    return float(np.abs(f - y).mean())


def rmse(forecast: ArrayLike, actual: ArrayLike) -> float:
    """Root of the mean squared error."""
    f, y = _pair(forecast, actual)
    return float(np.sqrt(np.square(f - y).mean()))


def bias(forecast: ArrayLike, actual: ArrayLike) -> float:
    """Per cent by which the total was forecast too high; NaN where the true total is zero."""
    f, y = _pair(forecast, actual)
    total = y.sum()
    return float(100.0 * (f.sum() / total - 1.0)) if total else float("nan")


def spearman(forecast: ArrayLike, actual: ArrayLike) -> float:
    """Correlation of ranks, ties at their mean rank; NaN where one side is all ties."""
    f, y = (mean_ranks(column) for column in _pair(forecast, actual))
    f, y = f - f.mean(), y - y.mean()
    spread = np.sqrt((f @ f) * (y @ y))
    return float(f @ y / spread) if spread else float("nan")


def mean_ranks(values: ArrayLike) -> Array:
    """Ranks from 1 up, ties at their mean rank, shape (n,)."""
    _, code, count = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2.0)[code])


def gini(forecast: ArrayLike, actual: ArrayLike) -> float:
    """Normalised Gini: how well falling forecasts concentrate the truth; 1 is the perfect order, 0 a random one.

    With C_k the share of the truth held by the first k customers, G = (2 ΣC_k - 1) / n - 1, divided by G of the perfect
    order. NaN where that is zero: everyone was alike.
    """
    f, y = _pair(forecast, actual)
    best = _concentration(y, y)
    return _concentration(f, y) / best if best > 1e-12 else float("nan")


def top_share(forecast: ArrayLike, actual: ArrayLike, share: float = 0.1) -> float:
    """Share of the true total held by the `share` of customers with the highest forecasts; NaN for a total of zero."""
    f, y = _pair(forecast, actual)
    ranked, total = _by_falling(f, y), y.sum()
    return float(ranked[: round(share * len(y))].sum() / total) if total else float("nan")


def calibration(forecast: ArrayLike, actual: ArrayLike, groups: int = 10) -> Calibration:
    """Expected against actual means in `groups` of equal size (to one customer) by falling forecast."""
    f, y = _pair(forecast, actual)
    groups = min(groups, len(f))
    start = np.arange(groups) * len(f) // groups
    customers = np.diff(start, append=len(f))
    expected, truth = (np.add.reduceat(_by_falling(f, column), start) / customers for column in (f, y))
    return Calibration(customers, expected, truth)


def decile_mape(forecast: ArrayLike, actual: ArrayLike) -> float:
    """Mean over ten groups by forecast of |expected mean - actual mean| / actual mean, in per cent.

    Groups in which nothing happened cannot be divided by and are left out; NaN where nothing happened at all.
    """
    table = calibration(forecast, actual)
    held = table.actual > 0
    error = np.abs(table.expected[held] - table.actual[held]) / table.actual[held]
    return float(100.0 * error.mean()) if held.any() else float("nan")


def randomised_pit(below: ArrayLike, upto: ArrayLike, rng: np.random.Generator) -> Array:
    """A point drawn between P(Y < y) and P(Y <= y) of each customer, (n,): uniform where the distribution is right.

    Czado, Gneiting, Held (2009), Predictive model assessment for count data, Biometrics 65(4), 1254-1261.
    """
    low, high = _pair(below, upto)
    return np.asarray(low + (high - low) * rng.random(len(low)))


def ks_distance(pit: ArrayLike) -> float:
    """Largest distance (Kolmogorov, Smirnov) between the distribution of `pit` (n,) and the uniform one."""
    u = np.sort(np.asarray(pit, dtype=np.float64))
    steps = np.arange(len(u) + 1) / len(u)
    return float(max((steps[1:] - u).max(), (u - steps[:-1]).max()))


def coverage(low: ArrayLike, high: ArrayLike, actual: ArrayLike) -> float:
    """Share of customers whose truth lies in their interval, bounds included."""
    low, y = _pair(low, actual)
    high, _ = _pair(high, actual)
    return float(np.mean((low <= y) & (y <= high)))


def mean_width(low: ArrayLike, high: ArrayLike) -> float:
    """Mean width of the intervals: an interval from zero to everything covers too."""
    low, high = _pair(low, high)
    return float((high - low).mean())


def interval_score(low: ArrayLike, high: ArrayLike, actual: ArrayLike, *, level: float = 0.8) -> float:
    """Mean width plus 2 / (1 - level) for every unit by which an interval misses; lower is better.

    Gneiting, Raftery (2007), Strictly proper scoring rules, J. American Statistical Association 102, 359-378.
    """
    low, y = _pair(low, actual)
    high, _ = _pair(high, actual)
    missed = np.maximum(low - y, 0.0) + np.maximum(y - high, 0.0)
    return float((high - low + 2.0 / (1.0 - level) * missed).mean())


def crps_counts(pmf: ArrayLike, actual: ArrayLike) -> float:
    """Mean continuous ranked probability score of distributions of counts, pmf (n, most + 1): Σ (F(k) - [y <= k])².

    A truth beyond `most` is scored by the tail as if the distribution ended there. In the unit of the counts, as the
    MAE is, which it equals for a forecast without doubt; lower is better.
    """
    cdf, y = np.cumsum(np.asarray(pmf, dtype=np.float64), axis=1), np.asarray(actual, dtype=np.float64)
    most = cdf.shape[1] - 1
    reached = y[:, None] <= np.arange(most + 1)
    return float((np.square(cdf - reached).sum(axis=1) + np.maximum(y - most - 1, 0.0)).mean())


def crps_sample(sample: ArrayLike, actual: ArrayLike) -> float:
    """Mean continuous ranked probability score of simulated futures, sample (n, draws): E|X - y| - E|X - X'| / 2."""
    x, y = np.sort(np.asarray(sample, dtype=np.float64), axis=1), np.asarray(actual, dtype=np.float64)
    draws = x.shape[1]
    apart = x @ (2.0 * np.arange(1, draws + 1) - draws - 1.0) / draws**2  # E|X - X'| / 2 of sorted values
    return float((np.abs(x - y[:, None]).mean(axis=1) - apart).mean())


def _pair(first: ArrayLike, second: ArrayLike) -> tuple[Array, Array]:
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape or len(a) == 0:
        raise InputError(
            f"A metric compares two columns of one length, not shapes {a.shape} and {b.shape}.",
            advice="Give one number per customer on both sides, for at least one customer.",
        )
    lacking = ~(np.isfinite(a) & np.isfinite(b))
    if lacking.any():
        raise DataError("A forecast or its truth is missing or infinite.", where=f"row {int(np.argmax(lacking))}")
    return a, b


def _by_falling(forecast: Array, column: Array) -> Array:
    """`column` in order of falling forecast, tied customers at their mean."""
    _, code, count = np.unique(-forecast, return_inverse=True, return_counts=True)
    return np.repeat(np.bincount(code, weights=column) / count, count)


def _concentration(forecast: Array, actual: Array) -> float:
    total = actual.sum()
    if total == 0.0:
        return 0.0
    shares = np.cumsum(_by_falling(forecast, actual)) / total
    return float((2.0 * shares.sum() - 1.0) / len(actual) - 1.0)
