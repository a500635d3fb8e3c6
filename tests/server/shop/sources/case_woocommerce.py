"""How a WooCommerce shop writes and signs."""

import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from server.shop.sources.case import Case, Told
from stammkunde.server.shop.sources.base import base64_hmac

SECRET = "topsecret"


class WooCommerce(Case):
    """Orders without VAT, for brevity."""

    kind = "woocommerce"
    options: ClassVar = {"url": "https://teehaus.example"}
    secrets: ClassVar = {"consumer_key": "ck_1", "consumer_secret": "cs_1", "webhook_secrets": SECRET}
    topic = "order.updated"

    def order(self, told: Told) -> dict[str, Any]:
        first, _, last = told.name.partition(" ")
        goods = str(told.total - told.shipping)
        return {
            "id": int(told.key),
            "number": told.key,
            "status": "cancelled" if told.cancelled else "processing",
            "currency": told.currency,
            "date_created": "2026-03-01T09:00:00",
            "date_created_gmt": _gmt(told.placed),
            "date_modified": "2026-03-01T09:00:00",
            "date_modified_gmt": _gmt(told.changed),
            "date_paid_gmt": _gmt(told.placed),
            "discount_total": "0.00",
            "discount_tax": "0.00",
            "shipping_total": str(told.shipping),
            "shipping_tax": "0",
            "total": str(told.total),
            "total_tax": "0",
            "customer_id": int(told.account or 0),
            "billing": {"first_name": first, "last_name": last, "company": told.company, "postcode": "10115",
                        "country": "DE", "email": told.email, "phone": ""},
            "shipping": {"country": "DE"},
            "meta_data": [],
            "line_items": [{"id": 1, "name": told.title, "product_id": 9, "variation_id": 0, "quantity": 1,
                            "subtotal": goods, "subtotal_tax": "0", "total": goods, "total_tax": "0",
                            "meta_data": [], "sku": "TEE"}],
            "fee_lines": [],
            "coupon_lines": [],
            "refunds": [],
        }  # fmt: skip

    def bare(self, told: Told) -> dict[str, Any]:
        names = ("id", "status", "currency", "date_created_gmt", "date_modified_gmt", "total")
        return {name: self.order(told)[name] for name in names}

    def send(self, topic: str, payload: Any, *, key: str, secret: str | None = None) -> tuple[dict[str, str], bytes]:
        body = json.dumps(payload).encode()
        headers = {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Delivery-ID": key, "X-WC-Webhook-ID": "3"}
        return headers | {"X-WC-Webhook-Signature": base64_hmac(secret or SECRET, body)}, body

    def real(self, shared: Path) -> Iterable[tuple[str, Any]]:
        for path in sorted((shared / "shop_payloads/woocommerce/rest_v3").glob("*.json")):
            resource = path.stem.partition("__")[0].removesuffix("s")
            if resource in {"order", "customer", "product"}:
                found = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
                items = found if isinstance(found, list) else [found]
                yield from ((f"{resource}.updated", each) for each in items if "id" in each)


def _gmt(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}"


CASE = WooCommerce()
