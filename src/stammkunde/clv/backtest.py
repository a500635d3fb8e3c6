"""Going back in time: fit on what was known then, compare with what came.

Origins are chosen so that the ratio of horizon to history is the one asked for: a year of history and a year to
forecast are tried as half a year and half a year. That is the nearest a shop's own past comes to the question.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stammkunde.clv.covariates import Covariates, columns_of
from stammkunde.clv.family import TRANSACTION_MODELS, transaction_model
from stammkunde.clv.gamma_gamma import GammaGamma
from stammkunde.clv.horizon import Horizon
from stammkunde.clv.metrics import Accuracy, Calibration, accuracy, calibration
from stammkunde.clv.naive import NAIVE_RULES
from stammkunde.clv.nbd import Nbd
from stammkunde.clv.order_days import OrderDays, order_days
from stammkunde.clv.transactions import TransactionModel
from stammkunde.errors import NotEnoughDataError
from stammkunde.facts import History
from stammkunde.progress import Progress, silent

Array = NDArray[np.float64]

CUTS = (0.0, 0.1, 0.2)  # of the period, left off its end: three origins
BOOST = "boost"
FEWEST = 100  # customers known at an origin, and orders that came after it
STEADY = 0.1  # weight of typical shops in every fit: in half the history loss can look as if nobody ever left


@dataclass(frozen=True, eq=False)
class Fold:
    """What was known at the end of `history.until`, and what each customer did in the `horizon_days` after it."""

    history: History
    days: OrderDays
    horizon_days: int
    orders: Array
    value: Array
    covariates: Covariates | None = None

    def knowing(self, covariates: Covariates | None, table: pa.Table) -> "Fold":
        """The same origin, its customers with the columns of `table` that were known of them from the start."""
        if covariates is None:
            return self
        ids = table["customer_id"].combine_chunks()
        rows = pc.index_in(self.history.table["customer_id"].combine_chunks(), ids)
        known = self.history.table
        for column in covariates.columns:
            if column.column not in known.column_names:
                known = known.append_column(column.column, table[column.column].take(rows))
        return replace(self, history=replace(self.history, table=known), covariates=covariates)

    @property
    def t(self) -> float:
        """The horizon in the history's units."""
        return self.horizon_days / self.history.days_per_unit

    @cached_property
    def pooled_rate(self) -> Nbd:
        return Nbd.fit_history(self.history)

    def fit(self, name: str) -> TransactionModel:
        """The named model fitted to what was known; once."""
        if name not in self._fitted:
            model = transaction_model(name).fit_history(self.history, covariates=self.covariates, least=STEADY)
            self._fitted[name] = model if self.z is None else model.at(self.z)
        return self._fitted[name]

    @cached_property
    def boosted(self) -> tuple[Array, Array]:
        """Orders and value that trees expect, grown at origins before this one."""
        from stammkunde.clv.boost import TIMING, Boosted  # trees learn from folds: they know this module

        unit, until = self.history.unit, self.history.until
        earlier = folds(self.days, until=until, horizon_days=self.horizon_days, unit=unit)
        trees = Boosted.learn([fold.knowing(self.covariates, self.history.table) for fold in earlier])
        return trees.forecast(self.fit(TIMING), self.spend, self.history, self.days, self.t, self.z)

    @cached_property
    def _fitted(self) -> dict[str, TransactionModel]:
        return {}

    @cached_property
    def spend(self) -> GammaGamma:
        return self._spend(self.history.x, self.history.value)

    @cached_property
    def spend_of_all(self) -> GammaGamma:
        """Spend learnt from first orders too."""
        return self._spend(self.history.x + 1.0, self.own_mean)

    def _spend(self, orders: Array, mean: Array) -> GammaGamma:
        known = columns_of(self.covariates, self.history)
        found = GammaGamma.fit_or_typical(orders, mean, self.own_mean, covariates=known)
        return found if self.z is None else found.at(self.z)

    @cached_property
    def z(self) -> Array | None:
        """Covariates of the customers, shape (customers, covariates); None without any."""
        known = columns_of(self.covariates, self.history)
        return np.column_stack(list(known.values())) if known else None

    @property
    def own_mean(self) -> Array:
        """Mean value of all orders of each customer."""
        return mean_of_all(self.history)

    def expected(self, name: str, pace: float = 1.0) -> Array:
        """Orders that the named model, or rule of thumb, expected of each customer.

        For a model time passes `pace` times as fast.
        """
        if name in NAIVE_RULES:
            return NAIVE_RULES[name](self.history, self.days, self.horizon_days)
        if name == BOOST:
            return self.boosted[0]
        h = self.history
        return np.maximum(self.fit(name).expected_orders(h.x, h.t_x, h.T, np.full_like(h.T, self.t * pace)), 1e-12)

    def order_value(self, name: str) -> Array:
        """What the named model, or rule of thumb, expected an order of each customer to be worth."""
        if name == BOOST:
            return self.boosted[1] / self.boosted[0]
        return self.own_mean if name in NAIVE_RULES else self.spend.expected_value(self.history.x, self.history.value)


@dataclass(frozen=True)
class Trial:
    """How one model did at one origin: accuracy of orders and of value, and its calibration by tenth of customers."""

    model: str
    until: date
    horizon_days: int
    customers: int
    orders: Accuracy
    value: Accuracy
    calibration: Calibration


@dataclass(frozen=True)
class Backtest:
    """All trials; `naive` are the names among them that are rules of thumb."""

    trials: tuple[Trial, ...]
    naive: tuple[str, ...] = tuple(NAIVE_RULES)

    @property
    def models(self) -> list[str]:
        return list(dict.fromkeys(trial.model for trial in self.trials))

    def of(self, model: str) -> list[Trial]:
        return [trial for trial in self.trials if trial.model == model]

    def rows(self) -> list[dict[str, Any]]:
        """A row a model, figures averaged over the origins, best first: by count and value MAE together."""
        rows = [self._row(model) for model in self.models]
        return sorted(rows, key=lambda row: np.log(row["orders_mae"] + 1e-12) + np.log(row["value_mae"] + 1e-12))

    def _row(self, model: str) -> dict[str, Any]:
        trials = self.of(model)
        figures: dict[str, Any] = {"model": model, "origins": len(trials)}
        for kind in ("orders", "value"):
            for name in ("mae", "rmse", "bias", "spearman", "gini"):
                figures[f"{kind}_{name}"] = float(np.mean([getattr(getattr(t, kind), name) for t in trials]))
        return figures


def trial(name: str, fold: Fold, orders: Array, value: Array) -> Trial:
    """Compare a forecast of orders and value with what came."""
    return Trial(
        name,
        fold.history.until,
        fold.horizon_days,
        len(fold.history),
        accuracy(orders, fold.orders),
        accuracy(value, fold.value),
        calibration(value, fold.value),
    )


def folds(days: OrderDays, *, until: date, horizon_days: float, unit: str) -> list[Fold]:
    """The origins that the history can carry, latest first; empty where it is too short or too small."""
    found, span = [], (until - days.first).days
    ratio = horizon_days / max(span, 1)
    for cut in CUTS:
        left_off = round(cut * span)
        horizon = round((span - left_off) * ratio / (1.0 + ratio))
        fold = _fold(days, until - timedelta(days=left_off + horizon), horizon, unit)
        if fold is not None:
            found.append(fold)
    return found


def _fold(days: OrderDays, until: date, horizon: int, unit: Any) -> Fold | None:
    if horizon < 1 or until <= days.first:
        return None
    try:
        history = History.from_days(days.table, until=until, unit=unit)
    except NotEnoughDataError:
        return None
    orders, value = days.window(history, until, until + timedelta(days=horizon))
    if len(history) < FEWEST or orders.sum() < FEWEST or value.sum() <= 0:
        return None
    return Fold(history, days, horizon, orders, value)


def origins(history: History, horizon: Horizon, covariates: Covariates | None = None) -> list[Fold]:
    """The origins that a history can carry, latest first, of 50,000 of its customers at most."""
    days, until = order_days(history).part(), history.until
    found = folds(days, until=until, horizon_days=horizon.days, unit=history.unit)
    return [fold.knowing(covariates, history.table) for fold in found]


def backtest(
    history: History,
    horizon: Horizon | str | float = "12m",
    *,
    models: Sequence[str] = tuple(TRANSACTION_MODELS),
    covariates: Sequence[str] = (),
    progress: Progress = silent,
) -> Backtest:
    """Try models and rules of thumb on the shop's own past.

    Parameters
    ----------
    history : made by `summarize`, which remembers the order days behind it.
    horizon : how far ahead the question looks; origins keep its ratio to the history.
    models : names of models, "boost" among them if wanted; the rules of thumb always join.
    covariates : columns of the history that the models may use, as in `fit`.

    Raises
    ------
    NotEnoughDataError : no origin has 100 customers before and 100 orders after it, or order days are not known.
    """
    asked = Horizon.of(horizon, until=history.until, days_per_unit=history.days_per_unit)
    known = Covariates.learn(history.table, covariates) if covariates else None
    found = origins(history, asked, known)
    if not found:
        raise NotEnoughDataError(
            f"The history cannot be backtested over {asked.text}.",
            advice=f"A test needs {FEWEST} customers before and {FEWEST} orders after a day in the past: "
            "ask for a shorter horizon, or bring a longer history.",
        )
    trials, names = [], [*models, *NAIVE_RULES]
    for i, fold in enumerate(found):
        for j, name in enumerate(names):
            progress(f"Testing {name} at {fold.history.until}", (i * len(names) + j) / (len(found) * len(names)))
            expected = fold.expected(name)
            trials.append(trial(name, fold, expected, expected * fold.order_value(name)))
    return Backtest(tuple(trials))


def mean_of_all(history: History) -> Array:
    """Mean contribution of all order days of each customer, the first included; at least 0."""
    total, orders = (history.table[name].to_numpy() for name in ("historic_value", "orders"))
    return np.asarray(np.maximum(total / orders, 0.0))
