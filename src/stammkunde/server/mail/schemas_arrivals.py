"""Mail that came back as the API writes it."""

from datetime import datetime
from typing import Any, Self

from ninja import Schema

from stammkunde.server.mail.models import Arrival, Signal


class ArrivalOut(Schema):
    """A mail that came back. `verdict` is what was read in it; `handled_at` is empty while somebody is to look."""

    id: int
    received_at: datetime
    kind: str
    message: int | None
    customer: int | None
    handled_at: datetime | None
    verdict: dict[str, Any]

    @classmethod
    def of(cls, row: Arrival) -> Self:
        """A row."""
        own = {name: getattr(row, name) for name in ("id", "received_at", "kind", "handled_at", "verdict")}
        return cls(**own, message=row.send_id, customer=row.customer_id)


class ArrivalsOut(Schema):
    """A page of the tray; `after` is empty at the end."""

    arrivals: list[ArrivalOut]
    after: str


class BounceOfIn(Schema):
    """The message that a mail is a bounce of."""

    message: int


class SignalOut(Schema):
    """Something that became known of a message; `machine` where no person did it, `hard` where the address is dead."""

    id: int
    at: datetime
    kind: str
    message: int | None
    customer: int | None
    source: str
    hard: bool
    machine: bool
    code: str
    reason: str
    url: str

    @classmethod
    def of(cls, row: Signal) -> Self:
        """A row."""
        names = ("id", "at", "kind", "source", "hard", "machine", "code", "reason", "url")
        own = {name: getattr(row, name) for name in names}
        return cls(**own, message=row.send_id, customer=row.send.customer_id if row.send else None)


class SignalsOut(Schema):
    """A page of signals, newest first; `after` is empty at the end."""

    signals: list[SignalOut]
    after: str
