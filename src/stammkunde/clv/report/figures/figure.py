"""What every figure is: a finding, a sentence, drawings for wide and narrow screens, and the numbers as a table."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from stammkunde.clv.report.svg import Frame

WIDE = Frame(760, 360)
NARROW = Frame(343, 300, left=44, right=10, size=12)
SHADES = 8


@dataclass(frozen=True)
class Table:
    """Rows of written cells; the first of each is its heading, others are numbers unless `text` names the column."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text: tuple[int, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A chart as the page shows it."""

    name: str
    title: str
    summary: str
    drawings: tuple[str, ...]
    table: Table
    note: str = ""


def both(draw: Callable[[Frame], str], *, wide: Frame = WIDE, narrow: Frame = NARROW) -> tuple[str, ...]:
    """The drawing for wide screens and paper, and the one for phones; the style sheet shows one of them."""
    return draw(wide), draw(narrow)


def tall(frame: Frame, height: float, *, left: float | None = None, right: float | None = None) -> Frame:
    """The frame with another height and other room at the sides."""
    return replace(
        frame,
        height=height,
        left=frame.left if left is None else left,
        right=frame.right if right is None else right,
    )


def shade(part: float) -> int:
    """Which of the shades, palest first, stands for a part of the largest value."""
    return min(SHADES - 1, max(0, int(part * SHADES)))
