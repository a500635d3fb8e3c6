"""Which products suit whom: what they buy again, what goes with what they have, what sells, what lies in their cart,
what they looked at.

Nothing that cannot be bought now, and nothing that they sent back. What sells and what goes together is counted every
few hours (`actions.counting`), so that asking for a thousand customers costs a handful of statements.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.db import connection
from django.db.models import Q

from stammkunde.server.offers.models import Seller, Together
from stammkunde.server.shop.models import Cart, Event, Variant

Pick = Literal["again", "related", "popular", "cart", "viewed"]
SET = 500  # customers of one statement
SHELF = 300  # best sellers that are looked at
FRESH = timedelta(days=30)  # of a cart, and of what was looked at


@dataclass
class Owned:
    """What a customer bought: order days by product, the last of them, the categories; and what came back."""

    days: dict[int, int] = field(default_factory=dict)
    last: dict[int, str] = field(default_factory=dict)
    categories: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    returned: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Shelf:
    """What sells, the best first, as far as it can be bought now."""

    products: Sequence[int]
    category: Mapping[int, str]
    goods: Mapping[int, dict[str, Any]]


def picks(customer_ids: Iterable[int], *, pick: Pick, most: int, now: datetime) -> dict[int, list[dict[str, Any]]]:
    """Up to `most` products for each customer, the best first; a customer for whom there is none is left out.

    A product is {sku, title, url, image, price (smallest unit, None if not known), currency, category}.
    """
    ids = sorted(set(customer_ids))
    shelf = _shelf() if pick in ("popular", "related") else Shelf((), {}, {})
    found: dict[int, list[dict[str, Any]]] = {}
    for start in range(0, len(ids), SET):
        part = ids[start : start + SET]
        if pick in ("cart", "viewed"):
            found |= _named(_carts(part, now) if pick == "cart" else _views(part, now), most)
        else:
            found |= _of_record(part, pick, most, shelf)
    return found


def _of_record(ids: Sequence[int], pick: Pick, most: int, shelf: Shelf) -> dict[int, list[dict[str, Any]]]:
    owned = _owned(ids)
    companions = _companions({each for one in owned.values() for each in one.days}) if pick == "related" else {}
    ranked = {pk: list(_ranked(pick, owned.get(pk) or Owned(), shelf, companions)) for pk in ids}
    goods = dict(shelf.goods)
    goods |= _goods({each for some in ranked.values() for each in some} - goods.keys())
    chosen = {pk: [goods[each] for each in some if each in goods][:most] for pk, some in ranked.items()}
    return {pk: some for pk, some in chosen.items() if some}


def _ranked(pick: Pick, own: Owned, shelf: Shelf, companions: Mapping[int, Mapping[int, int]]) -> Iterator[int]:
    """Products in their order for one customer, each once."""
    if pick == "again":
        often = [each for each, times in own.days.items() if times > 1 and each not in own.returned]
        often.sort(key=lambda each: (own.days[each], own.last[each]), reverse=True)
        yield from often
        return
    first = _related(own, companions) if pick == "related" else []
    rest = [each for each in shelf.products if each not in own.returned]
    if pick == "related" and (first or own.categories):
        rest = [each for each in rest if own.categories.get(shelf.category[each])]
    new = [each for each in rest if each not in own.days]
    again = [each for each in rest if each in own.days] if pick == "popular" else []
    yield from dict.fromkeys([*first, *new, *again])


def _related(own: Owned, companions: Mapping[int, Mapping[int, int]]) -> list[int]:
    """What goes most often with what somebody has: the orders with both, added up over all they have."""
    score: dict[int, int] = defaultdict(int)
    for mine in own.days:
        for other, orders in companions.get(mine, {}).items():
            if other not in own.days and other not in own.returned:
                score[other] += orders
    return sorted(score, key=lambda each: (-score[each], each))


def _owned(ids: Sequence[int]) -> dict[int, Owned]:
    blanks = ", ".join(["%s"] * len(ids))
    sql = f"""
        SELECT o.customer_id, v.product_id, p.category, COUNT(DISTINCT o.day), MAX(o.day), SUM(l.returned)
        FROM shop_order o JOIN shop_orderline l ON l.order_id = o.id JOIN shop_variant v ON v.id = l.variant_id
            JOIN shop_product p ON p.id = v.product_id
        WHERE o.customer_id IN ({blanks}) AND NOT o.test AND o.cancelled_at IS NULL
        GROUP BY o.customer_id, v.product_id, p.category
    """
    found: dict[int, Owned] = defaultdict(Owned)
    with connection.cursor() as cursor:
        cursor.execute(sql, list(ids))
        for customer, product, category, days, last, returned in cursor.fetchall():
            own = found[customer]
            own.days[product], own.last[product] = days, str(last)
            if category:
                own.categories[category] += days
            if returned:
                own.returned.add(product)
    return found


def _companions(products: Iterable[int]) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = defaultdict(dict)
    some = sorted(products)
    for start in range(0, len(some), SET):
        rows = Together.objects.filter(product__in=some[start : start + SET])
        for product, other, orders in rows.values_list("product", "other", "orders"):
            found[product][other] = orders
    return found


def _shelf() -> Shelf:
    rows = Seller.objects.filter(product__active=True).order_by("-customers", "product")
    best = [(product, category) for product, category in rows.values_list("product", "product__category")[:SHELF]]
    goods = _goods({product for product, _category in best})
    return Shelf([product for product, _category in best if product in goods], dict(best), goods)


def _goods(products: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Products that can be bought now, each with its first variant in stock. Stock that is not known is no reason."""
    found: dict[int, dict[str, Any]] = {}
    some = sorted(products)
    for start in range(0, len(some), SET):
        for variant in _sold().filter(product__in=some[start : start + SET]).order_by("product", "pk"):
            found.setdefault(variant.product_id, _told(variant))
    return found


def _sold() -> Any:
    """Variants that can be bought now."""
    in_stock = Q(stock=None) | Q(stock__gt=0)
    return Variant.objects.filter(in_stock, product__active=True).exclude(product__title="").select_related("product")


def _told(variant: Variant) -> dict[str, Any]:
    product = variant.product
    return {
        "sku": variant.sku,
        "title": product.title,
        "url": product.url,
        "image": product.image,
        "price": variant.price,
        "currency": variant.currency or settings.CURRENCY,
        "category": product.category,
    }


#: A customer with the source that names articles, and their numbers there, the first to be shown first.
Numbers = Mapping[int, tuple[int, list[str]]]


def _carts(ids: Sequence[int], now: datetime) -> Numbers:
    """What lies in the newest cart of each that has not become an order."""
    rows = Cart.objects.filter(customer__in=ids, order=None, changed_at__gt=now - FRESH).order_by("changed_at", "pk")
    lines = rows.values_list("customer", "source", "lines")
    return {pk: (source, [str(line.get("sku") or "") for line in some]) for pk, source, some in lines}


def _views(ids: Sequence[int], now: datetime) -> Numbers:
    """What each looked at, the latest first."""
    rows = Event.objects.filter(customer__in=ids, name="Product Viewed", at__gt=now - FRESH).order_by("-at", "-pk")
    found: dict[int, tuple[int, list[str]]] = {}
    for pk, source, said in rows.values_list("customer", "source", "properties"):
        if isinstance(said, dict):
            found.setdefault(pk, (source, []))[1].append(str(said.get("sku") or said.get("product_id") or ""))
    return found


def _named(numbers: Numbers, most: int) -> dict[int, list[dict[str, Any]]]:
    """The articles of these numbers, as far as they can be bought now."""
    known: dict[tuple[int, str], dict[str, Any]] = {}
    asked = sorted({each for _source, some in numbers.values() for each in some} - {""})
    for start in range(0, len(asked), SET):
        for variant in _sold().filter(sku__in=asked[start : start + SET]).order_by("-pk"):
            known[variant.product.source_id, variant.sku] = _told(variant)
    by_sku = {sku: goods for (_source, sku), goods in known.items()}  # a collector's numbers are another source's goods
    chosen = {}
    for pk, (source, some) in numbers.items():
        goods = [known.get((source, sku)) or by_sku.get(sku) for sku in dict.fromkeys(some)]
        chosen[pk] = [each for each in goods if each][:most]
    return {pk: some for pk, some in chosen.items() if some}
