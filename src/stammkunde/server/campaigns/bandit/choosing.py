"""Thompson sampling for a batch: a line gets as many of the next mails as it is probable that it is the best."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stammkunde.server.campaigns.bandit.arms import Evidence, Floats, Prior, beliefs, chances, drawn

Whole = NDArray[np.int64]
LOOKS = 4000  # draws behind the shares of a batch: their noise is less than that of the mails themselves
FLOOR = 0.01  # of each batch, for every line: what looks bad may only have had bad luck
#: Beliefs count for so much when shares are made. A mailing ends soon, so what is learnt late pays little: with one
#: reshaping of the posterior (Chapelle and Li 2011) a fifth less is lost; what is reported is never reshaped.
SHARPNESS = 2.0


def shares(evidence: Sequence[Evidence], believed: Prior, random: np.random.Generator, floor: float = FLOOR) -> Floats:
    """The share of the next batch that each line gets; none less than the floor. They sum to one.

    Raises
    ------
    ValueError : there is no line, or the floors leave nothing to choose.
    """
    lines = len(evidence)
    if not lines or not 0 <= floor * lines <= 1:
        raise ValueError("At least one line, and floors of at most one together.")
    won = chances(drawn(SHARPNESS * beliefs(evidence, believed), random, LOOKS))
    return floor + (1 - floor * lines) * won


def choose(wanted: Floats, count: int, random: np.random.Generator) -> Whole:
    """A line for each of the next mails, by number: as many of each as its share, to the mail, in random order."""
    exact = np.asarray(wanted, dtype=np.float64) * count
    whole = np.floor(exact).astype(np.int64)
    left = count - int(whole.sum())
    if left:
        rest = np.maximum(exact - whole, 0.0)
        for line in random.choice(len(whole), size=left, p=rest / rest.sum() if rest.sum() > 0 else None):
            whole[line] += 1
    lines = np.repeat(np.arange(len(whole), dtype=np.int64), whole)
    return random.permutation(lines)
