"""Charts of the room: where customers stand, how they moved between states, how large a segment was.

This module brings the report's library, which is slow to load: views import it when a page has something to draw.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stammkunde.clv.report.figures.figure import Figure, Table, both, tall
from stammkunde.clv.report.format import Locale
from stammkunde.clv.report.svg import (
    EM,
    Frame,
    Scale,
    band,
    bar,
    document,
    dot,
    line,
    steps_to,
    stroke,
    text,
    x_axis,
    y_axis,
    y_title,
)
from stammkunde.server.segments.models import State
from stammkunde.server.segments.queries.standing import Flow
from stammkunde.server.ui.figures import words

GAP, NODE, ROW = 10.0, 12.0, 18.0  # between nodes of a flow, their width, the height of a line of type
HIGH, THIN = 220.0, 1.5  # all moves of a flow together, and the least a node is high
WORSE = (State.DUE, State.SLIPPING, State.LOST)


# --- where customers stand --------------------------------------------------------------------------------------------


def standing(counts: Mapping[str, int]) -> str:
    """Customers by state as one bar, in the order of a customer's life; the numbers stand in the table beside it."""
    write = words().locale
    told = ", ".join(f"{State(name).label} {write.count(number)}" for name, number in counts.items() if number)
    wide, narrow = (
        _bar(Frame(width, 64, left=0, right=0, top=0, bottom=0, size=size), counts, told)
        for width, size in ((760, 13), (343, 12))
    )
    return wide + narrow


def _bar(frame: Frame, counts: Mapping[str, int], label: str) -> str:
    total, x, parts = sum(counts.values()) or 1, 0.0, []
    for name, number in counts.items():
        width = frame.width * number / total
        if number:
            parts.append(bar(x, 22, max(width - 2, 1), 32, f"s-{name}"))
        said = str(State(name).label)
        if width > len(said) * frame.size * EM + 8:
            parts.append(text(x, 14, said, css="tick strong"))
        x += width
    return document(frame, *parts, label=label)


# --- how they moved ---------------------------------------------------------------------------------------------------


def flow(flows: Sequence[Flow], *, since: date, until: date) -> Figure | None:
    """Moves between states as bands from left to right; None where nobody moved."""
    moved = [each for each in flows if each.customers > 0 and each.before != each.after]
    if not moved:
        return None
    write = words().locale
    worst = max(moved, key=lambda each: each.customers)
    total = sum(each.customers for each in moved)
    title = _("Most moves went from “%(before)s” to “%(after)s”: %(count)s customers") % {
        "before": State(worst.before).label,
        "after": State(worst.after).label,
        "count": write.count(worst.customers),
    }
    towards = sum(each.customers for each in moved if each.after in WORSE)
    summary = ngettext(
        "One customer changed state.",
        "%(total)s changes of state; %(worse)s of them led to “due”, “slipping” or “lost”, in the warmer colour.",
        total,
    ) % {"total": write.count(total), "worse": write.count(towards)}
    rows = tuple(
        (str(State(each.before).label), str(State(each.after).label), write.count(each.customers))
        for each in sorted(moved, key=lambda each: -each.customers)
    )
    note = _("%(since)s to %(until)s. Those who stayed in their state are not drawn.") % {
        "since": write.day(since),
        "until": write.day(until),
    }
    return Figure(
        "flow",
        title,
        summary,
        both(lambda frame: _flow(frame, moved, write, summary)),
        Table(_("Moves between states"), (_("Before"), _("After"), _("Customers")), rows, text=(1,)),
        note,
    )


def _flow(frame: Frame, moved: Sequence[Flow], write: Locale, label: str) -> str:
    """Nodes at both sides, as high as they have moves, and a band for each pair."""
    left, right = _sums(moved, "before"), _sums(moved, "after")
    scale = HIGH / sum(left.values())
    height = max(_taken(left, scale), _taken(right, scale)) + 2 * GAP
    frame = tall(frame, height, left=_room(left, frame, write), right=_room(right, frame, write))
    lefts, rights = _places(left, scale, height), _places(right, scale, height)
    parts = list(_bands(frame, moved, scale, (dict(lefts), dict(rights))))
    for x, places, sums, anchor in ((frame.left - NODE, lefts, left, "end"), (frame.x_end, rights, right, "start")):
        for name, top in places.items():
            high = max(sums[name] * scale, THIN)
            at = x - 8 if anchor == "end" else x + NODE + 8
            parts.append(bar(x, top, NODE, high, f"s-{name}"))
            said = f"{State(name).label} {write.count(sums[name])}"
            parts.append(text(at, top + high / 2 + 4, said, css="tick strong", anchor=anchor))
    return document(frame, *parts, label=label)


def _sums(moved: Sequence[Flow], side: str) -> dict[str, int]:
    found: Counter[str] = Counter()
    for each in moved:
        found[getattr(each, side)] += each.customers
    return {name: found[name] for name in State.values if found[name]}


def _room(sums: Mapping[str, int], frame: Frame, write: Locale) -> float:
    longest = max(len(f"{State(name).label} {write.count(number)}") for name, number in sums.items())
    return longest * frame.size * EM + 12 + NODE


def _taken(sums: Mapping[str, int], scale: float) -> float:
    """How high all nodes of a side are, each at least a line of type."""
    return sum(max(number * scale, ROW) for number in sums.values()) + GAP * (len(sums) - 1)


def _places(sums: Mapping[str, int], scale: float, height: float) -> dict[str, float]:
    """Where each node begins: all of them in the middle of the drawing."""
    top, found = (height - _taken(sums, scale)) / 2, {}
    for name, number in sums.items():
        room = max(number * scale, ROW)
        found[name] = top + (room - max(number * scale, THIN)) / 2
        top += room + GAP
    return found


def _bands(
    frame: Frame, moved: Sequence[Flow], scale: float, places: tuple[dict[str, float], dict[str, float]]
) -> Iterator[str]:
    lefts, rights = places
    order = list(State.values)
    middle = (frame.left + frame.x_end) / 2
    for each in sorted(moved, key=lambda one: (order.index(one.before), order.index(one.after))):
        high = max(each.customers * scale, 0.75)
        a, b = lefts[each.before], rights[each.after]
        lefts[each.before], rights[each.after] = a + each.customers * scale, b + each.customers * scale
        x0, x1 = frame.left, frame.x_end
        path = (
            f"M{x0:.1f} {a:.1f}C{middle:.1f} {a:.1f} {middle:.1f} {b:.1f} {x1:.1f} {b:.1f}"
            f"V{b + high:.1f}C{middle:.1f} {b + high:.1f} {middle:.1f} {a + high:.1f} {x0:.1f} {a + high:.1f}Z"
        )
        yield f'<path class="flow{" worse" if each.after in WORSE else ""}" d="{path}"/>'


# --- how large a segment was ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """The size at the end of a day, and who came and went on it; `restarted` where the rule was new."""

    day: date
    size: int
    entered: int
    left: int
    restarted: bool


def sizes(points: Sequence[Point]) -> Figure | None:
    """The size of a segment day by day; None for fewer than two days."""
    if len(points) < 2:
        return None
    write = words().locale
    first, last = points[0], points[-1]
    said = {"size": write.count(last.size), "day": write.day(first.day), "before": write.count(first.size)}
    if last.size > first.size:
        title = _("The segment grew from %(before)s to %(size)s since %(day)s") % said
    elif last.size < first.size:
        title = _("The segment shrank from %(before)s to %(size)s since %(day)s") % said
    else:
        title = _("The segment is as large as on %(day)s: %(size)s") % said
    counted = [each for each in points if not each.restarted]
    summary = _("%(entered)s entered and %(left)s left in this time.") % {
        "entered": write.count(sum(each.entered for each in counted)),
        "left": write.count(sum(each.left for each in counted)),
    }
    rows = tuple(
        (write.day(each.day), write.count(each.size), _moves(each, each.entered, write), _moves(each, each.left, write))
        for each in reversed(points)
    )
    header = (_("Day"), _("Size"), _("Entered"), _("Left"))
    cuts = any(each.restarted for each in points[1:])
    note = _("A dashed line: the rule was changed on this day, so sizes before and after tell of different rules.")
    drawn = both(lambda frame: _line(tall(frame, 240 if not frame.narrow else 220), points, write, summary))
    return Figure("sizes", title, summary, drawn, Table(_("Size by day"), header, rows), note if cuts else "")


def _moves(point: Point, number: int, write: Locale) -> str:
    return "–" if point.restarted else write.count(number)


def _line(frame: Frame, points: Sequence[Point], write: Locale, label: str) -> str:
    levels = [each for each in steps_to([float(each.size) for each in points]) if each == int(each)]
    x = Scale(points[0].day.toordinal(), points[-1].day.toordinal(), frame.left + 6, frame.x_end - 6)
    y = Scale(0, levels[-1], frame.y_end, frame.top + 16)
    drawn = [(x(each.day.toordinal()), y(each.size)) for each in points]
    floor = [(across, frame.y_end) for across, _down in drawn]
    every = max(1, round(len(points) / (2 if frame.narrow else 5)))
    marks = [(float(each.day.toordinal()), write.day(each.day)) for each in points[::every]]
    cuts = [x(each.day.toordinal()) for each in points[1:] if each.restarted]
    return document(
        frame,
        y_axis(frame, y, levels, write.tick),
        y_title(frame, _("Customers")),
        x_axis(frame, x, marks, ""),
        *(stroke(at, frame.top + 16, at, frame.y_end, "cut") for at in cuts),
        band(floor, drawn, "b1"),
        line(drawn, "c1"),
        dot(*drawn[-1], "fill1"),
        label=label,
    )
