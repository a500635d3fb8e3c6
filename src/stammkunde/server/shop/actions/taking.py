"""`take`: facts of a source into the record, in sets, each once, the newest winning, in any order of arrival."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from stammkunde.server.shop.actions import catalogue, orders, people, visits
from stammkunde.server.shop.actions.exchange import Exchange
from stammkunde.server.shop.facts import (
    CartFact,
    CustomerFact,
    EventFact,
    Fact,
    OrderFact,
    ParcelFact,
    ProductFact,
    RefundFact,
    Same,
    Who,
)
from stammkunde.server.shop.models import Import, Source

One = TypeVar("One")


@dataclass
class Taken:
    """What became of a set of facts: how many changed the record, how many were known or older; and whose."""

    changed: int = 0
    stale: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    customers: set[int] = field(default_factory=set)

    def count(self, changed: int, of: int) -> None:
        self.changed += changed
        self.stale += of - changed


@transaction.atomic
def take(source: Source, facts: Iterable[Fact], *, now: datetime, batch: Import | None = None) -> Taken:
    """Take a set of facts in; a few thousand at a time keep other writers waiting briefly.

    A fact whose version is not newer than what is known changes nothing. Facts may come before what they are about: a
    refund waits for its order. An order in a currency without a rate is refused, and told in `refused`.
    """
    by_kind: dict[type, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_kind[type(fact)].append(fact)
    taken = Taken()
    products, kept = _of(by_kind, ProductFact), _of(by_kind, OrderFact)
    taken.count(catalogue.take(source, _newest(products), now=now), len(products))
    who = people.resolve(source, _named(by_kind), now=now)
    if same := [(fact.one, fact.other) for fact in _of(by_kind, Same)]:
        taken.count(people.told(source, same, now=now), len(same))
        who = people.resolve(source, _named(by_kind), now=now)
    taken.customers |= {person.customer for person in who.values()}
    money = Exchange(source)
    good = money.orders(_newest(kept), taken.refused)
    taken.count(orders.take(source, good, who, batch=batch), len(kept))
    given = _of(by_kind, RefundFact)
    taken.count(orders.take_refunds(source, money.refunds(_newest(given), taken.refused), who, batch=batch), len(given))
    parcels = _of(by_kind, ParcelFact)
    taken.count(orders.take_parcels(source, _newest(parcels)), len(parcels))
    carts, events = _of(by_kind, CartFact), _of(by_kind, EventFact)
    taken.count(visits.take_carts(source, money.carts(_newest(carts)), who), len(carts))
    taken.count(visits.take_events(source, money.events(events), who, now=now), len(events))
    customers = _of(by_kind, CustomerFact)
    taken.count(people.keep(customers, who, now=now), len(customers))
    orders.settle(source, {f.external_id for f in kept} | {f.order_id for f in given} | {f.order_id for f in parcels})
    visits.settle(source, {f.external_id for f in carts} | {f.cart_token for f in kept if f.cart_token})
    people.since({person.customer for person in who.values()})
    people.changed({person.customer for person in who.values()} | orders.owners(source, (f.order_id for f in given)))
    return taken


def _of(by_kind: dict[type, list[Fact]], kind: type[One]) -> list[One]:
    return [fact for fact in by_kind[kind] if isinstance(fact, kind)]


def _newest(facts: list[One]) -> list[One]:
    """Of several facts about one thing, the newest; of equal versions, the last."""
    found: dict[str, One] = {}
    for fact in facts:
        key, version = fact.external_id, fact.version  # type: ignore[attr-defined]  # all that come here have both
        if key not in found or version >= found[key].version:  # type: ignore[attr-defined]
            found[key] = fact
    return list(found.values())


def _named(by_kind: dict[type, list[Fact]]) -> list[Who]:
    """Everybody who is named, orders first: what they say of a person counts for most."""
    whos = [fact.who for fact in _of(by_kind, CustomerFact)] + [fact.who for fact in _of(by_kind, OrderFact)]
    whos += [fact.who for fact in _of(by_kind, CartFact)] + [fact.who for fact in _of(by_kind, EventFact)]
    whos += [fact.who for fact in _of(by_kind, RefundFact)]
    return [who for who in whos if who]
