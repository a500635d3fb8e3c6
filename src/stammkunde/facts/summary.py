"""From orders to customers: `summarize`, the day table for backtests, the holdout, and what Spark keeps to itself."""

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stammkunde.errors import InputError, NotEnoughDataError
from stammkunde.facts import purchases
from stammkunde.facts.customer_days import LABEL, merge_customers, merge_days, refuse_infinite, whole_customers
from stammkunde.facts.history import Array, Histogram, History, Spending, Unit, days_per_unit
from stammkunde.facts.purchases import OrderLines

#: Values of the spend histogram are e^(k / 1000): within 0.05 % of the customer's own.
SPEND_GRID = 1000
_HELD = ["customer_id", "orders", "value"]


def summarize(
    orders: OrderLines | Any, *, until: date | None = None, unit: Unit = "week", covariates: Sequence[str] = ()
) -> History:
    """One row a customer, by id, at the end of the day `until` (by default the last day of the orders).

    Parameters
    ----------
    orders : what `read_orders` returned, or anything it reads.
    until : later rows are not looked at.
    unit : "hour", "day" or "week", of recency and age; an answer in money does not depend on it.
    covariates : "channel", "country", "product" of the first purchase, as columns first_channel and so on.

    Raises
    ------
    InputError : a covariate is no column of the orders, or the unit is none.
    NotEnoughDataError : nobody purchased by then.
    """
    orders = as_orders(orders)
    until = until or orders.until
    days_per_unit(unit)
    merged = _streamed(orders, until) if orders.engine.sorts else _grouped(orders, until)
    if not merged.num_rows:
        raise nobody(until)
    if covariates:
        merged = _with(merged, orders, list(covariates), until)
    known = _known(orders)
    book = partial(days, orders, until=until) if orders.engine.sorts else None
    return History.from_customers(merged, until=until, unit=unit, order_days=book, **known)


def days(orders: OrderLines | Any, *, until: date | None = None) -> pa.Table:
    """One row a customer and day, in this order: customer_id, day (date32), revenue, [contribution,] purchase.

    Everything a backtest needs to go back to any day: `History.from_days` and `holdout` take it. It is as long as the
    orders: for the embedded engine. Contribution is left out where it is not known apart from revenue.

    Raises
    ------
    InputError : the orders are on Spark.
    """
    orders = as_orders(orders)
    if not orders.engine.sorts:
        raise InputError(
            "Customer days of all orders do not leave Spark.",
            advice="Backtest on a sample of customers read with engine='duckdb', or use summarize at several dates.",
        )
    batches = orders.engine.batches(purchases.rows(orders, until=until or orders.until))
    parts = [merge_days(rows) for rows in whole_customers(batches)]
    if not parts:
        raise nobody(until or orders.until)
    return pa.concat_tables(parts).replace_schema_metadata({LABEL: json.dumps(_known(orders))})


def holdout(orders: pa.Table | OrderLines | Any, until: date, end: date, *, of: History | None = None) -> pa.Table:
    """What customers did in (until, end]: customer_id, orders (purchase days, int64), value (contribution, float64).

    Parameters
    ----------
    orders : orders, or the table that `days` returned.
    of : with it, one row for each of its customers in its order, zeros for those who did nothing; without, one row for
        each customer with a purchase or refund in the period.
    """
    if isinstance(orders, pa.Table):
        inside = pc.and_(pc.greater(orders["day"], _day(until)), pc.less_equal(orders["day"], _day(end)))
        contribution = "contribution" if "contribution" in orders.column_names else "revenue"
        table = orders.filter(inside).group_by("customer_id", use_threads=False)
        held = table.aggregate([("purchase", "sum"), (contribution, "sum")]).rename_columns(_HELD)
        held = held.set_column(1, "orders", held["orders"].cast(pa.int64()))
    else:
        orders = as_orders(orders)
        table = purchases.customer_days(orders, until=end)
        table = table.filter(table.day > ibis.literal(until, "date"))
        contribution = purchases.amounts(orders)[-1]
        sums = {"orders": table.purchase.cast("int64").sum(), "value": table[contribution].sum()}
        held = orders.engine.to_arrow(table.group_by("customer_id").aggregate(**sums))
    return held if of is None else _aligned(held, of)


def histogram(
    orders: OrderLines | Any, *, until: date | None = None, unit: Unit = "week"
) -> tuple[Histogram, Spending]:
    """How many customers share each history, counted where the data lives: what a model needs to be fitted.

    Millions of customers come back as some hundred thousand rows. Returns the histogram of order timing and, for repeat
    customers, that of spend per order; who spent nothing (all refunded, or free) is left out of the latter.

    Raises
    ------
    NotEnoughDataError : nobody purchased by then.
    """
    orders = as_orders(orders)
    until = until or orders.until
    merged = purchases.customers(purchases.customer_days(orders, until=until))
    timing = merged.select(
        frequency=merged.orders - 1,
        age=ibis.literal(until, "date").delta(merged.first_order, unit="day"),
        recency=merged.last_order.delta(merged.first_order, unit="day"),
    )
    repeat = merged.filter(merged.orders > 1)
    mean = (repeat.historic_value - repeat.first_value) / (repeat.orders - 1)
    spend = repeat.select(frequency=repeat.orders - 1, value=mean).filter(lambda t: t.value > 0)
    spend = spend.mutate(value=((spend.value.ln() * SPEND_GRID).round().cast("int64")))
    shared, spent = (_counted(orders, table) for table in (timing, spend))
    length = days_per_unit(unit)
    x, age, recency, weight = shared
    if not len(x):
        raise nobody(until)
    timed = Histogram(x, recency / length, age / length, weight)
    return timed, Spending(spent[0], np.exp(spent[1] / SPEND_GRID), spent[2])


def write_scores(
    orders: OrderLines | Any,
    predict: Callable[[History], pa.Table],
    path: str | Path,
    *,
    until: date | None = None,
    unit: Unit = "week",
) -> None:
    """Score every customer where the orders live, and write the scores as Parquet to `path` there.

    `predict` gets a history of some of the customers at a time and returns one row for each, always with the same
    columns. It travels to Spark's workers, so it has to be picklable: `partial(model.predict, horizon="12m")`.
    """
    orders = as_orders(orders)
    until = until or orders.until
    days_per_unit(unit)
    merged = purchases.customers(purchases.customer_days(orders, until=until))

    known = _known(orders)  # the orders themselves cannot travel

    def score(customers: pa.Table) -> pa.Table:
        return predict(History.from_customers(customers, until=until, unit=unit, **known))

    orders.engine.write_parquet(merged, path, score, score(_example(merged, until)).schema)


def as_orders(source: Any) -> OrderLines:
    """Orders as they are; anything else as `read_orders` reads it."""
    if hasattr(source, "lines") and hasattr(source, "engine"):
        return cast(OrderLines, source)
    from stammkunde.facts.orders import read_orders  # orders.py reads with what is defined here

    return cast(OrderLines, read_orders(source))


def nobody(until: date) -> NotEnoughDataError:
    """The error of a period without a purchase."""
    return NotEnoughDataError(
        f"Nobody purchased until {until}.", advice="Choose a later last day, or look at the rejected rows."
    )


def _known(orders: OrderLines) -> dict[str, Any]:
    return {"currency": orders.currency, "basis": orders.basis}


def _streamed(orders: OrderLines, until: date) -> pa.Table:
    """Customers from sorted rows, merged as they come: memory holds a batch, and the customers so far."""
    batches = orders.engine.batches(purchases.rows(orders, until=until))
    parts = [merge_customers(merge_days(rows)) for rows in whole_customers(batches)]
    return pa.concat_tables(parts) if parts else pa.table({"customer_id": pa.nulls(0)})


def _grouped(orders: OrderLines, until: date) -> pa.Table:
    """Customers as one expression: only they come back, and are sorted here as the embedded engine has them."""
    merged = orders.engine.to_arrow(purchases.customers(purchases.customer_days(orders, until=until)))
    merged = merged.sort_by("customer_id")
    refuse_infinite(merged["historic_value"].to_numpy(), merged["customer_id"])
    return merged


def _with(customers: pa.Table, orders: OrderLines, covariates: list[str], until: date) -> pa.Table:
    firsts = orders.engine.to_arrow(purchases.first_purchases(orders, covariates, until=until))
    found = firsts.take(pc.index_in(customers["customer_id"], value_set=firsts["customer_id"]))
    for name in covariates:
        customers = customers.append_column(f"first_{name}", found[f"first_{name}"])
    return customers


def _aligned(held: pa.Table, history: History) -> pa.Table:
    ids = history.table["customer_id"]
    found = held.take(pc.index_in(ids, value_set=held["customer_id"].cast(ids.type)))
    columns = {name: pc.fill_null(found[name], 0) for name in ("orders", "value")}
    return pa.table({"customer_id": ids} | columns)


def _counted(orders: OrderLines, table: ir.Table) -> list[Array]:
    """Distinct rows of `table` in order, column by column, and how often each occurs."""
    counted = table.group_by(table.columns).aggregate(weight=table.count()).order_by(table.columns)
    return [column.to_numpy().astype(np.float64) for column in orders.engine.to_arrow(counted).columns]


def _example(customers: ir.Table, until: date) -> pa.Table:
    """One made-up customer in the columns of `customers`, to learn the columns of scores without computing them."""
    schema = customers.schema().to_pyarrow()
    values = {"first_order": until - timedelta(days=70), "last_order": until - timedelta(days=7), "orders": 3}
    text = pa.types.is_string(schema.field("customer_id").type)
    row = {name: values.get(name, 30.0) for name in schema.names} | {"customer_id": "A" if text else 1}
    return pa.Table.from_pylist([row], schema=schema)


def _day(day: date) -> pa.Scalar:
    return pa.scalar(day, pa.date32())
