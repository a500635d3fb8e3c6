"""The real shops are what their sources say they are, wherever they were taken from."""

import importlib.util

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from shops import carried_by_lifetimes


def test_cdnow_is_the_master_set_of_the_literature(cdnow: pa.Table) -> None:
    assert cdnow.num_rows == 69_659
    assert pc.count_distinct(cdnow["customer_id"]).as_py() == 23_570
    assert pc.sum(cdnow["amount"]).as_py() == pytest.approx(2_500_315.63)


def test_the_sample_is_the_tenth_that_published_estimates_use(cdnow_sample: pa.Table) -> None:
    assert cdnow_sample.num_rows == 6_919
    assert pc.count_distinct(cdnow_sample["customer_id"]).as_py() == 2_357


@pytest.mark.skipif(not importlib.util.find_spec("lifetimes"), reason="needs the test dependency `lifetimes`")
def test_the_copy_in_lifetimes_holds_the_same_orders(cdnow: pa.Table) -> None:
    order = [(name, "ascending") for name in cdnow.column_names]
    carried = carried_by_lifetimes("CDNOW_master.txt", ("customer_id", "date", "quantity", "amount"))
    assert carried.sort_by(order).equals(cdnow.sort_by(order))


def test_online_retail_is_complete(online_retail: pa.Table) -> None:
    assert online_retail.num_rows == 541_909
