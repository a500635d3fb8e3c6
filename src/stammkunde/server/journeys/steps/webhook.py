"""Tell another program that somebody came here."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.db import connection
from django.utils.translation import gettext as _

from stammkunde.server.accounts.actions.outgoing import tell_many
from stammkunde.server.accounts.events import LONGEST, NAME
from stammkunde.server.journeys.definitions import values
from stammkunde.server.journeys.definitions.language import Data
from stammkunde.server.journeys.running.lots import TABLE, Lot
from stammkunde.server.journeys.steps.base import Step, begun, kind

COLUMNS = ("enrolment", "customer", "order", "cart")


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
        name = values.text(data, "event", path, most=LONGEST)
        if not NAME.fullmatch(name):
            advice = _("An event is named by small letters and full stops, such as “journey.cart.stalled”.")
            raise values.DefinitionError(values.place(path, "event"), advice)
        return cls(**begun(data, path), event=name)

    def written(self) -> dict[str, Any]:
        """See `Step`."""
        return {"event": self.event}

    def run(self, lot: Lot) -> None:
        """One telling for each, to whoever listens."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT n.id, n.customer_id, n.order_id, n.cart_id FROM {TABLE} n WHERE n.closed = 0")
            rows = cursor.fetchall()
        about = {"journey": lot.definition.key, "step": self.id}
        tell_many(self.event, ({**about, **dict(zip(COLUMNS, row, strict=True))} for row in rows), now=lot.now)
        lot.put(f"told {self.event}", to=lot.follows())
