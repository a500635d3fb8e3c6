"""DuckDB inside this process: the default engine. Nothing is written but spill files, and these go when it ends.

Memory: DuckDB keeps the groups of an aggregation in memory up to `memory_limit` and spills the rest to
`temp_directory`. One row a customer takes about 150 bytes there, so 10 million customers stay below 4 GB.
"""

import codecs
import csv
import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend

from stammkunde.errors import EngineError, InputError
from stammkunde.facts.engines import LONGEST_LINE, ROW, SURPLUS
from stammkunde.facts.engines.names import unlike
from stammkunde.facts.engines.steps import step_by_step

MEMORY_LIMIT = "4GB"
BATCH = 1 << 18  # rows: enough to work in bulk, little enough to hold
_CHUNK = 1 << 20


class DuckDB:
    """An embedded DuckDB.

    Parameters
    ----------
    connection : an open DuckDB connection whose tables are to be used; by default a fresh one in memory.
    threads : at most this many cores; by default all of them.
    memory_limit : what DuckDB may keep in memory before it spills, for example "4GB".
    temp_directory : where it spills to; by default a folder below the system's temporary folder.
    """

    name = "duckdb"
    sorts = True

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection | None = None,
        *,
        threads: int | None = None,
        memory_limit: str = MEMORY_LIMIT,
        temp_directory: str | Path | None = None,
    ) -> None:
        self._folder = tempfile.mkdtemp(prefix="stammkunde-")  # TemporaryDirectory would warn when it goes
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        if connection is None:
            spill = Path(temp_directory or self._folder) / "spill"
            settings: dict[str, Any] = {"memory_limit": memory_limit, "temp_directory": str(spill)}
            connection = duckdb.connect(config=settings | ({"threads": str(threads)} if threads else {}))
            connection.execute("SET enable_progress_bar = false")  # DuckDB has one of its own in notebooks
        self._backend = ibis.duckdb.from_connection(bridge(connection))

    @property
    def backend(self) -> Backend:
        """The Ibis backend; its `con` is the DuckDB connection."""
        return self._backend

    def to_arrow(self, expression: ir.Table) -> pa.Table:
        """Compute `expression`. Its rows come in no order but the one it asks for."""
        with advice(), step_by_step():
            return cast(pa.Table, self._backend.to_pyarrow(expression))

    def batches(self, expression: ir.Table) -> Iterator[pa.RecordBatch]:
        """Stream the rows of `expression`."""
        with advice():
            yield from self._backend.con.execute(self._sql(expression)).fetch_record_batch(BATCH)

    def keep(self, expression: ir.Table) -> ir.Table:
        """Keep the rows as Parquet in the temporary folder: of a tenth of the size they have in memory."""
        handle, path = tempfile.mkstemp(dir=self._folder, suffix=".parquet")
        os.close(handle)
        with advice():
            self._backend.con.execute(f"COPY ({self._sql(expression)}) TO {_text(path)} (FORMAT parquet)")
            return self._backend.sql(f"FROM read_parquet({_text(path)})")

    def write_parquet(
        self, expression: ir.Table, path: str | Path, change: Callable[[pa.Table], pa.Table], schema: pa.Schema
    ) -> None:
        """Write one file."""
        with pq.ParquetWriter(path, schema) as writer:
            for batch in self.batches(expression):
                writer.write_table(change(pa.Table.from_batches([batch])).cast(schema))

    def from_arrow(self, table: pa.Table | Any, name: str) -> ir.Table:
        """Look at `table` under `name` without copying it; but a stream is copied, as it can be read only once."""
        con = self._backend.con
        for kind in ("VIEW", "TABLE"):
            with suppress(duckdb.CatalogException):  # there is none, or it is of the other kind
                con.execute(f"DROP {kind} IF EXISTS temp.{_quoted(name)}")
        if hasattr(table, "__len__"):
            con.register(name, pa.table(table))
            return self._backend.table(name)
        stream = f"{name} as it comes"
        con.register(stream, pa.RecordBatchReader.from_stream(table))
        with advice():
            con.execute(f"CREATE TEMP TABLE {_quoted(name)} AS FROM {_quoted(stream)}")
        con.unregister(stream)
        return self._backend.table(name)

    def table(self, name: str) -> ir.Table:
        """A table or view of the connection: `orders`, `shop.orders`, or one of an attached database."""
        try:
            return self._backend.sql("FROM " + ".".join(map(_quoted, name.split("."))))
        except duckdb.CatalogException as error:
            raise InputError(
                f"DuckDB has no table {name!r}.",
                advice="Name it as DuckDB does: table, schema.table or database.table.",
            ) from error

    def read_parquet(self, path: str | Path) -> ir.Table:
        """Parquet files of one schema, with `ROW` counted in each of them."""
        scan = f"read_parquet({_text(path)}, file_row_number = true)"
        with advice():
            return self._backend.sql(f"FROM {scan} SELECT file_row_number + 1 AS {ROW}, * EXCLUDE (file_row_number)")

    def read_text(
        self, path: str | Path, *, delimiter: str = ",", encoding: str = "utf-8", quote: str = '"'
    ) -> ir.Table:
        """A delimited file as text, with `ROW`; what a row has beyond the header's columns is in `SURPLUS`.

        A file in another encoding than UTF-8 is rewritten in the temporary folder first.
        """
        if codecs.lookup(encoding).name != "utf-8":
            path = self._recoded(Path(path), encoding)
        names = [*header(path, delimiter=delimiter, quote=quote), SURPLUS]
        columns = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in names)
        # Not strict, padded and in one thread: the only way in which no row is lost, whatever its quotes and length.
        scan = (
            f"read_csv({_text(path)}, columns = {{{columns}}}, auto_detect = false, header = false, skip = 1,"
            f" delim = {_text(delimiter)}, quote = {_text(quote)}, escape = {_text(quote)}, nullstr = '',"
            f" strict_mode = false, null_padding = true, parallel = false, max_line_size = {LONGEST_LINE})"
        )
        return self._backend.sql(f"FROM {scan} SELECT row_number() OVER () AS {ROW}, *")

    def _sql(self, expression: ir.Table) -> str:
        with step_by_step():
            return str(self._backend.compile(expression))

    def _recoded(self, path: Path, encoding: str) -> Path:
        handle, name = tempfile.mkstemp(dir=self._folder, suffix=".csv")
        with (
            path.open(encoding=encoding, errors="replace", newline="") as source,
            os.fdopen(handle, "w", encoding="utf-8", newline="") as target,
        ):
            while chunk := source.read(_CHUNK):
                target.write(chunk)
        return Path(name)


@contextmanager
def advice() -> Iterator[None]:
    """DuckDB's errors as ours."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise EngineError(
            "This takes more memory than DuckDB may have.",
            advice="Split the file, look for cells of unusual length, or raise `memory_limit`.",
        ) from error
    except duckdb.Error as error:
        first, unreadable = str(error).splitlines()[0], "Invalid unicode" in str(error)
        raise EngineError(
            f"DuckDB could not compute this: {first}",
            advice='The file is not in UTF-8: name its encoding, for example "cp1252".' if unreadable else None,
        ) from error


def header(path: str | Path, *, delimiter: str, quote: str) -> list[str]:
    """Column names of the first row of a UTF-8 file, empty ones named by position, repeated ones numbered."""
    with Path(path).open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return unlike(next(csv.reader([file.readline(LONGEST_LINE)], delimiter=delimiter, quotechar=quote), []))


def bridge(connection: duckdb.DuckDBPyConnection) -> Any:
    """`connection` as Ibis 12 expects it: two methods that it calls are deprecated in DuckDB 1.5 and gone in 2.0."""
    return _Bridge(connection) if hasattr(connection, "to_arrow_reader") else connection


class _Bridge:
    """DuckDB 1.5 and later under older method names; whatever else is asked goes to the connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, *args: Any, **kwargs: Any) -> "_Bridge":
        self._connection.execute(*args, **kwargs)
        return self

    def cursor(self) -> "_Bridge":
        return _Bridge(self._connection.cursor())

    def fetch_arrow_table(self, *args: Any) -> pa.Table:
        return self._connection.to_arrow_table(*args)

    def fetch_record_batch(self, *args: Any) -> pa.RecordBatchReader:
        return self._connection.to_arrow_reader(*args)


def _quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: str | Path) -> str:
    """A literal of SQL."""
    return "'" + str(value).replace("'", "''") + "'"
