"""How the forecast did on the shop's own past: period by period, tenth by tenth, candidate by candidate."""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from stammkunde.clv.backtest import BOOST, STEADY, Backtest, Trial, backtest
from stammkunde.clv.family import TRANSACTION_MODELS, transaction_model
from stammkunde.clv.horizon import Horizon
from stammkunde.clv.order_days import EPOCH
from stammkunde.clv.predictive import distinct
from stammkunde.clv.report.data import Calibration, CalibrationGroup, Comparison, ModelRow, Tracking
from stammkunde.clv.report.past import Book
from stammkunde.clv.transactions import TransactionModel
from stammkunde.clv.value import ValueModel
from stammkunde.errors import ConvergenceError, NotEnoughDataError
from stammkunde.facts import History

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


def trials(history: History, model: ValueModel, horizon: Horizon) -> Backtest | None:
    """The backtest that chose the model, or one of the model that was named; None where the history carries none."""
    if model.choice is not None:
        return model.choice.backtest
    name = timing(model) if model.boosted is None else model.name
    if history.order_days is None or name not in (*TRANSACTION_MODELS, BOOST):
        return None
    try:
        known = () if model.covariates is None else tuple(c.column for c in model.covariates.columns)
        return backtest(history, horizon, models=(name,), covariates=known)
    except (NotEnoughDataError, ConvergenceError):
        return None


def timing(model: ValueModel) -> str:
    """Name of the model of order timing that speaks loudest."""
    return max(model.voices, key=lambda voice: voice.weight).model.name


def level_of(model: ValueModel) -> float:
    """By how much the backtests taught the model to raise the whole shop; 1.0 where they taught nothing."""
    return model.tuning.level if model.tuning is not None else 1.0


def with_level_error(model: ValueModel, found: Backtest | None) -> ValueModel:
    """A model taken by name with the error of totals that its backtests show; others know theirs."""
    if model.choice is not None or model.level_error or found is None:
        return model
    logs = [np.log1p(trial.value.bias / 100.0) for trial in found.of(model.name)]
    return model.with_level_error(float(np.sqrt(np.mean(np.square(logs)))))


def latest(found: Backtest, name: str) -> Trial:
    """The trial of a candidate at the latest origin."""
    return max(found.of(name), key=lambda trial: trial.until)


def calibration(trial: Trial, level: float = 1.0) -> Calibration:
    """Predicted and actual value by tenth of the customers, without the `level` learned from these very orders."""
    c = trial.calibration
    groups = zip(c.customers.tolist(), (c.expected / level).tolist(), c.actual.tolist(), strict=True)
    end = trial.until + timedelta(days=trial.horizon_days)
    return Calibration(trial.until, end, tuple(CalibrationGroup(*group) for group in groups))


def comparison(found: Backtest, model: ValueModel) -> Comparison:
    """All candidates in order of merit; the total of the chosen one without the level learned from these orders."""
    level = level_of(model)
    rows = found.rows()
    models = tuple(
        ModelRow(
            name=row["model"],
            naive=row["model"] in found.naive,
            chosen=row["model"] == model.name,
            value_error=row["value_mae"],
            order_error=row["orders_mae"],
            total_error=(1.0 + row["value_bias"] / 100.0) / (level if row["model"] == model.name else 1.0) - 1.0,
            ranking=row["value_gini"],
        )
        for row in rows
    )
    own = found.of(model.name)
    days = round(float(np.mean([trial.horizon_days for trial in own])))
    won = model.choice.beats_naive if model.choice is not None else models[0].chosen
    reason = model.choice.reason if model.choice is not None else ""
    return Comparison(models, len(own), days, won, reason)


# --- period by period -------------------------------------------------------------------------------------------------


def tracking(history: History, book: Book, name: str, origin: date) -> Tracking | None:
    """Repeat orders of all customers, counted, and expected by the named model fitted at `origin`.

    Who was known then is expected to go on as the model says; who came later, from the day of the first order on. None
    where no whole period follows the origin, or the model of that day has no finite answer.
    """
    period, edges = _periods(history.start, origin, history.until)
    cut = (origin - EPOCH).days
    if len(edges) < 2 or edges[-2] <= cut:
        return None
    repeat = book.purchase & (book.day > book.first[book.who])
    actual = np.histogram(book.day[repeat], edges)[0]
    before = History.from_days(book.table, until=origin, unit=history.unit)
    fitted = transaction_model(name).fit_history(before, least=STEADY)
    ahead = edges[edges > cut]
    later = book.first[book.first > cut] - cut
    upto = ahead - 1 - cut
    expected = np.diff(_known(fitted, before, upto) + _newcomers(fitted, later, upto))
    if not np.isfinite(expected).all():
        return None
    return Tracking(
        tuple(EPOCH + timedelta(days=int(edge)) for edge in edges[:-1]),
        tuple(actual.astype(float).tolist()),
        (*[None] * (len(edges) - len(ahead)), *expected.tolist()),
        origin,
        period,
    )


def _known(model: TransactionModel, before: History, days: Integers) -> Array:
    """Expected orders, until each of `days` after the origin, of all customers known at it together."""
    (x, T), codes = distinct(before.x, before.T)
    total = np.zeros(len(days))
    for part in model.phases():
        alive = np.bincount(codes, weights=part.p_alive(before.x, before.t_x, before.T), minlength=len(x))
        each = [alive @ part.expected_if_alive(x, T, np.full_like(T, t)) for t in days / before.days_per_unit]
        total += np.array(each)
    return total


def _newcomers(model: TransactionModel, arrival: Integers, days: Integers) -> Array:
    """Expected repeat orders, until each of `days`, of customers whose first order came on the days `arrival`."""
    span = int(days.max()) + 1
    arrivals = np.bincount(arrival[arrival < span], minlength=span)
    grown = model.expected_new(np.arange(span) / model.days_per_unit)
    return np.asarray(np.convolve(arrivals, grown)[:span][days])


def _periods(start: date, origin: date, until: date) -> tuple[str, Integers]:
    """Name and borders (day numbers) of whole periods: weeks from the origin for two years, then months, quarters."""
    first, cut, last = ((day - EPOCH).days for day in (start, origin, until))
    if last - first <= 740:
        return "week", np.arange(cut + 1 - (cut + 1 - first) // 7 * 7, last + 2, 7)
    months = 1 if last - first <= 8 * 366 else 3
    borders = np.arange(f"{start.year}-01", f"{until.year + 1}-02", months, dtype="datetime64[M]").astype(
        "datetime64[D]"
    )
    numbers = borders.astype(np.int64)
    return "month" if months == 1 else "quarter", numbers[(numbers >= first) & (numbers <= last + 1)]
