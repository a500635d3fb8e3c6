"""What proves whether somebody may be written to: the ledger with its words, and what the gate makes of it."""

from dataclasses import dataclass
from datetime import datetime

from stammkunde.server.consent.bases import topic_of
from stammkunde.server.consent.gate import Asked, Decision, Person, decide
from stammkunde.server.consent.models import Entry, Notice, Suppression
from stammkunde.server.consent.purposes import Purpose
from stammkunde.server.consent.queries.hashing import digest
from stammkunde.server.consent.queries.people import people
from stammkunde.server.consent.queries.rules import rules
from stammkunde.server.shop.models import Customer, Order

MOST = 500  # entries of one person that a page shows


@dataclass(frozen=True)
class Line:
    """What the gate says of a purpose, with the rows that prove it."""

    purpose: Purpose
    topic: str
    decision: Decision
    entry: Entry | None
    order: Order | None


@dataclass(frozen=True)
class Evidence:
    """Everything about one customer at a moment: what may go out and why, the ledger, what is blocked, the notices."""

    customer: Customer
    at: datetime
    lines: list[Line]
    entries: list[Entry]
    blocks: list[Suppression]
    notices: list[Notice]


def evidence(customer: Customer, *, at: datetime) -> Evidence:
    """What may go to a customer at a moment, for goods like those they bought, and what proves it."""
    person = people([customer.pk], until=at).get(customer.pk, Person(customer.pk))
    goods = frozenset().union(*(each.categories for each in person.bought))
    holding = rules()
    found = [(each, decide(Asked(customer.pk, each, goods), person, holding, at=at)) for each in Purpose]
    numbers = {d.order_id for _, d in found if d.order_id}
    entries = list(
        Entry.objects.filter(pk__in=[each.id for each in person.said])
        .select_related("wording", "user", "key", "about")
        .order_by("-at", "-pk")[:MOST]
    )
    by_number, orders = {each.pk: each for each in entries}, Order.objects.in_bulk(numbers)
    lines = [
        Line(each, str(topic_of(each).label), said, by_number.get(said.entry_id or 0), orders.get(said.order_id or 0))
        for each, said in found
    ]
    blocks = (
        list(Suppression.objects.filter(digest=digest(customer.email)).order_by("-since")) if customer.email else []
    )
    return Evidence(customer, at, lines, entries, blocks, list(Notice.objects.select_related("wording")))
