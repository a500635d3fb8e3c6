"""Orders with their lines, refunds and parcels, taken in as sets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, models

from stammkunde.server.lib import bulk
from stammkunde.server.shop.actions.people import Person
from stammkunde.server.shop.facts import LineFact, OrderFact, ParcelFact, RefundFact, Who
from stammkunde.server.shop.models import Import, Order, OrderLine, Parcel, Refund, Returned, Source
from stammkunde.server.shop.queries.catalogue import Article, articles
from stammkunde.server.shop.queries.people import in_sets

_ORDER = (
    "source_id", "external_id", "version", "number", "identity_id", "customer_id", "placed_at", "day", "paid_at",
    "cancelled_at", "test", "currency", "gross", "discount", "shipping", "total", "tax", "goods_cost", "uncosted",
    "shipping_cost", "payment_fee", "other_cost", "refunded", "coupon", "channel", "country", "cart_token", "batch_id",
)  # fmt: skip
_KEY = ("source_id", "external_id")
_KEPT = {"source_id", "external_id", "refunded"}
_LINE = (
    "order_id", "external_id", "variant_id", "sku", "title", "category", "quantity", "price", "discount", "total",
    "tax", "cost", "returned",
)  # fmt: skip
_REFUND = (
    "source_id", "external_id", "version", "order_key", "order_id", "identity_id", "customer_id", "at", "day",
    "dated", "amount", "tax", "goods_back",
    "fee", "reason", "batch_id",
)  # fmt: skip
_PARCEL = (
    "source_id", "external_id", "version", "order_key", "order_id", "state", "carrier", "tracking", "shipped_at",
    "delivered_at",
)  # fmt: skip


def take(source: Source, facts: Sequence[OrderFact], who: Mapping[Who, Person], *, batch: Import | None) -> int:
    """Orders and their lines; returns how many were new or newer."""
    known = _versions(Order, source, [fact.external_id for fact in facts])
    fresh = [fact for fact in facts if fact.external_id not in known or fact.version > known[fact.external_id][1]]
    found = articles(source, [line for fact in fresh for line in fact.lines])
    costed = (
        [replace(fact, lines=tuple(_costed(line, found) for line in fact.lines)) for fact in fresh] if found else fresh
    )
    rows = [_order_row(source, fact, who.get(fact.who), batch) for fact in costed]
    bulk.insert(Order, _ORDER, rows, key=_KEY, update=[n for n in _ORDER if n not in _KEPT], newer="version")
    ids = {key: pk for key, (pk, _) in _versions(Order, source, [fact.external_id for fact in fresh]).items()}
    changed = [known[fact.external_id][0] for fact in fresh if fact.external_id in known]
    for some in in_sets(changed):
        OrderLine.objects.filter(order__in=some).delete()
    bulk.insert(OrderLine, _LINE, _line_rows(costed, ids, found))
    return len(fresh)


def _costed(line: LineFact, found: Mapping[tuple[str, str], Article]) -> LineFact:
    """What the article costs today, where the payload has no cost."""
    article = found.get((line.variant_id, line.sku))
    if line.cost is not None or article is None or article.cost is None:
        return line
    return replace(line, cost=article.cost * line.quantity)


def _order_row(source: Source, fact: OrderFact, person: Person | None, batch: Import | None) -> tuple[Any, ...]:
    costs = [line.cost for line in fact.lines if line.cost is not None]
    uncosted = sum(line.total for line in fact.lines if line.cost is None)
    return (
        source.pk, fact.external_id, fact.version, fact.number[:120], *_whose(person), fact.placed_at,
        shop_day(fact.placed_at), fact.paid_at, fact.cancelled_at, fact.test, fact.currency.upper(), fact.gross,
        fact.discount, fact.shipping, fact.total, fact.tax, sum(costs) if costs else None,
        uncosted if fact.lines else fact.gross - fact.discount, fact.shipping_cost, fact.payment_fee, fact.other_cost,
        0, fact.coupon[:120], fact.channel[:80], fact.country[:2].upper(), fact.cart_token[:120], batch and batch.pk,
    )  # fmt: skip


def _line_rows(
    facts: Iterable[OrderFact], ids: Mapping[str, int], found: Mapping[tuple[str, str], Article]
) -> Iterator[tuple[Any, ...]]:
    for fact in facts:
        own = {line.external_id[:120] or str(number): line for number, line in enumerate(fact.lines)}
        for key, line in own.items():
            article = found.get((line.variant_id, line.sku))
            yield (
                ids[fact.external_id], key, article and article.variant, line.sku[:120], line.title[:300],
                line.category[:200] or (article.category if article else ""), line.quantity, line.price, line.discount,
                line.total, line.tax, line.cost, 0,
            )  # fmt: skip


def _whose(person: Person | None) -> tuple[int | None, int | None]:
    return (person.identity, person.customer) if person else (None, None)


def shop_day(at: datetime) -> date:
    """The day it was in the shop."""
    return at.astimezone(ZoneInfo(settings.SHOP_ZONE)).date()


def take_refunds(
    source: Source, facts: Sequence[RefundFact], who: Mapping[Who, Person], *, batch: Import | None
) -> int:
    """Refunds and the pieces that came back; returns how many were new or newer."""
    known = _versions(Refund, source, [fact.external_id for fact in facts])
    fresh = [fact for fact in facts if fact.external_id not in known or fact.version > known[fact.external_id][1]]
    rows = [
        (
            source.pk, f.external_id, f.version, f.order_id, None, *_whose(who.get(f.who)), f.at, shop_day(f.at),
            f.dated, f.amount, f.tax, f.goods_back, f.fee, f.reason[:200], batch and batch.pk,
        )
        for f in fresh
    ]  # fmt: skip
    update = [name for name in _REFUND if name not in {"source_id", "external_id", "order_id"}]
    bulk.insert(Refund, _REFUND, rows, key=_KEY, update=update, newer="version")
    ids = {key: pk for key, (pk, _) in _versions(Refund, source, [fact.external_id for fact in fresh]).items()}
    Returned.objects.filter(refund__in=[ids[f.external_id] for f in fresh if f.external_id in known]).delete()
    pieces = [(ids[f.external_id], line[:120], n) for f in fresh for line, n in f.returned]
    bulk.insert(Returned, ("refund_id", "line_key", "quantity"), pieces)
    return len(fresh)


def take_parcels(source: Source, facts: Sequence[ParcelFact]) -> int:
    """Parcels; returns how many were new or newer."""
    known = _versions(Parcel, source, [fact.external_id for fact in facts])
    fresh = [fact for fact in facts if fact.external_id not in known or fact.version > known[fact.external_id][1]]
    rows = [
        (
            source.pk, f.external_id, f.version, f.order_id, None, f.state[:40], f.carrier[:80], f.tracking[:200],
            f.shipped_at, f.delivered_at,
        )
        for f in fresh
    ]  # fmt: skip
    update = [name for name in _PARCEL if name not in {"source_id", "external_id", "order_id"}]
    bulk.insert(Parcel, _PARCEL, rows, key=_KEY, update=update, newer="version")
    return len(fresh)


def settle(source: Source, keys: Iterable[str]) -> None:
    """Join what came for these orders with them, and derive what they have had back. In any order of arrival."""
    with connection.cursor() as cursor:
        for some in in_sets(sorted(keys)):
            blanks = ", ".join(["%s"] * len(some))
            for sql in _SETTLE:
                cursor.execute(sql.format(keys=blanks), [source.pk, *some])


def owners(source: Source, keys: Iterable[str]) -> set[int]:
    """Whose these orders are."""
    known: set[int | None] = set()
    for some in in_sets(sorted(set(keys))):
        known |= set(Order.objects.filter(source=source, external_id__in=some).values_list("customer", flat=True))
    return {one for one in known if one is not None}


_OF = "source_id = %s AND {column} IN ({{keys}})"
_RETURNED = """COALESCE((SELECT SUM(p.quantity) FROM shop_returned p JOIN shop_refund r ON r.id = p.refund_id
    WHERE r.order_id = shop_orderline.order_id AND p.line_key = shop_orderline.external_id), 0)"""
_REFUNDED = "COALESCE((SELECT SUM(r.amount) FROM shop_refund r WHERE r.order_id = shop_order.id), 0)"
_SETTLE = (
    f"""UPDATE shop_refund SET order_id = (SELECT o.id FROM shop_order o
        WHERE o.source_id = shop_refund.source_id AND o.external_id = shop_refund.order_key)
        WHERE {_OF.format(column="order_key")}""",
    f"""UPDATE shop_refund SET customer_id = (SELECT o.customer_id FROM shop_order o WHERE o.id = shop_refund.order_id),
        identity_id = (SELECT o.identity_id FROM shop_order o WHERE o.id = shop_refund.order_id)
        WHERE order_id IS NOT NULL AND {_OF.format(column="order_key")}""",
    f"""UPDATE shop_parcel SET order_id = (SELECT o.id FROM shop_order o
        WHERE o.source_id = shop_parcel.source_id AND o.external_id = shop_parcel.order_key)
        WHERE {_OF.format(column="order_key")}""",
    f"""UPDATE shop_refund SET goods_back = COALESCE((SELECT SUM(l.cost * p.quantity / l.quantity)
        FROM shop_returned p JOIN shop_orderline l ON l.order_id = shop_refund.order_id AND l.external_id = p.line_key
        WHERE p.refund_id = shop_refund.id AND l.quantity > 0), goods_back) WHERE {_OF.format(column="order_key")}""",
    # What is right already is left alone: most orders never have anything back, and a row that is written again costs
    # what a new one costs.
    f"""UPDATE shop_orderline SET returned = {_RETURNED} WHERE returned <> {_RETURNED} AND order_id IN (
        SELECT id FROM shop_order WHERE {_OF.format(column="external_id")})""",
    f"""UPDATE shop_order SET refunded = {_REFUNDED} WHERE refunded <> {_REFUNDED}
        AND {_OF.format(column="external_id")}""",
)


def _versions(model: type[models.Model], source: Source, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Row id and version of what is there, by its id in the source."""
    found: dict[str, tuple[int, int]] = {}
    for some in in_sets(keys):
        rows = model._default_manager.filter(source=source, external_id__in=some)
        found |= {key: (pk, version) for key, pk, version in rows.values_list("external_id", "pk", "version")}
    return found
