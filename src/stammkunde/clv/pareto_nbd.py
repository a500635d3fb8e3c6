"""Pareto/NBD: orders at random, a customer may be lost at any moment.

While a customer is one, orders come as a Poisson process of rate λ; customers are lost at rate μ, orders or not. Over
customers λ ~ Gamma(r, alpha) and μ ~ Gamma(s, beta).

Schmittlein, Morrison, Colombo (1987), Counting Your Customers, Management Science 33(1), 1-24; Fader, Hardie (2005),
A note on deriving the Pareto/NBD model. Covariates: Fader, Hardie (2007).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from stammkunde.clv.bg_nbd import negative_binomial
from stammkunde.clv.quadrature import legendre, panels
from stammkunde.clv.sample import Sample
from stammkunde.clv.transactions import Paths, TransactionModel

Array = NDArray[np.float64]
BLOCK = 2048  # rows integrated at once: what a processor keeps at hand
MIDDLES = (np.arange(256) + 0.5) / 256  # quantiles of the wait
KINDS = 64  # distinct covariates up to which customers who share them are taken together


class ParetoNbd(TransactionModel):
    """Pareto/NBD with parameters r, alpha (time), s, beta (time)."""

    name = "pareto-nbd"
    names = ("r", "alpha", "s", "beta")
    timed = ("alpha", "beta")
    source = "Schmittlein, Morrison, Colombo (1987)"
    pooled = ((np.log(0.6), 1.0), (np.log(80.0), 1.5), (np.log(0.6), 1.0), (np.log(80.0), 1.5))
    moved: ClassVar = {"alpha": -1, "beta": -1}

    @classmethod
    def log_likelihood(cls, sample: Sample, parameters: Array) -> tuple[Array, list[Array]]:
        r, alpha, s, beta = parameters
        seen, now = sample.pair(sample.t_x), sample.pair(sample.T)
        early, late = (tail_integral(p.x, p.t, r, alpha, s, beta) for p in (seen, now))
        alive = now.expand(-(r + now.x) * np.log(alpha + now.t) - s * np.log(beta + now.t))
        log_early, log_late = seen.expand(early.log), now.expand(late.log)
        log_lost = np.log(s) + log_early + np.log(-np.expm1(np.minimum(log_late - log_early, -1e-300)))
        either = np.logaddexp(alive, log_lost)
        w = np.exp(log_lost - either)  # P(lost)
        rises = sample.x.map(lambda x: special.gammaln(r + x) - special.gammaln(r))
        base = rises + r * np.log(alpha) + s * np.log(beta)
        # The lost part is s·(G(t_x) - G(T)); its relative slope is (e·G(t_x)' - f·G(T)') with e - f = 1 in its units.
        e, f = np.exp(np.log(s) + log_early - either), np.exp(np.log(s) + log_late - either)
        now_alive = (
            now.expand(-np.log(alpha + now.t)),
            now.expand(-(r + now.x) / (alpha + now.t)),
            now.expand(-np.log(beta + now.t)),
            now.expand(-s / (beta + now.t)),
        )
        mixed = [
            (1 - w) * a + e * seen.expand(g) - f * now.expand(h)
            for a, g, h in zip(now_alive, early.slopes, late.slopes, strict=True)
        ]
        slopes = [
            r * (sample.x.map(lambda x: special.digamma(r + x) - special.digamma(r)) + np.log(alpha) + mixed[0]),
            r + alpha * mixed[1],
            s * (np.log(beta) + mixed[2]) + w,
            s + beta * mixed[3],
        ]
        return base + either, slopes

    def log_odds_lost(self, x: Array, t_x: Array, T: Array) -> Array:
        if self.z is not None and self.z.ndim > 1:
            kinds, kind = np.unique(self.z, axis=0, return_inverse=True)
            if len(kinds) <= KINDS:
                return self._by_kind(kinds, kind.ravel(), (x, t_x, T))
        r, alpha, s, beta = self.values
        shape = np.shape(x)
        x, t_x, T = (np.ravel(c) for c in (x, t_x, T))
        sample = Sample.of(x, t_x, T, np.ones(len(x)), self.z if np.ndim(r) else None)
        seen, now = sample.pair(sample.t_x), sample.pair(sample.T)
        early = seen.expand(tail_integral(seen.x, seen.t, r, alpha, s, beta).log)
        late = now.expand(tail_integral(now.x, now.t, r, alpha, s, beta).log)
        with np.errstate(divide="ignore"):
            lost = np.log(s) + early + np.log(-np.expm1(np.minimum(late - early, 0.0)))
        return np.asarray(lost + (r + x) * np.log(alpha + T) + s * np.log(beta + T)).reshape(shape)

    def _by_kind(self, kinds: Array, kind: NDArray[np.intp], columns: tuple[Array, Array, Array]) -> Array:
        """Customers of equal covariates together: they share integrals."""
        shared, found = self.shared or self, np.zeros(len(kind))
        for number, z in enumerate(kinds):
            rows = kind == number
            found[rows] = shared.at(z).log_odds_lost(*(column[rows] for column in columns))
        return found

    def expected_if_alive(self, x: Array, T: Array, t: Array, rate: float | Array = 1.0) -> Array:
        r, alpha, s, beta = self.values
        log_left = -np.log1p(t / (beta + T))
        return np.asarray(-rate * (r + x) / (alpha + T) * (beta + T) * log_left * special.exprel((s - 1) * log_left))

    def pmf_if_alive(self, x: Array, T: Array, t: float, most: int, rate: float | Array = 1.0) -> Array:
        r, alpha, s, beta = self.values
        ahead, shape = ((alpha + T) / rate)[:, None], (r + x)[:, None]
        stays, s = np.exp(-s * np.log1p(t / (beta + T)))[:, None], np.atleast_1d(s)[:, None]
        pmf = stays * negative_binomial(shape, t / (ahead + t), most)
        for node, weight in zip(*legendre(32), strict=True):
            # Time of loss by equal shares of those lost within t.
            until = (beta + T)[:, None] * np.expm1(-np.log1p(-node * (1 - stays)) / s)
            pmf += weight * (1 - stays) * negative_binomial(shape, until / (ahead + until), most)
        return np.asarray(pmf)

    def waiting_time(self, x: Array, t_x: Array, T: Array, share: Array) -> Array:
        """Time until the next order of a customer who is not lost yet has come with probability `share`; infinite where
        she is lost before with more than 1 - share.

        The order counts only if it comes before the loss: ∫ P(next order within dw) · P(not lost by w), taken over the
        quantiles of the wait.
        """
        del t_x
        r, alpha, s, beta = (np.broadcast_to(value, np.shape(x)) for value in self.values)
        found = np.empty(np.shape(x))
        for rows in np.array_split(np.arange(len(found)), 1 + len(found) // BLOCK):
            ahead, shape = (alpha + T)[rows, None], (r + x)[rows, None]
            waits = ahead * np.expm1(-np.log1p(-MIDDLES) / shape)
            stays = np.exp(-s[rows, None] * np.log1p(waits / (beta + T)[rows, None]))
            came = np.cumsum(stays, axis=1) / len(MIDDLES)
            last = (came < share[rows, None]).sum(axis=1)  # the step in which the share is reached
            inside = np.minimum(last, len(MIDDLES) - 1)
            row = np.arange(len(rows))
            part = (share[rows] - came[row, inside]) * len(MIDDLES) / stays[row, inside] + 1.0
            q = (inside + np.clip(part, 0.0, 1.0)) / len(MIDDLES)
            with np.errstate(divide="ignore"):
                wait = ahead[:, 0] * np.expm1(-np.log1p(-q) / shape[:, 0])
            found[rows] = np.where(last < len(MIDDLES), wait, np.inf)
        return found

    def draw(self, T: Array, horizon: float, rng: np.random.Generator) -> Paths:
        r, alpha, s, beta = self.values
        size = len(T)
        speed = rng.gamma(r, 1 / alpha, size)
        end = rng.exponential(size=size) / np.maximum(rng.gamma(s, 1 / beta, size), 1e-300)
        seen = np.minimum(end, T)
        x = rng.poisson(speed * seen).astype(np.float64)
        t_x = np.where(x > 0, seen * rng.random(size) ** (1 / np.maximum(x, 1.0)), 0.0)
        future = rng.poisson(speed * np.clip(end - T, 0.0, horizon)).astype(np.float64)
        return Paths(x, t_x, future)


@dataclass(frozen=True)
class Tail:
    """ln G and its derivatives by r, alpha, s, beta, each of shape (rows,)."""

    log: Array
    slopes: tuple[Array, Array, Array, Array]


def tail_integral(x: Array, t: Array, r: Array, alpha: Array, s: Array, beta: Array) -> Tail:
    """G(x, t) = ∫ from t to infinity of (alpha + τ)^-(r + x) · (beta + τ)^-(s + 1) dτ.

    The papers write it with 2F1, which has no derivative by its parameters and loses digits for many orders. Here it
    is integrated: with a pivot C between alpha + t and beta + t (their weighted harmonic mean) and
    v = (r + x + s) · ln((C + τ - t) / C), the integrand starts out exactly as exp(-v), and all terms are positive.
    The derivatives are moments under the same weights. A row has 144 nodes, so rows go block by block.
    """
    rows = np.broadcast_arrays(r + x, alpha + t, s, beta + t)
    blocks = (np.array_split(column, 1 + len(column) // BLOCK) for column in map(np.ravel, rows))
    parts = [_tail(*block) for block in zip(*blocks, strict=True)]
    log, by_r, by_alpha, by_s, by_beta = (np.concatenate(c).reshape(rows[0].shape) for c in zip(*parts, strict=True))
    return Tail(log, (by_r, by_alpha, by_s, by_beta))


def _tail(shape: Array, A: Array, s: Array, B: Array) -> tuple[Array, Array, Array, Array, Array]:
    """ln G and its derivatives of rows, each of shape (rows,)."""
    shape, A, s, B = (column[:, None] for column in (shape, A, s, B))
    q, death = shape + s, s + 1.0
    C = (q + 1.0) / (shape / A + death / B)
    v, weights = panels()
    log_grown = np.minimum(v / q, 700.0)
    later = C * np.expm1(log_grown)  # τ - t
    near_a, near_b = A + later, B + later
    log_a, log_b = np.log(near_a), np.log(near_b)
    # dτ = C · exp(log_grown) / q dv
    height = -shape * log_a - death * log_b + log_grown + np.log(weights) + np.log(C / q)
    top = height.max(axis=-1, keepdims=True)
    part = np.exp(height - top)
    total = part.sum(axis=-1, keepdims=True)
    part /= total
    return (
        (top + np.log(total))[:, 0],
        -(part * log_a).sum(axis=-1),
        -(shape[:, 0] * (part / near_a).sum(axis=-1)),
        -(part * log_b).sum(axis=-1),
        -(death[:, 0] * (part / near_b).sum(axis=-1)),
    )
