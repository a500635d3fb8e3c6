"""The shops of the accuracy table: real orders, the split, and what then happened.

A purchase is a day of a customer with a positive net amount (at CDNOW also an order of 0 dollars). CDNOW and Complete
Journey are not ours to ship: they are taken from ../shared/data, CDNOW also from the package `lifetimes`.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

Array = NDArray[np.float64]

LONG_AGO = date(1900, 1, 1)
HERE = Path(__file__).resolve().parents[1]
SHARED = HERE.parent / "shared" / "data"
CDNOW = SHARED / "cdnow" / "cdnow_transactions.csv.gz"
SAMPLE = SHARED / "cdnow" / "cdnow_sample_ids.csv.gz"
JOURNEY = SHARED / "completejourney" / "transactions.parquet"
RETAIL = HERE / "data" / "online_retail" / "online_retail.parquet"


@dataclass(frozen=True)
class Summary:
    """What the peers fit on: repeat purchases, recency and age in weeks, mean value of repeat purchases; (n,) each."""

    customer: NDArray[np.int64]
    x: Array
    t_x: Array
    T: Array
    value: Array


@dataclass(frozen=True)
class Shop:
    """Customer days (customer, day, amount), sorted; calibrated to the end of `split`, judged to the end of `end`."""

    name: str
    days: pa.Table
    split: date
    end: date

    @property
    def horizon(self) -> int:
        """Days to forecast."""
        return (self.end - self.split).days

    @cached_property
    def summary(self) -> Summary:
        """The calibration; customers in order of their number."""
        return self.summary_at(self.split)

    def summary_at(self, until: date) -> Summary:
        """The customers known at the end of the day `until`."""
        found = _sql(
            f"""
            SELECT customer, (count(*) - 1)::DOUBLE AS x, (max(day) - min(day)) / 7::DOUBLE AS t_x,
                   (DATE '{until}' - min(day)) / 7::DOUBLE AS T,
                   CASE WHEN count(*) > 1 THEN (sum(amount) - arg_min(amount, day)) / (count(*) - 1) ELSE 0 END AS value
            FROM days WHERE day <= DATE '{until}' GROUP BY customer ORDER BY customer""",
            self.days,
        )
        return Summary(**{name: found[name].to_numpy() for name in found.column_names})

    def between(self, after: date, until: date) -> pa.Table:
        """The customer days after `after`, up to and including `until`."""
        return _sql(f"FROM days WHERE day > DATE '{after}' AND day <= DATE '{until}'", self.days)

    def bought(self, customer: NDArray[np.int64], after: date, until: date) -> tuple[Array, Array]:
        """Purchases and spend of these customers (sorted, all there are in these days or more) in a period."""
        part = self.between(after, until)
        where = np.searchsorted(customer, part["customer"].to_numpy())
        inside = where < len(customer)
        inside[inside] = customer[where[inside]] == part["customer"].to_numpy()[inside]
        amount = part["amount"].to_numpy()[inside]
        count = np.bincount(where[inside], minlength=len(customer)).astype(np.float64)
        return count, np.bincount(where[inside], amount, minlength=len(customer))

    @cached_property
    def truth(self) -> tuple[Array, Array]:
        """Purchases and spend of every calibration customer in the horizon."""
        return self.bought(self.summary.customer, self.split, self.end)

    def file(self) -> Path:
        """The calibration days as a Parquet file: what `stammkunde` reads."""
        path = Path(tempfile.mkdtemp(prefix="stammkunde-bench-")) / "orders.parquet"
        pq.write_table(self.between(LONG_AGO, self.split), path)
        return path


def shops() -> Iterator[Shop | str]:
    """Every shop whose data are here; for the others, why not."""
    year = date(1997, 9, 30), date(1998, 6, 30)
    master = _cdnow()
    if master is None:
        yield "CDNOW: skipped, neither ../shared/data/cdnow nor the package lifetimes is here."
    else:
        yield Shop("CDNOW master", _sorted(master), *year)
        yield Shop("CDNOW 1/10", _sorted(f"{master} WHERE customer IN ({_sample()})"), *year)
    yield Shop("Online Retail", _sorted(_retail()), date(2011, 8, 31), date(2011, 11, 29))
    if JOURNEY.exists():
        yield Shop("Complete Journey", _sorted(_journey()), date(2017, 9, 30), date(2017, 12, 30))
    else:
        yield "Complete Journey: skipped, ../shared/data/completejourney is not here."


def cdnow_sample() -> Summary | None:
    """The calibration of CDNOW 1/10, for the speed of small shops."""
    master = _cdnow()
    if master is None:
        return None
    days = _sorted(f"{master} WHERE customer IN ({_sample()})")
    return Shop("CDNOW 1/10", days, date(1997, 9, 30), date(1998, 6, 30)).summary


def _sorted(query: str) -> pa.Table:
    return _sql(f"SELECT customer, day, sum(amount) AS amount FROM ({query}) GROUP BY ALL ORDER BY ALL")


def _sql(query: str, days: pa.Table | None = None) -> pa.Table:
    with duckdb.connect() as engine:
        if days is not None:
            engine.register("days", days)
        return engine.sql(query).to_arrow_table()


def _cdnow() -> str | None:
    columns = "customer_id::BIGINT AS customer, date::DATE AS day, amount"
    if CDNOW.exists():
        return f"SELECT * FROM (SELECT {columns} FROM '{CDNOW}')"
    if _packaged() is None:
        return None
    columns = "f[1]::BIGINT AS customer, strptime(f[2], '%Y%m%d')::DATE AS day, f[4]::DOUBLE AS amount"
    return f"SELECT * FROM (SELECT {columns} FROM ({_fields('CDNOW_master.txt')}))"


def _sample() -> str:
    if CDNOW.exists():
        return f"SELECT customer_id::BIGINT FROM '{SAMPLE}'"
    return f"SELECT f[1]::BIGINT FROM ({_fields('CDNOW_sample.txt')})"


def _packaged() -> Path | None:
    found = find_spec("lifetimes")
    return None if found is None or found.origin is None else Path(found.origin).parent / "datasets"


def _fields(name: str) -> str:
    """Lines of a text file in columns of blanks, split; the head left out."""
    lines = f"read_csv('{_packaged()}/{name}', columns={{'line': 'VARCHAR'}}, header=false, delim='|', quote='')"
    return rf"SELECT regexp_split_to_array(trim(line), '\s+') AS f FROM {lines} WHERE trim(line) SIMILAR TO '[0-9].*'"


def _retail() -> str:
    lines = f"""
        SELECT CustomerID AS customer, InvoiceDate::DATE AS day, Quantity * UnitPrice AS amount
        FROM '{RETAIL}' WHERE CustomerID IS NOT NULL"""
    return _positive(lines)


def _journey() -> str:
    return _positive(
        f"SELECT household_id AS customer, transaction_timestamp::DATE AS day, sales_value AS amount FROM '{JOURNEY}'"
    )


def _positive(lines: str) -> str:
    return f"""
        SELECT customer::BIGINT AS customer, day, sum(amount) AS amount FROM ({lines})
        GROUP BY ALL HAVING sum(amount) > 1e-9"""
