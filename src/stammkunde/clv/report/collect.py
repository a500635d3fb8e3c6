"""From orders, their history and a fitted model to the numbers of a report."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stammkunde.clv.horizon import Horizon
from stammkunde.clv.report import past, trial
from stammkunde.clv.report.customers import Customers, alive_grid, best, one_time_buyers
from stammkunde.clv.report.data import (
    CohortTable,
    DataQuality,
    Headline,
    Range,
    RejectedRow,
    Rejection,
    ReportData,
    Scope,
)
from stammkunde.clv.report.findings import findings
from stammkunde.clv.value import DISCOUNT, LEVEL, ValueModel
from stammkunde.facts import History
from stammkunde.notices import Notice

Array = NDArray[np.float64]

EXAMPLES = 20
ATTRIBUTES = ("channel", "country", "product")  # of the first order, the most telling first


def collect(
    orders: Any,
    history: History,
    model: ValueModel | None,
    scores: pa.Table | None,
    *,
    horizon: Horizon | str | float = "12m",
    discount: float = DISCOUNT,
    level: float = LEVEL,
    computed: date,
    source: str | None = None,
) -> ReportData:
    """Everything a report shows; a part that these data cannot carry is None.

    Parameters
    ----------
    orders : what `read_orders` returned, for the rows read and left out; None where only the history is known.
    history : of these orders; cohorts, second orders and backtests need the order days it remembers.
    model, scores : what `fit` and `ValueModel.predict` made of the history, for the same horizon, discount and level.
        Where nobody has come back they know typical shops only, and the report keeps silent about the future.
    computed : the day on which the report is made.
    source : what the report calls the origin of the orders, such as the name of a file.

    Raises
    ------
    InputError : the horizon cannot be read.
    """
    ahead = Horizon.of(horizon, until=history.until, days_per_unit=history.days_per_unit)
    if scores is None or not (history.x > 0).any():
        model, scores = None, None
    customers = _customers(history, scores)
    book = past.Book.of(history)
    data = ReportData(
        scope=Scope(
            first_day=history.start,
            until=history.until,
            computed=computed,
            horizon=ahead.text,
            horizon_end=history.until + timedelta(days=round(ahead.days)),
            basis=history.basis,
            currency=history.currency,
            level=level,
            discount=discount,
            source=source,
        ),
        headline=_known(history, customers),
        quality=_quality(orders, () if model is None else model.warnings),
        best=best(customers),
        concentration=past.concentration(customers.historic),
        alive=alive_grid(customers),
    )
    if book is not None:
        data = replace(data, second_order=past.second_order(history, one_time_buyers(customers)))
        data = replace(data, cohorts=_grouped(past.cohorts(book), book, _firsts(orders, history)))
    if model is not None:
        data = _foretold(data, history, customers, model, ahead, book)
    return replace(data, findings=findings(data, customers))


def _customers(history: History, scores: pa.Table | None) -> Customers:
    table, length = history.table, history.days_per_unit
    unknown = np.full(len(history), np.nan)
    names = ("p_alive", "expected_order_value", "predicted_value", "predicted_low", "predicted_high")
    scored = [unknown if scores is None else scores[name].to_numpy() for name in names]
    columns = (table[name].to_numpy().astype(np.float64) for name in ("orders", "first_value", "historic_value"))
    orders, first_value, historic = columns
    age, silence = np.rint(history.T * length), np.rint((history.T - history.t_x) * length)
    return Customers(table["customer_id"], history.until, orders, age, silence, first_value, historic, *scored)


def _known(history: History, customers: Customers) -> Headline:
    return Headline(
        customers=len(history),
        orders=int(customers.orders.sum()),
        repeat_customers=int((customers.orders > 1).sum()),
        historic_value=float(customers.historic.sum()),
    )


def _foretold(
    data: ReportData,
    history: History,
    customers: Customers,
    model: ValueModel,
    ahead: Horizon,
    book: past.Book | None,
) -> ReportData:
    """The report with what the model expects, and how its like did on the past."""
    found = trial.trials(history, model, ahead)
    total = trial.with_level_error(model, found).total(history, ahead, level=data.scope.level)
    headline = replace(
        data.headline,
        predicted=Range(total.mean, total.low, total.high),
        active=float(customers.p_alive.sum()),
        expected_orders=float(model.expected_orders(history, ahead).sum()),
        new_customer=model.new_customer(365.0).value,
    )
    names = (model.name, *(voice.model.name for voice in model.voices))
    data = replace(data, headline=headline, models=tuple(dict.fromkeys(names)))
    if found is None or book is None:
        return data
    last = trial.latest(found, model.name)
    return replace(
        data,
        tracking=trial.tracking(history, book, trial.timing(model), last.until),
        calibration=trial.calibration(last, trial.level_of(model)),
        comparison=trial.comparison(found, model),
    )


def _firsts(orders: Any, history: History) -> dict[str, pa.ChunkedArray]:
    """Channel, country and product of each customer's first order, as far as they are known."""
    columns = {name: f"first_{name}" for name in ATTRIBUTES}
    own = {name: history.table[c] for name, c in columns.items() if c in history.table.column_names}
    mapped = [] if orders is None else [name for name in ATTRIBUTES if name in orders.lines.columns]
    if own or not mapped:
        return own
    from stammkunde.facts import summarize  # brings the engines: only where there are orders to ask

    known = summarize(orders, until=history.until, covariates=mapped).table
    rows = pc.index_in(history.table["customer_id"], known["customer_id"].combine_chunks())
    return {name: known[columns[name]].take(rows) for name in mapped}


def _grouped(table: CohortTable, book: past.Book, firsts: Mapping[str, pa.ChunkedArray]) -> CohortTable:
    """The table with groups by the first attribute that has two of them worth comparing."""
    days = past.group_age(book)
    for name, values in firsts.items():
        found = past.groups(book, values, days) if days else ()
        if len(found) > 1:
            return replace(table, grouped_by=name, group_days=days, groups=found)
    return table


def _quality(orders: Any, notes: tuple[Notice, ...]) -> DataQuality:
    """The way from the rows read to the rows used; no rows at all where only a history is known."""
    if orders is None:
        return DataQuality(0, 0, None, None, None, 0.0, warnings=notes)
    totals = orders.totals if isinstance(orders.totals, Mapping) else vars(orders.totals)
    rejections = _rejections(totals.get("by_reason"), orders.rejects)
    return DataQuality(
        rows_read=totals["rows_read"],
        rows_accepted=totals["rows_accepted"],
        amount_read=totals["amount_read"],
        amount_accepted=totals["amount_accepted"],
        refunds=totals["refunds"],
        estimated_share=orders.estimated_share,
        rejections=tuple(sorted(rejections, key=lambda r: -r.rows)),
        examples=tuple(RejectedRow(**row) for row in orders.rejects.slice(0, EXAMPLES).to_pylist()),
        warnings=(*orders.warnings, *notes),
    )


def _rejections(by_reason: Mapping[str, Any] | None, rejects: pa.Table) -> list[Rejection]:
    """Rows left out by reason, with amounts where they were summed; else as the kept examples count them."""
    if by_reason is None:
        counted = rejects.group_by("reason").aggregate([([], "count_all")])
        return [Rejection(row["reason"], row["count_all"]) for row in counted.to_pylist()]
    told = {reason: known if isinstance(known, tuple) else (known, None) for reason, known in by_reason.items()}
    return [Rejection(reason, rows, amount) for reason, (rows, amount) in told.items()]
