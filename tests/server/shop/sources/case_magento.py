"""How a Magento shop writes."""

from datetime import datetime
from typing import Any, ClassVar

from server.shop.sources.case import Case, Told


class Magento(Case):
    """Orders without VAT, for brevity."""

    kind = "magento"
    options: ClassVar = {"shop_url": "https://teehaus.example"}
    secrets: ClassVar = {"access_token": "t1"}
    topic = "orders"

    def order(self, told: Told) -> dict[str, Any]:
        first, _, last = told.name.partition(" ")
        goods = str(told.total - told.shipping)
        return {
            "entity_id": int(told.key), "increment_id": f"0000{told.key}", "created_at": utc(told.placed),
            "state": "canceled" if told.cancelled else "processing", "status": "processing",
            "updated_at": utc(told.changed), "base_currency_code": told.currency, "order_currency_code": told.currency,
            "base_grand_total": str(told.total), "base_subtotal": goods, "base_discount_amount": "0.0000",
            "base_shipping_amount": str(told.shipping), "base_shipping_incl_tax": str(told.shipping),
            "base_tax_amount": 0, "base_total_paid": str(told.total), "customer_email": told.email,
            "customer_is_guest": 0 if told.account else 1, "customer_id": int(told.account) if told.account else None,
            "customer_firstname": first, "customer_lastname": last,
            "billing_address": {"firstname": first, "lastname": last, "company": told.company, "postcode": "10115",
                                "country_id": "DE", "telephone": "030 1234567"},
            "items": [{"item_id": 1, "product_id": 9, "sku": "TEE", "name": told.title, "qty_ordered": 1,
                       "base_price": goods, "base_price_incl_tax": goods, "base_row_total": goods,
                       "base_row_total_incl_tax": goods, "base_tax_amount": 0, "base_discount_amount": 0}],
        }  # fmt: skip

    def bare(self, told: Told) -> dict[str, Any]:
        names = ("entity_id", "created_at", "updated_at", "base_currency_code", "base_grand_total")
        return {name: self.order(told)[name] for name in names}


def utc(moment: datetime) -> str:
    """A moment as the API writes it."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"


CASE = Magento()
