"""Apache Spark: the engine for orders that do not fit one machine, or must not leave where they are.

Order tables are never collected: what comes back is as long as the expression asked for, one row a customer or less.
Rows are changed and written on the workers, which need the same Python packages as the driver.
"""

import codecs
import logging
import os
import shutil
import sys
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
import ibis.common.exceptions as ix
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.types as pt

from stammkunde.errors import EngineError, InputError, MissingExtraError
from stammkunde.facts.engines import LONGEST_LINE, ROW, SURPLUS
from stammkunde.facts.engines.names import unlike
from stammkunde.facts.engines.steps import step_by_step


@contextmanager
def _only_arrow() -> Iterator[None]:
    """PySpark warns of pandas 3 wherever it might be used; here it is not."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        yield


try:
    with _only_arrow():
        from ibis.backends.pyspark import Backend
        from ibis.backends.pyspark.datatypes import PySparkType
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.errors.exceptions.base import PythonException
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql import functions as F  # noqa: N812  everybody calls it so
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import DataType, StringType, StructType, TimestampType
except ImportError as error:
    raise MissingExtraError(
        f"Spark needs packages that are not installed: {error}.",
        advice='Install them: pip install "stammkunde[spark]".',
    ) from error

BATCH = 1 << 17  # rows a worker changes at a time
MEMORY = "4g"
_Change = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]
#: Set where somebody else configures Spark: by spark-submit, and for a remote one.
_CONFIGURED = ("PYSPARK_GATEWAY_PORT", "SPARK_REMOTE", "SPARK_CONNECT_MODE_ENABLED")
_WIDER = {
    pa.uint8(): pa.int16(),
    pa.uint16(): pa.int32(),
    pa.uint32(): pa.int64(),
    pa.uint64(): pa.decimal128(20, 0),
    pa.float16(): pa.float32(),
    pa.date64(): pa.date32(),
    pa.null(): pa.string(),
    pa.large_string(): pa.string(),
    pa.string_view(): pa.string(),
}


class Spark:
    """Spark, through a session of its own or one that is there.

    Its time zone is set to UTC for SQL; Ibis asks for it.

    Parameters
    ----------
    session : the session whose tables are to be used; by default the active one, or else a new one: that of
        spark-submit or `SPARK_REMOTE` where these are configured, a local one otherwise.
    threads : cores of a new local session, by default all of them.
    memory : memory of a new local session, for example "4g".

    Raises
    ------
    EngineError : there is no Java, or Spark does not start.
    """

    name = "spark"
    sorts = False

    def __init__(
        self, session: SparkSession | None = None, *, threads: int | None = None, memory: str = MEMORY
    ) -> None:
        logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # every error again, as a page of JSON
        with advice(), _only_arrow():
            self._session = session or SparkSession.getActiveSession() or started(threads, memory)
            self._backend = ibis.pyspark.connect(self._session)

    @property
    def backend(self) -> Backend:
        """The Ibis backend."""
        return self._backend

    def to_arrow(self, expression: ir.Table) -> pa.Table:
        """Compute `expression` and collect it. Its rows come in no order but the one it asks for."""
        with advice():
            return self._frame(expression).toArrow().cast(expression.schema().to_pyarrow(), safe=False)

    def batches(self, expression: ir.Table) -> Iterator[pa.RecordBatch]:
        """Bring the rows of `expression` one partition after the other: the driver holds no more."""
        schema = expression.schema().to_pyarrow()
        with advice():
            packed = _mapped(self._frame(expression), _pack, "packed binary")
            for row in packed.toLocalIterator():
                for batch in pa.ipc.open_stream(row.packed):
                    yield batch.rename_columns(schema.names).cast(schema, safe=False)

    def keep(self, expression: ir.Table) -> ir.Table:
        """Keep the rows in the memory and on the disks of the workers."""
        with advice():
            return self._view(self._frame(expression).persist())

    def write_parquet(
        self, expression: ir.Table, path: str | Path, change: Callable[[pa.Table], pa.Table], schema: pa.Schema
    ) -> None:
        """Write a folder from the workers; `change` travels there."""
        schema, names = _plain(schema), list(expression.columns)

        def changed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for rows in _gathered(batches):
                yield from change(rows.rename_columns(names)).cast(schema).to_batches()

        with advice():
            frame = _mapped(self._frame(expression), changed, _struct(schema))
            frame.write.mode("overwrite").parquet(self._place(path))

    def from_arrow(self, table: pa.Table | Any, name: str) -> ir.Table:
        """Hand `table` over to Spark: for what is small. Also takes whatever exports an Arrow stream."""
        table = pa.table(table)
        table = table.cast(_plain(table.schema), safe=False)
        with advice():
            return self._view(self._session.createDataFrame(table, schema=_struct(table.schema)), name)

    def table(self, name: str) -> ir.Table:
        """A table or temporary view of the session, as Spark SQL names it: `orders`, `shop.orders`."""
        try:
            frame = self._session.table(name)
            frame.schema  # noqa: B018  a remote session looks only now
        except PySparkException as error:
            raise InputError(
                f"Spark cannot read a table {name!r}: {_first_line(error)}",
                advice="Name it as Spark SQL does: table, schema.table or catalog.schema.table.",
            ) from error
        return self._view(frame)

    def read_parquet(self, path: str | Path) -> ir.Table:
        """Parquet files of one schema, with `ROW` counted in each of them."""
        with advice():
            frame = self._session.read.parquet(self._place(path))
            return self._view(frame.select((F.col("_metadata.row_index") + 1).alias(ROW), "*"))

    def read_text(
        self, path: str | Path, *, delimiter: str = ",", encoding: str = "utf-8", quote: str = '"'
    ) -> ir.Table:
        """A delimited file as text; what a row has beyond the header's columns is in `SURPLUS`.

        A single file has `ROW`, several have not. A file is read by one worker, since fields may hold line breaks.
        """
        charset = codecs.lookup(encoding).name.removesuffix("-sig")
        if charset != "utf-8":  # Windows-1252 is not among the few that Spark 4 takes by itself
            self._session.conf.set("spark.sql.legacy.javaCharsets", "true")
        layout: dict[str, Any] = {"sep": delimiter, "quote": quote, "escape": quote, "encoding": charset}
        layout |= {"multiLine": True, "maxCharsPerColumn": LONGEST_LINE}
        with advice():
            file = self._place(path)
            first = self._session.read.csv(file, header=False, **layout).first()
            names = [*unlike(first or ()), SURPLUS]
            schema = StructType()
            for name in names:
                schema.add(name, StringType())
            frame = self._session.read.csv(file, schema=schema, header=True, **layout)
            columns = [F.nullif(F.col(_quoted(name)), F.lit("")).alias(name) for name in names]
            row = [(F.monotonically_increasing_id() + 1).alias(ROW)] if len(frame.inputFiles()) == 1 else []
            return self._view(frame.select(*row, *columns))

    def _place(self, path: str | Path) -> str:
        """`path` from where Python works: the Java of a local Spark stays in the folder in which it was started."""
        local = "://" not in str(path) and str(self._session.conf.get("spark.master", "")).startswith("local")
        return str(Path(path).absolute()) if local else str(path)

    def _frame(self, expression: ir.Table) -> DataFrame:
        with step_by_step():
            return self._session.sql(self._backend.compile(expression))

    def _view(self, frame: DataFrame, name: str | None = None) -> ir.Table:
        """The Ibis table of `frame`. Types Ibis does not know become text; moments say that they are moments.

        Ibis shows Spark's moments (TIMESTAMP) and wall clocks (TIMESTAMP_NTZ) alike, but their days differ.
        """
        kinds = {field.name: _kind(field.dataType) for field in frame.schema.fields}
        if None in kinds.values():
            columns = {column: F.col(_quoted(column)) for column in kinds}
            frame = frame.select(
                *((columns[c] if kind else columns[c].cast("string")).alias(c) for c, kind in kinds.items())
            )
        name = name or f"stammkunde_{uuid.uuid4().hex}"
        frame.createOrReplaceTempView(_quoted(name))
        known = {column: kind or dt.string for column, kind in kinds.items()}
        return self._backend.sql(f"FROM {_quoted(name)}", schema=ibis.schema(known))


@contextmanager
def advice() -> Iterator[None]:
    """Spark's errors as ours."""
    try:
        yield
    except (PySparkException, Py4JError) as error:
        nanoseconds = "TIMESTAMP(NANOS" in str(error)
        raise EngineError(
            f"Spark could not compute this: {_first_line(error)}",
            advice="Spark reads no nanoseconds: write the file with microseconds, or use the engine duckdb."
            if nanoseconds
            else None,
        ) from error


def started(threads: int | None, memory: str) -> SparkSession:
    """A session as the environment configures it, else a new local one, quiet and small."""
    if any(name in os.environ for name in _CONFIGURED):
        return SparkSession.builder.getOrCreate()
    if not shutil.which("java") and "JAVA_HOME" not in os.environ:
        raise EngineError(
            "Spark needs Java, and there is none.",
            advice="Install Java 17 (on Debian: apt-get install openjdk-17-jre-headless), or use the engine duckdb.",
        )
    quiet = Path(__file__).with_name("log4j2.properties").as_uri()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else workers take whatever python3 is in the path
    cores = threads or os.cpu_count() or 1
    settings = {
        "spark.master": f"local[{cores}]",
        "spark.app.name": "stammkunde",
        "spark.driver.memory": memory,
        "spark.driver.maxResultSize": "0",  # a table of all customers may well be larger than the default
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={quiet}",
        "spark.executorEnv.PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(2 * cores),
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH),
    }
    builder = SparkSession.builder
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _first_line(error: Exception) -> str:
    """What went wrong in one line: the last one of a worker's traceback, the first one of what Java says."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines or [type(error).__name__])[-1 if isinstance(error, PythonException) else 0]


def _mapped(frame: DataFrame, change: _Change, schema: StructType | str) -> DataFrame:
    with _only_arrow():
        # By position: it does not find a column with a dot in its name.
        return frame.toDF(*map(str, range(len(frame.columns)))).mapInArrow(change, schema)


def _pack(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Each batch as one row with its bytes: rows of Arrow travel faster so than rows of Spark."""
    for batch in batches:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as writer:
            writer.write_batch(batch)
        yield pa.record_batch({"packed": pa.array([sink.getvalue().to_pybytes()], pa.binary())})


def _gathered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Small batches put together: work in bulk, whatever the session sends at a time."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(part.num_rows for part in waiting) >= BATCH:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if sum(part.num_rows for part in waiting):
        yield pa.Table.from_batches(waiting)


def _plain(schema: pa.Schema) -> pa.Schema:
    """`schema` in types that Spark has, without its metadata."""
    return pa.schema([pa.field(field.name, _plain_type(field.type)) for field in schema])


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pt.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if pt.is_time(kind):
        return pa.string()
    return _WIDER.get(kind, kind)


def _struct(schema: pa.Schema) -> StructType:
    return from_arrow_schema(schema, prefer_timestamp_ntz=True)


def _kind(kind: DataType) -> dt.DataType | None:
    """Ibis' type of a type of Spark; None where it has none."""
    if isinstance(kind, TimestampType):
        return dt.Timestamp(timezone="UTC")
    try:
        return PySparkType.to_ibis(kind)
    except (NotImplementedError, ix.IbisTypeError):
        return None


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
