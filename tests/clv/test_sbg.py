"""sBG against the retention tables of Fader and Hardie (2007, 2010), against simulation, and against itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from stammkunde.clv.sbg import Sbg, _objective
from stammkunde.errors import DataError, InputError

REGULAR = 10 * np.array([100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3])
HIGH_END = 10 * np.array([100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4])

shapes = st.floats(0.05, 50.0)
models = st.builds(lambda alpha, beta: Sbg([alpha, beta]), shapes, shapes)


@pytest.fixture(scope="module")
def regular() -> Sbg:
    return Sbg.fit_survivors(REGULAR[:8])


@pytest.fixture(scope="module")
def high_end() -> Sbg:
    return Sbg.fit_survivors(HIGH_END[:8])


def test_regular_customers_give_the_published_parameters(regular: Sbg) -> None:
    assert regular.parameters == pytest.approx({"alpha": 0.704077, "beta": 1.182043}, abs=1.5e-6)
    assert regular.log_likelihood == pytest.approx(-1680.2652, abs=1e-4)


def test_high_end_customers_give_the_published_parameters(high_end: Sbg) -> None:
    assert high_end.parameters == pytest.approx({"alpha": 0.668088, "beta": 3.806095}, abs=1.5e-6)
    assert high_end.log_likelihood == pytest.approx(-1611.1581, abs=1e-4)


def test_the_forecast_of_retention_is_the_published_one(regular: Sbg, high_end: Sbg) -> None:
    later = np.arange(8, 13)
    np.testing.assert_allclose(100 * regular.survival(later), [22.008, 20.441, 19.119, 17.986, 17.004], atol=1e-3)
    np.testing.assert_allclose(100 * high_end.survival(later), [46.044, 43.578, 41.417, 39.506, 37.800], atol=1e-3)


def test_retention_rates_are_the_published_ones(regular: Sbg, high_end: Sbg) -> None:
    first = np.arange(1, 5)
    np.testing.assert_allclose(regular.retention_rate(first), [0.62671, 0.75605, 0.81882, 0.85590], atol=1e-5)
    np.testing.assert_allclose(high_end.retention_rate(first), [0.85068, 0.87796, 0.89681, 0.91061], atol=1e-5)


@pytest.mark.parametrize(
    ("parameters", "truth"),
    [
        ((3.80, 15.20), (3.30982, 3.45100, 3.58654, 3.71681, 3.84213)),
        ((0.067, 0.267), (7.67084, 9.45530, 9.85083, 10.0562, 10.1886)),
    ],
)
def test_residual_lifetimes_are_the_published_ones(parameters: tuple[float, ...], truth: tuple[float, ...]) -> None:
    contract_years = np.arange(1, 6)
    np.testing.assert_allclose(Sbg(parameters).residual_lifetime(contract_years - 1, 0.1), truth, rtol=1e-5)


def test_lifetimes_are_sums_of_survival(regular: Sbg) -> None:
    t = np.arange(3000)
    assert regular.discounted_lifetime(0.1) == pytest.approx(np.sum(regular.survival(t) / 1.1**t), rel=1e-12)
    later = np.sum(regular.survival(t + 1, renewals=4) / 1.1**t)
    assert regular.residual_lifetime(4, 0.1) == pytest.approx(later, rel=1e-12)
    assert regular.expected_lifetime() == np.inf
    assert Sbg([3.8, 15.2]).expected_lifetime() == pytest.approx(18 / 2.8)


def test_two_cohorts_say_what_their_customers_say() -> None:
    cohorts = Sbg.fit_survivors([1000, 631, 468, 382], [500, 320, 230])
    rows = [(0, 1, 369), (1, 1, 163), (2, 1, 86), (3, 0, 382), (0, 1, 180), (1, 1, 90), (2, 0, 230)]
    renewals, lost, weight = np.array(rows).T
    customers = Sbg.fit(np.repeat(renewals, weight), np.repeat(lost, weight))
    assert cohorts.parameters == pytest.approx(customers.parameters, rel=1e-6)
    assert cohorts.log_likelihood == pytest.approx(customers.log_likelihood)


def test_the_slope_of_the_likelihood_is_exact() -> None:
    rng = np.random.default_rng(1)
    rows = np.column_stack([rng.integers(0, 30, 40), rng.integers(0, 2, 40), rng.normal(size=(40, 2))])
    weight, theta = rng.uniform(1, 5, 40), np.array([-0.3, 0.4, 0.2, -0.1, 0.3, 0.5])
    slope = _objective(theta, rows, weight)[1]
    for i, step in enumerate(np.eye(6) * 1e-5):
        rise = _objective(theta + step, rows, weight)[0] - _objective(theta - step, rows, weight)[0]
        assert slope[i] == pytest.approx(rise / 2e-5, rel=1e-6)


@given(model=models, renewals=st.integers(0, 1000), ahead=st.integers(0, 300))
def test_what_is_to_come_adds_up(model: Sbg, renewals: int, ahead: int) -> None:
    pmf = model.pmf(renewals, ahead)
    assert pmf.sum() == pytest.approx(1.0, abs=1e-11)
    assert np.all(pmf >= 0)
    assert model.expected_orders(renewals, ahead) == pytest.approx(pmf @ np.arange(ahead + 1), rel=1e-10, abs=1e-14)


@given(model=models, renewals=st.integers(0, 1000))
def test_anna_stays_the_longer_the_longer_she_has_stayed(model: Sbg, renewals: int) -> None:
    now, later = model.residual_lifetime([renewals, renewals + 1], 0.02)
    assert 0 < now < later < 51


@settings(max_examples=30)
@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=30).filter(lambda cohort: max(cohort) > 0))
def test_any_cohort_gives_an_answer(cohort: list[int]) -> None:
    model = Sbg.fit_survivors(sorted(cohort, reverse=True))
    assert np.isfinite(model.values).all()
    assert np.isfinite(model.log_likelihood)
    assert 0 <= model.survival(10) <= model.survival(1) <= 1
    forecast = model.forecast(50, 4, rng=np.random.default_rng(1), draws=20)
    assert np.all((forecast.low >= 0) & (forecast.low <= forecast.high) & (forecast.high <= 50))


def test_twenty_thousand_simulated_contracts_give_their_parameters_back() -> None:
    truth = Sbg([0.7, 1.2])
    model = Sbg.fit(*truth.simulate(20_000, 10, np.random.default_rng(1)))
    for name, error in model.standard_errors.items():
        assert abs(model.parameters[name] - truth.parameters[name]) < 3 * error


def test_the_effect_of_a_covariate_comes_back_with_its_error() -> None:
    rng = np.random.default_rng(2)
    truth = Sbg([0.7, 2.0], covariates=["premium", "discount"], coefficients=[[0.5, -0.2], [-0.3, 0.1]])
    z = np.column_stack([rng.integers(0, 2, 20_000), rng.integers(0, 3, 20_000)])
    renewals, lost = truth.simulate(20_000, 12, rng, z)
    model = Sbg.fit(renewals, lost, covariates={"premium": z[:, 0], "discount": z[:, 1]})
    errors = list(model.standard_errors.values())
    assert list(model.standard_errors)[2:] == ["alpha:premium", "alpha:discount", "beta:premium", "beta:discount"]
    assert np.all(np.abs(model.values - truth.values) < 3 * np.array(errors[:2]))
    assert np.all(np.abs(model.coefficients - truth.coefficients).ravel() < 3 * np.array(errors[2:]))


def test_a_covariate_lowers_both_parameters_as_an_exponential() -> None:
    model = Sbg([0.7, 2.0], covariates=["premium"], coefficients=[[0.5], [-0.3]])
    premium = model.at([1.0])
    assert premium.parameters == pytest.approx({"alpha": 0.7 * np.exp(-0.5), "beta": 2.0 * np.exp(0.3)})
    both = model.after([3, 3], z=[[0.0], [1.0]])
    np.testing.assert_allclose(both.survival(2), [model.survival(2, 3), premium.survival(2, 3)])


def test_doubt_about_a_covariate_is_doubt_about_its_customers() -> None:
    rng = np.random.default_rng(6)
    renewals, lost = Sbg([0.7, 2.0]).simulate(3000, 6, rng)
    premium = (rng.random(3000) < 0.05).astype(float)
    model = Sbg.fit(renewals, lost, covariates={"premium": premium})
    few, many = model.at([1.0]).standard_errors, model.at([0.0]).standard_errors
    assert many == pytest.approx({name: model.standard_errors[name] for name in ("alpha", "beta")})
    assert few["alpha"] > 2 * many["alpha"]


def test_the_future_of_a_hundred_thousand_contracts_comes_as_predicted() -> None:
    rng, size = np.random.default_rng(3), 100_000
    stays = Sbg([0.7, 1.2]).after().draw(size, rng)
    seen = rng.integers(1, 8, size)
    model = Sbg.fit(np.minimum(stays, seen), stays < seen)
    there = stays >= seen
    renewed = np.minimum(stays - seen, 6)[there].astype(int)
    pmf = model.pmf(seen[there], 6)
    rows = np.arange(len(renewed))
    below = np.cumsum(pmf, axis=1)[rows, renewed] - pmf[rows, renewed] * rng.random(len(rows))
    assert stats.kstest(below, "uniform").statistic < 0.02
    low, high = model.interval(seen[there], 6, rng=rng)
    assert np.mean((low <= renewed) & (renewed <= high)) > 0.79


def test_the_forecast_of_high_end_customers_holds_what_came(high_end: Sbg) -> None:
    forecast = high_end.forecast(491, 5, renewals=7, rng=np.random.default_rng(1))
    came = HIGH_END[8:]
    assert np.all((forecast.low <= came) & (came <= forecast.high))
    assert np.all((forecast.low < forecast.expected) & (forecast.expected < forecast.high))
    assert np.all(forecast.high - forecast.low < 60)


def test_forecasts_of_cohorts_cover_as_promised() -> None:
    rng, truth, inside = np.random.default_rng(4), Sbg([0.7, 1.2]), []
    for _ in range(60):
        stays = truth.after().draw(1000, rng)
        left = np.array([np.sum(stays >= t) for t in range(11)])
        forecast = Sbg.fit_survivors(left[:7]).forecast(int(left[6]), 4, renewals=6, rng=rng, draws=50)
        inside.append((forecast.low <= left[7:]) & (left[7:] <= forecast.high))
    assert 0.72 < np.mean(inside) < 0.95


@pytest.mark.parametrize("cohort", [[100], [100, 101], [[100, 90]], [100, np.nan]])
def test_a_cohort_that_grows_is_refused(cohort: list[float]) -> None:
    with pytest.raises(DataError, match="cohort"):
        Sbg.fit_survivors(cohort)


@pytest.mark.parametrize(("renewals", "weight"), [(-1, 1), (1.5, 1), (np.nan, 1), (2, -1)])
def test_a_row_that_is_no_contract_is_named(renewals: float, weight: float) -> None:
    with pytest.raises(DataError, match="row 1"):
        Sbg.fit([1, renewals], [True, True], weight=[1, weight])


def test_a_shop_that_has_lost_nobody_yet_gets_a_sane_answer() -> None:
    model = Sbg.fit_survivors([100, 100, 100])
    assert 0.9 < model.retention_rate(1) < 1
    assert all(1e-3 < value < 1e3 for value in model.values)


def test_a_saved_model_comes_back_the_same() -> None:
    rng = np.random.default_rng(5)
    model = Sbg.fit(rng.integers(0, 9, 900), rng.integers(0, 2, 900), covariates={"premium": rng.integers(0, 2, 900)})
    again = Sbg.from_json(model.to_json())
    assert again.parameters == model.parameters
    assert again.covariates == ("premium",)
    assert again.standard_errors == pytest.approx(model.standard_errors)
    assert "beta:premium" in again.summary()


def test_a_model_of_another_kind_is_refused() -> None:
    with pytest.raises(InputError, match="bg-bb"):
        Sbg.from_dict({"model": "bg-bb"})
