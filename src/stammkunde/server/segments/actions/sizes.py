"""How large segments are, day by day, and an alarm where a day is unlike the days before it."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from django.db import transaction

from stammkunde.server.segments.actions.membership import Moved, When
from stammkunde.server.segments.models import Member, Segment, Size

HISTORY = 56  # days that are compared with
LEAST = 7  # days without which nothing is usual yet
SIGMAS, SCALE = 5.0, 1.4826  # a median of distances, times this, is the standard deviation of a normal distribution
SMALL, PART = 10, 0.02  # changes below so many customers, or such a part of the segment, alarm nobody


@transaction.atomic
def note(segment: Segment, moved: Moved, *, when: When, whole: bool) -> None:
    """Write the size of the day and judge it; a segment whose rule was new begins a history of its own."""
    size, restarted = Member.objects.filter(segment=segment).count(), segment.stale
    row, _made = Size.objects.get_or_create(segment=segment, day=when.today, defaults={"size": size})
    row.size, row.restarted = size, row.restarted or restarted
    row.entered += moved.entered
    row.left += moved.left
    row.save()
    alarm = alarmed(_changes(segment, when.today), size) if whole else segment.alarm
    # Whoever changed the rule meanwhile finds it stale still.
    current = Segment.objects.filter(pk=segment.pk, rule_changed_at=segment.rule_changed_at)
    current.update(size=size, computed_at=when.now, computed_on=when.today, stale=False, alarm=alarm)


def _changes(segment: Segment, today: int) -> list[int]:
    """The net moves of days since the rule was last new, today's last."""
    rows = list(Size.objects.filter(segment=segment, day__gt=today - HISTORY).order_by("day"))
    begins = max((number for number, row in enumerate(rows) if row.restarted), default=-1)
    return [row.entered - row.left for row in rows[begins + 1 :]]


def alarmed(changes: Sequence[int], size: int) -> dict[str, Any] | None:
    """What is unusual about the last of the changes, given those before: further from their median than `SIGMAS`
    times their spread, and not small."""
    *before, last = changes or [0]
    if len(before) < LEAST:
        return None
    middle = median(before)
    spread = SCALE * median(abs(each - middle) for each in before)
    least = max(SMALL, PART * size)
    if abs(last - middle) <= max(SIGMAS * spread, least):
        return None
    return {"change": last, "usual": [round(middle - SIGMAS * spread), round(middle + SIGMAS * spread)]}
