"""Covariates: what is known of Anna and Ben from the start moves what is expected of them."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from scipy import optimize, stats

from customers import typical
from stammkunde.clv.backtest import backtest
from stammkunde.clv.bg_nbd import BgNbd
from stammkunde.clv.covariates import NONE, POOLED, Covariates, Levels, Number
from stammkunde.clv.family import TRANSACTION_MODELS
from stammkunde.clv.fitting import fit
from stammkunde.clv.gamma_gamma import GammaGamma
from stammkunde.clv.pareto_nbd import ParetoNbd
from stammkunde.clv.predictive import Voice
from stammkunde.clv.sample import Sample
from stammkunde.clv.transactions import TransactionModel
from stammkunde.clv.value import ValueModel
from stammkunde.errors import InputError
from stammkunde.facts import History

Array = NDArray[np.float64]
UNTIL = date(2024, 12, 31)
every_model = pytest.mark.parametrize("model", list(TRANSACTION_MODELS.values()), ids=list(TRANSACTION_MODELS))


def known(history: History, **columns: object) -> History:
    """The history with more columns."""
    table = history.table
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values))
    return replace(history, table=table)


def shop(model: TransactionModel, z: Array, *, seed: int = 1, spend: GammaGamma | None = None) -> History:
    """Simulated customers with covariates z, (customers, 2), kept as the columns `web` and `distance`."""
    rng = np.random.default_rng(seed)
    T = np.rint(rng.uniform(20, 100, len(z)) * 7) / 7
    paths = model.at(z).draw(T, 0.0, rng)
    spend = spend or GammaGamma(5.0, 4.0, 20.0, covariates=("web", "distance"), coefficients=[0.0, 0.0])
    orders = np.maximum(paths.x, 1.0)
    value = np.where(paths.x > 0, rng.gamma(spend.p * orders, 1 / spend.at(z).draw(len(z), rng)) / orders, 0.0)
    history = History.from_arrays(paths.x, paths.t_x, T, value, until=UNTIL)
    return known(history, web=np.where(z[:, 0] == 1, "web", "shop"), distance=z[:, 1])


def people(customers: int, seed: int = 7) -> Array:
    """A third came over the web; distances are standard normal."""
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.random(customers) < 1 / 3, rng.standard_normal(customers)]).astype(np.float64)


def moved(model: type[TransactionModel]) -> TransactionModel:
    gamma = np.array([[0.5, -0.3], [0.3, 0.2], [-0.2, 0.1]])[: len(model.moved)]
    return model(typical(model).values, covariates=("web", "distance"), coefficients=gamma)


# --- from columns to numbers ----------------------------------------------------------------------------------------


def test_the_most_frequent_level_is_the_base_and_rare_ones_share_an_indicator() -> None:
    channel = ["web"] * 50 + ["shop"] * 30 + ["fair"] * 3 + ["phone"] * 2
    table = pa.table({"first_channel": channel})
    found = Covariates.learn(table, ["first_channel"])
    assert found.names == ("first_channel=shop", f"first_channel={POOLED}")
    z = found.encode(table)
    assert z[[0, 50, 80, 84]].tolist() == [[0, 0], [1, 0], [0, 1], [0, 1]]
    np.testing.assert_allclose(found.one({}), z.mean(axis=0))


def test_numbers_are_standardised_and_a_missing_one_counts_as_the_mean() -> None:
    table = pa.table({"first_value": [10.0, 20.0, 30.0, None, 20.0]})
    (column,) = Covariates.learn(table, ["first_value"]).columns
    assert isinstance(column, Number)
    assert (column.centre, column.spread) == (20.0, pytest.approx(np.sqrt(50)))
    assert column.encode(table["first_value"]).ravel() == pytest.approx([-np.sqrt(2), 0, np.sqrt(2), 0, 0])
    assert column.encode(pa.chunked_array([[1e12, -1e12]])).ravel().tolist() == [4.0, -4.0]


def test_yes_and_no_are_levels_and_a_missing_answer_is_one_too() -> None:
    table = pa.table({"newsletter": [True] * 40 + [False] * 30 + [None] * 25})
    assert Covariates.learn(table, ["newsletter"]).names == ("newsletter=false", f"newsletter={NONE}")


def test_a_channel_that_the_model_never_saw_counts_as_the_base_with_a_warning() -> None:
    column = Levels("first_channel", "web", ("shop",), (), (0.4,))
    with pytest.warns(UserWarning, match="1 customers have a first_channel that the model never saw, such as 'radio'"):
        z = column.encode(pa.chunked_array([["shop", "radio", "web"]]))
    assert z.ravel().tolist() == [1, 0, 0]


@pytest.mark.parametrize("name", ["recency", "orders", "historic_value", "customer_id"])
def test_what_customers_did_later_is_refused(name: str) -> None:
    history = shop(moved(BgNbd), people(30))
    with pytest.raises(InputError, match=f"{name} cannot be a covariate"):
        fit(history, "bg-nbd", covariates=[name])


def test_a_column_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(InputError, match=r"no column 'colour'.*\n.*web, distance.*covariates="):
        fit(shop(moved(BgNbd), people(30)), "bg-nbd", covariates=["colour"])
    with pytest.raises(InputError, match="neither text nor number"):
        Covariates.learn(pa.table({"birthday": [UNTIL]}), ["birthday"])


def test_columns_that_tell_nobody_apart_are_left_out_and_the_model_says_so() -> None:
    history = known(shop(moved(BgNbd), people(60)), country=["DE"] * 60, mail=[f"{i}@example.org" for i in range(60)])
    model = fit(history, "mbg-nbd", covariates=["country", "mail"])
    assert model.warnings == (
        "country was left out: it is the same for all.",
        "mail was left out: no level has 20 customers.",
    )
    assert "example.org" not in model.to_json()
    assert model.predict(history, "12m").num_rows == 60


# --- the likelihood -------------------------------------------------------------------------------------------------


@every_model
def test_the_slope_by_coefficients_is_that_of_the_likelihood(model: type[TransactionModel]) -> None:
    z, truth = people(60), moved(model)
    h = shop(truth, z)
    objective = model._objective(Sample.of(h.x, h.t_x, h.T, np.ones(60), z))
    theta = np.concatenate([np.log(truth.values), truth.coefficients.ravel()])
    numeric = optimize.approx_fprime(theta, lambda at: objective(at)[0], 1e-6)
    np.testing.assert_allclose(objective(theta)[1], numeric, rtol=1e-3, atol=1e-3)


@every_model
def test_effects_come_back_within_their_standard_errors(model: type[TransactionModel]) -> None:
    truth, z = moved(model), people(1_500)
    found = model.fit_history(shop(truth, z), covariates=Covariates.learn(shop(truth, z).table, ["web", "distance"]))
    assert found.estimate is not None
    assert found.covariates == ("web=web", "distance")
    off = np.array([e.shift for e in found.effects]) - [
        sign * g for sign, row in zip(model.moved.values(), truth.coefficients, strict=True) for g in row
    ]
    doubt = found.estimate.covariance[len(model.names) :, len(model.names) :]
    signs = np.repeat(list(model.moved.values()), 2)
    assert off @ np.linalg.solve(doubt * np.outer(signs, signs), off) < stats.chi2(len(off)).ppf(0.999)


def test_what_the_web_does_to_spend_comes_back_within_its_standard_error() -> None:
    spend = GammaGamma(5.0, 4.0, 20.0, covariates=("web", "distance"), coefficients=[0.4, -0.2])
    z = people(4_000)
    history = shop(moved(BgNbd), z, spend=spend)
    found = GammaGamma.fit(history.x, history.value, covariates={"web": z[:, 0], "distance": z[:, 1]})
    errors = [e.error for e in found.effects]
    assert max(errors) < 0.05
    np.testing.assert_array_less(np.abs(found.coefficients - [0.4, -0.2]), 3.3 * np.array(errors))
    assert abs(found.p - 5.0) < 3.3 * found.standard_errors["p"]


def test_covariates_that_do_nothing_change_nothing() -> None:
    history = shop(
        BgNbd(typical(BgNbd).values, covariates=("web", "distance"), coefficients=np.zeros((3, 2))), people(3_000)
    )
    plain, with_web = (fit(history, "bg-nbd", covariates=c) for c in ((), ("web",)))
    assert all(abs(e.shift) < 3.3 * e.error for e in (*with_web.voices[0].model.effects, *with_web.spend.effects))
    there = with_web.voices[0].model.estimate
    base = plain.voices[0].model.estimate
    assert there is not None
    assert base is not None
    assert 0 <= there.log_likelihood - base.log_likelihood < stats.chi2(3).ppf(0.999) / 2


@every_model
def test_coefficients_of_zero_are_no_covariates(model: type[TransactionModel]) -> None:
    z, plain = people(100), typical(model)
    h = shop(moved(model), z)
    zero = model(plain.values, covariates=("web", "distance"), coefficients=np.zeros((len(model.moved), 2))).at(z)
    np.testing.assert_array_equal(zero.p_alive(h.x, h.t_x, h.T), plain.p_alive(h.x, h.t_x, h.T))
    np.testing.assert_allclose(
        zero.expected_if_alive(h.x, h.T, h.T), plain.expected_if_alive(h.x, h.T, h.T), rtol=1e-12
    )
    np.testing.assert_allclose(zero.pmf_if_alive(h.x, h.T, 20, 9), plain.pmf_if_alive(h.x, h.T, 20, 9), rtol=1e-12)


def test_a_shop_of_forty_with_three_channels_gets_a_sane_answer() -> None:
    rng = np.random.default_rng(2)
    history = known(shop(moved(ParetoNbd), people(90)), first_channel=rng.permutation(["web", "shop", "fair"] * 30))
    nobody = History.from_arrays([0] * 60, [0] * 60, [20] * 60, until=UNTIL)
    for shop_ in (history, known(nobody, first_channel=["web"] * 30 + ["shop"] * 30)):
        model = fit(shop_, "pareto-nbd", covariates=["first_channel"])
        assert max(abs(e.shift) for e in (*model.voices[0].model.effects, *model.spend.effects)) < 1.0
        assert np.isfinite(model.predict(shop_, "12m")["predicted_high"].to_numpy()).all()


# --- answers --------------------------------------------------------------------------------------------------------


@every_model
def test_anna_is_expected_to_do_what_the_model_with_her_own_parameters_expects(model: type[TransactionModel]) -> None:
    z, shared = people(40), moved(model)
    h, t = shop(shared, z), np.full(40, 30.0)
    each = shared.at(z)
    together = each.expected_orders(h.x, h.t_x, h.T, t)
    for anna in (0, 11, 39):
        values = shared.values.copy()
        for (name, sign), gamma in zip(model.moved.items(), shared.coefficients, strict=True):
            values[model.names.index(name)] *= np.exp(sign * gamma @ z[anna])
        alone = model(values)
        mine = h.x[[anna]], h.T[[anna]]
        assert together[anna] == pytest.approx(float(alone.expected_orders(h.x[anna], h.t_x[anna], h.T[anna], 30.0)))
        np.testing.assert_allclose(each.take([anna]).pmf_if_alive(*mine, 30.0, 5), alone.pmf_if_alive(*mine, 30.0, 5))
        silent = h.x[[anna]], h.t_x[[anna]], h.T[[anna]], np.array([0.5])
        np.testing.assert_allclose(each.take([anna]).waiting_time(*silent), alone.waiting_time(*silent))


@pytest.fixture(scope="module")
def history() -> History:
    spend = GammaGamma(5.0, 4.0, 20.0, covariates=("web", "distance"), coefficients=[0.4, 0.0])
    return shop(moved(BgNbd), people(900), spend=spend)


@pytest.fixture(scope="module")
def model(history: History) -> ValueModel:
    return fit(history, "bg-nbd", covariates=["web", "distance"])


def test_scores_use_the_covariates_of_each_customer(model: ValueModel, history: History) -> None:
    scores = model.predict(history, "26w", intervals=False)
    timing, z = model.voices[0].model, model.covariates.encode(history.table)
    for row in (0, 5, 700):
        alone, x, t_x, T = timing.at(z[row]), history.x[row], history.t_x[row], history.T[row]
        orders, worth = (
            alone.expected_orders(x, t_x, T, 26.0),
            model.spend.at(z[row]).expected_value(x, history.value[row]),
        )
        assert scores["p_alive"][row].as_py() == pytest.approx(float(alone.p_alive(x, t_x, T)))
        assert scores["expected_orders"][row].as_py() == pytest.approx(float(orders))
        assert scores["predicted_value"][row].as_py() == pytest.approx(float(orders * worth))
        assert 0 < scores["discounted_value"][row].as_py() <= scores["predicted_value"][row].as_py()


def test_two_who_ordered_alike_differ_by_where_they_came_from(model: ValueModel) -> None:
    alike = History.from_arrays([2, 2], [20.0, 20.0], [40.0, 40.0], [50.0, 50.0], until=UNTIL)
    anna, ben = model.predict(known(alike, web=["web", "shop"], distance=[0.0, 0.0]), "12m").to_pylist()
    assert anna["p_alive"] != pytest.approx(ben["p_alive"], rel=1e-3)
    assert anna["expected_order_value"] > ben["expected_order_value"]
    assert anna["predicted_low"] <= anna["predicted_value"] <= anna["predicted_high"]


def test_a_next_customer_of_the_web_is_told_from_one_of_the_shop(model: ValueModel) -> None:
    web, own_shop, any_ = (model.new_customer(known=k) for k in ({"web": "web"}, {"web": "shop"}, None))
    assert own_shop.value < any_.value < web.value
    with pytest.raises(InputError, match="knows no covariate 'colour'"):
        model.new_customer(known={"colour": "red"})


def test_a_saved_model_knows_its_covariates(model: ValueModel, history: History) -> None:
    again = ValueModel.from_json(json.dumps(json.loads(model.to_json())))
    few = history.select(np.arange(40))
    first, second = model.predict(few, "12m"), again.predict(few, "12m")
    for name in ("p_alive", "predicted_value", "predicted_low", "predicted_high", "clv"):
        np.testing.assert_allclose(first[name].to_numpy(), second[name].to_numpy(), rtol=1e-9)
    assert again.parameters == model.parameters
    assert {"alpha:web=web", "a:distance", "v:web=web"} <= set(model.parameters)


def test_a_history_without_the_covariates_is_refused(model: ValueModel) -> None:
    with pytest.raises(InputError, match="no column 'web'"):
        model.predict(History.from_arrays([1], [3.0], [9.0], [5.0], until=UNTIL), "12m")


def test_intervals_hold_what_simulated_customers_do() -> None:
    z, truth, rng = people(1_500), moved(BgNbd), np.random.default_rng(3)
    spend = GammaGamma(5.0, 4.0, 20.0, covariates=("web", "distance"), coefficients=[0.4, 0.1])
    T = rng.uniform(20, 100, len(z))
    paths, nu = truth.at(z).draw(T, 39.0, rng), spend.at(z).draw(len(z), rng)
    sums = [np.where(n > 0, rng.gamma(5.0 * np.maximum(n, 1), 1 / nu), 0.0) for n in (paths.x, paths.future)]
    value = np.where(paths.x > 0, sums[0] / np.maximum(paths.x, 1), 0.0)
    there = known(History.from_arrays(paths.x, paths.t_x, T, value, until=UNTIL), web=z[:, 0], distance=z[:, 1])
    columns = Covariates((Number("web", 0.0, 1.0), Number("distance", 0.0, 1.0)))
    model = ValueModel("truth", (Voice(truth),), spend, 7.0, 1_500, covariates=columns)
    scores = model.predict(there, "39w")
    inside = (scores["predicted_low"].to_numpy() <= sums[1]) & (sums[1] <= scores["predicted_high"].to_numpy())
    assert 0.79 < inside.mean() < 0.93
    assert scores["predicted_value"].to_numpy().sum() == pytest.approx(sums[1].sum(), rel=0.15)


def test_a_shop_chooses_by_backtests_that_know_the_covariates(shop_days: pa.Table) -> None:
    some = History.from_days(shop_days, until=UNTIL)
    some = known(some, first_channel=np.where(np.arange(len(some)) % 3 == 0, "web", "shop"))
    rows = {c: backtest(some, "6m", models=["bg-nbd"], covariates=c).rows() for c in ((), ("first_channel",))}
    errors = {c: next(r["orders_mae"] for r in found if r["model"] == "bg-nbd") for c, found in rows.items()}
    assert errors[()] != errors["first_channel",]
    assert errors[()] == pytest.approx(errors["first_channel",], rel=0.05)


@pytest.mark.slow
def test_auto_takes_covariates_into_its_backtests_and_answers(shop_days: pa.Table) -> None:
    some = History.from_days(shop_days, until=UNTIL)
    some = known(some, first_channel=np.where(np.arange(len(some)) % 3 == 0, "web", "shop"))
    model = fit(some, horizon="6m", covariates=["first_channel"])
    assert model.choice is not None
    assert model.predict(some, "6m")["predicted_value"].to_numpy().sum() == pytest.approx(
        fit(some, horizon="6m").predict(some, "6m")["predicted_value"].to_numpy().sum(), rel=0.1
    )
