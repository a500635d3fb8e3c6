"""How unevenly customers bring value: the Lorenz curve."""

from stammkunde.clv.report.data import Concentration
from stammkunde.clv.report.figures.figure import Figure, Table, both
from stammkunde.clv.report.quantities import Share
from stammkunde.clv.report.svg import Frame, Scale, document, dot, line, steps_to, text, x_axis, y_axis, y_title
from stammkunde.clv.report.words import Words

TOPS = (0.01, 0.05, 0.1, 0.2, 0.5)
MARKED = (0.1, 0.2, 0.5)


def lorenz_curve(data: Concentration, words: Words) -> Figure:
    """Share of value against share of customers, best customers first."""
    return Figure(
        "concentration",
        words.say("concentration_title", tenth=Share(data.top(0.1))),
        _summary(data, words),
        both(lambda frame: _draw(frame, data, words)),
        _table(data, words),
    )


def _draw(frame: Frame, data: Concentration, words: Words) -> str:
    marks = [0.0, 0.25, 0.5, 0.75, 1.0] if max(data.value) <= 1.001 else steps_to(data.value)
    x = Scale(0, 1, frame.left, frame.x_end)
    y = Scale(0, marks[-1], frame.y_end, frame.top + 16)
    write = words.locale.share
    curve = [(x(c), y(v)) for c, v in zip(data.customers, data.value, strict=True)]
    alike = (x(0.42), y(0.35) + 4)
    return document(
        frame,
        y_axis(frame, y, marks, write),
        y_title(frame, words.say("axis_value_share")),
        x_axis(frame, x, [(k / 5, write(k / 5)) for k in range(6)], words.say("axis_customer_share")),
        line([(x(0), y(0)), (x(1), y(1))], "thin"),
        text(*alike, words.say("label_alike"), css="label muted"),
        line(curve, "c1"),
        *(_mark((x(share), y(data.top(share))), share, data, words) for share in MARKED),
        label=_summary(data, words),
    )


def _summary(data: Concentration, words: Words) -> str:
    fifth, half = Share(data.top(0.2)), Share(data.top(0.5))
    return words.say("concentration_summary", fifth=fifth, half=half, single=Share(data.largest_customer))


def _mark(place: tuple[float, float], share: float, data: Concentration, words: Words) -> str:
    label = words.say("label_top", share=Share(share), value=Share(data.top(share)))
    lower = 20 if share >= 0.2 else 9  # the flatter the curve, the farther below it
    return dot(*place, "fill1") + text(place[0] + 9, place[1] + lower, label, css="label")


def _table(data: Concentration, words: Words) -> Table:
    rows = tuple((words.say("row_best", share=Share(s)), words.write(Share(data.top(s)))) for s in TOPS)
    header = (words.say("column_customers"), words.say("axis_value_share"))
    return Table(words.say("concentration_table"), header, rows)
