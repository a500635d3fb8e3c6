"""A journey step by step with the people on it: what the page of a journey shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stammkunde.server.journeys.definitions.language import Definition
from stammkunde.server.journeys.pictures import told
from stammkunde.server.journeys.queries.counts import Counts, StepCount
from stammkunde.server.mail.models import Send


@dataclass(frozen=True)
class Station:
    """A step: what it does in words, where it may lead, and how many are, were and ended there."""

    id: str
    kind: str
    text: str
    targets: tuple[str, ...]
    count: StepCount = field(default_factory=StepCount)

    @property
    def passed(self) -> int:
        """How many took it."""
        return sum(self.count.taken.values())

    @property
    def mails(self) -> list[tuple[str, str, int]]:
        """What became of its mails: the state, what it is called, how many."""
        return [(state, str(Send.State(state).label), number) for state, number in self.count.sends.items()]

    @property
    def gone(self) -> int:
        """How many left there."""
        return sum(self.count.left.values())


def stations(definition: Definition, counted: Counts, *, mails: Mapping[str, str]) -> list[Station]:
    """The steps in their order."""
    nothing = StepCount()
    return [
        Station(each.id, each.do, told(each, mails), definition.targets(each), counted.steps.get(each.id, nothing))
        for each in definition.steps
    ]
