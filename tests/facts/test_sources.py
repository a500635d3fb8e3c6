"""The same orders from wherever they are: files, folders, dataframes of any kind, databases, Spark."""

import sqlite3
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb as duckdb_package
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exports import accepted, balance, export, read, rejected, worth
from stammkunde.errors import EngineError, InputError, NotEnoughDataError
from stammkunde.facts import Engine, engine, read_orders, summarize

ORDERS = pa.table(
    {
        "customer_id": ["Anna", "Ben", None, "Anna"],
        "order_date": [date(2024, 1, 3), date(2024, 1, 4), date(2024, 1, 5), date(2024, 2, 3)],
        "amount": [10.5, 20.0, 5.0, None],
    }
)
READ = [("Anna", "2024-01-03", 10.5), ("Ben", "2024-01-04", 20.0)]
LEFT = [(3, "customer_id", "no_customer", None), (4, "amount", "no_amount", None)]


def in_pandas() -> Any:
    return pytest.importorskip("pandas").DataFrame(ORDERS.to_pydict())


def in_polars() -> Any:
    return pytest.importorskip("polars").from_arrow(ORDERS)


def in_duckdb() -> Any:
    return duckdb_package.connect().from_arrow(ORDERS)


DATAFRAMES: dict[str, Callable[[], Any]] = {
    "pyarrow": lambda: ORDERS,
    "a batch": lambda: ORDERS.to_batches()[0],
    "a stream": lambda: pa.RecordBatchReader.from_batches(ORDERS.schema, ORDERS.to_batches()),
    "pandas": in_pandas,
    "pandas, nullable": lambda: in_pandas().convert_dtypes(),
    "pandas, categories": lambda: in_pandas().astype({"customer_id": "category"}),
    "pandas, an index": lambda: in_pandas().set_index(pytest.importorskip("pandas").Index([7, 7, 8, 9])),
    "polars": in_polars,
    "polars, categories": lambda: in_polars().cast({"customer_id": pytest.importorskip("polars").Categorical}),
    "duckdb": in_duckdb,
    "ibis": lambda: ibis.memtable(ORDERS),
}


@pytest.mark.parametrize("kind", DATAFRAMES)
def test_a_dataframe_of_any_kind_is_read(duckdb: Engine, kind: str) -> None:
    orders = read_orders(DATAFRAMES[kind](), engine=duckdb)
    assert accepted(orders) == READ
    assert [(column, reason) for _, column, reason, _ in rejected(orders)] == [
        (column, reason) for _, column, reason, _ in LEFT
    ]
    balance(orders)


def test_parquet_comes_as_a_file_a_folder_and_a_pattern(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "shop" / "2024"
    folder.mkdir(parents=True)
    pq.write_table(ORDERS.slice(0, 2), folder / "a.parquet")
    pq.write_table(ORDERS.slice(2), folder / "b.parquet")
    for source in (folder, str(folder / "*.parquet")):
        orders = read_orders(source, engine=engine)
        assert (accepted(orders), orders.rejected) == (READ, 2)
    assert accepted(read_orders(folder / "a.parquet", engine=engine)) == READ


def test_parquet_under_another_name_is_read(duckdb: Engine, tmp_path: Path) -> None:
    pq.write_table(ORDERS, tmp_path / "orders.csv")
    pq.write_table(ORDERS, tmp_path / "orders [1].parquet")
    assert rejected(read_orders(tmp_path / "orders.csv", engine=duckdb)) == LEFT
    assert read_orders(tmp_path / "orders [1].parquet", engine=duckdb).rejected == 2


def test_a_table_that_the_engine_knows_is_read_by_its_name(engine: Engine) -> None:
    engine.from_arrow(ORDERS, "known_orders")
    assert accepted(read_orders("known_orders", engine=engine)) == READ
    with pytest.raises(InputError, match="unknown_orders"):
        read_orders("unknown_orders", engine=engine)


def test_a_table_of_an_own_connection_is_read() -> None:
    connection = duckdb_package.connect()
    connection.execute("CREATE SCHEMA shop")
    connection.register("incoming", ORDERS)
    connection.execute("CREATE TABLE shop.orders AS FROM incoming")
    assert accepted(read_orders("shop.orders", engine=engine("duckdb", connection=connection))) == READ


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_a_dataframe_of_spark_stays_there(spark: Engine) -> None:
    session: Any = spark.backend._session
    frame = session.createDataFrame(ORDERS)
    orders = read_orders(frame)
    assert (orders.engine.name, accepted(orders), orders.rejected) == ("spark", READ, 2)


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """A database in which a column holds what it likes."""
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE bestellungen (Kunde, Datum TEXT, Betrag REAL, Notiz)")
        rows = [(17850, "2024-01-03", 10.5, None), ("17850", "2024-01-04", 20.0, b"\xff"), ("", "2024-01-05", 5.0, 1.5)]
        connection.executemany("INSERT INTO bestellungen VALUES (?, ?, ?, ?)", rows)
        connection.execute("INSERT INTO bestellungen VALUES (CAST(x'ff' AS TEXT), '2024-01-06', 1, '')")
    connection.close()
    return f"sqlite:///{tmp_path / 'shop.db'}"


def test_a_table_of_sqlite_is_read(duckdb: Engine, sqlite: str) -> None:
    orders = read_orders(f"{sqlite}::bestellungen", engine=duckdb)
    assert accepted(orders) == [
        ("17850", "2024-01-03", 10.5),
        ("17850", "2024-01-04", 20.0),
        ("\ufffd", "2024-01-06", 1.0),
    ]
    assert rejected(orders) == [(3, "Kunde", "no_customer", None)]


def test_a_table_of_a_duckdb_file_is_read(duckdb: Engine, tmp_path: Path) -> None:
    with duckdb_package.connect(str(tmp_path / "laden.duckdb")) as connection:
        connection.register("incoming", ORDERS)
        connection.execute("CREATE SCHEMA shop; CREATE TABLE shop.orders AS FROM incoming")
    orders = read_orders(f"duckdb:///{tmp_path / 'laden.duckdb'}::shop.orders", engine=duckdb)
    assert (accepted(orders), rejected(orders)) == (READ, LEFT)


def test_what_is_not_there_is_told_by_its_name(duckdb: Engine, tmp_path: Path, sqlite: str) -> None:
    (tmp_path / "empty").mkdir()
    export(tmp_path, "no parquet", "orders.parquet")
    for source in (
        "nowhere.csv",
        "nowhere.xlsx",
        "folder/nowhere",
        "nowhere.parquet",
        "nowhere/*.parquet",
        "nowhere",
        "",
        str(tmp_path / "empty"),
        f"{sqlite}::orders",
        f"{sqlite}::",
        "sqlite:///nowhere.db::orders",
        "duckdb:///nowhere.db::orders",
        f"duckdb:///{tmp_path / 'orders.parquet'}::orders",
        "postgres://shop::orders",
        "https://shop.example/orders.csv",
        str(tmp_path / "orders.parquet"),
    ):
        with pytest.raises((InputError, EngineError, NotEnoughDataError)) as refusal:
            read_orders(source, engine=duckdb)
        assert Path(source.split("::")[0]).name in str(refusal.value), source


@pytest.mark.parametrize("source", [None, 5, [1, 2], {"customer": ["Anna"]}], ids=repr)
def test_what_is_no_source_is_refused(duckdb: Engine, source: Any) -> None:
    with pytest.raises(InputError, match=f"Orders cannot be read from {type(source).__name__}"):
        read_orders(source, engine=duckdb)


# --- customers by any number ------------------------------------------------------------------------------------------

ANY_IDS = {
    "integers from 0": (pa.array([0, 1, 0]), {0: 40.0, 1: 20.0}),
    "decimals of pandas": (pa.array([17850.0, 17851.0, None]), {17850: 10.0, 17851: 20.0}),
    "text of decimals": (pa.array(["17850.0", "17851.0", "17850"]), {"17850": 40.0, "17851": 20.0}),
    "versions": (pa.array(["1.0", "1.5", "1"]), {"1.0": 10.0, "1.5": 20.0, "1": 30.0}),
    "beyond 64 bits": (
        pa.array([Decimal(10**20), Decimal(5), Decimal(5)], pa.decimal128(38, 0)),
        {"1" + "0" * 20: 10.0, "5": 50.0},
    ),
    "unsigned": (pa.array([2**64 - 1, 2, 2], pa.uint64()), {str(2**64 - 1): 10.0, "2": 50.0}),
    "beyond what decimals hold": (pa.array([2**53 + 1, 2**53 + 2, 1]), {2**53 + 1: 10.0, 2**53 + 2: 20.0, 1: 30.0}),
    "addresses": (pa.array(["Anna@Shop.de", "anna@shop.de ", "Ben"]), {"anna@shop.de": 30.0, "Ben": 30.0}),
    "formulas": (pa.array(["=1+1", "@SUM(A1)", "-2+3"]), {"=1+1": 10.0, "@sum(a1)": 20.0, "-2+3": 30.0}),
    "guests": (pa.array(["guest", "NaN", "Anna"]), {"Anna": 30.0}),
}


@pytest.mark.parametrize("name", ANY_IDS)
def test_customers_keep_their_numbers(duckdb: Engine, name: str) -> None:
    ids, wanted = ANY_IDS[name]
    table = pa.table({"customer": ids, "date": [date(2024, 1, 3)] * 3, "amount": [10.0, 20.0, 30.0]})
    assert worth(read_orders(table, engine=duckdb)) == wanted


def test_a_column_of_objects_may_hold_anything(duckdb: Engine) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"customer": ["Anna", 17, 17.0, None], "date": ["2024-01-03"] * 4, "amount": [1, 2, 4, 8]})
    frame["paid"] = [Decimal("1.5"), object(), date(2024, 1, 1), {1}]
    assert worth(read_orders(frame, engine=duckdb)) == {"Anna": 1.0, "17": 6.0}


def test_columns_of_one_name_are_told_apart(duckdb: Engine) -> None:
    pandas = pytest.importorskip("pandas")
    rows = [["Anna", "2024-01-03", 10.0, 12.0]]
    frame = pandas.DataFrame(rows, columns=["customer", "date", "amount", "amount"])
    assert worth(read_orders(frame, engine=duckdb)) == {"Anna": 10.0}
    assert worth(read_orders(frame, engine=duckdb, amount="amount_2")) == {"Anna": 12.0}


def test_what_no_arrow_table_can_hold_is_refused_with_the_reason(duckdb: Engine) -> None:
    class Broken:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise ValueError("no rows today")

    with pytest.raises(InputError, match="This Broken does not become an Arrow table: no rows today"):
        read_orders(Broken(), engine=duckdb)


def test_many_columns_with_headers_of_all_kinds_are_read(duckdb: Engine, tmp_path: Path) -> None:
    odd = ["", "", "date", 'a"b', "a`b", "a.b", "__row__", "SELECT *", "💶", "amount "]
    headers = ["customer", "Date", "Amount", *(header.replace('"', '""') for header in odd)]
    many = [f"c{i}" for i in range(2_000)]
    text = ",".join(f'"{h}"' for h in headers) + "," + ",".join(many) + "\nAnna,2024-01-03,10" + ",x" * 2_010 + "\n"
    assert worth(read(tmp_path, text, duckdb)) == {"Anna": 10.0}


@pytest.mark.slow
def test_ten_thousand_columns_are_read(duckdb: Engine, tmp_path: Path) -> None:
    text = ",".join(["customer", "date", "amount", *(f"c{i}" for i in range(10_000))]) + "\nAnna,2024-01-03,10\n"
    assert worth(read(tmp_path, text, duckdb)) == {"Anna": 10.0}


def test_whatever_is_read_can_be_summarized_at_once() -> None:
    assert summarize(ORDERS).table["customer_id"].to_pylist() == ["Anna", "Ben"]
