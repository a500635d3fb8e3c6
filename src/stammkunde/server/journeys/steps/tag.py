"""Mark them with a word."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from stammkunde.server.journeys.definitions import values
from stammkunde.server.journeys.definitions.language import Data
from stammkunde.server.journeys.steps.base import Step, begun, kind


@kind
@dataclass(frozen=True)
class Tag(Step):
    """The word is `tag`."""

    tag: str = ""

    do: ClassVar[str] = "tag"
    settings: ClassVar[tuple[str, ...]] = ("tag",)

    @classmethod
    def read(cls, data: Data, path: str) -> Self:
        """See `Step`."""
        return cls(**begun(data, path), tag=values.key(data, "tag", path))

    def written(self) -> dict[str, Any]:
        """See `Step`."""
        return {"tag": self.tag}
