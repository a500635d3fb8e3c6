"""Three plots of a fitted model, as drawings of their own: the figures of the report, one at a time.

    from stammkunde.clv import plots
    plots.alive(model, history).save("alive.svg")

In a notebook a plot shows itself. It is one SVG file that needs no network, in light and dark.
"""

import re
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

import numpy as np

from stammkunde.clv.backtest import Trial
from stammkunde.clv.horizon import Horizon
from stammkunde.clv.report import trial
from stammkunde.clv.report.customers import Customers, alive_grid
from stammkunde.clv.report.elements import table
from stammkunde.clv.report.figures import Figure, alive_map, calibration_dots, tracking_lines
from stammkunde.clv.report.page import style
from stammkunde.clv.report.past import Book
from stammkunde.clv.report.words import Words
from stammkunde.clv.value import ValueModel
from stammkunde.errors import NotEnoughDataError
from stammkunde.facts import History

SCOPE = "stammkunde"
TYPE = "13px system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', sans-serif"


@dataclass(frozen=True)
class Plot:
    """A drawing with its finding as `title`, a sentence to read it by, and its numbers.

    `svg` is a whole SVG document; `html` adds title, sentence and the table of numbers, as part of a page.
    """

    title: str
    summary: str
    svg: str
    html: str

    @classmethod
    def of(cls, figure: Figure, words: Words) -> "Plot":
        """The figure of a report on its own, drawn for wide screens."""
        head = f'<svg xmlns="http://www.w3.org/2000/svg" class="{SCOPE} '
        inside = f"<title>{escape(figure.title)}</title><style>{_style()}</style>"
        drawing = figure.drawings[0].replace('<svg class="', head, 1)
        svg = drawing.replace(">", f">{inside}", 1)
        numbers = f"<details><summary>{escape(words.say('details_table'))}</summary>{table(figure.table)}</details>"
        said = (f"<p>{escape(text)}</p>" for text in (figure.summary, figure.note) if text)
        html = f"<figure><figcaption><b>{escape(figure.title)}</b></figcaption>{svg}{''.join(said)}{numbers}</figure>"
        return cls(figure.title, figure.summary, svg, html)

    def save(self, path: str | Path) -> None:
        """Write the SVG document."""
        Path(path).write_text(self.svg, encoding="utf-8")

    def __repr__(self) -> str:
        return f"Plot({self.title!r})"

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        return self.html


def alive(model: ValueModel, history: History, *, language: str = "en") -> Plot:
    """Mean P(alive) by order days and days since the last order.

    Raises
    ------
    NotEnoughDataError : there are no customers.
    InputError : another language than "en" and "de".
    """
    words = Words.of(language, currency=history.currency)
    grid = alive_grid(_customers(model, history))
    if grid is None:
        raise NotEnoughDataError("There are no customers to draw.")
    return Plot.of(alive_map(grid, words), words)


def tracking(
    model: ValueModel, history: History, horizon: Horizon | str | float = "12m", *, language: str = "en"
) -> Plot:
    """Repeat orders of each period, counted, and expected by a model of this kind that saw only what was before.

    Raises
    ------
    NotEnoughDataError : the history cannot be backtested over the horizon.
    InputError : another language than "en" and "de", or no horizon.
    """
    words, book = Words.of(language, currency=history.currency), Book.of(history)
    last = _last_trial(model, history, horizon)
    found = None if book is None else trial.tracking(history, book, trial.timing(model), last.until)
    figure = None if found is None else tracking_lines(found, words)
    if figure is None:
        raise NotEnoughDataError(f"No whole period follows {last.until}.", advice="Ask for a longer horizon.")
    return Plot.of(figure, words)


def calibration(
    model: ValueModel, history: History, horizon: Horizon | str | float = "12m", *, language: str = "en"
) -> Plot:
    """Expected and actual value by tenths of the customers, at the latest day of the backtests.

    Raises
    ------
    NotEnoughDataError : the history cannot be backtested over the horizon.
    InputError : another language than "en" and "de", or no horizon.
    """
    words = Words.of(language, currency=history.currency)
    last = _last_trial(model, history, horizon)
    return Plot.of(calibration_dots(trial.calibration(last, trial.level_of(model)), words), words)


def _last_trial(model: ValueModel, history: History, horizon: Horizon | str | float) -> Trial:
    asked = Horizon.of(horizon, until=history.until, days_per_unit=history.days_per_unit)
    found = trial.trials(history, model, asked)
    if found is None:
        raise NotEnoughDataError(
            f"The history cannot be backtested over {asked.text}.",
            advice="Make it with summarize(orders), of a longer period, or ask for a shorter horizon.",
        )
    return trial.latest(found, model.name)


def _customers(model: ValueModel, history: History) -> Customers:
    kept, length = history.table, history.days_per_unit
    orders, first, historic = (
        kept[n].to_numpy().astype(np.float64) for n in ("orders", "first_value", "historic_value")
    )
    age, silence = np.rint(history.T * length), np.rint((history.T - history.t_x) * length)
    unknown, p_alive = np.full(len(history), np.nan), model.p_alive(history)
    money = (first, historic, p_alive, unknown, unknown, unknown, unknown)
    return Customers(kept["customer_id"], history.until, orders, age, silence, *money)


@cache
def _style() -> str:
    """The report's rules for drawings, for this drawing alone: it may stand in somebody else's page."""
    tokens = re.findall(r":root \{(.*?)\}", style(), re.DOTALL)[0]
    rules = re.findall(r"^svg (?!\{)(.+)$", style(), re.MULTILINE)
    scoped = "".join(f".{SCOPE} {rule.replace(', svg ', f', .{SCOPE} ')}" for rule in rules)
    whole = (
        f".{SCOPE}{{{tokens}}}@media print{{.{SCOPE}{{color-scheme:light}}}}"
        f".{SCOPE}{{font:{TYPE};background:var(--paper);max-width:100%;height:auto}}{scoped}"
    )
    return re.sub(r"\s+", " ", whole)
