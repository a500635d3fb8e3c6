"""Which article a line means, and what it costs."""

from collections.abc import Iterable
from dataclasses import dataclass

from stammkunde.server.shop.facts import LineFact
from stammkunde.server.shop.models import Source, Variant
from stammkunde.server.shop.queries.people import in_sets


@dataclass(frozen=True)
class Article:
    """A variant as lines need it; cost of one piece."""

    variant: int
    cost: int | None
    category: str


def articles(source: Source, lines: Iterable[LineFact]) -> dict[tuple[str, str], Article]:
    """The articles of lines, by (variant_id, sku): by the variant's id, or by its number where it has none."""
    wanted = {(line.variant_id, line.sku) for line in lines}
    rows = Variant.objects.filter(product__source=source)
    names = ("external_id", "sku", "pk", "cost", "product__category")
    by_id, by_sku = {}, {}
    for some in in_sets(sorted({variant for variant, _ in wanted if variant})):
        for key, _, pk, cost, category in rows.filter(external_id__in=some).values_list(*names):
            by_id[key] = Article(pk, cost, category)
    for some in in_sets(sorted({sku for variant, sku in wanted if sku and variant not in by_id})):
        for _, sku, pk, cost, category in rows.filter(sku__in=some).values_list(*names):
            by_sku[sku] = Article(pk, cost, category)
    found = {pair: by_id.get(pair[0]) or by_sku.get(pair[1]) for pair in wanted}
    return {pair: article for pair, article in found.items() if article is not None}
