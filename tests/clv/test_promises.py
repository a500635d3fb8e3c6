"""What every model of order timing promises; whoever adds one to the family finds it tested here."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from customers import typical
from stammkunde.clv.family import TRANSACTION_MODELS, transaction_model
from stammkunde.clv.sample import Sample
from stammkunde.clv.transactions import TransactionModel
from stammkunde.errors import UnknownModelError
from stammkunde.facts import History

Array = NDArray[np.float64]
Model = type[TransactionModel]

every_model = pytest.mark.parametrize("model", list(TRANSACTION_MODELS.values()), ids=list(TRANSACTION_MODELS))


@st.composite
def history(draw: st.DrawFn) -> tuple[float, float, float]:
    """x, t_x and T in weeks of anyone a shop may know: from one order today to daily orders over fifty years."""
    T = draw(st.one_of(st.integers(0, 365), st.integers(0, 50 * 365)))
    x = draw(st.one_of(st.integers(0, min(5, T)), st.integers(0, T)))
    t_x = draw(st.integers(x, T)) if x else 0
    return float(x), t_x / 7, T / 7


histories = st.lists(history(), min_size=1, max_size=25).map(lambda rows: np.array(rows).T)

ANNA, BEN, DENIZ = (20.0, 50.0, 52.0), (12.0, 20.0, 52.0), (0.0, 0.0, 30.0)
PEOPLE = np.array([ANNA, BEN, DENIZ, (1.0, 3 / 7, 40.0), (3.0, 40.0, 40.0), (300.0, 99.0, 100.0)]).T


# --- the likelihood and the fit -------------------------------------------------------------------------------------


@every_model
def test_the_slope_of_the_likelihood_is_exact(model: Model) -> None:
    people, at = Sample.of(*PEOPLE, np.ones(PEOPLE.shape[1])), np.log(typical(model).values)
    _, slopes = model.log_likelihood(people, np.exp(at))
    for slope, step in zip(slopes, 1e-5 * np.eye(len(at)), strict=True):
        above, below = (model.log_likelihood(people, np.exp(at + s))[0] for s in (step, -step))
        np.testing.assert_allclose(slope, (above - below) / 2e-5, rtol=1e-6, atol=1e-6)


@every_model
def test_simulated_customers_are_as_likely_as_the_likelihood_says(model: Model) -> None:
    """At the truth the likelihood has, on average, no slope: likelihood and simulation are the same model."""
    truth, T = typical(model), np.random.default_rng(1).uniform(10, 100, 30_000)
    paths = truth.draw(T, 0.0, np.random.default_rng(2))
    _, slopes = model.log_likelihood(Sample.of(paths.x, paths.t_x, T, np.ones(len(T))), truth.values)
    for slope in slopes:
        assert abs(slope.mean()) < 4 * slope.std() / np.sqrt(len(T))


@every_model
def test_simulated_customers_give_their_parameters_back(model: Model) -> None:
    truth, T = typical(model), np.random.default_rng(3).uniform(20, 120, 6_000)
    paths = truth.draw(T, 0.0, np.random.default_rng(4))
    found = model.fit(paths.x, paths.t_x, T)
    assert found.estimate is not None
    off = np.log(found.values / truth.values)
    distance = off @ np.linalg.solve(found.estimate.covariance, off)
    assert distance < stats.chi2(len(off)).ppf(0.999)
    assert list(found.standard_errors) == list(model.names)


@every_model
def test_customers_merged_into_a_histogram_give_the_same_fit(model: Model, sample: History) -> None:
    some = sample.select(np.arange(0, len(sample), 4))
    merged, plain = model.fit_history(some), model.fit(some.x, some.t_x, some.T)
    assert len(some.histogram()) < len(some)
    np.testing.assert_allclose(merged.values, plain.values, rtol=1e-5)


@every_model
def test_a_shop_gets_the_same_answer_in_weeks_days_and_hours(model: Model, sample: History) -> None:
    some = sample.select(np.arange(0, len(sample), 8))  # small enough for the prior to join in
    ahead, errors = [], []
    for days in (7.0, 1.0, 1 / 24):
        x, t_x, T = some.x, some.t_x * 7 / days, some.T * 7 / days
        found = model.fit(x, t_x, T, days_per_unit=days)
        ahead.append(found.expected_orders(x, t_x, T, 273 / days))
        errors.append(found.standard_errors["r"])
    np.testing.assert_allclose(ahead[1:], [ahead[0]] * 2, rtol=1e-5)
    assert errors == pytest.approx([errors[0]] * 3, rel=1e-3)


@every_model
def test_covariates_are_found_where_they_matter(model: Model) -> None:
    if not model.moved:
        pytest.skip("takes no covariates")
    truth, rng = typical(model), np.random.default_rng(5)
    loud = model(truth.values, covariates=["newsletter"], coefficients=np.full((len(model.moved), 1), 0.4))
    T, z = rng.uniform(30, 120, 4_000), np.arange(4_000) % 2.0
    with_letter, without = loud.at([1.0]).draw(T, 0.0, rng), loud.at([0.0]).draw(T, 0.0, rng)
    x, t_x = (np.where(z == 1, getattr(with_letter, c), getattr(without, c)) for c in ("x", "t_x"))
    found = model.fit(x, t_x, T, covariates={"newsletter": z})
    assert found.estimate is not None
    off = np.concatenate([np.log(found.values / truth.values), found.coefficients.ravel() - 0.4])
    assert off @ np.linalg.solve(found.estimate.covariance, off) < stats.chi2(len(off)).ppf(0.999)


@every_model
@settings(max_examples=15)
@given(customers=histories)
def test_any_shop_can_be_fitted_and_asked(model: Model, customers: Array) -> None:
    x, t_x, T = customers
    found = model.fit(x, t_x, T)
    errors = list(found.standard_errors.values())
    for answer in (found.values, errors, found.expected_orders(x, t_x, T, 52.0), found.p_alive(x, t_x, T)):
        assert np.isfinite(answer).all()


@every_model
@pytest.mark.parametrize("customers", [30, 100])
def test_a_small_shop_gets_a_sane_answer(model: Model, customers: int) -> None:
    truth = typical(model)
    for seed in range(5):
        T = np.random.default_rng(seed).uniform(5, 60, customers)
        paths = truth.draw(T, 52.0, np.random.default_rng(100 + seed))
        found = model.fit(paths.x, paths.t_x, T)
        expected = found.expected_orders(paths.x, paths.t_x, T, 52.0).sum()
        best = truth.expected_orders(paths.x, paths.t_x, T, 52.0).sum()
        assert best / 2.5 < expected < best * 2.5
        assert np.abs(np.log(found.values / truth.values)).max() < 3


@every_model
def test_a_shop_where_nobody_came_back_gets_a_sane_answer(model: Model) -> None:
    T = np.linspace(1, 30, 40)
    found = model.fit(np.zeros(40), np.zeros(40), T)
    ahead = found.expected_orders(np.zeros(40), np.zeros(40), T, 52.0)
    assert np.all((ahead > 0) & (ahead < 2))


# --- P(alive) and the future ----------------------------------------------------------------------------------------


@every_model
@settings(max_examples=50)
@given(who=history(), silent=st.floats(0, 500))
def test_ben_is_the_less_alive_the_longer_he_is_silent(
    model: Model, who: tuple[float, float, float], silent: float
) -> None:
    x, t_x, T = who
    now, later = typical(model).p_alive(x, t_x, [T, T + silent])
    assert 0 <= later <= now * (1 + 1e-9)
    assert now <= 1


@every_model
@settings(max_examples=50)
@given(who=history(), t=st.floats(0, 500), more=st.floats(0, 500))
def test_a_longer_future_brings_more_orders_and_none_at_all_nothing(
    model: Model, who: tuple[float, float, float], t: float, more: float
) -> None:
    shop = typical(model)
    none, some, further = shop.expected_orders(*who, [0.0, t, t + more])
    assert none == 0
    assert 0 <= some <= further * (1 + 1e-9)
    assert np.isfinite(further)


@every_model
@pytest.mark.parametrize("who", [ANNA, BEN, DENIZ, (1.0, 3 / 7, 40.0), (0.0, 0.0, 0.0), (80.0, 52.0, 52.0)])
def test_chances_of_all_numbers_of_orders_sum_to_one_and_average_to_the_expectation(
    model: Model, who: tuple[float, float, float]
) -> None:
    shop = typical(model)
    pmf = shop.pmf(*who, 39.0, 3000)
    assert np.all(pmf >= 0)
    assert pmf.sum() == pytest.approx(1.0, abs=1e-9)
    assert pmf @ np.arange(3001) == pytest.approx(float(shop.expected_orders(*who, 39.0)), rel=1e-6)


@every_model
def test_the_future_comes_as_expected_whatever_the_past(model: Model) -> None:
    shop, T = typical(model), np.random.default_rng(6).uniform(10, 100, 50_000)
    paths = shop.draw(T, 52.0, np.random.default_rng(7))
    surprise = paths.future - shop.expected_orders(paths.x, paths.t_x, T, 52.0)
    idle = (T - paths.t_x) / T
    for who in (paths.x == 0, paths.x == 1, paths.x > 5, idle < 0.2, (idle > 0.5) & (paths.x > 0), T < 30):
        assert abs(surprise[who].mean()) < 4 * surprise[who].std() / np.sqrt(who.sum())


@every_model
def test_simulated_pasts_are_possible(model: Model) -> None:
    T = np.random.default_rng(8).uniform(0, 100, 20_000)
    paths = typical(model).draw(T, 10.0, np.random.default_rng(9))
    assert np.all((paths.t_x == 0) == (paths.x == 0))
    assert np.all((paths.t_x >= 0) & (paths.t_x <= T))
    assert np.array_equal(paths.x, np.rint(paths.x))
    assert np.array_equal(paths.future, np.rint(paths.future))
    assert paths.future.min() == 0


@every_model
@pytest.mark.parametrize(
    "who",
    [(3000.0, 99.9, 100.0), (3000.0, 50.0, 100.0), (1e5, 2600.0, 2600.0), (1.0, 1 / 168, 1 / 168), (0.0, 0.0, 1e4)],
)
def test_extreme_customers_have_finite_answers(model: Model, who: tuple[float, float, float]) -> None:
    shop, (x, t_x, T) = typical(model), who
    rows, slopes = model.log_likelihood(Sample.of(*np.array([[x], [t_x], [T]]), np.ones(1)), shop.values)
    later = shop.discounted_if_alive(np.array([x]), np.array([T]), np.inf, 0.003)
    answers = [rows, *slopes, shop.p_alive(*who), later]
    answers += [shop.expected_orders(*who, t) for t in (1e-3, 52.0, 1e3)]
    for answer in answers:
        assert np.isfinite(answer).all()


@every_model
def test_three_thousand_orders_in_two_years_go_on_at_their_pace(model: Model) -> None:
    ahead = typical(model).expected_orders(3000.0, 99.9, 100.0, 52.0)
    assert 1000 < ahead < 1600


@every_model
def test_discounting_takes_a_little_and_nothing_at_no_rate(model: Model) -> None:
    shop, (x, _, T) = typical(model), PEOPLE
    plain = shop.expected_if_alive(x, T, np.full_like(T, 52.0))
    np.testing.assert_allclose(shop.discounted_if_alive(x, T, 52.0, 0.0), plain)
    daily = np.log(1.1) / 365.25
    later = shop.discounted_if_alive(x, T, 52.0, daily)
    assert np.all((later < plain) & (later > plain / 1.1))
    steps = np.linspace(0, 52, 401)
    each = np.diff([shop.expected_if_alive(x, T, np.full_like(T, t)) for t in steps], axis=0)
    sum_by_steps = np.exp(-daily * 7 * (steps[1:] + steps[:-1]) / 2) @ each
    np.testing.assert_allclose(later, sum_by_steps, rtol=1e-6)


@every_model
def test_a_whole_life_is_worth_the_limit_of_long_horizons(model: Model) -> None:
    shop, (x, _, T), daily = typical(model), PEOPLE[:, :2], 1.0 / 365.25
    for_life = shop.discounted_if_alive(x, T, np.inf, daily)
    np.testing.assert_allclose(shop.discounted_if_alive(x, T, 1_500.0, daily), for_life, rtol=1e-5)


@every_model
def test_twice_the_pace_in_half_the_time_is_the_same(model: Model) -> None:
    """`rate` speeds up ordering: for customers who do not leave it is a change of the clock."""
    shop, x, T = typical(model), np.array([5.0, 0.0]), np.array([30.0, 10.0])
    slow, fast = (shop.expected_if_alive(x, T, np.full(2, 2e-4 / rate), rate) for rate in (1.0, 2.0))
    np.testing.assert_allclose(fast, slow, rtol=1e-3)
    pmf = shop.pmf_if_alive(x, T, 26.0, 2000, 2.0)
    np.testing.assert_allclose(pmf @ np.arange(2001), shop.expected_if_alive(x, T, np.full(2, 26.0), 2.0), rtol=1e-6)


# --- saving and drawing ---------------------------------------------------------------------------------------------


@every_model
def test_a_saved_model_comes_back_exactly(model: Model, sample: History) -> None:
    some = sample.select(np.arange(0, len(sample), 20))
    found = model.fit_history(some)
    again = model.from_dict(json.loads(json.dumps(found.to_dict())))
    assert again.parameters == found.parameters
    assert again.standard_errors == pytest.approx(found.standard_errors, rel=1e-12)
    ask: Callable[[TransactionModel], Array] = lambda m: m.expected_orders(some.x, some.t_x, some.T, 39)  # noqa: E731
    assert np.array_equal(ask(again), ask(found))


@every_model
def test_drawn_parameters_spread_as_the_standard_errors_say(model: Model) -> None:
    truth, T = typical(model), np.random.default_rng(10).uniform(20, 120, 2_000)
    paths = truth.draw(T, 0.0, np.random.default_rng(11))
    found = model.fit(paths.x, paths.t_x, T)
    assert found.estimate is not None
    logs = np.log([drawn.values for drawn in found.draws(2_000, np.random.default_rng(12))])
    np.testing.assert_allclose(logs.mean(axis=0), np.log(found.values), atol=1e-9)
    spread = np.sqrt(np.diag(found.estimate.covariance))
    np.testing.assert_allclose(logs.std(axis=0), spread, rtol=0.1)


@every_model
def test_a_model_that_was_not_fitted_has_no_doubt(model: Model) -> None:
    shop = typical(model)
    assert shop.standard_errors == {}
    assert shop.draws(3, np.random.default_rng(1)) == [shop] * 3
    assert model.from_dict(shop.to_dict()).estimate is None


@every_model
def test_a_model_is_found_by_its_name_in_any_spelling(model: Model) -> None:
    assert transaction_model(model.name.upper().replace("-", "_")) is model


def test_an_unknown_model_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownModelError, match=r"(?s)gpt.*auto, .*bg-nbd"):
        transaction_model("gpt")
