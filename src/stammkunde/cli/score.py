"""`clv score`: from orders to scored customers, and what the screen, the JSON and the report say of them."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stammkunde.cli.options import Reading
from stammkunde.clv import Backtest, Horizon, ValueModel, fit, fit_counted
from stammkunde.clv.fitting import FALLBACK
from stammkunde.clv.report import ReportData, collect, render
from stammkunde.clv.report.trial import trials, with_level_error
from stammkunde.clv.value import DISCOUNT
from stammkunde.facts import History, Orders, histogram, summarize, write_scores
from stammkunde.facts.history import Unit, days_per_unit
from stammkunde.progress import Progress

SUMS = ("orders", "historic_value", "p_alive", "expected_orders", "predicted_value", "clv")


@dataclass(frozen=True)
class Question:
    """What is asked of the orders: `discount` a year, `top` customers on the screen."""

    horizon: str = "12m"
    discount: float = DISCOUNT
    model: str = "auto"
    unit: Unit = "week"
    intervals: bool = True
    top: int = 10


@dataclass(frozen=True)
class Scored:
    """A scored shop: `sums` over all customers, the `best` of them, and the backtests `found`.

    `scores` has one row a customer; None where they were written on Spark and stayed there. `interval` holds the
    predicted value of all customers with 80 % probability, where it was asked for and can be known.
    """

    orders: Orders
    question: Question
    model: ValueModel
    ahead: Horizon
    customers: int
    sums: dict[str, float]
    best: pa.Table
    scores: pa.Table | None = None
    interval: tuple[float, float] | None = None
    found: Backtest | None = None
    page: ReportData | None = None
    remarks: tuple[str, ...] = ()

    @property
    def end(self) -> date:
        """The last day of the horizon."""
        return self.orders.until + timedelta(days=round(self.ahead.days))

    @property
    def nobodys(self) -> float:
        """Revenue used that is no scored customer's: returns of people without a purchase; 0 where costs hide it."""
        if self.orders.basis != "revenue":
            return 0.0
        return float(self.orders.totals["amount_accepted"]) - self.sums["historic_value"]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What had to be assumed, of the orders and of the model."""
        return (*self.orders.warnings, *self.model.warnings, *self.remarks)

    def html(self, language: str) -> str:
        """The report that was asked for."""
        assert self.page is not None  # noqa: S101  asked for
        return render(self.page, language=language)


def score(
    reading: Reading, asked: Question, tell: Progress, *, out: str | None = None, report: str | None = None
) -> Scored:
    """Read orders, fit a model and score every customer; on Spark, write the scores to `out` as well.

    With `report`, the name of the shop in it, the numbers of a report come too.
    """
    orders = reading.read(tell)
    ahead = Horizon.of(asked.horizon, until=orders.until, days_per_unit=days_per_unit(asked.unit))
    if not orders.engine.sorts:
        return _score_there(orders, asked, ahead, tell, out=out, report=report)
    tell("Summarising customers", None)
    history = summarize(orders, unit=asked.unit)
    model = fit(history, asked.model, horizon=ahead, progress=tell)
    return _score_here(orders, history, model, asked, ahead, tell, report=report)


def _score_here(
    orders: Orders,
    history: History,
    model: ValueModel,
    asked: Question,
    ahead: Horizon,
    tell: Progress,
    *,
    report: str | None,
) -> Scored:
    found = None
    if asked.intervals or model.choice is not None:  # the interval of the total rests on what backtests missed
        tell("Looking at the tests", None)
        found = trials(history, model, ahead)
        model = with_level_error(model, found)
    tell(f"Scoring {len(history):,} customers", None)
    scores = model.predict(history, ahead, discount=asked.discount, intervals=asked.intervals)
    scored = Scored(
        orders,
        asked,
        model,
        ahead,
        customers=len(history),
        sums={name: float(pc.sum(scores[name]).as_py()) for name in SUMS},
        best=_best(scores, asked.top),
        scores=scores,
        found=found,
        remarks=() if (history.x > 0).any() else ("Nobody has come back yet: the forecast knows typical shops only.",),
    )
    tell("Adding up", None)
    return _with_page(scored, history, report) if report is not None else _with_interval(scored, history)


def _best(scores: pa.Table, count: int) -> pa.Table:
    keys = [("clv", "descending"), ("customer_id", "ascending")]
    return scores.take(pc.select_k_unstable(scores, min(count, scores.num_rows), keys)) if count else scores.slice(0, 0)


def _with_page(scored: Scored, history: History, source: str) -> Scored:
    """With the numbers of a report; it has the interval of the total."""
    today = date.today()  # noqa: DTZ011  the day where the user is
    page = collect(
        *(scored.orders, history, scored.model, scored.scores),
        horizon=scored.ahead,
        discount=scored.question.discount,
        computed=today,
        source=source,
    )
    known = page.headline.predicted
    return replace(scored, page=page, interval=None if known is None else (known.low, known.high))


def _with_interval(scored: Scored, history: History) -> Scored:
    if not scored.question.intervals:
        return scored
    total = scored.model.total(history, scored.ahead)
    return replace(scored, interval=(total.low, total.high))


def _score_there(
    orders: Orders, asked: Question, ahead: Horizon, tell: Progress, *, out: str | None, report: str | None
) -> Scored:
    """On Spark a model is fitted on counts of histories, and scores are written by the workers; orders stay there.

    Without a place to write them to, or for a report, one row a customer comes here.
    """
    name, remarks = asked.model, list[str]()
    if name == "auto":
        name = FALLBACK
        remarks.append(f"On Spark nothing is tried on the past: {name} was taken unseen. --model names another.")
    tell("Counting histories", None)
    timing, spending = histogram(orders, unit=asked.unit)
    tell(f"Fitting {name}", None)
    model = fit_counted(timing, spending, name, unit=asked.unit, currency=orders.currency, basis=orders.basis)
    if out is not None:
        tell("Scoring where the orders are", None)
        predict = partial(model.predict, horizon=ahead, discount=asked.discount, intervals=asked.intervals)
        write_scores(orders, predict, out, unit=asked.unit)
    if out is not None and report is None:
        scored = _looked_up(orders, model, asked, ahead, out)
    else:
        history = summarize(orders, unit=asked.unit)
        scored = _score_here(orders, history, model, asked, ahead, tell, report=report)
    return replace(scored, remarks=(*scored.remarks, *remarks))


def _looked_up(orders: Orders, model: ValueModel, asked: Question, ahead: Horizon, out: str) -> Scored:
    """Sums and the best customers, from the scores that were written."""
    table = orders.engine.read_parquet(out)
    sums = table.aggregate(customers=table.count(), **{name: table[name].sum() for name in SUMS})
    found: dict[str, Any] = orders.engine.to_arrow(sums).to_pylist()[0]
    best = orders.engine.to_arrow(table.order_by(table.clv.desc()).limit(asked.top))
    return Scored(orders, asked, model, ahead, int(found.pop("customers")), found, best)
