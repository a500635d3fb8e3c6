"""What only Spark has to promise: it says what it lacks, and keeps the orders where they are."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lines import shop
from stammkunde.errors import EngineError, MissingExtraError
from stammkunde.facts import Engine, engine, histogram, holdout, summarize

TWICE = [(name, f"2024-01-0{day}", 5.0) for name in ("Anna", "Ben") for day in range(1, 10) for _ in range(3)]


def on_spark(test: Callable[..., None]) -> Callable[..., None]:
    """One worker owns the session."""
    marked: Callable[..., None] = pytest.mark.spark(pytest.mark.xdist_group("spark")(test))
    return marked


def test_without_pyspark_there_is_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ibis.backends.pyspark", None)
    monkeypatch.delitem(sys.modules, "stammkunde.facts.engines.spark", raising=False)
    with pytest.raises(MissingExtraError, match="not installed") as missing:
        engine("spark")
    assert 'pip install "stammkunde[spark]"' in missing.value.advice


@pytest.mark.spark
def test_without_java_there_is_advice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from stammkunde.facts.engines.spark import started  # needs pyspark

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(EngineError, match="Java") as missing:
        started(1, "1g")
    assert "openjdk" in missing.value.advice


class Watched:
    """An engine that counts the rows that leave it."""

    def __init__(self, watched: Engine) -> None:
        self.watched, self.rows = watched, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.watched, name)

    def to_arrow(self, expression: Any) -> pa.Table:
        table = self.watched.to_arrow(expression)
        self.rows += table.num_rows
        return table

    def batches(self, expression: Any) -> Iterator[pa.RecordBatch]:
        raise AssertionError("rows were streamed away from Spark")


@on_spark
def test_only_one_row_a_customer_leaves_spark(spark: Engine) -> None:
    watched = Watched(spark)
    orders = shop(watched, TWICE)
    assert len(summarize(orders)) == watched.rows == 2
    histogram(orders)
    holdout(orders, date(2024, 1, 2), date(2024, 1, 9))
    assert watched.rows == 2 + 2 + 2


@on_spark
def test_nanoseconds_are_named_where_spark_cannot_read_them(spark: Engine, tmp_path: Path) -> None:
    moments = pa.array([datetime(2024, 1, 1, tzinfo=UTC)], pa.timestamp("ns", "UTC"))
    pq.write_table(pa.table({"moment": moments}), tmp_path / "fine.parquet")
    with pytest.raises(EngineError) as refused:
        spark.read_parquet(tmp_path / "fine.parquet")
    assert "microseconds" in refused.value.advice


@on_spark
def test_several_text_files_are_one_table_without_row_numbers(spark: Engine, tmp_path: Path) -> None:
    for name in ("Anna", "Ben"):
        (tmp_path / f"{name}.csv").write_text(f"customer,amount\n{name},5\n")
    table = spark.to_arrow(spark.read_text(tmp_path).order_by("customer"))
    assert table.column_names == ["customer", "amount", "__surplus__"]
    assert table["customer"].to_pylist() == ["Anna", "Ben"]


@on_spark
def test_an_error_on_a_worker_is_said_in_one_line(spark: Engine, tmp_path: Path) -> None:
    def refuse(rows: pa.Table) -> pa.Table:
        raise ValueError("Anna is not a number")

    people = spark.from_arrow(pa.table({"name": ["Anna"]}), "people")
    with pytest.raises(EngineError, match=r"this: ValueError: Anna is not a number\n"):
        spark.write_parquet(people, tmp_path / "out", refuse, pa.schema([("name", pa.string())]))


@on_spark
def test_the_session_of_somebody_else_is_used_as_it_is(spark: Engine) -> None:
    session = spark.backend._session
    session.sql("SELECT 'Anna' AS customer").createOrReplaceTempView("theirs")
    mine = engine("spark", session=session)
    assert mine.to_arrow(mine.table("theirs"))["customer"].to_pylist() == ["Anna"]
