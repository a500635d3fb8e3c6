"""Where the tables are computed: DuckDB inside this process by default, Apache Spark where the data does not fit.

Every table of facts is one Ibis expression and runs unchanged on both. Only Arrow tables leave an engine.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import pyarrow as pa

from stammkunde.errors import InputError

if TYPE_CHECKING:  # ibis takes most of a second to import; whoever asks for an engine pays, not whoever asks for help
    import ibis.expr.types as ir
    from ibis.backends import BaseBackend

#: Column with the number of the row in its file, 1 for the first row after the header.
ROW = "__row__"

#: Column with the first field a row of text has beyond the columns of the header; null in an orderly row.
SURPLUS = "__surplus__"

#: Bytes of text; a longer line is not an order.
LONGEST_LINE = 1_000_000

ENGINES = ("duckdb", "spark")


@runtime_checkable
class Engine(Protocol):
    """What facts asks of a place that computes tables."""

    name: str
    #: Whether rows may be sorted and streamed here: so where the data is in this process, not where it is spread.
    sorts: bool

    @property
    def backend(self) -> "BaseBackend":
        """The Ibis backend that runs the expressions."""
        ...

    def to_arrow(self, expression: "ir.Table") -> pa.Table:
        """Compute `expression` and bring its rows here: for one row a customer, or less."""
        ...

    def batches(self, expression: "ir.Table") -> Iterator[pa.RecordBatch]:
        """Compute `expression` and bring its rows here a batch at a time, in its order.

        Nothing else can be asked of the engine until the last batch is taken.
        """
        ...

    def keep(self, expression: "ir.Table") -> "ir.Table":
        """Compute `expression` once and keep its rows where it is computed, until the engine goes."""
        ...

    def write_parquet(
        self, expression: "ir.Table", path: str | Path, change: Callable[[pa.Table], pa.Table], schema: pa.Schema
    ) -> None:
        """Compute `expression`, change its rows, some at a time, into rows of `schema`, and write them as Parquet.

        DuckDB writes a file; Spark writes a folder from its workers, replacing an earlier one.
        """
        ...

    def from_arrow(self, table: pa.Table | Any, name: str) -> "ir.Table":
        """Make `table` known to the engine as `name`, replacing an earlier one.

        It may be anything that exports an Arrow stream: a RecordBatchReader, a dataframe of pandas or polars, …
        """
        ...

    def table(self, name: str) -> "ir.Table":
        """The table or view that the engine's connection or session knows as `name`, `schema.name` or so.

        Raises
        ------
        InputError : there is none.
        """
        ...

    def read_parquet(self, path: str | Path) -> "ir.Table":
        """The Parquet file, folder or glob at `path`, with column `ROW`; nothing is read yet.

        With several files `ROW` counts within each file.
        """
        ...

    def read_text(
        self, path: str | Path, *, delimiter: str = ",", encoding: str = "utf-8", quote: str = '"'
    ) -> "ir.Table":
        """The delimited file with a header at `path`: every column as text, empty fields null.

        With column `ROW`, but for several files on Spark, which come in no order. Short rows are filled up with nulls,
        long ones show in column `SURPLUS`. `encoding` is a name Python knows.
        """
        ...


def engine(name: "str | Engine" = "duckdb", **settings: Any) -> Engine:
    """The engine called `name` ("duckdb" or "spark"), set up with `settings`; an engine is handed back as it is.

    Raises
    ------
    InputError : no engine has this name.
    EngineError : what it needs is not installed.
    """
    if not isinstance(name, str):
        return name
    if name == "duckdb":
        from stammkunde.facts.engines.duckdb import DuckDB  # imports duckdb and ibis: a second nobody else should wait

        return DuckDB(**settings)
    if name == "spark":
        from stammkunde.facts.engines.spark import Spark  # pyspark is optional

        return Spark(**settings)
    raise InputError(f"There is no engine {name!r}.", advice=f"Choose one of {', '.join(ENGINES)}.")
