"""Products and variants, and what they cost when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from stammkunde.server.lib import bulk
from stammkunde.server.shop.facts import ProductFact, VariantFact
from stammkunde.server.shop.models import Price, Product, Source, Variant
from stammkunde.server.shop.queries.people import in_sets

_PRODUCT = ("source_id", "external_id", "title", "category", "brand", "image", "url", "active", "version")
_VARIANT = ("product_id", "external_id", "sku", "title", "currency", "price", "cost", "stock")


def take(source: Source, facts: Sequence[ProductFact], *, now: datetime) -> int:
    """Products with their variants; every change of price or cost is kept. Returns how many were new or newer."""
    known = _products(source, [fact.external_id for fact in facts])
    fresh = [fact for fact in facts if fact.external_id not in known or fact.version > known[fact.external_id][1]]
    rows = [
        (source.pk, f.external_id, f.title[:300], f.category[:200], f.brand[:120], f.image[:500], f.url[:500], f.active,
         f.version)
        for f in fresh
    ]  # fmt: skip
    bulk.insert(Product, _PRODUCT, rows, key=_PRODUCT[:2], update=_PRODUCT[2:], newer="version")
    ids = {key: pk for key, (pk, _) in _products(source, [fact.external_id for fact in fresh]).items()}
    variants = [(ids[fact.external_id], fact, each) for fact in fresh for each in fact.variants]
    before = _prices(list(ids.values()))
    rows = [_variant_row(product, fact, each) for product, fact, each in variants]
    bulk.insert(Variant, _VARIANT, rows, key=_VARIANT[:2], update=_VARIANT[2:])
    after = _prices(list(ids.values()))
    changed = [(pk, price, cost, now) for pk, (price, cost) in after.items() if before.get(pk) != (price, cost)]
    bulk.insert(Price, ("variant_id", "price", "cost", "at"), changed)
    return len(fresh)


def _variant_row(product: int, fact: ProductFact, each: VariantFact) -> tuple[Any, ...]:
    return (
        product, each.external_id, each.sku[:120], each.title[:200], fact.currency.upper(), each.price, each.cost,
        each.stock,
    )  # fmt: skip


def _products(source: Source, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for some in in_sets(keys):
        rows = Product.objects.filter(source=source, external_id__in=some)
        found |= {key: (pk, version) for key, pk, version in rows.values_list("external_id", "pk", "version")}
    return found


def _prices(products: Sequence[int]) -> dict[int, tuple[int | None, int | None]]:
    found: dict[int, tuple[int | None, int | None]] = {}
    for some in in_sets(products):
        rows = Variant.objects.filter(product__in=some).values_list("pk", "price", "cost")
        found |= {pk: (price, cost) for pk, price, cost in rows}
    return found
