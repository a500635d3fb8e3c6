"""sBG: contracts that are renewed, or not, at the end of every period.

At each renewal date a customer leaves with probability θ, θ ~ Beta(alpha, beta) over customers, and the shop sees it.
`renewals` counts the renewals a customer has made; `lost` says that the contract was ended at the date after them.

Fader, Hardie (2007), How to project customer retention, Journal of Interactive Marketing 21(1), 76-90; (2010),
Customer-base valuation in a contractual setting: the perils of ignoring heterogeneity, Marketing Science 29(1), 85-93.
Covariates as in Fader, Hardie (2007), Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from stammkunde.clv.fitted import Fitted
from stammkunde.clv.lifetime import Lifetime, log_lifetime, quantile
from stammkunde.clv.optimize import Estimate, maximise
from stammkunde.clv.transactions import POOLED_UNTIL
from stammkunde.errors import DataError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Forecast:
    """Customers expected to be left after each of the next periods, with an interval; each of shape (ahead,)."""

    expected: Array
    low: Array
    high: Array


class Sbg(Fitted):
    """Shifted beta-geometric with parameters alpha (leaving) and beta (staying)."""

    name = "sbg"
    names = ("alpha", "beta")
    source = "Fader, Hardie (2007)"
    pooled = ((np.log(0.7), 1.0), (np.log(2.0), 1.0))
    moved: ClassVar = {"alpha": -1, "beta": -1}

    @classmethod
    def fit(
        cls,
        renewals: ArrayLike,
        lost: ArrayLike,
        *,
        weight: ArrayLike | None = None,
        covariates: Mapping[str, ArrayLike] | None = None,
        pool: bool = True,
    ) -> Self:
        """Maximum likelihood on customers with `renewals` (rows,) made, `lost` (rows,) or still there, `weight` each.

        Where fewer than 500 customers were lost, a prior from typical contracts joins in (`pool`), the stronger the
        fewer they are.

        Raises
        ------
        DataError : a row is not a contract.
        ConvergenceError : no maximum found; see its advice.
        """
        k, gone = np.asarray(renewals, dtype=np.float64), np.asarray(lost, dtype=bool)
        w = np.ones(len(k)) if weight is None else np.asarray(weight, dtype=np.float64)
        _check(k, gone, w)
        named = {name: np.asarray(column, dtype=np.float64) for name, column in (covariates or {}).items()}
        rows = np.column_stack([k, gone, *named.values()])
        distinct, code = np.unique(rows, axis=0, return_inverse=True)
        size = np.asarray(np.bincount(code.ravel(), weights=w), dtype=np.float64)
        prior = cls._prior(len(named), max(0.0, 1.0 - float(size @ distinct[:, 1]) / POOLED_UNTIL))
        estimate = maximise(
            lambda theta: _objective(theta, distinct, size),
            prior.mean,
            scale=float(size.sum()),
            prior=prior if pool and prior.weight else None,
        )
        return cls._of(estimate.theta, tuple(named), estimate)

    @classmethod
    def fit_survivors(cls, *cohorts: ArrayLike, pool: bool = True) -> Self:
        """Maximum likelihood on cohorts, each the number of customers left after 0, 1, 2, … renewals.

        Cohorts may differ in age and size. A share of one customer counts as such, so give numbers, not percentages.

        Raises
        ------
        DataError : a cohort grows, or has no second period.
        """
        renewals, lost, weight = (np.concatenate(c) for c in zip(*map(_spread, cohorts), strict=True))
        return cls.fit(renewals, lost, weight=weight, pool=pool)

    def at(self, z: ArrayLike) -> Self:
        """The model of customers with covariate values `z` (covariates,), its doubts about them included."""
        z = np.asarray(z, dtype=np.float64)
        found = self.estimate
        if found is None:
            return type(self)(self.values * np.exp(-self.coefficients @ z))
        shift = np.hstack([np.eye(2), -np.kron(np.eye(2), z)])
        moved = Estimate(shift @ found.theta, shift @ found.covariance @ shift.T, found.log_likelihood, 0)
        return type(self)(moved.values, estimate=moved)

    def after(self, renewals: ArrayLike = 0, z: ArrayLike | None = None) -> Lifetime:
        """What is left of customers who made `renewals` (rows,), with covariates `z` (rows, covariates) if any."""
        shift = np.zeros(2) if z is None else np.asarray(z, dtype=np.float64) @ self.coefficients.T
        alpha, beta = np.moveaxis(self.values * np.exp(-shift), -1, 0)
        return Lifetime.of(alpha, beta).after(renewals)

    def survival(self, t: ArrayLike, renewals: ArrayLike = 0) -> Array:
        """P(still there after t more renewal dates | `renewals` made), by broadcasting."""
        return self.after(renewals).survival(t)

    def retention_rate(self, t: ArrayLike) -> Array:
        """Share of those there before the t-th renewal date who are there after it, t = 1, 2, …; shape of t."""
        return self.after().retention(t)

    def expected_orders(self, renewals: ArrayLike, ahead: int) -> Array:
        """Expected renewals at the next `ahead` dates of customers with `renewals` made; shape of renewals."""
        return self.after(renewals).expected(ahead)

    def pmf(self, renewals: ArrayLike, ahead: int) -> Array:
        """P(k renewals at the next `ahead` dates), k = 0 … ahead; shape of renewals and one axis more."""
        return self.after(renewals).pmf(ahead)

    def expected_lifetime(self, renewals: ArrayLike = 0) -> Array:
        """Expected periods from now on, the running one included; infinite where alpha is not above one."""
        return self.after(renewals).total()

    def discounted_lifetime(self, discount: float) -> Array:
        """DEL of a new customer: expected periods, the first one at full value, discounted at `discount` a period."""
        return self.after().total(discount)

    def residual_lifetime(self, renewals: ArrayLike, discount: float) -> Array:
        """DERL: discounted expected periods yet to be paid, seen just before the renewal after `renewals` made.

        Eq. 6 of the paper of 2010, whose customer in contract period n has made n - 1 renewals.
        """
        here = self.after(renewals)
        return here.retention(1) * here.after(1).total(discount)

    def interval(
        self, renewals: ArrayLike, ahead: int, *, rng: np.random.Generator, level: float = 0.8, draws: int = 200
    ) -> tuple[Array, Array]:
        """Least and most renewals at the next `ahead` dates with probability `level`, parameter doubt included."""
        distinct, code = np.unique(np.asarray(renewals, dtype=np.float64), return_inverse=True)
        pmf = np.mean([model.pmf(distinct, ahead) for model in self.draws(draws, rng)], axis=0)
        return quantile(pmf, (1 - level) / 2)[code], quantile(pmf, (1 + level) / 2)[code]

    def forecast(
        self,
        customers: int,
        ahead: int,
        *,
        rng: np.random.Generator,
        renewals: int = 0,
        level: float = 0.8,
        draws: int = 200,
    ) -> Forecast:
        """How many of `customers` with `renewals` made will be left after each of the next `ahead` dates."""
        paths = np.array([model.after(renewals).path(ahead)[1:] for model in self.draws(draws, rng)])
        low, high = (_binomial_quantile(customers, paths, p) for p in ((1 - level) / 2, (1 + level) / 2))
        return Forecast(customers * self.after(renewals).path(ahead)[1:], low, high)

    def simulate(
        self, size: int, periods: int, rng: np.random.Generator, z: ArrayLike | None = None
    ) -> tuple[Array, NDArray[np.bool_]]:
        """Renewals made (size,) and whether lost (size,) of new customers watched for `periods` renewal dates."""
        stays = self.after(z=z).draw(size, rng)
        return np.minimum(stays, periods), stays < periods


def _objective(theta: Array, distinct: Array, weight: Array) -> tuple[float, Array]:
    renewals, lost, z = distinct[:, 0], distinct[:, 1], distinct[:, 2:]
    alpha, beta = np.exp(theta[:2, None] - theta[2:].reshape(2, -1) @ z.T)
    rows, slopes = log_lifetime(alpha, beta, renewals, lost)
    weighted = slopes * weight
    return float(weight @ rows), np.concatenate([weighted.sum(axis=1), -(weighted @ z).ravel()])


def _spread(cohort: ArrayLike) -> tuple[Array, Array, Array]:
    """One cohort as rows: the lost of each renewal date, and those still there at the end."""
    left = np.asarray(cohort, dtype=np.float64)
    if left.ndim != 1 or len(left) < 2 or not np.all(np.diff(left) <= 0):
        raise DataError(
            "A cohort needs customers left after 0, 1, 2, … renewals, never more than before.",
            advice="Give one list of falling numbers per cohort, for example [1000, 631, 468].",
        )
    last = len(left) - 1.0
    return np.append(np.arange(last), last), np.append(np.ones(int(last)), 0.0), np.append(-np.diff(left), left[-1])


def _check(renewals: Array, lost: NDArray[np.bool_], weight: Array) -> None:
    wrong = ~((renewals >= 0) & np.isfinite(renewals) & (renewals == np.floor(renewals)) & (weight >= 0))
    if len(renewals) != len(lost) or len(renewals) == 0 or wrong.any():
        raise DataError(
            "These are not contracts: renewals must be whole numbers from 0, weights not negative.",
            where=f"row {int(np.argmax(wrong))}" if wrong.any() else None,
            advice="Give one row per customer, or one per distinct number of renewals with a weight.",
        )


def _binomial_quantile(customers: int, chance: Array, p: float) -> Array:
    """Least count whose mean binomial probability over the draws reaches p, by bisection; chance is (draws, ahead)."""
    low, high = np.full(chance.shape[1], -1.0), np.full(chance.shape[1], float(customers))
    while np.any(high - low > 1):
        middle = np.floor((low + high) / 2)
        enough = special.bdtr(middle, customers, chance).mean(axis=0) >= p
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high
