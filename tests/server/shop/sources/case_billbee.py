"""How Billbee writes."""

from datetime import datetime
from typing import Any, ClassVar

from server.shop.sources.case import Case, Told


class Billbee(Case):
    """Orders of one shop."""

    kind = "billbee"
    secrets: ClassVar = {"api_key": "k", "user": "anna@teehaus.example", "password": "p"}
    topic = "orders"

    def order(self, told: Told) -> dict[str, Any]:
        first, _, last = told.name.partition(" ")
        goods = told.total - told.shipping
        return {
            "BillBeeOrderId": 4711, "Id": told.key, "OrderNumber": told.key, "State": 8 if told.cancelled else 3,
            "VatMode": 0, "CreatedAt": iso(told.placed), "PayedAt": iso(told.placed),
            "LastModifiedAt": iso(told.changed), "Currency": told.currency, "TotalCost": told.total,
            "ShippingCost": told.shipping, "AdjustmentCost": 0, "TaxRate1": 19, "TaxRate2": 7,
            "Seller": {"Platform": "Shopware", "BillbeeShopName": "Teehaus", "BillbeeShopId": 12},
            "Customer": {"Id": int(told.account), "Name": told.name} if told.account else None,
            "Buyer": {"FirstName": first, "LastName": last, "Email": told.email},
            "InvoiceAddress": {"FirstName": first, "LastName": last, "Company": told.company, "Zip": "10115",
                               "CountryISO2": "DE", "Email": told.email},
            "OrderItems": [{"BillbeeId": 1, "Quantity": 1.0, "TotalPrice": goods, "UnrebatedTotalPrice": goods,
                            "TaxAmount": 0, "TaxIndex": 1,
                            "Product": {"SKU": "TEE", "Title": told.title, "BillbeeId": 9}}],
            "ShippingIds": [], "Payments": [],
        }  # fmt: skip

    def bare(self, told: Told) -> dict[str, Any]:
        names = ("BillBeeOrderId", "State", "CreatedAt", "LastModifiedAt", "Currency", "TotalCost")
        return {name: self.order(told)[name] for name in names}


def iso(moment: datetime) -> str:
    """A moment as the API writes it: with seven places, as .NET does."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.0000000+00:00"


CASE = Billbee()
