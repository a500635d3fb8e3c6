"""How a Shopware shop writes and signs."""

import json
import time
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from server.shop.sources.case import Case, Told
from stammkunde.server.shop.sources.base import hex_hmac

SECRET = "topsecret"
STANDARD = "b7d2554b0ce847cd82f3ac9bd1c0dfca"
STAMP = int(time.time())


class Shopware(Case):
    """Orders of a shop that shows prices with VAT, as an event of the checkout brings them."""

    kind = "shopware"
    options: ClassVar = {"shop_url": "https://teehaus.example"}
    secrets: ClassVar = {"client_id": "SWIA1", "client_secret": "c", "shop_secret": SECRET}
    topic = "checkout.order.placed"

    def order(self, told: Told) -> dict[str, Any]:
        return event(self.topic, {"order": entity(told)})

    def bare(self, told: Told) -> dict[str, Any]:
        whole = entity(told)
        names = ("id", "orderDateTime", "amountTotal", "currency", "stateMachineState")
        bare = {name: whole[name] for name in names}
        return event(
            self.topic, {"order": bare | {"lineItems": [], "transactions": [], "deliveries": [], "orderCustomer": {}}}
        )

    def send(self, topic: str, payload: Any, *, key: str, secret: str | None = None) -> tuple[dict[str, str], bytes]:
        told = payload["data"]["payload"] if isinstance(payload, dict) and "data" in payload else payload
        body = json.dumps(event(topic, told, key=key), default=str).encode()
        return {"shopware-shop-signature": hex_hmac(secret or SECRET, body), "sw-version": "6.6.10.0"}, body

    def real(self, shared: Path) -> Iterable[tuple[str, Any]]:
        for name in ("payment.json", "payment-validation.json", "refund.json"):
            path = shared / "shop_payloads/shopware6/app_requests" / name
            found = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
            if "order" in found:
                yield "state_enter.order_transaction.state.paid", event("", {"order": found["order"]})
                customer = (found["order"].get("orderCustomer") or {}).get("customer")
                if customer:
                    yield "checkout.customer.register", event("", {"customer": customer})
        orders = json.loads((shared / "shop_payloads/shopware6/store_api/Order.json").read_text(encoding="utf-8"))
        for each in orders["orders"]["elements"]:
            yield "checkout.order.placed", event("", {"order": each})


def event(name: str, payload: Any, *, key: str = "e1") -> dict[str, Any]:
    """The envelope of a webhook."""
    source = {"url": "https://teehaus.example", "shopId": "s1", "appVersion": "1.0.0", "eventId": key}
    return {"data": {"payload": payload, "event": name}, "source": source, "timestamp": STAMP}


def entity(told: Told) -> dict[str, Any]:
    """An order as the API has it."""
    first, _, last = told.name.partition(" ")
    goods, account = told.total - told.shipping, told.account or "guest-1"
    return {
        "id": told.key,
        "orderNumber": told.key,
        "autoIncrement": 1,
        "createdAt": iso(told.placed),
        "updatedAt": iso(told.changed),
        "orderDateTime": iso(told.placed),
        "currencyId": STANDARD,
        "currencyFactor": 1,
        "currency": {"isoCode": told.currency, "id": STANDARD},
        "amountTotal": told.total,
        "amountNet": told.total,
        "positionPrice": goods,
        "taxStatus": "gross",
        "shippingTotal": told.shipping,
        "shippingCosts": price(told.shipping),
        "stateMachineState": state("cancelled" if told.cancelled else "open"),
        "orderCustomer": {
            "customerId": account, "firstName": first, "lastName": last, "email": told.email, "company": told.company,
            "createdAt": iso(told.placed), "customer": {"id": account, "guest": not told.account, "email": told.email},
        },
        "billingAddress": {"zipcode": "10115", "country": {"iso": "DE"}, "phoneNumber": None},
        "lineItems": [line("l1", goods, title=told.title)],
        "transactions": [{"id": "t1", "createdAt": iso(told.placed), "updatedAt": None, "amount": price(told.total),
                          "stateMachineState": state("open"), "captures": []}],
        "deliveries": [{"id": "d1", "createdAt": iso(told.placed), "stateMachineState": state("open"),
                        "trackingCodes": [], "shippingCosts": price(told.shipping),
                        "shippingOrderAddress": {"country": {"iso": "AT"}}}],
    }  # fmt: skip


def line(key: str, total: Decimal, *, title: str = "Teekanne", kind: str = "product", **more: Any) -> dict[str, Any]:
    """A line item."""
    found = {"id": key, "identifier": f"cart-{key}", "type": kind, "label": title, "quantity": 1, "unitPrice": total,
             "totalPrice": total, "price": price(total), "createdAt": "2026-03-01T08:00:00.000+00:00",
             "payload": {"productNumber": "TEE"}, "productId": "p1" if kind == "product" else None}  # fmt: skip
    return found | more


def price(total: Decimal, *taxes: str) -> dict[str, Any]:
    """A calculated price with its taxes."""
    calculated = [{"tax": Decimal(tax), "taxRate": 19, "price": total} for tax in taxes]
    return {"unitPrice": total, "quantity": 1, "totalPrice": total, "calculatedTaxes": calculated}


def state(name: str) -> dict[str, Any]:
    """A state of a state machine."""
    return {"technicalName": name, "name": name.title()}


def iso(moment: datetime) -> str:
    """A moment as the API writes it."""
    return moment.isoformat(timespec="milliseconds")


CASE = Shopware()
