"""What a customer will be worth: the table of scores, totals, discounts, simulation, and the saved model."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from stammkunde.clv.bg_nbd import BgNbd
from stammkunde.clv.fitting import fit
from stammkunde.clv.gamma_gamma import GammaGamma
from stammkunde.clv.nbd import Nbd
from stammkunde.clv.pareto_nbd import ParetoNbd
from stammkunde.clv.predictive import Voice
from stammkunde.clv.value import ValueModel
from stammkunde.errors import InputError, NotEnoughDataError
from stammkunde.facts import History
from stammkunde.notices import Notice

COLUMNS = {
    "customer_id": pa.string(),
    "first_order": pa.date32(),
    "last_order": pa.date32(),
    "orders": pa.int64(),
    "historic_value": pa.float64(),
    "p_alive": pa.float64(),
    "expected_orders": pa.float64(),
    "expected_order_value": pa.float64(),
    "predicted_value": pa.float64(),
    "predicted_low": pa.float64(),
    "predicted_high": pa.float64(),
    "discounted_value": pa.float64(),
    "clv": pa.float64(),
    "next_order": pa.date32(),
}
SPEND = GammaGamma(6.25, 3.74, 15.44)
UNTIL = date(2024, 2, 29)
ANNA, BEN, DENIZ = range(3)
PEOPLE = History.from_arrays([20, 12, 0], [50.0, 20.0, 0.0], [52.0, 52.0, 30.0], [40.0, 30.0, 25.0], until=UNTIL)


def shop_of(*voices: Voice) -> ValueModel:
    return ValueModel("by hand", voices, SPEND, 7.0, 3)


PARETO = shop_of(Voice(ParetoNbd([0.553, 10.578, 0.606, 11.669])))
STEADY = shop_of(Voice(Nbd([0.4, 12.0])))


def column(table: pa.Table, name: str) -> np.ndarray:
    return np.asarray(table[name].to_numpy())


@pytest.fixture(scope="module")
def few(sample: History) -> History:
    """Every tenth customer of the sample."""
    return sample.select(np.arange(0, len(sample), 10))


@pytest.fixture(scope="module")
def scores(few: History, chosen: ValueModel) -> pa.Table:
    return chosen.predict(few, "39w")


@pytest.fixture(scope="module")
def plain(sample: History) -> ValueModel:
    return fit(sample, "bg-nbd")


# --- the table --------------------------------------------------------------------------------------------------------


def test_the_table_has_one_row_a_customer_and_its_columns_in_order(scores: pa.Table, few: History) -> None:
    assert {name: scores.schema.field(name).type for name in scores.column_names} == COLUMNS
    assert scores.column_names == list(COLUMNS)
    for name in ("customer_id", "first_order", "last_order", "orders", "historic_value"):
        assert scores[name].equals(few.table[name])


def test_every_number_is_finite_and_where_it_must_be(scores: pa.Table) -> None:
    for name, kind in COLUMNS.items():
        if kind == pa.float64():
            assert np.isfinite(column(scores, name)).all()
    assert np.all((column(scores, "p_alive") >= 0) & (column(scores, "p_alive") <= 1))
    assert np.all(column(scores, "expected_orders") > 0)
    assert np.all(column(scores, "expected_order_value") > 0)
    assert np.all(column(scores, "predicted_low") >= 0)


@pytest.mark.parametrize("named", ["plain", "chosen"])
def test_the_forecast_lies_within_its_interval_even_where_probably_nothing_comes(
    named: str, few: History, request: pytest.FixtureRequest
) -> None:
    scores = request.getfixturevalue(named).predict(few, "39w")
    low, value, high = (column(scores, f"predicted_{name}") for name in ("low", "value", "high"))
    assert np.all((low <= value) & (value <= high))


def test_a_recent_pace_revives_nobody_who_is_surely_lost(chosen: ValueModel, sample: History) -> None:
    scores = chosen.predict(sample, "39w", intervals=False)
    assert chosen.tuning is not None
    assert chosen.tuning.pace
    lost = column(scores, "p_alive") < 1e-5
    assert lost.any()
    assert column(scores, "expected_orders")[lost].max() < 0.2


def test_who_orders_often_and_is_surely_a_customer_brings_something(chosen: ValueModel, sample: History) -> None:
    scores = chosen.predict(sample, "39w")
    often = (column(scores, "orders") >= 20) & (column(scores, "p_alive") > 0.97)
    assert often.any()
    assert column(scores, "predicted_low")[often].min() > 0


def test_a_wider_level_gives_a_wider_interval() -> None:
    narrow, wide = (PARETO.predict(PEOPLE, "12m", level=level) for level in (0.5, 0.95))
    assert np.all(column(wide, "predicted_low") <= column(narrow, "predicted_low"))
    assert np.all(column(wide, "predicted_high") >= column(narrow, "predicted_high"))
    assert column(wide, "predicted_high")[ANNA] > column(narrow, "predicted_high")[ANNA]


def test_intervals_can_be_left_out(scores: pa.Table) -> None:
    without = PARETO.predict(PEOPLE, "12m", intervals=False)
    assert without["predicted_low"].null_count == without["predicted_high"].null_count == 3
    with_intervals = PARETO.predict(PEOPLE, "12m")
    assert without["predicted_value"].equals(with_intervals["predicted_value"])


def test_value_is_orders_times_their_value_and_clv_is_past_plus_discounted_future() -> None:
    scores = PARETO.predict(PEOPLE, "12m", intervals=False)
    product = column(scores, "expected_orders") * column(scores, "expected_order_value")
    np.testing.assert_allclose(column(scores, "predicted_value"), product)
    np.testing.assert_allclose(
        column(scores, "clv"), column(scores, "historic_value") + column(scores, "discounted_value")
    )
    model = PARETO.voices[0].model
    x, t_x, T = PEOPLE.x, PEOPLE.t_x, PEOPLE.T
    np.testing.assert_allclose(column(scores, "expected_orders"), model.expected_orders(x, t_x, T, 365 / 7))
    np.testing.assert_allclose(column(scores, "expected_order_value"), SPEND.expected_value(x, PEOPLE.value))


def test_one_customer_is_scored_as_among_many(plain: ValueModel, sample: History) -> None:
    all_of_them = plain.predict(sample, "12m", intervals=False)
    alone = plain.predict(sample.select([7]), "12m", intervals=False)
    for name in ("p_alive", "expected_orders", "predicted_value", "discounted_value", "clv"):
        assert column(alone, name)[0] == pytest.approx(column(all_of_them, name)[7], rel=1e-9)


def test_the_same_history_in_days_gives_the_same_scores(plain: ValueModel, few: History, sample_days: pa.Table) -> None:
    daily = History.from_days(sample_days, until=few.until, unit="day")
    every_tenth = daily.select(np.arange(0, len(daily), 10))
    here, there = plain.predict(few, "12m"), fit(daily, "bg-nbd").predict(every_tenth, "12m")
    for name in ("expected_orders", "predicted_value", "clv"):
        np.testing.assert_allclose(column(there, name), column(here, name), rtol=1e-5)
    np.testing.assert_allclose(column(there, "predicted_high"), column(here, "predicted_high"), rtol=0.02, atol=1e-6)


# --- horizon and discount ---------------------------------------------------------------------------------------------


def test_twelve_months_are_a_calendar_year() -> None:
    """From 29 February 2024 to 28 February 2025: 365 days; lifetimes took 360."""
    by_month, by_day, by_week = (STEADY.expected_orders(PEOPLE, horizon) for horizon in ("12m", "365d", 365 / 7))
    np.testing.assert_allclose(by_month, by_day)
    np.testing.assert_allclose(by_week, by_day)


def test_orders_of_a_steady_customer_are_discounted_as_the_closed_form_says() -> None:
    """At a constant rate of orders the discount factor is (1 - exp(-δt)) / δt."""
    for discount in (0.05, 0.10, 0.5):
        scores = STEADY.predict(PEOPLE, "365d", discount=discount, intervals=False)
        delta = np.log1p(discount) * 365 / 365.25
        factor = -np.expm1(-delta) / delta
        np.testing.assert_allclose(
            column(scores, "discounted_value"), factor * column(scores, "predicted_value"), rtol=1e-9
        )


def test_no_discount_takes_nothing_and_a_higher_one_more() -> None:
    free, low, high = (PARETO.predict(PEOPLE, "3y", discount=d, intervals=False) for d in (0.0, 0.1, 0.3))
    none, some, more = (column(scores, "discounted_value") for scores in (free, low, high))
    np.testing.assert_allclose(none, column(free, "predicted_value"))
    assert np.all((more < some) & (some < none))
    assert np.all(some > none / 1.1**3)


def test_the_sum_over_years_is_the_value_of_all_years() -> None:
    years = [PARETO.expected_orders(PEOPLE, f"{n}y") for n in (1, 2, 3)]
    assert np.all(np.diff(years, axis=0) > 0)
    assert np.all(np.diff(years, n=2, axis=0) < 0)  # ever fewer are left


# --- alive and next order ---------------------------------------------------------------------------------------------


def test_a_blend_of_models_is_the_mean_of_their_answers() -> None:
    voices = Voice(ParetoNbd([0.55, 10.6, 0.6, 11.7]), 0.75), Voice(BgNbd([0.24, 4.4, 0.8, 2.4]), 0.25)
    both, alone = shop_of(*voices), [shop_of(replace(v, weight=1.0)) for v in voices]
    for ask in (lambda m: m.p_alive(PEOPLE), lambda m: m.expected_orders(PEOPLE, "12m")):
        np.testing.assert_allclose(ask(both), 0.75 * ask(alone[0]) + 0.25 * ask(alone[1]))
    assert both.parameters["bg-nbd.r"] == 0.24
    assert "75% pareto-nbd" in both.summary()


def test_anna_comes_back_soon_and_ben_probably_never() -> None:
    scores = PARETO.predict(PEOPLE, "12m", intervals=False)
    anna, ben = scores["next_order"][ANNA].as_py(), scores["next_order"][BEN].as_py()
    assert UNTIL < anna < UNTIL + timedelta(days=40)
    assert ben is None
    assert column(scores, "p_alive")[BEN] < 0.5 < column(scores, "p_alive")[ANNA]


def test_the_next_order_of_a_steady_customer_is_the_median_of_its_wait() -> None:
    day = STEADY.predict(PEOPLE, "12m", intervals=False)["next_order"][ANNA].as_py()
    weeks, model = (day - UNTIL).days / 7, STEADY.voices[0].model
    none, a_day_less = (model.pmf(20, 50, 52, t, 0)[0] for t in (weeks, weeks - 1 / 7))
    assert none <= 0.5 < a_day_less


def test_an_order_that_would_come_after_the_loss_never_comes() -> None:
    model, rng = ParetoNbd([0.9, 10.0, 1.2, 20.0]), np.random.default_rng(5)
    x, T = np.full(200_000, 2.0), np.full(200_000, 30.0)
    wait = rng.exponential(1 / rng.gamma(0.9 + x, 1 / (10.0 + T)))
    loss = rng.exponential(1 / rng.gamma(1.2, 1 / (20.0 + T)))
    for share in (0.2, 0.5, 0.7):
        by = model.waiting_time(x[:1], T[:1], T[:1], np.array([share]))[0]
        assert np.mean((wait < loss) & (wait <= by)) == pytest.approx(share, abs=0.004)
    surely = np.mean(wait < loss) + 0.01
    assert np.isinf(model.waiting_time(x[:1], T[:1], T[:1], np.array([surely]))[0])


# --- totals -----------------------------------------------------------------------------------------------------------


def test_the_total_is_the_sum_of_the_customers(scores: pa.Table, few: History, chosen: ValueModel) -> None:
    total = chosen.total(few, "39w")
    assert total.mean == pytest.approx(column(scores, "predicted_value").sum())
    assert 0 < total.low < total.mean < total.high
    assert total.level == 0.8


def test_the_total_is_surer_than_its_customers_and_less_sure_where_backtests_erred(
    plain: ValueModel, few: History
) -> None:
    total, scores = plain.total(few, "39w"), plain.predict(few, "39w")
    assert total.high - total.low < 0.5 * (column(scores, "predicted_high") - column(scores, "predicted_low")).sum()
    erring = plain.with_level_error(0.5).total(few, "39w")
    assert erring.mean == total.mean
    assert erring.high - erring.low > 2 * (total.high - total.low)
    wide = plain.total(few, "39w", level=0.99)
    assert wide.low < total.low
    assert wide.high > total.high


@pytest.mark.slow
def test_totals_of_simulated_shops_lie_in_their_intervals() -> None:
    truth, spend, rng = ParetoNbd([0.9, 6.0, 0.8, 12.0]), GammaGamma(4.0, 5.0, 40.0), np.random.default_rng(30)
    inside = 0
    for _ in range(40):
        T = np.floor(rng.uniform(100, 500, 400)) / 7
        paths, nu = truth.draw(T, 52.0, rng), spend.draw(400, rng)
        x, ahead = np.maximum(paths.x, 1), np.maximum(paths.future, 1)
        mean = np.where(paths.x > 0, rng.gamma(spend.p * x) / nu / x, 0.0)
        came = np.where(paths.future > 0, rng.gamma(spend.p * ahead) / nu, 0.0).sum()
        history = History.from_arrays(paths.x, np.minimum(np.ceil(paths.t_x * 7) / 7, T), T, mean, until=UNTIL)
        total = fit(history, "pareto-nbd").total(history, 52)
        inside += total.low <= came <= total.high
    assert 25 <= inside <= 39  # 32 of 40 expected


# --- new customers and simulation -------------------------------------------------------------------------------------


def test_a_new_customer_is_worth_a_first_order_and_the_expected_others() -> None:
    new = PARETO.new_customer(365.0)
    more = float(PARETO.voices[0].model.expected_new(365 / 7))
    assert new.orders == pytest.approx(1 + more)
    assert new.value == pytest.approx((1 + more) * SPEND.mean)
    assert SPEND.mean < new.discounted_value < new.value
    assert PARETO.new_customer(365.0, discount=0.0).discounted_value == pytest.approx(new.value)


def test_simulated_futures_have_the_predicted_mean_and_quantiles() -> None:
    drawn = STEADY.simulate(PEOPLE, "12m", draws=200)
    scores = STEADY.predict(PEOPLE, "12m")
    assert drawn.shape == (200, 3)
    np.testing.assert_allclose(drawn.mean(axis=0)[:2], column(scores, "predicted_value")[:2], rtol=0.15)
    low, high = np.quantile(drawn, [0.1, 0.9], axis=0)
    np.testing.assert_allclose(low[ANNA], column(scores, "predicted_low")[ANNA], rtol=0.15)
    np.testing.assert_allclose(high[ANNA], column(scores, "predicted_high")[ANNA], rtol=0.15)


def test_the_same_seed_gives_the_same_future() -> None:
    first, again, other = (PARETO.simulate(PEOPLE, "12m", draws=5, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


# --- the saved model --------------------------------------------------------------------------------------------------


def test_a_saved_model_gives_identical_predictions(
    few: History, chosen: ValueModel, scores: pa.Table, tmp_path: Path
) -> None:
    chosen.save(tmp_path / "model.json")
    again = ValueModel.load(tmp_path / "model.json")
    later = again.predict(few, "39w")
    for name in COLUMNS:
        if name in {"predicted_low", "predicted_high"}:  # the logarithm of a saved parameter may differ in its last bit
            np.testing.assert_allclose(column(later, name), column(scores, name), rtol=1e-9, atol=1e-9)
        else:
            assert later[name].equals(scores[name])
    assert again.to_json() == chosen.to_json()
    assert again.parameters == chosen.parameters
    assert again.log_likelihood == chosen.log_likelihood


def test_every_part_of_a_blend_is_saved() -> None:
    blend = shop_of(Voice(ParetoNbd([0.55, 10.6, 0.6, 11.7]), 0.75, 1.1), Voice(BgNbd([0.24, 4.4, 0.8, 2.4]), 0.25))
    told = (Notice("nobody_leaves", days=90),)
    again = ValueModel.from_json(replace(blend, currency="EUR", basis="contribution", warnings=told).to_json())
    assert (again.currency, again.basis, again.warnings, again.name) == ("EUR", "contribution", told, "by hand")
    assert [(notice.key, notice.values) for notice in again.warnings] == [("nobody_leaves", {"days": 90})]
    assert again.predict(PEOPLE, "12m").equals(blend.predict(PEOPLE, "12m"))


def test_a_saved_model_is_plain_json_without_a_customer_in_it(chosen: ValueModel, sample: History) -> None:
    saved = json.loads(chosen.to_json())
    assert saved["format"] == 1
    assert saved["customers"] == len(sample)
    assert "00004" not in chosen.to_json()
    assert len(chosen.to_json()) < 10_000


def test_the_summary_tells_parameters_with_their_errors(chosen: ValueModel, plain: ValueModel) -> None:
    text = plain.summary()
    assert "bg-nbd for 2,357 customers, values are revenue" in text
    for part in ("alpha", "4.4136", "±", "gamma-gamma, mean order 35.17"):
        assert part in text
    assert "auto for 2,357 customers" in chosen.summary()


def test_a_horizon_that_is_none_is_refused_by_every_question() -> None:
    for ask in (PARETO.predict, PARETO.total, PARETO.expected_orders, PARETO.simulate):
        with pytest.raises(InputError, match="length of time"):
            ask(PEOPLE, "next week or so")


def test_a_tuned_model_asks_for_the_order_days_it_was_tuned_on(chosen: ValueModel) -> None:
    with pytest.raises(NotEnoughDataError, match="order days"):
        chosen.predict(PEOPLE, "12m")
