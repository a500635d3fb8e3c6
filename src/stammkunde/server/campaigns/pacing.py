"""A throttle that is planned, not waited for: every mail has the first free slot at or after the moment it wants.

Slots of one length begin at one moment; each holds one mail. What is taken lies in stretches without a gap, at most one
for each moment that anybody wanted, so a million mails need no more memory than a thousand.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = timedelta(microseconds=1)


class Pacing:
    """At most `per_hour` mails in any hour; without a limit every mail has the moment it wants."""

    def __init__(self, per_hour: int, taken: Sequence[Sequence[int]] = ()) -> None:
        self._length = -(-3_600_000_000 // per_hour) if per_hour else 0
        self._starts = [int(start) for start, _ in taken]
        self._ends = [int(end) for _, end in taken]

    @property
    def taken(self) -> list[list[int]]:
        """Stretches of slots that are taken: what to go on with after a restart."""
        return [list(each) for each in zip(self._starts, self._ends, strict=True)]

    def slot(self, wanted: datetime) -> datetime:
        """Take the first free slot that does not begin before a moment, and say when it begins."""
        if not self._length:
            return wanted
        number = -(-((wanted - EPOCH) // MICRO) // self._length)
        place = bisect_right(self._starts, number) - 1
        if place < 0 or number > self._ends[place]:
            place += 1
            self._starts.insert(place, number)
            self._ends.insert(place, number)
        found = self._ends[place]
        self._ends[place] += 1
        self._joined(place)
        return EPOCH + found * self._length * MICRO

    def move(self, by: timedelta) -> None:
        """Everything that is taken is as much later: it stood still meanwhile."""
        if self._length:
            slots = -(-(by // MICRO) // self._length)
            self._starts = [each + slots for each in self._starts]
            self._ends = [each + slots for each in self._ends]

    def _joined(self, place: int) -> None:
        """A stretch that has grown to where the next one begins goes on where that one ends."""
        if place + 1 < len(self._starts) and self._ends[place] >= self._starts[place + 1]:
            self._ends[place] = self._ends[place + 1]
            del self._starts[place + 1], self._ends[place + 1]
