"""Customers who order at regular intervals: k is found, k = 1 is the model without regularity, silence tells more."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from stammkunde.clv.bg_nbd import BgNbd
from stammkunde.clv.mbg_cnbd_k import BgCnbdK, CnbdK, MbgCnbdK
from stammkunde.clv.mbg_nbd import MbgNbd
from stammkunde.facts import History

Array = NDArray[np.float64]

#: The shop of the tests of BTYDplus, the reference implementation by the papers' authors.
REGULAR = [0.85, 1.45, 0.79, 2.42]
X, T_X, T = np.array([0.0, 1.0, 5.0, 26.0, 3.0]), np.array([0.0, 12.0, 30.0, 30.86, 30.0]), np.array([32.0] * 5)


def regular_shop(k: int, customers: int = 8_000, seed: int = 1) -> tuple[CnbdK, Array, Array, Array, Array]:
    """Customers seen for 36 to 96 weeks, and their orders of the 36 after."""
    shop, rng = MbgCnbdK.of(k)(REGULAR), np.random.default_rng(seed)
    seen = np.rint(rng.uniform(36, 96, customers) / 12) * 12
    paths = shop.draw(seen, 36.0, rng)
    return shop, paths.x, paths.t_x, seen, paths.future


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_how_regular_customers_are_is_found(k: int) -> None:
    truth, x, t_x, seen, _ = regular_shop(k)
    found = MbgCnbdK.fit(x, t_x, seen)
    assert found.parameters["k"] == k
    np.testing.assert_allclose(found.values, truth.values, rtol=0.25)


def test_regular_customers_are_forecast_without_bias() -> None:
    shop, x, t_x, seen, future = regular_shop(3)
    ahead = shop.expected_orders(x, t_x, seen, 36.0)
    assert ahead.sum() == pytest.approx(future.sum(), rel=0.02)
    blind = MbgNbd.fit(x, t_x, seen).expected_orders(x, t_x, seen, 36.0)
    assert np.square(ahead - future).mean() < 0.97 * np.square(blind - future).mean()


@pytest.mark.parametrize(("regular", "random"), [(MbgCnbdK, MbgNbd), (BgCnbdK, BgNbd)])
def test_with_one_phase_it_is_the_model_without_regularity(
    regular: type[CnbdK], random: type[BgNbd], sample: History
) -> None:
    one, plain = regular.of(1)(REGULAR), random(REGULAR)
    assert np.array_equal(one.p_alive(X, T_X, T), plain.p_alive(X, T_X, T))
    assert np.array_equal(one.expected_orders(X, T_X, T, 39.0), plain.expected_orders(X, T_X, T, 39.0))
    assert np.array_equal(one.pmf_if_alive(X, T, 39.0, 20), plain.pmf_if_alive(X, T, 39.0, 20))
    assert np.array_equal(one.waiting_time(X, T_X, T, np.full(5, 0.5)), plain.waiting_time(X, T_X, T, np.full(5, 0.5)))
    fitted, usual = regular.fit_history(sample), random.fit_history(sample)
    assert fitted.estimate is not None
    assert usual.estimate is not None
    assert fitted.estimate.log_likelihood == pytest.approx(usual.estimate.log_likelihood, abs=1e-6)


def test_cdnow_orders_at_random_with_the_published_parameters(sample: History) -> None:
    """Printed by BTYDplus for its MBG/CNBD-k on these customers: k 1, r 0.525, alpha 6.183, a 0.891, b 1.614."""
    found = MbgCnbdK.fit_history(sample).parameters
    assert found == pytest.approx({"k": 1, "r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, abs=5e-4)


def test_silence_says_more_of_who_used_to_order_regularly() -> None:
    """Ben ordered every fortnight and has been silent for eight weeks."""
    regular, random = MbgCnbdK.of(3)([1.5, 1.0, 0.8, 2.4]), MbgNbd([1.5, 3.0, 0.8, 2.4])
    assert regular.p_alive(10, 20, 28) < 0.5 * random.p_alive(10, 20, 28)
    assert regular.p_alive(10, 20, 20.5) > random.p_alive(10, 20, 20.5)


def test_anna_who_orders_every_fortnight_is_expected_after_a_fortnight() -> None:
    shop = MbgCnbdK.of(4)([2.0, 1.0, 0.8, 4.0])
    wait = shop.waiting_time(np.full(3, 30.0), np.full(3, 60.0), np.array([60.0, 61.0, 62.0]), np.full(3, 0.5))
    assert wait[0] == pytest.approx(2.0, rel=0.15)
    assert np.all(np.diff(wait) < 0)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_the_next_order_has_come_by_then_with_the_chance_that_was_asked(share: float) -> None:
    shop = MbgCnbdK.of(3)(REGULAR)
    wait = shop.waiting_time(X, T_X, T, np.full(5, share))
    for i in range(5):
        chances = [(float(p.p_alive(X[i], T_X[i], T[i])), p) for p in shop.phases()]
        none = sum(alive * p.pmf_if_alive(X[[i]], T[[i]], float(wait[i]), 0)[0, 0] for alive, p in chances)
        assert none / sum(alive for alive, _ in chances) == pytest.approx(1 - share, abs=1e-7)
    assert np.isinf(shop.waiting_time(X, T_X, T, np.ones(5))).all()


def test_phases_are_parts_of_being_alive() -> None:
    shop = MbgCnbdK.of(4)(REGULAR)
    parts = shop.phases()
    assert len(parts) == 4
    assert all(part.phases() == [part] for part in parts)
    np.testing.assert_allclose(sum(part.p_alive(X, T_X, T) for part in parts), shop.p_alive(X, T_X, T), rtol=1e-12)


def test_a_saved_model_keeps_its_regularity() -> None:
    shop = MbgCnbdK.of(3)(REGULAR)
    again = MbgCnbdK.from_dict(json.loads(json.dumps(shop.to_dict())))
    assert again.parameters == shop.parameters == {"k": 3.0, "r": 0.85, "alpha": 1.45, "a": 0.79, "b": 2.42}
    assert np.array_equal(again.expected_orders(X, T_X, T, 39.0), shop.expected_orders(X, T_X, T, 39.0))


def test_who_wants_one_k_gets_it() -> None:
    _, x, t_x, seen, _ = regular_shop(3, 2_000)
    found = MbgCnbdK.of(2).fit(x, t_x, seen)
    assert found.parameters["k"] == 2
    assert type(found) is MbgCnbdK.of(2)
