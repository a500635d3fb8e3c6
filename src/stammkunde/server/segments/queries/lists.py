"""Segments as the list shows them: with thirty days of sizes, and who came and went this week."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from stammkunde.server.segments.models import Segment, Size

HISTORY, WEEK = 30, 7


@dataclass(frozen=True)
class Week:
    """Who came and who left in the last seven days; days on which the rule was new or changed tell nothing."""

    entered: int = 0
    left: int = 0


@dataclass(frozen=True)
class Row:
    """A line of the list."""

    segment: Segment
    history: Sequence[int]
    week: Week


def rows(kind: str, *, today: int) -> list[Row]:
    """All segments of a kind, by name; types in the order in which they are asked. `today` counts days from 1970."""
    order = ("position", "pk") if kind == Segment.Kind.TYPE else ("name", "pk")
    segments = list(Segment.objects.filter(kind=kind).order_by(*order))
    sizes = _sizes([each.pk for each in segments], today=today)
    return [Row(each, history(sizes[each.pk], today=today), week(sizes[each.pk], today=today)) for each in segments]


def of(segment: Segment, *, today: int) -> Row:
    """The line of one segment."""
    sizes = _sizes([segment.pk], today=today)[segment.pk]
    return Row(segment, history(sizes, today=today), week(sizes, today=today))


def _sizes(ids: Sequence[int], *, today: int) -> defaultdict[int, list[Size]]:
    found: defaultdict[int, list[Size]] = defaultdict(list)
    for size in Size.objects.filter(segment__in=ids, day__gt=today - HISTORY).order_by("day"):
        found[size.segment_id].append(size)
    return found


def history(sizes: Sequence[Size], *, today: int) -> list[int]:
    """A size for each day from the first known on; a day without one keeps that of the day before."""
    if not sizes:
        return []
    ends = [each.day for each in sizes[1:]] + [max(today, sizes[-1].day) + 1]
    return [each.size for each, end in zip(sizes, ends, strict=True) for _day in range(each.day, end)]


def week(sizes: Sequence[Size], *, today: int) -> Week:
    """The sums of the last seven days."""
    recent = [each for each in sizes if each.day > today - WEEK and not each.restarted]
    return Week(sum(each.entered for each in recent), sum(each.left for each in recent))
