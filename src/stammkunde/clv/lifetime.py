"""How long a customer stays when leaving is a coin tossed once a period: the shifted beta-geometric distribution.

Every period the customer leaves with probability θ, and θ ~ Beta(leave, stay) over customers. Who has stayed k times
has θ ~ Beta(leave, stay + k): nobody's habits change, yet retention rises, as those who leave easily are gone.

Fader, Hardie (2007), How to project customer retention, Journal of Interactive Marketing 21(1), 76-90;
Fader, Hardie (2010), Customer-base valuation in a contractual setting, Marketing Science 29(1), 85-93.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Lifetime:
    """Remaining periods of customers with θ ~ Beta(leave, stay); both positive, any shapes that broadcast."""

    leave: Array
    stay: Array

    @classmethod
    def of(cls, leave: ArrayLike, stay: ArrayLike) -> "Lifetime":
        """With both arguments brought to one shape of float64."""
        return cls(*np.broadcast_arrays(np.asarray(leave, dtype=np.float64), np.asarray(stay, dtype=np.float64)))

    def after(self, periods: ArrayLike) -> "Lifetime":
        """The same customers once they have stayed `periods` times more."""
        return Lifetime.of(self.leave, self.stay + np.asarray(periods, dtype=np.float64))

    def survival(self, t: ArrayLike) -> Array:
        """P(still there t periods from now), by broadcasting."""
        t = np.asarray(t, dtype=np.float64)
        gamma = special.gammaln
        stays = gamma(self.stay + t) - gamma(self.stay)
        return np.asarray(np.exp(stays - gamma(self.leave + self.stay + t) + gamma(self.leave + self.stay)))

    def retention(self, t: ArrayLike) -> Array:
        """P(still there after period t | there before it), t = 1, 2, …, by broadcasting."""
        t = np.asarray(t, dtype=np.float64)
        return np.asarray((self.stay + t - 1) / (self.leave + self.stay + t - 1))

    def path(self, ahead: int) -> Array:
        """P(still there) 0 … `ahead` periods from now; one more axis, (…, ahead + 1)."""
        kept = self._each().retention(np.arange(1, ahead + 1))
        return np.concatenate([np.ones((*kept.shape[:-1], 1)), np.cumprod(kept, axis=-1)], axis=-1)

    def pmf(self, ahead: int) -> Array:
        """P(stays k times, then leaves), k = 0 … `ahead` - 1, and P(stays throughout) last; (…, ahead + 1)."""
        path = self.path(ahead)
        path[..., :-1] *= 1.0 - self._each().retention(np.arange(1, ahead + 1))
        return path

    def expected(self, ahead: int) -> Array:
        """Expected number of times the customer stays within `ahead` periods.

        A sum of positive terms: the closed form divides zero by zero where leave is one.
        """
        return np.asarray(self.path(ahead)[..., 1:].sum(axis=-1))

    def total(self, discount: float = 0.0) -> Array:
        """Expected periods, the running one included, each discounted at `discount` a period: Σ P(there at t)/(1+d)^t.

        Undiscounted it is (leave + stay - 1) / (leave - 1), and infinite where leave is not above one.
        """
        if discount == 0.0:
            with np.errstate(divide="ignore"):
                return np.asarray(np.where(self.leave > 1, (self.leave + self.stay - 1) / (self.leave - 1), np.inf))
        return _hypergeometric(self.leave, self.stay, discount)

    def draw(self, size: int, rng: np.random.Generator) -> Array:
        """Simulate how many times each of `size` customers stays before leaving."""
        theta = rng.beta(self.leave, self.stay, size)
        return np.asarray(rng.geometric(np.maximum(theta, 1e-12)) - 1.0)  # beta draws of small shapes round to zero

    def _each(self) -> "Lifetime":
        return Lifetime(self.leave[..., None], self.stay[..., None])


def log_lifetime(leave: ArrayLike, stay: ArrayLike, periods: ArrayLike, lost: ArrayLike) -> tuple[Array, Array]:
    """Log-likelihood of having stayed `periods` times, and then left where `lost` is one; all by broadcasting.

    With its derivatives by log leave and log stay, stacked in front: (2, …).
    """
    leave, stay, periods, lost = np.broadcast_arrays(*(np.asarray(c, float) for c in (leave, stay, periods, lost)))
    psi, gamma, start, end = special.digamma, special.gammaln, leave + stay, leave + stay + periods
    rows = gamma(stay + periods) - gamma(stay) - gamma(end) + gamma(start) + lost * (np.log(leave) - np.log(end))
    common = psi(start) - psi(end) - lost / end
    return rows, np.array([leave * common + lost, stay * (common + psi(stay + periods) - psi(stay))])


def quantile(pmf: Array, p: float) -> Array:
    """Least count with a cumulated probability of at least p, along the last axis of `pmf`."""
    return np.asarray((np.cumsum(pmf, axis=-1) < p - 1e-12).sum(axis=-1), dtype=np.float64)


def _hypergeometric(leave: Array, stay: Array, discount: float) -> Array:
    """2F1(1, stay; leave + stay; 1 / (1 + discount)) by Gauss's continued fraction, from its tail inwards.

    Libraries return NaN for long histories at low discounts; here every step is between zero and one. The tail is
    replaced by its limit, and twenty steps in units of √(1 - z) bring 16 digits.
    """
    z, c = 1.0 / (1.0 + discount), leave + stay
    root = np.sqrt(discount * z)
    fraction = np.full(c.shape, (1.0 + root) / 2.0)
    for m in range(int(np.ceil(20.0 / root)) + 20, 0, -1):
        fraction = 1.0 - z * (stay + m) * (c + m - 1) / ((c + 2 * m - 1) * (c + 2 * m)) / fraction
        fraction = 1.0 - z * m * (leave + m - 1) / ((c + 2 * m - 2) * (c + 2 * m - 1)) / fraction
    return np.asarray(1.0 / (1.0 - z * stay / c / fraction))
