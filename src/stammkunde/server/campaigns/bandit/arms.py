"""What is known of each line: a prior from earlier mails, and what was answered since."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DRAWS = 20_000
STRONGEST = 400.0  # mails that earlier campaigns may count for: they say where rates lie, not which line is better
FEWEST = 200  # mails of an earlier line, before its rate tells anything


@dataclass(frozen=True)
class Prior:
    """What is believed of a line nobody has answered: as if `yes` of `yes + no` mails had been. `own`: the shop's."""

    yes: float
    no: float
    own: bool = False

    @property
    def rate(self) -> float:
        """The rate it expects."""
        return self.yes / (self.yes + self.no)


#: Where a shop has sent nothing yet. Weak: twenty-five answers move it by half.
STATED = {"orders": Prior(0.25, 24.75), "clicks": Prior(0.5, 24.5)}


@dataclass(frozen=True)
class Evidence:
    """Mails that left, how many of them count by now (`ripe`: each by the chance that an answer is in), and answers."""

    sent: int
    ripe: float
    answers: int

    def __post_init__(self) -> None:
        if not 0 <= self.answers <= self.sent or not 0 <= self.ripe <= self.sent + 1e-6:
            raise ValueError("Answers and ripe mails are some of those that left.")


def prior(past: Sequence[tuple[int, int]], stated: Prior) -> Prior:
    """A prior of earlier lines, each (answers, mails): where their rates lie, and how far apart, by their moments."""
    told = [(yes, sent) for yes, sent in past if sent >= FEWEST]
    if len(told) < 3:
        return stated
    yes, sent = (np.array(column, dtype=np.float64) for column in zip(*told, strict=True))
    mean = float(yes.sum() / sent.sum())
    if not 0 < mean < 1:
        return stated
    between = float(np.average((yes / sent - mean) ** 2, weights=sent))
    chance = float(np.average(mean * (1 - mean) / sent, weights=sent))
    true = max(between - chance, mean * (1 - mean) / STRONGEST)
    strength = min(max(mean * (1 - mean) / true - 1, 2.0), STRONGEST)
    return Prior(mean * strength, (1 - mean) * strength, own=True)


def beliefs(evidence: Sequence[Evidence], believed: Prior) -> Floats:
    """The two parameters of the beta distribution of each line. A mail that cannot be answered yet is no failure."""
    rows = [(believed.yes + e.answers, believed.no + max(e.ripe - e.answers, 0.0)) for e in evidence]
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def drawn(known: Floats, random: np.random.Generator, draws: int = DRAWS) -> Floats:
    """Rates that may be true, one row a draw, one column a line."""
    return random.beta(known[:, 0], known[:, 1], size=(draws, len(known)))


def chances(rates: Floats) -> Floats:
    """How probable it is of each line that it is the best."""
    return np.bincount(rates.argmax(axis=1), minlength=rates.shape[1]) / len(rates)
