"""What every model of order timing promises.

A customer makes a first order at time 0 and is seen until age T: x further order days, the last of them at t_x. A
model says how such histories arise (`log_likelihood`), whether the customer is still one (`p_alive`), and what a
customer who is still one will do next (`expected_if_alive`, `pmf_if_alive`). Everything else follows here: fitting,
standard errors, covariates, predictions, simulation, saving. To add a model, write one file with those functions; it
is finished when `tests/clv/test_promises.py` passes.

What comes next depends on the past through x and T alone in all these models (given that the customer is alive, and in
models of regular timing the phase on the way to the next order, see `TransactionModel.phases`), so predictions cost as
many evaluations as there are distinct pairs of them: thousands for a million customers.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stammkunde.clv.covariates import Covariates, Effect, columns_of, merged
from stammkunde.clv.optimize import Estimate, Prior, maximise
from stammkunde.clv.quadrature import legendre, panels
from stammkunde.clv.sample import Sample, weighed
from stammkunde.facts.history import History
from stammkunde.notices import Notice

Array = NDArray[np.float64]

DRAFT_ROWS = 20_000  # distinct histories on which a large fit is drafted
AT_ONCE = 1 << 17  # distinct histories whose intermediate results stay in the processor's own memory
DRAFT_WITH_COVARIATES = 4_000  # where nothing is shared between rows
FARTHEST = 3.0  # natural logarithms a draw may leave the estimate: some data say nothing in some directions
POOLED_UNTIL = 500  # repeat buyers from which a shop speaks for itself
LITTLE = 0.5  # standard deviation of what a covariate is expected to do, in natural logarithms


@dataclass(frozen=True)
class Paths:
    """Simulated customers: repeat orders `x` and last order `t_x` until each age T, and `future` orders after it."""

    x: Array
    t_x: Array
    future: Array


class TransactionModel(ABC):
    """A fitted model of order timing; times in units of `days_per_unit` days.

    Parameters
    ----------
    parameters : positive numbers in the order of `names`; those in `timed` are in units of time.
    days_per_unit : length of the time unit in days (7 for weeks).
    """

    name: ClassVar[str]
    names: ClassVar[tuple[str, ...]]
    timed: ClassVar[tuple[str, ...]]
    source: ClassVar[str]
    #: Typical shops, with times in days: mean and standard deviation of each log parameter.
    pooled: ClassVar[tuple[tuple[float, float], ...]]
    #: What its users should know of its answers; told as a warning wherever the model is taken.
    caveat: ClassVar[Notice | None] = None
    #: Parameters that covariates move, with the sign of the exponent used in the literature.
    moved: ClassVar[Mapping[str, int]] = {}

    def __init__(
        self,
        parameters: Sequence[float] | Array,
        *,
        days_per_unit: float = 7.0,
        covariates: Sequence[str] = (),
        coefficients: ArrayLike = (),
        estimate: Estimate | None = None,
    ) -> None:
        self.values = np.asarray(parameters, dtype=np.float64)
        self.days_per_unit = days_per_unit
        self.covariates = tuple(covariates)
        self.coefficients = np.asarray(coefficients, dtype=np.float64).reshape(len(self.moved), len(self.covariates))
        self.estimate = estimate
        self.shared: Self | None = None
        self.z: Array | None = None

    # --- what a model's author writes -------------------------------------------------------------------------

    @classmethod
    @abstractmethod
    def log_likelihood(cls, sample: Sample, parameters: Array) -> tuple[Array, list[Array]]:
        """Log-likelihood of each row, and its derivatives by each log parameter, each of shape (rows,).

        `parameters` has shape (k,), or (k, rows) where covariates make them differ by row.
        """

    @abstractmethod
    def log_odds_lost(self, x: Array, t_x: Array, T: Array) -> Array:
        """Logarithm of P(no longer a customer) / P(still a customer) at T; -inf where the model knows no doubt."""

    @abstractmethod
    def expected_if_alive(self, x: Array, T: Array, t: Array, rate: float | Array = 1.0) -> Array:
        """Expected orders in (T, T + t] of customers alive at T; `rate` speeds up (or slows) all ordering."""

    @abstractmethod
    def pmf_if_alive(self, x: Array, T: Array, t: float, most: int, rate: float | Array = 1.0) -> Array:
        """P(n orders in (T, T + t] | alive at T) for n = 0 … most, shape (rows, most + 1)."""

    @abstractmethod
    def draw(self, T: Array, horizon: float, rng: np.random.Generator) -> Paths:
        """Simulate one new customer for each age T, and the `horizon` after it."""

    # --- what follows -----------------------------------------------------------------------------------------

    @classmethod
    def fit(
        cls,
        x: ArrayLike,
        t_x: ArrayLike,
        T: ArrayLike,
        *,
        weight: ArrayLike | None = None,
        covariates: Mapping[str, ArrayLike] | None = None,
        days_per_unit: float = 7.0,
        pool: bool = True,
        least: float = 0.0,
        start: Self | None = None,
    ) -> Self:
        """Maximum likelihood on histories x, t_x, T (rows,), each counted `weight` times.

        Where fewer than 500 customers came back, a prior from typical shops joins in (`pool`), the stronger the fewer
        they are, and down to the weight `least` at 500: a shop with 100 customers gets a sane answer, a large one its
        own. With it, coefficients of `covariates` (name to values, (rows,) each, best of mean 0 and deviation 1) are
        expected within 0 ± 0.5, however many customers there are: a level where nobody came back stays sane.

        Raises
        ------
        ConvergenceError : no maximum found; see its advice.
        """
        x, t_x, T = (np.asarray(column, dtype=np.float64) for column in (x, t_x, T))
        weight = np.ones(len(x)) if weight is None else np.asarray(weight, dtype=np.float64)
        named = dict(covariates or {})
        z = np.column_stack([np.asarray(v, dtype=np.float64) for v in named.values()]) if named else None
        sample = Sample.of(x, t_x, T, weight, z)
        rows = DRAFT_ROWS if z is None else DRAFT_WITH_COVARIATES
        fade = max(least, 1.0 - sample.repeaters / POOLED_UNTIL)
        prior = cls._prior(days_per_unit, len(named), fade)
        estimate = maximise(
            cls._objective(sample),
            prior.mean if start is None else np.concatenate([np.log(start.values), start.coefficients.ravel()]),
            scale=sample.customers,
            prior=prior if pool and (fade or named) else None,
            draft=cls._objective(sample.part(rows)) if len(sample) > 3 * rows else None,
        )
        return cls._of(estimate.theta, days_per_unit=days_per_unit, covariates=tuple(named), estimate=estimate)

    @classmethod
    def fit_history(
        cls, history: History, *, covariates: Covariates | None = None, pool: bool = True, least: float = 0.0
    ) -> Self:
        """Fit on the distinct histories of a shop's customers; with covariates, on those of equal covariates."""
        length, z = history.days_per_unit, columns_of(covariates, history)
        if not z:
            h = history.histogram()
            return cls.fit(h.x, h.t_x, h.T, weight=h.weight, days_per_unit=length, pool=pool, least=least)
        (x, t_x, T, *columns), weight = merged(history.x, history.t_x, history.T, *z.values())
        known = dict(zip(z, columns, strict=True))
        return cls.fit(x, t_x, T, weight=weight, covariates=known, days_per_unit=length, pool=pool, least=least)

    @classmethod
    def _of(cls, theta: Array, *, days_per_unit: float, covariates: tuple[str, ...], estimate: Estimate) -> Self:
        k = len(cls.names)
        return cls(
            np.exp(theta[:k]),
            days_per_unit=days_per_unit,
            covariates=covariates,
            coefficients=theta[k:],
            estimate=estimate,
        )

    @classmethod
    def _prior(cls, days_per_unit: float, covariates: int, fade: float) -> Prior:
        """Typical shops, faded, and coefficients that do little."""
        centre, spread = (np.asarray(c) for c in zip(*cls.pooled, strict=True))
        centre = centre - np.log(days_per_unit) * np.isin(cls.names, cls.timed)
        spread = spread / np.sqrt(fade) if fade else np.full(len(spread), np.inf)
        more = len(cls.moved) * covariates
        return Prior(np.concatenate([centre, np.zeros(more)]), np.concatenate([spread, np.full(more, LITTLE)]))

    @classmethod
    def _objective(cls, sample: Sample) -> Any:
        k, signs = len(cls.names), np.array(list(cls.moved.values()), dtype=np.float64)
        where = [cls.names.index(name) for name in cls.moved]

        def of_some(theta: Array, some: Sample) -> tuple[float, Array]:
            parameters = np.exp(theta[:k])
            if some.z is not None:
                parameters = np.repeat(parameters[:, None], len(some), axis=1)
                shift = signs[:, None] * (theta[k:].reshape(len(where), -1) @ some.z.T)
                parameters[where] *= np.exp(shift)
            rows, slopes = cls.log_likelihood(some, parameters)
            slope = np.array([weighed(some.weight, s) for s in slopes])
            if some.z is not None:
                of_moved = signs[:, None] * some.weight * np.array([slopes[i] for i in where])
                slope = np.concatenate([slope, (of_moved @ some.z).ravel()])
            return weighed(some.weight, rows), slope

        blocks = list(sample.blocks(AT_ONCE))

        def objective(theta: Array) -> tuple[float, Array]:
            values, slopes = zip(*(of_some(theta, some) for some in blocks), strict=True)
            return sum(values), np.sum(slopes, axis=0)

        return objective

    @property
    def parameters(self) -> dict[str, float]:
        """Parameters by name, in the model's own time unit."""
        return dict(zip(self.names, map(float, self.values), strict=True))

    @property
    def standard_errors(self) -> dict[str, float]:
        """Standard errors of the parameters by name; empty for a model that was not fitted."""
        if self.estimate is None:
            return {}
        errors = self.values * np.sqrt(np.diag(self.estimate.covariance))[: len(self.names)]
        return dict(zip(self.names, map(float, errors), strict=True))

    @property
    def effects(self) -> list[Effect]:
        """What each covariate does to each parameter that it moves."""
        errors = np.full(self.coefficients.shape, np.nan)
        if self.estimate is not None:
            errors = np.sqrt(np.diag(self.estimate.covariance))[len(self.names) :].reshape(errors.shape)
        return [
            Effect(parameter, covariate, sign * float(self.coefficients[i, j]), float(errors[i, j]))
            for i, (parameter, sign) in enumerate(self.moved.items())
            for j, covariate in enumerate(self.covariates)
        ]

    def p_alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Array:
        """P(still a customer at T), shape of the inputs."""
        x, t_x, T = np.broadcast_arrays(*(np.asarray(c, dtype=np.float64) for c in (x, t_x, T)))
        odds = self.log_odds_lost(x, t_x, T)
        return np.asarray(1.0 / (1.0 + np.exp(np.minimum(odds, 700.0))))

    def phases(self) -> Sequence[Self]:
        """The model apart, such that in each part what comes next depends on x and T alone.

        Here the model itself. Where timing is regular it also matters how far a customer is on the way to the next
        order; then there is a part for each phase, and its `p_alive` is the chance to be alive and in that phase. So
        what is expected of customers is the sum over the parts.
        """
        return [self]

    def expected_orders(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, t: ArrayLike) -> Array:
        """Expected order days in (T, T + t], shape of the inputs."""
        x, t_x, T, t = np.broadcast_arrays(*(np.asarray(c, dtype=np.float64) for c in (x, t_x, T, t)))
        return np.asarray(sum(part.p_alive(x, t_x, T) * part.expected_if_alive(x, T, t) for part in self.phases()))

    def expected_new(self, t: ArrayLike) -> Array:
        """Expected repeat orders of a new customer within t of the first order, shape of t."""
        t = np.asarray(t, dtype=np.float64)
        return self.expected_orders(np.zeros_like(t), np.zeros_like(t), np.zeros_like(t), t)

    def pmf(self, x: float, t_x: float, T: float, t: float, most: int) -> Array:
        """P(n orders in (T, T + t]) for n = 0 … most of a customer with this history, shape (most + 1,)."""
        row = np.zeros(most + 1)
        row[0] = 1.0 - self.p_alive(x, t_x, T)
        for part in self.phases():
            row += part.p_alive(x, t_x, T) * part.pmf_if_alive(np.array([float(x)]), np.array([float(T)]), t, most)[0]
        return row

    def discounted_if_alive(self, x: Array, T: Array, t: float, daily: float, rate: float | Array = 1.0) -> Array:
        """Expected orders of customers alive at T in (T, T + t], each discounted to T at the continuous rate `daily`.

        `t` may be infinite. By parts, the integral needs expected orders only:
        ∫ exp(-δs) dE(s) = exp(-δt) E(t) + δ ∫ exp(-δs) E(s) ds.
        """
        x, T = np.asarray(x, dtype=np.float64), np.asarray(T, dtype=np.float64)
        delta = daily * self.days_per_unit
        if delta == 0.0:
            return self.expected_if_alive(x, T, np.full_like(T, t), rate)
        if delta * t > 40.0:  # nothing is left of what comes later
            nodes, weights = panels(last=64.0)
            times, weights, total = nodes / delta, weights * np.exp(-nodes), np.zeros_like(T)
        else:
            nodes, weights = legendre(8 if delta * t < 2.0 else 32)
            times, weights = t * nodes**2, 2 * nodes * weights * t * delta  # squared: much happens early
            weights *= np.exp(-delta * times)
            total = np.exp(-delta * t) * self.expected_if_alive(x, T, np.full_like(T, t), rate)
        for time, weight in zip(times, weights, strict=True):
            total = total + weight * self.expected_if_alive(x, T, np.full_like(T, time), rate)
        return np.asarray(total)

    def waiting_time(self, x: Array, t_x: Array, T: Array, share: Array) -> Array:
        """Time until the next order of a customer who is not lost has come with probability `share`; infinite for 1.

        Orders at random wait exponentially with λ ~ Gamma(r + x, alpha + T), whatever t_x: a Pareto distribution.
        """
        del t_x
        shape, ahead = self.values[self.names.index("r")] + x, self.values[self.names.index("alpha")] + T
        with np.errstate(divide="ignore"):
            return np.asarray(ahead * np.expm1(-np.log1p(-share) / shape))

    def draws(self, count: int, rng: np.random.Generator) -> list[Self]:
        """`count` models with parameters drawn from their sampling distribution (normal in logarithms).

        Antithetic pairs, so that their mean is this model; itself, `count` times over, where it was not fitted.
        """
        if self.shared is not None and self.z is not None:
            return [model.at(self.z) for model in self.shared.draws(count, rng)]
        if self.estimate is None:
            return [self] * count
        shifts = np.clip(self.estimate.shifts(count, rng), -FARTHEST, FARTHEST)
        keep = {"days_per_unit": self.days_per_unit, "covariates": self.covariates, "estimate": self.estimate}
        return [self._of(self.estimate.theta + shift, **keep) for shift in shifts]  # type: ignore[arg-type]

    def at(self, z: ArrayLike) -> Self:
        """The model of customers with covariate values `z` (covariates,), or of each of some: (rows, covariates).

        The latter has parameters of shape (k, rows), and answers about these customers in this order only.
        """
        z = np.asarray(z, dtype=np.float64)
        values = np.tile(self.values.reshape(-1, *[1] * (z.ndim - 1)), (1, *z.shape[:-1]) if z.ndim > 1 else 1)
        for (name, sign), gamma in zip(self.moved.items(), self.coefficients, strict=True):
            values[self.names.index(name)] *= np.exp(sign * (z @ gamma))
        found = type(self)(values, days_per_unit=self.days_per_unit)
        found.shared, found.z = self, z
        return found

    def take(self, rows: Any) -> Self:
        """The model of these rows of its customers; itself where all customers share it."""
        return self if self.z is None or self.z.ndim == 1 or self.shared is None else self.shared.at(self.z[rows])

    def summary(self) -> str:
        """The model as text: parameters with standard errors, log-likelihood, what they mean in words."""
        from stammkunde.clv.summary import of_timing  # it speaks of all models, and so imports this one

        return of_timing(self)

    def __str__(self) -> str:
        return self.summary()

    def to_dict(self) -> dict[str, Any]:
        """Everything needed to bring the model back, as plain JSON values."""
        saved: dict[str, Any] = {"model": self.name, "parameters": self.parameters, "days_per_unit": self.days_per_unit}
        if self.covariates:
            saved |= {"covariates": list(self.covariates), "coefficients": self.coefficients.tolist()}
        if self.estimate is not None:
            saved |= self.estimate.to_dict()
        return saved

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        values = np.array([saved["parameters"][name] for name in cls.names], dtype=np.float64)
        gamma = np.asarray(saved.get("coefficients", []), dtype=np.float64)
        estimate = Estimate.from_dict(saved) if "theta" in saved else None
        names = tuple(saved.get("covariates", ()))
        days = float(saved["days_per_unit"])
        return cls(values, days_per_unit=days, covariates=names, coefficients=gamma, estimate=estimate)
