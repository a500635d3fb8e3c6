"""Mark them with a word."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.db import connection

from stammkunde.server.journeys.definitions import values
from stammkunde.server.journeys.definitions.language import Data
from stammkunde.server.journeys.running.lots import TABLE, Lot
from stammkunde.server.journeys.running.moments import stamp
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

    def run(self, lot: Lot) -> None:
        """Everybody has it from now on, once."""
        at = "CAST(%s AS TIMESTAMPTZ)" if connection.vendor == "postgresql" else "%s"
        lot.run(
            f"""INSERT INTO journeys_tag (customer_id, tag, at) SELECT DISTINCT n.customer_id, %s, {at} FROM {TABLE} n
                WHERE n.closed = 0 ON CONFLICT (customer_id, tag) DO NOTHING""",
            (self.tag, stamp(lot.now)),
        )
        lot.put(f"tagged {self.tag}", to=lot.follows())
