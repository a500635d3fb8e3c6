"""Rows as Arrow; from SQLite through a process of its own.

ADBC brings a second SQLite into the process. POSIX locks belong to the process, so its closing connection takes itself
for the last one and deletes the write-ahead log under Django's: what is written then is lost to everybody else
(https://www.sqlite.org/howtocorrupt.html, 2.2.1). In a process of its own the locks hold, and reading and counting
share two cores.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
from django.db import connection

from stammkunde.server.lib import arrow

READER = "stammkunde.server.clv.computing.reader"
#: A value of each type: the driver takes the type of a column from its first rows.
_SAMPLE = {"int64": "0", "string": "''", "double": "0.5"}


@contextmanager
def batches(sql: str, schema: pa.Schema) -> Iterator[Iterator[pa.RecordBatch]]:
    """The rows of a SELECT as batches of `schema` (int64, float64, string). It sees what is committed."""
    if connection.vendor == "postgresql":
        with arrow.batches(sql, schema) as found:
            yield found
        return
    sample = ", ".join(f'{_SAMPLE[str(field.type)]} AS "{field.name}"' for field in schema)
    command = [sys.executable, "-m", READER, str(connection.settings_dict["NAME"])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603  own program
        assert process.stdin is not None  # noqa: S101  both were asked for
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(f"SELECT {sample} UNION ALL SELECT * FROM ({sql})".encode())
        process.stdin.close()
        yield _typed(process, schema)
        if process.wait():
            raise RuntimeError(f"The process that reads the database ended with {process.returncode}.")


def _typed(process: "subprocess.Popen[bytes]", schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    skip = 1
    try:
        stream = pa.ipc.open_stream(process.stdout)
    except pa.ArrowInvalid:  # it ended before the first row; its end code tells
        return
    for batch in stream:
        kept, skip = batch.slice(skip), max(skip - batch.num_rows, 0)
        columns = [kept.column(i).cast(field.type) for i, field in enumerate(schema)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)
