"""Maximum likelihood for positive parameters: start, climb, say how sure.

All models of this room have positive parameters, so the search runs over their logarithms: no bounds, and a change of
the time unit or the currency is a mere shift. Every objective hands over its exact gradient; the curvature is taken
from differences of gradients, which gives Newton's speed and the standard errors in one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from stammkunde.errors import ConvergenceError

Array = NDArray[np.float64]
Objective = Callable[[Array], tuple[float, Array]]

LIMIT = 12.0  # natural logarithms: no shop's parameter lies beyond e^±12 times its start


@dataclass(frozen=True)
class Prior:
    """A normal prior on log parameters, the memory of other shops.

    `mean` and `sd` have shape (k,) and are in natural logarithms. `weight` between 0 and 1 scales its precision.
    """

    mean: Array
    sd: Array
    weight: float = 1.0

    def __call__(self, theta: Array) -> tuple[float, Array]:
        """Log density up to a constant, and its gradient."""
        pull = -self.weight * (theta - self.mean) / self.sd**2
        return float(0.5 * pull @ (theta - self.mean)), pull


@dataclass(frozen=True)
class Estimate:
    """The maximum: log parameters `theta` (k,), their `covariance` (k, k), and the log-likelihood reached there."""

    theta: Array
    covariance: Array
    log_likelihood: float
    evaluations: int

    @property
    def values(self) -> Array:
        """The parameters themselves, shape (k,)."""
        return np.asarray(np.exp(self.theta))

    @property
    def standard_errors(self) -> Array:
        """Standard errors of the parameters by the delta method, shape (k,)."""
        return np.asarray(self.values * np.sqrt(np.diag(self.covariance)))

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values; logarithms too, which the parameters would not give back to the last digit."""
        return {
            "theta": self.theta.tolist(),
            "covariance": self.covariance.tolist(),
            "log_likelihood": float(self.log_likelihood),
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> "Estimate":
        """What `to_dict` saved; other entries are not looked at."""
        return cls(np.array(saved["theta"]), np.array(saved["covariance"]), float(saved["log_likelihood"]), 0)

    def shifts(self, count: int, rng: np.random.Generator) -> Array:
        """`count` draws of what the truth may differ by from `theta`, (count, k): a half, and its opposites.

        Where pairs suffice for the parameters, the draws are balanced: their covariance is exactly the estimate's,
        which as many independent draws would miss by a third and more.
        """
        half = rng.normal(size=((count + 1) // 2, len(self.theta)))
        if len(half) >= len(self.theta):
            half = np.linalg.qr(half)[0] * np.sqrt(len(half))
        spread, axes = np.linalg.eigh(self.covariance)
        half = half @ (axes * np.sqrt(np.maximum(spread, 0.0))).T
        return np.concatenate([half, -half])[:count]


def maximise(
    objective: Objective, start: Array, *, scale: float, prior: Prior | None = None, draft: Objective | None = None
) -> Estimate:
    """Climb to the maximum of a log-likelihood.

    Parameters
    ----------
    objective : maps log parameters (k,) to the log-likelihood and its gradient (k,).
    start : log parameters to begin with, shape (k,).
    scale : number of customers behind the objective; tolerances are per customer.
    prior : added to the objective where given; the reported log-likelihood leaves it out.
    draft : the same objective on a part of the customers, scaled up to all of them. Where given, the climb is made on
        it and only its last steps on the whole, with the draft's curvature: a million customers cost a handful of
        full evaluations.

    Raises
    ------
    ConvergenceError : the log-likelihood is not finite at the start, or the climb ends where the slope is not flat.
    """
    origin = np.asarray(start, dtype=np.float64)
    whole = _Counted(objective, prior, scale)
    sketch = whole if draft is None else _Counted(draft, prior, scale)
    if not np.isfinite(sketch(origin)[0]):
        raise ConvergenceError(
            "The likelihood cannot be computed for these histories.",
            advice="Look for recency beyond age, negative or missing values; `History.validate` names the rows.",
        )
    theta, curvature, value = _polish(whole, sketch, _climb(sketch, origin))
    return Estimate(theta, _inverse(curvature) / scale, whole.plain(theta, value), whole.count)


def _climb(sketch: "_Counted", origin: Array) -> Array:
    """To about the maximum by BFGS, no further than `LIMIT` from the origin in any direction.

    Scipy's L-BFGS-B would know bounds, but solves its few equations in threads that cost a hundred times the sums.
    """

    def bent(shift: Array) -> tuple[float, Array]:
        reach = np.tanh(shift / LIMIT)
        value, slope = sketch(origin + LIMIT * reach)
        return value, slope * (1.0 - reach**2)

    found = optimize.minimize(bent, np.zeros_like(origin), jac=True, method="BFGS", options={"gtol": 1e-7})
    return np.asarray(origin + LIMIT * np.tanh(found.x / LIMIT))


class _Counted:
    """The objective as the optimiser wants it: negative, per customer, prior included, evaluations counted."""

    def __init__(self, objective: Objective, prior: Prior | None, scale: float) -> None:
        self.objective, self.prior, self.scale, self.count = objective, prior, scale, 0

    def __call__(self, theta: Array) -> tuple[float, Array]:
        self.count += 1
        value, slope = self.objective(theta)
        if self.prior is not None:
            more, pull = self.prior(theta)
            value, slope = value + more, slope + pull
        return -value / self.scale, -slope / self.scale

    def plain(self, theta: Array, value: float) -> float:
        """The log-likelihood where this objective has the value."""
        return -value * self.scale - (self.prior(theta)[0] if self.prior is not None else 0.0)

    def curvature(self, theta: Array) -> Array:
        """Hessian by central differences of the exact gradient, symmetric, shape (k, k)."""
        step = 1e-4
        rows = [(self(theta + step * e)[1] - self(theta - step * e)[1]) / (2 * step) for e in np.eye(len(theta))]
        half = np.asarray(rows)
        return np.asarray((half + half.T) / 2)


def _polish(whole: _Counted, sketch: _Counted, theta: Array, *, rounds: int = 12) -> tuple[Array, Array, float]:
    """Newton's last steps: gradient of the whole, curvature of the sketch (a sample's is right to a few per cent)."""
    curvature = sketch.curvature(theta)
    value, slope = whole(theta)
    for _ in range(rounds):
        step = -_inverse(curvature) @ slope
        gain = -float(slope @ step)
        if gain * whole.scale < 1e-6:  # the log-likelihood has less than that to win
            break
        step *= min(1.0, 2.0 / float(np.abs(step).max()))
        while step @ step > 1e-18:
            new, new_slope = whole(theta + step)
            if new <= value:
                break
            step = step / 4
        else:
            break
        theta, value, slope = theta + step, new, new_slope
        if sketch is whole and gain * whole.scale > 1e-2:
            curvature = whole.curvature(theta)
    return theta, curvature, value


def _inverse(curvature: Array) -> Array:
    """Inverse of a Hessian; directions the data say nothing about get a standard deviation of at most e^±3."""
    eigenvalues, vectors = np.linalg.eigh(curvature)
    floor = max(float(eigenvalues.max()), 1.0) * 1e-9
    return np.asarray((vectors / np.maximum(eigenvalues, floor)) @ vectors.T)
