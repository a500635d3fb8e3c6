"""Wait a length of time, and then until it is a certain hour where the customer is."""

from dataclasses import dataclass
from datetime import time
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _

from stammkunde.server.journeys.definitions import values
from stammkunde.server.journeys.definitions.language import NOTHING, Data, Span
from stammkunde.server.journeys.running.hours import first_hour, hours
from stammkunde.server.journeys.running.lots import Lot
from stammkunde.server.journeys.running.moments import later
from stammkunde.server.journeys.steps.base import Step, begun, kind
from stammkunde.server.segments.rules.compiling import Sql


@kind
@dataclass(frozen=True)
class Wait(Step):
    """At least `span`; where an hour is named, then until it is that hour, on one of the weekdays (none: any)."""

    span: Span = NOTHING
    at: time | None = None
    weekdays: frozenset[int] = frozenset()

    do: ClassVar[str] = "wait"
    settings: ClassVar[tuple[str, ...]] = ("for", "at", "weekdays")

    @property
    def takes_time(self) -> bool:
        """Always: it waits for a time, or for the next such hour."""
        return True

    @classmethod
    def read(cls, data: Data, path: str) -> Self:
        """See `Step`."""
        at, weekdays = values.hour(data, "at", path), values.weekdays(data, "weekdays", path)
        if weekdays and at is None:
            raise values.DefinitionError(values.place(path, "at"), _("Say at what hour of these days."))
        span = values.span(data, "for", path, default=NOTHING if at is not None else None, zero=at is not None)
        return cls(**begun(data, path), span=span, at=at, weekdays=weekdays)

    def written(self) -> dict[str, Any]:
        """See `Step`."""
        data: dict[str, Any] = {"for": str(self.span)} if self.span.count else {}
        data |= {"at": f"{self.at:%H:%M}"} if self.at is not None else {}
        return data | ({"weekdays": [values.DAYS[day] for day in sorted(self.weekdays)]} if self.weekdays else {})

    def run(self, lot: Lot) -> None:
        """Who has just come waits; who has waited goes on."""
        over = later("n.base", self.span.seconds) if self.span.count else "n.base"
        if self.at is None:
            lot.stay(Sql(over), where=lot.arrived)
        else:
            hours(lot, over, self.at, self.weekdays)
            lot.stay(Sql(first_hour(over, strictly=not self.span.count)), where=lot.arrived)
        lot.put("waited", to=lot.follows())
