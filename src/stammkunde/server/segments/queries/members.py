"""Who is in a segment, and who came and went: page by page."""

from dataclasses import dataclass
from datetime import date, datetime

from stammkunde.server.lib.requests import row_number
from stammkunde.server.segments.models import CustomerFacts, Member, Move, Segment
from stammkunde.server.segments.queries import days
from stammkunde.server.shop.models import Customer

PAGE, MOVES = 25, 15


@dataclass(frozen=True)
class Row:
    """A member, since when, and what is known of them."""

    customer: Customer
    since: datetime
    known: CustomerFacts | None

    @property
    def last(self) -> date | None:
        """The day of the last order."""
        return None if self.known is None or self.known.last_on is None else days.day(self.known.last_on)


@dataclass(frozen=True)
class Page:
    """Members in the order of customers, and the key after which the next page begins; None where there is none."""

    rows: list[Row]
    after: int | None


def page(segment: Segment, *, after: str = "", most: int = PAGE) -> Page:
    """The members after a key, the newest customers first."""
    rows = Member.objects.filter(segment=segment).order_by("-customer").select_related("customer")
    last = row_number(after)
    rows = rows if last is None else rows.filter(customer__lt=last)
    found = list(rows[: most + 1])
    known = CustomerFacts.objects.in_bulk([each.customer_id for each in found])
    shown = [Row(each.customer, each.since, known.get(each.customer_id)) for each in found[:most]]
    return Page(shown, found[most - 1].customer_id if len(found) > most else None)


@dataclass(frozen=True)
class Moves:
    """Moves, newest first, and the key before which the next page begins; None where there is none."""

    rows: list[Move]
    before: int | None


def moves(segment: Segment, *, before: str = "", most: int = MOVES) -> Moves:
    """Who came and went before a key."""
    rows = Move.objects.filter(segment=segment).order_by("-pk").select_related("customer")
    last = row_number(before)
    rows = rows if last is None else rows.filter(pk__lt=last)
    found = list(rows[: most + 1])
    return Moves(found[:most], found[most - 1].pk if len(found) > most else None)


def of(customer: Customer) -> list[Member]:
    """The segments a customer is in, by name."""
    rows = Member.objects.filter(customer=customer, segment__kind=Segment.Kind.AUDIENCE)
    return list(rows.select_related("segment").order_by("segment__name"))
