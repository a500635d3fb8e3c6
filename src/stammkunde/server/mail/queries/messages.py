"""The ledger as staff read it: filtered, newest first, page by page; and one message with everything about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from typing import Any

from django.db.models import Count, Q, QuerySet

from stammkunde.server.consent.models import Entry
from stammkunde.server.consent.purposes import Purpose
from stammkunde.server.consent.queries.standing import found
from stammkunde.server.lib.requests import row_number
from stammkunde.server.mail.models import Send, Signal
from stammkunde.server.mail.words import reason
from stammkunde.server.shop.models import Customer, Order

PAGE, MOST = 50, 1000
ORIGINS = ("journey", "campaign", "system")


@dataclass(frozen=True)
class Filter:
    """What of the ledger is asked for; what is not known is left out of it."""

    state: str = ""
    purpose: str = ""
    origin: str = ""
    origin_id: int | None = None
    search: str = ""
    customer: int | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Filter":
        """From an address."""
        state, purpose, origin = (asked.get(name, "") for name in ("state", "purpose", "origin"))
        return cls(
            state=state if state in Send.State.values else "",
            purpose=purpose if purpose in Purpose.values else "",
            origin=origin if origin in ORIGINS else "",
            origin_id=row_number(asked.get("of", "")),
            search=asked.get("search", "").replace("\0", "").strip()[:200],
            customer=row_number(asked.get("customer", "")),
        )

    @property
    def asked(self) -> dict[str, str]:
        """What was asked for, as it stands in an address."""
        said = {"state": self.state, "purpose": self.purpose, "origin": self.origin, "search": self.search}
        said |= {"of": str(self.origin_id or ""), "customer": str(self.customer or "")}
        return {name: value for name, value in said.items() if value}

    def rows(self) -> QuerySet[Send]:
        """The rows of it."""
        rows = Send.objects.all()
        if self.state:
            rows = rows.filter(state=self.state)
        message = {"purpose": self.purpose, "origin": self.origin, "origin_id": self.origin_id}
        rows = rows.filter(**{f"message__{name}": value for name, value in message.items() if value})
        if self.customer:
            rows = rows.filter(customer=self.customer)
        return rows.filter(customer__in=[each.pk for each in found(self.search)]) if self.search else rows


@dataclass(frozen=True)
class Page:
    """Messages, newest first, and the key after which the next page begins; None where there is none."""

    rows: list[Send]
    after: int | None


def page(who: Filter, *, after: str = "", most: int = PAGE) -> Page:
    """A page of the ledger."""
    rows = who.rows().select_related("customer", "message__version__template").order_by("-pk")
    last = row_number(after)
    shown = list((rows if last is None else rows.filter(pk__lt=last))[: most + 1])
    return Page(shown[:most], shown[most - 1].pk if len(shown) > most else None)


def unknown() -> int:
    """Of how many messages nobody knows whether they arrived; at most `MOST` are counted: then there is something to
    do, however many there are."""
    return Send.objects.filter(state=Send.State.UNKNOWN)[:MOST].count()


def states(who: Filter) -> dict[str, int]:
    """How many messages of one journey or newsletter there are by state: derived from the rows each time."""
    return {row["state"]: row["n"] for row in who.rows().values("state").annotate(n=Count("pk"))}


@dataclass(frozen=True)
class Ground:
    """Why the message, or a block of it, was allowed or left out, with the rows that prove it."""

    block: str
    purpose: str
    allowed: bool
    why: str
    source: str
    entry: Entry | None
    order: Order | None


@dataclass(frozen=True, order=True)
class Happened:
    """Something in the life of a message."""

    at: datetime
    what: str
    about: str = field(default="", compare=False)
    send: Send | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Story:
    """One message: the row, its grounds, and what happened with it, oldest first."""

    send: Send
    grounds: list[Ground]
    happened: list[Happened]


def story(send: Send) -> Story:
    """Everything about one message."""
    return Story(send, _grounds(send), list(merge(_own(send), _put_off(send), _heard(send))))


def _grounds(send: Send) -> list[Ground]:
    said = [dict(each) for each in send.bases]
    entries = Entry.objects.select_related("wording").in_bulk({each["entry"] for each in said if each.get("entry")})
    orders = Order.objects.in_bulk({each["order"] for each in said if each.get("order")})
    return [
        Ground(
            block=str(each.get("block") or ""),
            purpose=_purpose(str(each.get("purpose") or send.message.purpose)),
            allowed=bool(each.get("basis")),
            why=reason(str(each.get("reason") or each.get("basis") or "")),
            source=str(each.get("source") or ""),
            entry=entries.get(each.get("entry")),
            order=orders.get(each.get("order")),
        )
        for each in said
    ]


def _purpose(value: str) -> str:
    return str(Purpose(value).label) if value in Purpose.values else value


def _own(send: Send) -> list[Happened]:
    rows = [Happened(send.planned_at, "planned"), Happened(send.due_at, "due")]
    if send.settled_at is not None:
        rows.append(Happened(send.settled_at, send.state, send.response or send.detail))
    return sorted(rows)


def _put_off(send: Send) -> list[Happened]:
    rows: Any = send.passed.select_related("winner__message__version__template").order_by("at", "pk")
    return [Happened(each.at, "put_off", reason(each.reason), each.winner) for each in rows]


def _heard(send: Send) -> list[Happened]:
    rows = Signal.objects.filter(send=send).order_by("at", "pk")
    return [Happened(row.at, row.kind, " ".join(part for part in (row.code, row.detail) if part)) for row in rows]


def of_customer(customer: Customer, *, most: int = 20) -> list[Send]:
    """The latest messages to a customer, those not sent among them."""
    rows = Send.objects.filter(customer=customer).select_related("message__version__template")
    return list(rows.order_by("-due_at", "-pk")[:most])


def unsettled() -> Q:
    """Messages that have not ended."""
    return Q(state__in=[Send.State.WAITING, Send.State.CLAIMED, Send.State.HANDING])
