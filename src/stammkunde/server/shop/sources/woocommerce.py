"""WooCommerce: webhooks with all their traps, and the REST API that repairs what they lost.

A failed delivery is never sent again, two orders of one second share a delivery id, refunds come without their day:
webhooks tell early, the pull tells right.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from html import unescape
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from stammkunde.server.shop.facts import Fact
from stammkunde.server.shop.models import Source
from stammkunde.server.shop.sources.base import (
    Client,
    Delivered,
    Field,
    Headers,
    Kind,
    Page,
    keys,
    parsed,
    settings_of,
    signed,
)
from stammkunde.server.shop.sources.payloads import Node, PayloadError
from stammkunde.server.shop.sources.woocommerce_orders import customer, customer_gone, order, product
from stammkunde.server.shop.sources.woocommerce_pull import Shop


class WooCommerce(Kind):
    """A WooCommerce shop, by its REST API and webhooks."""

    name = "woocommerce"
    title = "WooCommerce"
    kept_headers = ("x-wc-webhook-",)
    fields = (
        Field("url", _("Shop address"), required=True, hint=_("For example https://teehaus.example")),
        Field(
            "consumer_key",
            _("Consumer key"),
            secret=True,
            required=True,
            hint=_("WooCommerce, Settings, Advanced, REST API: read access is enough."),
        ),
        Field("consumer_secret", _("Consumer secret"), secret=True, required=True),
        Field(
            "webhook_secrets",
            _("Secrets of the webhooks"),
            secret=True,
            hint=_("As entered at the webhooks; several, separated by a space, during a change."),
        ),
    )

    def signature(self, source: Source, headers: Headers, body: bytes) -> bool:
        """Base64 HMAC of the raw body. The shop signs with the secret as it is without HTML entities."""
        given = str(settings_of(source).get("webhook_secrets", ""))
        secrets = keys(given)
        return signed(headers.get("x-wc-webhook-signature", ""), [*secrets, *map(unescape, secrets)], body)

    def ping(self, headers: Headers, body: bytes) -> bool:
        """What saving a webhook sends: a form with its number, unsigned; without exactly 200 it is not activated."""
        number = body.removeprefix(b"webhook_id=")
        return "x-wc-webhook-topic" not in headers and number != body and number.strip().isdigit() and len(body) < 40

    def delivery(self, headers: Headers, body: bytes) -> Delivered:
        """The delivery id names a second, not a delivery, so the resource and the body belong to the key."""
        topic = headers.get("x-wc-webhook-topic", "")
        if not topic:
            raise PayloadError("The header X-WC-Webhook-Topic is missing.")
        entity, version = "", 0
        with suppress(PayloadError):  # it is kept all the same, and told when it is taken in
            node = Node(parsed(body))
            entity, version = node.text("id", "arg")[:120], node.version("date_modified_gmt")
        key = f"{headers.get('x-wc-webhook-delivery-id', '')}:{entity}"
        return Delivered(key=key[:200], topic=topic[:80], entity=entity, version=version or None)

    def facts(self, topic: str, payload: Any, source: Source) -> list[Fact]:
        """What a webhook says, by its topic."""
        resource, _dot, event = topic.lower().partition(".")
        if resource == "order" and event in {"created", "updated", "restored"}:
            return order(Node(payload))
        if resource == "customer" and event in {"created", "updated"}:
            return customer(Node(payload))
        if resource == "customer" and event == "deleted":
            return customer_gone(Node(payload))
        if resource == "product" and event in {"created", "updated", "restored"}:
            return product(Node(payload), currency_of(source))
        return []

    def asks(self, topic: str, payload: Any) -> bool:
        """Refunds without their day, variants without their prices, and hooks of plugins that tell a number alone."""
        if topic.startswith("action."):
            return "order" in topic
        node = Node(payload)
        return topic.startswith("order.") and any(node.each("refunds"))

    def deleted(self, topic: str, payload: Any) -> list[str]:
        """An order in the bin; `order.restored` brings it back."""
        return [Node(payload).key("id")] if topic == "order.deleted" else []

    def pull(self, source: Source, since: datetime | None, client: Client) -> Iterator[Page]:
        """Products with variants and costs, customers, orders with their refunds."""
        told = settings_of(source)
        auth = (str(told["consumer_key"]), str(told["consumer_secret"]))
        currency = currency_of(source)
        shop = Shop(str(told["url"]), auth, client)
        yield from shop.products(since, lambda node: product(node, currency))
        yield from shop.customers(since, customer)
        yield from shop.orders(since, order)


def currency_of(source: Source) -> str:
    """The currency products are priced in, which they do not name."""
    return str(source.options.get("currency") or settings.CURRENCY).upper()


KIND = WooCommerce()
