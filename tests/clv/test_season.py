"""The season of a shop: found where months repeat themselves, not where they only happened to differ."""

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from customers import customer_days, in_season, simulated_orders
from stammkunde.clv.backtest import folds
from stammkunde.clv.fitting import fit
from stammkunde.clv.mbg_nbd import MbgNbd
from stammkunde.clv.order_days import OrderDays
from stammkunde.clv.season import Season, full_years
from stammkunde.clv.select import Choice, choose
from stammkunde.clv.tuning import Tuning
from stammkunde.facts import History

CHRISTMAS = (0.8, 0.7, 0.8, 0.8, 0.8, 0.8, 0.7, 0.7, 0.9, 1.0, 1.8, 2.2)
FLAT = (1.0,) * 12
START, UNTIL = date(2022, 1, 1), date(2024, 9, 30)
QUICK = ("bg-nbd", "mbg-nbd")


def days_of(index: tuple[float, ...], customers: int = 2_000, seed: int = 1) -> OrderDays:
    """A shop from January 2022 to spring 2025."""
    orders = simulated_orders(customers, seed=seed, start=START, days=1_200)
    return OrderDays(customer_days(in_season(orders, index)))


def learn(days: OrderDays, until: date = UNTIL) -> Season | None:
    history = History.from_days(days.table, until=until)
    return Season.learn(days, history, MbgNbd.fit_history(history))


def chosen(days: OrderDays, *, until: date = UNTIL, horizon: int = 92) -> Choice:
    return choose(folds(days, until=until, horizon_days=horizon, unit="week"), candidates=QUICK)


@pytest.fixture(scope="module")
def christmas() -> OrderDays:
    return days_of(CHRISTMAS)


def test_a_christmas_shop_has_its_season_in_its_index(christmas: OrderDays) -> None:
    season = learn(christmas)
    assert season is not None
    index, truth = np.array(season.index), np.array(CHRISTMAS) / np.mean(CHRISTMAS)
    np.testing.assert_allclose(index, truth, atol=0.3)
    assert np.argmax(index) == 11
    assert season.stretch(date(2024, 10, 31), 61) * season.usual == pytest.approx(index[10:].mean(), rel=0.01)
    assert season.stretch(UNTIL, 365) * season.usual == pytest.approx(1.0, abs=0.01)


def test_a_christmas_shop_is_forecast_with_its_season(christmas: OrderDays) -> None:
    choice = chosen(christmas)
    assert choice.tuning.season is not None
    assert "the season of the whole shop" in choice.reason
    plain, seasonal = (
        np.abs([t.orders.bias for t in choice.backtest.of(name)]).mean() for name in (choice.model, "auto")
    )
    assert seasonal < 0.5 * plain


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_flat_shop_has_no_season(seed: int) -> None:
    days = days_of(FLAT, seed=seed)
    assert learn(days) is None
    choice = chosen(days)
    assert choice.tuning.season is None
    assert "season" not in choice.reason


def test_one_good_month_is_no_season() -> None:
    """A campaign in May 2023 that no other May knew: months differ, but the years do not agree."""
    orders = simulated_orders(2_000, start=START, days=1_200)
    when = orders["date"].to_numpy().astype("datetime64[D]")
    near = (when >= np.datetime64("2023-03-15")) & (when < np.datetime64("2023-07-15"))
    into = np.datetime64("2023-05-01") + np.random.default_rng(1).integers(0, 31, len(when))
    season = learn(OrderDays(customer_days(orders.set_column(1, "date", pa.array(np.where(near, into, when))))))
    assert season is None or max(season.index) < 1.3


def test_a_season_takes_two_full_years_and_that_is_said(christmas: OrderDays) -> None:
    until = START + timedelta(days=700)
    assert full_years(START, until) == 1
    choice = chosen(christmas, until=until)
    assert choice.tuning.season is None
    assert "A season was not looked for: that takes two full years." in choice.reason
    assert learn(christmas, START + timedelta(days=300)) is None


def test_the_future_does_not_teach_the_season(christmas: OrderDays) -> None:
    past = OrderDays(christmas.table.filter(np.less_equal(christmas.table["day"].to_numpy(), np.datetime64(UNTIL))))
    assert learn(past) == learn(christmas)


def test_deniz_is_expected_at_christmas_and_money_is_discounted_by_the_calendar(christmas: OrderDays) -> None:
    history = History.from_days(christmas.table, until=UNTIL)
    season, plain = learn(christmas), fit(history, "mbg-nbd")
    assert season is not None
    model = replace(plain, tuning=Tuning(season=season), spend_of_all=plain.spend)
    pace = season.stretch(UNTIL, 92)
    assert pace > 1.4
    weeks = 92 / 7 * pace
    np.testing.assert_allclose(model.expected_orders(history, "92d"), plain.expected_orders(history, weeks))
    now, later = (model.predict(history, "92d", discount=d, intervals=False) for d in (0.0, 0.1))
    worth = np.sum(later["discounted_value"].to_numpy()) / np.sum(now["discounted_value"].to_numpy())
    assert worth == pytest.approx(1.1 ** (-46 / 365.25), rel=2e-3)


def test_a_saved_season_comes_back() -> None:
    tuning = Tuning(season=Season(CHRISTMAS, 1.1))
    assert Tuning.from_dict(json.loads(json.dumps(tuning.to_dict()))) == tuning
