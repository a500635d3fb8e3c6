"""A customer's value as a sum: kinds of lines of the ledger, what is expected, the value itself; to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass

from stammkunde.server.clv.models import Prediction
from stammkunde.server.clv.queries.kinds import NAMES
from stammkunde.server.clv.queries.ledger import Ledger


@dataclass(frozen=True)
class Kind:
    """All lines of a kind: their sum, how many, and whether some are estimated or not known."""

    name: str
    amount: int
    lines: int
    estimated: bool
    missing: bool


@dataclass(frozen=True)
class Summed:
    """`kinds` and `changed` make `historic`; that and `expected` make `clv`.

    `changed` is what came to light after the computation the value is of: it is in the lines already.
    """

    kinds: Sequence[Kind]
    total: int
    changed: int = 0
    expected: int | None = None
    clv: int | None = None


def summed(ledger: Ledger, prediction: Prediction | None) -> Summed:
    """The sum; without a prediction the lines alone."""
    found: dict[str, list[int]] = {}
    places = {kind: place for place, kind in enumerate(NAMES)}
    for line in sorted(ledger.lines, key=lambda each: places.get(each.kind, len(places))):
        sums = found.setdefault(line.name, [0, 0, 0, 0])
        for place, value in enumerate((line.amount, 1, line.estimated, line.missing)):
            sums[place] += value
    kinds = [Kind(name, amount, n, bool(guess), bool(gone)) for name, (amount, n, guess, gone) in found.items()]
    if prediction is None:
        return Summed(kinds, ledger.total)
    historic, clv = prediction.historic, prediction.clv
    expected = None if prediction.predicted is None else clv - historic
    return Summed(kinds, ledger.total, historic - ledger.total, expected, clv)
