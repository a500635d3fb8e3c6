"""How long customers stay: the shifted beta-geometric distribution, against sums and slopes done the long way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stammkunde.clv.lifetime import Lifetime, log_lifetime, quantile

positive = st.floats(0.01, 1000.0)


@given(leave=positive, stay=positive, ahead=st.integers(0, 1000))
def test_staying_never_becomes_likelier_and_all_ends_together_are_certain(
    leave: float, stay: float, ahead: int
) -> None:
    anna = Lifetime.of(leave, stay)
    assert np.all(np.diff(anna.path(ahead)) <= 0)
    assert anna.pmf(ahead).sum() == pytest.approx(1.0, abs=1e-12)
    assert np.all(anna.pmf(ahead) >= 0)


@given(leave=positive, stay=positive, k=st.integers(0, 500))
def test_who_has_stayed_is_likelier_to_stay(leave: float, stay: float, k: int) -> None:
    anna = Lifetime.of(leave, stay)
    assert anna.after(k + 1).retention(1) > anna.after(k).retention(1)
    assert anna.survival(k) * anna.after(k).survival(3) == pytest.approx(anna.survival(k + 3), rel=1e-9)


def test_the_path_is_the_survival_function() -> None:
    anna = Lifetime.of([0.7, 3.8], [1.2, 15.2])
    np.testing.assert_allclose(anna.path(12), np.stack([anna.survival(t) for t in range(13)], axis=1), rtol=1e-13)
    np.testing.assert_allclose(anna.expected(12), anna.pmf(12) @ np.arange(13), rtol=1e-13)


@pytest.mark.parametrize("discount", [1e-5, 0.01, 0.1, 2.0])
@pytest.mark.parametrize(("leave", "stay"), [(0.3, 0.05), (1.0, 15.2), (2.0, 1000.0), (3.8, 200.0), (50.0, 1003.0)])
def test_discounted_lifetimes_are_right_where_libraries_give_up(leave: float, stay: float, discount: float) -> None:
    t = np.arange(int(40 / np.log1p(discount)) + 2)
    log_survival = np.cumsum(np.log1p(-leave / (leave + stay + t[:-1])))
    truth = 1.0 + np.exp(log_survival - np.log1p(discount) * t[1:]).sum()
    assert Lifetime.of(leave, stay).total(discount) == pytest.approx(truth, rel=1e-10)


def test_an_undiscounted_lifetime_is_infinite_when_too_many_never_leave() -> None:
    assert Lifetime.of(2.0, 3.0).total() == pytest.approx(4.0)
    assert Lifetime.of(1.0, 3.0).total() == np.inf
    assert Lifetime.of(2.0, 3.0).total(1e-7) == pytest.approx(4.0, rel=1e-5)


@pytest.mark.parametrize("lost", [0.0, 1.0])
@pytest.mark.parametrize("periods", [0.0, 3.0, 1000.0])
def test_the_likelihood_and_its_slope_are_exact(periods: float, lost: float) -> None:
    def likelihood(log_leave: float, log_stay: float) -> float:
        leave, stay = np.exp(log_leave), np.exp(log_stay)
        kept = np.log1p(-leave / (leave + stay + np.arange(periods))).sum()
        return float(kept + lost * np.log(leave / (leave + stay + periods)))

    a, b, h = np.log(0.7), np.log(1.2), 1e-5
    rows, slopes = log_lifetime(0.7, 1.2, periods, lost)
    assert rows == pytest.approx(likelihood(a, b), rel=1e-12)
    assert slopes[0] == pytest.approx((likelihood(a + h, b) - likelihood(a - h, b)) / (2 * h), rel=1e-8)
    assert slopes[1] == pytest.approx((likelihood(a, b + h) - likelihood(a, b - h)) / (2 * h), rel=1e-8, abs=1e-10)


def test_a_quantile_is_the_least_count_that_is_likely_enough() -> None:
    assert quantile(np.array([0.1, 0.4, 0.5]), 0.1) == 0
    assert quantile(np.array([0.1, 0.4, 0.5]), 0.11) == 1
    assert quantile(np.array([0.1, 0.4, 0.5]), 1.0) == 2
