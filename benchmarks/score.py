"""Stammkunde at work on the task of the speed table.

score.py fast|intervals ORDERS.parquet SCORES.parquet
score.py small
"""

import sys
from pathlib import Path

import ibis.backends.duckdb  # noqa: F401  imports are measured apart, here as with the peers
import pandas as pd  # noqa: F401  PyArrow takes it along wherever it is installed
import pyarrow.compute as pc
import pyarrow.parquet as pq
import scipy.optimize
import scipy.special
import scipy.stats  # noqa: F401

import shops
from phases import Stopwatch
from stammkunde.clv import fit
from stammkunde.facts import History, read_orders, summarize

A_YEAR = 1.01**12 - 1  # the peers discount at 1 % a month
COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}


def score(orders: Path, scores: Path, *, intervals: bool) -> Stopwatch:
    """Orders as a file to scores as a file."""
    watch = Stopwatch()
    with watch.phase("summary"):
        history = summarize(read_orders(orders, **COLUMNS))
    with watch.phase("fit"):
        model = fit(history, model="bg-nbd")
    with watch.phase("value"):
        table = model.predict(history, "12m", discount=A_YEAR, intervals=intervals)
    with watch.phase("write"):
        pq.write_table(table, scores)
    watch.facts = {
        "parameters": model.parameters,
        "customers": len(history),
        "orders": float(pc.sum(table["orders"]).as_py()),
        "clv": float(pc.sum(table["discounted_value"]).as_py()),
    }
    return watch


def small() -> Stopwatch:
    """CDNOW 1/10 from summaries to scores, intervals and all."""
    s = shops.cdnow_sample()
    if s is None:
        raise SystemExit("skipped, CDNOW is not here")
    watch = Stopwatch()
    with watch.phase("fit"):
        history = History.from_arrays(s.x, s.t_x, s.T, s.value)
        model = fit(history, model="bg-nbd")
    with watch.phase("score"):
        model.predict(history, "39w")
    return watch


if __name__ == "__main__":
    if sys.argv[1] == "small":
        small().report()
    else:
        score(*map(Path, sys.argv[2:]), intervals=sys.argv[1] == "intervals").report()
