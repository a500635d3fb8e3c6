"""How the doors are doing, and what the record knows that a payload does not say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeGuard

from django.db import models
from django.db.models import Count, Max, Min, QuerySet

from stammkunde.server.shop.facts import CartFact, CustomerFact, Fact, OrderFact, ParcelFact, ProductFact, RefundFact
from stammkunde.server.shop.models import (
    Cart,
    Delivery,
    Event,
    Identity,
    Order,
    Parcel,
    Product,
    Refund,
    Source,
    Variant,
)
from stammkunde.server.shop.queries.people import in_sets

Named = tuple[type, str]
_TABLES: dict[type, type[models.Model]] = {
    OrderFact: Order,
    RefundFact: Refund,
    ParcelFact: Parcel,
    ProductFact: Product,
    CartFact: Cart,
}


@dataclass(frozen=True)
class Door:
    """How one source is doing. `lag` is how long ago it was last heard or pulled."""

    source: Source
    waiting: int
    failed: int
    stale: int
    ignored: int
    done: int
    oldest_waiting: datetime | None
    lag: timedelta | None
    last_error: str
    last_error_at: datetime | None


def doors(*, now: datetime) -> list[Door]:
    """Every source, with what waits at its door and what was turned away."""
    counted: dict[int, dict[str, int]] = {}
    for source, state, n in Delivery.objects.values_list("source", "state").annotate(n=Count("pk")):
        counted.setdefault(source, {})[state] = n
    waiting = Delivery.objects.filter(state=Delivery.State.NEW).values_list("source")
    oldest = dict(waiting.annotate(at=Min("received_at")))
    failed = Delivery.objects.filter(state=Delivery.State.FAILED).values_list("source")
    last = [newest for _, newest in failed.annotate(newest=Max("pk"))]
    errors = {each.source_id: each for each in Delivery.objects.filter(pk__in=last).defer("body")}
    return [
        _door(each, counted.get(each.pk, {}), oldest.get(each.pk), errors.get(each.pk), now)
        for each in Source.objects.order_by("name", "pk")
    ]


def _door(source: Source, n: dict[str, int], oldest: datetime | None, failed: Delivery | None, now: datetime) -> Door:
    state = Delivery.State
    heard = max((at for at in (source.heard_at, source.pulled_at) if at), default=None)
    newer = failed is not None and (source.error_at is None or failed.received_at > source.error_at)
    return Door(
        source=source,
        waiting=n.get(state.NEW, 0),
        failed=n.get(state.FAILED, 0),
        stale=n.get(state.STALE, 0),
        ignored=n.get(state.IGNORED, 0),
        done=n.get(state.DONE, 0),
        oldest_waiting=oldest,
        lag=now - heard if heard else None,
        last_error=failed.error if newer and failed else source.error,
        last_error_at=failed.received_at if newer and failed else source.error_at,
    )


def last_event(source: Source) -> Event | None:
    """The event of a source that came in last."""
    return Event.objects.filter(source=source).order_by("-pk").first()


def rejects(source: Source, *, before: int | None = None, count: int = 50) -> QuerySet[Delivery]:
    """Deliveries that were not understood, newest first, without their bodies; `before` an id for the next page."""
    found = source.deliveries.filter(state=Delivery.State.FAILED).order_by("-pk").defer("body")
    return (found.filter(pk__lt=before) if before else found)[:count]


def versions(source: Source, facts: Iterable[Fact]) -> dict[Named, int]:
    """The versions of what the record has of these, by kind of fact and id."""
    asked: dict[type, list[str]] = {}
    for fact in facts:
        if type(fact) in _TABLES:
            asked.setdefault(type(fact), []).append(fact.external_id)  # type: ignore[union-attr]  # they have one
    found: dict[Named, int] = {}
    for kind, keys in asked.items():
        for some in in_sets(keys):
            rows = _TABLES[kind]._default_manager.filter(source=source, external_id__in=some)
            found |= {(kind, key): version for key, version in rows.values_list("external_id", "version")}
    return found


def without_strangers(source: Source, facts: Sequence[Fact]) -> list[Fact]:
    """The facts less the erasure of people nobody knows, which would make an empty customer of each."""
    gone = {fact.who.shop_id for fact in facts if isinstance(fact, CustomerFact) and fact.gone}
    named = {fact.who.shop_id for fact in facts if isinstance(fact, CustomerFact | OrderFact) and not _erases(fact)}
    known = Identity.objects.filter(kind=Identity.Kind.SHOP, scope=source.pk, value__in=gone - named)
    strangers = gone - named - set(known.values_list("value", flat=True)) if gone - named else set()
    return [fact for fact in facts if not (_erases(fact) and fact.who.shop_id in strangers)]


def _erases(fact: Fact) -> TypeGuard[CustomerFact]:
    return isinstance(fact, CustomerFact) and fact.gone


def remembered(source: Source, facts: Sequence[Fact]) -> list[Fact]:
    """The facts, with what only another door tells: webhooks know carts, the pull knows fees and costs."""
    orders = [fact.external_id for fact in facts if isinstance(fact, OrderFact)]
    products = [fact.external_id for fact in facts if isinstance(fact, ProductFact)]
    carts, costs = _of_orders(source, orders), _costs(source, products)
    return [_filled(fact, carts, costs) for fact in facts]


def _filled(fact: Fact, orders: dict[str, tuple[str, int | None]], costs: dict[tuple[str, str], int | None]) -> Fact:
    if isinstance(fact, OrderFact) and fact.external_id in orders:
        token, fee = orders[fact.external_id]
        paid = fee if fact.payment_fee is None else fact.payment_fee
        return replace(fact, cart_token=fact.cart_token or token, payment_fee=paid)
    if isinstance(fact, ProductFact):
        variants = tuple(
            each if each.cost is not None else replace(each, cost=costs.get((fact.external_id, each.external_id)))
            for each in fact.variants
        )
        return replace(fact, variants=variants)
    return fact


def _of_orders(source: Source, keys: Sequence[str]) -> dict[str, tuple[str, int | None]]:
    found: dict[str, tuple[str, int | None]] = {}
    for some in in_sets(keys):
        rows = Order.objects.filter(source=source, external_id__in=some)
        found |= {key: (token, fee) for key, token, fee in rows.values_list("external_id", "cart_token", "payment_fee")}
    return found


def _costs(source: Source, keys: Sequence[str]) -> dict[tuple[str, str], int | None]:
    found: dict[tuple[str, str], int | None] = {}
    for some in in_sets(keys):
        rows = Variant.objects.filter(product__source=source, product__external_id__in=some)
        names = ("product__external_id", "external_id", "cost")
        found |= {(product, key): cost for product, key, cost in rows.values_list(*names)}
    return found
