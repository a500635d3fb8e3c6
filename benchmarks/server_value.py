"""A run of the server's value room: from the orders in the database to written predictions, beside its own floor.

    python benchmarks/server_value.py [--customers 1000000] [--database postgresql://user:password@host:5432/name]

Without --database it makes an SQLite file in a temporary folder; with it, the tables are made in that database, which
must be empty; `--keep` names a folder that remembers it is filled. The shop is that of `shop_database.py`. The floor
reads the columns that the run needs of the same tables with ADBC, and does nothing with them. Both are processes of
their own, in pairs, one after the other.
"""

import sys
from statistics import median

import shop_database
from phases import Run, Stopwatch

FLOOR = """
    SELECT customer_id, {day}, gross, discount, shipping, total, tax, goods_cost, uncosted, shipping_cost, payment_fee,
        other_cost, id, channel, country FROM shop_order
    WHERE customer_id IS NOT NULL AND NOT test AND cancelled_at IS NULL"""
FLOOR_REFUNDS = "SELECT customer_id, {day}, amount, tax, goods_back, fee, order_id FROM shop_refund"


def floor() -> None:
    """Read what the run reads, batch by batch, and forget it."""
    shop_database.started()
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
    shop_database.started()
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
    """Read the floor and compute, in pairs; print the multiple."""
    options = shop_database.asked(__doc__)
    options.add_argument("--pairs", type=int, default=3)
    given = options.parse_args()
    with shop_database.prepared(given):
        pairs = [[shop_database.done(__file__, what) for what in ("floor", "value")] for _ in range(given.pairs)]
    _print(pairs)


def _print(pairs: list[list[Run]]) -> None:
    told = pairs[-1][1].facts
    print(
        f"{told['predictions']:,} customers, {told['orders']:,} orders, {told['model']}, medians of {len(pairs)} pairs"
    )
    for name in told["timings"]:
        print(f"  {name:<24}{median(run.facts['timings'][name] for _, run in pairs):8.1f} s")
    floors, runs = [floor.phases["read"] for floor, _ in pairs], [run.phases["run"] for _, run in pairs]
    for name, costs in (("floor", floors), ("run", runs)):
        wall, cpu = (median(getattr(cost, each) for cost in costs) for each in ("wall", "cpu"))
        print(f"{name:<6}{wall:6.1f} s (CPU {cpu:.1f} s), {max(cost.over for cost in costs):,.0f} MiB more")
    times = {
        each: median(getattr(r, each) / getattr(f, each) for f, r in zip(floors, runs, strict=True))
        for each in ("wall", "cpu")
    }
    print(f"{times['wall']:.1f} times the floor (CPU {times['cpu']:.1f} times)")


if __name__ == "__main__":
    {"floor": floor, "value": value}.get(sys.argv[1] if len(sys.argv) > 1 else "", main)()
