"""The distribution of future orders and value: against simulation, on CDNOW's hold-out half, and against itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from customers import CALIBRATION_END, HOLDOUT_END, typical
from stammkunde.clv.bg_nbd import BgNbd
from stammkunde.clv.family import TRANSACTION_MODELS
from stammkunde.clv.fitting import fit
from stammkunde.clv.gamma_gamma import GammaGamma
from stammkunde.clv.naive import began_after
from stammkunde.clv.order_days import OrderDays
from stammkunde.clv.pareto_nbd import ParetoNbd
from stammkunde.clv.predictive import Past, Predictive, Voice, distinct, expected
from stammkunde.clv.transactions import TransactionModel
from stammkunde.clv.value import ValueModel
from stammkunde.facts import History

Array = NDArray[np.float64]
Model = type[TransactionModel]
Record = Callable[[str, object], None]

SPEND = GammaGamma(6.25, 3.74, 15.44)
every_model = pytest.mark.parametrize("model", list(TRANSACTION_MODELS.values()), ids=list(TRANSACTION_MODELS))


@dataclass(frozen=True)
class Future:
    """What was predicted of customers, and what came."""

    outlook: Predictive
    orders: Array
    value: Array

    def pit_of_value(self, rng: np.random.Generator) -> Array:
        """Where the value that came lies in its distribution, anywhere within the chance of none if none came."""
        none = 1.0 - self.outlook.survival(np.full(len(self.value), 1e-9))
        below = 1.0 - self.outlook.survival(np.maximum(self.value, 1e-9))
        return np.where(self.value > 0, below, none * rng.random(len(none)))

    def pit_of_orders(self, rng: np.random.Generator) -> Array:
        """Where the orders that came lie in their distribution, anywhere within the chance of just so many."""
        below, upto = self.outlook.order_cdf(self.orders - 1), self.outlook.order_cdf(self.orders)
        return below + rng.random(len(below)) * (upto - below)

    def coverage(self) -> float:
        low, high = self.outlook.quantiles([0.1, 0.9])
        return float(np.mean((low <= self.value) & (self.value <= high)))


def simulated(model: Model, customers: int) -> Future:
    """Customers from a typical shop seen for a year or two, predicted for a year by models fitted to them."""
    truth, rng = typical(model), np.random.default_rng(20)
    T = 26 + np.floor(rng.random(customers) * 546) / 7
    paths = truth.draw(T, 52.0, rng)
    t_x = np.minimum(np.ceil(paths.t_x * 7) / 7, T)  # days, as shops know them
    nu, x, ahead = SPEND.draw(customers, rng), np.maximum(paths.x, 1), np.maximum(paths.future, 1)
    mean = np.where(paths.x > 0, rng.gamma(SPEND.p * x) / nu / x, 0.0)
    value = np.where(paths.future > 0, rng.gamma(SPEND.p * ahead) / nu, 0.0)
    h = History.from_arrays(paths.x, t_x, T, mean)
    past = Past.of(paths.x, t_x, T, mean)
    outlook = Predictive([Voice(model.fit_history(h))], GammaGamma.fit(paths.x, mean), past, 52.0, draws=4)
    return Future(outlook, paths.future, value)


def check_calibration(future: Future, record: Record) -> None:
    rng = np.random.default_rng(21)
    orders, value = (
        stats.kstest(pit, "uniform").statistic for pit in (future.pit_of_orders(rng), future.pit_of_value(rng))
    )
    covered = future.coverage()
    record("ks_orders", float(orders))
    record("ks_value", float(value))
    record("coverage", float(covered))
    print(f"KS of orders {orders:.4f}, of value {value:.4f}; 80 % intervals cover {covered:.3f}")
    assert orders < 0.02
    assert value < 0.02
    assert covered >= 0.79


@every_model
def test_twenty_thousand_futures_come_as_predicted(model: Model, record_property: Record) -> None:
    check_calibration(simulated(model, 20_000), record_property)


@pytest.mark.slow
@every_model
def test_a_hundred_thousand_futures_come_as_predicted(model: Model, record_property: Record) -> None:
    check_calibration(simulated(model, 100_000), record_property)


# --- CDNOW ------------------------------------------------------------------------------------------------------------


def naive_interval(history: History, days: OrderDays, weeks: int) -> tuple[float, float]:
    """Without a model: everyone is anyone, and the weeks to come bring the repeat orders of as many weeks before."""
    back = history.until - timedelta(weeks=weeks)
    _, value = days.window(history, max(back, history.start - timedelta(days=1)), history.until)
    first = history.table["first_value"].to_numpy() * began_after(history, back)
    low, high = np.quantile(value - first, [0.1, 0.9])
    return float(low), float(high)


def check_holdout(table: pa.Table, history: History, model: ValueModel, record: Record) -> None:
    days, weeks = OrderDays(table), 39
    orders, value = days.window(history, CALIBRATION_END, HOLDOUT_END)
    future = Future(model.predictive(history, f"{weeks}w"), orders, value)
    rng = np.random.default_rng(22)
    pits = {"ks_orders": future.pit_of_orders(rng), "ks_value": future.pit_of_value(rng)}
    found = {name: stats.kstest(pit, "uniform").statistic for name, pit in pits.items()}
    low, high = future.outlook.quantiles([0.1, 0.9])
    naive_low, naive_high = naive_interval(history, days, weeks)
    found |= {"coverage": future.coverage(), "width": (high - low).mean(), "naive_width": naive_high - naive_low}
    for name, figure in found.items():
        record(name, float(figure))
        print(f"{name} {figure:.4f}")
    assert found["coverage"] >= 0.78
    assert found["width"] < found["naive_width"]
    assert max(found["ks_orders"], found["ks_value"]) < 0.08


def test_the_holdout_half_of_the_sample_lies_within_its_intervals(
    sample: History, sample_days: pa.Table, chosen: ValueModel, record_property: Record
) -> None:
    check_holdout(sample_days, sample, chosen, record_property)


@pytest.mark.slow
def test_the_holdout_half_of_cdnow_lies_within_its_intervals(
    master: History, master_days: pa.Table, record_property: Record
) -> None:
    check_holdout(master_days, master, fit(master, horizon="39w"), record_property)


# --- the distribution itself ------------------------------------------------------------------------------------------

SHOP = ParetoNbd([0.553, 10.578, 0.606, 11.669])
X, T_X, T = (
    np.array(c) for c in ([0.0, 2.0, 26.0, 400.0, 3.0], [0.0, 30.43, 30.86, 99.0, 5.0], [38.86, 38.86, 31, 100, 90])
)
MEAN = np.array([0.0, 22.345, 40.0, 12.0, 90.0])


@pytest.fixture(scope="module")
def outlook() -> Predictive:
    """Five customers, parameters taken for true."""
    return Predictive([Voice(SHOP)], SPEND, Past.of(X, T_X, T, MEAN), 52.0, draws=0)


def test_the_mean_of_the_distribution_is_the_expectation(outlook: Predictive) -> None:
    steps = np.geomspace(1e-3, 1e6, 4_000)
    survival = np.stack([outlook.survival(np.full(5, s)) for s in steps])
    mean = np.trapezoid(survival, steps, axis=0) + steps[0] * survival[0]
    ahead = SHOP.expected_orders(X, T_X, T, 52.0) * SPEND.expected_value(X, MEAN)
    np.testing.assert_allclose(mean, ahead, rtol=5e-3)


def test_chance_falls_with_the_sum_and_no_sum_is_sure(outlook: Predictive) -> None:
    survival = np.stack([outlook.survival(np.full(5, s)) for s in np.geomspace(0.01, 1e5, 200)])
    assert np.all(np.diff(survival, axis=0) <= 1e-9)
    none = [SHOP.pmf(*who, 52.0, 0)[0] for who in zip(X, T_X, T, strict=True)]
    np.testing.assert_allclose(survival[0], 1.0 - np.array(none), atol=2e-3)


@given(level=st.floats(0.01, 0.99))
def test_a_quantile_is_passed_as_often_as_it_says(outlook: Predictive, level: float) -> None:
    quantile = outlook.quantiles([level])[0]
    passed = outlook.survival(np.maximum(quantile, 1e-9))
    bought = quantile > 0
    np.testing.assert_allclose(passed[bought], 1.0 - level, atol=1e-3)
    assert np.all(passed[~bought] <= 1.0 - level + 1e-6)
    np.testing.assert_allclose(outlook.at(np.full(5, level)), quantile)


def test_quantiles_do_not_cross_and_do_not_depend_on_the_chunk(outlook: Predictive) -> None:
    levels = [0.05, 0.1, 0.5, 0.9, 0.95]
    found = outlook.quantiles(levels)
    assert np.all(np.diff(found, axis=0) >= 0)
    assert np.array_equal(found, outlook.quantiles(levels, chunk=2))


def test_chances_of_counts_are_the_models(outlook: Predictive) -> None:
    assert np.all(outlook.order_cdf(np.full(5, -1.0)) == 0)
    for n in (0, 1, 4, 20):
        truth = [SHOP.pmf(*who, 52.0, n).sum() for who in zip(X, T_X, T, strict=True)]
        np.testing.assert_allclose(outlook.order_cdf(np.full(5, float(n))), truth, atol=1e-6)


def test_the_variance_is_that_of_the_formula(outlook: Predictive) -> None:
    """E[sum²] = E[p n + p² n²] · E[1/ν²], for n orders of Gamma(p, ν) each."""
    n, (shape, scale) = np.arange(2001), SPEND.posterior(X, MEAN)
    counts = np.array([SHOP.pmf(*who, 52.0, 2000) for who in zip(X, T_X, T, strict=True)])
    second = counts @ (SPEND.p * n + (SPEND.p * n) ** 2) * scale**2 / ((shape - 1) * (shape - 2))
    mean = counts @ n * SPEND.expected_value(X, MEAN)
    np.testing.assert_allclose(np.sqrt(outlook.variance()), np.sqrt(second - mean**2), rtol=0.01)


def test_doubt_about_parameters_widens_the_intervals_of_a_small_shop(sample: History) -> None:
    few = sample.select(np.arange(0, len(sample), 60))
    voice, spend = Voice(BgNbd.fit_history(few)), GammaGamma.fit(few.x, few.value)
    past = Past.of(few.x, few.t_x, few.T, few.value)
    sure, unsure = (Predictive([voice], spend, past, 39.0, draws=draws) for draws in (0, 32))
    assert np.std(sure.totals()) == 0
    assert np.std(unsure.totals()) > 0.03 * unsure.totals().mean()
    widths = [np.diff(outlook.quantiles([0.1, 0.9]), axis=0).mean() for outlook in (sure, unsure)]
    assert widths[1] > widths[0]


def test_sixteen_balanced_draws_say_what_hundreds_say(sample: History) -> None:
    few = sample.select(np.arange(0, len(sample), 20))
    voice, spend = Voice(BgNbd.fit_history(few)), GammaGamma.fit(few.x, few.value)
    past = Past.of(few.x, few.t_x, few.T, few.value)
    some, many = (Predictive([voice], spend, past, 39.0, draws=draws) for draws in (16, 400))
    for few_say, many_say in zip(some.quantiles([0.5, 0.9]), many.quantiles([0.5, 0.9]), strict=True):
        assert np.abs(few_say - many_say).sum() < 0.005 * many_say.sum()
    assert np.std(some.totals()) == pytest.approx(np.std(many.totals()), rel=0.05)


@pytest.mark.parametrize("spread", [3, 3_000], ids=["close", "far apart"])
def test_customers_of_one_past_are_found_whether_pasts_are_close_or_far_apart(spread: int) -> None:
    columns = [column.astype(np.float64) for column in np.random.default_rng(3).integers(0, spread, (3, 500))]
    levels, codes = distinct(*columns)
    expected_levels, expected_codes = np.unique(columns, axis=1, return_inverse=True)
    np.testing.assert_array_equal(levels, expected_levels)
    np.testing.assert_array_equal(codes, expected_codes)


def test_two_equal_voices_are_one() -> None:
    past = Past.of(X, T_X, T, MEAN)
    one = Predictive([Voice(SHOP)], SPEND, past, 52.0, draws=0)
    two = Predictive([Voice(SHOP, 0.3), Voice(SHOP, 0.7)], SPEND, past, 52.0, draws=0)
    np.testing.assert_allclose(two.quantiles([0.1, 0.9]), one.quantiles([0.1, 0.9]), rtol=1e-4)
    assert expected(Voice(SHOP, 0.3), past, 52.0) == pytest.approx(0.3 * expected(Voice(SHOP), past, 52.0))


@given(factor=st.floats(0.2, 5.0))
def test_what_else_is_known_of_a_customer_moves_the_mean_by_its_factor(factor: float) -> None:
    alive = SHOP.p_alive(X, T_X, T)
    tuned = Past.of(X, T_X, T, MEAN, factor=np.full(5, factor), alive=alive, worth=np.full(5, 2.0))
    assert np.all(tuned.alive(SHOP) <= 1)
    plain = expected(Voice(SHOP), Past.of(X, T_X, T, MEAN), 4.0)
    np.testing.assert_allclose(expected(Voice(SHOP), tuned, 4.0), factor * plain, rtol=0.03)
    np.testing.assert_allclose(tuned.order_value(SPEND), 2.0 * SPEND.expected_value(X, MEAN))
