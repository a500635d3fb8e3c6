"""Wait until a condition holds, but no longer than a time."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from stammkunde.server.journeys.definitions import conditions, values
from stammkunde.server.journeys.definitions.language import ALWAYS, NOTHING, Condition, Data, Span
from stammkunde.server.journeys.steps.base import Step, begun, kind, ways, ways_written


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
