"""What a shop's past teaches about forecasts: the parts alone."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from customers import CALIBRATION_END
from stammkunde.clv.bg_nbd import BgNbd
from stammkunde.clv.order_days import OrderDays
from stammkunde.clv.tuning import Correction, Tuning, blend, features, focus
from stammkunde.facts import History

forecasts = arrays(np.float64, st.integers(1, 30), elements=st.floats(1e-6, 1e3))


@given(mean=forecasts, theta=st.floats(0, 0.5))
def test_focus_keeps_the_total_and_the_order_of_customers(mean: np.ndarray, theta: float) -> None:
    sharp = focus(mean, theta)
    assert sharp.sum() == pytest.approx(mean.sum())
    assert np.all(sharp > 0)
    order = np.argsort(mean)
    assert np.all(np.diff(sharp[order]) >= -1e-9 * sharp.max())


def test_focus_moves_expectation_from_the_unlikely_to_the_likely() -> None:
    mean = np.array([0.01, 0.01, 2.0])
    sharp = focus(mean, 0.2)
    assert sharp[0] < 0.01
    assert sharp[2] > 2.0
    assert np.array_equal(focus(mean, 0.0), mean)
    assert focus(mean, 0.2, total=10.0).sum() == pytest.approx(10)


def test_a_blend_has_the_total_of_the_first() -> None:
    first, second = np.array([1.0, 3.0]), np.array([10.0, 10.0])
    np.testing.assert_allclose(blend(first, second, 0.5), [1.5, 2.5])
    assert np.array_equal(blend(first, second, 0.0), first)
    assert np.array_equal(blend(first, np.zeros(2), 0.0), first)


def test_a_correction_finds_what_the_model_left_out() -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(5.0, 2.0, (20_000, 2))
    offset = rng.gamma(2.0, 0.5, 20_000)
    orders = rng.poisson(offset * np.exp(0.1 + 0.3 * (z[:, 0] - 5.0) / 2.0)).astype(float)
    found = Correction.fit(z, orders, offset, np.ones(20_000))
    np.testing.assert_allclose(found.coefficients, [0.1, 0.3, 0.0], atol=0.03)
    assert (offset * found.factor(z)).sum() == pytest.approx(orders.sum(), rel=0.01)


def test_a_correction_does_not_follow_someone_unheard_of_to_the_end_of_the_world() -> None:
    z = np.random.default_rng(2).normal(size=(500, 1))
    found = Correction.fit(z, np.ones(500), np.ones(500), np.ones(500))
    wild = Correction(found.centre, found.spread, np.array([0.0, 1.0]))
    assert wild.factor(np.array([[1e6]]))[0] == pytest.approx(np.exp(4))


def test_what_is_looked_at_has_no_unit(sample: History, sample_days: pa.Table) -> None:
    days, by_day = OrderDays(sample_days), History.from_days(sample_days, until=CALIBRATION_END, unit="day")
    weekly = BgNbd([0.24, 4.4, 0.8, 2.4])
    daily = BgNbd([0.24, 4.4 * 7, 0.8, 2.4], days_per_unit=1.0)
    here, there = features(weekly, sample, days, 39.0), features(daily, by_day, days, 273.0)
    assert here.shape == (len(sample), 9)
    assert np.isfinite(here).all()
    np.testing.assert_allclose(there, here, atol=1e-6)


def test_what_is_looked_at_does_not_see_the_future(sample: History, sample_days: pa.Table) -> None:
    model, past = BgNbd([0.24, 4.4, 0.8, 2.4]), sample_days.filter(_known(sample_days))
    known = features(model, sample, OrderDays(past), 39.0)
    assert np.array_equal(features(model, sample, OrderDays(sample_days), 39.0), known)


def _known(days: pa.Table) -> np.ndarray:
    return np.less_equal(days["day"].to_numpy(), np.datetime64(CALIBRATION_END, "D"))


def test_a_default_tuning_changes_nothing(sample: History, sample_days: pa.Table) -> None:
    model = BgNbd([0.24, 4.4, 0.8, 2.4])
    forecast = model.expected_orders(sample.x, sample.t_x, sample.T, 39.0)
    np.testing.assert_allclose(Tuning().mean(forecast, model, sample, OrderDays(sample_days), 39.0), forecast)
    up = Tuning(level=1.2, pace=True).mean(forecast, model, sample, OrderDays(sample_days), 39.0)
    assert up.sum() == pytest.approx(1.2 * forecast.sum())


def test_a_saved_tuning_comes_back_exactly() -> None:
    z = np.random.default_rng(3).normal(size=(500, 3))
    tuning = Tuning(1.1, 0.2, Correction.fit(z, np.ones(500), np.ones(500), np.ones(500)), pace=True)
    again = Tuning.from_dict(json.loads(json.dumps(tuning.to_dict())))
    assert (again.level, again.theta, again.pace) == (1.1, 0.2, True)
    assert again.correction is not None
    assert tuning.correction is not None
    assert np.array_equal(again.correction.factor(z), tuning.correction.factor(z))
