"""Gamma-Gamma: what a customer spends per order, and how sure one may be of it.

Orders of one customer are worth Gamma(p, ν) each; over customers ν ~ Gamma(q, v). A customer's own mean is believed
the more, the more orders it rests on; the rest is the shop's mean. Value and frequency are taken as independent.

Fader, Hardie, Lee (2005), RFM and CLV: Using iso-value curves, J. Marketing Research 42(4), 415-430; Fader, Hardie
(2013), The Gamma-Gamma model of monetary value.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from stammkunde.clv.optimize import Estimate, Objective, Prior, maximise
from stammkunde.clv.sample import Column
from stammkunde.errors import NotEnoughDataError

Array = NDArray[np.float64]

DRAFT_ROWS = 20_000
POOLED_UNTIL = 500
TYPICAL = np.log([4.0, 2.5, 0.625])  # p, q - 1 and v of shops, with a mean order of 1


class GammaGamma:
    """Gamma-Gamma with parameters p, q and v (money).

    q stays above 1, where the mean exists: no customer is ever expected to spend a negative or infinite sum. Amounts
    are measured by their own mean before the fit, so yen, euro and cents give the same answer.
    """

    name: ClassVar[str] = "gamma-gamma"
    names: ClassVar[tuple[str, ...]] = ("p", "q", "v")
    source: ClassVar[str] = "Fader, Hardie (2013)"

    def __init__(self, p: float, q: float, v: float, *, estimate: Estimate | None = None) -> None:
        self.p, self.q, self.v, self.estimate = float(p), float(q), float(v), estimate

    @classmethod
    def fit(cls, x: ArrayLike, value: ArrayLike, *, weight: ArrayLike | None = None, pool: bool = True) -> "GammaGamma":
        """Maximum likelihood on repeat orders `x` and their mean `value` (rows,).

        Customers without repeat orders or with a mean of 0 or less (refunded, or sold at a loss) say nothing about
        how much is spent and are left out.

        Raises
        ------
        NotEnoughDataError : nobody has a repeat order of positive value.
        """
        x, value = np.asarray(x, dtype=np.float64), np.asarray(value, dtype=np.float64)
        weight = np.ones(len(x)) if weight is None else np.asarray(weight, dtype=np.float64)
        keep = (x > 0) & (value > 0)
        if not keep.any():
            raise NotEnoughDataError(
                "No repeat order of positive value: how much returning customers spend cannot be learnt.",
                advice="Check the amount column, or wait for repeat orders; counts can be predicted without values.",
            )
        x, value, weight = x[keep], value[keep], weight[keep]
        scale = float(np.average(value, weights=weight))
        sums = x * value / scale
        size = float(weight.sum())
        fade = max(0.0, 1.0 - size / POOLED_UNTIL) if pool else 0.0
        prior = Prior(TYPICAL, np.ones(3), fade) if fade else None
        draft = None
        if len(x) > 3 * DRAFT_ROWS:
            part = np.linspace(0, len(x) - 1, DRAFT_ROWS).astype(np.intp)
            draft = _objective(x[part], sums[part], weight[part] * (size / weight[part].sum()))
        estimate = maximise(
            _objective(x, sums, weight), TYPICAL, scale=size, prior=prior, draft=draft
        )
        in_money = estimate.log_likelihood - size * np.log(scale)
        return cls._of(Estimate(estimate.theta + [0.0, 0.0, np.log(scale)], estimate.covariance, in_money, estimate.evaluations))

    @classmethod
    def fit_or_typical(cls, x: ArrayLike, value: ArrayLike, otherwise: ArrayLike) -> "GammaGamma":
        """As `fit`; where nobody came back, a typical shop's spread around the mean of `otherwise` (rows,)."""
        try:
            return cls.fit(x, value)
        except NotEnoughDataError:
            known = np.asarray(otherwise, dtype=np.float64)
            known = known[known > 0]
            p, over, v = np.exp(TYPICAL)
            return cls(p, 1.0 + over, v * (float(known.mean()) if len(known) else 1.0))

    @classmethod
    def _of(cls, estimate: Estimate) -> "GammaGamma":
        p, over, v = np.exp(estimate.theta)
        return cls(p, 1.0 + over, v, estimate=estimate)

    @property
    def parameters(self) -> dict[str, float]:
        return {"p": self.p, "q": self.q, "v": self.v}

    @property
    def standard_errors(self) -> dict[str, float]:
        """By the delta method; empty for a model that was not fitted."""
        if self.estimate is None:
            return {}
        errors = np.array([self.p, self.q - 1.0, self.v]) * np.sqrt(np.diag(self.estimate.covariance))
        return dict(zip(self.names, map(float, errors), strict=True))

    @property
    def mean(self) -> float:
        """Expected value of an order of a customer one knows nothing about: p v / (q - 1)."""
        return self.p * self.v / (self.q - 1.0)

    def posterior(self, x: ArrayLike, value: ArrayLike) -> tuple[Array, Array]:
        """Shape q + p x and scale v + x·mean of what is known of ν, each (rows,); a mean below 0 counts as 0."""
        x, value = np.asarray(x, dtype=np.float64), np.asarray(value, dtype=np.float64)
        return self.q + self.p * x, self.v + x * np.maximum(value, 0.0)

    def expected_value(self, x: ArrayLike, value: ArrayLike) -> Array:
        """Expected value of a further order after x repeat orders of mean `value`, shape of the inputs."""
        shape, scale = self.posterior(x, value)
        return np.asarray(self.p * scale / (shape - 1.0))

    def draw(self, size: int, rng: np.random.Generator) -> Array:
        """Simulate the ν of new customers; an order of one is Gamma(p, ν). Shape (size,)."""
        return np.asarray(rng.gamma(self.q, 1.0 / self.v, size))

    def draws(self, count: int, rng: np.random.Generator) -> list["GammaGamma"]:
        """`count` models with parameters from their sampling distribution, in antithetic pairs."""
        if self.estimate is None:
            return [self] * count
        half = rng.multivariate_normal(np.zeros(3), self.estimate.covariance, (count + 1) // 2)
        shifts = np.clip(np.concatenate([half, -half])[:count], -3.0, 3.0)
        found = self.estimate
        return [self._of(Estimate(found.theta + s, found.covariance, found.log_likelihood, 0)) for s in shifts]

    def to_dict(self) -> dict[str, Any]:
        saved: dict[str, Any] = {"model": self.name, "parameters": self.parameters}
        if self.estimate is not None:
            saved |= {"log_likelihood": self.estimate.log_likelihood, "covariance": self.estimate.covariance.tolist()}
        return saved

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> "GammaGamma":
        p, q, v = (float(saved["parameters"][name]) for name in cls.names)
        estimate = None
        if "covariance" in saved:
            theta = np.log([p, q - 1.0, v])
            estimate = Estimate(theta, np.asarray(saved["covariance"]), float(saved["log_likelihood"]), 0)
        return cls(p, q, v, estimate=estimate)


def _objective(x: Array, sums: Array, weight: Array) -> Objective:
    """Log-likelihood (eq. 1a of the note) in ln p, ln(q - 1), ln v, with its gradient."""
    orders, log_sums = Column.of(x), np.log(sums)
    constant = float(weight @ (orders.map(np.log) - log_sums))  # the density is of the mean, not of the sum
    total, weight_x = float(weight.sum()), weight * x
    log_moment = float(weight_x @ log_sums)
    by_level = np.bincount(orders.codes, weights=weight) if orders.codes is not None else weight
    level = orders.levels

    def objective(theta: Array) -> tuple[float, Array]:
        p, over, v = np.exp(theta)
        q = 1.0 + over
        log_both = np.log(v + sums)
        inverse = 1.0 / (v + sums)
        own, both, mean_log = float(weight_x @ log_both), float(weight @ log_both), np.log(v)
        gammas = special.gammaln(p * level + q) - special.gammaln(p * level) - special.gammaln(q)
        psi = special.digamma(p * level + q)
        value = by_level @ gammas + total * q * mean_log + p * log_moment - p * own - q * both + constant
        slope_p = by_level @ (level * (psi - special.digamma(p * level))) + log_moment - own
        slope_q = by_level @ (psi - special.digamma(q)) + total * mean_log - both
        slope_v = total * q / v - (p * float(weight_x @ inverse) + q * float(weight @ inverse))
        return float(value), np.array([p * slope_p, over * slope_q, v * slope_v])

    return objective
