"""`fit`: from a history to a model of value, the model named or chosen by the shop's own past."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stammkunde.clv.backtest import BOOST, FEWEST, mean_of_all, origins
from stammkunde.clv.boost import TIMING, Boosted, lightgbm
from stammkunde.clv.covariates import Covariates, columns_of
from stammkunde.clv.family import transaction_model
from stammkunde.clv.gamma_gamma import GammaGamma
from stammkunde.clv.horizon import Horizon
from stammkunde.clv.order_days import order_days
from stammkunde.clv.predictive import Voice
from stammkunde.clv.season import Season
from stammkunde.clv.select import Choice, choose
from stammkunde.clv.transactions import TransactionModel
from stammkunde.clv.value import ValueModel
from stammkunde.errors import NotEnoughDataError
from stammkunde.facts import Histogram, History, Spending
from stammkunde.facts.history import Unit, days_per_unit
from stammkunde.notices import Notice
from stammkunde.progress import Progress, silent

FALLBACK = "pareto-nbd"
SOME = 1000  # customers are asked whether the model sees any of them leave
ALL_ALIVE = 0.995  # on average, and "still active" tells nothing


def fit(
    history: History,
    model: str = "auto",
    *,
    horizon: Horizon | str | float = "12m",
    covariates: Sequence[str] = (),
    progress: Progress = silent,
) -> ValueModel:
    """Fit a model of what customers will order and spend.

    Parameters
    ----------
    history : one row a customer, from `summarize`.
    model : "auto", which chooses by backtests inside the history, or a model of order timing by name; "boost" adds
        boosted trees to one (see `clv.boost`), and is never chosen by "auto".
    horizon : the future that "auto" and "boost" are to be good at.
    covariates : columns of `history.table` known of a customer from the start, such as "first_channel" or
        "first_value": text or numbers, that move parameters of timing and spend (see `clv.covariates`).

    Raises
    ------
    UnknownModelError : no model has this name.
    InputError : a covariate is not there, or tells what customers did later.
    NotEnoughDataError : there are no customers.
    ConvergenceError : no maximum of the likelihood was found.
    MissingExtraError : "boost" was asked for, and LightGBM is not installed.
    """
    if len(history) == 0:
        raise NotEnoughDataError("There are no customers to learn from.")
    known = Covariates.learn(history.table, covariates) if covariates else None
    if model.lower() == BOOST:
        return _boosted(history, horizon, known)
    if model.lower() != "auto":
        return _named(history, model, known)
    choice = select(history, horizon, covariates=covariates, progress=progress)
    if choice is None:
        fitted = _named(history, FALLBACK, known)
        unseen = Notice("little_history", customers=FEWEST, orders=FEWEST, model=FALLBACK)
        return replace(fitted, warnings=(*fitted.warnings, unseen))
    progress(f"Fitting {choice.model}", None)
    fitted = _named(history, choice.model, known)
    mean = mean_of_all(history)
    lost: tuple[Notice, ...] = () if choice.beats_naive else (Notice("no_model_beats_naive"),)
    tuning = choice.tuning
    if tuning.season is not None:  # once more, from all that is known now
        tuning = replace(tuning, season=Season.learn(order_days(history), history, fitted.voices[0].model))
        lost += () if tuning.season is not None else (Notice("season_left_out"),)
    return replace(
        fitted,
        name="auto",
        tuning=tuning,
        spend_of_all=GammaGamma.fit_or_typical(history.x + 1.0, mean, mean, covariates=columns_of(known, history)),
        level_error=choice.level_error,
        choice=choice,
        warnings=fitted.warnings + lost,
    )


def fit_counted(
    timing: Histogram,
    spending: Spending,
    model: str,
    *,
    unit: Unit = "week",
    currency: str | None = None,
    basis: str = "revenue",
) -> ValueModel:
    """Fit the named model on what `stammkunde.facts.histogram` counted where the orders live; nothing else travels.

    Raises
    ------
    UnknownModelError : no model has this name.
    NotEnoughDataError : nobody has a repeat order of positive value.
    ConvergenceError : no maximum of the likelihood was found.
    """
    length = days_per_unit(unit)
    x, t_x, T, weight = timing.x, timing.t_x, timing.T, timing.weight
    fitted = transaction_model(model).fit(x, t_x, T, weight=weight, days_per_unit=length)
    spend = GammaGamma.fit(spending.x, spending.value, weight=spending.weight)
    return _joined(fitted, spend, round(weight.sum()), currency=currency, basis=basis)


def select(
    history: History,
    horizon: Horizon | str | float = "12m",
    *,
    covariates: Sequence[str] = (),
    progress: Progress = silent,
) -> Choice | None:
    """Choose by backtests at two or three days in the past; None where the history cannot carry two."""
    if history.order_days is None:
        return None
    asked = Horizon.of(horizon, until=history.until, days_per_unit=history.days_per_unit)
    progress("Going back in time", None)
    found = origins(history, asked, Covariates.learn(history.table, covariates) if covariates else None)
    return choose(found, progress=progress) if len(found) >= 2 else None


def _named(history: History, name: str, covariates: Covariates | None) -> ValueModel:
    timing = transaction_model(name).fit_history(history, covariates=covariates)
    first, columns = np.asarray(history.table["first_value"].to_numpy()), columns_of(covariates, history)
    spend = GammaGamma.fit_or_typical(history.x, history.value, first, covariates=columns)
    found = _joined(timing, spend, len(history), currency=history.currency, basis=history.basis)
    found = replace(found, covariates=covariates)
    notes = () if covariates is None else covariates.notes
    if not found.warnings and _nobody_leaves(found, history):
        notes = (Notice("nobody_leaves", days=(history.until - history.start).days), *notes)
    return replace(found, warnings=(*found.warnings, *notes))


def _nobody_leaves(fitted: ValueModel, history: History) -> bool:
    """Whether the model sees a customer lost hardly anywhere, among a thousand spread over the table."""
    some = history.table.take(np.arange(0, len(history), -(-len(history) // SOME)))
    return float(fitted.p_alive(replace(history, table=some)).mean()) > ALL_ALIVE


def _boosted(history: History, horizon: Horizon | str | float, covariates: Covariates | None) -> ValueModel:
    lightgbm()  # what is missing is said before the work
    asked = Horizon.of(horizon, until=history.until, days_per_unit=history.days_per_unit)
    found = origins(history, asked, covariates)
    trees = Boosted.learn(found)
    totals = [np.log(float(f.expected(TIMING) @ f.order_value(TIMING)) / f.value.sum()) for f in found]
    worse = Notice("trees_no_better", model=TIMING, orders=trees.orders_error, value=trees.value_error)
    timing = _named(history, TIMING, covariates)
    return replace(
        timing,
        name=BOOST,
        boosted=trees,
        level_error=float(np.sqrt(np.mean(np.square(totals)))),
        warnings=timing.warnings if max(trees.orders_error, trees.value_error) < 1.0 else (*timing.warnings, worse),
    )


def _joined(
    timing: TransactionModel, spend: GammaGamma, customers: int, *, currency: str | None, basis: str
) -> ValueModel:
    return ValueModel(
        name=timing.name,
        voices=(Voice(timing),),
        spend=spend,
        days_per_unit=timing.days_per_unit,
        customers=customers,
        currency=currency,
        basis=basis,
        warnings=(timing.caveat,) if timing.caveat else (),
    )
