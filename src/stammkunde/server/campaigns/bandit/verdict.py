"""What may be said of the lines, and when there is too little left to gain to go on asking."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stammkunde.server.campaigns.bandit.arms import DRAWS, Evidence, Floats, Prior, beliefs, chances, drawn

TRIVIAL = 0.01  # of the best line's rate
SURE = 0.95


@dataclass(frozen=True)
class Verdict:
    """The line most probably best, how probable that is of each, and by how much it is better than the next one.

    `low` and `high` hold the difference of rates to `second` with 95 %. `left` is what choosing another line than
    `best` could still gain, as a share of its rate: with 95 % no more than that. Below `TRIVIAL` asking ends.
    """

    best: int
    second: int
    chances: tuple[float, ...]
    better: float
    low: float
    high: float
    left: float

    @property
    def settled(self) -> bool:
        """Whether there is too little left to gain."""
        return self.left < TRIVIAL


def judge(evidence: Sequence[Evidence], believed: Prior, random: np.random.Generator) -> Verdict:
    """Judge at least two lines by what is known now.

    Raises
    ------
    ValueError : there are fewer than two.
    """
    if len(evidence) < 2:
        raise ValueError("One line alone is not compared.")
    rates = drawn(beliefs(evidence, believed), random, DRAWS)
    won = chances(rates)
    order = np.argsort(-won, kind="stable")
    best, second = int(order[0]), int(order[1])
    apart = rates[:, best] - rates[:, second]
    low, high = np.quantile(apart, [0.025, 0.975])
    better = float(np.mean(apart > 0))
    left = float(np.quantile(_gain(rates, best), SURE))
    return Verdict(best, second, tuple(float(each) for each in won), better, float(low), float(high), left)


def _gain(rates: Floats, best: int) -> Floats:
    gain: Floats = (rates.max(axis=1) - rates[:, best]) / rates[:, best]
    return gain


def interval(found: Evidence, believed: Prior) -> tuple[float, float, float]:
    """The rate of a line: its 95 % interval with what is expected in the middle."""
    known = beliefs([found], believed)
    low, high = np.quantile(drawn(known, np.random.default_rng(0), DRAWS)[:, 0], [0.025, 0.975])
    return float(low), float(known[0, 0] / known[0].sum()), float(high)
