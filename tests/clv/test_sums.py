"""What several orders are worth together: the quick table against the incomplete beta function it stands for."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special

from stammkunde.clv.gamma_gamma import GammaGamma
from stammkunde.clv.sums import RATIO, sum_survival

Array = NDArray[np.float64]
SHOPS = {
    "cdnow": GammaGamma(6.25, 3.74, 15.44),
    "wild": GammaGamma(0.4, 1.1, 1.0),
    "steady": GammaGamma(30.0, 4.0, 9.0),
    "alike": GammaGamma(4.0, 60.0, 200.0),
    "one price": GammaGamma(900.0, 2000.0, 4000.0),
}
PASTS = np.array([0.0, 1, 2, 3, 5, 8, 13, 26, 100, 1500])
NUMBERS = np.array([1.0, 2, 3, 4, 7, 12, 20, 33.5, 64, 800, 8192])


def slowly(spend: GammaGamma, x: float, n: Array) -> Array:
    """P(sum of n orders > exp(RATIO) expected orders) by the incomplete beta function."""
    shape = spend.q + spend.p * x
    over = np.exp(RATIO) * spend.p / (shape - 1.0)
    return np.asarray(special.betainc(shape, spend.p * n[:, None], 1.0 / (1.0 + over)))


@pytest.mark.parametrize("spend", SHOPS.values(), ids=SHOPS)
def test_the_quick_table_is_the_incomplete_beta_function(spend: GammaGamma) -> None:
    found = sum_survival(spend, PASTS, NUMBERS)
    for x, sums in zip(PASTS, found, strict=True):
        np.testing.assert_allclose(sums, slowly(spend, x, NUMBERS), atol=1e-4)


@pytest.mark.parametrize("spend", SHOPS.values(), ids=SHOPS)
def test_what_deniz_may_bring_does_not_depend_on_who_is_asked_about_with_her(spend: GammaGamma) -> None:
    deniz, anna = np.array([0.0]), np.array([40.0])
    together = sum_survival(spend, np.concatenate([deniz, anna]), NUMBERS)
    for one, row in ((deniz, 0), (anna, 1)):
        np.testing.assert_array_equal(sum_survival(spend, one, NUMBERS)[0], together[row])


def test_more_orders_are_worth_more_and_large_sums_are_rarer() -> None:
    found = sum_survival(SHOPS["cdnow"], PASTS, np.arange(1.0, 65.0))
    assert np.all(np.diff(found, axis=1) >= -1e-4)
    assert np.all(np.diff(found, axis=2) <= 1e-4)
