"""Gamma-Gamma: what a customer spends per order, and how sure one may be of it.

Orders of one customer are worth Gamma(p, ν) each; over customers ν ~ Gamma(q, v). A customer's own mean is believed
the more, the more orders it rests on; the rest is the shop's mean. Value and frequency are taken as independent.

Fader, Hardie, Lee (2005), RFM and CLV: Using iso-value curves, J. Marketing Research 42(4), 415-430; Fader, Hardie
(2013), The Gamma-Gamma model of monetary value. Covariates move v, which moves the mean order alike.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from stammkunde.clv.covariates import Effect
from stammkunde.clv.optimize import Estimate, Objective, Prior, maximise
from stammkunde.clv.sample import Column, weighed
from stammkunde.errors import NotEnoughDataError

Array = NDArray[np.float64]

DRAFT_ROWS = 20_000
POOLED_UNTIL = 500
V = 2  # place of v
TYPICAL = np.log([4.0, 2.5, 0.625])  # p, q - 1 and v of shops, with a mean order of 1
LITTLE = 0.5  # standard deviation of what a covariate is expected to do, in natural logarithms


class GammaGamma:
    """Gamma-Gamma with parameters p, q and v (money).

    q stays above 1, where the mean exists: no customer is ever expected to spend a negative or infinite sum. Amounts
    are measured by their own mean before the fit, so yen, euro and cents give the same answer.
    """

    name: ClassVar[str] = "gamma-gamma"
    names: ClassVar[tuple[str, ...]] = ("p", "q", "v")
    source: ClassVar[str] = "Fader, Hardie (2013)"

    def __init__(
        self,
        p: float,
        q: float,
        v: float,
        *,
        covariates: Sequence[str] = (),
        coefficients: ArrayLike = (),
        estimate: Estimate | None = None,
    ) -> None:
        self.p, self.q, self.v, self.estimate = float(p), float(q), float(v), estimate
        self.covariates = tuple(covariates)
        self.coefficients = np.asarray(coefficients, dtype=np.float64).reshape(len(self.covariates))
        self.shared: GammaGamma | None = None
        self.z: Array | None = None
        self.lift = np.ones(())

    @classmethod
    def fit(
        cls,
        x: ArrayLike,
        value: ArrayLike,
        *,
        weight: ArrayLike | None = None,
        covariates: Mapping[str, ArrayLike] | None = None,
        pool: bool = True,
    ) -> "GammaGamma":
        """Maximum likelihood on repeat orders `x` and their mean `value` (rows,).

        Customers without repeat orders or with a mean of 0 or less (refunded, or sold at a loss) say nothing about
        how much is spent and are left out. `covariates` and `pool` are as in `TransactionModel.fit`.

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
        named = dict(covariates or {})
        z = np.column_stack([np.asarray(c, dtype=np.float64)[keep] for c in named.values()]) if named else None
        scale = float(np.average(value, weights=weight))
        sums = x * value / scale
        size = float(weight.sum())
        prior = _prior(max(0.0, 1.0 - size / POOLED_UNTIL), len(named))
        estimate = maximise(
            _objective(x, sums, weight, z),
            prior.mean,
            scale=size,
            prior=prior if pool and np.isfinite(prior.sd).any() else None,
            draft=_draft(x, sums, weight, z) if len(x) > 3 * DRAFT_ROWS else None,
        )
        in_money = estimate.log_likelihood - size * np.log(scale)
        theta = estimate.theta + np.log(scale) * (np.arange(len(estimate.theta)) == V)
        return cls._of(Estimate(theta, estimate.covariance, in_money, estimate.evaluations), tuple(named))

    @classmethod
    def fit_or_typical(
        cls,
        x: ArrayLike,
        value: ArrayLike,
        otherwise: ArrayLike,
        *,
        covariates: Mapping[str, ArrayLike] | None = None,
    ) -> "GammaGamma":
        """As `fit`; where nobody came back, a typical shop's spread around the mean of `otherwise` (rows,)."""
        try:
            return cls.fit(x, value, covariates=covariates)
        except NotEnoughDataError:
            known = np.asarray(otherwise, dtype=np.float64)
            known = known[known > 0]
            p, over, v = np.exp(TYPICAL)
            names = tuple(covariates or ())
            v *= float(known.mean()) if len(known) else 1.0
            return cls(p, 1.0 + over, v, covariates=names, coefficients=np.zeros(len(names)))

    @classmethod
    def _of(cls, estimate: Estimate, covariates: tuple[str, ...] = ()) -> "GammaGamma":
        p, over, v = np.exp(estimate.theta[:3])
        return cls(p, 1.0 + over, v, covariates=covariates, coefficients=estimate.theta[3:], estimate=estimate)

    @property
    def parameters(self) -> dict[str, float]:
        return {"p": self.p, "q": self.q, "v": self.v}

    @property
    def standard_errors(self) -> dict[str, float]:
        """By the delta method; empty for a model that was not fitted."""
        if self.estimate is None:
            return {}
        errors = np.array([self.p, self.q - 1.0, self.v]) * np.sqrt(np.diag(self.estimate.covariance))[:3]
        return dict(zip(self.names, map(float, errors), strict=True))

    @property
    def effects(self) -> list[Effect]:
        """What each covariate does to v, and so to the mean order."""
        errors = np.full(len(self.covariates), np.nan)
        if self.estimate is not None:
            errors = np.sqrt(np.diag(self.estimate.covariance))[3:]
        shifts = zip(self.covariates, self.coefficients, errors, strict=True)
        return [Effect("v", name, float(shift), float(error)) for name, shift, error in shifts]

    @property
    def mean(self) -> float:
        """Expected value of an order of a customer one knows nothing about: p v / (q - 1)."""
        return float(self.p * self.v / (self.q - 1.0) * self.lift.mean())

    def at(self, z: ArrayLike) -> "GammaGamma":
        """The spend of customers with covariate values `z` (covariates,), or of each of some: (rows, covariates)."""
        found = GammaGamma(self.p, self.q, self.v)
        found.shared, found.z = self, np.asarray(z, dtype=np.float64)
        found.lift = np.asarray(np.exp(found.z @ self.coefficients))
        return found

    def take(self, rows: Any) -> "GammaGamma":
        """The spend of these rows of its customers; itself where all customers share it."""
        return self if self.z is None or self.z.ndim == 1 or self.shared is None else self.shared.at(self.z[rows])

    def posterior(self, x: ArrayLike, value: ArrayLike) -> tuple[Array, Array]:
        """Shape q + p x and scale v + x·mean of what is known of ν, each (rows,); a mean below 0 counts as 0."""
        x, value = np.asarray(x, dtype=np.float64), np.asarray(value, dtype=np.float64)
        return self.q + self.p * x, self.v * self.lift + x * np.maximum(value, 0.0)

    def expected_value(self, x: ArrayLike, value: ArrayLike) -> Array:
        """Expected value of a further order after x repeat orders of mean `value`, shape of the inputs."""
        shape, scale = self.posterior(x, value)
        return np.asarray(self.p * scale / (shape - 1.0))

    def draw(self, size: int, rng: np.random.Generator) -> Array:
        """Simulate the ν of new customers; an order of one is Gamma(p, ν). Shape (size,)."""
        return np.asarray(rng.gamma(self.q, 1.0 / (self.v * self.lift), size))

    def draws(self, count: int, rng: np.random.Generator) -> list["GammaGamma"]:
        """`count` models with parameters from their sampling distribution, in antithetic pairs."""
        if self.shared is not None and self.z is not None:
            return [spend.at(self.z) for spend in self.shared.draws(count, rng)]
        if self.estimate is None:
            return [self] * count
        shifts = np.clip(self.estimate.shifts(count, rng), -3.0, 3.0)
        found = self.estimate
        drawn = (Estimate(found.theta + shift, found.covariance, found.log_likelihood, 0) for shift in shifts)
        return [self._of(estimate, self.covariates) for estimate in drawn]

    def summary(self) -> str:
        """The model as text: parameters with standard errors, log-likelihood, what they mean in words."""
        from stammkunde.clv.summary import of_spend  # it speaks of all models, and so imports this one

        return of_spend(self)

    def __str__(self) -> str:
        return self.summary()

    def to_dict(self) -> dict[str, Any]:
        saved: dict[str, Any] = {"model": self.name, "parameters": self.parameters}
        if self.covariates:
            saved |= {"covariates": list(self.covariates), "coefficients": self.coefficients.tolist()}
        if self.estimate is not None:
            saved |= self.estimate.to_dict()
        return saved

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> "GammaGamma":
        p, q, v = (float(saved["parameters"][name]) for name in cls.names)
        gamma, names = saved.get("coefficients", []), saved.get("covariates", ())
        estimate = Estimate.from_dict(saved) if "theta" in saved else None
        return cls(p, q, v, covariates=names, coefficients=gamma, estimate=estimate)


def _prior(fade: float, covariates: int) -> Prior:
    """Typical shops, faded, and coefficients that do little."""
    spread = np.full(3, 1.0 / np.sqrt(fade) if fade else np.inf)
    return Prior(np.pad(TYPICAL, (0, covariates)), np.concatenate([spread, np.full(covariates, LITTLE)]))


def _draft(x: Array, sums: Array, weight: Array, z: Array | None) -> Objective:
    """The log-likelihood on a part of the customers, scaled up to all of them."""
    part = np.linspace(0, len(x) - 1, DRAFT_ROWS).astype(np.intp)
    scaled = weight[part] * (weight.sum() / weight[part].sum())
    return _objective(x[part], sums[part], scaled, None if z is None else z[part])


def _objective(x: Array, sums: Array, weight: Array, z: Array | None = None) -> Objective:
    """Log-likelihood (eq. 1a of the note) in ln p, ln(q - 1), ln v and coefficients of z, with its gradient."""
    orders, log_sums = Column.of(x), np.log(sums)
    constant = weighed(weight, orders.map(np.log) - log_sums)  # the density is of the mean, not of the sum
    total, weight_x = float(weight.sum()), weight * x
    log_moment = weighed(weight_x, log_sums)
    by_level = np.bincount(orders.codes, weights=weight) if orders.codes is not None else weight
    level = orders.levels

    def objective(theta: Array) -> tuple[float, Array]:
        p, over, v = np.exp(theta[:3])
        q = 1.0 + over
        shift = np.zeros(1) if z is None else z @ theta[3:]
        v = v * np.exp(shift)
        log_both = np.log(v + sums)
        inverse = v / (v + sums)
        own, both = weighed(weight_x, log_both), weighed(weight, log_both)
        sum_log_v = total * theta[2] + (0.0 if z is None else weighed(weight, shift))
        gammas = special.gammaln(p * level + q) - special.gammaln(p * level) - special.gammaln(q)
        psi = special.digamma(p * level + q)
        value = by_level @ gammas + q * sum_log_v + p * log_moment - p * own - q * both + constant
        slope_p = by_level @ (level * (psi - special.digamma(p * level))) + log_moment - own
        slope_q = by_level @ (psi - special.digamma(q)) + sum_log_v - both
        slope_v = total * q - (p * weighed(weight_x, inverse) + q * weighed(weight, inverse))
        slope = np.array([p * slope_p, over * slope_q, slope_v])
        if z is not None:
            slope = np.concatenate([slope, (q * weight - (p * weight_x + q * weight) * inverse) @ z])
        return float(value), slope

    return objective
