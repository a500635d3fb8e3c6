"""Whatever orders come in, as a table of an engine: files, dataframes, tables of databases and of Spark."""

import glob
import itertools
import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stammkunde.errors import InputError
from stammkunde.facts import text_files
from stammkunde.facts.engines import ROW, Engine
from stammkunde.facts.engines import engine as engine_called
from stammkunde.facts.engines.names import unlike

TEXTS = (".csv", ".tsv", ".txt", ".gz")
PARQUETS = (".parquet", ".pq")
FILES = (*TEXTS, *PARQUETS, ".xlsx", ".xls", ".ods", ".json", ".zip", ".pdf")  # whose names are never those of tables
SOURCES = (
    "Name a CSV or Parquet file, a folder of Parquet files, a table (sqlite:///shop.db::orders, duckdb:///shop.db::orders)"
    " or hand over a dataframe."
)
_ANYWHERE = (None, "UTC", "Etc/UTC", "GMT", "+00:00", "Z")
_ROWS = 20_000  # of a database at a time
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Source:
    """A table of raw orders.

    Parameters
    ----------
    table : its columns as they came, and `ROW` where its rows have an order.
    engine : where it is.
    name : what to call it in messages.
    swift : whether reading it again costs little: typed columns that nothing has to be parsed from.
    delimiter : of a text file.
    lines : line ends of a text file; more than it has rows where values have line breaks.
    """

    table: ir.Table
    engine: Engine
    name: str
    swift: bool = True
    delimiter: str | None = None
    lines: int = 0

    @property
    def headers(self) -> list[str]:
        """Its columns, without those added here."""
        return [name for name in self.table.columns if not name.startswith("__")]


def headers(source: Any, engine: str | Engine = "duckdb") -> list[str]:
    """The columns of whatever orders could be read from, as they are called there.

    Raises
    ------
    InputError : it is none of what can be read, is not there, or is no text.
    """
    return open_source(source, engine).headers


def open_source(source: Any, engine: str | Engine = "duckdb", *, moments: bool = False) -> Source:
    """Find out what `source` is, and open it on `engine`.

    Times of a dataframe that have a zone become the wall clock of that zone, which is what people see in it; with
    `moments` they stay moments, to be brought to another zone.

    Raises
    ------
    InputError : it is none of what can be read, is not there, or is no text.
    EngineError : the engine refuses to read it.
    """
    if hasattr(source, "createOrReplaceTempView"):  # a dataframe of Spark stays there
        return _spark_frame(source, engine)
    place = engine_called(engine)
    if isinstance(source, str | Path):
        return _named(str(source), place)
    if isinstance(source, ir.Table):
        return _ibis_table(source, place)
    if isinstance(source, pa.Table | pa.RecordBatch) or hasattr(source, "__arrow_c_stream__"):
        found = _numbered(source)
        return Source(
            place.from_arrow(found if moments else _wall_clocks(found), _fresh()), place, type(source).__name__
        )
    raise InputError(f"Orders cannot be read from {type(source).__name__}.", advice=SOURCES)


def _named(name: str, engine: Engine) -> Source:
    if "::" in name:
        return _database_table(name, engine)
    if "://" in name:
        return _remote(name, engine)
    path = Path(name)
    if path.is_file():
        return _parquet(path, engine) if name.endswith(PARQUETS) else _text(path, engine)
    if any(character in name for character in "*?["):
        return _several(name, engine)
    if (name and path.is_dir()) or name.endswith(PARQUETS):
        return _parquet(path, engine)
    if path.suffix.lower() in FILES or "/" in name or not name:
        raise InputError("There is no such file.", where=name, advice=SOURCES)
    return _known(name, engine)


def _known(name: str, engine: Engine) -> Source:
    try:
        return Source(engine.table(name), engine, name)
    except InputError as error:
        raise InputError(f"There is no such file, and {error.what}", where=name, advice=SOURCES) from error


def _parquet(path: Path, engine: Engine) -> Source:
    if path.is_dir():
        if not any(path.rglob("*.parquet")):
            raise InputError("There is no Parquet file in this folder.", where=str(path), advice=SOURCES)
    elif not path.is_file():
        raise InputError("There is no such file.", where=str(path), advice=SOURCES)
    return Source(engine.read_parquet(path), engine, path.name)


def _several(pattern: str, engine: Engine) -> Source:
    found = sorted(glob.glob(pattern))  # noqa: PTH207  the pattern may begin at the root
    if found and all(name.endswith(PARQUETS) for name in found):
        return Source(engine.read_parquet(pattern), engine, pattern)
    raise InputError("No Parquet files have such names.", where=pattern, advice=SOURCES)


def _text(path: Path, engine: Engine) -> Source:
    folder = tempfile.mkdtemp(prefix="stammkunde-")
    weakref.finalize(engine, shutil.rmtree, folder, ignore_errors=True)
    try:
        if text_files.begins(path, b"PAR1"):  # Parquet under another name
            return Source(engine.read_parquet(path), engine, path.name)
        layout = text_files.look(path, folder=Path(folder))
    except OSError as error:
        raise InputError(f"The file cannot be read: {error.strerror}.", where=str(path), advice=SOURCES) from error
    table = engine.read_text(layout.path, delimiter=layout.delimiter, encoding=layout.encoding)
    return Source(table, engine, path.name, swift=False, delimiter=layout.delimiter, lines=layout.lines)


def _remote(name: str, engine: Engine) -> Source:
    if name.lower().endswith(TEXTS):
        raise InputError(
            "Text files are read from this machine only.",
            where=name,
            advice="Copy it here, or keep it as Parquet there.",
        )
    return Source(engine.read_parquet(name), engine, name)


def _database_table(name: str, engine: Engine) -> Source:
    """`sqlite:///shop.db::orders`, `duckdb:///shop.db::orders`."""
    place, _, table = name.rpartition("::")
    kind, _, file = place.partition(":///")
    if kind not in ("sqlite", "duckdb") or not table:
        raise InputError("This is no table of a database that can be read.", where=name, advice=SOURCES)
    if not Path(file).is_file():
        raise InputError("There is no such database.", where=file, advice=SOURCES)
    rows = (_sqlite_rows if kind == "sqlite" else _duckdb_rows)(file, table)
    return Source(engine.from_arrow(rows, _fresh()), engine, name, swift=kind == "duckdb")


def _sqlite_rows(file: str, table: str) -> pa.RecordBatchReader:
    """Every value as text: a column of SQLite may hold any type in any row."""
    try:
        with closing(sqlite3.connect(f"{Path(file).resolve().as_uri()}?mode=ro", uri=True)) as connection:
            cursor = connection.execute(f"SELECT * FROM {_quoted(table)} LIMIT 0")  # noqa: S608  a quoted name
            names = unlike(column for column, *_ in cursor.description)
    except sqlite3.Error as error:
        raise InputError(f"SQLite cannot read the table {table!r}: {error}.", where=file, advice=SOURCES) from error
    schema = pa.schema([(ROW, pa.int64()), *((name, pa.string()) for name in names)])

    def batches() -> Iterator[pa.RecordBatch]:
        with closing(sqlite3.connect(f"{Path(file).resolve().as_uri()}?mode=ro", uri=True)) as reading:
            reading.text_factory = _as_text  # or else one byte that is not UTF-8 stops all
            rows, first = reading.execute(f"SELECT * FROM {_quoted(table)}"), 1  # noqa: S608  as above
            while part := rows.fetchmany(_ROWS):
                texts = [pa.array(map(_as_text, column), pa.string()) for column in zip(*part, strict=True)]
                numbers = range(first, first + len(part))
                yield pa.record_batch([pa.array(numbers, pa.int64()), *texts], schema)
                first += len(part)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _as_text(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return None if value is None or value == "" else str(value)


def _duckdb_rows(file: str, table: str) -> pa.Table:
    import duckdb  # only here is another database opened than the engine's own

    try:
        with duckdb.connect(file, read_only=True) as connection:
            return _numbered(connection.execute("FROM " + ".".join(map(_quoted, table.split(".")))).to_arrow_table())
    except duckdb.Error as error:
        raise InputError(
            f"DuckDB cannot read it: {str(error).splitlines()[0]}", where=f"{file}::{table}", advice=SOURCES
        ) from error


def _spark_frame(frame: Any, engine: str | Engine) -> Source:
    if isinstance(engine, str):
        engine = engine_called("spark", session=frame.sparkSession)
    name = _fresh()
    frame.createOrReplaceTempView(name)
    return Source(engine.table(name), engine, "DataFrame")


def _ibis_table(table: ir.Table, engine: Engine) -> Source:
    homes, _ = table._find_backends()
    if not homes:  # it is in memory, nowhere yet
        return Source(engine.from_arrow(_numbered(engine.to_arrow(table)), _fresh()), engine, "table")
    if homes[0] is not engine.backend:
        return Source(engine.from_arrow(homes[0].to_pyarrow_batches(table), _fresh()), engine, "table")
    return Source(table, engine, "table")


def _numbered(source: Any) -> pa.Table:
    """An Arrow table with names that differ and the number of each row."""
    if hasattr(source, "astype") and hasattr(source, "columns"):
        source = _pandas_as_text(source)
    try:
        table = pa.table(source)
    except (pa.ArrowException, ValueError, TypeError) as error:
        kind, why = type(source).__name__, str(error).splitlines()[0]
        raise InputError(f"This {kind} does not become an Arrow table: {why}.", advice=SOURCES) from error
    table = table.rename_columns(unlike(map(str, table.column_names)))
    return table.append_column(ROW, pa.array(np.arange(1, table.num_rows + 1, dtype=np.int64)))


def _pandas_as_text(frame: Any) -> Any:
    """A dataframe of pandas with names that differ, and what its columns of objects say: these may hold anything."""
    frame = frame.set_axis(unlike(map(str, frame.columns)), axis=1)
    objects = [name for name, kind in frame.dtypes.items() if str(kind) == "object"]
    mixed = {name: "string" for name in objects if not _of_one_kind(frame[name])}
    return frame.astype(mixed) if mixed else frame


def _of_one_kind(column: Any) -> bool:
    """Whether Arrow has a type for a column of objects, such as dates and decimals."""
    try:
        pa.array(column, from_pandas=True)
    except (pa.ArrowException, ValueError, TypeError):
        return False
    return True


def _wall_clocks(table: pa.Table) -> pa.Table:
    """Times with a zone as its clocks show them. Those in UTC stay: they may be anybody's."""
    for place, one in enumerate(table.schema):
        if pa.types.is_timestamp(one.type) and one.type.tz not in _ANYWHERE:
            table = table.set_column(place, one.name, pc.local_timestamp(table.column(place)))
    return table


def _fresh() -> str:
    return f"stammkunde_source_{next(_NUMBERS)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
