"""The process that reads SQLite for another: SQL comes in, Arrow goes out. See `stream`."""

import sys

import pyarrow as pa
from adbc_driver_sqlite import StatementOptions, dbapi

ROWS = 65_536  # of a batch: with the driver's 1024 the other side is busy with batches, not with rows


def main() -> None:
    """Run the SELECT of standard input on the file named, and write its rows to standard output."""
    sql = sys.stdin.read()
    rows_at_once = {StatementOptions.BATCH_ROWS.value: str(ROWS)}
    with dbapi.connect(sys.argv[1]) as adbc, adbc.cursor(adbc_stmt_kwargs=rows_at_once) as cursor:
        cursor.execute(sql)
        rows = cursor.fetch_record_batch()
        with pa.ipc.new_stream(sys.stdout.buffer, rows.schema) as out:
            for batch in rows:
                out.write_batch(batch)


if __name__ == "__main__":
    main()
