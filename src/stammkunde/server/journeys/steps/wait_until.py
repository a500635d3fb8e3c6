"""Wait until a condition holds, but no longer than a time."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.db import connection

from stammkunde.server.journeys.definitions import conditions, values
from stammkunde.server.journeys.definitions.language import ALWAYS, NOTHING, Condition, Data, Span
from stammkunde.server.journeys.running.lots import Lot
from stammkunde.server.journeys.running.moments import later, least, stamp
from stammkunde.server.journeys.steps.base import Step, begun, kind, ways, ways_written
from stammkunde.server.segments.rules.compiling import Sql


@kind
@dataclass(frozen=True)
class WaitUntil(Step):
    """To `yes` as soon as the condition holds, to `no` when `within` has passed; empty is the step that follows."""

    condition: Condition = ALWAYS
    within: Span = NOTHING
    yes: str = ""
    no: str = ""

    do: ClassVar[str] = "wait_until"
    settings: ClassVar[tuple[str, ...]] = ("if", "within", "then", "else")

    @property
    def ways(self) -> tuple[str, ...]:
        """The steps it names."""
        return tuple(each for each in (self.yes, self.no) if each)

    @property
    def falls_through(self) -> bool:
        """Where one of the two is not named."""
        return not (self.yes and self.no)

    @classmethod
    def read(cls, data: Data, path: str) -> Self:
        """See `Step`."""
        yes, no = ways(data, path)
        holds = conditions.condition(data.get("if"), values.place(path, "if"))
        within = values.span(data, "within", path)
        return cls(**begun(data, path), condition=holds, within=within, yes=yes, no=no)

    def written(self) -> dict[str, Any]:
        """See `Step`."""
        data = {"if": conditions.written(self.condition), "within": str(self.within)}
        return data | ways_written(self.yes, self.no)

    @property
    def looks(self) -> int:
        """Seconds from one look to the next: a hundredth of the time, but neither every minute nor once a day."""
        return max(300, min(3600, self.within.seconds // 100))

    def run(self, lot: Lot) -> None:
        """Of whom it holds goes on, whose time is over goes on, the rest is looked at again."""
        now = stamp(lot.now)
        came = Sql("CASE WHEN n.due_at = n.stepped_at THEN n.due_at ELSE %s END", (now,))
        lot.put("yes", to=lot.follows(self.yes), due=came, where=lot.asker.holds(self.condition))
        soon = least(later("n.base", self.looks), later("n.base", self.within.seconds))
        lot.stay(Sql(soon), began="n.base", where=lot.arrived)
        over = later("n.stepped_at", self.within.seconds)
        lot.put("no", to=lot.follows(self.no), due=Sql(over), where=Sql(f"{over} <= %s", (now,)))
        again = stamp(lot.now + timedelta(seconds=self.looks))
        at = "CAST(%s AS TIMESTAMPTZ)" if connection.vendor == "postgresql" else "%s"
        lot.stay(Sql(least(at, over), (again,)))
