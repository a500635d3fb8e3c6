"""Predicted and actual value, tenth by tenth of the customers."""

from collections.abc import Iterator

from stammkunde.clv.report.data import Calibration, CalibrationGroup
from stammkunde.clv.report.figures.figure import Figure, Table, both, tall
from stammkunde.clv.report.quantities import Count, Money, Number, Share, Value
from stammkunde.clv.report.svg import Frame, Scale, document, dot, steps_to, stroke, text, x_axis
from stammkunde.clv.report.words import Words

HEAD = 44


def calibration_dots(data: Calibration, words: Words) -> Figure:
    """For each tenth by falling prediction, a dot for what was predicted and one for what came."""
    return Figure(
        "calibration",
        words.say("calibration_title", **_said(data)),
        words.say("calibration_summary", **_said(data)),
        both(lambda frame: _draw(_frame(frame, data), data, words)),
        _table(data, words),
        words.say("calibration_note"),
    )


def _said(data: Calibration) -> dict[str, Value]:
    error = data.predicted / data.actual - 1 if data.actual else float("nan")
    best = data.groups[0]
    return {
        "origin": data.origin,
        "end": data.end,
        "predicted": Money(data.predicted),
        "actual": Money(data.actual),
        "error": Share(error, signed=True),
        "best_predicted": Money(best.predicted),
        "best_actual": Money(best.actual),
    }


def _frame(frame: Frame, data: Calibration) -> Frame:
    height = HEAD + 27 * len(data.groups) + 46
    return tall(frame, height, left=66 if not frame.narrow else 22, right=190 if not frame.narrow else 126)


def _draw(frame: Frame, data: Calibration, words: Words) -> str:
    levels = steps_to([v for g in data.groups for v in (g.predicted, g.actual)], count=2 if frame.narrow else 4)
    x = Scale(min(0.0, *(g.actual for g in data.groups)), levels[-1], frame.left, frame.x_end - 12)
    far = frame.width - (96 if not frame.narrow else 62)
    parts = [
        text(far, HEAD - 16, words.say("label_predicted"), css="tick c1text", anchor="end"),
        text(frame.width, HEAD - 16, words.say("label_came"), css="tick strong", anchor="end"),
        text(0, HEAD - 16, words.say("axis_tenth"), css="name"),
    ]
    for k, group in enumerate(data.groups):
        parts += _pair(frame, (x, HEAD + k * 27 + 13, far), (k, group), words)
    marks = [(v, words.locale.tick(v)) for v in levels]
    axis = x_axis(
        tall(frame, frame.height, right=frame.right + 12),
        x,
        marks,
        words.say("axis_mean_value", currency=words.currency or ""),
    )
    return document(frame, *parts, axis, label=words.say("calibration_summary", **_said(data)))


def _pair(
    frame: Frame, place: tuple[Scale, float, float], group: tuple[int, CalibrationGroup], words: Words
) -> Iterator[str]:
    (x, y, far), (k, g) = place, group
    yield text(frame.left - 10, y + 4, str(k + 1), css="tick strong", anchor="end")
    yield stroke(frame.left, y, frame.x_end - 12, y)
    yield stroke(x(g.predicted), y, x(g.actual), y, "link")
    yield dot(x(g.actual), y, "fillink", radius=5)
    yield dot(x(g.predicted), y, "ring1", radius=5)
    yield text(far, y + 4, words.write(Money(g.predicted)), css="tick c1text", anchor="end")
    yield text(frame.width, y + 4, words.write(Money(g.actual)), css="tick strong", anchor="end")


def _table(data: Calibration, words: Words) -> Table:
    rows = [
        (
            str(k),
            *(
                words.write(v)
                for v in (
                    Count(g.customers),
                    Money(g.predicted),
                    Money(g.actual),
                    Number(100 * (g.predicted / g.actual - 1), 0) if g.actual > 0 else "–",
                )
            ),
        )
        for k, g in enumerate(data.groups, start=1)
    ]
    header = ("axis_tenth", "column_customers", "label_predicted", "label_came", "column_error")
    return Table(words.say("calibration_table"), tuple(map(words.say, header)), tuple(rows))
