"""How plentymarkets writes."""

from decimal import Decimal
from typing import Any, ClassVar

from server.shop.sources.case import Case, Told


class Plenty(Case):
    """Sales of a system that counts in the currency of the order."""

    kind = "plenty"
    options: ClassVar = {"shop_url": "https://teehaus.example", "user": "api"}
    secrets: ClassVar = {"password": "p"}
    topic = "orders"

    def order(self, told: Told) -> dict[str, Any]:
        first, _, last = told.name.partition(" ")
        goods = told.total - told.shipping
        relations = [{"referenceType": "warehouse", "referenceId": 1, "relation": "sender"}]
        if told.account:
            relations.append({"referenceType": "contact", "referenceId": int(told.account), "relation": "receiver"})
        return {
            "id": int(told.key), "typeId": 1, "plentyId": 1000, "statusId": 8.0 if told.cancelled else 5.0,
            "createdAt": told.placed.isoformat(), "updatedAt": told.changed.isoformat(),
            "amounts": [amount(told.total, currency=told.currency)],
            "properties": [{"typeId": 4, "value": "fullyPaid"}],
            "dates": [{"typeId": 3, "date": told.placed.isoformat()}],
            "addressRelations": [{"typeId": 1, "addressId": 33}, {"typeId": 2, "addressId": 33}],
            "addresses": [{"id": 33, "name1": told.company, "name2": first, "name3": last, "postalCode": "10115",
                           "countryId": 1, "options": [{"typeId": 5, "value": told.email}]}],
            "countries": {"1": "DE"},
            "relations": relations,
            "orderReferences": [],
            "orderItems": [
                item(744, 1, goods, currency=told.currency, name=told.title),
                item(745, 6, told.shipping, currency=told.currency, name="Versandkosten"),
            ],
        }  # fmt: skip

    def bare(self, told: Told) -> dict[str, Any]:
        names = ("id", "typeId", "createdAt", "updatedAt", "amounts")
        return {name: self.order(told)[name] for name in names}


def amount(total: Decimal, *, currency: str = "EUR", vat: str = "0", **more: Any) -> dict[str, Any]:
    """The amounts of an order."""
    return {"isSystemCurrency": True, "isNet": False, "currency": currency, "exchangeRate": 1, "grossTotal": total,
            "invoiceTotal": total, "netTotal": total - Decimal(vat), "vatTotal": Decimal(vat),
            "paidAmount": 0} | more  # fmt: skip


def item(
    key: int, kind: int, gross: Decimal, *, currency: str = "EUR", name: str = "Tee", **more: Any
) -> dict[str, Any]:
    """An item of an order."""
    prices = {"isSystemCurrency": True, "currency": currency, "priceOriginalGross": gross, "priceGross": gross,
              "priceOriginalNet": gross, "priceNet": gross, "purchasePrice": 0}  # fmt: skip
    return {"id": key, "typeId": kind, "quantity": 1, "orderItemName": name, "itemVariationId": 1012, "vatRate": 0,
            "amounts": [prices], "references": []} | more  # fmt: skip


CASE = Plenty()
