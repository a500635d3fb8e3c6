"""The report: one HTML file that says what the customers of a shop are worth, and how far to trust it.

    from stammkunde.clv.report import report
    page = report(orders, history, model, scores, horizon="12m", language="de", computed=date.today())

Lives here: its figures and sentences, in German and English. `collect` gathers the numbers of a shop into
`ReportData`, `render` turns them into a page that needs no network, `report` does both. Refuses to know where orders
come from and how models work.
"""

from datetime import date
from typing import Any

import pyarrow as pa

from stammkunde.clv.horizon import Horizon
from stammkunde.clv.report.collect import collect
from stammkunde.clv.report.data import ReportData
from stammkunde.clv.report.page import render
from stammkunde.clv.value import DISCOUNT, LEVEL, ValueModel
from stammkunde.facts import History

__all__ = ["ReportData", "collect", "render", "report"]


def report(
    orders: Any,
    history: History,
    model: ValueModel | None,
    scores: pa.Table | None,
    *,
    computed: date,
    horizon: Horizon | str | float = "12m",
    discount: float = DISCOUNT,
    level: float = LEVEL,
    language: str = "en",
    source: str | None = None,
) -> str:
    """The report as one HTML document, in "en" or "de"; the arguments are those of `collect`.

    Raises
    ------
    InputError : another language, or a horizon that cannot be read.
    """
    data = collect(
        orders,
        history,
        model,
        scores,
        horizon=horizon,
        discount=discount,
        level=level,
        computed=computed,
        source=source,
    )
    return render(data, language=language)
