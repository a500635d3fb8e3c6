"""What bears on whether people may be written to, for thousands in a handful of statements."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from stammkunde.server.consent.gate import Block, Bought, Person, Said
from stammkunde.server.consent.models import Entry, Listed, Preference, Suppression, Use
from stammkunde.server.consent.queries.hashing import digests
from stammkunde.server.shop.models import Customer, Order, OrderLine
from stammkunde.server.shop.queries.people import in_sets

GAPS = {
    Preference.Rhythm.ALL: timedelta(0),
    Preference.Rhythm.WEEKLY: timedelta(days=7),
    Preference.Rhythm.MONTHLY: timedelta(days=30),
    Preference.Rhythm.QUARTERLY: timedelta(days=91),
}


def people(customer_ids: Sequence[int], *, until: datetime) -> dict[int, Person]:
    """Everything about these customers up to a moment. Eight statements for each thousand of them."""
    found: dict[int, Person] = {}
    for some in in_sets(sorted(set(customer_ids))):
        found |= _people(some, until)
    return found


def _people(ids: list[int], until: datetime) -> dict[int, Person]:
    rows = Customer.objects.filter(pk__in=ids).values_list("pk", "email", "country")
    address = {pk: email.lower() for pk, email, _ in rows}
    country = {pk: land for pk, _, land in rows}
    said, bought = _said(address, until), _bought(ids, until)
    by_digest = digests([each for each in address.values() if each])
    blocks, listed = _blocks(by_digest, until), _listed(by_digest)
    used, likes = _used(address.values()), Preference.objects.in_bulk(ids)
    people = {}
    for pk, email in address.items():
        like = likes.get(pk)
        people[pk] = Person(
            customer_id=pk,
            address=email,
            country=country[pk],
            said=tuple(said[pk]),
            bought=tuple(bought[pk]),
            blocks=tuple(blocks[email]),
            listed=email in listed,
            used=used[email],
            topics_off=frozenset(like.off) if like else frozenset(),
            paused_until=like.paused_until if like else None,
            rhythm_gap=GAPS[Preference.Rhythm(like.rhythm)] if like else timedelta(0),
        )
    return people


def _said(address: dict[int, str], until: datetime) -> dict[int, list[Said]]:
    """Entries of the address, and of the customer under whatever address: a no holds for the person."""
    of_address = defaultdict(list)
    for pk, email in address.items():
        of_address[email].append(pk)
    absorbed = dict(Customer.objects.filter(merged_into__in=address).values_list("pk", "merged_into"))
    whose = {**{pk: pk for pk in address}, **absorbed}
    wanted = Q(address__in=[each for each in of_address if each]) | Q(customer__in=list(whose))
    columns = ("pk", "at", "kind", "topic", "address", "customer_id", "proven", "request", "channel")
    found: dict[int, list[Said]] = defaultdict(list)
    rows = Entry.objects.filter(wanted, at__lte=until).order_by("at", "pk").values_list(*columns)
    for pk, at, kind, topic, email, customer, proven, request, channel in rows:
        owners = {*of_address.get(email, ()), *({whose[customer]} if customer in whose else ())}
        for owner in owners:
            own = email == address[owner]
            found[owner].append(Said(pk, at, kind, topic, own, proven, request, channel))
    return found


def _bought(ids: list[int], until: datetime) -> dict[int, list[Bought]]:
    """Orders with the categories of their lines; test orders are none."""
    orders = Order.objects.filter(customer__in=ids, test=False, placed_at__lte=until)
    lines = OrderLine.objects.filter(order__in=orders).exclude(category="")
    categories: dict[int, set[str]] = defaultdict(set)
    for order, category in lines.values_list("order_id", "category").distinct():
        categories[order].add(category)
    found: dict[int, list[Bought]] = defaultdict(list)
    rows = orders.order_by("placed_at", "pk").values_list("pk", "customer_id", "placed_at", "cancelled_at")
    for pk, customer, placed_at, cancelled_at in rows:
        found[customer].append(Bought(pk, placed_at, frozenset(categories[pk]), cancelled_at))
    return found


def _blocks(by_digest: dict[str, str], until: datetime) -> dict[str, list[Block]]:
    found: dict[str, list[Block]] = defaultdict(list)
    rows = Suppression.objects.filter(digest__in=list(by_digest), since__lte=until).order_by("since", "pk")
    for row in rows:
        found[by_digest[row.digest]].append(Block(row.pk, row.since, row.scope, row.reason, row.ended_at))
    return found


def _listed(by_digest: dict[str, str]) -> set[str]:
    rows = Listed.objects.filter(digest__in=list(by_digest)).values_list("digest", flat=True)
    return {by_digest[each] for each in rows}


def _used(addresses: Iterable[str]) -> dict[str, dict[str, datetime]]:
    found: dict[str, dict[str, datetime]] = defaultdict(dict)
    rows = Use.objects.filter(address__in=[each for each in addresses if each]).values_list("address", "topic", "at")
    for address, topic, at in rows:
        found[address][topic] = at
    return found
