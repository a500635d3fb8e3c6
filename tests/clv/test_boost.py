"""Boosted trees: what they learn, what they cost, and that they never claim more than held-out customers showed."""

import builtins
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from customers import CALIBRATION_END, HOLDOUT_END
from stammkunde.clv.backtest import backtest, folds
from stammkunde.clv.boost import Boosted, Errors
from stammkunde.clv.fitting import fit
from stammkunde.clv.horizon import Horizon
from stammkunde.clv.metrics import gini, rmse
from stammkunde.clv.order_days import OrderDays
from stammkunde.clv.value import ValueModel
from stammkunde.errors import MissingExtraError, NotEnoughDataError, UnknownModelError
from stammkunde.facts import History

UNTIL = date(2024, 12, 31)


@pytest.fixture(scope="module")
def model(sample: History) -> ValueModel:
    pytest.importorskip("lightgbm")
    return fit(sample, "boost", horizon="39w")


@pytest.fixture(scope="module")
def scores(model: ValueModel, sample: History) -> pa.Table:
    return model.predict(sample, "39w")


@pytest.fixture(scope="module")
def few(shop_days: pa.Table) -> History:
    """Every third customer of the simulated shop."""
    return History.from_days(OrderDays(shop_days).part(400).table, until=UNTIL)


def column(table: pa.Table, name: str) -> np.ndarray:
    return np.asarray(table[name].to_numpy())


def test_the_table_is_that_of_every_model(scores: pa.Table, sample: History) -> None:
    plain = fit(sample, "nbd").predict(sample, "39w", intervals=False)
    assert scores.schema.names == plain.schema.names
    low, mean, high = (column(scores, f"predicted_{name}") for name in ("low", "value", "high"))
    assert np.all((low >= 0) & (low <= high) & np.isfinite(high))
    orders, worth = column(scores, "expected_orders"), column(scores, "expected_order_value")
    np.testing.assert_allclose(orders * worth, mean)
    np.testing.assert_allclose(
        column(scores, "clv"), column(scores, "historic_value") + column(scores, "discounted_value")
    )


def test_trees_know_better_than_their_model_who_will_bring_value(
    model: ValueModel, scores: pa.Table, sample: History, sample_days: pa.Table
) -> None:
    _, value = OrderDays(sample_days).window(sample, CALIBRATION_END, HOLDOUT_END)
    plain = fit(sample, "pareto-nbd").predict(sample, "39w", intervals=False)
    assert gini(column(scores, "predicted_value"), value) > gini(column(plain, "predicted_value"), value) + 0.01
    assert column(scores, "expected_orders").sum() == pytest.approx(column(plain, "expected_orders").sum())


def test_intervals_from_held_out_customers_hold_what_came(
    scores: pa.Table, sample: History, sample_days: pa.Table
) -> None:
    _, value = OrderDays(sample_days).window(sample, CALIBRATION_END, HOLDOUT_END)
    inside = (column(scores, "predicted_low") <= value) & (value <= column(scores, "predicted_high"))
    assert 0.78 < inside.mean() < 0.95


def test_the_model_says_when_trees_did_no_better_on_customers_held_out(model: ValueModel) -> None:
    assert model.boosted is not None
    worse = max(model.boosted.orders_error, model.boosted.value_error) >= 1
    assert worse == any("Trees did no better than pareto-nbd" in warning for warning in model.warnings)
    assert model.level_error > 0


def test_a_saved_model_has_its_trees(model: ValueModel, scores: pa.Table, sample: History) -> None:
    again = ValueModel.from_json(json.dumps(json.loads(model.to_json())))
    np.testing.assert_allclose(
        column(again.predict(sample, "39w"), "predicted_high"), column(scores, "predicted_high"), atol=1e-3
    )
    assert again.name == "boost"


def test_auto_never_takes_trees_by_itself(chosen: ValueModel) -> None:
    assert chosen.boosted is None
    assert chosen.choice is not None
    assert "boost" not in chosen.choice.backtest.models


def test_trees_of_a_backtest_saw_nothing_after_the_origin_and_grow_the_same_every_time(sample_days: pa.Table) -> None:
    pytest.importorskip("lightgbm")
    days = OrderDays(sample_days)
    fold = folds(days, until=CALIBRATION_END, horizon_days=273, unit="week")[0]
    before = OrderDays(
        sample_days.filter(np.less_equal(sample_days["day"].to_numpy(), np.datetime64(fold.history.until)))
    )
    blind = replace(fold, history=History.from_days(before.table, until=fold.history.until), days=before)
    np.testing.assert_array_equal(fold.expected("boost"), blind.expected("boost"))
    np.testing.assert_array_equal(fold.order_value("boost"), blind.order_value("boost"))


@pytest.mark.slow
def test_a_backtest_lists_trees_among_its_models(few: History) -> None:
    pytest.importorskip("lightgbm")
    assert "boost" in backtest(few, "6m", models=["boost"]).models


def test_trees_look_at_covariates_too(few: History) -> None:
    pytest.importorskip("lightgbm")
    shop = replace(few, table=few.table.append_column("vip", pa.array(np.arange(len(few)) % 2 == 0)))
    model = fit(shop, "boost", horizon="6m", covariates=["vip"])
    assert model.boosted is not None
    assert "Column_12" in model.boosted.orders
    assert np.isfinite(column(model.predict(shop, "6m", intervals=False), "predicted_value")).all()


def test_a_shop_too_young_for_trees_is_told_so() -> None:
    pytest.importorskip("lightgbm")
    with pytest.raises(NotEnoughDataError, match="order days"):
        fit(History.from_arrays([1, 0], [3.0, 0.0], [9.0, 9.0], [5.0, 0.0]), "boost")
    with pytest.raises(NotEnoughDataError, match="too little history for trees"):
        Boosted.learn([])


def test_without_lightgbm_the_advice_names_the_extra(sample: History, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = builtins.__import__

    def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "lightgbm":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingExtraError, match=r"needs LightGBM.*\n.*stammkunde\[boost\]"):
        fit(sample, "boost")


def test_a_name_that_is_none_is_told_that_boost_is_one(sample: History) -> None:
    with pytest.raises(UnknownModelError, match="auto, boost, bg-nbd"):
        fit(sample, "bost")


def test_errors_of_customers_held_out_become_quantiles_of_their_like() -> None:
    rng = np.random.default_rng(1)
    forecast = np.exp(rng.normal(0, 1, 20_000))
    errors = Errors.of(forecast, forecast * rng.gamma(2.0, 0.5, len(forecast)))
    middle = errors.quantile(forecast, 0.5) / forecast
    assert middle == pytest.approx(np.full(len(forecast), 0.839), rel=0.08)
    assert np.all(errors.quantile(forecast, 0.1) < errors.quantile(forecast, 0.9))


@pytest.mark.slow
def test_the_whole_of_cdnow_takes_trees_less_than_ten_seconds(master: History, master_days: pa.Table) -> None:
    pytest.importorskip("lightgbm")
    start = time.process_time()
    model = fit(master, "boost", horizon="39w")
    assert time.process_time() - start < 10
    orders, _ = OrderDays(master_days).window(master, CALIBRATION_END, HOLDOUT_END)
    ahead = Horizon.of("39w", until=master.until, days_per_unit=7.0)
    plain = fit(master, "pareto-nbd").expected_orders(master, ahead)
    assert rmse(model.expected_orders(master, ahead), orders) < rmse(plain, orders)
