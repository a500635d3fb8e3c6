"""A run of the server's value room: from the orders in the database to written predictions, beside its own floor.

    python benchmarks/server_value.py [--customers 1000000] [--database postgresql://user:password@host:5432/name]

Without --database it makes an SQLite file in a temporary folder; with it, the tables are made in that database, which
must be empty. A million customers of `synthetic.py` make 5.7 million orders, with lines and refunds; half of the costs
are known, the rest comes from rates. The floor reads the columns that the run needs of the same tables with ADBC, and
does nothing with them. Both are processes of their own, one after the other.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from phases import Run, Stopwatch, run

NOW = "2026-01-01 03:00:00+00:00"
CHANNELS = ("web", "app", "search", "social", "amazon", "newsletter")
COUNTRIES = ("DE", "AT", "CH", "NL")

STAGED = {
    "customers": """
        INSERT INTO shop_customer (id, origin, name, email, phone, company, postcode, country, locale, zone, type,
            channel, known_since, changed_at)
        SELECT DISTINCT customer, 'bench:' || customer, 'Customer ' || customer, '', '', '', '', 'DE', '', '', '', '',
            {now}, {now} FROM staged""",
    "orders": """
        INSERT INTO shop_order (id, source_id, external_id, version, number, customer_id, placed_at, day, test,
            currency, gross, discount, shipping, total, tax, goods_cost, uncosted, shipping_cost, payment_fee,
            other_cost, refunded, coupon, channel, country, cart_token)
        SELECT id, 1, 'order-' || id, 0, '#' || id, customer, {now}, {date}, {no}, 'EUR', cents, 0, 490, cents + 490,
            CASE WHEN id % 2 = 0 THEN (cents + 490) * 19 / 119 END, CASE WHEN id % 3 > 0 THEN cents * 2 / 5 END,
            CASE WHEN id % 3 > 0 THEN 0 ELSE cents END, CASE WHEN id % 2 = 0 THEN 420 END,
            CASE WHEN id % 4 > 0 THEN cents / 50 + 25 END, 0, 0, '', {channel}, {country}, '' FROM staged""",
    "lines": """
        INSERT INTO shop_orderline (id, order_id, external_id, sku, title, category, quantity, price, discount, total,
            returned)
        SELECT id, id, '1', 'sku-' || id % 200, 'Product ' || id % 200, '', 1, cents, 0, cents, 0 FROM staged""",
    "refunds": """
        INSERT INTO shop_refund (source_id, external_id, version, order_key, order_id, customer_id, at, day, dated,
            amount, fee, reason)
        SELECT 1, 'refund-' || id, 0, 'order-' || id, id, customer, {now}, {date}, {yes}, cents / 2, 0, ''
        FROM staged WHERE id % 25 = 0""",
}
FLOOR = """
    SELECT customer_id, {day}, gross, discount, shipping, total, tax, goods_cost, uncosted, shipping_cost, payment_fee,
        other_cost, id, channel, country FROM shop_order
    WHERE customer_id IS NOT NULL AND NOT test AND cancelled_at IS NULL"""
FLOOR_REFUNDS = "SELECT customer_id, {day}, amount, tax, goods_back, fee, order_id FROM shop_refund"


def _started() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stammkunde.server.settings")
    import django  # reads settings from the environment that main has set

    django.setup()


def _word(words: tuple[str, ...]) -> str:
    return "CASE " + " ".join(f"WHEN id % {len(words)} = {k} THEN '{w}'" for k, w in enumerate(words)) + " END"


def fill(customers: int) -> None:
    """Make the tables and fill them, a statement each."""
    _started()
    from django.core.management import call_command  # after setup
    from django.db import connection

    from stammkunde.server.clv.models import Rates
    from stammkunde.server.shop.models import Source

    call_command("migrate", verbosity=0)
    Source.objects.create(pk=1, kind="csv", name="Benchmark", token="b" * 32, created_at=NOW)
    Rates.objects.create(
        valid_from="2024-01-01", vat=1900, goods=4500, resale=8000, shipping=490, payment=190, payment_fixed=25,
        marketplace=1500, marketplaces=["amazon"], handling=350, created_at=NOW,
    )  # fmt: skip
    postgres = connection.vendor == "postgresql"
    _stage(customers)
    blanks = {
        "now": f"TIMESTAMPTZ '{NOW}'" if postgres else f"'{NOW[:19]}'",
        "date": "DATE '1970-01-01' + day::int" if postgres else "DATE('1970-01-01', day || ' days')",
        "no": "FALSE" if postgres else "0",
        "yes": "TRUE" if postgres else "1",
        "channel": _word(CHANNELS),
        "country": _word(COUNTRIES),
    }
    with connection.cursor() as cursor:
        for sql in STAGED.values():
            cursor.execute(sql.format(**blanks))
        cursor.execute("DROP TABLE staged")
        cursor.execute("VACUUM ANALYZE" if postgres else "ANALYZE")
    Stopwatch().report()


def _stage(customers: int) -> None:
    import numpy as np  # only the process that fills needs them
    import pyarrow as pa

    import synthetic
    from stammkunde.server.lib import arrow

    found = synthetic.orders(customers)
    columns = {
        "id": np.arange(1, len(found) + 1),
        "customer": found["customer_id"],
        "day": found["date"].cast(pa.int32()).cast(pa.int64()),
        "cents": np.rint(found["amount"].to_numpy() * 100).astype(np.int64) + 1,
    }
    with arrow._connected() as adbc, adbc.cursor() as cursor:
        cursor.adbc_ingest("staged", pa.table(columns), mode="create")
        adbc.commit()


def floor() -> None:
    """Read what the run reads, batch by batch, and forget it."""
    _started()
    import pyarrow as pa
    from django.db import connection

    from stammkunde.server.lib import arrow

    day = "(day - DATE '1970-01-01')" if connection.vendor == "postgresql" else "day"
    kind = pa.int64() if connection.vendor == "postgresql" else pa.string()
    watch = Stopwatch()
    with watch.phase("read"):
        rows = sum(_read(arrow, sql.format(day=day), kind) for sql in (FLOOR, FLOOR_REFUNDS))
    watch.facts = {"rows": rows}
    watch.report()


def _read(arrow, sql: str, kind) -> int:  # type: ignore[no-untyped-def]
    import pyarrow as pa

    names = [part.strip().split()[-1] for part in sql.split("FROM", maxsplit=1)[0].replace("SELECT", "").split(",")]
    types = [
        kind if k == 1 else pa.string() if n in {"channel", "country"} else pa.int64() for k, n in enumerate(names)
    ]
    schema = pa.schema([(f"c{k}", each) for k, each in enumerate(types)])
    with arrow.batches(sql, schema) as found:
        return sum(batch.num_rows for batch in found)


def value() -> None:
    """One run, as the worker does it."""
    _started()
    from datetime import UTC, datetime

    from stammkunde.server.clv.computing.run import compute
    from stammkunde.server.clv.models import Prediction
    from stammkunde.server.clv.models import Run as Kept

    watch = Stopwatch()
    with watch.phase("run"):
        compute(now=datetime.now(UTC))
    kept = Kept.objects.latest("pk")
    watch.facts = {"predictions": Prediction.objects.count(), "orders": kept.orders, "model": kept.timing} | {
        "timings": kept.timings
    }
    watch.report()


def main() -> None:
    """Fill, read the floor, compute; print the multiple."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--customers", type=int, default=1_000_000)
    asked.add_argument("--database", default="", help="an empty PostgreSQL database; none: SQLite")
    asked.add_argument("--keep", type=Path, help="folder to fill once and use again")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = given.keep or Path(folder)
        os.environ.update(
            STAMMKUNDE_DATA=str(place), STAMMKUNDE_DATABASE_URL=given.database, STAMMKUNDE_LOG_LEVEL="ERROR"
        )
        filled = place / "filled"
        if not filled.exists():
            _done("fill", given.customers)
            filled.touch()
        floor, run = _done("floor"), _done("value")
    _print(floor, run)


def _done(*asked: object) -> Run:
    found = run([sys.executable, Path(__file__), *map(str, asked)])
    if isinstance(found, str):
        sys.exit(f"{asked[0]}: {found}")
    return found


def _print(floor: Run, value: Run) -> None:
    read, spent = floor.phases["read"], value.phases["run"]
    print(f"{value.facts['predictions']:,} customers, {value.facts['orders']:,} orders, {value.facts['model']}")
    for name, seconds in value.facts["timings"].items():
        print(f"  {name:<24}{seconds:8.1f} s")
    print(f"floor {read.wall:.1f} s (CPU {read.cpu:.1f} s)")
    print(f"run   {spent.wall:.1f} s (CPU {spent.cpu:.1f} s), {spent.over:,.0f} MiB over the interpreter")
    print(f"{spent.wall / read.wall:.1f} times the floor")


if __name__ == "__main__":
    jobs = {"fill": lambda: fill(int(sys.argv[2])), "floor": floor, "value": value}
    jobs.get(sys.argv[1] if len(sys.argv) > 1 else "", main)()
