"""Fit, predict, and gather what the pages show: all mathematics is the library's."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from django.conf import settings
from numpy.typing import NDArray

from stammkunde.clv import Horizon, ValueModel, fit
from stammkunde.clv.report import ReportData, collect
from stammkunde.clv.report.trial import trials, with_level_error
from stammkunde.facts import History
from stammkunde.facts.history import Unit, days_per_unit
from stammkunde.progress import Progress
from stammkunde.server.clv.computing.reading import Days, first_purchases
from stammkunde.server.lib.money import places

Array = NDArray[np.float64]
UNIT: Unit = "week"
MODEL = "auto"


@dataclass(frozen=True)
class Scored:
    """A scored shop: customers in order of the history's rows. `scores` is None where nobody has come back yet."""

    days: Days
    history: History
    model: ValueModel | None
    scores: pa.Table | None
    page: ReportData
    ahead: Horizon
    discount: float

    @property
    def unit(self) -> float:
        """How many of the smallest unit make one of the currency."""
        return float(10 ** places(settings.CURRENCY))


def history_of(days: Days, until: date) -> History:
    """One row a customer, with what the first order was."""
    history = History.from_days(days.table, until=until, unit=UNIT)
    rows = pa.array(first_purchases(days))
    table = history.table
    for name, values in (("first_channel", days.channel), ("first_country", days.country)):
        known = values.take(rows).cast(pa.string())
        table = table.append_column(name, pa.compute.if_else(pa.compute.equal(known, ""), None, known))
    return replace(history, table=table)


def horizon(months: int, until: date) -> Horizon:
    """So many months after the last day."""
    return Horizon.of(f"{months}m", until=until, days_per_unit=days_per_unit(UNIT))


def fitted(history: History, ahead: Horizon, tell: Progress) -> ValueModel | None:
    """The model that did best on the shop's past, knowing how far off totals were; None where nobody came back."""
    if not (history.x > 0).any():
        return None
    model = fit(history, MODEL, horizon=ahead, progress=tell).unsharpened()  # values are added up by state and segment
    return with_level_error(model, trials(history, model, ahead))


def scored(
    days: Days, history: History, model: ValueModel | None, *, ahead: Horizon, discount: float, computed: date
) -> Scored:
    """Predictions for everybody, and the numbers of the pages."""
    scores = None if model is None else model.predict(history, ahead, discount=discount)
    page = collect(None, history, model, scores, horizon=ahead, discount=discount, computed=computed)
    quality = replace(page.quality, estimated_share=days.counted.estimated_share)
    return Scored(days, history, model, scores, replace(page, quality=quality), ahead, discount)


def minor(values: Any, unit: float) -> NDArray[np.int64]:
    """Amounts in the smallest unit."""
    return np.asarray(np.rint(np.asarray(values, dtype=np.float64) * unit), dtype=np.int64)
