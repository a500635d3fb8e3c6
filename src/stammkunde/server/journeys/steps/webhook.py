"""Tell another program that somebody came here."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from stammkunde.server.journeys.definitions import values
from stammkunde.server.journeys.definitions.language import Data
from stammkunde.server.journeys.steps.base import Step, begun, kind


@kind
@dataclass(frozen=True)
class Webhook(Step):
    """The name of the event that is told is `event`."""

    event: str = ""

    do: ClassVar[str] = "webhook"
    settings: ClassVar[tuple[str, ...]] = ("event",)

    @classmethod
    def read(cls, data: Data, path: str) -> Self:
        """See `Step`."""
        return cls(**begun(data, path), event=values.text(data, "event", path, most=100))

    def written(self) -> dict[str, Any]:
        """See `Step`."""
        return {"event": self.event}
