"""Customer days: what each customer did on each day, and whether it was a purchase. Numpy on sorted rows.

The purchase rule, in one place for numpy (`merge_days`) and in `purchases.py` for the engines:

- A customer's rows of one day are one purchase, however many orders they were.
- A day with a refund is a purchase only if something is left of it. (A day without one is, even for 0.00: an order is
  an order.)
- A day that is no purchase never counts, but its refunds lower the value of the purchase they follow (of the first
  purchase, where they come before it). Who never purchased is no customer.
"""

from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stammkunde.errors import DataError

Bools = NDArray[np.bool_]
Array = NDArray[np.float64]

#: A day's net is nothing when below this share of the day's gross: 0.1 + 0.2 - 0.3 is no purchase.
NOTHING = 1e-9
#: Where a table of days keeps currency and basis, in its metadata.
LABEL = b"stammkunde.days"


def merge_days(rows: pa.Table) -> pa.Table:
    """One row a customer and day from `rows` sorted by both: customer_id, day, revenue, [contribution,] refund.

    Returns customer_id, day, revenue, [contribution,] purchase.
    """
    rows = rows.combine_chunks()
    day = rows["day"]
    starts = np.flatnonzero(_changes(rows["customer_id"]) | _changes(day))
    revenue, refund = rows["revenue"].to_numpy(), rows["refund"].to_numpy()
    net = np.add.reduceat(revenue, starts)
    purchase = np.ones(len(starts), dtype=bool)
    if refund.any():
        gross = np.add.reduceat(np.abs(revenue), starts)
        purchase = ~np.logical_or.reduceat(refund, starts) | (net > NOTHING * gross)
    kept = pa.array(starts)
    columns = {"customer_id": rows["customer_id"].take(kept), "day": day.take(kept), "revenue": net}
    if "contribution" in rows.column_names:
        columns["contribution"] = np.add.reduceat(rows["contribution"].to_numpy(), starts)
    return pa.table(columns | {"purchase": purchase})


def merge_customers(days: pa.Table, *, until: date | None = None) -> pa.Table:
    """One row a customer from customer days in order: customer_id, first_order, last_order, orders, first_value,
    historic_value, revenue. Days after `until` are not looked at; who did not purchase is left out.

    Raises
    ------
    DataError : the days are not in order of customer and day, or an amount is not finite.
    """
    days = _until(days, until).combine_chunks()
    new, day = _changes(days["customer_id"]), days["day"].cast(pa.int32()).to_numpy()
    if np.any((np.diff(day) <= 0) & ~new[1:]):
        raise DataError("The days of a customer are not in order.", advice="Use the table as `days` returns it.")
    starts = np.flatnonzero(new)
    purchase = days["purchase"].to_numpy()
    orders = np.add.reduceat(purchase, starts, dtype=np.int64)
    if not orders.all():
        buyers = np.repeat(orders > 0, np.diff(np.append(starts, len(day))))
        return merge_customers(days.filter(pa.array(buyers)))
    purchases, ends = np.flatnonzero(purchase), np.cumsum(orders)
    firsts = ends - orders
    booked = purchases.copy()  # where the rows of each purchase begin: on its day, those of the first with the customer
    booked[firsts] = starts
    contribution = "contribution" if "contribution" in days.column_names else "revenue"
    by_order = np.add.reduceat(days[contribution].to_numpy(), booked)
    total = np.add.reduceat(by_order, firsts)
    ids = days["customer_id"].take(pa.array(starts))
    refuse_infinite(total, ids)
    columns = {
        "customer_id": ids,
        "first_order": pa.array(day[purchases[firsts]]).view(pa.date32()),
        "last_order": pa.array(day[purchases[ends - 1]]).view(pa.date32()),
        "orders": orders,
        "first_value": by_order[firsts],
        "historic_value": total,
    }
    revenue = total if contribution == "revenue" else np.add.reduceat(days["revenue"].to_numpy(), starts)
    return pa.table(columns | {"revenue": revenue})


def whole_customers(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The sorted rows of `batches`, cut where a customer ends: no customer is torn, none is held longer than needed."""
    rest: list[pa.RecordBatch] = []
    for batch in batches:
        if not batch.num_rows:
            continue
        _complete(batch)
        ids = batch["customer_id"]
        last = int(np.flatnonzero(_changes(ids))[-1])
        if last == 0 and rest and rest[-1]["customer_id"][-1] == ids[0]:
            rest.append(batch)
            continue
        if rest or last:
            yield pa.Table.from_batches([*rest, batch.slice(0, last)])
        rest = [batch.slice(last)]
    if rest:
        yield pa.Table.from_batches(rest)


def _until(days: pa.Table, until: date | None) -> pa.Table:
    if until is None or not days.num_rows:
        return days
    inside = pc.less_equal(days["day"], pa.scalar(until, pa.date32()))
    return days if pc.all(inside).as_py() else days.filter(inside)


def _changes(column: pa.ChunkedArray | pa.Array) -> Bools:
    """Where a value differs from the one before it; the first row does."""
    changed: Bools = np.ones(len(column), dtype=bool)
    if len(column) > 1:
        differs = pc.not_equal(column.slice(1), column.slice(0, len(column) - 1))
        changed[1:] = differs.to_numpy(zero_copy_only=False) if isinstance(differs, pa.Array) else differs.to_numpy()
    return changed


def _complete(batch: pa.RecordBatch) -> None:
    for name in batch.schema.names:
        if batch[name].null_count:
            raise DataError(
                f"{batch[name].null_count:,} rows have no {name}.",
                where=f"column {name}",
                advice="Read the orders with read_orders, which lists such rows as rejects and goes on without them.",
            )


def refuse_infinite(total: Array, ids: pa.ChunkedArray | pa.Array) -> None:
    """Raise DataError where the total of a customer is infinite or not a number, naming the first of them."""
    wrong = np.flatnonzero(~np.isfinite(total))
    if len(wrong):
        raise DataError(
            "An amount is not a number, or infinite.",
            where=f"customer {ids[int(wrong[0])]}",
            advice="Read the orders with read_orders, which lists such rows as rejects and goes on without them.",
        )
