"""`clv backtest`: models and rules of thumb, tried on the shop's own past."""

from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from stammkunde.cli.options import Reading
from stammkunde.clv import Backtest, Choice, Horizon, Trial, backtest, select
from stammkunde.facts import Orders, summarize
from stammkunde.facts.history import Unit, days_per_unit
from stammkunde.progress import Progress


@dataclass(frozen=True)
class Tried:
    """All trials, and what was chosen by them; no choice where the history carries one day in the past only."""

    orders: Orders
    ahead: Horizon
    customers: int
    found: Backtest
    choice: Choice | None

    @property
    def reason(self) -> str:
        """Why it was chosen, or why nothing was."""
        if self.choice is not None:
            return self.choice.reason
        return "The history carries one day in the past only: too little to choose by. A shorter horizon needs less."

    @property
    def level(self) -> float:
        """By how much the backtests taught the choice to raise the whole shop."""
        return self.choice.tuning.level if self.choice is not None else 1.0

    @property
    def trials(self) -> pa.Table:
        """One row a model and day in the past: what was forecast how well."""
        return pa.Table.from_pylist([_row(trial) for trial in self.found.trials])


def tried(reading: Reading, horizon: str, unit: Unit, tell: Progress) -> Tried:
    """Read orders, and try what `auto` chooses among; every other model where there is nothing to choose by.

    Raises
    ------
    NotEnoughDataError : the history carries no day in the past at all.
    """
    orders = reading.read(tell)
    ahead = Horizon.of(horizon, until=orders.until, days_per_unit=days_per_unit(unit))
    tell("Summarising customers", None)
    history = summarize(orders, unit=unit)
    choice = select(history, ahead, progress=tell)
    found = choice.backtest if choice is not None else backtest(history, ahead, progress=tell)
    return Tried(orders, ahead, len(history), found, choice)


def rows(found: Backtest, level: float = 1.0) -> list[dict[str, Any]]:
    """`Backtest.rows`, with the totals of `auto` as they were without the `level` learned from these very orders."""
    told = found.rows()
    for row in (row for row in told if row["model"] == "auto"):
        row |= {name: 100.0 * ((1.0 + row[name] / 100.0) / level - 1.0) for name in ("orders_bias", "value_bias")}
    return told


def _row(trial: Trial) -> dict[str, Any]:
    told = {"model": trial.model, "until": trial.until, "days": trial.horizon_days, "customers": trial.customers}
    for kind in ("orders", "value"):
        told |= {f"{kind}_{name}": figure for name, figure in asdict(getattr(trial, kind)).items()}
    return told
