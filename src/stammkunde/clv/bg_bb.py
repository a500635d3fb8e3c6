"""BG/BB: at each of many occasions a customer buys or does not, until lost for good.

Occasions are given: a yearly appeal, a monthly fair, a weekly box. Before each of them a customer is lost with
probability θ; while still one, buys with probability p. Over customers p ~ Beta(alpha, beta), θ ~ Beta(gamma, delta).
A history is x purchases at the last n occasions, the latest at occasion t_x (0 where x is 0); the occasion at which the
customer was won is not counted. How long a customer stays is the shifted beta-geometric of `lifetime`.

Fader, Hardie, Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting, Marketing Science 29(6),
1086-1108. The literature has no standard covariates for it, so neither has this file.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stammkunde.clv.fitted import Fitted
from stammkunde.clv.lifetime import Lifetime, log_lifetime, quantile
from stammkunde.clv.optimize import maximise
from stammkunde.clv.transactions import POOLED_UNTIL, Paths
from stammkunde.errors import DataError

Array = NDArray[np.float64]
Counts = NDArray[np.intp]


class BgBb(Fitted):
    """BG/BB with parameters alpha, beta (buying), gamma (leaving), delta (staying)."""

    name = "bg-bb"
    names = ("alpha", "beta", "gamma", "delta")
    source = "Fader, Hardie, Shang (2010)"
    pooled = ((0.0, 1.0), (0.0, 1.0), (np.log(0.7), 1.0), (np.log(2.5), 1.0))

    @classmethod
    def fit(
        cls, x: ArrayLike, t_x: ArrayLike, n: ArrayLike, *, weight: ArrayLike | None = None, pool: bool = True
    ) -> Self:
        """Maximum likelihood on histories x, t_x, n (rows,), whole numbers, each counted `weight` times.

        Where fewer than 500 customers bought again, a prior from typical shops joins in (`pool`), the stronger the
        fewer they are.

        Raises
        ------
        DataError : a row is not a history; the message names the first.
        ConvergenceError : no maximum found; see its advice.
        """
        histories = Histories.of(x, t_x, n)
        rows = np.bincount(histories.code, weights=None if weight is None else np.asarray(weight, dtype=np.float64))
        prior = cls._prior(0, max(0.0, 1.0 - float(rows @ (histories.x > 0)) / POOLED_UNTIL))

        def objective(theta: Array) -> tuple[float, Array]:
            value, slopes = log_likelihood(histories, np.exp(theta))
            return float(rows @ value), slopes @ rows

        use = prior if pool and prior.weight else None
        estimate = maximise(objective, prior.mean, scale=float(rows.sum()), prior=use)
        return cls._of(estimate.theta, (), estimate)

    def p_alive(self, x: ArrayLike, t_x: ArrayLike, n: ArrayLike) -> Array:
        """P(still a customer at occasion n + 1), (rows,)."""
        histories = Histories.of(x, t_x, n)
        here = self._alive(histories) * self._lifetime(histories.n).retention(1)
        return np.asarray(here[histories.code])

    def expected_orders(self, x: ArrayLike, t_x: ArrayLike, n: ArrayLike, ahead: int) -> Array:
        """Expected purchases at the next `ahead` occasions, (rows,).

        Summed over occasions: eq. 13 of the paper divides zero by zero where gamma is one.
        """
        histories = Histories.of(x, t_x, n)
        occasions = self._lifetime(histories.n).expected(ahead)
        return np.asarray((self._alive(histories) * self._buys(histories) * occasions)[histories.code])

    def expected_new(self, ahead: ArrayLike) -> Array:
        """Expected purchases of a new customer at the first `ahead` occasions, shape of ahead."""
        occasions = np.asarray(ahead, dtype=np.intp)
        alpha, beta, gamma, delta = self.values
        lived = Lifetime.of(gamma, delta).path(int(occasions.max(initial=0)))
        return np.asarray(alpha / (alpha + beta) * (np.cumsum(lived) - 1.0)[occasions])

    def discounted_orders(self, x: ArrayLike, t_x: ArrayLike, n: ArrayLike, discount: float) -> Array:
        """DERT: all purchases to come, each discounted to occasion n at `discount` an occasion, (rows,)."""
        histories = Histories.of(x, t_x, n)
        occasions = self._lifetime(histories.n).total(discount) - 1.0  # the running one is over
        return np.asarray((self._alive(histories) * self._buys(histories) * occasions)[histories.code])

    def pmf(self, x: ArrayLike, t_x: ArrayLike, n: ArrayLike, ahead: int) -> Array:
        """P(k purchases at the next `ahead` occasions), k = 0 … ahead, exact; (rows, ahead + 1)."""
        histories = Histories.of(x, t_x, n)
        return np.asarray(self._pmf(histories, ahead)[histories.code])

    def pmf_new(self, n: int) -> Array:
        """P(x purchases at the first n occasions of a new customer), x = 0 … n; (n + 1,)."""
        return np.asarray(self.pmf([0], [0], [0], n)[0])

    def expected_counts(self, n: ArrayLike, *, weight: ArrayLike | None = None) -> Array:
        """How many customers with n (rows,) occasions should have bought 0, 1, … times; (max n + 1,)."""
        occasions, code = np.unique(np.asarray(n, dtype=np.intp), return_inverse=True)
        customers = np.bincount(code, weights=None if weight is None else np.asarray(weight, dtype=np.float64))
        total = np.zeros(int(occasions.max()) + 1)
        for count, size in zip(occasions, customers, strict=True):
            total[: count + 1] += size * self.pmf_new(int(count))
        return total

    def interval(
        self,
        x: ArrayLike,
        t_x: ArrayLike,
        n: ArrayLike,
        ahead: int,
        *,
        rng: np.random.Generator,
        level: float = 0.8,
        draws: int = 200,
    ) -> tuple[Array, Array]:
        """Least and most purchases at the next `ahead` occasions with probability `level`, (rows,) each.

        The exact distribution of every customer, averaged over `draws` parameters: both doubts are in it.
        """
        histories = Histories.of(x, t_x, n)
        pmf = np.zeros((len(histories.x), ahead + 1))
        for model in self.draws(draws, rng):
            pmf += model._pmf(histories, ahead) / draws
        low, high = quantile(pmf, (1 - level) / 2), quantile(pmf, (1 + level) / 2)
        return np.asarray(low[histories.code]), np.asarray(high[histories.code])

    def simulate(self, n: ArrayLike, ahead: int, rng: np.random.Generator) -> Paths:
        """One new customer for each n (rows,): x and t_x at n occasions, and `future` purchases at the next `ahead`."""
        occasions = np.asarray(n, dtype=np.float64)
        alpha, beta, gamma, delta = self.values
        size = len(occasions)
        p = np.maximum(rng.beta(alpha, beta, size), 1e-12)  # small shapes round to zero
        lived = Lifetime.of(gamma, delta).draw(size, rng)
        seen = np.minimum(lived, occasions)
        t_x = np.maximum(seen - rng.geometric(p) + 1.0, 0.0)  # from the end, the first purchase is the last
        x = np.where(t_x > 0, 1.0 + rng.binomial(np.maximum(t_x - 1, 0).astype(np.int64), p), 0.0)
        future = rng.binomial(np.clip(lived - occasions, 0, ahead).astype(np.int64), p)
        return Paths(x, t_x, future.astype(np.float64))

    def _alive(self, histories: "Histories") -> Array:
        """P(still a customer right after occasion n)."""
        alpha, beta, gamma, delta = self.values
        bought = Sequences(alpha, beta, int(histories.n.max())).log_probability(histories.x, histories.n)[0]
        stayed = log_lifetime(gamma, delta, histories.n, 0.0)[0]
        return np.asarray(np.exp(bought + stayed - log_likelihood(histories, self.values)[0]))

    def _buys(self, histories: "Histories") -> Array:
        """Mean of p for customers seen alive at all n occasions."""
        alpha, beta = self.values[:2]
        return np.asarray((alpha + histories.x) / (alpha + beta + histories.n))

    def _lifetime(self, n: Counts) -> Lifetime:
        return Lifetime.of(*self.values[2:]).after(n)

    def _pmf(self, histories: "Histories", ahead: int) -> Array:
        """Purchases of those alive depend on x and n alone: few pairs, whatever the number of customers."""
        alpha, beta = self.values[:2]
        (x, n), pair = _merged(histories.x, histories.n)
        occasions = self._lifetime(n).pmf(ahead)
        bought = np.array([_mixed(alpha + a, beta + b - a, row) for a, b, row in zip(x, n, occasions, strict=True)])
        alive = self._alive(histories)[:, None]
        pmf = alive * bought[pair]
        pmf[:, :1] += 1.0 - alive
        return np.asarray(pmf)


@dataclass(frozen=True)
class Histories:
    """Distinct histories x, t_x, n, and the `code` that says which of them each row is."""

    x: Counts
    t_x: Counts
    n: Counts
    code: Counts

    @classmethod
    def of(cls, x: ArrayLike, t_x: ArrayLike, n: ArrayLike) -> "Histories":
        """Checked and merged.

        Raises
        ------
        DataError : a row is not a history; the message names the first.
        """
        rows = np.stack(np.broadcast_arrays(*(np.atleast_1d(np.asarray(c, dtype=np.float64)) for c in (x, t_x, n))))
        wrong = ~(np.isfinite(rows).all(axis=0) & (rows == np.floor(rows)).all(axis=0))
        wrong |= ~((rows[0] >= 0) & (rows[0] <= rows[1]) & (rows[1] <= rows[2])) | ((rows[0] == 0) & (rows[1] > 0))
        if wrong.any():
            at = int(np.argmax(wrong))
            raise DataError(
                f"x={rows[0, at]:g}, t_x={rows[1, at]:g}, n={rows[2, at]:g} is not a history of occasions.",
                where=f"row {at}",
                advice="Give whole numbers with 0 <= x <= t_x <= n, and t_x = 0 for who never bought again.",
            )
        distinct, code = _merged(*rows.astype(np.intp))
        return cls(distinct[0], distinct[1], distinct[2], code)


def _merged(*columns: Counts) -> tuple[list[Counts], Counts]:
    """Distinct rows of columns of small numbers, and which of them each row is; one sort of one key."""
    sizes = tuple(int(column.max(initial=0)) + 1 for column in columns)
    keys, code = np.unique(np.ravel_multi_index(columns, sizes), return_inverse=True)
    return list(np.unravel_index(keys, sizes)), code


@dataclass(frozen=True)
class Sequences:
    """Given sequences of purchases by customers who stay, p ~ Beta(alpha, beta): tables up to `most` occasions."""

    alpha: float
    beta: float
    most: int

    def log_probability(self, x: Counts, n: Counts | int) -> tuple[Array, Array]:
        """log B(alpha + x, beta + n - x) / B(alpha, beta) by row, and its derivatives by the logarithms (2, rows)."""
        (buy, pass_, both), (d_buy, d_pass, d_both) = self._values, self._slopes
        slopes = np.array([self.alpha * (d_buy[x] - d_both[n]), self.beta * (d_pass[n - x] - d_both[n])])
        return np.asarray(buy[x] + pass_[n - x] - both[n]), slopes

    @cached_property
    def _values(self) -> list[Array]:
        return [rising(start, self.most) for start in (self.alpha, self.beta, self.alpha + self.beta)]

    @cached_property
    def _slopes(self) -> list[Array]:
        return [_sums(1.0 / _steps(start, self.most)) for start in (self.alpha, self.beta, self.alpha + self.beta)]


def rising(start: float, most: int) -> Array:
    """Logarithms of Γ(start + k) / Γ(start), k = 0 … most; summed, as a difference loses digits at large starts."""
    return _sums(np.log(_steps(start, most)))


def _steps(start: float, most: int) -> Array:
    return np.asarray(start + np.arange(most), dtype=np.float64)


def _sums(terms: Array) -> Array:
    return np.concatenate([[0.0], np.cumsum(terms)])


def log_likelihood(histories: Histories, parameters: Array) -> tuple[Array, Array]:
    """Log-likelihood of each distinct history, and its derivatives by the log parameters, shape (4, histories).

    Eq. 7 of the paper, walked from occasion n back to t_x: the customer was never lost, or was lost right before
    occasion n, or n - 1, … Sums are kept as logarithms and their slopes as running means, so a thousand occasions do
    not underflow; one walk serves all histories with the same x and n.
    """
    (x, n), pair = _merged(histories.x, histories.n)
    most = int(n.max())
    order = np.argsort(histories.t_x, kind="stable")
    bounds = np.searchsorted(histories.t_x[order], np.arange(most + 2))
    bought = Sequences(float(parameters[0]), float(parameters[1]), most)
    gamma, delta, steps = parameters[2], parameters[3], np.arange(most + 1)
    (stayed, d_stayed), (left, d_left) = (log_lifetime(gamma, delta, steps, lost) for lost in (0.0, 1.0))
    total, d_bought = bought.log_probability(x, n)
    total, slope = total + stayed[n], np.concatenate([d_bought, d_stayed[:, n]])
    rows, slopes = total[pair], slope[:, pair]
    for i in range(most - 1, -1, -1):
        live = np.flatnonzero((x <= i) & (i < n))
        value, d_bought = bought.log_probability(x[live], i)
        value = value + left[i]
        change = np.concatenate([d_bought, np.broadcast_to(d_left[:, i, None], d_bought.shape)])
        summed = np.logaddexp(total[live], value)
        slope[:, live] += np.exp(value - summed) * (change - slope[:, live])
        total[live] = summed
        done = order[bounds[i] : bounds[i + 1]]
        rows[done], slopes[:, done] = total[pair[done]], slope[:, pair[done]]
    return rows, slopes


def _mixed(a: float, b: float, lived: Array) -> Array:
    """P(j purchases) of a customer with p ~ Beta(a, b) who lives k occasions with probability lived[k]."""
    most = len(lived) - 1
    k = np.arange(most + 1)
    missed = k - k[:, None]  # purchases down, occasions across
    log_ways = rising(1.0, most)
    bought, passed = rising(a, most) - log_ways, rising(b, most) - log_ways
    log_pmf = bought[:, None] + passed[missed] + log_ways - rising(a + b, most)
    return np.asarray(np.exp(np.where(missed >= 0, log_pmf, -np.inf)) @ lived)
