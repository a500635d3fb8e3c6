"""Customers as lines of CSV (RFC 4180), in blocks, so that a million of them need no more memory than a thousand."""

import csv
from collections.abc import Iterator, Sequence
from typing import Any

from stammkunde.server.dashboards.queries.customers import Row, customers
from stammkunde.server.dashboards.queries.shelves import Filter
from stammkunde.server.lib.money import major
from stammkunde.server.lib.sheets import harmless

BLOCK = 1000
COLUMNS = (
    "id", "known_as", "name", "email", "company", "country", "channel", "born_on", "known_since", "state", "orders",
    "first_order", "last_order", "revenue", "brought_so_far", "expected", "expected_low", "expected_high",
    "customer_value", "chance_still_customer", "next_order", "currency",
)  # fmt: skip


class _Line:
    """A file that gives back each line instead of keeping it."""

    def write(self, text: str) -> str:
        """The line."""
        return text


def lines(who: Filter, *, search: str, sort: str, currency: str) -> Iterator[str]:
    """The header, and a line for each customer of a list; amounts in whole units with a point."""
    writer = csv.writer(_Line(), lineterminator="\r\n")
    yield "\ufeff" + writer.writerow(COLUMNS)  # the mark tells spreadsheets that this is UTF-8
    after = ""
    while True:
        page = customers(who=who, search=search, sort=sort, after=after, most=BLOCK)
        yield "".join(writer.writerow(_cells(row, currency)) for row in page.rows)
        if not page.after:
            return
        after = page.after


def _cells(row: Row, currency: str) -> Sequence[Any]:
    one, bought, found = row.customer, row.bought, row.prediction
    texts = [harmless(text) for text in (str(one), one.name, one.email, one.company, one.country, one.channel)]
    money = [None if value is None else major(value, currency) for value in _amounts(row)]
    return [
        one.pk, *texts, one.born_on, one.known_since.date(), row.state or "", bought.orders, bought.first, bought.last,
        *money, None if found is None else found.p_alive, None if found is None else found.next_order, currency,
    ]  # fmt: skip


def _amounts(row: Row) -> Sequence[int | None]:
    found = row.prediction
    if found is None:
        return (row.bought.revenue, None, None, None, None, None)
    return (row.bought.revenue, found.historic, found.predicted, found.low, found.high, found.clv)
