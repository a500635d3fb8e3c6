"""Customers as lists: found by what somebody types, read page by page."""

from dataclasses import dataclass
from functools import reduce
from operator import and_

from django.db import connection
from django.db.models import Q, QuerySet

from stammkunde.server.lib.requests import row_number
from stammkunde.server.shop.models import Customer, Identity, Order, Word
from stammkunde.server.shop.queries.people import words

PAGE = 50


@dataclass(frozen=True)
class Page:
    """A page of customers, and the key after which the next one begins; empty where there is none."""

    rows: list[Customer]
    after: str


def living() -> QuerySet[Customer]:
    """Customers who were not merged into another."""
    return Customer.objects.filter(merged_into=None)


def found(text: str) -> QuerySet[Customer]:
    """Whom somebody may mean: the beginnings of words of a name, company or address; a whole number of an order, of the
    customer or of a telephone. Each way goes by an index."""
    text = text.strip()
    if not text:
        return living()
    digits = "".join(character for character in text if character.isdigit())
    phone = Q(kind=Identity.Kind.PHONE, value=digits) if len(digits) > 5 else Q(pk=None)
    ids = Identity.objects.filter(Q(value__in=[text, text.lower()]) | phone).values("customer")
    ordered = Order.objects.filter(Q(number=text) | Q(external_id=text)).values("customer")
    named = [Q(pk__in=Word.objects.filter(_begins(word)).values("customer")) for word in words(text)]
    return living().filter(reduce(and_, named, Q()) | Q(pk__in=ids) | Q(pk__in=ordered))


def _begins(word: str) -> Q:
    """A word by its beginning, in the way the database has an index for."""
    if connection.vendor == "postgresql":
        return Q(word__startswith=word)
    return Q(word__gte=word, word__lt=f"{word}\U0010ffff")


def page(rows: QuerySet[Customer], *, after: str = "", most: int = PAGE) -> Page:
    """The customers after a key, newest first."""
    ordered = rows.order_by("-pk")
    last = row_number(after)
    if last is not None:
        ordered = ordered.filter(pk__lt=last)
    found_rows = list(ordered[: most + 1])
    more = len(found_rows) > most
    return Page(found_rows[:most], str(found_rows[most - 1].pk) if more else "")
