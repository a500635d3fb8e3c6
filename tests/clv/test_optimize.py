"""How sure an estimate is, as draws of what the truth may be."""

import numpy as np
import pytest

from stammkunde.clv.optimize import Estimate

COVARIANCE = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, -0.02], [0.0, -0.02, 0.01]])
FOUND = Estimate(np.zeros(3), COVARIANCE, 0.0, 1)


@pytest.mark.parametrize("count", [6, 8, 16, 200])
def test_balanced_draws_have_the_mean_and_the_covariance_to_the_last_digit(count: int) -> None:
    shifts = FOUND.shifts(count, np.random.default_rng(1))
    np.testing.assert_allclose(shifts.mean(axis=0), 0.0, atol=1e-15)
    np.testing.assert_allclose(shifts.T @ shifts / count, COVARIANCE, atol=1e-15)


def test_fewer_draws_than_parameters_are_still_opposites_and_right_on_average() -> None:
    rng = np.random.default_rng(2)
    drawn = np.array([FOUND.shifts(4, rng) for _ in range(4_000)])
    np.testing.assert_array_equal(drawn[:, :2], -drawn[:, 2:])
    np.testing.assert_allclose(np.einsum("sdi,sdj->ij", drawn, drawn) / 16_000, COVARIANCE, atol=0.005)
    assert FOUND.shifts(3, rng).shape == (3, 3)
