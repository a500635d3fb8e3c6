"""How far ahead: words into days, months as the calendar has them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stammkunde.clv.horizon import Horizon
from stammkunde.errors import InputError


def days(asked: str | float, until: date = date(2023, 6, 30), unit: float = 7.0) -> float:
    return Horizon.of(asked, until=until, days_per_unit=unit).days


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("39w", 273),
        ("273d", 273),
        ("1.5w", 10.5),
        (" 90 D ", 90),
        ("12m", 366),
        ("1y", 366),
        ("2y", 731),
        (39, 273),
        ("10", 70),
    ],
)
def test_lengths_are_read_as_meant(asked: str | float, expected: float) -> None:
    assert days(asked) == expected


@pytest.mark.parametrize(
    ("until", "asked", "expected"),
    [
        (date(2023, 1, 31), "1m", 28),  # to 28 February
        (date(2024, 1, 31), "1m", 29),
        (date(2023, 1, 31), "12m", 365),
        (date(2024, 1, 31), "12m", 366),
        (date(2024, 2, 29), "1y", 365),  # to 28 February
        (date(2023, 12, 31), "2m", 60),
        (date(2023, 11, 30), "3m", 91),
    ],
)
def test_months_are_those_of_the_calendar(until: date, asked: str, expected: float) -> None:
    assert days(asked, until) == expected


def test_a_plain_number_counts_units_of_the_history() -> None:
    assert [days(4, unit=unit) for unit in (7.0, 1.0, 1 / 24)] == [28, 4, pytest.approx(1 / 6)]


def test_half_a_month_is_half_a_mean_month() -> None:
    assert days("1.5m") == pytest.approx(30 + 365.25 / 24)


def test_a_horizon_stays_what_it_is() -> None:
    asked = Horizon(10.0, "ten days")
    assert Horizon.of(asked, until=date(2024, 1, 1), days_per_unit=7.0) is asked


@pytest.mark.parametrize("asked", ["", "soon", "-3w", "0d", 0, -1, "12 parsecs", "3q", "nan", "inf", "1e3d"])
def test_what_is_no_length_of_time_is_refused_with_examples(asked: str | float) -> None:
    with pytest.raises(InputError, match=r'(?s)length of time.*"12m"'):
        days(asked)


def test_a_horizon_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(InputError, match=r"(?s)calendar.*5y"):
        days("9000y")


@given(until=st.dates(date(1990, 1, 1), date(2100, 1, 1)), months=st.integers(1, 240))
def test_more_months_are_more_days(until: date, months: int) -> None:
    shorter, longer = days(f"{months}m", until), days(f"{months + 1}m", until)
    assert 28 * months <= shorter < longer
    assert longer - shorter <= 31
