"""How a Shopify shop writes and signs."""

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from server.shop.sources.case import Case, Told
from stammkunde.server.shop.sources.base import base64_hmac

SECRET = "topsecret"
UNWRAPPED = {
    "order.json": "order", "orders.json": "orders", "order_with_transaction.json": "order",
    "customer.json": "customer", "product.json": "product", "products.json": "products", "refund.json": "refund",
    "checkouts.json": "checkouts",
}  # fmt: skip
TOPIC = {"order": "orders/updated", "customer": "customers/update", "product": "products/update",
         "refund": "refunds/create", "checkout": "checkouts/update"}  # fmt: skip


class Shopify(Case):
    """Orders of a shop that shows prices with VAT."""

    kind = "shopify"
    options: ClassVar = {"shop": "teehaus.myshopify.com"}
    secrets: ClassVar = {"access_token": "shpat_1", "webhook_secrets": SECRET}
    topic = "orders/updated"
    knows_tests = True

    def order(self, told: Told) -> dict[str, Any]:
        first, _, last = told.name.partition(" ")
        account = {"id": int(told.account or 0), "email": told.email, "first_name": first, "last_name": last}
        address = {"name": told.name, "company": told.company, "zip": "10115", "country_code": "DE"}
        return {
            "id": int(told.key),
            "name": f"#{told.key}",
            "email": told.email,
            "currency": told.currency,
            "created_at": told.placed.isoformat(),
            "processed_at": told.placed.isoformat(),
            "updated_at": told.changed.isoformat(),
            "cancelled_at": told.changed.isoformat() if told.cancelled else None,
            "financial_status": "paid",
            "taxes_included": True,
            "test": told.test,
            "total_price": str(told.total),
            "total_tax": "0",
            "customer": account if told.account else None,
            "billing_address": address,
            "line_items": [{"id": 1, "quantity": 1, "price": str(told.total - told.shipping), "title": told.title,
                            "discount_allocations": [], "tax_lines": []}],
            "shipping_lines": [{"price": str(told.shipping), "discounted_price": str(told.shipping)}],
            "refunds": [],
            "fulfillments": [],
        }  # fmt: skip

    def bare(self, told: Told) -> dict[str, Any]:
        names = ("id", "currency", "created_at", "updated_at", "total_price")
        return {name: self.order(told)[name] for name in names}

    def send(self, topic: str, payload: Any, *, key: str, secret: str | None = None) -> tuple[dict[str, str], bytes]:
        body = json.dumps(payload).encode()
        headers = {"X-Shopify-Topic": topic, "X-Shopify-Webhook-Id": key, "X-Shopify-API-Version": "2026-01"}
        return headers | {"X-Shopify-Hmac-Sha256": base64_hmac(secret or SECRET, body)}, body

    def real(self, shared: Path) -> Iterable[tuple[str, Any]]:
        for path in sorted((shared / "shop_payloads/shopify/webhooks").glob("*/*.json")):
            resource, _, event = path.stem.rpartition("_")
            yield f"{resource}/{event}", _read(path)
        for path in sorted((shared / "shop_payloads/shopify/rest_fixtures").glob("*/*.json")):
            inside, whole = UNWRAPPED.get(path.name), _read(path)
            found = whole.get(inside) if inside and isinstance(whole, dict) else None
            for each in found if isinstance(found, list) else [found] if found else []:
                yield TOPIC[inside.removesuffix("s") if inside else ""], each


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


CASE = Shopify()
