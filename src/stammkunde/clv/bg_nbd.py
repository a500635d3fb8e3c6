"""BG/NBD: orders at random, a customer may be lost after each repeat order.

While a customer is one, orders come as a Poisson process of rate λ; after each repeat order the customer is lost with
probability p. Over customers λ ~ Gamma(r, alpha) and p ~ Beta(a, b).

Fader, Hardie, Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2), 275-284.
Covariates: Fader, Hardie (2007), Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from stammkunde.clv.sample import Sample
from stammkunde.clv.transactions import Paths, TransactionModel
from stammkunde.notices import Notice

Array = NDArray[np.float64]
TERMS = 4000  # of the series for expected orders, before it is summed in another way
STEPS, ROWS = 2048, 128  # of that sum, and rows summed at once


class BgNbd(TransactionModel):
    """BG/NBD with parameters r, alpha (time), a, b.

    By the model's design a customer without a repeat order is alive for certain: nobody is lost before coming back.
    """

    name = "bg-nbd"
    names = ("r", "alpha", "a", "b")
    timed = ("alpha",)
    source = "Fader, Hardie, Lee (2005)"
    pooled = ((np.log(0.5), 1.0), (np.log(60.0), 1.5), (np.log(0.8), 1.0), (np.log(2.5), 1.0))
    moved: ClassVar = {"alpha": -1, "a": 1, "b": 1}
    caveat: ClassVar[Notice | None] = Notice("one_order_for_ever", model="bg-nbd")
    #: Chances to be lost before the first repeat order: none here, one in the MBG/NBD.
    coins: ClassVar[int] = 0

    @classmethod
    def log_likelihood(cls, sample: Sample, parameters: Array) -> tuple[Array, list[Array]]:
        r, alpha, a, b = parameters
        m, x = cls.coins, sample.x
        log_T, log_tx = sample.T.map(lambda T: np.log(alpha + T)), sample.t_x.map(lambda t: np.log(alpha + t))
        n = x.map(lambda x: r + x)
        lost = x.map(lambda x: log_lost(a, b, x, m)) + n * (log_T - log_tx)
        w = special.expit(lost)
        base = x.map(lambda x: gamma_part(r, alpha, x) + special.betaln(a, b + x + m) - special.betaln(a, b))
        rows = base - n * log_T + np.logaddexp(0.0, lost)
        log_t = log_T + w * (log_tx - log_T)
        inverse = (1 - w) * sample.T.map(lambda T: 1 / (alpha + T)) + w * sample.t_x.map(lambda t: 1 / (alpha + t))
        slopes = [
            x.map(lambda x: r * (special.digamma(r + x) - special.digamma(r) + np.log(alpha))) - r * log_t,
            r - alpha * n * inverse,
            x.map(lambda x: a * (special.digamma(a + b) - special.digamma(a + b + x + m))) + w,
            x.map(lambda x: b * of_b(a, b, x, m)) - w * x.map(lambda x: b / np.maximum(b + x + m - 1, 1e-300)),
        ]
        return rows, slopes

    def log_odds_lost(self, x: Array, t_x: Array, T: Array) -> Array:
        r, alpha, a, b = self.values
        return np.asarray(log_lost(a, b, x, self.coins) + (r + x) * np.log((alpha + T) / (alpha + t_x)))

    def expected_if_alive(self, x: Array, T: Array, t: Array, rate: float | Array = 1.0) -> Array:
        r, alpha, a, b = self.values
        ahead = (alpha + T) / rate
        return expected_until_lost(r + x, ahead, a, b + x + self.coins, np.asarray(t, dtype=np.float64))

    def pmf_if_alive(self, x: Array, T: Array, t: float, most: int, rate: float | Array = 1.0) -> Array:
        a, b = self.values[2:]
        n, later, a = np.arange(most + 1), (b + x + self.coins)[:, None], np.atleast_1d(a)[:, None]
        count = self.unhindered(x, T, t, most, rate)
        ratio = (later + n[:-1]) / (a + later + n[:-1])
        kept = np.concatenate([np.ones((len(x), 1)), np.cumprod(ratio, axis=1)], axis=1)
        at_least = np.maximum(1.0 - np.cumsum(count, axis=1), 0.0)  # P(more than n orders were it not for losing them)
        pmf = kept * count
        pmf[:, 1:] += kept[:, 1:] * a / (later + n[1:] - 1) * (at_least + count)[:, 1:]
        return np.asarray(pmf)

    def unhindered(self, x: Array, T: Array, t: float, most: int, rate: float | Array = 1.0) -> Array:
        """P(n orders in (T, T + t]) for n = 0 … most of customers whom nothing could make leave, (rows, most + 1)."""
        r, alpha = self.values[:2]
        return negative_binomial((r + x)[:, None], t / (((alpha + T) / rate)[:, None] + t), most)

    def draw(self, T: Array, horizon: float, rng: np.random.Generator) -> Paths:
        r, alpha, a, b = self.values
        size = len(T)
        # Numpy's gamma and beta round to exactly zero for small shapes; such a customer would need an infinite wait.
        speed = np.maximum(rng.gamma(r, 1 / alpha, size), 1e-300)
        p = np.maximum(rng.beta(a, b, size), 1e-12)
        last = rng.geometric(p).astype(np.float64) - self.coins  # number of the order after which the customer is lost
        end = np.where(last > 0, rng.gamma(np.maximum(last, 1.0)) / speed, 0.0)
        gone = end <= T
        share_seen = np.where(gone, 0.0, T / np.maximum(end, 1e-300))
        before = rng.binomial(np.maximum(last - 1, 0).astype(np.int64), share_seen)
        x = np.where(gone, last, before)
        t_x = np.where(gone, end, T * rng.random(size) ** (1 / np.maximum(x, 1.0))) * (x > 0)
        left = np.maximum(last - 1 - before, 0).astype(np.int64)
        share = np.where(gone, 0.0, np.minimum(horizon / np.maximum(end - T, 1e-300), 1.0))
        future = np.where(gone, 0, np.where(share >= 1, left + 1, rng.binomial(left, share)))
        return Paths(x, t_x, future.astype(np.float64))


def gamma_part(r: Array, alpha: Array, x: Array) -> Array:
    """ln Γ(r + x) / Γ(r) · alpha^r."""
    return np.asarray(special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha))


def log_lost(a: Array, b: Array, x: Array, m: int) -> Array:
    """ln of the chance to be lost at the last of x + m chances beside that of having taken none; -inf without one."""
    chances = x + m
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(chances > 0, np.log(a) - np.log(np.maximum(b + chances - 1, 1e-300)), -np.inf))


def of_b(a: Array, b: Array, x: Array, m: int) -> Array:
    """Derivative of ln B(a, b + x + m) / B(a, b) by b."""
    psi = special.digamma
    return np.asarray(psi(b + x + m) - psi(b) - psi(a + b + x + m) + psi(a + b))


def negative_binomial(shape: Array, z: Array, most: int) -> Array:
    """Gamma-Poisson probabilities of 0 … most orders, by logarithms: no overflow at any shape. (rows, most + 1)."""
    n = np.arange(1, most + 1)
    steps = np.log((shape + n - 1) / n) + np.log(z)
    return np.asarray(np.exp(shape * np.log1p(-z) + np.pad(np.cumsum(steps, axis=1), ((0, 0), (1, 0)))))


def expected_until_lost(shape: Array, ahead: Array, a: float | Array, b: Array, t: Array) -> Array:
    """E[(1 - exp(-λpt)) / p] for λ ~ Gamma(shape, ahead), p ~ Beta(a, b): orders within t of a customer alive now.

    With z = t / (ahead + t), c = a + b - 1, k = c - shape it is
    c / (a - 1) · [1 - (1 - z)^(a-1) · 2F1(k, a - 1; c; z)] (eq. 10 of the paper after Euler's transformation), where
    k does not grow with the number of orders. Summed as a series from which a - 1 and c are cancelled, so nothing
    special happens at a = 1 or c = 0.
    """
    rows = np.broadcast_arrays(shape, ahead, a, b, t)
    flat = [np.asarray(row, dtype=np.float64).ravel() for row in rows]
    found = _expected_by_series(*flat)
    hard = np.flatnonzero(np.isnan(found))
    if len(hard):
        found[hard] = _expected_by_sum(*(row[hard] for row in flat))
    return found.reshape(rows[0].shape)


def _expected_by_series(shape: Array, ahead: Array, a: Array, b: Array, t: Array) -> Array:
    """The series; NaN where it would cancel, overflow or take too long."""
    z = t / (ahead + t)
    log_left = np.log1p(-z)
    c = a + b - 1.0
    k = c - shape
    found = np.full(len(z), np.nan)
    rows = np.flatnonzero((k > -20.0) & ((a - 1.0) * log_left > -600.0))  # before, it would alternate and cancel
    a, c, k, z, log_left = (column[rows] for column in (a, c, k, z, log_left))
    head = -c * log_left * special.exprel((a - 1.0) * log_left)
    term = k * z
    total = term.copy()
    for j in range(1, TERMS):
        term = term * ((k + j) * (a + j - 1) / ((c + j) * (j + 1))) * z
        total += term
        if j % 16 == 0 and np.all(np.abs(term) <= 1e-16 * np.abs(total)):
            break
    done = (np.abs(term) <= 1e-15 * np.abs(total)) & (np.abs(total) < 1e250)
    with np.errstate(invalid="ignore"):
        found[rows] = np.where(done, head - np.exp((a - 1.0) * log_left) * total, np.nan)
    return found


def _expected_by_sum(shape: Array, ahead: Array, a: Array, b: Array, t: Array) -> Array:
    """The same expectation summed over ln(p / (1 - p)) in even steps, which for a smooth hump is exact to rounding.

    The density falls like exp(a·y) to the left and exp(-b·y) to the right of its mode.
    """
    found = np.empty(len(t))
    for rows in np.array_split(np.arange(len(t)), 1 + len(t) // ROWS):
        one, two, r, u = (column[rows, None] for column in (a, b, shape, t / ahead))
        mode, width = np.log(one / two), np.sqrt(1.0 / one + 1.0 / two)
        left, right = mode - 10.0 * width - 40.0 / one, mode + 10.0 * width + 40.0 / two
        y = left + (right - left) * np.linspace(0.0, 1.0, STEPS)
        log_p, log_rest = -np.logaddexp(0.0, -y), -np.logaddexp(0.0, y)
        log_density = one * log_p + two * log_rest
        weight = np.exp(log_density - log_density.max(axis=1, keepdims=True))
        p = np.exp(log_p)
        orders = -np.expm1(-r * np.log1p(p * u)) / np.maximum(p, 1e-300)
        orders = np.where(p * u * r < 1e-12, r * u, orders)
        found[rows] = (weight * orders).sum(axis=1) / weight.sum(axis=1)
    return found
