"""Predictions into the database: beside the old ones first, then in their place in one transaction."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction

from stammkunde.errors import StammkundeError
from stammkunde.facts import History
from stammkunde.server.clv.computing.scoring import Scored, minor
from stammkunde.server.clv.models import NextPrediction, Picture, Prediction, Run
from stammkunde.server.lib import bulk

COLUMNS = (
    "customer_id", "run_id", "first_day", "last_day", "orders", "historic", "p_alive", "expected_orders",
    "expected_order_value", "predicted", "low", "high", "clv", "next_order",
)  # fmt: skip
BLOCK = 50_000


def prepare(found: Scored, run: Run, tell: Callable[[int, int], None]) -> None:
    """Write the predictions of a run where nobody reads them yet."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {NextPrediction._meta.db_table}")
    table = predictions(found.history, found.scores, unit=found.unit, run=run.pk)
    for start in range(0, table.num_rows, BLOCK):
        bulk.insert(NextPrediction, COLUMNS, rows(table.slice(start, BLOCK)))
        tell(min(start + BLOCK, table.num_rows), table.num_rows)


def rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    """The rows of a table, in the order of `COLUMNS`."""
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


def predictions(history: History, scores: pa.Table | None, *, unit: float, run: int) -> pa.Table:
    """A row of `COLUMNS` for each customer of a history; `unit` as `Scored.unit`, `run` the key of the run."""
    known, size = history.table, len(history)
    historic = minor(known["historic_value"].to_numpy(), unit)
    columns: dict[str, Any] = {
        "customer_id": known["customer_id"],
        "run_id": np.full(size, run),
        "first_day": pc.strftime(known["first_order"], format="%Y-%m-%d"),
        "last_day": pc.strftime(known["last_order"], format="%Y-%m-%d"),
        "orders": known["orders"],
        "historic": historic,
    }
    if scores is None:
        nothing = pa.nulls(size)
        return pa.table(columns | dict.fromkeys(COLUMNS[6:12], nothing) | {"clv": historic, "next_order": nothing})
    s = scores
    money = {name: minor(s[f"predicted_{name}"].to_numpy(), unit) for name in ("value", "low", "high")}
    return pa.table(
        columns
        | {
            "p_alive": s["p_alive"],
            "expected_orders": s["expected_orders"],
            "expected_order_value": minor(s["expected_order_value"].to_numpy(), unit),
            "predicted": money["value"],
            "low": np.minimum(money["low"], money["value"]),
            "high": np.maximum(money["high"], money["value"]),
            "clv": historic + minor(s["discounted_value"].to_numpy(), unit),
            "next_order": pc.strftime(s["next_order"], format="%Y-%m-%d"),
        }
    )


def exchange(run: Run, size: int, *, settle: Callable[[], None]) -> None:
    """Put the prepared predictions in the place of the old ones; readers see either all of these or all of those.

    Customers who were merged or erased meanwhile are left out. `settle` notes the run as done in the same transaction,
    and raises where the work has been taken over.

    Raises
    ------
    StammkundeError : another run wrote between the prepared rows.
    """
    old, new = Prediction._meta.db_table, NextPrediction._meta.db_table
    names, own = ", ".join(COLUMNS), ", ".join(f"n.{name}" for name in COLUMNS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {new} WHERE run_id = %s", [run.pk])
        if cursor.fetchone()[0] != size:
            raise StammkundeError("Two runs were computed at once.", advice="Wait for the other, or start this again.")
        cursor.execute(f"DELETE FROM {old}")
        cursor.execute(
            f"INSERT INTO {old} ({names}) SELECT {own} FROM {new} n JOIN shop_customer c ON c.id = n.customer_id"
            " WHERE c.merged_into_id IS NULL ORDER BY n.customer_id"
        )
        cursor.execute(f"DELETE FROM {new}")
        Picture.objects.exclude(run=run).delete()
        settle()
