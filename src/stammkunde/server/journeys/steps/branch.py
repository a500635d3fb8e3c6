"""One way for those of whom a condition holds, another for the rest."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from stammkunde.server.journeys.definitions import conditions, values
from stammkunde.server.journeys.definitions.language import ALWAYS, Condition, Data
from stammkunde.server.journeys.running.lots import Lot
from stammkunde.server.journeys.steps.base import Step, begun, kind, ways, ways_written


@kind
@dataclass(frozen=True)
class Branch(Step):
    """To `yes` where the condition holds, else to `no`; empty is the step that follows."""

    condition: Condition = ALWAYS
    yes: str = ""
    no: str = ""

    do: ClassVar[str] = "branch"
    settings: ClassVar[tuple[str, ...]] = ("if", "then", "else")

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
        return cls(**begun(data, path), condition=holds, yes=yes, no=no)

    def written(self) -> dict[str, Any]:
        """See `Step`."""
        return {"if": conditions.written(self.condition)} | ways_written(self.yes, self.no)

    def run(self, lot: Lot) -> None:
        """Everybody goes on, one way or the other."""
        lot.put("yes", to=lot.follows(self.yes), where=lot.asker.holds(self.condition))
        lot.put("no", to=lot.follows(self.no))
