"""Who is known under which name."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from django.db import connection

from stammkunde.server.shop.models import Customer

Claim = tuple[str, int, str]
Value = TypeVar("Value")
AT_ONCE = 5000  # values in one statement; SQLite takes 32,766


@dataclass(frozen=True)
class Known:
    """An identity that is there; `nameless` while its customer goes by anonymous ids alone."""

    identity: int
    customer: int
    nameless: bool


def known(claims: Iterable[Claim]) -> dict[Claim, Known]:
    """The identities that are there, of those asked for."""
    groups: dict[tuple[str, int], list[str]] = defaultdict(list)
    for kind, scope, value in claims:
        groups[kind, scope].append(value)
    found: dict[Claim, Known] = {}
    with connection.cursor() as cursor:
        for (kind, scope), values in groups.items():
            for some in in_sets(values):
                blanks = ", ".join(["%s"] * len(some))
                cursor.execute(_KNOWN.format(blanks=blanks), [kind, scope, *some])
                for value, identity, customer, named in cursor.fetchall():
                    found[kind, scope, value] = Known(identity, customer, not named)
    return found


_KNOWN = """
    SELECT i.value, i.id, i.customer_id, EXISTS (
        SELECT 1 FROM shop_identity o WHERE o.customer_id = i.customer_id AND o.kind <> 'anonymous'
    ) FROM shop_identity i WHERE i.kind = %s AND i.scope = %s AND i.value IN ({blanks})
"""


def words(text: str) -> set[str]:
    """Words as they are looked for: small letters without accents, an address also by its parts.

    >>> sorted(words("Anna Müller anna.m@shop.example"))
    ['anna', 'anna.m@shop.example', 'm', 'muller', 'shop.example']
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    folded = "".join(character for character in plain if not unicodedata.combining(character))
    whole = re.findall(r"[^\s,;()<>\"]+", folded)
    parts = [part for word in whole if "@" in word for part in re.split(r"[@.+_-](?=[^@]*@)|@", word)]
    return {word[:60] for word in (*whole, *parts) if word}


def by_origin(origins: Iterable[str]) -> dict[str, int]:
    """Ids of customers by the identity they were first known by."""
    found: dict[str, int] = {}
    for some in in_sets(list(origins)):
        found |= dict(Customer.objects.filter(origin__in=some).values_list("origin", "pk"))
    return found


def in_sets(values: Sequence[Value]) -> Iterator[list[Value]]:
    """Values in parts that fit one statement."""
    source = iter(values)
    while part := list(islice(source, AT_ONCE)):
        yield part
