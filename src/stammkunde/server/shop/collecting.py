"""What the collector took is understood: some hundred events in one transaction, none holding up another.

Events know themselves by their ids, so it does not matter how often or in which order they come, nor where this was
interrupted. An event that cannot be used is kept alone, as a failed delivery with its reason, to be replayed.
"""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import Q

from stammkunde.server.lib import bulk
from stammkunde.server.lib.work import said
from stammkunde.server.shop.actions import doors, take
from stammkunde.server.shop.collector import baskets, dialects, meaning, names, reading
from stammkunde.server.shop.facts import EventFact, Who
from stammkunde.server.shop.hearing import Group, take_in
from stammkunde.server.shop.models import Cart, Delivery, Event, Identity, Order, Source
from stammkunde.server.shop.queries.people import in_sets
from stammkunde.server.shop.sources.payloads import PayloadError

log = structlog.get_logger("stammkunde.collector")
DELIVERIES = 100  # read at once
EVENTS = 150  # of one transaction: what the next request waits for
TURN = 0.01  # seconds in which others may write; SQLite lets one write at a time, and tells nobody when it is free
MOST = 300  # events, the newest, that make a customer's carts
LATE = timedelta(days=2)  # how long an order may come after the event that tells of it
_REFUSED = ("source_id", "topic", "key", "digest", "entity", "body", "headers", "received_at", "state", "attempts",
            "error", "settled_at")  # fmt: skip


@dataclass
class Told(Group):
    """What one event of a delivery says; `alone` is a document of it alone, `last` whether it ends its delivery."""

    delivery: Delivery = field(default_factory=Delivery)
    number: int = 0
    alone: reading.Document = field(default_factory=dict)
    last: bool = False

    @property
    def key(self) -> str:
        """Its own id, where its sender gave it none."""
        return f"{self.delivery.key}:{self.number}"


def collect(source: Source, *, now: datetime, beat: Callable[[int], None] = lambda _: None) -> int:
    """Take in what a source's clients sent and nobody has looked at yet. Returns how many requests."""
    count = 0
    new = source.deliveries.filter(state=Delivery.State.NEW).order_by("pk")
    while rows := list(new[:DELIVERIES]):
        beat(count)
        for some in _sets(told for row in rows for told in _read(row)):
            _settle(source, some, now)
            beat(count)
            if connection.vendor == "sqlite" and not connection.in_atomic_block:
                time.sleep(TURN)
        count += len(rows)
    return count


def _sets(told: Iterable[Told]) -> Iterator[list[Told]]:
    found: list[Told] = []
    for each in told:
        found.append(each)
        if len(found) >= EVENTS:
            yield found
            found = []
    if found:
        yield found


def _read(delivery: Delivery) -> list[Told]:
    """The events of a delivery, each with its facts or why it has none; at least one, to settle it by."""
    try:
        text = bytes(delivery.body)
        document = reading.stored(text)
        dialect = dialects.dialect_of(delivery.topic, document)
        pieces = list(dialects.pieces(document, dialect.LIST))
    except PayloadError as error:
        return [Told(error=str(error), delivery=delivery, last=True)]
    large = len(text) > dialect.EVENT
    found = [_told(delivery, dialect, number, each, large=large) for number, each in enumerate(pieces)]
    found = found or [Told(delivery=delivery)]
    found[-1].last = True
    return found


def _told(delivery: Delivery, dialect: dialects.Dialect, number: int, piece: dialects.Piece, *, large: bool) -> Told:
    told = Told(delivery=delivery, number=number, alone=piece.alone)
    call = delivery.topic.partition("/")[2]
    try:
        if large and len(json.dumps(piece.raw)) > dialect.EVENT:
            raise PayloadError(f"The event has more than {dialect.EVENT // 1024} KB.")
        item = dialect.item(piece.raw, piece.alone, call=call, received=delivery.received_at)
        told.facts = meaning.facts(item, key=told.key) if item else []
    except PayloadError as error:
        told.error = str(error)
    except Exception as error:
        log.exception("an event broke its reader", topic=delivery.topic, delivery=delivery.pk)
        told.error = f"Stammkunde cannot read this: {said(error)}"
    return told


def _settle(source: Source, told: Sequence[Told], now: datetime) -> None:
    """Facts into the record, carts anew, deliveries into their states: together or not at all."""
    with transaction.atomic():
        take_in(source, told, now=now)
        facts = [fact for each in told if not each.error for fact in each.facts]
        changed = [fact.key[:200] for fact in facts if isinstance(fact, EventFact) and fact.name in names.OF_CARTS]
        if changed:
            of_events = {pk for some in in_sets(changed) for pk in _customers(source, some)}
            put_together(source, of_events, now=now)
        _keep_refused(source, told, now)
        _states(told, now)
        heard = max(each.delivery.received_at for each in told)
        Source.objects.filter(pk=source.pk).exclude(heard_at__gte=heard).update(heard_at=heard)


def _customers(source: Source, keys: Sequence[str]) -> Iterable[int]:
    found = Event.objects.filter(source=source, key__in=keys, customer__isnull=False)
    return found.values_list("customer", flat=True).distinct()


def _states(told: Sequence[Told], now: datetime) -> None:
    """Deliveries whose last event was in this set are settled; one whose only event failed has failed itself."""
    states: dict[str, list[int]] = defaultdict(list)
    errors: dict[int, str] = {}
    for each in told:
        if not each.last:
            continue
        alone = each.number == 0
        if alone and each.error:
            errors[each.delivery.pk] = each.error
            states[Delivery.State.FAILED].append(each.delivery.pk)
        else:
            means = each.facts or not alone
            states[Delivery.State.DONE if means else Delivery.State.IGNORED].append(each.delivery.pk)
    doors.settle_deliveries(states, errors, now=now)


def _keep_refused(source: Source, told: Sequence[Told], now: datetime) -> None:
    """Events of larger deliveries that cannot be used, each as a delivery of its own."""
    rows = []
    for each in told:
        if each.error and not (each.last and each.number == 0):
            body = json.dumps(each.alone).encode()
            digest = hashlib.sha256(body).hexdigest()
            rows.append((
                source.pk, each.delivery.topic, each.key[:200], digest, "", body, "{}", each.delivery.received_at,
                Delivery.State.FAILED, 1, each.error[:4000], now,
            ))  # fmt: skip
    bulk.insert(Delivery, _REFUSED, rows, key=("source_id", "key", "digest"))


def put_together(source: Source, customers: Iterable[int], *, now: datetime) -> None:
    """Make the carts of customers anew from their events, and join them with the orders they became."""
    found = {customer: baskets.fold(_events(source, customer)) for customer in sorted(set(customers))}
    for some in found.values():
        if sum(basket.events for basket in some) >= MOST:
            del some[0]  # it may have begun earlier: it stays as it is
    carts = [basket for some in found.values() for basket in some]
    take(source, [basket.fact() for basket in carts], now=now)
    _drop(source, found)
    _join(source, [basket for basket in carts if basket.stage == baskets.ORDERED])


def _events(source: Source, customer: int) -> list[baskets.Happened]:
    """What a customer did with carts, the newest of it."""
    rows = Event.objects.filter(customer=customer, source=source, name__in=names.OF_CARTS)
    return [
        baskets.Happened(each.pk, each.key, each.name, each.at, _who(each.identity), each.currency, each.properties)
        for each in rows.select_related("identity").order_by("-at", "-pk")[:MOST]
    ]


def _who(identity: Identity | None) -> Who:
    """The name an event came with."""
    if identity is None:
        return Who()
    return _BY_KIND[identity.kind](identity.value)


_BY_KIND: dict[str, Callable[[str], Who]] = {
    Identity.Kind.EMAIL: lambda value: Who(email=value),
    Identity.Kind.PHONE: lambda value: Who(phone=value),
    Identity.Kind.SHOP: lambda value: Who(shop_id=value),
    Identity.Kind.USER: lambda value: Who(user_id=value),
    Identity.Kind.ANONYMOUS: lambda value: Who(anonymous_id=value),
}


def _drop(source: Source, found: dict[int, list[baskets.Basket]]) -> None:
    """Carts that earlier seemed to be carts of their own: an event that came late, or an id, joined them to another."""
    kept = {basket.key for some in found.values() for basket in some}
    first = {customer: min(basket.first.at for basket in some) for customer, some in found.items() if some}
    there = Cart.objects.filter(source=source, customer__in=first).values_list(
        "pk", "external_id", "customer", "began_at"
    )
    gone = [pk for pk, key, customer, began in there if key not in kept and began >= first[customer]]
    Cart.objects.filter(pk__in=gone).delete()


def _join(source: Source, ordered: Sequence[baskets.Basket]) -> None:
    """Carts to the orders of any source they became: by the token of the cart, or by the order's only namesake."""
    for basket in ordered:
        cart = Cart.objects.filter(source=source, external_id=basket.key).first()
        if cart is not None and (order := _order(basket, cart)) is not None:
            Cart.objects.filter(pk=cart.pk).update(order=order)


def _order(basket: baskets.Basket, cart: Cart) -> Order | None:
    tokens = [name for name in (basket.cart_id, basket.checkout_id) if name]
    by_token = Order.objects.filter(cart_token__in=tokens).first() if tokens else None
    if by_token is not None or not basket.order_id:
        return by_token
    numbers = [basket.order_id, basket.order_id.removeprefix("#"), f"#{basket.order_id}"]
    rows = Order.objects.filter(Q(external_id__in=numbers) | Q(number__in=numbers))
    named = {each.pk: each for each in rows[:20]}
    theirs = [each for each in named.values() if each.customer_id == cart.customer_id]
    return theirs[0] if len(theirs) == 1 else next(iter(named.values())) if len(named) == 1 else None


def join_late(source: Source, *, now: datetime) -> None:
    """Look once more for the orders that carts became, where they come later than the event that tells of them."""
    waiting = Cart.objects.filter(source=source, stage=baskets.ORDERED, order=None, changed_at__gte=now - LATE)
    customers = waiting.filter(customer__isnull=False).values_list("customer", flat=True).distinct()[:200]
    if customers:
        with transaction.atomic():
            put_together(source, customers, now=now)
