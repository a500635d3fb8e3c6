"""Write no advertising to them any more, until they say that they want it."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.db import connection

from stammkunde.server.consent.actions import suppressing
from stammkunde.server.journeys.definitions.language import Data
from stammkunde.server.journeys.running.lots import TABLE, Lot
from stammkunde.server.journeys.steps.base import Step, begun, kind


@kind
@dataclass(frozen=True)
class Stop(Step):
    """Their address gets no advertising from here on; a confirmation, a consent or a choice of theirs ends that."""

    do: ClassVar[str] = "stop"
    settings: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def read(cls, data: Data, path: str) -> Self:
        """See `Step`."""
        return cls(**begun(data, path))

    def written(self) -> dict[str, Any]:
        """See `Step`."""
        return {}

    def run(self, lot: Lot) -> None:
        """Everybody's address is stopped, and they go on."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT c.email FROM {TABLE} n JOIN shop_customer c ON c.id = n.customer_id WHERE n.closed = 0"
            )
            addresses = [str(row[0]) for row in cursor.fetchall()]
        suppressing.stop(addresses, now=lot.now)
        lot.put("stopped", to=lot.follows())
