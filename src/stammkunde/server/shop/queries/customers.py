"""Customers as lists: found by what somebody types, read page by page."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from stammkunde.server.lib.requests import row_number
from stammkunde.server.shop.models import Customer, Identity, Order, Word
from stammkunde.server.shop.queries.people import words

PAGE = 50
FEW = 20_000  # customers that are gathered and sorted
MANY = 200_000  # with each of two words, who are gathered for those with both
EXACT = 1000  # of one name at most


@dataclass(frozen=True)
class Page:
    """A page of customers, and the key after which the next one begins; empty where there is none."""

    rows: list[Customer]
    after: str


def living() -> QuerySet[Customer]:
    """Customers who were not merged into another."""
    return Customer.objects.filter(merged_into=None)


def found(text: str) -> QuerySet[Customer]:
    """Whom somebody may mean: see `meant`; everybody, where nothing is typed."""
    meaning = meant(text)
    if meaning is None:
        return living()
    few = list(meaning.listed[: FEW + 1]) if meaning.few else []
    return living().filter(pk__in=few) if meaning.few and len(few) <= FEW else living().filter(meaning.tested)


@dataclass(frozen=True)
class Meaning:
    """Customers that a text may mean, in two ways: `listed` gathers their numbers, `tested` tries a customer.

    There are about `size` of them: exactly so many or fewer where it is one word and at most `FEW`. Above `FEW` whoever
    wants some of them is faster with a test than with a list. Merged ones are among them.
    """

    size: int
    listed: QuerySet[Any, int]
    tested: Q

    @property
    def few(self) -> bool:
        """Whether they are few enough to be gathered."""
        return self.size <= FEW


def meant(text: str) -> Meaning | None:
    """The beginnings of words of a name, company or address; a whole number of an order, of the customer or of a
    telephone; None where nothing is typed. Each way goes by an index."""
    text = text.strip()
    if not text:
        return None
    exactly = _exactly(text)
    named = _rarest_first(words(text))
    known = Customer.objects.filter(pk__in=exactly).values_list("pk", flat=True)
    if not named:
        return Meaning(len(exactly), known, Q(pk__in=exactly))
    rarest, *others = named
    size = rarest[1] if rarest[1] <= FEW else _with_all([n for _, n in named])
    listed = Word.objects.filter(_begins(rarest[0]), *(_also(word, n, rarest[1]) for word, n in others))
    who = listed.values_list("customer", flat=True)
    each = [Q(Exists(Word.objects.filter(_begins(word), customer=OuterRef("pk")))) for word, _ in named]
    return Meaning(
        size + len(exactly),
        who.union(known) if exactly else who.distinct(),
        reduce(and_, each) | Q(pk__in=exactly),
    )


def _also(word: str, size: int, rarest: int) -> Q | Exists:
    """Another word of the same customer: looked up for each of few; of many, the customers of both are intersected."""
    other = Word.objects.filter(_begins(word))
    if rarest > FEW and size <= MANY:
        return Q(customer__in=other.values("customer"))
    return Exists(other.filter(customer=OuterRef("customer")))


def _with_all(sizes: list[int]) -> int:
    """About how many have all words of these sizes, where one says nothing of another; too many, if one is."""
    if max(sizes[:2]) > MANY or len(sizes) == 1:
        return sizes[0]
    everybody = max(Customer.objects.aggregate(last=Max("pk"))["last"] or 0, sizes[0])
    return 1 + sizes[0] * sizes[1] // everybody


def _exactly(text: str) -> list[int]:
    """Customers who go by this very text, or whose order does."""
    digits = "".join(character for character in text if character.isdigit())
    asked = [Identity.objects.filter(value__in={text, text.lower()})]
    asked += [Identity.objects.filter(kind=Identity.Kind.PHONE, value=digits)] if len(digits) > 5 else []
    # Each by itself: joined by OR, SQLite would read all rows.
    named: list[Iterable[int]] = [rows.values_list("customer", flat=True)[:EXACT] for rows in asked]
    for name in ("number", "external_id"):
        orders = Order.objects.filter(**{name: text}, customer__isnull=False)
        named.append(orders.values_list("customer", flat=True)[:EXACT])
    return sorted({customer for customers in named for customer in customers})


def _rarest_first(asked: Iterable[str]) -> list[tuple[str, int]]:
    """Words with how many begin so, the rarest first; none is counted further than needed."""
    counted, most = list[tuple[str, int]](), MANY + 1
    for word in sorted(asked, key=len, reverse=True):  # the longest is the rarest, mostly
        size = Word.objects.filter(_begins(word))[:most].count()
        most = size + 1 if size <= FEW else most
        counted.append((word, size))
    return sorted(counted, key=lambda each: each[1])


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
