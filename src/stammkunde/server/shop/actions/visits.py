"""Carts and events, taken in as sets."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection

from stammkunde.server.lib import bulk
from stammkunde.server.shop.actions.people import Person
from stammkunde.server.shop.facts import CartFact, EventFact, Who
from stammkunde.server.shop.models import Cart, Event, Source
from stammkunde.server.shop.queries.people import in_sets

_CART = (
    "source_id", "external_id", "version", "identity_id", "customer_id", "stage", "currency", "value", "lines", "url",
    "began_at", "changed_at", "order_id",
)  # fmt: skip
_EVENT = (
    "source_id", "key", "name", "at", "received_at", "identity_id", "customer_id", "value", "currency", "properties",
)  # fmt: skip


def take_carts(source: Source, facts: Sequence[CartFact], who: Mapping[Who, Person]) -> int:
    """Carts and checkouts; returns how many were new or newer. One that was thrown away goes, unless it was ordered."""
    known: dict[str, int] = {}
    for some in in_sets([fact.external_id for fact in facts]):
        there = Cart.objects.filter(source=source, external_id__in=some)
        known |= dict(there.values_list("external_id", "version"))
    fresh = [f for f in facts if f.external_id not in known or f.version > known[f.external_id]]
    gone = [f.external_id for f in fresh if f.gone]
    Cart.objects.filter(source=source, external_id__in=gone, order=None).delete()
    rows = []
    for fact in fresh:
        person = who.get(fact.who)
        if not fact.gone:
            rows.append((
                source.pk, fact.external_id, fact.version, person and person.identity, person and person.customer,
                fact.stage, fact.currency.upper(), fact.value, json.dumps(fact.lines), fact.url[:1000], fact.began_at,
                fact.changed_at, None,
            ))  # fmt: skip
    update = [name for name in _CART if name not in {"source_id", "external_id", "order_id", "began_at"}]
    bulk.insert(Cart, _CART, rows, key=_CART[:2], update=update, newer="version")
    return len(fresh)


def take_events(source: Source, facts: Sequence[EventFact], who: Mapping[Who, Person], *, now: datetime) -> int:
    """Events, each once; returns how many were new."""
    rows = []
    for fact in {fact.key: fact for fact in facts}.values():
        person = who.get(fact.who)
        rows.append((
            source.pk, fact.key[:200], fact.name[:120], fact.at, now, person and person.identity,
            person and person.customer, fact.value, fact.currency.upper()[:3], json.dumps(fact.properties),
        ))  # fmt: skip
    # Only these keys are looked up: a source may have millions of events.
    keys = in_sets([row[1] for row in rows])
    known = sum(Event.objects.filter(source=source, key__in=some).count() for some in keys)
    bulk.insert(Event, _EVENT, rows, key=_EVENT[:2])
    return len(rows) - known


def settle(source: Source, tokens: Iterable[str]) -> None:
    """Join carts with the orders they became, whichever came first."""
    with connection.cursor() as cursor:
        for some in in_sets(sorted(token for token in tokens if token)):
            blanks = ", ".join(["%s"] * len(some))
            cursor.execute(_RECOVERED.format(keys=blanks), [source.pk, *some])


_RECOVERED = """
    UPDATE shop_cart SET order_id = (SELECT MIN(o.id) FROM shop_order o
        WHERE o.source_id = shop_cart.source_id AND o.cart_token = shop_cart.external_id)
    WHERE source_id = %s AND external_id IN ({keys})
"""
