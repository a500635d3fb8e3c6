"""Histories as a likelihood sees them: each level once, in blocks, and nothing lost on the way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stammkunde.clv import transactions
from stammkunde.clv.bg_nbd import BgNbd
from stammkunde.clv.sample import Sample, factorised, in_blocks, weighed


@given(st.lists(st.sampled_from([0.0, 1.0, 2.5, 1 / 7, 1e300, -4.0]), min_size=1))
def test_levels_are_distinct_and_in_order_and_give_the_rows_back(values: list[float]) -> None:
    rows = np.array(values)
    levels, codes = factorised(rows)
    np.testing.assert_array_equal(levels, np.unique(rows))
    np.testing.assert_array_equal(levels[codes], rows)


def test_a_likelihood_in_blocks_is_the_likelihood(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    T = np.ceil(rng.uniform(7, 700, 5_000)) / 7
    paths = BgNbd([0.9, 6.0, 0.7, 3.2]).draw(T, 0.0, rng)
    sample = Sample.of(paths.x, np.minimum(paths.t_x, T), T, rng.uniform(0.5, 3.0, len(T)))
    theta = np.log([0.8, 7.0, 0.6, 3.0])
    at_once = BgNbd._objective(sample)(theta)
    monkeypatch.setattr(transactions, "AT_ONCE", 700)
    in_blocks = BgNbd._objective(sample)(theta)
    np.testing.assert_allclose(in_blocks[0], at_once[0], rtol=1e-12)
    np.testing.assert_allclose(in_blocks[1], at_once[1], rtol=1e-9)


def test_a_weighed_sum_is_the_sum() -> None:
    weight, rows = np.random.default_rng(2).normal(size=(2, 1_000))
    np.testing.assert_allclose(weighed(weight, rows), (weight * rows).sum(), rtol=1e-12)


@pytest.mark.parametrize("rows", [1, 3, 1_000])
def test_blocks_change_nothing(rows: int) -> None:
    x, y = np.random.default_rng(3).uniform(1, 2, (2, 10))
    np.testing.assert_array_equal(in_blocks(np.hypot, x, y, rows=rows), np.hypot(x, y))
