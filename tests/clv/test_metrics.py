"""How good forecasts were: definitions by hand, and peers' rows of the comparison on CDNOW to the printed digit."""

import warnings

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stammkunde.clv import metrics
from stammkunde.errors import DataError, InputError

columns = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), min_size=2, max_size=40)


@pytest.fixture(scope="module")
def master(cdnow: pa.Table) -> dict[str, np.ndarray]:
    """CDNOW until 1997-09-30 by customer (x, t_x, T in weeks, mean value), and the orders and dollars after it."""
    split = np.datetime64("1997-09-30").astype("datetime64[D]").astype(int)
    day = cdnow["date"].to_numpy().astype("datetime64[D]").astype(int)
    both = np.stack([np.array(cdnow["customer_id"].to_pylist(), dtype=int), day])
    (customer, day), row = np.unique(both, axis=1, return_inverse=True)
    amount = np.bincount(row.ravel(), weights=cdnow["amount"].to_numpy())
    _, start, code = np.unique(customer, return_index=True, return_inverse=True)
    seen = day <= split
    x = np.bincount(code, weights=seen) - 1
    last = day[start + x.astype(int)]
    repeated = np.bincount(code, weights=amount * (seen & (day > day[start][code])))
    return {
        "x": x,
        "t_x": (last - day[start]) / 7,
        "T": (split - day[start]) / 7,
        "value": repeated / np.maximum(x, 1),
        "orders": np.bincount(code, weights=~seen),
        "dollars": np.bincount(code, weights=amount * ~seen),
    }


@pytest.mark.parametrize(
    ("peer", "count", "spend"),
    [
        ("BetaGeoFitter", "0.8187 1.7329 -14.28 0.4420", "32.675 92.94 -17.33 0.4208 0.6721 0.5156 0.7628 21.3"),
        # The last figure was 32.7 with ties of the forecast in the order of rows; at their mean they make 32.6.
        (
            "ModifiedBetaGeoFitter",
            "0.7945 1.7396 -19.05 0.4454",
            "31.841 93.22 -21.92 0.4302 0.6759 0.5159 0.7628 32.6",
        ),
    ],
)
def test_a_peer_on_cdnow_scores_what_the_comparison_prints(
    master: dict[str, np.ndarray], peer: str, count: str, spend: str
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the peer is archived and warns of itself
        lifetimes = pytest.importorskip("lifetimes", reason="needs the peer `lifetimes`, a test dependency")
        timing, amounts = getattr(lifetimes, peer)(), lifetimes.GammaGammaFitter()
        x, t_x, T, value = (master[name] for name in ("x", "t_x", "T", "value"))
        timing.fit(x, t_x, T)
        amounts.fit(*(column[(x > 0) & (value > 0)] for column in (x, value)))
        orders = np.asarray(timing.conditional_expected_number_of_purchases_up_to_time(39, x, t_x, T))
        dollars = orders * np.asarray(amounts.conditional_expected_average_profit(x, value))
    found = metrics.accuracy(orders, master["orders"])
    assert printed(found, count.split()) == count
    assert printed(metrics.accuracy(dollars, master["dollars"]), spend.split()) == spend


def printed(found: metrics.Accuracy, pattern: list[str]) -> str:
    figures = (
        found.mae, found.rmse, found.bias, found.spearman, found.gini, found.top_decile, found.top_decile_best,
        found.decile_mape,
    )  # fmt: skip
    return " ".join(f"{v:.{len(text.split('.')[1])}f}" for v, text in zip(figures, pattern, strict=False))


def test_errors_and_bias_are_what_their_names_say() -> None:
    forecast, actual = [1.0, 2.0, 6.0], [0.0, 2.0, 2.0]
    assert metrics.mae(forecast, actual) == pytest.approx(5 / 3)
    assert metrics.rmse(forecast, actual) == pytest.approx(np.sqrt(17 / 3))
    assert metrics.bias(forecast, actual) == pytest.approx(125.0)
    assert np.isnan(metrics.bias([1.0], [0.0]))


def test_ties_get_their_mean_rank() -> None:
    np.testing.assert_array_equal(metrics.mean_ranks([5, 1, 5, 0]), [3.5, 2, 3.5, 1])
    assert metrics.spearman([1, 2, 3], [10, 20, 300]) == pytest.approx(1.0)
    assert metrics.spearman([1, 2, 3], [3, 2, 1]) == pytest.approx(-1.0)
    assert np.isnan(metrics.spearman([1, 1], [1, 2]))


def test_the_perfect_order_has_gini_one_its_reverse_minus_one_and_no_order_zero() -> None:
    actual = np.array([9.0, 3.0, 1.0, 0.0])
    assert metrics.gini(actual, actual) == pytest.approx(1.0)
    assert metrics.gini(-actual, actual) == pytest.approx(-1.0)
    assert metrics.gini(np.ones(4), actual) == pytest.approx(0.0, abs=1e-15)
    assert np.isnan(metrics.gini(actual, np.full(4, 0.1)))
    assert np.isnan(metrics.gini(actual, np.zeros(4)))


def test_the_top_tenth_is_counted_with_ties_at_their_mean() -> None:
    actual = np.arange(20.0)
    assert metrics.top_share(actual, actual) == pytest.approx(37 / 190)
    assert metrics.top_share(np.ones(20), actual) == pytest.approx(0.1)
    assert np.isnan(metrics.top_share(actual, np.zeros(20)))


def test_calibration_groups_the_customers_by_falling_forecast() -> None:
    forecast, actual = np.arange(20.0), np.arange(20.0)[::-1]
    table = metrics.calibration(forecast, actual, groups=4)
    np.testing.assert_array_equal(table.customers, [5, 5, 5, 5])
    np.testing.assert_array_equal(table.expected, [17, 12, 7, 2])
    np.testing.assert_array_equal(table.actual, [2, 7, 12, 17])
    assert len(metrics.calibration([1.0, 2.0], [0.0, 1.0]).customers) == 2


def test_groups_without_any_spending_are_left_out_of_the_decile_error() -> None:
    forecast = np.repeat(np.arange(10.0, 0.0, -1.0), 2)
    actual = np.where(forecast > 5, forecast * 2, 0.0)
    assert metrics.decile_mape(forecast, actual) == pytest.approx(50.0)
    assert np.isnan(metrics.decile_mape(forecast, np.zeros(20)))


@given(rows=columns, seed=st.integers(0, 99))
def test_no_figure_depends_on_the_order_of_rows(rows: list[tuple[int, int]], seed: int) -> None:
    forecast, actual = np.array(rows, dtype=float).T
    mixed = np.random.default_rng(seed).permutation(len(rows))
    one, other = metrics.accuracy(forecast, actual), metrics.accuracy(forecast[mixed], actual[mixed])
    np.testing.assert_allclose(list(vars(one).values()), list(vars(other).values()), rtol=1e-9, atol=1e-12)


@given(rows=columns)
def test_no_order_beats_the_perfect_one(rows: list[tuple[int, int]]) -> None:
    forecast, actual = np.array(rows, dtype=float).T
    gini = metrics.gini(forecast, actual)
    assert np.isnan(gini) or -1 - 1e-9 <= gini <= 1 + 1e-9
    found, best = metrics.top_share(forecast, actual), metrics.top_share(actual, actual)
    assert np.isnan(best) or found <= best + 1e-9


def test_the_randomised_pit_of_a_true_distribution_is_uniform() -> None:
    rng = np.random.default_rng(1)
    y = rng.poisson(0.7, 50_000)
    pmf = np.exp(-0.7) * 0.7 ** np.arange(20) / np.cumprod(np.maximum(np.arange(20.0), 1))
    upto = np.cumsum(pmf)
    pit = metrics.randomised_pit((upto - pmf)[y], upto[y], rng)
    assert metrics.ks_distance(pit) < 0.01
    assert metrics.ks_distance(metrics.randomised_pit(upto[y], upto[y], rng)) > 0.2


def test_the_ks_distance_is_the_largest_gap() -> None:
    assert metrics.ks_distance([0.5]) == pytest.approx(0.5)
    assert metrics.ks_distance([0.1, 0.2, 0.3]) == pytest.approx(0.7)


def test_intervals_are_judged_by_what_they_cover_and_cost() -> None:
    low, high, actual = [0.0, 1.0, 2.0, 3.0], [2.0, 2.0, 4.0, 4.0], [2.0, 0.0, 3.0, 5.0]
    assert metrics.coverage(low, high, actual) == 0.5
    assert metrics.mean_width(low, high) == 1.5
    assert metrics.interval_score(low, high, actual) == pytest.approx(1.5 + 10 * (1 + 1) / 4)


def test_the_interval_score_prefers_the_true_interval() -> None:
    y = np.random.default_rng(2).exponential(size=20_000)
    true = np.array([-np.log(0.9), -np.log(0.1)])
    score = [metrics.interval_score(*np.outer(true * k, np.ones(len(y))), y) for k in (0.5, 1.0, 2.0)]
    assert score[1] == min(score)


def test_a_forecast_without_doubt_has_its_absolute_error_as_crps() -> None:
    actual = np.array([0.0, 1.0, 4.0, 9.0])
    assert metrics.crps_counts(np.tile([0, 0, 1.0, 0], (4, 1)), actual) == metrics.mae([2.0] * 4, actual)
    assert metrics.crps_sample(np.full((4, 7), 2.0), actual) == metrics.mae([2.0] * 4, actual)


def test_both_crps_agree_on_the_same_distribution() -> None:
    pmf, sample = np.array([[0.25, 0.5, 0.0, 0.25]]), np.array([[3.0, 0.0, 1.0, 1.0]])
    for actual in (0.0, 1.0, 2.0, 3.0):
        assert metrics.crps_counts(pmf, [actual]) == pytest.approx(metrics.crps_sample(sample, [actual]))


def test_columns_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(InputError, match="one length"):
        metrics.mae([1.0, 2.0], [1.0])
    with pytest.raises(InputError, match="at least one customer"):
        metrics.mae([], [])
    with pytest.raises(DataError, match="row 1"):
        metrics.rmse([1.0, np.nan], [1.0, 2.0])
