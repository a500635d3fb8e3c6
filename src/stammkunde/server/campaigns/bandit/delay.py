"""How long answers take: of the mails that left an hour ago, only some of the answers can be in by now."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ENOUGH = 50  # answers, before the shop's own delay is believed


@dataclass(frozen=True)
class Delay:
    """Answers come after `hours` in the mean, and the later the fewer; after `window` hours none counts any more."""

    hours: float = 4.0
    window: float = float("inf")

    def __post_init__(self) -> None:
        if not (self.hours >= 0 and self.window > 0):
            raise ValueError("A delay is not negative, and a window is longer than nothing.")

    def answered(self, age: Floats) -> Floats:
        """The share of the answers that is in, of mails that left so many hours ago."""
        old = np.clip(age, 0.0, self.window)
        if self.hours == 0:
            return (old > 0).astype(np.float64)
        whole = -np.expm1(-self.window / self.hours)
        share: Floats = -np.expm1(-old / self.hours) / whole
        return share


def measured(waits: Sequence[float], *, window: float, otherwise: Delay) -> Delay:
    """The delay of a shop's own answers, in hours, all within the window; of too few of them, what was stated.

    Answers after the window were not seen, so their mean is too short: the one that fits is looked for by halving.
    """
    if len(waits) < ENOUGH:
        return otherwise
    mean = float(np.mean(waits))
    if mean >= 0.45 * window:  # near the middle every delay fits: they come evenly, or ever more
        return Delay(window * 10, window)
    low, high = 1e-3, window * 10
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _mean_within(middle, window) < mean else (low, middle)
    return Delay((low + high) / 2, window)


def _mean_within(hours: float, window: float) -> float:
    """The mean of delays that end within the window."""
    ratio = window / hours
    return hours - (window / float(np.expm1(ratio)) if ratio < 700 else 0.0)
