"""Take a code of a pool for them, which the mails after it show."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from stammkunde.server.journeys.definitions import values
from stammkunde.server.journeys.definitions.language import Data
from stammkunde.server.journeys.steps.base import Step, begun, kind


@kind
@dataclass(frozen=True)
class Coupon(Step):
    """The key of the pool is `pool`."""

    pool: str = ""

    do: ClassVar[str] = "coupon"
    settings: ClassVar[tuple[str, ...]] = ("pool",)

    @classmethod
    def read(cls, data: Data, path: str) -> Self:
        """See `Step`."""
        return cls(**begun(data, path), pool=values.key(data, "pool", path))

    def written(self) -> dict[str, Any]:
        """See `Step`."""
        return {"pool": self.pool}
