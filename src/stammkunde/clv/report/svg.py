"""Charts from a handful of strokes: scales, ticks, lines, bands, bars, cells and text, as SVG.

Colours are classes of style/figures.css, so that one drawing serves light, dark and paper. Every text is escaped here.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

Point = tuple[float, float]
EM = 0.56  # mean width of a character of the system's type, in heights


@dataclass(frozen=True)
class Frame:
    """A drawing of `width` by `height` with room for labels around the plot, in CSS pixels; `size` is the type's."""

    width: float
    height: float
    left: float = 56
    right: float = 16
    top: float = 16
    bottom: float = 44
    size: float = 13

    @property
    def x_end(self) -> float:
        return self.width - self.right

    @property
    def y_end(self) -> float:
        return self.height - self.bottom

    @property
    def narrow(self) -> bool:
        return self.width < 500


@dataclass(frozen=True)
class Scale:
    """From data `low`..`high` to pixels `start`..`end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low or 1.0
        return self.start + (value - self.low) / span * (self.end - self.start)


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """About `count` round numbers from `low` to `high`, both inside."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low]
    step = _round_step((high - low) / max(count, 1))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def steps_to(values: Iterable[float], *, count: int = 4) -> list[float]:
    """About `count` round steps from zero to the first at or above all values, for an axis that begins at zero."""
    top = max((v for v in values if math.isfinite(v)), default=0.0)
    step = _round_step(top / count) if top > 0 else 1.0
    return [round(k * step, 12) for k in range(max(1, math.ceil(top / step - 1e-9)) + 1)]


def _round_step(raw: float) -> float:
    power = 10.0 ** math.floor(math.log10(raw))
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)


def document(frame: Frame, *parts: str, label: str) -> str:
    """The drawing, told to screen readers as one picture with the text `label`."""
    shape = f'viewBox="0 0 {_n(frame.width)} {_n(frame.height)}" width="{_n(frame.width)}" height="{_n(frame.height)}"'
    name = "narrow" if frame.narrow else "wide"
    return f'<svg class="{name}" role="img" aria-label="{escape(label)}" {shape}>{"".join(parts)}</svg>'


def text(x: float, y: float, content: str, *, css: str = "", anchor: str = "start") -> str:
    """Text whose baseline starts, ends or has its middle at x, y."""
    return f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}"{_css(css)}>{escape(content)}</text>'


def stroke(x1: float, y1: float, x2: float, y2: float, css: str = "grid") -> str:
    """A straight line."""
    return f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"{_css(css)}/>'


def line(points: Sequence[Point], css: str) -> str:
    """A line through points."""
    return f'<path d="{_path(points)}"{_css(f"line {css}")}/>' if points else ""


def steps(points: Sequence[Point], css: str) -> str:
    """A line that stays level until the next point."""
    return line(stairs(points), css)


def stairs(points: Sequence[Point]) -> list[Point]:
    """The corners of the steps through points."""
    corners = list(points[:1])
    for (_, y0), (x1, y1) in pairwise(points):
        corners += [(x1, y0), (x1, y1)]
    return corners


def band(low: Sequence[Point], high: Sequence[Point], css: str) -> str:
    """The area between two lines."""
    return f'<path d="{_path([*high, *reversed(low)])}Z"{_css(f"band {css}")}/>' if low else ""


def bar(x: float, y: float, width: float, height: float, css: str) -> str:
    """A rectangle."""
    size = f'width="{_n(max(width, 0.0))}" height="{_n(max(height, 0.0))}"'
    return f'<rect x="{_n(x)}" y="{_n(y)}" {size}{_css(css)}/>'


def dot(x: float, y: float, css: str, *, radius: float = 4.5) -> str:
    """A round mark."""
    return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"{_css(css)}/>'


def x_axis(frame: Frame, scale: Scale, marks: Iterable[tuple[float, str]], title: str) -> str:
    """The line at the foot with labelled marks and the name and unit of what it measures."""
    parts = [stroke(frame.left, frame.y_end, frame.x_end, frame.y_end, "axis")]
    for value, label in marks:
        x = scale(value)
        room = len(label) * frame.size * EM / 2
        parts.append(text(min(max(x, room), frame.width - room), frame.y_end + 17, label, css="tick", anchor="middle"))
        parts.append(stroke(x, frame.y_end, x, frame.y_end + 4, "axis"))
    parts.append(text(frame.x_end, frame.y_end + 36, title, css="name", anchor="end"))
    return "".join(parts)


def y_axis(frame: Frame, scale: Scale, marks: Iterable[float], write: Callable[[float], str]) -> str:
    """Level lines with their numbers to the left; the zero line is drawn stronger."""
    parts = []
    for value in marks:
        y = scale(value)
        parts.append(stroke(frame.left, y, frame.x_end, y, "zero" if value == 0 else "grid"))
        parts.append(text(frame.left - 8, y + 4, write(value), css="tick", anchor="end"))
    return "".join(parts)


def y_title(frame: Frame, title: str) -> str:
    """Name and unit of the upright axis, written level above it."""
    return text(0, frame.size - 1, title, css="name")


def spread(places: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Heights for labels near `places` that keep `gap` between them, within `low`..`high` where there is room."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    out = [min(max(p, low), high) for p in places]
    for before, after in pairwise(order):
        out[after] = max(out[after], out[before] + gap)
    if order and out[order[-1]] > high:
        out[order[-1]] = high
        for after, before in zip(reversed(order), list(reversed(order))[1:], strict=False):
            out[before] = min(out[before], out[after] - gap)
    return out


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)


def _css(name: str) -> str:
    return f' class="{name}"' if name else ""


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
