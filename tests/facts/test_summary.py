"""From orders to customers, on both engines: what each person of a small shop adds up to."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lines import Lines, order_lines, shop
from stammkunde.errors import DataError, InputError, NotEnoughDataError
from stammkunde.facts import Engine, History, days, histogram, holdout, summarize, write_scores
from stammkunde.facts.customer_days import merge_customers, merge_days
from stammkunde.facts.purchases import customer_days, customers

END = date(2024, 3, 4)
ROWS = [
    ("Anna", "2024-01-01", 20.0),
    ("Anna", "2024-01-15", 10.0),
    ("Anna", "2024-01-15", 20.0),
    ("Anna", "2024-02-12", 40.0),
    ("Ben", "2023-06-01", 50.0),
    ("Ben", "2023-06-15", 25.0),
    ("Clara", "2024-01-08", 15.0),
    ("Clara", "2024-01-20", -15.0),
    ("Deniz", "2024-02-26", 99.0),
]


@pytest.fixture(scope="module")
def four(engine: Engine) -> Lines:
    """Anna comes back, Ben came back once long ago, Clara sent everything back, Deniz ordered last week."""
    return shop(engine, ROWS, until=END)


def one(orders: Lines, customer: str, **how: Any) -> dict[str, Any]:
    """The row of one customer."""
    rows: list[dict[str, Any]] = summarize(orders, **how).table.to_pylist()
    return next(row for row in rows if row["customer_id"] == customer)


# --- who, how often, how long -----------------------------------------------------------------------------------------


def test_anna_is_nine_weeks_old_and_came_back_twice(four: Lines) -> None:
    assert one(four, "Anna") == {
        "customer_id": "Anna",
        "first_order": date(2024, 1, 1),
        "last_order": date(2024, 2, 12),
        "orders": 3,
        "frequency": 2,
        "recency": 6.0,
        "age": 9.0,
        "value": 35.0,
        "first_value": 20.0,
        "historic_value": 90.0,
        "revenue": 90.0,
    }


def test_ben_lapsed_after_two_weeks(four: Lines) -> None:
    ben = one(four, "Ben")
    assert (ben["frequency"], ben["recency"], ben["age"], ben["value"]) == (1, 2.0, 277 / 7, 25.0)


def test_deniz_ordered_once_and_has_no_repeat_value(four: Lines) -> None:
    deniz = one(four, "Deniz")
    assert (deniz["frequency"], deniz["recency"], deniz["age"]) == (0, 0.0, 1.0)
    assert (deniz["value"], deniz["first_value"]) == (0.0, 99.0)


def test_clara_who_sent_everything_back_is_a_customer_worth_nothing(four: Lines) -> None:
    clara = one(four, "Clara")
    assert (clara["orders"], clara["first_value"], clara["historic_value"]) == (1, 0.0, 0.0)


def test_a_history_knows_its_shop(four: Lines) -> None:
    history = summarize(four)
    assert len(history) == 4
    assert (history.start, history.until) == (date(2023, 6, 1), END)
    assert (history.unit, history.currency, history.basis) == ("week", "EUR", "revenue")


@pytest.mark.parametrize(("unit", "age"), [("week", 9.0), ("day", 63.0), ("hour", 1512.0)])
def test_the_unit_changes_how_time_is_told_not_what_it_is(unit: Any, age: float, four: Lines) -> None:
    anna = one(four, "Anna", unit=unit)
    assert anna["age"] == pytest.approx(age)
    assert anna["recency"] / anna["age"] == pytest.approx(6 / 9)
    assert anna["value"] == 35.0


def test_nobody_looks_beyond_the_last_day(four: Lines) -> None:
    early = summarize(four, until=date(2024, 1, 15))
    assert early.table["customer_id"].to_pylist() == ["Anna", "Ben", "Clara"]
    anna = one(four, "Anna", until=date(2024, 1, 15))
    assert (anna["orders"], anna["last_order"], anna["age"]) == (2, date(2024, 1, 15), 2.0)
    assert one(four, "Clara", until=date(2024, 1, 15))["historic_value"] == 15.0


def test_a_shop_before_its_first_purchase_has_no_answer(four: Lines) -> None:
    for ask in (summarize, histogram):
        with pytest.raises(NotEnoughDataError, match="2023-05-31"):
            ask(four, until=date(2023, 5, 31))


def test_a_unit_that_has_no_length_is_refused(four: Lines) -> None:
    with pytest.raises(InputError, match="'month'"):
        summarize(four, unit="month")  # type: ignore[arg-type]  # what people try


# --- what a purchase is -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "orders", "value", "first"),
    [
        ([("2024-01-01", 30.0), ("2024-01-01", -10.0)], 1, 20.0, 20.0),  # part of it sent back at once
        ([("2024-01-01", 30.0), ("2024-01-08", 20.0), ("2024-01-08", -20.0)], 1, 30.0, 30.0),  # all of it
        ([("2024-01-01", 30.0), ("2024-01-08", 20.0), ("2024-01-09", -20.0)], 2, 30.0, 30.0),  # a day later
        ([("2024-01-01", 30.0), ("2024-01-08", 20.0), ("2024-01-07", -30.0)], 2, 20.0, 0.0),  # of the first one
        ([("2024-01-01", -5.0), ("2024-01-08", 20.0), ("2024-01-09", 1.0)], 2, 16.0, 15.0),  # before the first one
        ([("2024-01-01", 0.0), ("2024-01-08", 0.0)], 2, 0.0, 0.0),  # an order of 0.00 is an order
        ([("2024-01-01", 5.0), ("2024-01-08", 0.0), ("2024-01-08", 3.0), ("2024-01-08", -3.0)], 1, 5.0, 5.0),
        ([("2024-01-01", 5.0), ("2024-01-08", 0.1), ("2024-01-08", 0.2), ("2024-01-08", -0.3)], 1, 5.0, 5.0),
    ],
)
def test_a_purchase_is_a_day_on_which_something_is_kept(
    rows: list[tuple[str, float]], orders: int, value: float, first: float, engine: Engine
) -> None:
    anna = one(shop(engine, [("Anna", *row) for row in rows]), "Anna")
    assert anna["orders"] == orders
    assert anna["historic_value"] == pytest.approx(value)
    assert anna["first_value"] == pytest.approx(first)


def test_a_refund_of_nothing_is_no_purchase(engine: Engine) -> None:
    rows = [("Ben", "2024-01-01", 5.0, False), ("Ben", "2024-01-08", 0.0, True)]
    assert one(shop(engine, rows, "is_refund"), "Ben")["orders"] == 1


def test_who_only_sent_back_is_no_customer(engine: Engine) -> None:
    orders = shop(engine, [("Anna", "2024-01-01", 5.0), ("Ben", "2024-01-02", -5.0)])
    assert summarize(orders).table["customer_id"].to_pylist() == ["Anna"]


def test_contribution_is_the_value_and_revenue_stays_beside_it(engine: Engine) -> None:
    rows = [("Anna", "2024-01-01", 100.0, 30.0), ("Anna", "2024-01-08", 50.0, -5.0)]
    orders = shop(engine, rows, "contribution")
    anna = one(orders, "Anna")
    assert (anna["first_value"], anna["value"], anna["historic_value"], anna["revenue"]) == (30.0, -5.0, 25.0, 150.0)
    assert summarize(orders).basis == "contribution"


def test_customers_with_a_number_keep_it(engine: Engine) -> None:
    table = pa.table({"customer_id": [2**53 + 1, 7], "day": [END, END], "revenue": [5.0, 6.0]})
    assert summarize(order_lines(engine, table)).table["customer_id"].to_pylist() == [7, 2**53 + 1]


def test_names_that_differ_by_case_or_space_are_different_people(engine: Engine) -> None:
    names = ["Änna", "anna", "Anna ", "🙂", "Anna"]
    history = summarize(shop(engine, [(name, "2024-01-01", 5.0) for name in names]))
    assert history.table["customer_id"].to_pylist() == sorted(names)


# --- what the first purchase was --------------------------------------------------------------------------------------


def test_a_covariate_is_what_the_largest_line_of_the_first_purchase_was(engine: Engine) -> None:
    rows = [
        ("Anna", "2024-01-01", 5.0, "shop", None),
        ("Anna", "2024-01-01", 9.0, "web", "DE"),
        ("Anna", "2024-01-02", 99.0, "fair", "AT"),
        ("Ben", "2024-01-01", -9.0, "fair", "CH"),  # a refund of something older
        ("Ben", "2024-01-03", 5.0, "web", "CH"),
        ("Ben", "2024-01-03", 5.0, "shop", None),
    ]
    orders = shop(engine, rows, "channel", "country")
    anna, ben = (one(orders, name, covariates=["channel", "country"]) for name in ("Anna", "Ben"))
    assert (anna["first_channel"], anna["first_country"]) == ("web", "DE")
    assert (ben["first_channel"], ben["first_country"]) == ("shop", None)


def test_a_covariate_that_is_not_there_is_named(four: Lines) -> None:
    with pytest.raises(InputError, match="'colour'"):
        summarize(four, covariates=["colour"])


# --- back to any day --------------------------------------------------------------------------------------------------


def test_the_days_of_a_shop_lead_back_to_any_day(duckdb: Engine) -> None:
    orders = shop(duckdb, ROWS, until=END)
    book = days(orders)
    for until in (END, date(2024, 1, 15)):
        back, direct = History.from_days(book, until=until), summarize(orders, until=until)
        assert back.table.equals(direct.table)
        assert (back.currency, back.basis) == ("EUR", "revenue")


def test_a_history_carries_its_days(duckdb: Engine) -> None:
    history = summarize(shop(duckdb, ROWS, until=END), until=date(2024, 1, 15))
    assert history.order_days is not None
    book = history.order_days()
    assert book.num_rows == 5
    assert book.column_names == ["customer_id", "day", "revenue", "purchase"]


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_the_days_of_all_orders_do_not_leave_spark(spark: Engine) -> None:
    orders = shop(spark, ROWS, until=END)
    assert summarize(orders).order_days is None
    with pytest.raises(InputError, match="Spark"):
        days(orders)


# --- what came after --------------------------------------------------------------------------------------------------

FROM, TO = date(2024, 1, 8), date(2024, 2, 12)


def test_the_holdout_begins_the_day_after_and_includes_its_end(four: Lines) -> None:
    held = {row["customer_id"]: row for row in holdout(four, FROM, TO).to_pylist()}
    assert set(held) == {"Anna", "Clara"}
    assert (held["Anna"]["orders"], held["Anna"]["value"]) == (2, 70.0)
    assert (held["Clara"]["orders"], held["Clara"]["value"]) == (0, -15.0)


def test_the_holdout_of_a_history_has_a_row_for_each_of_its_customers(four: Lines) -> None:
    history = summarize(four, until=FROM)
    held = holdout(four, FROM, TO, of=history)
    assert held["customer_id"].to_pylist() == history.table["customer_id"].to_pylist()
    assert dict(zip(*held.select(["customer_id", "orders"]).to_pydict().values(), strict=True)) == {
        "Anna": 2,
        "Ben": 0,
        "Clara": 0,
    }


def test_days_and_orders_have_the_same_holdout(duckdb: Engine) -> None:
    orders = shop(duckdb, ROWS, until=END)
    history = summarize(orders, until=FROM)
    assert holdout(days(orders), FROM, TO, of=history).equals(holdout(orders, FROM, TO, of=history))


def test_a_quiet_holdout_has_nobody(four: Lines) -> None:
    held = holdout(four, END, date(2025, 1, 1))
    assert held.num_rows == 0
    assert holdout(four, END, date(2025, 1, 1), of=summarize(four))["orders"].to_pylist() == [0, 0, 0, 0]


# --- counted and scored where the orders live -------------------------------------------------------------------------


def test_the_histogram_counts_what_the_history_lists(four: Lines) -> None:
    counted, spending = histogram(four)
    listed = summarize(four).histogram()
    for name in ("x", "t_x", "T", "weight"):
        np.testing.assert_array_equal(getattr(counted, name), getattr(listed, name))
    np.testing.assert_allclose(spending.value, [25.0, 35.0], rtol=5e-4)
    assert (list(spending.x), list(spending.weight)) == ([1.0, 2.0], [1.0, 1.0])


def test_people_who_are_alike_are_counted_together(engine: Engine) -> None:
    rows = [(f"Twin {i}", day, 10.0) for i in range(5) for day in ("2024-01-01", "2024-01-08")]
    counted, spending = histogram(shop(engine, rows, until=END), unit="day")
    assert (list(counted.x), list(counted.t_x), list(counted.T), list(counted.weight)) == ([1], [7], [63], [5])
    assert list(spending.weight) == [5]


def test_who_spent_nothing_is_no_part_of_the_spending(engine: Engine) -> None:
    rows = [("Anna", "2024-01-01", 0.0), ("Anna", "2024-01-08", 0.0), ("Ben", "2024-01-01", 5.0)]
    counted, spending = histogram(shop(engine, rows))
    assert counted.weight.sum() == 2
    assert len(spending.weight) == 0


def score(history: History) -> pa.Table:
    """A score that needs nothing but the history."""
    return pa.table({"customer_id": history.table["customer_id"], "score": history.x * 10 + history.T})


def test_scores_are_written_where_the_orders_live(four: Lines, tmp_path: Path) -> None:
    def predict(history: History) -> pa.Table:  # inside the test, for it travels to workers that have no tests
        return pa.table({"customer_id": history.table["customer_id"], "score": history.x * 10 + history.T})

    write_scores(four, predict, tmp_path / "scores.parquet", unit="day")
    written = pq.read_table(tmp_path / "scores.parquet").sort_by("customer_id")
    assert written.equals(score(summarize(four, unit="day")).sort_by("customer_id"))


# --- large and random shops -------------------------------------------------------------------------------------------


def test_cdnow_is_as_large_as_it_is_said_to_be(engine: Engine, cdnow: pa.Table) -> None:
    history = summarize(order_lines(engine, lines_of(cdnow)))
    assert len(history) == 23_570
    assert history.table["orders"].to_numpy().sum() == 67_591
    assert history.until == date(1998, 6, 30)
    assert history.table["historic_value"].to_numpy().sum() == pytest.approx(np.sum(cdnow["amount"].to_numpy()))


def test_the_sample_of_cdnow_is_what_was_published(engine: Engine, cdnow_sample: pa.Table) -> None:
    """Fader, Hardie and Lee (2005): 2,357 customers, the first with x = 2, t_x = 30.43 and T = 38.86 weeks."""
    orders = order_lines(engine, lines_of(cdnow_sample))
    history = summarize(orders, until=date(1997, 9, 30))
    assert len(history) == 2_357
    first = history.table.sort_by("customer_id").slice(0, 1).to_pylist()[0]
    assert (first["frequency"], round(first["recency"], 2), round(first["age"], 2)) == (2, 30.43, 38.86)
    counted, _ = histogram(orders, until=date(1997, 9, 30))
    np.testing.assert_array_equal(counted.weight, history.histogram().weight)


def lines_of(cdnow: pa.Table) -> pa.Table:
    return cdnow.select(["customer_id", "date", "amount"]).rename_columns(["customer_id", "day", "revenue"])


LINE = st.tuples(
    st.sampled_from(["Anna", "Ben", "Clara", "Deniz"]),
    st.sampled_from(["2024-01-01", "2024-01-02", "2024-01-05", "2024-01-09"]),
    st.sampled_from([0.0, 0.1, 0.2, -0.3, 10.0, -10.0, 1e6, -1e6, 0.01, 1e-3]),
    st.booleans(),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(LINE, min_size=1, max_size=14))
def test_numpy_and_duckdb_agree_on_every_small_shop(rows: list[tuple[Any, ...]], duckdb: Engine) -> None:
    agree(shop(duckdb, rows, "is_refund", until=END))


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_numpy_and_spark_agree_on_a_thousand_small_shops(spark: Engine) -> None:
    rng = np.random.default_rng(1)
    amounts = [0.0, 0.1, 0.2, -0.3, 10.0, -10.0, 1e6, -1e6, 0.01, 1e-3]
    chosen = zip(
        (f"Anna {n:04}" for n in rng.integers(0, 2000, 9000)),
        (f"2024-01-{n:02}" for n in rng.integers(1, 5, 9000)),
        rng.choice(amounts, 9000),
        rng.random(9000) < 0.2,
        strict=True,
    )
    agree(shop(spark, chosen, "is_refund", until=END))


def agree(orders: Lines) -> None:
    """One rule, told twice: sorted rows merged by numpy, and the expression that engines run."""
    table = orders.engine.to_arrow(orders.lines).sort_by([("customer_id", "ascending"), ("day", "ascending")])
    refund = np.logical_or(table["is_refund"].to_numpy(), table["revenue"].to_numpy() < 0)
    rows = table.select(["customer_id", "day", "revenue"]).append_column("refund", pa.array(refund))
    expected = merge_customers(merge_days(rows))
    found = orders.engine.to_arrow(customers(customer_days(orders, until=None)).order_by("customer_id"))
    for name in ("customer_id", "first_order", "last_order", "orders"):
        assert found[name].to_pylist() == expected[name].to_pylist()
    for name in ("first_value", "historic_value", "revenue"):
        np.testing.assert_allclose(found[name].to_numpy(), expected[name].to_numpy(), rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_an_amount_that_is_no_number_is_refused(wrong: float, engine: Engine) -> None:
    rows = [("Anna", "2024-01-01", 5.0), ("Ben", "2024-01-01", wrong)]
    with pytest.raises(DataError, match="Ben"):
        summarize(shop(engine, rows))


@pytest.mark.parametrize("column", ["customer_id", "revenue"])
def test_a_row_without_customer_or_amount_is_refused(column: str, duckdb: Engine) -> None:
    rows: dict[str, list[Any]] = {
        "customer_id": ["Anna", "Ben"],
        "day": [END, END],
        "revenue": [5.0, 6.0],
        "is_refund": [False, False],
    }
    rows[column][1] = None
    with pytest.raises(DataError, match=column):
        summarize(order_lines(duckdb, pa.table(rows)))
