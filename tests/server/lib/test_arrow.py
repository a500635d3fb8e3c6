"""Rows as Arrow: the types that were asked for, whatever comes first, on both databases."""

from datetime import datetime

import pyarrow as pa
import pytest
from django.db import connection

from stammkunde.server.lib import arrow, bulk
from stammkunde.server.shop.models import Product, Source

pytestmark = pytest.mark.django_db(transaction=True)

SCHEMA = pa.schema([("id", pa.int64()), ("title", pa.string()), ("price", pa.float64()), ("active", pa.bool_())])
VALUES = """
    SELECT 1 AS id, {text} AS title, {number} AS price, {truth} AS active
    UNION ALL SELECT 2, 'Cup', 2.5, {yes}
"""


def values(*, first: str = "NULL") -> str:
    """Two rows, of which the first is all nulls unless said otherwise."""
    types = {"text": "text", "number": "double precision", "truth": "boolean"}
    nulls = {name: f"CAST({first} AS {kind})" for name, kind in types.items()}
    return VALUES.format(**nulls, yes="true" if connection.vendor == "postgresql" else "1")


def products(count: int, title: str | None = None) -> None:
    source = Source.objects.create(
        kind="csv", name="Files", token="x", created_at=datetime.fromisoformat("2026-03-02T09:00Z")
    )
    columns = ("source_id", "external_id", "title", "category", "brand", "image", "url", "active", "version")
    rows = ((source.pk, str(n), title or f"Product {n}", "", "", "", "", n % 2 == 0, n) for n in range(count))
    bulk.insert(Product, columns, rows)


def test_a_column_that_begins_with_nulls_has_the_type_that_was_asked_for() -> None:
    found = arrow.table(values(), SCHEMA)
    assert found.schema == SCHEMA
    assert found.to_pylist() == [
        {"id": 1, "title": None, "price": None, "active": None},
        {"id": 2, "title": "Cup", "price": 2.5, "active": True},
    ]


def test_many_nulls_before_the_first_text_do_not_decide(now: datetime) -> None:
    products(6000)
    sql = "SELECT version, CASE WHEN version > 5500 THEN title END FROM shop_product ORDER BY version"
    found = arrow.table(sql, pa.schema([("version", pa.int64()), ("title", pa.string())]))
    assert found.num_rows == 6000
    assert found["title"].null_count == 5501
    assert found["title"][5999].as_py() == "Product 5999"


def test_no_rows_are_a_table_without_rows() -> None:
    found = arrow.table("SELECT id, title, 0.5, active FROM shop_product WHERE 1 = 0", SCHEMA)
    assert found.schema == SCHEMA
    assert found.num_rows == 0


def test_whole_numbers_truth_and_text_come_as_they_are() -> None:
    products(3, title="Ännchen\t🙂\\N")
    sql = "SELECT version, title, version / 2.0, active FROM shop_product ORDER BY version"
    found = arrow.table(sql, SCHEMA).to_pylist()
    assert [row["price"] for row in found] == [0.0, 0.5, 1.0]
    assert [row["active"] for row in found] == [True, False, True]
    assert {row["title"] for row in found} == {"Ännchen\t🙂\\N"}


def test_amounts_beyond_what_a_float_can_hold_are_exact() -> None:
    sql = f"SELECT {2**53 + 1} AS id UNION ALL SELECT {-(2**62)}"
    assert arrow.table(sql, pa.schema([("id", pa.int64())]))["id"].to_pylist() == [2**53 + 1, -(2**62)]


def test_batches_come_one_after_another_and_make_the_whole() -> None:
    products(10_000)
    schema = pa.schema([("version", pa.int64())])
    with arrow.batches("SELECT version FROM shop_product ORDER BY version", schema) as found:
        batches = list(found)
    assert {batch.schema for batch in batches} == {schema}
    assert pa.Table.from_batches(batches)["version"].to_pylist() == list(range(10_000))


def test_a_reader_that_is_left_early_leaves_nothing_locked() -> None:
    products(5000)
    with arrow.batches("SELECT version FROM shop_product", pa.schema([("version", pa.int64())])) as found:
        next(found)
    Product.objects.all().delete()
    assert Product.objects.count() == 0
