"""Scores of customers by recency, frequency and money."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lines import shop
from stammkunde.facts import Engine, History, rfm_scores, summarize

NAMES = ["Anna", "Ben", "Clara", "Deniz", "Emil"]


def scores(history: History) -> dict[str, dict[str, Any]]:
    return {row["customer_id"]: row for row in rfm_scores(history).to_pylist()}


@pytest.fixture
def five() -> History:
    """Anna loyal, Ben lapsed, and three who bought once: Clara a little, Deniz last week, Emil a lot."""
    return History.from_arrays(
        [5, 1, 0, 0, 0], [38, 2, 0, 0, 0], [40, 39, 8, 1, 8], [30.0, 25.0, 10.0, 15.0, 500.0], customer_id=NAMES
    )


def test_anna_is_among_the_best_in_all_and_nobody_bought_more_often(five: History) -> None:
    anna = scores(five)["Anna"]
    assert (anna["recency_days"], anna["frequency"], anna["monetary"]) == (14, 5, 180.0)
    assert (anna["r"], anna["f"], anna["m"], anna["rfm"]) == (4, 5, 4, "454")


def test_deniz_came_last_week_and_ben_has_been_away_longest(five: History) -> None:
    found = scores(five)
    assert [found[name]["r"] for name in NAMES] == [4, 1, 2, 5, 2]
    assert found["Ben"]["recency_days"] == 37 * 7


def test_all_who_bought_once_share_the_lowest_frequency(five: History) -> None:
    assert [scores(five)[name]["f"] for name in NAMES] == [5, 4, 1, 1, 1]


def test_one_customer_alone_did_better_than_nobody() -> None:
    assert rfm_scores(History.from_arrays([3], [20], [30], [9.0]))["rfm"].to_pylist() == ["111"]


def test_a_hundred_different_customers_are_in_fifths() -> None:
    numbers = np.arange(100.0)
    found = rfm_scores(History.from_arrays(numbers, np.minimum(numbers, 150), np.full(100, 150.0), numbers))
    for name in "rfm":
        assert np.bincount(found[name].to_numpy()).tolist() == [0, 20, 20, 20, 20, 20]


def test_the_unit_of_the_history_does_not_matter(engine: Engine) -> None:
    orders = shop(engine, [("Anna", "2024-01-01", 20.0), ("Anna", "2024-02-12", 30.0), ("Ben", "2024-01-08", 9.0)])
    by_week, by_hour = (rfm_scores(summarize(orders, until=date(2024, 3, 1), unit=u)) for u in ("week", "hour"))
    assert by_week.equals(by_hour)
    assert by_week["recency_days"].to_pylist() == [18, 53]


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60))
def test_who_did_better_never_scores_less_and_who_did_the_same_scores_the_same(values: list[int]) -> None:
    money = np.array(values, dtype=np.float64)
    nothing = np.zeros(len(values))
    found = rfm_scores(History.from_arrays(nothing, nothing, nothing + 9, money))["m"].to_numpy()
    order = np.argsort(money, kind="stable")
    assert np.all(np.diff(found[order]) >= 0)
    assert len({(v, s) for v, s in zip(values, found.tolist(), strict=True)}) == len(set(values))
    assert found.min() == 1
    assert found.max() <= 5
