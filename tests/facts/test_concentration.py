"""Which share of the value the best customers bring."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import ArrayLike

from lines import shop
from stammkunde.errors import NotEnoughDataError
from stammkunde.facts import Engine, History, summarize, value_concentration


def worth(values: ArrayLike) -> History:
    """Customers who bought once, for these values."""
    nothing = np.zeros(len(np.asarray(values)))
    return History.from_arrays(nothing, nothing, nothing + 9, values)


def held(values: ArrayLike) -> tuple[list[float], float]:
    """Value of the best 0 %, 10 %, … 100 %, and the Gini coefficient."""
    found = value_concentration(worth(values))
    return found["value"].to_pylist()[::10], found["gini"][0].as_py()


def test_where_all_bring_the_same_every_tenth_holds_a_tenth() -> None:
    shares, gini = held(np.full(70, 12.5))
    assert_allclose(shares, np.arange(11) / 10)
    assert gini == pytest.approx(0, abs=1e-12)


def test_anna_brings_eighty_of_a_hundred_euros() -> None:
    shares, gini = held([5.0, 80.0, 5.0, 10.0, 0.0])
    assert_allclose(shares[2::2], [0.8, 0.9, 0.95, 1.0, 1.0])
    pairs = (70 + 75 + 75 + 80) + (5 + 5 + 10) + (0 + 5 + 5)  # of 80, 10, 5, 5 and 0
    assert gini == pytest.approx(2 * pairs / 25 / (2 * 20))


def test_the_table_goes_in_steps_of_one_per_cent_of_the_customers() -> None:
    found = value_concentration(worth(np.arange(1000.0)))
    assert found["customers"].to_pylist() == [k / 100 for k in range(101)]
    assert found["value"][1].as_py() == pytest.approx(np.arange(990.0, 1000.0).sum() / np.arange(1000.0).sum())


def test_what_ben_cost_the_others_had_brought_before() -> None:
    shares, gini = held([60.0, 60.0, 0.0, 0.0, -20.0])
    assert_allclose(shares[4::2], [1.2, 1.2, 1.2, 1.0])
    assert gini == pytest.approx(2 * (2 * 60 * 2 + 80 * 2 + 20 * 2) / 25 / (2 * 28))


def test_refunds_are_netted_before_shares_are_taken(engine: Engine) -> None:
    orders = [("Anna", "2024-01-01", 90.0), ("Ben", "2024-01-02", 90.0), ("Ben", "2024-01-09", -60.0)]
    found = value_concentration(summarize(shop(engine, orders)))
    assert found["value"][50].as_py() == pytest.approx(0.75)


@pytest.mark.parametrize("values", [[0.0, 0.0], [10.0, -10.0], [5.0, -80.0]])
def test_of_nothing_nobody_has_a_share(values: list[float]) -> None:
    with pytest.raises(NotEnoughDataError, match="no value"):
        value_concentration(worth(values))


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=80).filter(lambda v: sum(v) > 1))
def test_the_curve_bends_one_way_and_ends_with_everything(values: list[float]) -> None:
    found = value_concentration(worth(values))
    shares, gini = found["value"].to_numpy(), found["gini"][0].as_py()
    assert shares[0] == 0
    assert shares[-1] == pytest.approx(1)
    assert np.diff(shares, 2).max() <= 1e-9
    assert -1e-9 <= gini <= 1
