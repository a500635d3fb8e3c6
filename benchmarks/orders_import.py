"""A CSV of a million orders into the record, beside the bare load of the same rows into the same tables.

    python benchmarks/orders_import.py [--orders 1000000] [--database postgresql://user:password@host:5432/name]

A row an order: number, day, customer, address, product, quantity, amount, shipping, channel, country. `take in` is the
job that the worker does after somebody has said yes to the dry run, with its progress; the dry run stands beside it.
The bare load reads the rows of all tables that the import has filled, empties them and writes the rows back: COPY on
PostgreSQL, executemany in one transaction on SQLite, all indexes in place. What it costs to read them is not counted.
On PostgreSQL it works in a database beside the one that is named.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import shop_database
from phases import Stopwatch

TABLES = ("shop_customer", "shop_word", "shop_identity", "shop_order", "shop_orderline", "shop_refund")


def write(orders: int, path: Path) -> None:
    """The file."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv

    import synthetic

    found = synthetic.orders(max(round(orders / 5.7), 10)).slice(0, orders)
    number, who = pa.array(np.arange(1, len(found) + 1)), found["customer_id"].cast(pa.string())

    def chosen(words: list[str], by: Any) -> pa.Array:
        return pa.array(words).take(pa.array(np.asarray(by) % len(words)))

    ids = found["customer_id"].to_numpy()
    said = {
        "order number": pa.compute.binary_join_element_wise("A-", number.cast(pa.string()), ""),
        "date": found["date"].cast(pa.string()),
        "customer number": who,
        "email": pa.compute.binary_join_element_wise(
            chosen(shop_database.FIRST, ids), who, pa.compute.binary_join_element_wise("@", "shop.example", ""), ""
        ),
        "product": chosen([f"Product {k}" for k in range(200)], number),
        "quantity": chosen(["1", "1", "2"], number),
        "amount": found["amount"].cast(pa.string()),
        "shipping": chosen(["4.90", "0.00"], number),
        "channel": chosen(list(shop_database.CHANNELS), ids),
        "country": chosen(list(shop_database.COUNTRIES), ids),
    }
    pyarrow.csv.write_csv(pa.table(said), path)


def taken(path: Path) -> None:
    """Check and take the file in, as the worker does."""
    shop_database.started()
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from stammkunde.server.lib.models import Job
    from stammkunde.server.lib.work import run_due
    from stammkunde.server.shop.actions import importing
    from stammkunde.server.shop.models import Changed, Import

    call_command("migrate", verbosity=0)
    now = timezone.now()
    watch = Stopwatch()
    with watch.phase("dry run"):
        found = importing.begin(path, name=path.name, digest="", now=now, by=None)
        run_due(now=now, most=1)
    found.refresh_from_db()
    if found.state != Import.State.CHECKED:
        raise SystemExit(f"{found.state}: {found.error}")
    with watch.phase("take in"):
        importing.start(found, now=now, by=None)
        run_due(now=now, most=1)
    Job.objects.all().delete()  # the value run that it asks for
    Changed.objects.all().delete()  # whom segments are to look at
    found.refresh_from_db()
    with connection.cursor() as cursor:
        rows = {table: _count(cursor, table) for table in TABLES}
    watch.facts = {"state": found.state, "outcome": found.outcome.get("orders"), "rows": rows}
    watch.report()


def _count(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT COUNT(*) FROM {table}")
    return int(cursor.fetchone()[0])


def bare() -> None:
    """The same rows into the same tables by the plainest way that is fast."""
    shop_database.started()
    from django.db import connection, transaction

    watch, postgres = Stopwatch(), connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        kept = {}
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            kept[table] = ([each[0] for each in cursor.description], cursor.fetchall())
        for table in reversed(TABLES):
            cursor.execute(f"TRUNCATE {table} CASCADE" if postgres else f"DELETE FROM {table}")
    with watch.phase("load"), transaction.atomic(), connection.cursor() as cursor:
        for table, (names, rows) in kept.items():
            (_copy if postgres else _many)(cursor, table, names, rows)
    watch.report()


def _copy(cursor: Any, table: str, names: list[str], rows: list[Any]) -> None:
    with cursor.cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _many(cursor: Any, table: str, names: list[str], rows: list[Any]) -> None:
    blanks = ", ".join(["%s"] * len(names))
    cursor.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({blanks})", rows)


def main() -> None:
    """Write the file, take it in, load its rows barely; print the multiple."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--orders", type=int, default=1_000_000)
    asked.add_argument("--database", default="", help="an address of PostgreSQL; none: SQLite")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder, shop_database.beside(given.database) as address:
        os.environ.update(STAMMKUNDE_DATA=folder, STAMMKUNDE_DATABASE_URL=address, STAMMKUNDE_LOG_LEVEL="ERROR")
        path = Path(folder) / "uploads" / "orders.csv"
        path.parent.mkdir()
        write(given.orders, path)
        imported = shop_database.done(__file__, "take", path)
        loaded = shop_database.done(__file__, "bare")
    rows = imported.facts["rows"]
    print(", ".join(f"{count:,} {table.removeprefix('shop_')}" for table, count in rows.items()))
    check, take, load = imported.phases["dry run"], imported.phases["take in"], loaded.phases["load"]
    for name, cost in (("dry run", check), ("take in", take), ("bare load", load)):
        print(f"{name:<10}{cost.wall:7.1f} s (CPU {cost.cpu:.1f} s), {cost.over:,.0f} MiB over the interpreter")
    print(f"{take.wall / load.wall:.1f} times the bare load (CPU {take.cpu / load.cpu:.1f} times)")


if __name__ == "__main__":
    jobs = {"take": lambda: taken(Path(sys.argv[2])), "bare": bare}
    jobs.get(sys.argv[1] if len(sys.argv) > 1 else "", main)()
