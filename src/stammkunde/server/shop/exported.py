"""Files that a kind of shop exports, told by their header: what would come of them, and whose they are."""

import csv
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from stammkunde.errors import InputError
from stammkunde.server.lib.work import Running
from stammkunde.server.shop.actions import importing, sources
from stammkunde.server.shop.facts import CustomerFact, Fact, OrderFact, RefundFact
from stammkunde.server.shop.models import Import, Source
from stammkunde.server.shop.sources import kinds
from stammkunde.server.shop.sources.base import Page
from stammkunde.server.shop.sources.files import File, opened

OFTEN = 5_000  # facts between two words on how far it is


def export_of(found: Import) -> File | None:
    """The file as a shop's export; None where its header is none, or where somebody has said what each column is."""
    if found.mapping.get("columns"):
        return None
    try:
        return opened(found.file)
    except (InputError, csv.Error):
        return None


def belongs(found: Import, file: File, *, taken: bool) -> None:
    """Count the file to the shop of its kind, where there are not several: an order has one number in both.

    Where none is connected and the file is `taken`, the shop is named and waits for its credentials: connected later,
    it knows its orders.
    """
    kind = next(kind for kind in kinds().values() if file.preset in kind.presets)
    shops = list(Source.objects.filter(kind=kind.name, demo=False)[:2])
    if taken and not shops:
        shops = [sources.connect(kind.name, name=kind.title, now=timezone.now(), by=found.by)]
    if len(shops) == 1:
        found.source = shops[0]
        Import.objects.filter(pk=found.pk).update(source=shops[0])


def pages(file: File, found: Import) -> Iterator[Page]:
    """The facts of the file.

    Raises
    ------
    InputError : its rows cannot be told apart.
    """
    try:
        yield from file.pages(version=int(found.created_at.timestamp() * 1000))
    except csv.Error as error:
        raise InputError(
            f"A row of this file cannot be read: {error}.", where=found.filename, advice="Export it once more."
        ) from error


def looked(file: File, found: Import, running: Running) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the page shows of a dry run, and what was not understood.

    Raises
    ------
    InputError : its rows cannot be told apart, or there is nothing in it.
    """
    count: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    days, rejects = set(), []
    for page in pages(file, found):
        for fact in page.facts:
            _count(fact, count, sums)
            if isinstance(fact, OrderFact):
                days.add(timezone.localdate(fact.placed_at))
        rejects += [{"row": name, "column": "", "reason": why, "value": ""} for name, why in page.refused]
        if count.total() % OFTEN < len(page.facts):
            running.progress("Looking at the file", None, None)
    if not count and not rejects:
        raise InputError("There is no row in this file.", where=found.filename, advice="Export it once more.")
    return {
        "preset": file.preset.title,
        "found": dict(count),
        "sums": sorted(sums.items()),
        "reasons": [[why, number, None] for why, number in Counter(each["reason"] for each in rejects).most_common(20)],
        "unknown": list(file.unknown[:50]),
        "period": [day.isoformat() for day in (min(days), max(days))] if days else [],
    }, rejects


def _count(fact: Fact, count: Counter[str], sums: Counter[str]) -> None:
    if isinstance(fact, OrderFact):
        count["cancelled" if fact.cancelled_at else "orders"] += 1
        if not fact.cancelled_at:
            sums[fact.currency] += fact.total
    elif isinstance(fact, RefundFact):
        count["refunds"] += 1
    elif isinstance(fact, CustomerFact):
        count["customers"] += 1


def forget_customers(found: Import) -> None:
    """Remove customers whom only this file told of."""
    file = export_of(found)
    if file is None or "last_customer" not in found.outcome:
        return
    for page in pages(file, found):
        whos = [fact.who for fact in page.facts if isinstance(fact, CustomerFact)]
        importing.forget_new(found.source, whos, after=found.outcome["last_customer"])
