"""Money in whole numbers of the smallest unit: exact both ways, whatever shops write."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stammkunde.server.lib.money import LARGEST, PLACES, major, minor, places, share

currencies = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF", *PLACES])


@given(amount=st.integers(-LARGEST, LARGEST), currency=currencies)
def test_there_and_back_is_the_same_amount(amount: int, currency: str) -> None:
    assert minor(major(amount, currency), currency) == amount
    assert minor(str(major(amount, currency)), currency) == amount


@given(amount=st.floats(-1e9, 1e9), currency=st.sampled_from(["EUR", "JPY"]))
def test_a_float_is_read_as_it_is_written(amount: float, currency: str) -> None:
    assert abs(minor(amount, currency) - Decimal(repr(amount)).scaleb(places(currency))) <= Decimal("0.5")


@given(amount=st.decimals(-(10**9), 10**9, places=5))
def test_the_two_signs_round_alike(amount: Decimal) -> None:
    assert minor(-amount, "EUR") == -minor(amount, "EUR")


@given(amount=st.integers(-(10**12), 10**12), parts=st.lists(st.integers(0, 10_000), min_size=1, max_size=5))
def test_a_share_of_all_is_all_and_of_a_negative_amount_the_negative(amount: int, parts: list[int]) -> None:
    assert share(amount, 10_000) == amount
    assert share(amount, 0) == 0
    assert [share(-amount, part) for part in parts] == [-share(amount, part) for part in parts]


@pytest.mark.parametrize(
    ("written", "currency", "cents"),
    [("19.99", "EUR", 1999), (" 5 ", "EUR", 500), ("0.005", "EUR", 1), ("-0.005", "EUR", -1), ("1000", "JPY", 1000),
     ("1.234", "KWD", 1234), (None, "EUR", 0), ("", "EUR", 0), (0.1 + 0.2, "EUR", 30), ("1e3", "EUR", 100_000)],
)  # fmt: skip
def test_an_amount_as_shops_write_it(written: str | float | None, currency: str, cents: int) -> None:
    assert minor(written, currency) == cents


@pytest.mark.parametrize("nonsense", ["twelve", "12,50", "NaN", "Infinity", "-Infinity", "1e400", "9" * 40, "--1"])
def test_what_is_no_amount_is_refused(nonsense: str) -> None:
    with pytest.raises(ValueError, match=r"no amount|more money"):
        minor(nonsense, "EUR")
