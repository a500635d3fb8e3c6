"""How triggers are asked: for a time that is over, and for the days of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from stammkunde.server.journeys.definitions.language import Trigger
from stammkunde.server.journeys.running.moments import stamp
from stammkunde.server.lib.folders import import_all
from stammkunde.server.lib.local_time import resolve
from stammkunde.server.segments.rules.compiling import Sql

NONE = "CAST(NULL AS BIGINT)"


@dataclass(frozen=True)
class Window:
    """What happened after `begin`, up to and with `end`; where `listed`, to customers whom `shop_changed` names."""

    begin: datetime
    end: datetime
    listed: bool = False

    def on(self, moment: str) -> Sql:
        """Whether a column lies within."""
        return Sql(f"{moment} > %s AND {moment} <= %s", (stamp(self.begin), stamp(self.end)))

    def whom(self, customer: str) -> str:
        """For what comes in at its own moment: a condition that it came in about one of those."""
        return f" AND {customer} IN (SELECT h.customer_id FROM shop_changed h)" if self.listed else ""

    def before(self, by: timedelta) -> "Window":
        """The same, so much earlier."""
        return Window(self.begin - by, self.end - by)

    @property
    def first_day(self) -> date:
        """No happening within it was on an earlier day, in whatever zone."""
        return self.begin.date() - timedelta(days=1)

    def days(self) -> Iterator[tuple[date, datetime]]:
        """The days that began within it where the shop is, each with the moment."""
        zone = ZoneInfo(settings.SHOP_ZONE)
        day = self.first_day
        while (moment := resolve(day, time(0), zone)) <= self.end:
            if moment > self.begin:
                yield day, moment
            day += timedelta(days=1)


Source = Callable[[Trigger, Window], Sql]
SOURCES: dict[str, Source] = {}
BY_DAY: set[str] = set()  # those that can only happen when a day begins
NAMED: set[str] = set()  # those whose `what` names a time, which counts once: a year, a quarter


def source(word: str, *, by_day: bool = False, named: bool = False) -> Callable[[Source], Source]:
    """Register what a trigger selects."""

    def register(function: Source) -> Source:
        SOURCES[word] = function
        BY_DAY.update([word] if by_day else [])
        NAMED.update([word] if named else [])
        return function

    return register


def sources() -> Mapping[str, Source]:
    """All there are: those of this folder, and those that other rooms have registered."""
    import_all(__package__ or "")
    return SOURCES


def union(parts: list[Sql]) -> Sql:
    """All rows of several; of none, nothing that could be asked."""
    return Sql(" UNION ALL ".join(part.text for part in parts), tuple(v for part in parts for v in part.values))
