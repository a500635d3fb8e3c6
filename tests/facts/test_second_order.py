"""How long customers take to the second order, and who stays a one-time buyer."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose

from lines import Lines, shop
from stammkunde.errors import InputError, NotEnoughDataError
from stammkunde.facts import Engine, History, one_time_buyers, second_order_curve, summarize

END = date(2024, 3, 1)
ROWS = [
    ("Anna", "2024-01-01", 20.0, "tea"),
    ("Anna", "2024-01-11", 30.0, "cup"),
    ("Anna", "2024-01-21", 30.0, "cup"),
    ("Ben", "2024-01-01", 25.0, "tea"),
    ("Ben", "2024-01-05", -5.0, None),  # no second order
    ("Ben", "2024-01-31", 25.0, "tea"),
    ("Clara", "2024-01-31", 15.0, "cup"),
    ("Deniz", "2024-02-15", 99.0, "cup"),
]


@pytest.fixture(scope="module")
def four(engine: Engine) -> Lines:
    """Anna is back after 10 days, Ben after 30; Clara has been waited for 30 days, Deniz 15."""
    return shop(engine, ROWS, "product", until=END)


def rows(table: pa.Table, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))


# --- the curve --------------------------------------------------------------------------------------------------------


def test_the_curve_of_four_customers_is_that_of_pencil_and_paper(four: Lines) -> None:
    curve = second_order_curve(four)
    assert curve["day"].to_pylist() == list(range(31))
    told = rows(curve, "at_risk", "returned", "share")
    assert told[9] == (4, 0, 0.0)
    assert told[10] == (4, 1, 0.25)
    assert told[15] == (3, 0, 0.25)  # Deniz is at risk on the last of 15 days, and no longer on the next
    assert told[16] == (2, 0, 0.25)
    assert told[30] == (2, 1, 0.625)  # 1 - 3/4 × 1/2: Clara was there on day 30, and did not order


def test_a_history_that_knows_its_days_gives_the_same_curve(duckdb: Engine) -> None:
    orders = shop(duckdb, ROWS, "product", until=END)
    for unit in ("day", "week", "hour"):
        assert second_order_curve(summarize(orders, unit=unit)).equals(second_order_curve(orders))  # type: ignore[arg-type]


def test_a_part_of_the_customers_has_its_own_curve(duckdb: Engine) -> None:
    history = summarize(shop(duckdb, ROWS, "product", until=END)).select([3, 0])  # Deniz, Anna
    assert rows(second_order_curve(history), "at_risk", "returned")[10:] == [(2, 1)] + [(1, 0)] * 5


def test_orders_after_the_last_day_are_not_known_yet(four: Lines) -> None:
    curve = second_order_curve(four, until=date(2024, 1, 12))
    assert rows(curve, "at_risk", "returned")[10:] == [(2, 1), (1, 0)]


REMISSIONS = [6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]


def published(engine: Engine) -> Lines:
    """Weeks in remission of 21 leukaemia patients on 6-MP (Freireich 1963): relapses, and patients lost from sight."""
    last = date(2024, 12, 31)
    found = []
    for number, wait in enumerate(REMISSIONS[0]):
        start = last - timedelta(days=40)
        found += [(f"R{number}", str(start), 1.0), (f"R{number}", str(start + timedelta(days=wait)), 1.0)]
    found += [(f"C{number}", str(last - timedelta(days=wait)), 1.0) for number, wait in enumerate(REMISSIONS[1])]
    return shop(engine, found, until=last)


def test_the_curve_and_its_interval_are_those_of_the_textbooks(engine: Engine) -> None:
    curve = second_order_curve(published(engine)).take([6, 7, 10, 13, 16, 22, 23])
    left = 1 - np.array([curve[name].to_numpy() for name in ("share", "high", "low")])
    assert curve["at_risk"].to_pylist() == [21, 17, 15, 12, 11, 7, 6]
    assert_allclose(left[0], [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], atol=5e-5)
    assert_allclose(left[1], [0.6197, 0.5631, 0.5032, 0.4316, 0.3675, 0.2678, 0.1881], atol=5e-5)
    assert_allclose(left[2], [0.9516, 0.9228, 0.8894, 0.8491, 0.8049, 0.7468, 0.6801], atol=5e-5)


def test_without_a_return_and_after_the_last_nothing_is_said_of_the_interval(duckdb: Engine) -> None:
    both = [("Anna", "2024-01-01", 9.0), ("Anna", "2024-01-03", 9.0), ("Ben", "2024-01-01", 9.0)]
    curve = second_order_curve(shop(duckdb, [*both, ("Ben", "2024-01-05", 9.0)]))
    assert curve["share"].to_pylist() == [0.0, 0.0, 0.5, 0.5, 1.0]
    assert [low is None for low in curve["low"].to_pylist()] == [True, True, False, False, True]


# --- who does not come back -------------------------------------------------------------------------------------------


def test_of_each_first_product_only_customers_old_enough_are_counted(four: Lines) -> None:
    found = one_time_buyers(four, within=(10, 30))
    assert rows(found, "cohort", "customers", "once", "days", "at_risk", "returned", "share") == [
        ("cup", 2, 2, 10, 2, 0, 0.0),
        ("cup", 2, 2, 30, 1, 0, 0.0),  # Deniz is 15 days old
        ("tea", 2, 0, 10, 2, 1, 0.5),
        ("tea", 2, 0, 30, 2, 2, 1.0),
    ]


def test_who_came_back_early_but_is_young_is_not_counted_either(engine: Engine) -> None:
    quick = [(f"Anna {n}", day, 9.0, "tea") for n in range(9) for day in ("2024-02-20", "2024-02-21")]
    found = one_time_buyers(shop(engine, [*quick, ("Ben", "2023-06-01", 9.0, "tea")], "product"), within=[90])
    assert rows(found, "customers", "once", "at_risk", "returned", "share") == [(10, 1, 1, 0, 0.0)]


def test_of_a_group_of_newcomers_no_share_is_told(four: Lines) -> None:
    found = one_time_buyers(four, within=[365])
    assert rows(found, "at_risk", "share", "low", "high") == [(0, None, None, None)] * 2


def test_the_largest_groups_come_first_and_the_unknown_is_one_of_them(engine: Engine) -> None:
    named = [("Anna", "2024-01-01", 9.0, "DE"), ("Ben", "2024-01-01", 9.0, None), ("Clara", "2024-01-02", 9.0, None)]
    found = one_time_buyers(shop(engine, named, "country"), by="country", within=[0], top=1)
    assert rows(found, "cohort", "customers") == [(None, 2)]


def test_a_history_tells_the_same_of_the_groups(duckdb: Engine) -> None:
    orders = shop(duckdb, ROWS, "product", until=END)
    history = summarize(orders, covariates=["product"])
    assert one_time_buyers(history, within=(10, 30)).equals(one_time_buyers(orders, within=(10, 30)))


def test_the_interval_is_wilsons(duckdb: Engine) -> None:
    people = [(f"A{n}", "2024-01-01", 9.0, "tea") for n in range(29)] + [("A0", "2024-01-05", 9.0, "tea")]
    found = one_time_buyers(shop(duckdb, people, "product", until=END), within=[10])
    low, high = found["low"][0].as_py(), found["high"][0].as_py()
    assert (round(low, 4), round(high, 4)) == (0.0061, 0.1718)  # 1 of 29, Newcombe 1998


# --- errors -----------------------------------------------------------------------------------------------------------


def test_what_a_history_cannot_tell_is_advice(duckdb: Engine) -> None:
    history = summarize(shop(duckdb, ROWS, "product", until=END))
    with pytest.raises(InputError, match="own last day"):
        second_order_curve(history, until=END)
    with pytest.raises(InputError, match=r"covariates=\['country'\]"):
        one_time_buyers(history, by="country")
    with pytest.raises(InputError, match="order days"):
        second_order_curve(History.from_arrays([1], [3], [9]))
    with pytest.raises(NotEnoughDataError, match="Nobody"):
        second_order_curve(history.select([]))


def test_what_orders_cannot_tell_is_advice(duckdb: Engine) -> None:
    orders = shop(duckdb, ROWS, "product", until=END)
    with pytest.raises(InputError, match="no column 'channel'"):
        one_time_buyers(orders, by="channel")
    for ask in (second_order_curve, one_time_buyers):
        with pytest.raises(NotEnoughDataError, match="Nobody"):
            ask(orders, until=date(2023, 12, 31))
