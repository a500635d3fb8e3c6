"""Who is still a customer: P(alive) by number of orders and by silence since the last."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from stammkunde.clv.report.data import AliveGrid
from stammkunde.clv.report.figures.figure import Figure, Table, both, shade, tall
from stammkunde.clv.report.quantities import Count, Share
from stammkunde.clv.report.svg import Frame, bar, document, text
from stammkunde.clv.report.words import Words

HEAD = 56


def alive_map(data: AliveGrid, words: Words) -> Figure:
    """A map of mean P(alive), with the number of customers in each cell."""
    return Figure(
        "alive",
        _title(data, words),
        _summary(data, words),
        both(lambda frame: _draw(_frame(frame, data), data, words)),
        _table(data, words),
        words.say("alive_note"),
    )


def ranges(bounds: Sequence[int]) -> list[str]:
    """Bins by their bounds: 1, 2, 3–4, 5+."""
    closed = [f"{a}–{b - 1}" if b - a > 1 else str(a) for a, b in pairwise(bounds)]
    return [*closed, f"{bounds[-1]}+"]


def likely_gone(data: AliveGrid) -> tuple[int, int] | None:
    """Orders and days of silence of the largest group beyond a first order that is more likely gone than not."""
    cells = [
        (data.customers[r][c], data.orders[r], data.silence[c])
        for r in range(len(data.orders))
        for c in range(len(data.silence))
        if data.orders[r] > 1 and (data.alive[r][c] if data.alive[r][c] is not None else 1.0) < 0.5  # type: ignore[operator]
    ]
    return max(cells)[1:] if cells else None


def _title(data: AliveGrid, words: Words) -> str:
    total = sum(map(sum, data.customers))
    gone = sum(
        n
        for row, count in zip(data.alive, data.customers, strict=True)
        for a, n in zip(row, count, strict=True)
        if (a or 0) < 0.5
    )
    return words.say("alive_title", customers=Count(gone), share=Share(gone / max(total, 1)))


def _summary(data: AliveGrid, words: Words) -> str:
    found = likely_gone(data)
    if found is None:
        return words.say("alive_summary_none")
    return words.say("alive_summary", orders=Count(found[0]), days=Count(found[1]))


def _frame(frame: Frame, data: AliveGrid) -> Frame:
    return tall(
        frame,
        HEAD + (44 if not frame.narrow else 34) * len(data.orders) + 6,
        left=84 if not frame.narrow else 40,
        right=2,
    )


def _draw(frame: Frame, data: AliveGrid, words: Words) -> str:
    width = (frame.x_end - frame.left) / len(data.silence)
    height = 34 if frame.narrow else 44
    parts = [
        text(frame.x_end, 13, words.say("axis_silence"), css="name", anchor="end"),
        text(0, 13, words.say("axis_orders"), css="name"),
    ]
    for c, label in enumerate(ranges(data.silence)):
        shown = label.split("–")[0] + ("–" if "–" in label else "") if frame.narrow else label
        parts.append(text(frame.left + (c + 0.5) * width, HEAD - 14, shown, css="tick", anchor="middle"))
    for r, label in enumerate(ranges(data.orders)):
        parts.append(text(0, HEAD + (r + 0.5) * height + 4, label, css="tick strong"))
        parts += _cells(frame, (r, width, height), data, words)
    return document(frame, *parts, label=_summary(data, words))


def _cells(frame: Frame, cell: tuple[int, float, float], data: AliveGrid, words: Words) -> Iterator[str]:
    r, width, height = cell
    for c, alive in enumerate(data.alive[r]):
        if alive is None:
            continue
        x, y, css = frame.left + c * width, HEAD + r * height, shade(alive)
        yield bar(x + 1, y + 1, width - 2, height - 2, f"h{css}")
        middle = x + width / 2
        written = f"{100 * alive:.0f}" if frame.narrow else words.locale.share(round(alive, 2))
        yield text(middle, y + (height / 2 + 4 if frame.narrow else 20), written, css=f"cell t{css}", anchor="middle")
        if not frame.narrow:
            yield text(
                middle, y + 35, words.write(Count(data.customers[r][c])), css=f"cell small t{css}", anchor="middle"
            )


def _table(data: AliveGrid, words: Words) -> Table:
    rows = []
    for label, alive, customers in zip(ranges(data.orders), data.alive, data.customers, strict=True):
        cells = [
            "" if a is None else f"{words.locale.share(round(a, 2))} ({words.write(Count(n))})"
            for a, n in zip(alive, customers, strict=True)
        ]
        rows.append((label, *cells))
    header = (words.say("axis_orders"), *ranges(data.silence))
    return Table(words.say("alive_table"), header, tuple(rows))
