"""Shopify: signed webhooks with their traps, and what their payloads say; pull and files are modules beside this one.

A webhook made by the shop's app is signed with the app's secret, one made by hand in the notification settings with
another, and for an hour after a rotation with the old one: all that were entered are tried.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from stammkunde.server.shop.birthdays import birthday
from stammkunde.server.shop.facts import (
    CartFact,
    CustomerFact,
    EventFact,
    Fact,
    ProductFact,
    Same,
    VariantFact,
    Who,
)
from stammkunde.server.shop.models import Source
from stammkunde.server.shop.sources import shopify_csv, shopify_pull
from stammkunde.server.shop.sources.base import (
    UNTOLD,
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
from stammkunde.server.shop.sources.payloads import Node, PayloadError, milliseconds
from stammkunde.server.shop.sources.shopify_orders import cart_token, order, parcel, person, refund, who_ordered

FAMILIES = ("x-shopify-", "shopify-")  # webhooks, and the newer events


class Shopify(Kind):
    """A Shopify shop, by its Admin API and webhooks."""

    name = "shopify"
    title = "Shopify"
    kept_headers = FAMILIES
    presets = shopify_csv.PRESETS
    fields = (
        Field("shop", _("Shop address"), required=True, hint=_("For example teehaus.myshopify.com")),
        Field(
            "access_token",
            _("Admin API access token"),
            secret=True,
            required=True,
            hint=_("Of a custom app with read_orders, read_all_orders, read_customers, read_products, read_inventory."),
        ),
        Field(
            "webhook_secrets",
            _("Signing secrets"),
            secret=True,
            hint=_("The app's client secret, or the one shown beside webhooks made by hand; several during a change."),
        ),
    )

    def signature(self, source: Source, headers: Headers, body: bytes) -> bool:
        """Base64 HMAC of the raw body, by any of the secrets."""
        secrets = keys(str(settings_of(source).get("webhook_secrets", "")))
        return signed(header(headers, "hmac-sha256"), secrets, body)

    def delivery(self, headers: Headers, body: bytes) -> Delivered:
        """The id of the delivery stays equal over its retries; their bodies too."""
        topic = header(headers, "topic")
        if not topic:
            raise PayloadError("The header X-Shopify-Topic is missing.")
        entity, version = "", 0
        with suppress(PayloadError):  # it is kept all the same, and told when it is taken in
            node = Node(parsed(body))
            entity, version = node.text("id", "token", "order_id", "customer_id")[:120], node.version("updated_at")
        with suppress(PayloadError):
            version = version or Node({"at": header(headers, "triggered-at")}).version("at")
        key = header(headers, "webhook-id") or header(headers, "event-id")
        return Delivered(key=key[:200], topic=topic[:80], entity=entity, version=version or None)

    def facts(self, topic: str, payload: Any, source: Source) -> list[Fact]:
        """What a webhook says, by its topic."""
        read = TOPICS.get(topic.lower())
        node = Node(payload)
        if read is product:  # in the shop's currency, which it does not name
            node = Node({**node.value, "currency": source.options.get("currency") or settings.CURRENCY})
        return read(node) if read else []

    def asks(self, topic: str, payload: Any) -> bool:
        """An edit tells what was edited, but not what the order is now."""
        del payload
        return topic == "orders/edited"

    def ends(self, topic: str, payload: Any) -> str:
        """Two days after the app was removed, the shop wants what it gave access to forgotten."""
        del payload
        return str(_("The shop asked to be forgotten.")) if topic == "shop/redact" else ""

    def deleted(self, topic: str, payload: Any) -> list[str]:
        """An order that was deleted."""
        return [Node(payload).key("id")] if topic == "orders/delete" else []

    def warns(self, topic: str, payload: Any) -> str:
        """The app was removed, or somebody asks for their data."""
        if topic == "app/uninstalled":
            return str(_("The app was removed from the shop: nothing more comes from it until it is installed again."))
        if topic == "customers/data_request":
            number = Node(payload).one("customer").text("id")
            return str(_("Customer {number} asked the shop for their data: export it within 30 days.")).format(
                number=number
            )
        return ""

    def pull(self, source: Source, since: datetime | None, client: Client) -> Iterator[Page]:
        """Products with their costs, customers, orders: all that changed."""
        told = settings_of(source)
        shop = shopify_pull.Shop(str(told["shop"]), str(told["access_token"]), client)
        yield from shop.pages("products", since, product)
        yield from shop.pages("customers", since, customer)
        yield from shop.pages("orders", since, order)


def header(headers: Headers, name: str) -> str:
    """A header of either family."""
    return next((found for family in FAMILIES if (found := headers.get(family + name, ""))), "")


def customer(node: Node) -> list[Fact]:
    """A customer with an account, or one the shop keeps from a guest's order."""
    home = node.one("default_address")
    name = " ".join(filter(None, (node.text("first_name"), node.text("last_name")))) or person(home)
    who = Who(
        shop_id=node.key("id"),
        email=node.text("email"),
        phone=node.text("phone") or home.text("phone"),
        verified=node.flag("verified_email"),
        name=name,
        company=home.text("company"),
        postcode=home.text("zip"),
        country=home.text("country_code").upper()[:2],
        locale=node.text("locale"),
        born_on=birthday(node.text("birth_date")),
    )
    known_since = node.maybe_moment("created_at", "updated_at")
    version = node.version("updated_at")
    return [CustomerFact(who, known_since, version=version)] if known_since else []


def product(node: Node) -> list[Fact]:
    """A product; its cost is told by the pull alone. `inventory_quantity` may be negative: sold before it was there."""
    currency = node.text("currency").upper()
    images = [each.text("src") for each in node.each("images")]
    variants = tuple(
        VariantFact(
            external_id=each.key("id"),
            sku=each.text("sku"),
            title=each.text("title") if each.text("title") != "Default Title" else "",
            price=each.maybe_money("price", currency),
            cost=each.maybe_money("cost", currency),
            stock=each.maybe_whole("inventory_quantity"),
        )
        for each in node.each("variants")
    )
    category = node.text("product_type") or node.one("category").text("name")
    fact = ProductFact(
        external_id=node.key("id"),
        title=node.text("title"),
        category=category,
        brand=node.text("vendor"),
        image=node.one("image").text("src") or next(iter(images), ""),
        url=node.text("url"),
        currency=currency,
        active=node.text("status").lower() in {"", "active"},
        variants=variants,
        version=node.version("updated_at"),
    )
    return [fact]


def checkout(node: Node) -> list[Fact]:
    """A checkout that was begun: with a link that restores it."""
    currency = node.currency("currency", "presentment_currency")
    return [
        CartFact(
            external_id=cart_token(node) or node.key("token")[:120],
            who=who_ordered(node),
            began_at=node.moment("created_at", "updated_at"),
            changed_at=node.moment("updated_at", "created_at"),
            currency=currency,
            value=node.money("total_price", currency),
            stage="checkout",
            lines=tuple(_articles(node, currency)),
            url=node.text("abandoned_checkout_url"),
            version=node.version("updated_at"),
        )
    ]


def cart(node: Node) -> list[Fact]:
    """A basket. Shopify does not tell whose it is; its currency stands at its lines."""
    money = (each.one("price_set").one("shop_money").text("currency_code") for each in node.each("line_items"))
    currency = next((code.upper() for code in money if code), settings.CURRENCY)
    return [
        CartFact(
            external_id=node.key("token", "id").partition("?")[0],
            who=Who(),
            began_at=node.moment("created_at", "updated_at"),
            changed_at=node.moment("updated_at", "created_at"),
            currency=currency,
            value=sum(each.money("line_price", currency) for each in node.each("line_items")),
            lines=tuple(_articles(node, currency)),
            version=node.version("updated_at"),
        )
    ]


def _articles(node: Node, currency: str) -> Iterator[dict[str, Any]]:
    for each in node.each("line_items"):
        yield {
            "sku": each.text("sku"),
            "title": each.text("title"),
            "quantity": each.whole("quantity"),
            "price": each.money("price", currency),
        }


def _checkout_gone(node: Node) -> list[Fact]:
    token = cart_token(node) or node.text("token")
    return [CartFact(token[:120], Who(), UNTOLD, UNTOLD, gone=True)] if token else []


def _customer_gone(node: Node) -> list[Fact]:
    return [CustomerFact(Who(shop_id=node.key("id")), UNTOLD, gone=True)]


def _redacted(node: Node) -> list[Fact]:
    return _customer_gone(node.one("customer"))


def _asked_for_data(node: Node) -> list[Fact]:
    number = node.one("data_request").key("id")
    who = Who(shop_id=node.one("customer").key("id"))
    return [EventFact(f"data-request:{number}", "Data Requested", UNTOLD, who, properties={"request": number})]


def _merged(node: Node) -> list[Fact]:
    """Two customers are one, if that succeeded."""
    if node.text("status").lower() in {"failed", "requested", "in_progress"}:
        return []
    kept, gone = (
        node.key(f"admin_graphql_api_customer_{which}_id").rpartition("/")[2] for which in ("kept", "deleted")
    )
    return [Same(Who(shop_id=kept), Who(shop_id=gone))]


def _consent(node: Node) -> list[Fact]:
    """Consent to e-mails as the shop keeps it, on the timeline; what may be sent is decided elsewhere."""
    told = node.one("email_marketing_consent")
    at, number = told.maybe_moment("consent_updated_at"), node.key("customer_id")
    if at is None:
        return []
    properties = {"state": told.text("state"), "level": told.text("opt_in_level")}
    key = f"consent:{number}:{milliseconds(at)}:{properties['state']}"
    return [EventFact(key, "Email Marketing Consent", at, Who(shop_id=number), properties=properties)]


def _refund(node: Node) -> list[Fact]:
    found = refund(node)
    return [found] if found else []


TOPICS: dict[str, Callable[[Node], list[Fact]]] = {
    **dict.fromkeys(
        (
            "orders/create",
            "orders/updated",
            "orders/paid",
            "orders/cancelled",
            "orders/fulfilled",
            "orders/partially_fulfilled",
        ),
        order,
    ),
    "refunds/create": _refund,
    **dict.fromkeys(("fulfillments/create", "fulfillments/update"), lambda node: [parcel(node)]),
    **dict.fromkeys(("customers/create", "customers/update", "customers/enable", "customers/disable"), customer),
    **dict.fromkeys(("checkouts/create", "checkouts/update"), checkout),
    "checkouts/delete": _checkout_gone,
    **dict.fromkeys(("carts/create", "carts/update"), cart),
    **dict.fromkeys(("products/create", "products/update"), product),
    "customers/delete": _customer_gone,
    "customers/redact": _redacted,
    "customers/data_request": _asked_for_data,
    "customers/merge": _merged,
    "customers_email_marketing_consent/update": _consent,
}

KIND = Shopify()
