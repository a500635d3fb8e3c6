"""Charts of the library on pages, and two small ones that stand beside a number: its history, and its interval."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

if TYPE_CHECKING:
    from stammkunde.clv.report.figures import Figure
    from stammkunde.clv.report.words import Words

WIDTH, HEIGHT, EDGE = 120.0, 28.0, 3.0  # of a sparkline, in CSS pixels; room for the dot at its end
BAR, TIP = 384.0, 2.0  # of an interval: its length, and room at both ends


def words(currency: str | None = None) -> "Words":
    """The library's words in the language the page is in; amounts in `currency`, else in the shop's."""
    from stammkunde.clv.report.words import Words  # the library is slow to load, and most pages have no chart

    spoken = "de" if (get_language() or "en").startswith("de") else "en"
    return Words.of(spoken, currency=currency or settings.CURRENCY)


def markup(figure: "Figure | None", *, about: str = "", currency: str | None = None) -> SafeString:
    """A chart under its finding, over its numbers; `about` names basis and period. Nothing where nothing is drawn."""
    from stammkunde.clv.report import elements  # as above

    return mark_safe(elements.figure(figure, words(currency), about))  # noqa: S308  the library escapes every text


def sparkline(values: Sequence[float | None], *, label: str = "") -> SafeString:
    """A number's history as a line that ends in a dot; gaps stay gaps. Nothing for fewer than two numbers.

    Parameters
    ----------
    values : oldest first, None where nothing is known
    label : what it tells; without it screen readers pass over it, as the number beside it says it already
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return SafeString()
    low, span = min(known), (max(known) - min(known)) or 1.0
    step = (WIDTH - 2 * EDGE) / (len(values) - 1)
    points = [
        None if value is None else (EDGE + k * step, HEIGHT - EDGE - (value - low) / span * (HEIGHT - 2 * EDGE))
        for k, value in enumerate(values)
    ]
    last = next(point for point in reversed(points) if point is not None)
    dot = f'<circle class="fill1" cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="2.5"/>'
    return _svg("spark", (WIDTH, HEIGHT), f'<path class="line c1" d="{_path(points)}"/>{dot}', label=label)


def interval(low: float, middle: float, high: float, *, label: str, most: float | None = None) -> SafeString:
    """An interval as a bar on a line from zero, with the expected value on it. Nothing where all of it is zero.

    Parameters
    ----------
    most : the right end of the line, alike for rows that are to be compared; else that of the interval
    """
    start, end = min(low, middle, 0.0), max(high, middle, most or 0.0, 0.0)
    if end <= start:
        return SafeString()
    scale = (BAR - 2 * TIP) / ((end - start) * 1.04)
    x = {name: TIP + (value - start) * scale for name, value in (("low", low), ("middle", middle), ("high", high))}
    zero = TIP - start * scale
    drawn = (
        f'<line class="grid" x1="{TIP:g}" y1="8" x2="{BAR - TIP:g}" y2="8"/>'
        f'<line class="zero" x1="{zero:.1f}" y1="2" x2="{zero:.1f}" y2="14"/>'
        f'<rect class="fill1" fill-opacity="0.3" x="{x["low"]:.1f}" y="4" '
        f'width="{max(x["high"] - x["low"], 1.0):.1f}" height="8"/>'
        f'<circle class="fill1" cx="{x["middle"]:.1f}" cy="8" r="5"/>'
    )
    return _svg("interval", (BAR, 16.0), drawn, label=label)


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """A line through points that is lifted at gaps; a lone point becomes a line of no length, which is drawn round."""
    drawn, lifted = [], True
    for k, point in enumerate(points):
        if point is not None:
            alone = lifted and (k + 1 == len(points) or points[k + 1] is None)
            drawn.append(f"{'M' if lifted else 'L'}{point[0]:.1f} {point[1]:.1f}{'h0' if alone else ''}")
        lifted = point is None
    return "".join(drawn)


def _svg(css: str, size: tuple[float, float], inside: str, *, label: str) -> SafeString:
    told = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    shape = f'viewBox="0 0 {size[0]:g} {size[1]:g}" width="{size[0]:g}" height="{size[1]:g}"'
    return mark_safe(f'<svg class="{css}" {told} {shape}>{inside}</svg>')  # noqa: S308  its only text is escaped here
