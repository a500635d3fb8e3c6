"""What a customer has brought from day to day, and what is expected: the value curve."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from stammkunde.server.clv.models import Prediction
from stammkunde.server.clv.queries.ledger import Ledger
from stammkunde.server.lib.money import major
from stammkunde.server.ui.figures import markup, words
from stammkunde.server.ui.templatetags.ui import day, exact, money

if TYPE_CHECKING:
    from stammkunde.clv.report.figures import Figure
    from stammkunde.clv.report.svg import Frame

ROWS = 24  # of the table


@dataclass(frozen=True)
class Curve:
    """Days with what had been brought by their end, in whole units; and what is expected at the horizon."""

    days: Sequence[date]
    brought: Sequence[int]
    currency: str
    end: date | None = None
    ends: tuple[int, int, int] | None = None


def curve(ledger: Ledger, prediction: Prediction | None) -> str:
    """The figure as it is shown; nothing where nobody has bought anything."""
    known = points(ledger)
    if prediction is None or not known or (len(known) == 1 and prediction.predicted is None):
        return ""
    days, brought = [each for each, _total in known], [total for _day, total in known]
    total = brought[-1]
    days, brought = [*days, max(ledger.until, days[-1])], [*brought, total]
    run = prediction.run
    expected = (prediction.low, prediction.predicted, prediction.high)
    ends = None if None in expected else tuple(total + (each or 0) for each in expected)
    found = Curve(days, brought, run.currency, run.horizon_end if ends else None, ends)  # type: ignore[arg-type]  # three
    return markup(_figure(found), about=_about(run.basis), currency=run.currency)


def points(ledger: Ledger) -> list[tuple[date, int]]:
    """Days on which something was booked, with what had been brought in all by their end."""
    sums: dict[date, int] = {}
    for line in ledger.lines:
        sums[line.day] = sums.get(line.day, 0) + line.amount
    days = sorted(sums)
    return list(zip(days, accumulate(sums[each] for each in days), strict=True))


def _about(basis: str) -> str:
    return (
        _("Basis: contribution, cost of winning apart.")
        if basis == "contribution"
        else _("Basis: revenue less refunds.")
    )


def _figure(found: Curve) -> "Figure":
    from stammkunde.clv.report.figures.figure import Figure, Table, both  # the library: not before a page draws

    told = {"now": exact(found.brought[-1]), "day": day(found.days[-1]), "first": day(found.days[0])}
    if found.ends is None:
        title = _("%(now)s brought so far") % told
        summary = _("From %(first)s to %(day)s.") % told
    else:
        told |= {"then": money(found.ends[1]), "end": day(found.end)}
        told |= {"low": money(found.ends[0]), "high": money(found.ends[2])}
        title = _("%(now)s brought so far, about %(then)s by %(end)s") % told
        summary = _("With 80%% probability it will be between %(low)s and %(high)s by then, not discounted.") % told
    table = Table(_("Brought in all by the end of the day"), (_("Day"), _("Amount")), _rows(found))
    return Figure("customer-value", title, summary, both(lambda frame: _draw(frame, found, title)), table)


def _rows(found: Curve) -> tuple[tuple[str, str], ...]:
    """The last day of each month with an order, the latest ones, then what is expected."""
    months: dict[tuple[int, int], tuple[date, int]] = {}
    for each, total in zip(found.days, found.brought, strict=True):
        months[each.year, each.month] = each, total
    rows = [(day(each), exact(total)) for each, total in list(months.values())[-ROWS:]]
    if found.ends is not None:
        rows.append((_("%(day)s, expected") % {"day": day(found.end)}, money(found.ends[1])))
    return tuple(rows)


def _draw(frame: "Frame", found: Curve, label: str) -> str:
    from stammkunde.clv.report import svg  # as above

    last, end = found.days[-1].toordinal(), (found.end or found.days[-1]).toordinal()
    values = [float(major(each, found.currency)) for each in found.brought]
    ends = [] if found.ends is None else [float(major(each, found.currency)) for each in found.ends]
    marks = _marks(min([0.0, *values, *ends]), max([*values, *ends, 1.0]))
    x = svg.Scale(found.days[0].toordinal(), end, frame.left + 6, frame.x_end - 6)
    y = svg.Scale(marks[0], marks[-1], frame.y_end, frame.top + 16)
    points = [(x(each.toordinal()), y(value)) for each, value in zip(found.days, values, strict=True)]
    ahead: list[str] = []
    if ends:
        now, low, middle, high = points[-1], *((x(end), y(value)) for value in ends)
        ahead = [svg.band([now, low], [now, high], "b1"), svg.line([now, middle], "c1"), svg.dot(*middle, "ring1")]
        ahead.append(svg.stroke(x(last), frame.top + 16, x(last), frame.y_end, "cut"))
        ahead.append(svg.text(x(last) - 6, frame.top + 12, _("so far"), css="label muted", anchor="end"))
        ahead.append(svg.text(x(last) + 6, frame.top + 12, _("expected"), css="label c1text"))
    told = words(found.currency)
    return svg.document(
        frame,
        svg.y_axis(frame, y, marks, told.locale.tick),
        svg.y_title(frame, _("Brought in all, %(currency)s") % {"currency": found.currency}),
        svg.x_axis(frame, x, _dates(found.days[0].toordinal(), end, few=frame.narrow), ""),
        *ahead,
        svg.steps(points, "ink"),
        label=label,
    )


def _marks(low: float, high: float) -> list[float]:
    from stammkunde.clv.report import svg  # as above

    up = svg.steps_to([high])
    step = up[1] - up[0]
    below = 0
    while low < -(below + 0.1) * step:  # what dips a little below a line needs no further one
        below += 1
    return [-k * step for k in range(below, 0, -1)] + up


def _dates(first: int, last: int, *, few: bool) -> list[tuple[float, str]]:
    """About four days, evenly spread, the first and the last among them."""
    parts = 2 if few else 4
    days = [first + (last - first) * k / parts for k in range(parts + 1)]
    return [(each, day(date.fromordinal(round(each)))) for each in days]
