"""How long until the second order: the share of customers who came back, by days since the first."""

from stammkunde.clv.report.data import SecondOrder
from stammkunde.clv.report.figures.figure import Figure, Table, both
from stammkunde.clv.report.quantities import Count, Share, Value
from stammkunde.clv.report.svg import (
    Frame,
    Scale,
    band,
    document,
    dot,
    stairs,
    steps,
    steps_to,
    stroke,
    text,
    ticks,
    x_axis,
    y_axis,
    y_title,
)
from stammkunde.clv.report.words import Words

POINTS = 240  # enough corners for any screen
AGES = (7, 14, 30, 60, 90, 180, 365, 730, 1095)


def return_curve(data: SecondOrder, words: Words) -> Figure | None:
    """The share who came back by each day; None where nobody did."""
    if data.half is None or len(data.days) < 2:
        return None
    return Figure(
        "second-order",
        words.say("second_order_title", days=Count(data.half), share=Share(data.share[-1])),
        _summary(data, words),
        both(lambda frame: _draw(frame, data, words)),
        _table(data, words),
        words.say("second_order_note"),
    )


def share_by(data: SecondOrder, day: float) -> int:
    """The last point of the curve at or before a day."""
    return max((k for k, d in enumerate(data.days) if d <= day), default=0)


def _summary(data: SecondOrder, words: Words) -> str:
    said: dict[str, Value] = {"days": Count(data.half or 0), "most": Count(data.most or 0)}
    said |= {"share": Share(data.share[-1]), "end": Count(data.days[-1])}
    return words.say("second_order_summary", **said)


def _draw(frame: Frame, data: SecondOrder, words: Words) -> str:
    every = max(1, len(data.days) // POINTS)
    kept = [*range(0, len(data.days), every)]
    kept = kept if kept[-1] == len(data.days) - 1 else [*kept, len(data.days) - 1]
    x = Scale(0, max(data.days[-1], 1), frame.left, frame.x_end)
    levels = [v for v in steps_to([data.high[k] for k in kept]) if v <= 1.0]
    y = Scale(0, levels[-1], frame.y_end, frame.top + 16)
    low, high, share = ([(x(data.days[k]), y(column[k])) for k in kept] for column in (data.low, data.high, data.share))
    return document(
        frame,
        y_axis(frame, y, levels, words.locale.share),
        y_title(frame, words.say("axis_came_back")),
        x_axis(frame, x, [(k, words.locale.tick(k)) for k in ticks(0, data.days[-1], 6)], words.say("axis_days")),
        band(stairs(low), stairs(high), "b1"),
        steps(share, "c1 strong"),
        *_marks(data, words, (x, y), frame),
        label=_summary(data, words),
    )


def _marks(data: SecondOrder, words: Words, scales: tuple[Scale, Scale], frame: Frame) -> list[str]:
    """The days by which half and four fifths of the second orders had come."""
    (x, y), parts = scales, []
    for day, key in ((data.half, "label_half"), (data.most if data.most != data.half else None, "label_most")):
        if day is not None:
            place = (x(day), y(data.share[share_by(data, day)]))
            parts.append(stroke(place[0], place[1], place[0], frame.y_end, "drop"))
            parts.append(dot(*place, "fill1"))
            parts.append(_label(place, words.say(key, days=Count(day)), frame))
    return parts


def _label(place: tuple[float, float], said: str, frame: Frame) -> str:
    """Below the curve to the right of its point; above it to the left where there is no room."""
    if place[0] + 9 + len(said) * frame.size * 0.62 < frame.x_end:
        return text(place[0] + 9, place[1] + 18, said, css="label")
    return text(place[0] - 9, max(place[1] - 7, frame.top + 28), said, css="label", anchor="end")


def _table(data: SecondOrder, words: Words) -> Table:
    ages = [age for age in AGES if age <= data.days[-1]] or [int(data.days[-1])]
    rows = []
    for age in ages:
        k = share_by(data, age)
        rows.append(
            (
                words.say("row_within", days=Count(age)),
                *(words.locale.share(c[k]) for c in (data.share, data.low, data.high)),
            )
        )
    header = (words.say("axis_days"), words.say("axis_came_back"), words.say("column_low"), words.say("column_high"))
    return Table(words.say("second_order_table"), header, tuple(rows))
