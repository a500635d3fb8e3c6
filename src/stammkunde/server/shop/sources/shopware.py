"""Shopware 6: registered as an app or by the keys of an integration; webhooks, and what their payloads say.

Events of the checkout and of states bring an order as it is; those of the database (`order.written`) name only ids, and
not every version sends all parts of an order. What is not whole is pulled instead of guessed.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from stammkunde.server.shop.facts import CustomerFact, EventFact, Fact, Who
from stammkunde.server.shop.models import Source
from stammkunde.server.shop.sources import shopware_csv
from stammkunde.server.shop.sources.base import (
    UNTOLD,
    Asked,
    Client,
    Delivered,
    Field,
    Headers,
    Kind,
    Page,
    Reply,
    parsed,
    settings_of,
)
from stammkunde.server.shop.sources.payloads import Node, PayloadError, milliseconds
from stammkunde.server.shop.sources.shopware_app import handshake, webhook_signed
from stammkunde.server.shop.sources.shopware_orders import order
from stammkunde.server.shop.sources.shopware_people import customer
from stammkunde.server.shop.sources.shopware_products import product
from stammkunde.server.shop.sources.shopware_pull import Shop
from stammkunde.server.shop.sources.shopware_states import complete, unknown_refund, version

ORDER_EVENTS = ("checkout.order.", "state_enter.order", "state_leave.order")
WRITTEN = frozenset({
    "order", "order_line_item", "order_transaction", "order_delivery", "order_customer", "customer", "product",
    "order_transaction_capture", "order_transaction_capture_refund",
})  # fmt: skip


class Shopware(Kind):
    """A Shopware 6 shop, by its Admin API and signed webhooks."""

    name = "shopware"
    title = "Shopware 6"
    kept_headers = ("sw-",)
    presets = shopware_csv.PRESETS
    fields = (
        Field("shop_url", _("Shop address"), required=True, hint=_("For example https://www.teehaus.example")),
        Field("client_id", _("Access key ID"), hint=_("Of an integration, under Settings, System. An app brings it.")),
        Field("client_secret", _("Secret access key"), secret=True, hint=_("An app brings it.")),
        Field("app_name", _("Name of the app"), hint=_("As in the app's manifest, for webhooks.")),
        Field("app_secret", _("Secret of the app"), secret=True, hint=_("As in the app's manifest, for webhooks.")),
        Field(
            "currency",
            _("Standard currency"),
            hint=_("For example EUR. Orders in other currencies are counted in it, by the rate Shopware noted."),
        ),
    )

    def signature(self, source: Source, headers: Headers, body: bytes) -> bool:
        """Hexadecimal HMAC of the raw body by the shop's secret, and stamped within the last minutes."""
        return webhook_signed(source, headers, body)

    def handshake(self, source: Source, asked: Asked) -> Reply | None:
        """The registration of the app and its confirmation."""
        return handshake(source, asked)

    def delivery(self, headers: Headers, body: bytes) -> Delivered:
        """The id of the event stays equal over its retries; their bodies do not, as each is stamped anew."""
        del headers
        whole = Node(parsed(body))
        key, topic = whole.one("source").key("eventId"), whole.one("data").key("event")[:80]
        entity, newest = "", 0
        with suppress(PayloadError):  # told when it is taken in
            node = _part(whole, "order")
            entity, newest = node.text("id")[:120], version(node)
        return Delivered(key=key, topic=topic, entity=entity, version=newest or None)

    def facts(self, topic: str, payload: Any, source: Source) -> list[Fact]:
        """What a webhook says: whole orders, customers, and what people did."""
        whole, standard = Node(payload), _standard(source)
        if topic.startswith(ORDER_EVENTS):
            node = _part(whole, "order")
            node.key("id")
            return order(node, standard) if complete(node, standard) else []
        if topic == "order":  # as it is pulled
            return order(whole, standard)
        read = EVENTS.get(topic)
        return read(whole) if read else []

    def asks(self, topic: str, payload: Any) -> bool:
        """Entities that were written, and orders of which not all parts came."""
        entity, _dot, what = topic.rpartition(".")
        if what == "written":
            return entity in WRITTEN
        if not topic.startswith(ORDER_EVENTS):
            return False
        with suppress(PayloadError):
            return not complete(_part(Node(payload), "order"))
        return True

    def deleted(self, topic: str, payload: Any) -> list[str]:
        """Orders that were deleted."""
        return _ids(Node(payload), "order") if topic == "order.deleted" else []

    def warns(self, topic: str, payload: Any) -> str:
        """The app was removed, or money was given back of which Shopware does not tell how much."""
        if topic == "app.deleted":
            return str(_("The app was removed from the shop: nothing more comes from it until it is installed again."))
        if not topic.endswith("order_transaction.state.refunded_partially"):
            return ""
        node = _part(Node(payload), "order")
        if not unknown_refund(node):
            return ""
        text = _("Order {number} was refunded in part, and Shopware does not say how much: add a credit to the order.")
        return str(text).format(number=node.text("orderNumber"))

    def ready(self, source: Source) -> bool:
        """An app brings its credentials with its registration."""
        told = settings_of(source)
        return all(told.get(name) for name in ("shop_url", "client_id", "client_secret"))

    def pull(self, source: Source, since: datetime | None, client: Client) -> Iterator[Page]:
        """Products with their costs, customers, orders: all that changed."""
        told = settings_of(source)
        shop = Shop(str(told["shop_url"]), (str(told["client_id"]), str(told["client_secret"])), client)
        standard = shop.standard_currency() or _standard(source)
        yield from shop.pages("product", since, partial(product, currency=standard or settings.CURRENCY))
        yield from shop.pages("customer", since, customer)
        yield from shop.pages("order", since, partial(order, standard=standard))


def _standard(source: Source) -> str:
    return str(source.options.get("currency") or "").strip().upper()


def _part(whole: Node, name: str) -> Node:
    return whole.one("data").one("payload").one(name)


def _ids(whole: Node, entity: str) -> list[str]:
    """Ids in an event of the database; entities of two keys have no single id, and are none that matter here."""
    named = [each for each in whole.one("data").each("payload") if each.text("entity") == entity]
    return [each.key("primaryKey") for each in named]


def _customer(whole: Node) -> list[Fact]:
    return customer(_part(whole, "customer"))


def _customer_gone(whole: Node) -> list[Fact]:
    return [CustomerFact(Who(shop_id=_part(whole, "customer").key("id")), UNTOLD, gone=True)]


def _customers_gone(whole: Node) -> list[Fact]:
    return [CustomerFact(Who(shop_id=key), UNTOLD, gone=True) for key in _ids(whole, "customer")]


def _consent(whole: Node, *, given: bool) -> list[Fact]:
    """Consent to e-mails as the shop keeps it, on the timeline; what may be sent is decided elsewhere."""
    told = _part(whole, "newsletterRecipient")
    at = told.maybe_moment("confirmedAt" if given else "updatedAt", "updatedAt", "createdAt")
    if at is None or not told.text("email"):
        return []
    state = "subscribed" if given else "unsubscribed"
    who = Who(email=told.text("email"), verified=given)
    properties = {"state": state, "level": told.text("status")}
    key = f"consent:{told.text('id') or told.text('email')}:{milliseconds(at)}:{state}"
    return [EventFact(key[:200], "Email Marketing Consent", at, who, properties=properties)]


def _review(whole: Node) -> list[Fact]:
    """A review that was sent; its text stays in the shop."""
    told = _part(whole, "reviewFormData")
    who = Who(email=told.text("email"), shop_id=_part(whole, "customer").maybe_key("id"))
    properties = {"product_id": told.text("productId"), "rating": told.text("points"), "title": told.text("title")}
    key = f"review:{whole.one('source').key('eventId')}"
    return [EventFact(key, "Product Reviewed", UNTOLD, who, properties=properties)] if who else []


EVENTS: dict[str, Callable[[Node], list[Fact]]] = {
    "customer": customer,  # as it is pulled
    **dict.fromkeys(("checkout.customer.register", "checkout.customer.guest_register"), _customer),
    **dict.fromkeys(("checkout.customer.login", "checkout.customer.changed-payment-method"), _customer),
    "checkout.customer.deleted": _customer_gone,
    "customer.deleted": _customers_gone,
    "newsletter.confirm": partial(_consent, given=True),
    "newsletter.unsubscribe": partial(_consent, given=False),
    "review_form.send": _review,
}

KIND = Shopware()
