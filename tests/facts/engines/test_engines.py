"""What both engines promise: every row arrives, as it was written, under the same names."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stammkunde.errors import EngineError, InputError
from stammkunde.facts import Engine
from stammkunde.facts import engine as engine_called
from stammkunde.facts.engines import ROW, SURPLUS

PEOPLE = pa.table({"name": ["Anna", "Ben", "Clara", "Deniz"], "orders": [12, 3, 2, 1]})


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write a text file and return its path."""

    def write(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "orders.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


# --- text -------------------------------------------------------------------------------------------------------------


def test_a_text_file_arrives_as_it_was_written(engine: Engine, written: Callable[..., Path]) -> None:
    table = engine.to_arrow(engine.read_text(written("Kunde,Betrag\nAnna, 1.5 \nBen,\n")))
    assert table.to_pylist() == [
        {ROW: 1, "Kunde": "Anna", "Betrag": " 1.5 ", SURPLUS: None},
        {ROW: 2, "Kunde": "Ben", "Betrag": None, SURPLUS: None},
    ]


def test_a_crooked_row_is_kept_and_shows_what_it_has_too_much(engine: Engine, written: Callable[..., Path]) -> None:
    text = "customer;date;amount\nAnna\nBen;2024-01-01;5;too;much\nClara;2024-01-02;7"
    rows = engine.to_arrow(engine.read_text(written(text), delimiter=";").order_by(ROW)).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        (1, "Anna", None, None, None),
        (2, "Ben", "2024-01-01", "5", "too"),
        (3, "Clara", "2024-01-02", "7", None),
    ]


def test_a_quoted_field_may_hold_anything(engine: Engine, written: Callable[..., Path]) -> None:
    text = 'product,amount\r\n"Tea, green\nand ""fresh""",5\r\nPlain "tea",6\r\n"",7\r\n'
    table = engine.to_arrow(engine.read_text(written(text)).order_by(ROW))
    assert table["product"].to_pylist() == ['Tea, green\nand "fresh"', 'Plain "tea"', None]
    assert table["amount"].to_pylist() == ["5", "6", "7"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1"])
def test_umlauts_survive_every_encoding(encoding: str, engine: Engine, written: Callable[..., Path]) -> None:
    path = written('"Käufer";Straße\nJörg;Nürnberg\n', encoding)
    table = engine.to_arrow(engine.read_text(path, delimiter=";", encoding=encoding))
    assert table.select(["Käufer", "Straße"]).to_pylist() == [{"Käufer": "Jörg", "Straße": "Nürnberg"}]


def test_an_empty_line_is_no_row(engine: Engine, written: Callable[..., Path]) -> None:
    table = engine.to_arrow(engine.read_text(written("customer,amount\n\nAnna,5\n\n\nBen,6\n\n")).order_by(ROW))
    assert table["customer"].to_pylist() == ["Anna", "Ben"]


def test_a_header_alone_is_a_table_without_rows(engine: Engine, written: Callable[..., Path]) -> None:
    table = engine.to_arrow(engine.read_text(written("customer,,customer\n")))
    assert table.column_names == [ROW, "customer", "column_2", "customer_2", SURPLUS]
    assert table.num_rows == 0


def test_an_empty_file_is_an_empty_table(engine: Engine, written: Callable[..., Path]) -> None:
    assert engine.to_arrow(engine.read_text(written(""))).num_rows == 0


def test_a_line_without_end_is_refused(engine: Engine, written: Callable[..., Path]) -> None:
    path = written("customer,amount\nAnna,5\nBen," + "9" * 16_000_001)
    with pytest.raises(EngineError):
        engine.to_arrow(engine.read_text(path))


def test_bytes_of_another_encoding_are_refused_by_duckdb(duckdb: Engine, written: Callable[..., Path]) -> None:
    table = duckdb.read_text(written("Kunde,Betrag\nJörg,5\n", "cp1252"))
    with pytest.raises(EngineError) as refused:
        duckdb.to_arrow(table)
    assert "encoding" in refused.value.advice


# --- Parquet ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["one.parquet", "*.parquet", "."])
def test_rows_of_parquet_are_numbered_from_one(place: str, engine: Engine, tmp_path: Path) -> None:
    pq.write_table(PEOPLE, tmp_path / "one.parquet", row_group_size=2)
    table = engine.to_arrow(engine.read_parquet(tmp_path / place).order_by(ROW))
    assert table[ROW].to_pylist() == [1, 2, 3, 4]
    assert table.drop_columns(ROW).equals(PEOPLE)


def test_rows_are_numbered_in_each_file_of_a_folder(engine: Engine, tmp_path: Path) -> None:
    pq.write_table(PEOPLE.slice(0, 3), tmp_path / "a.parquet")
    pq.write_table(PEOPLE.slice(3), tmp_path / "b.parquet")
    table = engine.to_arrow(engine.read_parquet(tmp_path).order_by("name"))
    assert table[ROW].to_pylist() == [1, 2, 3, 1]


def test_moments_stay_moments_and_wall_clocks_stay_wall_clocks(engine: Engine, tmp_path: Path) -> None:
    moment, clock = datetime(2024, 1, 1, 23, 30, tzinfo=UTC), datetime(2024, 1, 1, 23, 30)  # noqa: DTZ001
    table = pa.table(
        {"moment": pa.array([moment], pa.timestamp("us", "UTC")), "clock": pa.array([clock], pa.timestamp("us"))}
    )
    pq.write_table(table, tmp_path / "times.parquet")
    for read in (engine.read_parquet(tmp_path / "times.parquet"), engine.from_arrow(table, "times")):
        assert (read.moment.type().timezone is None, read.clock.type().timezone is None) == (False, True)
        found = engine.to_arrow(read).to_pylist()[0]
        assert (found["moment"], found["clock"]) == (moment, clock)


def test_parquet_is_written_where_the_rows_are(engine: Engine, tmp_path: Path) -> None:
    people = engine.from_arrow(PEOPLE, "people")
    schema = pa.schema([("name", pa.string()), ("stars", pa.string())])

    def stars(rows: pa.Table) -> pa.Table:
        return pa.table({"name": rows["name"], "stars": ["*" * n for n in rows["orders"].to_pylist()]})

    for expression in (people, people.filter(people.orders < 3)):  # the second replaces the first
        engine.write_parquet(expression, tmp_path / "stars", stars, schema)
    table = pq.read_table(tmp_path / "stars").sort_by("name")
    assert table.to_pylist() == [{"name": "Clara", "stars": "**"}, {"name": "Deniz", "stars": "*"}]


def test_a_file_that_is_not_there_is_said_to_be_missing(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"nowhere\.parquet"):
        engine.read_parquet(tmp_path / "nowhere.parquet")


# --- Arrow, dataframes, tables ----------------------------------------------------------------------------------------


def test_arrow_of_every_kind_is_understood(engine: Engine) -> None:
    table = pa.table(
        {
            "coded": pa.array(["web", "shop"]).dictionary_encode(),
            "large": pa.array(["a", None], pa.large_string()),
            "view": pa.array(["a", "b"], pa.string_view()),
            "count": pa.array([1, 2**32 - 1], pa.uint32()),
            "price": pa.array([Decimal("1.50"), None], pa.decimal128(12, 2)),
            "day": [date(2024, 2, 29), None],
            "Bestell-Nr. `x`": [1, 2],
            "nothing": pa.nulls(2),
        }
    )
    found = engine.to_arrow(engine.from_arrow(table, "kinds"))
    assert found.drop_columns("nothing").to_pylist() == table.drop_columns("nothing").to_pylist()
    assert found["nothing"].null_count == 2


def test_a_stream_can_be_read_more_than_once(engine: Engine) -> None:
    people = engine.from_arrow(PEOPLE.to_reader(), "streamed")
    assert [engine.to_arrow(people).num_rows for _ in range(2)] == [4, 4]


@pytest.mark.parametrize("make", [pl.DataFrame, pd.DataFrame, pa.RecordBatch.from_pydict])
def test_a_dataframe_comes_through_arrow(make: Callable[..., Any], engine: Engine) -> None:
    people = engine.from_arrow(make({"name": ["Anna"], "orders": [12]}), "frame")
    assert engine.to_arrow(people).to_pylist() == [{"name": "Anna", "orders": 12}]


def test_a_name_can_be_given_again(engine: Engine) -> None:
    for count in (4, 3, 2, 1):
        table = PEOPLE.slice(0, count)
        people = engine.from_arrow(table if count % 2 else table.to_reader(), "once more")
        assert engine.to_arrow(people).num_rows == count


def test_a_table_is_found_by_name(engine: Engine) -> None:
    engine.from_arrow(PEOPLE, "customers")
    assert engine.to_arrow(engine.table("customers").count().as_table())[0].to_pylist() == [4]


def test_a_table_of_a_schema_is_found_by_both_names(duckdb: Engine) -> None:
    duckdb.backend.raw_sql("CREATE SCHEMA shop; CREATE VIEW shop.orders AS SELECT 5 AS amount")
    assert duckdb.to_arrow(duckdb.table("shop.orders")).to_pylist() == [{"amount": 5}]


def test_a_table_that_is_not_there_is_named(engine: Engine) -> None:
    with pytest.raises(InputError, match="nowhere"):
        engine.table("nowhere")


def test_a_local_variable_is_no_table(engine: Engine) -> None:
    orders = PEOPLE
    with pytest.raises(InputError, match="orders"):
        engine.table("orders")
    assert orders.num_rows == 4


# --- computing --------------------------------------------------------------------------------------------------------


def test_batches_come_in_the_order_asked_for(engine: Engine) -> None:
    numbers = engine.from_arrow(pa.table({"No. `1`": range(5000)}), "numbers")
    batches = list(engine.batches(numbers.order_by(ibis.desc("No. `1`"))))
    assert pa.Table.from_batches(batches)["No. `1`"].to_pylist() == list(range(4999, -1, -1))


def test_batches_of_nothing_are_none_or_empty(engine: Engine) -> None:
    people = engine.from_arrow(PEOPLE, "people")
    assert sum(batch.num_rows for batch in engine.batches(people.filter(people.orders > 99))) == 0


def test_a_small_table_can_be_joined_from_here(engine: Engine) -> None:
    people, rates = engine.from_arrow(PEOPLE, "people"), pa.table({"name": ["Ben"], "rate": [0.5]})
    joined = people.join(engine.from_arrow(rates, "rates"), "name").select("name", "rate")
    assert engine.to_arrow(joined).to_pylist() == [{"name": "Ben", "rate": 0.5}]


def test_whole_numbers_stay_whole_beside_nulls(engine: Engine) -> None:
    large = engine.from_arrow(pa.table({"id": [2**53 + 1, None]}), "large")
    assert engine.to_arrow(large)["id"].to_pylist() == [2**53 + 1, None]


def test_what_cannot_be_computed_is_advice(engine: Engine) -> None:
    people = engine.from_arrow(PEOPLE, "people")
    with pytest.raises(EngineError, match="Anna"):
        engine.to_arrow(people.mutate(number=people.name.cast("int64")).filter(people.orders > 5))


def test_an_engine_is_called_by_its_name_or_handed_over(engine: Engine) -> None:
    assert engine_called(engine) is engine
    assert isinstance(engine, Engine)


def test_an_engine_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="'sparc'"):
        engine_called("sparc")


def test_the_database_of_somebody_else_is_used_as_it_is(duckdb: Engine) -> None:
    mine = engine_called("duckdb", connection=duckdb.backend.con)
    duckdb.from_arrow(PEOPLE, "theirs")
    assert mine.to_arrow(mine.table("theirs")).equals(PEOPLE)
