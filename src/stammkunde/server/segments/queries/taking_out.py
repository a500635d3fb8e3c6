"""Members of a segment as lines of CSV (RFC 4180), in blocks: a million need no more memory than a thousand."""

import csv
from collections.abc import Iterator, Sequence
from typing import Any

from stammkunde.server.lib.money import major
from stammkunde.server.lib.sheets import harmless
from stammkunde.server.segments.models import CustomerFacts, Member, Segment
from stammkunde.server.segments.queries import days

BLOCK = 1000
COLUMNS = (
    "id", "name", "email", "phone", "company", "country", "since", "state", "orders", "first_order", "last_order",
    "revenue", "customer_value", "currency",
)  # fmt: skip


class _Line:
    """A file that gives back each line instead of keeping it."""

    def write(self, text: str) -> str:
        """The line."""
        return text


def lines(segment: Segment, *, currency: str) -> Iterator[str]:
    """The header, and a line for each member in the order of customers; amounts in whole units with a point."""
    writer = csv.writer(_Line(), lineterminator="\r\n")
    yield "\ufeff" + writer.writerow(COLUMNS)  # the mark tells spreadsheets that this is UTF-8
    last = 0
    while True:
        rows = Member.objects.filter(segment=segment, customer__gt=last).order_by("customer")
        block = list(rows.select_related("customer")[:BLOCK])
        known = CustomerFacts.objects.in_bulk([member.customer_id for member in block])
        yield "".join(writer.writerow(_cells(each, known.get(each.customer_id), currency)) for each in block)
        if len(block) < BLOCK:
            return
        last = block[-1].customer_id


def _cells(member: Member, known: CustomerFacts | None, currency: str) -> Sequence[Any]:
    one = member.customer
    texts = [harmless(text) for text in (one.name, one.email, one.phone, one.company, one.country)]
    if known is None:
        return [one.pk, *texts, member.since.date(), *[None] * 6, currency]
    money = [None if value is None else major(value, currency) for value in (known.revenue, known.clv)]
    ends = [None if each is None else days.day(each) for each in (known.first_on, known.last_on)]
    return [one.pk, *texts, member.since.date(), known.state, known.orders, *ends, *money, currency]
