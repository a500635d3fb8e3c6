"""NBD: orders at random, nobody is ever lost.

Orders come as a Poisson process of rate λ, and over customers λ ~ Gamma(r, alpha). Too hopeful where customers leave,
and the yardstick of how much a model of leaving adds.

Ehrenberg (1959), The pattern of consumer purchases, Applied Statistics 8(1), 26-41.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from stammkunde.clv.bg_nbd import negative_binomial
from stammkunde.clv.sample import Sample
from stammkunde.clv.transactions import Paths, TransactionModel
from stammkunde.notices import Notice

Array = NDArray[np.float64]


class Nbd(TransactionModel):
    """NBD with parameters r and alpha (time)."""

    name = "nbd"
    names = ("r", "alpha")
    timed = ("alpha",)
    source = "Ehrenberg (1959)"
    caveat = Notice("all_for_ever", model="nbd")
    pooled = ((np.log(0.5), 1.0), (np.log(90.0), 1.5))
    moved: ClassVar = {"alpha": -1}

    @classmethod
    def log_likelihood(cls, sample: Sample, parameters: Array) -> tuple[Array, list[Array]]:
        r, alpha = parameters
        n, log_T = sample.x.map(lambda x: r + x), sample.T.map(lambda T: np.log(alpha + T))
        base = sample.x.map(lambda x: special.gammaln(r + x) - special.gammaln(r)) + r * np.log(alpha)
        psi = sample.x.map(lambda x: special.digamma(r + x) - special.digamma(r))
        slopes = [r * (psi + np.log(alpha) - log_T), r - alpha * n * sample.T.map(lambda T: 1 / (alpha + T))]
        return base - n * log_T, slopes

    def log_odds_lost(self, x: Array, t_x: Array, T: Array) -> Array:
        return np.full(np.broadcast_shapes(np.shape(x), np.shape(t_x), np.shape(T)), -np.inf)

    def expected_if_alive(self, x: Array, T: Array, t: Array, rate: float | Array = 1.0) -> Array:
        r, alpha = self.values
        return np.asarray(rate * (r + x) / (alpha + T) * t)

    def pmf_if_alive(self, x: Array, T: Array, t: float, most: int, rate: float | Array = 1.0) -> Array:
        r, alpha = self.values
        ahead = ((alpha + T) / rate)[:, None]
        return negative_binomial((r + x)[:, None], t / (ahead + t), most)

    def draw(self, T: Array, horizon: float, rng: np.random.Generator) -> Paths:
        r, alpha = self.values
        speed = rng.gamma(r, 1 / alpha, len(T))
        x = rng.poisson(speed * T).astype(np.float64)
        t_x = np.where(x > 0, T * rng.random(len(T)) ** (1 / np.maximum(x, 1.0)), 0.0)
        return Paths(x, t_x, rng.poisson(speed * horizon).astype(np.float64))
