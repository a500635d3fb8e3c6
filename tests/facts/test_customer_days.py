"""Sorted rows to customer days to customers, with numpy: the purchase rule, and batches cut between customers."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stammkunde.errors import DataError
from stammkunde.facts.customer_days import merge_customers, merge_days, whole_customers

START = date(2024, 1, 1)


def rows_of(*rows: tuple[str, int, float]) -> pa.Table:
    """Rows of customer, day of January and revenue; negative ones are refunds."""
    names, numbers, revenue = zip(*rows, strict=True)
    return pa.table(
        {
            "customer_id": names,
            "day": [START + timedelta(days=number - 1) for number in numbers],
            "revenue": pa.array(revenue, pa.float64()),
            "refund": [worth < 0 for worth in revenue],
        }
    )


def test_orders_of_one_day_are_one_purchase() -> None:
    days = merge_days(rows_of(("Anna", 1, 5.0), ("Anna", 1, 7.0), ("Anna", 2, 1.0), ("Ben", 2, 3.0)))
    assert days["customer_id"].to_pylist() == ["Anna", "Anna", "Ben"]
    assert days["revenue"].to_pylist() == [12.0, 1.0, 3.0]
    assert days["purchase"].to_pylist() == [True, True, True]


def test_a_day_on_which_nothing_is_left_is_no_purchase() -> None:
    days = merge_days(rows_of(("Anna", 1, 5.0), ("Anna", 2, -5.0), ("Anna", 2, 5.0), ("Anna", 3, 0.0)))
    assert days["purchase"].to_pylist() == [True, False, True]


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e9])
def test_cents_that_do_not_add_up_are_not_left_over(size: float) -> None:
    days = merge_days(rows_of(("Anna", 1, -0.3 * size), ("Anna", 1, 0.1 * size), ("Anna", 1, 0.2 * size)))
    assert days["purchase"].to_pylist() == [False]


def test_a_refund_lowers_the_purchase_it_follows() -> None:
    rows = rows_of(("Anna", 1, 10.0), ("Anna", 2, -4.0), ("Anna", 5, 20.0), ("Anna", 9, -1.0), ("Anna", 9, -2.0))
    anna = merge_customers(merge_days(rows)).to_pylist()[0]
    assert (anna["orders"], anna["first_value"], anna["historic_value"]) == (2, 6.0, 23.0)


def test_a_refund_from_before_the_first_purchase_is_booked_to_it() -> None:
    ben = merge_customers(merge_days(rows_of(("Ben", 1, -4.0), ("Ben", 5, 20.0), ("Ben", 9, 1.0)))).to_pylist()[0]
    assert (ben["first_order"], ben["first_value"], ben["historic_value"]) == (date(2024, 1, 5), 16.0, 17.0)


def test_who_never_purchased_is_left_out_wherever_they_stand() -> None:
    rows = rows_of(("Aaron", 1, -1.0), ("Anna", 1, 5.0), ("Ben", 1, -5.0), ("Clara", 3, 5.0), ("Deniz", 1, -1.0))
    assert merge_customers(merge_days(rows))["customer_id"].to_pylist() == ["Anna", "Clara"]


def test_nobody_at_all_is_an_empty_table() -> None:
    days = merge_days(rows_of(("Anna", 5, 5.0), ("Ben", 1, -5.0)))
    for until in (START, START - timedelta(days=1)):
        assert merge_customers(days, until=until).num_rows == 0


def test_later_days_are_not_looked_at() -> None:
    days = merge_days(rows_of(("Anna", 1, 5.0), ("Anna", 3, 7.0), ("Ben", 3, 5.0)))
    early = merge_customers(days, until=date(2024, 1, 2)).to_pylist()
    assert [(row["customer_id"], row["orders"], row["historic_value"]) for row in early] == [("Anna", 1, 5.0)]


def test_contribution_goes_beside_revenue() -> None:
    rows = rows_of(("Anna", 1, 10.0), ("Anna", 1, 10.0), ("Anna", 2, 5.0))
    rows = rows.append_column("contribution", pa.array([4.0, 3.0, -1.0]))
    anna = merge_customers(merge_days(rows)).to_pylist()[0]
    assert (anna["first_value"], anna["historic_value"], anna["revenue"]) == (7.0, 6.0, 25.0)


def test_days_out_of_order_are_refused() -> None:
    days = merge_days(rows_of(("Anna", 1, 5.0), ("Anna", 3, 7.0)))
    with pytest.raises(DataError, match="order"):
        merge_customers(days.take([1, 0]))


def test_an_amount_that_is_no_number_names_the_customer() -> None:
    days = merge_days(rows_of(("Anna", 1, 5.0), ("Ben", 1, float("nan"))))
    with pytest.raises(DataError, match="Ben"):
        merge_customers(days)


def test_a_row_without_a_customer_is_refused() -> None:
    batch = pa.record_batch({"customer_id": ["Anna", None], "revenue": [5.0, 6.0]})
    with pytest.raises(DataError, match="customer_id"):
        list(whole_customers([batch]))


@given(
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=12),
    cuts=st.lists(st.integers(0, 60), max_size=12),
)
def test_no_customer_is_torn_between_batches(sizes: list[int], cuts: list[int]) -> None:
    ids = np.repeat(np.arange(len(sizes)), sizes)
    table = pa.table({"customer_id": ids, "row": np.arange(len(ids))})
    edges = [0, *sorted(min(cut, len(ids)) for cut in cuts), len(ids)]
    batches = [
        pa.record_batch(table.slice(low, high - low).combine_chunks().to_pydict(), schema=table.schema)
        for low, high in pairwise(edges)
    ]
    parts = list(whole_customers(batches))
    assert pa.concat_tables(parts)["row"].to_pylist() == list(range(len(ids)))
    owners = [set(part["customer_id"].to_pylist()) for part in parts]
    assert sum(map(len, owners)) == len(set().union(*owners)) == len(sizes)


@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.integers(1, 4), st.sampled_from([0.0, 5.0, -5.0, 2.5])),
        min_size=1,
        max_size=12,
    )
)
def test_the_rule_is_what_it_says(rows: list[tuple[str, int, float]]) -> None:
    rows = sorted(rows)
    days = merge_days(rows_of(*rows)).to_pylist()
    for day in days:
        same = [r for name, n, r in rows if (name, START + timedelta(days=n - 1)) == (day["customer_id"], day["day"])]
        assert day["purchase"] == (sum(same) > 0 or min(same) >= 0)
        assert day["revenue"] == sum(same)
    buyers = {day["customer_id"] for day in days if day["purchase"]}
    found = merge_customers(merge_days(rows_of(*rows)))
    assert set(found["customer_id"].to_pylist()) == buyers
    assert sum(found["historic_value"].to_pylist()) == sum(r for name, _, r in rows if name in buyers)
