"""BG/BB against the donations of Fader, Hardie and Shang (2010), against simulation, and against itself."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from scipy.special import beta

from stammkunde.clv.bg_bb import BgBb, Histories, log_likelihood
from stammkunde.errors import DataError

#: Donors of 1995 by years of giving and last year of giving among the six that followed.
DONORS = {
    (0, 0): 3464, (1, 1): 1091, (1, 2): 277, (1, 3): 129, (1, 4): 78, (1, 5): 119, (1, 6): 129, (2, 2): 613,
    (2, 3): 255, (2, 4): 155, (2, 5): 173, (2, 6): 234, (3, 3): 322, (3, 4): 181, (3, 5): 225, (3, 6): 357,
    (4, 4): 240, (4, 5): 284, (4, 6): 512, (5, 5): 335, (5, 6): 728, (6, 6): 1203,
}  # fmt: skip
X, LAST = np.array(list(DONORS)).T
SIZE = np.array(list(DONORS.values()))
NEVER, SOMETIMES, ALWAYS = list(DONORS).index((0, 0)), list(DONORS).index((2, 4)), list(DONORS).index((6, 6))

shapes = st.floats(0.05, 50.0)
models = st.builds(lambda *values: BgBb(values), shapes, shapes, shapes, shapes)


@pytest.fixture(scope="module")
def donors() -> BgBb:
    return BgBb.fit(X, LAST, 6, weight=SIZE)


def test_the_donors_give_the_published_parameters(donors: BgBb) -> None:
    assert SIZE.sum() == 11_104
    assert donors.log_likelihood == pytest.approx(-33225.5813, abs=1e-4)
    truth = {"alpha": 1.203522, "beta": 0.749716, "gamma": 0.656718, "delta": 2.783443}
    assert donors.parameters == pytest.approx(truth, abs=1.5e-6)


def test_the_donors_give_the_published_future(donors: BgBb) -> None:
    future = donors.expected_orders(X, LAST, 6, 5)
    assert SIZE @ future == pytest.approx(12884.157, abs=5e-4)
    np.testing.assert_allclose(future[[NEVER, SOMETIMES, ALWAYS]], [0.072863, 1.057604, 3.752544], atol=5e-7)


def test_the_donors_are_alive_next_year_as_published(donors: BgBb) -> None:
    alive = donors.p_alive(X, LAST, 6)[[NEVER, SOMETIMES, ALWAYS]]
    np.testing.assert_allclose(alive, [0.108133, 0.589657, 0.930434], atol=5e-7)


def test_the_model_expects_the_published_number_of_donors_by_gifts(donors: BgBb) -> None:
    counts = donors.expected_counts(np.full(SIZE.sum(), 6))
    np.testing.assert_allclose(counts[[0, 6]], [3454.9, 1253.1], atol=0.05)
    np.testing.assert_allclose(donors.expected_counts([6], weight=[SIZE.sum()]), counts)


def test_a_new_donor_gives_as_often_as_published(donors: BgBb) -> None:
    truth = [0.4985, 0.9233, 1.2969, 1.6323, 1.9381, 2.2202, 2.4826, 2.7285, 2.9603, 3.1798, 3.3887]
    np.testing.assert_allclose(donors.expected_new(np.arange(1, 12)), truth, atol=5.1e-5)


def test_the_expectation_is_the_formula_of_the_paper(donors: BgBb) -> None:
    a, b, c, d = donors.values
    likelihood = beta(a + 2, b + 4) * beta(c, d + 6)
    likelihood += sum(beta(a + 2, b + i - 2) * beta(c + 1, d + i) for i in (4, 5))
    gone = special.poch(1 + d + 6, c - 1) ** -1 - special.poch(1 + d + 11, c - 1) ** -1
    truth = beta(a + 3, b + 4) * beta(c, d) * d / (c - 1) * special.poch(1 + d, c - 1) * gone / likelihood
    assert donors.expected_orders(2, 4, 6, 5)[0] == pytest.approx(truth, rel=1e-10)
    z = 1 / 1.1
    dert = beta(a + 3, b + 4) * beta(c, d + 7) * z * special.hyp2f1(1, d + 7, c + d + 7, z) / likelihood
    assert donors.discounted_orders(2, 4, 6, 0.1)[0] == pytest.approx(dert, rel=1e-10)


@pytest.mark.parametrize(("x", "t_x", "n"), [(0, 0, 1), (0, 0, 40), (3, 7, 9), (9, 9, 9), (40, 60, 90)])
def test_the_likelihood_and_its_slope_are_exact(x: int, t_x: int, n: int) -> None:
    def likelihood(logs: np.ndarray) -> float:
        a, b, c, d = np.exp(logs)
        total = beta(a + x, b + n - x) * beta(c, d + n)
        total += sum(beta(a + x, b + i - x) * beta(c + 1, d + i) for i in range(t_x, n))
        return float(np.log(total / beta(a, b) / beta(c, d)))

    at = np.log([1.2, 0.75, 0.66, 2.8])
    rows, slopes = log_likelihood(Histories.of(x, t_x, n), np.exp(at))
    assert rows[0] == pytest.approx(likelihood(at), rel=1e-12)
    truth = [(likelihood(at + step) - likelihood(at - step)) / 2e-5 for step in np.eye(4) * 1e-5]
    np.testing.assert_allclose(slopes[:, 0], truth, rtol=1e-7, atol=1e-9)


@given(model=models, n=st.integers(0, 6))
def test_all_histories_together_are_certain(model: BgBb, n: int) -> None:
    rows = [(len(c), max(c, default=0)) for k in range(n + 1) for c in combinations(range(1, n + 1), k)]
    x, t_x = np.array(rows).T
    histories = Histories.of(x, t_x, n)
    chance = np.exp(log_likelihood(histories, model.values)[0])[histories.code]
    assert chance.sum() == pytest.approx(1.0, abs=1e-11)
    counted = np.bincount(x, weights=chance)
    np.testing.assert_allclose(counted, model.pmf_new(n), atol=1e-11)


@settings(max_examples=40)
@given(
    model=models, history=st.lists(st.integers(0, 1000), min_size=3, max_size=3).map(sorted), ahead=st.integers(0, 200)
)
def test_no_history_overflows_and_its_future_adds_up(model: BgBb, history: list[int], ahead: int) -> None:
    x, t_x, n = history
    t_x = t_x if x else 0
    pmf = model.pmf(x, t_x, n, ahead)[0]
    assert np.all(pmf >= 0)
    assert pmf.sum() == pytest.approx(1.0, abs=1e-9)
    assert model.expected_orders(x, t_x, n, ahead)[0] == pytest.approx(pmf @ np.arange(ahead + 1), rel=1e-8, abs=1e-12)
    assert 0 <= model.p_alive(x, t_x, n)[0] <= 1
    assert np.isfinite(log_likelihood(Histories.of(x, t_x, n), model.values)[1]).all()


@given(model=models, x=st.integers(1, 50), more=st.integers(0, 50), silent=st.integers(0, 50))
def test_ben_is_the_less_alive_the_longer_he_is_silent(model: BgBb, x: int, more: int, silent: int) -> None:
    last = x + more
    now, later = model.p_alive([x, x], [last, last], [last + silent, last + silent + 1])
    assert later <= now * (1 + 1e-12)
    anna = model.p_alive(x, last + silent, last + silent)[0]
    assert anna >= now * (1 - 1e-12)


def test_nothing_special_happens_where_gamma_or_alpha_is_one() -> None:
    near, at = BgBb([1 - 1e-9, 2, 1 + 1e-9, 3]), BgBb([1, 2, 1, 3])
    arguments = ([0, 2, 6], [0, 4, 6], [6, 6, 6])
    np.testing.assert_allclose(near.expected_orders(*arguments, 52), at.expected_orders(*arguments, 52), rtol=1e-7)
    np.testing.assert_allclose(
        near.discounted_orders(*arguments, 0.01), at.discounted_orders(*arguments, 0.01), rtol=1e-7
    )


def test_a_thousand_occasions_fit_and_predict() -> None:
    truth = BgBb([0.8, 1.5, 0.6, 30.0])
    seen = truth.simulate(np.full(400, 1000), 0, np.random.default_rng(5))
    model = BgBb.fit(seen.x, seen.t_x, 1000, pool=False)
    for name, error in model.standard_errors.items():
        assert abs(model.parameters[name] - truth.parameters[name]) < 3 * error


def test_twenty_thousand_simulated_customers_give_their_parameters_back() -> None:
    truth = BgBb([1.2, 0.75, 0.66, 2.8])
    n = np.random.default_rng(1).integers(1, 13, 20_000)
    seen = truth.simulate(n, 0, np.random.default_rng(2))
    model = BgBb.fit(seen.x, seen.t_x, n)
    for name, error in model.standard_errors.items():
        assert abs(model.parameters[name] - truth.parameters[name]) < 3 * error


def test_the_future_of_a_hundred_thousand_customers_comes_as_predicted() -> None:
    rng, n, ahead = np.random.default_rng(3), np.full(100_000, 10), 8
    seen = BgBb([1.2, 0.75, 0.66, 2.8]).simulate(n, ahead, rng)
    model = BgBb.fit(seen.x, seen.t_x, n)
    pmf, rows = model.pmf(seen.x, seen.t_x, n, ahead), np.arange(len(n))
    bought = seen.future.astype(int)
    below = np.cumsum(pmf, axis=1)[rows, bought] - pmf[rows, bought] * rng.random(len(n))
    assert stats.kstest(below, "uniform").statistic < 0.02
    low, high = model.interval(seen.x, seen.t_x, n, ahead, rng=rng)
    assert np.mean((low <= seen.future) & (seen.future <= high)) > 0.79


def test_simulated_customers_are_what_the_formulas_say() -> None:
    model = BgBb([1.2, 0.75, 0.66, 2.8])
    seen = model.simulate(np.full(200_000, 6), 5, np.random.default_rng(4))
    counted = np.bincount(seen.x.astype(int), minlength=7) / len(seen.x)
    np.testing.assert_allclose(counted, model.pmf_new(6), atol=0.005)
    assert np.all((seen.t_x == 0) == (seen.x == 0))
    assert np.all(seen.t_x >= seen.x)
    assert seen.t_x.max() == 6
    for x, t_x in ((0, 0), (2, 4), (6, 6)):
        alike = (seen.x == x) & (seen.t_x == t_x)
        assert seen.future[alike].mean() == pytest.approx(model.expected_orders(x, t_x, 6, 5)[0], abs=0.06)


@pytest.mark.parametrize("row", [(2, 1, 6), (1, 7, 6), (-1, 0, 6), (0, 3, 6), (1.5, 2, 6), (1, 2, np.nan)])
def test_a_row_that_is_no_history_is_named(row: tuple[float, float, float]) -> None:
    x, t_x, n = np.array([(0, 0, 6), row]).T
    with pytest.raises(DataError, match="row 1"):
        BgBb.fit(x, t_x, n)


def test_a_fair_with_ten_visitors_gets_a_sane_answer() -> None:
    model = BgBb.fit(np.zeros(10), np.zeros(10), 5)
    assert 0 < model.expected_orders(0, 0, 5, 5)[0] < 1
    assert all(1e-3 < value < 1e3 for value in model.values)
    low, high = model.interval(0, 0, 5, 5, rng=np.random.default_rng(1))
    assert low[0] == 0
    assert 0 <= high[0] <= 5


def test_customers_all_alike_are_no_reason_to_fail() -> None:
    model = BgBb.fit([2], [4], 6, weight=[1000])
    low, high = model.interval(2, 4, 6, 5, rng=np.random.default_rng(1))
    assert 0 <= low[0] <= high[0] <= 5


def test_a_saved_model_comes_back_the_same(donors: BgBb) -> None:
    again = BgBb.from_json(donors.to_json())
    assert again.parameters == donors.parameters
    assert again.standard_errors == pytest.approx(donors.standard_errors)
    assert "alpha" in again.summary()
    assert "-33225.58" in again.summary()


def test_without_a_fit_there_is_no_parameter_doubt() -> None:
    model = BgBb([1.2, 0.75, 0.66, 2.8])
    assert model.standard_errors == {}
    assert np.isnan(model.log_likelihood)
    assert model.draws(3, np.random.default_rng(1)) == [model] * 3
    assert "BgBb(alpha=1.2" in repr(model)
    assert "-" in model.summary()
