"""Gamma-Gamma against Fader and Hardie's note of 2013 and Hardie's sheet, against simulation, and in any currency."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from stammkunde.clv.gamma_gamma import GammaGamma
from stammkunde.errors import NotEnoughDataError
from stammkunde.facts import History

PRINTED = GammaGamma(6.25, 3.74, 15.44)  # the note's, as rounded there
PEOPLE = ([0, 2, 1, 7], [0.0, 22.345, 11.77, 73.74])


@pytest.fixture(scope="module")
def spend(sample: History) -> GammaGamma:
    return GammaGamma.fit(sample.x, sample.value)


def test_the_sample_gives_the_published_parameters(sample: History, spend: GammaGamma) -> None:
    assert ((sample.x > 0) & (sample.value > 0)).sum() == 946
    assert spend.parameters == pytest.approx({"p": 6.249572, "q": 3.744225, "v": 15.443521}, rel=1e-5)
    assert spend.estimate is not None
    assert spend.estimate.log_likelihood == pytest.approx(-4055.9177, abs=1e-4)
    assert [round(value, 2) for value in spend.parameters.values()] == [6.25, 3.74, 15.44]  # FH13


def test_the_master_set_gives_its_parameters(master: History) -> None:
    found = GammaGamma.fit(master.x, master.value)
    assert ((master.x > 0) & (master.value > 0)).sum() == 9450
    assert found.parameters == pytest.approx({"p": 6.275359, "q": 3.624450, "v": 14.983689}, rel=1e-4)
    assert found.estimate is not None
    assert found.estimate.log_likelihood == pytest.approx(-40763.4763, abs=2e-4)


def test_named_customers_are_expected_to_spend_what_was_printed(spend: GammaGamma) -> None:
    assert PRINTED.mean == pytest.approx(35.21897810, abs=5e-9)
    np.testing.assert_allclose(PRINTED.expected_value(*PEOPLE), [35.2190, 24.6596, 18.9169, 71.47], atol=6e-3)
    np.testing.assert_allclose(PRINTED.expected_value([2, 1], [22.345, 11.77]), [24.6596, 18.9169], atol=6e-5)
    assert spend.mean == pytest.approx(35.17037, abs=1e-3)


def test_the_first_ten_of_the_sheet_spend_what_the_sheet_says(spend: GammaGamma) -> None:
    x, mean = [2, 1, 0, 0, 0, 7, 1, 0, 2, 0], [22.35, 11.77, 0, 0, 0, 73.74, 11.77, 0, 25.55, 0]
    sheet = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    np.testing.assert_allclose(spend.expected_value(x, mean), sheet, atol=0.011)


@pytest.mark.parametrize("factor", [1e-3, 100.0, 1e5, 1e9])
def test_yen_euro_and_cents_give_the_same_answer(sample: History, spend: GammaGamma, factor: float) -> None:
    found = GammaGamma.fit(sample.x, sample.value * factor)
    assert (found.p, found.q, found.v / factor) == pytest.approx((spend.p, spend.q, spend.v), rel=1e-7)
    before, after = (s.expected_value(sample.x, sample.value * f) / f for s, f in ((spend, 1.0), (found, factor)))
    np.testing.assert_allclose(after, before, rtol=1e-7)
    assert list(found.standard_errors.values())[:2] == pytest.approx(list(spend.standard_errors.values())[:2], rel=1e-3)


def test_the_likelihood_is_the_density_of_means() -> None:
    model = GammaGamma.fit([3.0], [20.0], weight=[1.0])
    p, q, v = model.p, model.q, model.v

    def at(nu: float) -> float:
        return 3 * float(stats.gamma.pdf(3 * 20.0, 3 * p, scale=1 / nu) * stats.gamma.pdf(nu, q, scale=1 / v))

    density, _ = integrate.quad(at, 0, 60 * q / v, limit=200)
    assert model.estimate is not None
    assert model.estimate.log_likelihood == pytest.approx(np.log(density), rel=1e-6)


def test_simulated_customers_give_their_parameters_back() -> None:
    rng, x = np.random.default_rng(1), np.arange(20_000) % 9 + 1.0
    value = rng.gamma(PRINTED.p * x) / PRINTED.draw(len(x), rng) / x
    found = GammaGamma.fit(x, value)
    for name, error in found.standard_errors.items():
        assert abs(found.parameters[name] - PRINTED.parameters[name]) < 3.5 * error
    logs = np.log([drawn.v for drawn in found.draws(2000, rng)])
    assert logs.std() == pytest.approx(found.standard_errors["v"] / found.v, rel=0.1)


def test_equal_customers_merged_give_the_same_fit(sample: History, spend: GammaGamma) -> None:
    rows, weight = np.unique([sample.x, sample.value], axis=1, return_counts=True)
    assert GammaGamma.fit(*rows, weight=weight).parameters == pytest.approx(spend.parameters, rel=1e-6)


def test_refunded_and_free_customers_neither_stop_the_fit_nor_move_it(sample: History, spend: GammaGamma) -> None:
    x, value = np.append(sample.x, [3.0, 1.0, 0.0]), np.append(sample.value, [-20.0, 0.0, 0.0])
    assert GammaGamma.fit(x, value).parameters == pytest.approx(spend.parameters, rel=1e-6)


def test_nobody_is_expected_to_spend_a_negative_sum() -> None:
    refunded, free, plain = PRINTED.expected_value([3, 3, 3], [-500.0, 0.0, 20.0])
    assert 0 < refunded == free < plain


def test_the_more_orders_the_more_a_customer_is_believed() -> None:
    expected = PRINTED.expected_value([0, 1, 5, 50, 5000], [0.0, 100.0, 100.0, 100.0, 100.0])
    assert np.all(np.diff(expected) > 0)
    assert expected[-1] == pytest.approx(100, rel=1e-3)


@settings(max_examples=40)
@given(
    x=st.lists(st.integers(1, 3000), min_size=1, max_size=20),
    scale=st.sampled_from([1e-6, 1.0, 1e12]),
    seed=st.integers(0, 99),
)
def test_any_shop_can_be_fitted(x: list[int], scale: float, seed: int) -> None:
    value = scale * np.random.default_rng(seed).lognormal(3, 2, len(x))
    found = GammaGamma.fit(x, value)
    assert found.q > 1
    expected = found.expected_value([0, *x], [0.0, *value])
    assert np.isfinite(expected).all()
    assert np.all(expected > 0)
    assert np.isfinite(list(found.standard_errors.values())).all()


def test_a_shop_of_one_customer_gets_a_sane_answer() -> None:
    found = GammaGamma.fit([2.0], [50.0])
    assert 25 < found.mean < 100
    assert found.expected_value(2.0, 50.0) == pytest.approx(50, rel=0.3)


def test_customers_all_alike_are_no_reason_to_fail() -> None:
    found = GammaGamma.fit(np.full(1000, 3.0), np.full(1000, 9.99))
    assert found.expected_value(3.0, 9.99) == pytest.approx(9.99, rel=0.01)
    assert np.isfinite(list(found.standard_errors.values())).all()


def test_where_nobody_came_back_there_is_nothing_to_learn_and_a_typical_shop_instead() -> None:
    with pytest.raises(NotEnoughDataError, match="repeat order"):
        GammaGamma.fit([0.0, 0.0], [0.0, 0.0])
    typical = GammaGamma.fit_or_typical([0.0, 0.0], [0.0, 0.0], [30.0, 50.0])
    assert typical.mean == pytest.approx(40.0)
    assert GammaGamma.fit_or_typical([0.0], [0.0], [0.0]).mean > 0
    assert typical.standard_errors == {}
    assert typical.draws(2, np.random.default_rng(1)) == [typical] * 2


def test_a_saved_model_comes_back_exactly(spend: GammaGamma) -> None:
    again = GammaGamma.from_dict(json.loads(json.dumps(spend.to_dict())))
    assert again.parameters == spend.parameters
    assert again.standard_errors == pytest.approx(spend.standard_errors, rel=1e-12)
    assert GammaGamma.from_dict(PRINTED.to_dict()).estimate is None
