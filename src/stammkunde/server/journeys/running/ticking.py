"""A tick: everything that is due at a moment, done. The same for a moment now and for one of the past."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from stammkunde.server.journeys.models import Journey
from stammkunde.server.journeys.running.advancing import Beat, Faults, advance, readable, sweep
from stammkunde.server.journeys.running.entering import Entrance, enter, follow
from stammkunde.server.journeys.triggers.base import BY_DAY

RECENT = timedelta(hours=1)  # what most shops tell late is not later than that


@dataclass(frozen=True)
class Ticked:
    """How many entered, how many steps were taken, and how many left in the midst of a wait."""

    entered: int = 0
    steps: int = 0
    left: int = 0


def tick(now: datetime, *, since: datetime | None = None, listed: bool = False, beat: Beat = lambda: None) -> Ticked:
    """Let people enter, leave and move until nothing is due at `now`.

    A tick that looks back no further than `since` leaves out what may wait some minutes: what happened before and is
    heard of only now, triggers that happen when a day begins, and those who wait although nothing came in about them.
    `listed` says that `shop_changed` names everybody of whom something came in since then, which spares to look for it.
    Where a journey cannot go on, the others do, and what was wrong with it is raised at the end.
    """
    follow(now)
    entered, faults, whole = 0, Faults(), since is None
    for each in entrances(now, since=since, listed=listed and not whole):
        entered += faults.apart(partial(enter, each, beat), journey=each.journey.pk)
    left = sweep(now, everybody=whole, beat=beat, faults=faults)
    steps = advance(now, beat, faults)
    faults.raised()
    return Ticked(entered, steps, left)


def entrances(now: datetime, *, since: datetime | None = None, listed: bool = False) -> Iterator[Entrance]:
    """The journeys that let people in; of those looked at since a moment, none that begin with a day."""
    open_ones = Journey.objects.filter(state=Journey.State.ON, live_since__lte=now).exclude(live=None)
    for journey in open_ones.select_related("live").order_by("pk"):
        if journey.live is not None:
            definition = readable(journey.live)
            if definition is not None and (since is None or definition.trigger.on not in BY_DAY):
                yield Entrance(journey, definition, now, since, listed)
