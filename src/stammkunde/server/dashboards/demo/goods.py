"""What the bundled file lacks of orders: what articles are called, parcels on their way, carts that were left."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from stammkunde.server.consent.bases import Topic
from stammkunde.server.dashboards.demo.chance import share, whole
from stammkunde.server.dashboards.demo.dressing import SHOP
from stammkunde.server.dashboards.demo.people import AGREED
from stammkunde.server.lib import bulk
from stammkunde.server.shop.models import Cart, Order, Parcel, Product, Source, Variant

LOST = 0.004  # of parcels: they never arrive
LEFT = 0.4  # of carts: no order comes of them
CHANGED = 10  # the column of a cart that says when
CARTS = 0.2  # of orders of people who may be reminded


def name(source: Source, titles: dict[str, tuple[str, int]]) -> None:
    """Put the articles into the catalogue, with what each was called and last cost, and let the lines name them."""
    rows = ((source.pk, sku, title, "", "", "", f"{SHOP}/{sku}", True, 0) for sku, (title, _) in titles.items())
    columns = ("source_id", "external_id", "title", "category", "brand", "image", "url", "active", "version")
    bulk.insert(Product, columns, rows)
    products = Product.objects.filter(source=source).values_list("pk", "external_id")
    variants = ((pk, sku, sku, "", "GBP", titles[sku][1]) for pk, sku in products)
    bulk.insert(Variant, ("product_id", "external_id", "sku", "title", "currency", "price"), variants)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE shop_orderline SET variant_id = v.id, title = p.title
            FROM shop_variant v JOIN shop_product p ON p.id = v.product_id
            WHERE v.sku = shop_orderline.sku AND p.source_id = %s""",
            [source.pk],
        )


def ship(source: Source, *, since: datetime, now: datetime) -> int:
    """Parcels of the orders since a moment: they leave on the next day and arrive some days later; few never do."""
    orders = Order.objects.filter(source=source, placed_at__gte=since, customer__isnull=False)
    rows = orders.order_by("pk").values_list("pk", "external_id", "placed_at")
    columns = (
        *("source_id", "external_id", "version", "order_key", "order_id"),
        *("state", "carrier", "tracking", "shipped_at", "delivered_at"),
    )
    return bulk.insert(Parcel, columns, _parcels(rows, source.pk, now))


def _parcels(rows: Any, source: int, now: datetime) -> Iterator[tuple[Any, ...]]:
    for pk, key, placed in rows:
        shipped = placed + timedelta(hours=whole("ships", key, 20, 32))
        arrived = shipped + timedelta(hours=whole("arrives", key, 40, 100))
        there = arrived <= now and share("lost", key) >= LOST
        if shipped <= now:
            state = "delivered" if there else "shipped"
            yield (
                source,
                f"demo-{key}",
                0,
                key,
                pk,
                state,
                "Demo Post",
                f"DEMO{key}",
                shipped,
                arrived if there else None,
            )


def fill_carts(source: Source, *, since: datetime, now: datetime) -> int:
    """Carts of people who may be reminded of them: most came before an order, the others were left for good."""
    orders = Order.objects.filter(source=source, placed_at__gte=since, customer__isnull=False, cancelled_at=None)
    orders = orders.exclude(customer__email="").select_related("customer").prefetch_related("lines").order_by("pk")
    chosen = [each for each in orders if _fills(each)]
    rows = [row for row in (_cart(each, source.pk) for each in chosen) if row[CHANGED] <= now]
    columns = (
        *("source_id", "external_id", "version", "customer_id", "stage", "currency", "value", "lines", "url"),
        *("began_at", "changed_at", "order_id"),
    )
    return bulk.insert(Cart, columns, rows)


def _fills(order: Order) -> bool:
    asked = order.customer is not None and share(Topic.BEHAVIOUR, order.customer.email) < AGREED[Topic.BEHAVIOUR]
    return asked and share("cart", order.external_id) < CARTS


def _cart(order: Order, source: int) -> tuple[Any, ...]:
    left = share("left", order.external_id) < LEFT
    hours = whole("idle", order.external_id, 1, 60)
    at = order.placed_at + timedelta(hours=hours if left else -hours)
    lines = [
        {"sku": line.sku, "title": line.title, "quantity": line.quantity, "price": line.price}
        for line in list(order.lines.all())[:4]
        if line.quantity > 0
    ]
    value = sum(int(line["quantity"]) * int(line["price"]) for line in lines)  # type: ignore[call-overload]
    key, began = f"demo-{order.external_id}", at - timedelta(minutes=20)
    of = None if left else order.pk
    told = json.dumps(lines)
    return source, key, 0, order.customer_id, "cart", "GBP", value, told, f"{SHOP}/cart/{key}", began, at, of
