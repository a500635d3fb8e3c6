"""Orders counted against orders expected, period by period."""

from collections.abc import Sequence

from stammkunde.clv.report.data import Tracking
from stammkunde.clv.report.figures.cohorts import period_name
from stammkunde.clv.report.figures.figure import Figure, Table, both, tall
from stammkunde.clv.report.quantities import Count, Value
from stammkunde.clv.report.svg import (
    Frame,
    Point,
    Scale,
    document,
    line,
    spread,
    steps_to,
    stroke,
    text,
    x_axis,
    y_axis,
    y_title,
)
from stammkunde.clv.report.words import Words


def tracking_lines(data: Tracking, words: Words) -> Figure | None:
    """Repeat orders of each period; None where no period holds both a count and an expectation."""
    pairs = [(a, e) for a, e in zip(data.actual, data.expected, strict=True) if a is not None and e is not None]
    if not pairs:
        return None
    actual, expected = sum(a for a, _ in pairs), sum(e for _, e in pairs)
    said: dict[str, Value] = {"actual": Count(actual), "expected": Count(expected), "origin": data.origin}
    said["off"] = words.off(expected / actual - 1) if actual else "–"
    return Figure(
        "tracking",
        words.say("tracking_title", **said),
        words.say("tracking_summary", **said),
        both(lambda frame: _draw(tall(frame, frame.height, right=84 if not frame.narrow else 62), data, words)),
        Table(
            words.say("tracking_table"),
            (words.say(f"column_{data.period}"), words.say("label_actual"), words.say("label_expected")),
            tuple(_row(k, data, words) for k in range(len(data.starts))),
        ),
        words.say("tracking_note"),
    )


def _row(k: int, data: Tracking, words: Words) -> tuple[str, str, str]:
    name = _name(data, k, words)
    return name, *("" if v is None else words.write(Count(v)) for v in (data.actual[k], data.expected[k]))  # type: ignore[return-value]


def _name(data: Tracking, k: int, words: Words) -> str:
    return (
        words.locale.day(data.starts[k]) if data.period == "week" else period_name(data.starts[k], data.period, words)
    )


def _draw(frame: Frame, data: Tracking, words: Words) -> str:
    known = [v for v in (*data.actual, *data.expected) if v is not None]
    marks_y = steps_to(known)
    x = Scale(0, max(len(data.starts) - 1, 1), frame.left + 6, frame.x_end)
    y = Scale(0, marks_y[-1], frame.y_end, frame.top + 16)
    every = max(1, round(len(data.starts) / (3 if frame.narrow else 6)))
    marks = [(k, _name(data, k, words)) for k in range(0, len(data.starts), every)]
    actual, expected = _points(data.actual, x, y), _points(data.expected, x, y)
    cut = x(max(0.0, next((k for k, v in enumerate(data.expected) if v is not None), 0) - 0.5))
    summary = words.say("tracking_note")
    return document(
        frame,
        y_axis(frame, y, marks_y, words.locale.tick),
        y_title(frame, words.say(f"axis_repeat_orders_{data.period}")),
        x_axis(frame, x, marks, ""),
        stroke(cut, frame.top + 16, cut, frame.y_end, "cut"),
        _cut_label(cut, frame, words),
        line(actual, "ink"),
        line(expected, "c1 strong"),
        *_ends((actual, expected), frame, words),
        label=summary,
    )


def _cut_label(cut: float, frame: Frame, words: Words) -> str:
    """What lies left of the cut; where that is too narrow to say so, what lies right of it."""
    seen = words.say("label_origin")
    if cut - 6 - frame.left > len(seen) * frame.size * 0.55:
        return text(cut - 6, frame.top + 28, seen, css="label muted", anchor="end")
    return text(cut + 6, frame.top + 28, words.say("label_ahead"), css="label muted")


def _points(values: Sequence[float | None], x: Scale, y: Scale) -> list[Point]:
    return [(x(k), y(v)) for k, v in enumerate(values) if v is not None]


def _ends(lines: tuple[list[Point], list[Point]], frame: Frame, words: Words) -> list[str]:
    named = zip(lines, ("label_actual", "label_expected"), ("label", "label c1text"), strict=True)
    shown = [(points[-1], words.say(key), css) for points, key, css in named if points]
    heights = spread([p[1] + 4 for p, _, _ in shown], gap=17, low=frame.top + 16, high=frame.y_end)
    return [text(p[0] + 7, h, name, css=css) for (p, name, css), h in zip(shown, heights, strict=True)]
