"""What became of customers who began alike, on both engines."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from lines import Lines, shop
from stammkunde.errors import InputError, NotEnoughDataError
from stammkunde.facts import Engine, by_cohort, summarize

ROWS = [
    ("Anna", "2024-01-10", 20.0, "web"),
    ("Anna", "2024-01-30", 10.0, "web"),
    ("Anna", "2024-03-05", 30.0, "shop"),
    ("Ben", "2024-01-31", 40.0, "shop"),
    ("Ben", "2024-02-10", -10.0, None),
    ("Clara", "2024-02-01", 15.0, "web"),
    ("Clara", "2024-02-20", -15.0, None),
    ("Deniz", "2024-03-28", 99.0, "web"),
]


@pytest.fixture(scope="module")
def four(engine: Engine) -> Lines:
    """Anna comes back, Ben returned something, Clara returned all, Deniz ordered three days ago."""
    return shop(engine, ROWS, "channel", until=date(2024, 3, 30))


def columns(table: Any, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))


# --- cohorts of the calendar ------------------------------------------------------------------------------------------


def test_who_began_in_january_is_followed_month_by_month(four: Lines) -> None:
    found = columns(by_cohort(four), "cohort", "period", "customers", "at_risk", "active", "orders", "value")
    january, february, march = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)
    assert found == [
        (january, 0, 2, 2, 2, 3, 70.0),
        (january, 1, 2, 2, 0, 0, -10.0),  # nobody ordered, and Ben returned something
        (january, 2, 2, 2, 1, 1, 30.0),
        (february, 0, 1, 1, 1, 1, 0.0),
        (february, 1, 1, 1, 0, 0, 0.0),  # nothing happened, and the curve goes on
        (march, 0, 1, 1, 1, 1, 99.0),
    ]


def test_value_adds_up_per_original_customer_and_not_per_survivor(four: Lines) -> None:
    found = by_cohort(four)
    assert found["cumulative_value"].to_pylist() == [35.0, 30.0, 45.0, 0.0, 0.0, 99.0]
    assert found["retention"].to_pylist() == [1.0, 0.0, 0.5, 1.0, 0.0, 1.0]


def test_a_month_is_complete_when_its_last_day_is_over(four: Lines) -> None:
    assert by_cohort(four)["complete"].to_pylist() == [True, True, False, True, False, False]
    assert by_cohort(four, until=date(2024, 3, 31))["complete"].to_pylist() == [True] * 6
    assert by_cohort(four, until=date(2024, 2, 28))["complete"].to_pylist() == [True, False, False]


def test_rows_after_the_last_day_are_not_looked_at(four: Lines) -> None:
    found = columns(by_cohort(four, until=date(2024, 2, 5)), "customers", "active", "value")
    assert found == [(2, 2, 70.0), (2, 0, 0.0), (1, 1, 15.0)]


def test_quarters_are_compared_with_quarters_and_years_with_years(engine: Engine) -> None:
    orders = shop(engine, [("Anna", "2023-12-31", 20.0), ("Anna", "2024-01-01", 10.0), ("Ben", "2024-05-01", 5.0)])
    found = columns(by_cohort(orders, by="quarter"), "cohort", "period", "cumulative_value", "complete")
    assert found == [
        (date(2023, 10, 1), 0, 20.0, True),
        (date(2023, 10, 1), 1, 30.0, True),
        (date(2023, 10, 1), 2, 30.0, False),
        (date(2024, 4, 1), 0, 5.0, False),
    ]
    years = by_cohort(orders, by="year", until=date(2024, 12, 31))
    assert columns(years, "cohort", "value") == [
        (date(2023, 1, 1), 20.0),
        (date(2023, 1, 1), 10.0),
        (date(2024, 1, 1), 5.0),
    ]


def test_contribution_is_counted_where_it_is_known(engine: Engine) -> None:
    orders = shop(engine, [("Anna", "2024-01-10", 20.0, 7.5), ("Anna", "2024-02-10", 20.0, 8.0)], "contribution")
    assert by_cohort(orders)["cumulative_value"].to_pylist() == [7.5, 15.5]


# --- cohorts by what came first ---------------------------------------------------------------------------------------


def test_customers_count_in_the_months_that_are_over_for_them(four: Lines) -> None:
    found = columns(by_cohort(four, by="channel"), "cohort", "period", "customers", "at_risk", "active", "value")
    assert found == [
        ("web", 0, 3, 2, 2, 30.0),  # Anna's two orders of her first month, and Clara's nothing; Deniz is too young
        ("web", 1, 3, 1, 1, 30.0),  # Anna's month 1 ended on 9 March, Clara's lasts until 31 March
        ("shop", 0, 1, 1, 1, 30.0),
        ("shop", 1, 1, 1, 0, 0.0),  # Ben's month 1 ends on 30 March
    ]


def test_young_customers_lower_no_curve(engine: Engine) -> None:
    anna = [("Anna", "2024-01-10", 20.0, "web"), ("Anna", "2024-02-15", 20.0, "web")]
    young = [(f"Deniz {n}", "2024-03-20", 20.0, "web") for n in range(9)]
    found = by_cohort(shop(engine, anna + young, "channel", until=date(2024, 3, 25)), by="channel")
    assert columns(found, "customers", "at_risk", "retention", "cumulative_value") == [
        (10, 1, 1.0, 20.0),
        (10, 1, 1.0, 40.0),
    ]
    assert found["complete"].to_pylist() == [False, False]


def test_a_group_of_newcomers_is_there_and_nothing_is_said_of_it(engine: Engine) -> None:
    orders = shop(engine, [("Anna", "2024-01-10", 20.0, "DE"), ("Deniz", "2024-03-01", 9.0, None)], "country")
    found = by_cohort(orders, by="country").to_pylist()
    assert [row["cohort"] for row in found] == ["DE", None]
    assert (found[1]["customers"], found[1]["at_risk"], found[1]["complete"]) == (1, 0, False)
    assert (found[1]["retention"], found[1]["cumulative_value"]) == (None, None)


def test_a_cohort_whose_youngest_has_the_month_behind_them_is_complete(four: Lines) -> None:
    found = by_cohort(four, by="channel", until=date(2024, 4, 27))
    assert columns(found.slice(0, 3), "at_risk", "complete") == [(3, True), (2, False), (1, False)]


# --- any shop ---------------------------------------------------------------------------------------------------------

END = date(2023, 11, 17)


def rows_of_a_shop(seed: int = 7) -> list[tuple[Any, ...]]:
    """Sixty people with a handful of days each, returns among them, and channels."""
    rng = np.random.default_rng(seed)
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    for person in range(60):
        channel = [None, "web", "shop", "fair"][person % 4]
        for _ in range(int(rng.integers(1, 7))):
            day = str(date(2022, 1, 1) + timedelta(days=int(rng.integers(0, 680))))
            worth = float(rng.integers(1, 90)) * (-1 if rng.random() < 0.2 else 1)
            found[f"P{person}", day] = (f"P{person}", day, worth, channel)
    return list(found.values())


def anniversary(first: date, months: int) -> date:
    """The day on which month `months` of a customer begins, step by step."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    try:
        return date(year, month + 1, first.day)
    except ValueError:
        return date(year + (month == 11), (month + 1) % 12 + 1, 1)


def told_one_by_one(rows: list[tuple[Any, ...]], channel: str | None) -> list[tuple[int, int, int, float]]:
    """At risk, active, orders and value of each month of age, customer by customer."""
    months: list[list[float]] = []
    for person in sorted({row[0] for row in rows if row[3] == channel}):
        own = [(date.fromisoformat(row[1]), row[2]) for row in rows if row[0] == person]
        bought = [day for day, worth in own if worth > 0]
        month = 0
        while bought and anniversary(min(bought), month + 1) <= END + timedelta(days=1):
            start, end = (anniversary(min(bought), m) for m in (month, month + 1))
            inside = [(d, w) for d, w in own if (start if month else date.min) <= d < end]
            orders = sum(w > 0 for _, w in inside)
            months += [[0.0] * 4] if month == len(months) else []
            told = (1, orders > 0, orders, sum(w for _, w in inside))
            months[month] = [a + b for a, b in zip(months[month], told, strict=True)]
            month += 1
    return [(int(a), int(b), int(c), d) for a, b, c, d in months]


def test_every_channel_is_what_its_customers_tell_one_by_one(engine: Engine) -> None:
    rows = rows_of_a_shop()
    found = by_cohort(shop(engine, rows, "channel", until=END), by="channel").to_pylist()
    for channel in (None, "web", "shop", "fair"):
        own = [row for row in found if row["cohort"] == channel]
        told = told_one_by_one(rows, channel)
        assert [(r["at_risk"], r["active"], r["orders"], r["value"]) for r in own] == told
        assert own[-1]["cumulative_value"] == pytest.approx(sum(value / risk for risk, *_, value in told))


@pytest.mark.parametrize("by", ["month", "quarter", "year"])
def test_cohorts_of_the_calendar_hold_every_customer_and_every_cent(engine: Engine, by: Any) -> None:
    orders = shop(engine, rows_of_a_shop(), "channel", until=END)
    found, history = by_cohort(orders, by=by), summarize(orders)
    starts = found.filter([period == 0 for period in found["period"].to_pylist()])
    assert sum(starts["customers"].to_pylist()) == len(history)
    assert sum(found["orders"].to_pylist()) == sum(history.table["orders"].to_pylist())
    assert sum(found["value"].to_pylist()) == pytest.approx(sum(history.table["historic_value"].to_pylist()))
    assert starts["retention"].to_pylist() == [1.0] * len(starts)


# --- errors -----------------------------------------------------------------------------------------------------------


def test_cohorts_that_nobody_can_form_are_advice(duckdb: Engine) -> None:
    orders = shop(duckdb, [("Anna", "2024-01-10", 20.0), ("Ben", "2024-01-10", -20.0)])
    with pytest.raises(InputError, match="month, quarter, year, channel"):
        by_cohort(orders, by="shoe size")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no column 'country'"):
        by_cohort(orders, by="country")
    with pytest.raises(NotEnoughDataError, match="Nobody purchased until 2024-01-09"):
        by_cohort(orders, until=date(2024, 1, 9))
