"""Rules of thumb, by hand, on people whose orders one can count."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from customers import customer_days
from stammkunde.clv.naive import NAIVE_RULES, began_after, last_period, own_pace, recent_pace
from stammkunde.clv.order_days import OrderDays
from stammkunde.facts import History

UNTIL = date(2024, 12, 31)
ORDERS = {  # Anna comes every quarter, Ben stopped, Clara came back in December, Deniz is new
    "Anna": [date(2024, 1, 1), date(2024, 4, 1), date(2024, 7, 1), date(2024, 10, 1)],
    "Ben": [date(2024, 1, 10), date(2024, 1, 20), date(2024, 1, 30)],
    "Clara": [date(2024, 2, 1), date(2024, 12, 1)],
    "Deniz": [date(2024, 12, 24)],
}
ANNA, BEN, CLARA, DENIZ = range(4)


@pytest.fixture(scope="module")
def days() -> OrderDays:
    rows = [(name, day, 10.0) for name, dates in ORDERS.items() for day in dates]
    ids, dates, amounts = zip(*rows, strict=True)
    return OrderDays(customer_days(pa.table({"customer_id": ids, "date": dates, "amount": amounts})))


@pytest.fixture(scope="module")
def history(days: OrderDays) -> History:
    return History.from_days(days.table, until=UNTIL)


def test_everyone_goes_on_at_the_own_pace(history: History, days: OrderDays) -> None:
    expected = own_pace(history, days, 365.0)
    np.testing.assert_allclose(expected, [3, 2 * 365 / 356, 365 / 334, 0])


def test_everyone_repeats_the_last_period(history: History, days: OrderDays) -> None:
    assert last_period(history, days, 100.0).tolist() == [1, 0, 1, 1]
    assert last_period(history, days, 365.0).tolist() == [3, 3, 2, 1]


def test_a_horizon_longer_than_the_history_is_scaled_up(history: History, days: OrderDays) -> None:
    np.testing.assert_allclose(last_period(history, days, 730.0), np.array([3, 3, 2, 1]) * 2)


def test_recent_orders_count_for_more_in_the_recent_pace(history: History, days: OrderDays) -> None:
    pace, usual = recent_pace(history, days, 365.0), own_pace(history, days, 365.0)
    assert pace[BEN] < usual[BEN]
    assert pace[CLARA] > usual[CLARA]
    assert pace[DENIZ] == pytest.approx(0, abs=1e-6)  # a first order is no pace


def test_who_began_after_a_day_is_told_from_who_did_not(history: History) -> None:
    assert began_after(history, date(2024, 1, 31)).tolist() == [0, 0, 1, 1]
    assert began_after(history, date(2024, 2, 1)).tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("rule", NAIVE_RULES.values(), ids=NAIVE_RULES)
@pytest.mark.parametrize("unit", ["hour", "day", "week"])
def test_a_rule_does_not_know_the_unit(history: History, days: OrderDays, rule: object, unit: str) -> None:
    other = History.from_days(days.table, until=UNTIL, unit=unit)
    assert callable(rule)
    np.testing.assert_allclose(rule(other, days, 90.0), rule(history, days, 90.0))
