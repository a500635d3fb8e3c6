"""What every model outside the order-timing family can tell of itself: parameters, how sure, draws, JSON, a summary."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stammkunde.clv.optimize import Estimate, Prior
from stammkunde.errors import InputError

Array = NDArray[np.float64]

FARTHEST = 3.0  # natural logarithms a draw may leave the estimate: some data say nothing in some directions


class Fitted:
    """Positive parameters in the order of `names`; covariates move those in `moved` to parameter · exp(± c'z)."""

    name: ClassVar[str]
    names: ClassVar[tuple[str, ...]]
    source: ClassVar[str]
    #: Typical shops: mean and standard deviation of each log parameter.
    pooled: ClassVar[tuple[tuple[float, float], ...]]
    moved: ClassVar[Mapping[str, int]] = {}

    def __init__(
        self,
        parameters: Sequence[float] | Array,
        *,
        covariates: Sequence[str] = (),
        coefficients: ArrayLike = (),
        estimate: Estimate | None = None,
    ) -> None:
        self.values = np.asarray(parameters, dtype=np.float64)
        self.covariates = tuple(covariates)
        self.coefficients = np.asarray(coefficients, dtype=np.float64).reshape(len(self.moved), len(self.covariates))
        self.estimate = estimate

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value:.4g}" for name, value in self.parameters.items())
        return f"{type(self).__name__}({inside})"

    @property
    def parameters(self) -> dict[str, float]:
        """Parameters by name."""
        return dict(zip(self.names, map(float, self.values), strict=True))

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood at the maximum; NaN for a model that was not fitted."""
        return float("nan") if self.estimate is None else self.estimate.log_likelihood

    @property
    def standard_errors(self) -> dict[str, float]:
        """Standard errors by name, covariates' as `parameter:covariate`; empty for a model that was not fitted."""
        if self.estimate is None:
            return {}
        spread = np.sqrt(np.diag(self.estimate.covariance))
        scale = np.concatenate([self.values, np.ones(self.coefficients.size)])
        return dict(zip(self._labels, map(float, scale * spread), strict=True))

    @property
    def _labels(self) -> list[str]:
        return [*self.names, *(f"{name}:{covariate}" for name in self.moved for covariate in self.covariates)]

    def draws(self, count: int, rng: np.random.Generator) -> list[Self]:
        """`count` models with parameters from their sampling distribution (normal in logarithms, antithetic pairs).

        This very model `count` times over where it was not fitted.
        """
        if self.estimate is None:
            return [self] * count
        shifts = self.estimate.shifts(count, rng)
        shifts *= np.minimum(1.0, FARTHEST / np.abs(shifts).max(axis=1, keepdims=True))
        return [self._of(self.estimate.theta + shift, self.covariates, self.estimate) for shift in shifts]

    def to_dict(self) -> dict[str, Any]:
        """Everything needed to bring the model back, as plain JSON values."""
        saved: dict[str, Any] = {"model": self.name, "parameters": self.parameters}
        if self.covariates:
            saved |= {"covariates": list(self.covariates), "coefficients": self.coefficients.tolist()}
        if self.estimate is not None:
            saved |= self.estimate.to_dict()
        return saved

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """The model that `to_dict` saved.

        Raises
        ------
        InputError : the saved model is another one.
        """
        if saved.get("model") != cls.name:
            message = f"This is a saved {saved.get('model')!r}, not {cls.name!r}."
            raise InputError(message, advice="Load it with the class it was saved from.")
        values = np.array([saved["parameters"][name] for name in cls.names], dtype=np.float64)
        coefficients = np.asarray(saved.get("coefficients", []), dtype=np.float64)
        estimate = Estimate.from_dict(saved) if "theta" in saved else None
        return cls(values, covariates=saved.get("covariates", ()), coefficients=coefficients, estimate=estimate)

    def to_json(self) -> str:
        """`to_dict` as text."""
        return json.dumps(self.to_dict(), indent=2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The model that `to_json` saved."""
        return cls.from_dict(json.loads(text))

    def __str__(self) -> str:
        return self.summary()

    def summary(self) -> str:
        """Estimates with standard errors and the log-likelihood, as text for a screen."""
        errors = self.standard_errors
        values = dict(zip(self._labels, [*self.values, *self.coefficients.ravel()], strict=True))
        width = max(map(len, values))
        lines = [f"{self.name} ({self.source})", f"{'':{width}}  {'estimate':>12}  {'std. error':>12}"]
        for label, value in values.items():
            spread = f"{errors[label]:12.4f}" if errors else f"{'-':>12}"
            lines.append(f"{label:{width}}  {value:12.4f}  {spread}")
        return "\n".join([*lines, f"log-likelihood {self.log_likelihood:.4f}"])

    @classmethod
    def _of(cls, theta: Array, covariates: Sequence[str], estimate: Estimate) -> Self:
        k = len(cls.names)
        return cls(np.exp(theta[:k]), covariates=covariates, coefficients=theta[k:], estimate=estimate)

    @classmethod
    def _prior(cls, covariates: int, weight: float) -> Prior:
        """The memory of typical shops, faded to `weight`; covariates are expected to do little."""
        centre, spread = (np.asarray(column, dtype=np.float64) for column in zip(*cls.pooled, strict=True))
        more = len(cls.moved) * covariates
        return Prior(np.concatenate([centre, np.zeros(more)]), np.concatenate([spread, np.ones(more)]), weight)
