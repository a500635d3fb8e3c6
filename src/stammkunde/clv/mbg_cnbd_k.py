"""MBG/CNBD-k and BG/CNBD-k: as the MBG/NBD and the BG/NBD, but orders come at regular intervals.

Between two orders of a customer lie k phases, each exponential with rate λ: an Erlang-k time, the more regular the
larger k. k = 1 is the random ordering of the (M)BG/NBD, k = 2 to 4 that of groceries, feed and coffee; k is the same
for all customers and chosen by likelihood. Over customers λ ~ Gamma(r, alpha) and p ~ Beta(a, b), where p is the
probability of being lost after an order.

Platzer, Reutterer (2016), Ticking away the moments: timing regularity helps to better predict customer activity,
Marketing Science 35(5), 779-799; Reutterer, Platzer, Schröder (2021), Leveraging purchase regularity for predicting
customer behavior the easy way, International Journal of Research in Marketing 38(1), 194-215.

The papers' conditional expectation is an approximation; here it is exact. In phases, ordering is a Poisson process
that is counted at every k-th event, so a customer in phase j has the future of an NBD customer with k x + j events,
thinned. How likely each phase is, depends on how long the customer has been silent.
"""

import copy
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from stammkunde.clv.bg_nbd import BgNbd, gamma_part, log_lost, negative_binomial, of_b
from stammkunde.clv.sample import Sample
from stammkunde.clv.transactions import Paths
from stammkunde.notices import Notice

Array = NDArray[np.float64]

LARGEST_BLOCK = 2**20  # numbers held at once while counting


class CnbdK(BgNbd):
    """Erlang-k times between orders with parameters r, alpha (time), a, b; a class stands for one k.

    `fit` tries k = 1, 2, … up to 4 while the likelihood grows, and returns a model of the class `of(k)`; `of(k).fit`
    keeps to one k. With k = 1 it is the model without regularity itself. The likelihood is that of x and t_x, so it can
    be compared between all k and with the other models of order timing.

    Asked alone, `expected_if_alive`, `pmf_if_alive` and `discounted_if_alive` speak of a customer who has just ordered;
    each of `phases()` of one who is that far on the way to the next order.
    """

    source = "Platzer, Reutterer (2016)"
    k: ClassVar[int] = 2
    ks: ClassVar[tuple[int, ...]] = (1, 2, 3, 4)
    phase: int | None = None

    @classmethod
    @cache
    def of(cls, k: int) -> type[Self]:
        """The class of this family with Erlang-k times, for that k alone."""
        alpha = cls.pooled[1][0] + np.log(cls.k / k), cls.pooled[1][1]
        own = {"k": k, "ks": (k,), "pooled": (cls.pooled[0], alpha, *cls.pooled[2:])}
        return type(f"{cls.__name__}{k}", (cls,), own)

    @classmethod
    def fit(cls, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, **how: Any) -> Self:
        """Maximum likelihood, k included; arguments as for every model of order timing."""
        first, *others = (cls if cls.ks == (k,) else cls.of(k) for k in cls.ks)
        best: Self = super(CnbdK, first).fit(x, t_x, T, **how)
        for kind in others:
            found: Self = super(CnbdK, kind).fit(x, t_x, T, **how)
            if found._explains() <= best._explains():
                break
            best = found
        return best

    def _explains(self) -> float:
        return -np.inf if self.estimate is None else self.estimate.log_likelihood

    @property
    def parameters(self) -> dict[str, float]:
        """Parameters by name, in the model's own time unit; k is a whole number and has no standard error."""
        return {"k": float(self.k), **super().parameters}

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        k = int(saved["parameters"]["k"])
        return super(CnbdK, cls if cls.ks == (k,) else cls.of(k)).from_dict(saved)

    # --- the past ---------------------------------------------------------------------------------------------

    @classmethod
    def log_likelihood(cls, sample: Sample, parameters: Array) -> tuple[Array, list[Array]]:
        if cls.k == 1:
            return super().log_likelihood(sample, parameters)
        r, alpha, a, b = parameters
        k, m, x = cls.k, cls.coins, sample.x
        log_T, log_tx = sample.T.map(lambda T: np.log(alpha + T)), sample.t_x.map(lambda t: np.log(alpha + t))
        n, now = x.map(lambda x: r + k * x), sample.T.map(lambda T: 1 / (alpha + T))
        terms = _phases(n, (sample.T.rows - sample.t_x.rows) * now, k)
        alive = sum(terms)
        lost = x.map(lambda x: log_lost(a, b, x, m)) + n * (log_T - log_tx) - np.log(alive)
        w = special.expit(lost)
        base = x.map(lambda x: gamma_part(r, alpha, k * x) + special.betaln(a, b + x + m) - special.betaln(a, b))
        rows = base - n * log_T + np.log(alive) + np.logaddexp(0.0, lost) + _volume(sample, k)
        stay = (1 - w) / alive
        of_n = stay * sum(c * sum(1 / (n + i) for i in range(j)) for j, c in enumerate(terms))
        of_time = stay * sum(j * c for j, c in enumerate(terms))
        psi = x.map(lambda x: special.digamma(r + k * x) - special.digamma(r) + np.log(alpha))
        seen = sample.t_x.map(lambda t: 1 / (alpha + t))
        slopes = [
            r * (psi - log_T - w * (log_tx - log_T) + of_n),
            r - alpha * (n * ((1 - w) * now + w * seen) + of_time * now),
            x.map(lambda x: a * (special.digamma(a + b) - special.digamma(a + b + x + m))) + w,
            x.map(lambda x: b * of_b(a, b, x, m)) - w * x.map(lambda x: b / np.maximum(b + x + m - 1, 1e-300)),
        ]
        return rows, slopes

    def log_odds_lost(self, x: Array, t_x: Array, T: Array) -> Array:
        """Of the whole model: lost or not; of one phase: anything but alive and in it."""
        if self.k == 1:
            return super().log_odds_lost(x, t_x, T)
        r, alpha, a, b = self.values
        n = r + self.k * x
        terms = _phases(n, (T - t_x) / (alpha + T), self.k)
        lost = log_lost(a, b, x, self.coins) + n * np.log((alpha + T) / (alpha + t_x))
        if self.phase is None:
            return np.asarray(lost - np.log(sum(terms)))
        others = sum(term for j, term in enumerate(terms) if j != self.phase)
        with np.errstate(divide="ignore"):
            return np.asarray(np.logaddexp(np.log(others), lost) - np.log(terms[self.phase]))

    def phases(self) -> list[Self]:
        return [self] if self.k == 1 or self.phase is not None else [self._in(j) for j in range(self.k)]

    def _in(self, phase: int) -> Self:
        found = copy.copy(self)
        found.phase = phase
        if self.shared is not None:
            found.shared = self.shared._in(phase)
        return found

    def at(self, z: ArrayLike) -> Self:
        found = super().at(z)
        found.phase = self.phase
        return found

    # --- the future -------------------------------------------------------------------------------------------

    def expected_if_alive(self, x: Array, T: Array, t: Array, rate: float | Array = 1.0) -> Array:
        if self.k == 1:
            return super().expected_if_alive(x, T, t, rate)
        r, alpha, a, b = self.values
        j = self.phase or 0
        shape, ahead, t, a, b = np.broadcast_arrays(r + self.k * x + j, (alpha + T) / rate, t, a, b + x + self.coins)
        z = np.maximum(t / (ahead + t), 1e-300)
        found = _expected(shape.ravel(), z.ravel(), a.ravel(), b.ravel(), self.k, j).reshape(shape.shape)
        return np.where(t > 0, found, 0.0)

    def unhindered(self, x: Array, T: Array, t: float, most: int, rate: float | Array = 1.0) -> Array:
        if self.k == 1:
            return super().unhindered(x, T, t, most, rate)
        r, alpha = self.values[:2]
        j, ahead = self.phase or 0, (alpha + T) / rate
        return _thinned((r + self.k * x + j)[:, None], (t / (ahead + t))[:, None], most, self.k, j)

    def waiting_time(self, x: Array, t_x: Array, T: Array, share: Array) -> Array:
        """Time until the next order of a customer who is not lost has come with probability `share`; infinite for 1.

        No order until T + w means fewer than k phases since t_x; by bisection, to a part in 10⁹.
        """
        if self.k == 1:
            return super().waiting_time(x, t_x, T, share)
        r, alpha = self.values[:2]
        n, now, k = r + self.k * x, alpha + T, self.k
        with np.errstate(divide="ignore"):
            quiet = np.log1p(-share)  # the logarithm of what has to be reached
        silent = np.log(sum(_phases(n, (T - t_x) / now, k)))
        low = np.zeros(np.shape(n + now))
        high = (np.log(sum(_phases(n, np.ones_like(now), k))) - np.maximum(quiet, -1e6)) / n
        for _ in range(32):
            middle = (low + high) / 2  # logarithm of how much alpha + T has grown
            since = 1.0 - (alpha + t_x) / now * np.exp(-middle)
            longer = np.log(sum(_phases(n, since, k))) - silent - n * middle > quiet
            low, high = np.where(longer, middle, low), np.where(longer, high, middle)
        return np.asarray(np.where(np.isneginf(quiet) | (low > 700), np.inf, now * np.expm1(np.minimum(low, 700))))

    def draw(self, T: Array, horizon: float, rng: np.random.Generator) -> Paths:
        r, alpha, a, b = self.values
        k, size = self.k, len(T)
        speed = np.maximum(rng.gamma(r, 1 / alpha, size), 1e-300)
        last = rng.geometric(np.maximum(rng.beta(a, b, size), 1e-12)) - self.coins  # after it the customer is lost
        events = rng.poisson(speed * T)
        x = np.minimum(last, events // k)
        t_x = np.where(x > 0, T * rng.beta(np.maximum(k * x, 1), events - k * x + 1.0), 0.0)
        further = (events % k + rng.poisson(speed * horizon)) // k
        future = np.minimum(np.where(last <= events // k, 0, further), last - x)
        return Paths(x.astype(np.float64), t_x, future.astype(np.float64))


class MbgCnbdK(CnbdK):
    """MBG/CNBD-k with parameters k, r, alpha (time of one of the k phases), a, b."""

    name = "mbg-cnbd-k"
    pooled = ((np.log(0.7), 1.0), (np.log(35.0), 1.5), (np.log(0.8), 1.0), (np.log(1.6), 1.0))
    caveat = None
    coins = 1


class BgCnbdK(CnbdK):
    """BG/CNBD-k with parameters k, r, alpha (time of one of the k phases), a, b; nobody is lost at the first order."""

    name = "bg-cnbd-k"
    pooled = ((np.log(0.5), 1.0), (np.log(30.0), 1.5), (np.log(0.8), 1.0), (np.log(2.5), 1.0))
    caveat = Notice("one_order_for_ever", model="bg-cnbd-k")


def _phases(n: Array, since: Array, k: int) -> list[Array]:
    """How likely each phase is beside phase 0, for a silence of `since` times alpha + T: since^j (n)_j / j!."""
    terms = [np.ones(np.broadcast_shapes(np.shape(n), np.shape(since)))]
    for j in range(1, k):
        terms.append(terms[-1] * since * ((n + j - 1) / j))
    return terms


def _volume(sample: Sample, k: int) -> Array:
    """All ways to order x times until t_x: ln of t_x^((k-1)x) Γ(x) / Γ(kx), which leaves nothing at k = 1."""
    x = sample.x
    log_t = sample.t_x.map(lambda t: np.log(np.where(t > 0, t, 1.0)))
    ways = x.map(
        lambda x: np.where(x > 0, special.gammaln(np.maximum(x, 1)) - special.gammaln(k * np.maximum(x, 1)), 0)
    )
    return ways + (k - 1) * x.rows * log_t


def _thinned(shape: Array, z: Array, most: int, k: int, j: int) -> Array:
    """Probabilities of 0 … most orders where every k-th event is one and j have passed. (rows, most + 1)."""
    events = negative_binomial(shape, z, k * (most + 1) - 1 - j)
    return np.asarray(np.pad(events, ((0, 0), (j, 0))).reshape(len(events), most + 1, k).sum(axis=-1))


def _expected(shape: Array, z: Array, a: Array, b: Array, k: int, j: int) -> Array:
    """Orders of customers in phase j, each one there only if no order before it was the last: (rows,).

    Counted as far as each row needs, all but a part in 10¹³; rows that need as much are counted together.
    """
    found, rows = np.zeros(len(shape)), np.arange(len(shape))
    most = 8
    while len(rows):
        left = []
        for part in np.array_split(rows, 1 + len(rows) * k * most // LARGEST_BLOCK):
            n, p = np.arange(most), _thinned(shape[part, None], z[part, None], most, k, j)
            there = (b[part, None] + n) / (a[part, None] + b[part, None] + n)
            reached = np.cumsum(
                np.pad(np.cumprod(there, axis=1), ((0, 0), (1, 0)), constant_values=1.0)[:, :-1], axis=1
            )
            found[part] = (p[:, 1:] * reached).sum(axis=1)
            grows = z[part] * (shape[part] + k * most) / (k * most + 1)  # how much rarer each further event is
            rest = p[:, -1] * (most + 1) / np.square(np.maximum(1 - grows, 1e-9))
            left.append(part[(grows >= 1) | (rest > 1e-13 * found[part])])
        rows, most = np.concatenate(left), 2 * most
    return found
