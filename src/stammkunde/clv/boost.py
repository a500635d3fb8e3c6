"""Boosted trees on what a shop's own past shows, beyond a model of order timing: the optional extra `boost`.

At days in the past the features of every customer then are set against the orders and the value that came (`folds`).
Trees learn by which factor the timing model's forecast was off for customers of this kind: LightGBM with a Poisson
loss for orders, and a Tweedie loss for value, each with the forecast as offset. So no tree has to find out what the
model knows, and a shop too small for trees gets the model. The total of the shop stays the model's.

Every customer was also forecast by trees that did not see her, a third of the customers held out at a time. These
out-of-fold forecasts say after how many trees to stop, how far actual values lie from forecasts of each size, which
gives the intervals, and whether the trees were worth their trouble.

Ke et al. (2017), LightGBM: a highly efficient gradient boosting decision tree, NeurIPS 30.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stammkunde.clv.backtest import FEWEST, Fold, mean_of_all
from stammkunde.clv.gamma_gamma import GammaGamma
from stammkunde.clv.order_days import OrderDays
from stammkunde.clv.transactions import TransactionModel
from stammkunde.clv.tuning import features
from stammkunde.errors import MissingExtraError, NotEnoughDataError
from stammkunde.facts import History

Array = NDArray[np.float64]

TIMING = "pareto-nbd"  # whose forecast the trees correct
GROUPS = 3
MOST_TREES = 300
BINS = 20  # of customers by forecast, each with a distribution of errors of its own
LEVELS = np.linspace(0.0, 1.0, 201)
SETTINGS: Mapping[str, Any] = {
    "learning_rate": 0.05,
    "num_leaves": 8,
    "min_data_in_leaf": 60,
    "lambda_l2": 20.0,
    "max_bin": 63,
    "num_threads": 1,  # the order of sums, and so the trees, would depend on the machine
    "deterministic": True,
    "force_row_wise": True,
    "seed": 1,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Errors:
    """Actual over forecast value of customers held out, by size of the forecast.

    `size` (bins,) is the logarithm of a bin's mean forecast over that of all, rising; `ratio` (bins, LEVELS) are
    quantiles.
    """

    size: Array
    ratio: Array

    @classmethod
    def of(cls, forecast: Array, actual: Array) -> "Errors":
        order = np.argsort(forecast, kind="stable")
        parts = np.array_split(order, min(BINS, max(len(order) // 50, 1)))
        size = [np.log(max(float(forecast[part].mean()), 1e-300) / forecast.mean()) for part in parts]
        return cls(np.array(size), np.array([np.quantile(actual[part] / forecast[part], LEVELS) for part in parts]))

    def quantile(self, forecast: Array, level: float) -> Array:
        """The quantile of future value of customers with this forecast, (customers,) both."""
        by_bin = np.array([np.interp(level, LEVELS, row) for row in self.ratio])
        place = np.log(np.maximum(forecast, 1e-300) / max(float(forecast.mean()), 1e-300))
        return np.asarray(forecast * np.interp(place, self.size, by_bin))


@dataclass(frozen=True)
class Boosted:
    """Trees as LightGBM writes them, for orders and for value, and the errors of customers held out.

    `orders_error` and `value_error` are mean absolute errors of those over the timing model's: above 1, trees did harm.
    """

    orders: str
    value: str
    errors: Errors
    orders_error: float
    value_error: float

    @classmethod
    def learn(cls, found: Sequence[Fold]) -> "Boosted":
        """Trees from origins in the past.

        Raises
        ------
        NotEnoughDataError : there are no origins.
        MissingExtraError : LightGBM is not installed.
        """
        if not found:
            raise NotEnoughDataError(
                "There is too little history for trees to learn from.",
                advice=f"They need {FEWEST} customers before and {FEWEST} orders after a day in the past: "
                "take another model, a shorter horizon or a longer history.",
            )
        x = np.vstack([_look(f.fit(TIMING), f.spend, f.history, f.days, f.t, f.z) for f in found])
        group = _groups(found)
        orders, value = (np.concatenate([getattr(f, name) for f in found]) for name in ("orders", "value"))
        value = np.maximum(value, 0.0)
        base = np.concatenate([f.expected(TIMING) * (f.orders.sum() / f.expected(TIMING).sum()) for f in found])
        usual = np.concatenate([f.order_value(TIMING) for f in found])
        order_trees, held = _grow("poisson", x, orders, base, group)
        offset = held * usual * (value.sum() / float(held @ usual))
        value_trees, worth = _grow("tweedie", x, value, offset, group)
        plain = base * usual * (value.sum() / float(base @ usual))
        ratios = (_mae(held, orders) / _mae(base, orders), _mae(worth, value) / _mae(plain, value))
        return cls(order_trees, value_trees, Errors.of(worth, value), *ratios)

    def forecast(
        self,
        timing: TransactionModel,
        spend: GammaGamma,
        history: History,
        days: OrderDays,
        t: float,
        z: Array | None = None,
    ) -> tuple[Array, Array]:
        """Expected orders and value of every customer within t units, shape (customers,) each."""
        x = _look(timing, spend, history, days, t, z)
        base = np.maximum(timing.expected_orders(history.x, history.t_x, history.T, np.full_like(history.T, t)), 1e-12)
        usual = spend.expected_value(history.x, history.value)
        orders = _scaled(base * _factor(self.orders, x), float(base.sum()))
        return orders, _scaled(orders * usual * _factor(self.value, x), float(base @ usual))

    def to_dict(self) -> dict[str, Any]:
        """Everything needed to bring it back, as plain JSON values."""
        plain = {name: getattr(self, name) for name in ("orders", "value", "orders_error", "value_error")}
        return plain | {"size": self.errors.size.tolist(), "ratio": np.round(self.errors.ratio, 6).tolist()}

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> "Boosted":
        """What `to_dict` saved."""
        rest = dict(saved)
        return cls(errors=Errors(np.array(rest.pop("size")), np.array(rest.pop("ratio"))), **rest)


def lightgbm() -> Any:
    """The package.

    Raises
    ------
    MissingExtraError : it is not installed.
    """
    try:
        import lightgbm as found  # optional: nobody else pays for it
    except ImportError as missing:
        raise MissingExtraError(
            'The model "boost" needs LightGBM, which is not installed.',
            advice='Install it: pip install "stammkunde[boost]"; or use model="auto", which needs nothing more.',
        ) from missing
    return found


def _look(
    timing: TransactionModel, spend: GammaGamma, history: History, days: OrderDays, t: float, z: Array | None
) -> Array:
    """What the trees look at, without units or money; shape (customers, features)."""
    mean = mean_of_all(history)
    first = np.asarray(history.table["first_value"].to_numpy())
    usual = spend.expected_value(history.x, history.value)
    shop = max(float(mean.mean()), 1e-300)
    money = [np.log(np.clip(column / shop, 1e-2, 1e2)) for column in (mean, first, usual)]
    return np.column_stack([features(timing, history, days, t), *money, *(() if z is None else z.T)])


def _groups(found: Sequence[Fold]) -> NDArray[np.int64]:
    """A group for every row; all rows of a customer are in the same."""
    customer = np.concatenate([fold.days.rows_of(fold.history) for fold in found])
    return np.asarray(np.random.default_rng(1).integers(0, GROUPS, int(customer.max()) + 1)[customer])


def _grow(loss: str, x: Array, y: Array, offset: Array, group: NDArray[np.int64]) -> tuple[str, Array]:
    """Trees on all rows as text, and the forecast of each row by trees of the other groups; shape (rows,)."""
    held, trees = np.zeros(len(y)), []
    for g in range(GROUPS):
        train, test = group != g, group == g
        part = _train(loss, (x[train], y[train], offset[train]), MOST_TREES, (x[test], y[test], offset[test]))
        trees.append(part.best_iteration)
        held[test] = offset[test] * np.exp(part.predict(x[test], raw_score=True))
    return _train(loss, (x, y, offset), round(np.mean(trees))).model_to_string(), held


def _train(
    loss: str, rows: tuple[Array, Array, Array], trees: int, others: tuple[Array, Array, Array] | None = None
) -> Any:
    lgb = lightgbm()
    x, y, offset = rows
    data = lgb.Dataset(x, y, init_score=np.log(offset), params={"verbosity": -1, "max_bin": SETTINGS["max_bin"]})
    settings = {**SETTINGS, "objective": loss}
    if others is None:
        return lgb.train(settings, data, trees)
    x, y, offset = others
    watched = lgb.Dataset(x, y, init_score=np.log(offset), reference=data)
    stop = lgb.early_stopping(20, verbose=False)
    return lgb.train(settings, data, trees, valid_sets=[watched], callbacks=[stop])


def _factor(trees: str, x: Array) -> Array:
    raw = lightgbm().Booster(model_str=trees).predict(x, raw_score=True, num_threads=1)
    return np.asarray(np.exp(np.clip(raw, -10.0, 10.0)))


def _scaled(forecast: Array, total: float) -> Array:
    return np.asarray(forecast * (total / max(float(forecast.sum()), 1e-300)))


def _mae(forecast: Array, actual: Array) -> float:
    return float(np.abs(forecast - actual).mean())
