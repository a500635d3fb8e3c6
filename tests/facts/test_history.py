"""The table of customers: ways to get one, what it counts, what it refuses, what it saves."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stammkunde.errors import DataError, InputError, NotEnoughDataError
from stammkunde.facts import History
from stammkunde.facts.history import DAYS_PER_UNIT

NAMES = ["Anna", "Ben", "Clara", "Deniz"]
UNTIL = date(2024, 3, 4)


@pytest.fixture
def four() -> History:
    """Anna loyal, Ben lapsed, Clara and Deniz once; in weeks."""
    return History.from_arrays(
        [2, 1, 0, 0], [6, 2, 0, 0], [9, 39, 8, 8], [35.0, 25.0, 0.0, 0.0], until=UNTIL, customer_id=NAMES
    )


def test_ready_summaries_become_a_history(four: History) -> None:
    anna = four.table.to_pylist()[0]
    assert (anna["customer_id"], anna["orders"], anna["frequency"]) == ("Anna", 3, 2)
    assert (anna["first_order"], anna["last_order"]) == (date(2024, 1, 1), date(2024, 2, 12))
    assert (anna["first_value"], anna["historic_value"]) == (35.0, 105.0)
    assert (len(four), four.start) == (4, date(2023, 6, 5))


def test_without_a_calendar_first_and_last_order_are_unknown() -> None:
    history = History.from_arrays([1.0], [30.43], [38.86])
    assert history.table["first_order"].null_count == history.table["last_order"].null_count == 1
    assert history.table["customer_id"].to_pylist() == [1]
    assert (history.t_x[0], history.T[0], history.value[0]) == (30.43, 38.86, 0.0)


def test_the_arrays_are_views_of_the_table(four: History) -> None:
    for array, expected in ((four.x, [2, 1, 0, 0]), (four.t_x, [6, 2, 0, 0]), (four.T, [9, 39, 8, 8])):
        assert array.dtype == np.float64
        assert list(array) == expected
    assert np.shares_memory(four.value, four.table["value"].chunk(0).to_numpy())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"x": [-1.0]}, "negative"),
        ({"x": [1.5]}, "whole"),
        ({"x": [np.nan]}, "missing"),
        ({"T": [np.inf]}, "infinite"),
        ({"t_x": [10.0]}, "beyond"),
        ({"x": [0.0]}, "without repeat"),
        ({"value": [np.nan]}, "missing"),
        ({"T": [9.0, 9.0]}, "length"),
    ],
)
def test_a_row_that_cannot_be_is_refused(wrong: dict[str, Any], said: str) -> None:
    right = {"x": [2.0], "t_x": [6.0], "T": [9.0], "value": [35.0]}
    with pytest.raises(DataError, match=said):
        History.from_arrays(**(right | wrong))


def test_the_first_row_that_cannot_be_is_named() -> None:
    with pytest.raises(DataError, match=r"row 2: .* \(and 1 more\)"):
        History.from_arrays([1, -1, -2], [1, 0, 0], [2, 2, 2])


def test_rounded_ages_are_no_error() -> None:
    assert len(History.from_arrays([1], [38.86 + 1e-12], [38.86]).validate()) == 1


def test_a_month_is_no_unit() -> None:
    with pytest.raises(InputError, match="'month'"):
        History.from_arrays([1], [1], [2], unit="month", until=UNTIL)  # type: ignore[arg-type]  # what people try


def test_a_history_of_nobody_is_empty() -> None:
    nobody = History.from_arrays([], [], [], until=UNTIL)
    assert (len(nobody), len(nobody.histogram()), nobody.start) == (0, 0, UNTIL)


def test_the_histogram_counts_who_is_alike(four: History) -> None:
    counted = four.histogram()
    assert list(counted.x) == [0, 1, 2]
    assert list(counted.t_x) == [0, 2, 6]
    assert list(counted.T) == [8, 39, 9]
    assert list(counted.weight) == [2, 1, 1]


HISTORIES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(0, 20), st.booleans()), min_size=1, max_size=30
)


@given(rows=HISTORIES, unit=st.sampled_from(list(DAYS_PER_UNIT)))
def test_counting_days_is_counting_histories(rows: list[tuple[int, int, int, bool]], unit: Any) -> None:
    x = [times for times, *_ in rows]
    t_x = np.array([recency if times else 0 for times, recency, *_ in rows]) / DAYS_PER_UNIT[unit]
    age = t_x + np.array([rest for *_, rest, _ in rows]) / DAYS_PER_UNIT[unit]
    history = History.from_arrays(x, t_x, age, unit=unit)
    fast, plain = history.histogram(), history._lexical()
    for name in ("x", "t_x", "T", "weight"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(plain, name))
    assert fast.weight.sum() == len(rows)


@given(rows=HISTORIES)
def test_moments_between_days_are_kept_apart(rows: list[tuple[int, int, int, bool]]) -> None:
    age = [21.0 + (0.25 if late else 0.0) for *_, late in rows]
    history = History.from_arrays([0] * len(rows), [0] * len(rows), age, unit="day")
    assert sorted(set(age)) == list(history.histogram().T)


def test_some_customers_can_be_chosen(four: History) -> None:
    for chosen in ([True, False, False, True], [0, 3]):
        some = four.select(chosen)
        assert some.table["customer_id"].to_pylist() == ["Anna", "Deniz"]
        assert (some.until, some.unit, list(some.x)) == (UNTIL, "week", [2, 0])


def test_a_history_survives_parquet(four: History, tmp_path: Any) -> None:
    pq.write_table(four.to_arrow(), tmp_path / "history.parquet")
    again = History.from_arrow(pq.read_table(tmp_path / "history.parquet"))
    assert again.table.equals(four.table)
    assert (again.until, again.unit, again.currency, again.basis) == (UNTIL, "week", None, "revenue")


def test_a_table_of_something_else_is_no_history() -> None:
    with pytest.raises(InputError, match="no saved history"):
        History.from_arrow(pa.table({"customer_id": ["Anna"]}))


def test_days_before_the_first_purchase_have_no_history(days_of: Callable[..., pa.Table]) -> None:
    with pytest.raises(NotEnoughDataError, match="2023-12-31"):
        History.from_days(days_of(("Anna", date(2024, 1, 1))), until=date(2023, 12, 31))


@pytest.fixture
def days_of() -> Callable[..., pa.Table]:
    """Customer days of purchases for 5.00 each."""

    def made(*purchases: tuple[str, date]) -> pa.Table:
        names, when = zip(*purchases, strict=True)
        ones = [5.0] * len(names)
        return pa.table({"customer_id": names, "day": when, "revenue": ones, "purchase": [True] * len(names)})

    return made


def test_age_ends_with_the_last_day_asked_for(days_of: Callable[..., pa.Table]) -> None:
    days = days_of(("Anna", date(2024, 1, 1)), ("Anna", date(2024, 2, 29)))
    history = History.from_days(days, until=date(2024, 3, 1), unit="day")
    assert (history.t_x[0], history.T[0]) == (59.0, 60.0)
    assert (history.currency, history.basis) == (None, "revenue")
