"""The floor of the whole run: DuckDB reads and groups the file of orders, by hand, and does nothing else.

floor.py summary|simplest ORDERS.parquet
"""

import sys

import duckdb
import pyarrow as pa

from phases import Stopwatch

#: Orders of a day merged; repeat orders, recency and age in weeks, mean value of the repeat orders.
SUMMARY = """
    WITH days AS (SELECT customer_id, date, sum(amount) AS amount FROM '{file}' GROUP BY ALL),
    one AS (
        SELECT customer_id, count(*) - 1 AS x, min(date) AS first, max(date) AS last,
               sum(amount) - arg_min(amount, date) AS again
        FROM days GROUP BY customer_id)
    SELECT customer_id, x, (last - first) / 7.0 AS t_x, (until - first) / 7.0 AS T,
           CASE WHEN x > 0 THEN again / x ELSE 0 END AS value
    FROM one, (SELECT max(date) AS until FROM '{file}')"""
SIMPLEST = """
    SELECT customer_id, count(*), min(date), max(date), sum(amount) FROM '{file}' GROUP BY customer_id"""


def summary(file: str) -> pa.Table:
    """customer_id, x, t_x, T (weeks to the last day of the file) and mean value of repeat orders."""
    return duckdb.sql(SUMMARY.format(file=file)).to_arrow_table()


def main() -> None:
    query = {"summary": SUMMARY, "simplest": SIMPLEST}[sys.argv[1]]
    watch = Stopwatch()
    with watch.phase("group"):
        table = duckdb.sql(query.format(file=sys.argv[2])).to_arrow_table()
    watch.facts = {"customers": table.num_rows}
    watch.report()


if __name__ == "__main__":
    main()
