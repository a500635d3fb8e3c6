"""Shares add up, and what stands beside its parts counts once."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stammkunde.server.shop.sources.composing import once, spread

Row = tuple[int, int | None, int]


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(-5, 10**9), min_size=1, max_size=30))
def test_shares_add_up_to_the_amount(amount: int, weights: list[int]) -> None:
    shares = spread(amount, weights)
    assert sum(shares) == amount
    assert len(shares) == len(weights)
    assert all(share * amount >= 0 for share in shares)


def test_shares_follow_weights() -> None:
    assert spread(100, [1, 1, 1]) == [34, 33, 33]
    assert spread(-100, [3, 1]) == [-75, -25]
    assert spread(7, [0, 5]) == [0, 7]
    assert spread(3, [0, 0]) == [2, 1]
    assert spread(3, []) == []


@pytest.mark.parametrize(
    ("rows", "counted"),
    [
        ([(1, None, 52), (2, 1, 0)], [1]),  # a configurable article: the parent has the price
        ([(1, None, 68), (2, 1, 27), (3, 1, 41)], [2, 3]),  # a bundle priced by its parts
        ([(1, None, 68), (2, 1, 0), (3, 1, 0)], [1]),  # a bundle with a price of its own
        ([(2, 1, 5)], [2]),  # the parent is not there
        ([(1, 1, 5)], [1]),  # its own parent
        ([(2, 1, 0), (1, None, 9), (3, None, 4)], [1, 3]),  # the part comes first
    ],
)
def test_what_carries_the_price_counts(rows: Sequence[Row], counted: list[int]) -> None:
    found = once(rows, key=lambda row: row[0], parent=lambda row: row[1], priced=lambda row: row[2] > 0)
    assert [row[0] for row, _parts in found] == counted
