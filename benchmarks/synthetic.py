"""A synthetic shop of any size as a Parquet file: the data of the speed benchmarks.

104 weeks, first orders spread evenly over the first 78, order timing BG/NBD (r 0.9, alpha 6 weeks, a 0.7, b 3.2), spend
Gamma-Gamma (p 6.25, q 3.74, v 15.44). A million customers make 5.7 million orders. Rows are in order of date, as a
shop's export is. Columns: customer_id int64, date date32, amount float64.

    python benchmarks/synthetic.py 1_000_000
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

START = np.datetime64("2024-01-01", "D")
WEEKS, ENTRY = 104.0, 78.0
TIMING = (0.9, 6.0, 0.7, 3.2)
SPEND = (6.25, 3.74, 15.44)


def orders(customers: int, *, seed: int = 1) -> pa.Table:
    """The orders of `customers` customers, sorted by date."""
    rng = np.random.default_rng(seed)
    r, alpha, a, b = TIMING
    p, q, v = SPEND
    rate, drop = rng.gamma(r, 1 / alpha, customers), rng.beta(a, b, customers)
    who, now = np.arange(customers), rng.uniform(0.0, ENTRY, customers)
    whos, times = [who], [now]
    while len(who):
        now = now + rng.exponential(1 / rate[who])
        inside = now < WEEKS
        who, now = who[inside], now[inside]
        whos.append(who)
        times.append(now)
        stays = rng.random(len(who)) >= drop[who]
        who, now = who[stays], now[stays]
    customer, time = np.concatenate(whos), np.concatenate(times)
    spend = rng.gamma(p, 1 / rng.gamma(q, 1 / v, customers)[customer])
    order = np.argsort(time)
    days = START + (time[order] * 7).astype("timedelta64[D]")
    return pa.table(
        {"customer_id": customer[order] + 1, "date": pa.array(days, pa.date32()), "amount": spend[order].round(2)}
    )


def file(customers: int, *, seed: int = 1) -> Path:
    """The shop as a Parquet file in the system's temporary folder, made once."""
    path = Path(tempfile.gettempdir()) / f"stammkunde-synthetic-{customers}-{seed}.parquet"
    if not path.exists():
        partial = path.with_suffix(".partial")
        pq.write_table(orders(customers, seed=seed), partial)
        partial.rename(path)
    return path


if __name__ == "__main__":
    print(file(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
