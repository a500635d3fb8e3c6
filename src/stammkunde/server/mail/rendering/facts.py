"""What mails speak of, read in sets: a statement or two for each thing, however many messages there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Prefetch

from stammkunde.server.consent.models import Entry
from stammkunde.server.mail.rendering.formats import host_of
from stammkunde.server.segments.models import CustomerFacts, Segment
from stammkunde.server.shop.models import Cart, Imprint, Order, OrderLine, Parcel, Source, Variant


@dataclass(frozen=True)
class Shop:
    """Who the shop is, and the hosts that are its own."""

    imprint: Imprint
    hosts: frozenset[str]

    @property
    def url(self) -> str:
        """Where the shop is."""
        return self.imprint.url or settings.PUBLIC_URL

    @cached_property
    def said(self) -> dict[str, Any]:
        """The shop as a mail says it, with its imprint line by line."""
        imprint = self.imprint
        address, legal = imprint.address.strip(), imprint.legal.strip()
        lines = [*address.splitlines(), imprint.email, imprint.phone, *legal.splitlines()]
        return {
            "name": imprint.name or host_of(self.url) or self.url,
            "url": self.url,
            "address": address or None,
            "legal": legal or None,
            "email": imprint.email or None,
            "phone": imprint.phone or None,
            "privacy_url": imprint.privacy_url or None,
            "currency": settings.CURRENCY,
            "imprint": [each.strip() for each in lines if each.strip()],
        }

    @classmethod
    def now(cls) -> "Shop":
        """The imprint, and the hosts it and the sources name. Two statements."""
        imprint = Imprint.now()
        said = [
            imprint.url,
            *(value for each in Source.objects.values_list("options", flat=True) for value in _texts(each)),
        ]
        return cls(imprint, frozenset(filter(None, map(host_of, said))))


def _texts(options: Any) -> list[str]:
    return [each for each in options.values() if isinstance(each, str)] if isinstance(options, Mapping) else []


@dataclass(frozen=True)
class Bought:
    """How often somebody ordered, and since when."""

    orders: int = 0
    since: datetime | None = None


def bought(customers: Collection[int]) -> dict[int, Bought]:
    """Orders that count: no test, not cancelled."""
    rows = Order.objects.filter(customer__in=customers, test=False, cancelled_at=None)
    counted = rows.values_list("customer").annotate(number=Count("pk"), first=Min("placed_at"))
    return {pk: Bought(number, first) for pk, number, first in counted}


def types(customers: Collection[int]) -> dict[int, str]:
    """The type each customer is of, by its name."""
    rows = CustomerFacts.objects.filter(pk__in=customers).exclude(customer_type=None).values_list("pk", "customer_type")
    of = dict(rows)
    names = dict(Segment.objects.filter(pk__in=set(of.values())).values_list("pk", "name"))
    return {pk: names[each] for pk, each in of.items() if each in names}


def orders(ids: Collection[int]) -> dict[int, Order]:
    """Orders by number, each with its lines, their variants and products in `lines.all()`."""
    # Not "lines__variant": SQLite refuses what Django asks for more than a thousand articles at once.
    lines = Prefetch("lines", OrderLine.objects.select_related("variant__product"))
    return Order.objects.prefetch_related(lines).in_bulk(ids)


def lines(order: Order) -> list[OrderLine]:
    """The lines of an order that was read by `orders`, in their order."""
    return sorted(order.lines.all(), key=lambda each: each.pk)


def parcels(ids: Collection[int]) -> dict[int, Parcel]:
    """The newest parcel of each order."""
    return {row.order_id: row for row in Parcel.objects.filter(order__in=ids).order_by("pk") if row.order_id}


def carts(ids: Collection[int]) -> dict[int, Cart]:
    """Carts by number."""
    return Cart.objects.in_bulk(ids)


def articles(rows: Iterable[Cart]) -> dict[tuple[int, str], Variant]:
    """What the catalogue knows of what lies in carts, by the source and number of the article; under 0, of any."""
    numbers = {str(line.get("sku") or "") for cart in rows for line in cart.lines if isinstance(line, Mapping)} - {""}
    found: dict[tuple[int, str], Variant] = {}
    for row in Variant.objects.filter(sku__in=numbers).select_related("product").order_by("-pk"):
        found[row.product.source_id, row.sku] = found[0, row.sku] = row
    return found


def times(rows: Iterable[tuple[str, int]]) -> dict[tuple[str, int], datetime]:
    """When entries were made and orders placed: ("entry", 3), ("order", 7)."""
    by_kind: dict[str, set[int]] = defaultdict(set)
    for kind, pk in rows:
        by_kind[kind].add(pk)
    found: dict[tuple[str, int], datetime] = {}
    if by_kind["entry"]:
        entries = Entry.objects.filter(pk__in=by_kind["entry"]).values_list("pk", "at")
        found |= {("entry", pk): at for pk, at in entries}
    if by_kind["order"]:
        placed = Order.objects.filter(pk__in=by_kind["order"]).values_list("pk", "placed_at")
        found |= {("order", pk): at for pk, at in placed}
    return found
