"""A journey drawn: its steps as stations on a line from top to bottom, ways that part beside each other.

Drawn on the server as SVG without a style in it; colours come from the style sheet of the room.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from stammkunde.server.journeys.definitions.language import END, Condition, Definition, Fits, Happened, Not, Step
from stammkunde.server.journeys.steps.branch import Branch
from stammkunde.server.journeys.steps.coupon import Coupon
from stammkunde.server.journeys.steps.send import Send
from stammkunde.server.journeys.steps.split import Split
from stammkunde.server.journeys.steps.stop import Stop
from stammkunde.server.journeys.steps.tag import Tag
from stammkunde.server.journeys.steps.wait import Wait
from stammkunde.server.journeys.steps.wait_until import WaitUntil
from stammkunde.server.journeys.steps.webhook import Webhook
from stammkunde.server.journeys.words import happening, span, trigger
from stammkunde.server.segments.rules.sentence import sentence

WIDTH, LANE, EDGE = 380, 22, 12  # of the drawing, from line to line, from the left
STATION, PAUSE, LINE, TOP = 34, 28, 16, 18  # height of a row, of one with a wait, of a further line; the first row
SIGN = 7.0  # width of a letter of 13 px, on average


@dataclass(frozen=True)
class Row:
    """A line of the drawing: a step at a height, on a lane."""

    y: float
    lane: int
    lines: tuple[str, ...]
    look: str
    full: str = ""

    @property
    def x(self) -> float:
        """Its place from the left."""
        return EDGE + LANE * self.lane


def picture(found: Definition, *, mails: Mapping[str, str]) -> SafeString:
    """The journey as a drawing; `mails` are the names of its mails by key."""
    lanes = _lanes(found)
    left = EDGE + LANE * max(lanes.values(), default=0) + 16
    begin = trigger(found.trigger)
    rows = {"": _row(TOP, 0, begin, "begin", left)}
    last = rows[""]
    for step in found.steps:
        y = last.y + LINE * (len(last.lines) - 1) + (PAUSE if isinstance(step, Wait) else STATION)
        last = rows[step.id] = _row(y, lanes[step.id], told(step, mails), _look(step), left)
    height = last.y + LINE * (len(last.lines) - 1) + TOP
    lines = format_html_join("", '<path class="way" d="{}"/>', ((path,) for path in _paths(found, rows)))
    marks = format_html_join("", "{}", ((_mark(row, left),) for row in rows.values()))
    label = _("A journey of %(count)s steps, drawn: %(begin)s …") % {"count": len(found.steps), "begin": begin}
    return format_html(
        '<svg class="journey" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">{}{}</svg>',
        *(WIDTH, f"{height:g}", WIDTH, f"{height:g}", label, lines, marks),
    )


def told(step: Step, mails: Mapping[str, str]) -> str:
    """What a step does, in a few words."""
    return _TOLD[type(step)][1](step, mails) if type(step) in _TOLD else step.do


# --- where things stand -----------------------------------------------------------------------------------------------


def _lanes(found: Definition) -> dict[str, int]:
    """The lane of each step: a step stands below the one before it; the second way of a branch moves to the right."""
    lanes, widest = {found.first: 0}, 0
    for step in found.steps:
        here = lanes.setdefault(step.id, 0)
        for number, target in enumerate(dict.fromkeys(found.targets(step))):
            if target != END and target not in lanes:
                widest = max(widest, here + number)
                lanes[target] = here + number
    return lanes


def _paths(found: Definition, rows: Mapping[str, Row]) -> Iterator[str]:
    yield _way(rows[""], rows[found.first])
    for step in found.steps:
        for target in dict.fromkeys(found.targets(step)):
            if target != END:
                yield _way(rows[step.id], rows[target])


def _way(a: Row, b: Row) -> str:
    """A line down from one to the other; it changes lanes right after the first, or right before the second."""
    if a.lane == b.lane:
        return f"M{a.x:g} {a.y:g}V{b.y:g}"
    bend = LANE * 0.8
    if b.lane > a.lane:
        return f"M{a.x:g} {a.y:g}C{a.x:g} {a.y + bend:g} {b.x:g} {a.y + 4:g} {b.x:g} {a.y + bend + 4:g}V{b.y:g}"
    return f"M{a.x:g} {a.y:g}V{b.y - bend - 4:g}C{a.x:g} {b.y - 4:g} {b.x:g} {b.y - bend:g} {b.x:g} {b.y:g}"


def _row(y: float, lane: int, text: str, look: str, left: float) -> Row:
    """A row with its text on at most two lines; what does not fit is told to those who point at it."""
    most = int((WIDTH - left) / SIGN)
    lines = wrap(text, most, max_lines=2, placeholder=" …") or [text[:most]]
    return Row(y, lane, tuple(lines), look, "" if " ".join(lines) == text else text)


def _mark(row: Row, left: float) -> SafeString:
    full = format_html("<title>{}</title>", row.full) if row.full else ""
    x = f"{left:g}"
    lines = ((x, "0" if not number else f"{LINE:g}", line) for number, line in enumerate(row.lines))
    spans = format_html_join("", '<tspan x="{}" dy="{}">{}</tspan>', lines)
    text = format_html('<text x="{}" y="{}" class="{}">{}{}</text>', x, f"{row.y + 4.5:g}", row.look, full, spans)
    return format_html("{}{}", _sign(row), text)


def _sign(row: Row) -> SafeString:
    x, y = f"{row.x:g}", f"{row.y:g}"
    if row.look == "mail":
        box = format_html(
            '<rect class="mail" x="{}" y="{}" width="16" height="12" rx="2"/>', f"{row.x - 8:g}", f"{row.y - 6:g}"
        )
        fold = f"M{row.x - 7:g} {row.y - 4.5:g}L{x} {row.y + 1:g}L{row.x + 7:g} {row.y - 4.5:g}"
        return format_html('{}<path class="fold" d="{}"/>', box, fold)
    if row.look == "pause":
        return format_html('<circle class="pause" cx="{}" cy="{}" r="3"/>', x, y)
    if row.look == "fork":
        return format_html('<path class="fork" d="M{} {}l6 6l-6 6l-6 -6Z"/>', x, f"{row.y - 6:g}")
    return format_html('<circle class="{}" cx="{}" cy="{}" r="5"/>', row.look, x, y)


def _look(step: Step) -> str:
    return _TOLD[type(step)][0] if type(step) in _TOLD else "other"


def _wait(step: Wait) -> str:
    if step.at is None:
        return span(step.span)
    hour = {"hour": f"{step.at:%H:%M}", "time": span(step.span)}
    return _("%(time)s, then until %(hour)s") % hour if step.span.count else _("until %(hour)s") % hour


def _asked(condition: Condition) -> str:
    """A condition in a few words."""
    if isinstance(condition, Happened):
        return happening(condition.word)
    if isinstance(condition, Fits):
        return sentence(condition.rule, segments={}).rstrip(".")
    if isinstance(condition, Not):
        return _("not: %(what)s") % {"what": _asked(condition.part)}
    word = _(" and ") if condition.kind == "all" else _(" or ")
    return word.join(_asked(part) for part in condition.parts)


def _until(step: WaitUntil) -> str:
    return _("until %(what)s, at most %(time)s") % {"what": _asked(step.condition), "time": span(step.within)}


#: How each kind of step looks, and what it says.
_TOLD: Mapping[type[Step], tuple[str, Callable[[Any, Mapping[str, str]], str]]] = {
    Send: ("mail", lambda step, mails: mails.get(step.mail, step.mail)),
    Wait: ("pause", lambda step, _mails: _wait(step)),
    WaitUntil: ("fork", lambda step, _mails: _until(step)),
    Branch: ("fork", lambda step, _mails: _asked(step.condition)),
    Split: ("fork", lambda step, _mails: _("by chance: %(ways)s") % {"ways": _shares(step)}),
    Coupon: ("other", lambda step, _mails: _("take a code of the pool “%(name)s”") % {"name": step.pool}),
    Tag: ("other", lambda step, _mails: _("mark with “%(name)s”") % {"name": step.tag}),
    Stop: ("other", lambda _step, _mails: _("write no advertising any more")),
    Webhook: ("other", lambda step, _mails: _("tell other programs “%(name)s”") % {"name": step.event}),
}


def _shares(step: Split) -> str:
    return ", ".join(f"{each.share} %" for each in step.parts)
