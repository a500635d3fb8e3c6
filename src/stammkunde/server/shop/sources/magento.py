"""Magento 2 and Adobe Commerce: a REST pull, as the open edition sends no webhooks.

Traps of its lists: a page beyond the last repeats the last, so that only `total_count` says when to stop; and pages by
number shift when an entity changes meanwhile, so that each page is asked for by the time of the last change seen.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from stammkunde.server.shop.facts import Fact, ProductFact, VariantFact
from stammkunde.server.shop.models import Source
from stammkunde.server.shop.sources.base import Client, Field, Kind, Page, SourceError, page, settings_of
from stammkunde.server.shop.sources.bearer import address
from stammkunde.server.shop.sources.magento_orders import changed_at, credit_memo, customer, order, shipment
from stammkunde.server.shop.sources.payloads import Node

PAGE = 100
Read = Callable[[Node], Iterable[Fact]]
#: Path, name of the id, and what is called so on the page of the source.
LISTS = {
    "orders": ("orders", "entity_id"),
    "credit memos": ("creditmemos", "entity_id"),
    "shipments": ("shipments", "entity_id"),
    "customers": ("customers/search", "id"),
    "products": ("products", "entity_id"),
}


class Magento(Kind):
    """A Magento 2 shop, by its REST API."""

    name = "magento"
    title = "Magento 2"
    hears = False
    fields = (
        Field("shop_url", _("Shop address"), required=True, hint=_("For example https://www.teehaus.example")),
        Field(
            "access_token",
            _("Access token of an integration"),
            secret=True,
            required=True,
            hint=_(
                "With access to sales, customers and catalogue. From version 2.4.4 on, "
                "allow access tokens to be used as standalone bearer tokens."
            ),
        ),
        Field("store", _("Store view"), hint=_("Its code, if products are to be read as that one shows them.")),
    )

    def facts(self, topic: str, payload: Any, source: Source) -> list[Fact]:
        """What an entity says; topics are the names of lists."""
        del source
        if topic == "products":
            return product(Node(payload), settings.CURRENCY)
        return list(READ[topic](Node(payload))) if topic in READ else []

    def pull(self, source: Source, since: datetime | None, client: Client) -> Iterator[Page]:
        """Products with their costs, customers, credit memos, shipments, orders: all that changed."""
        told = settings_of(source)
        shop = Shop(str(told["shop_url"]), str(told["access_token"]), str(told.get("store") or ""), client)
        yield from shop.pages("products", since, partial(product, currency=shop.currency()))
        for name in ("customers", "credit memos", "shipments", "orders"):
            yield from shop.pages(name, since, READ[name])


class Shop:
    """A shop's REST API, with the token of an integration."""

    def __init__(self, url: str, token: str, store: str, client: Client) -> None:
        self.base = f"{address(url)}/rest/{store.strip() or 'default'}/V1"
        self.token, self.client = token, client

    def currency(self) -> str:
        """The shop's base currency, in which products are priced."""
        stores = self._ask("store/storeConfigs", [])
        found = [Node(each).text("base_currency_code") for each in stores] if isinstance(stores, list) else []
        return next((code.upper() for code in found if code), settings.CURRENCY)

    def pages(self, name: str, since: datetime | None, read: Read) -> Iterator[Page]:
        """What changed, oldest change first. Orders tell up to when nothing is missing.

        Where one second fills a page, and only there, its next page is asked for.
        """
        path, key = LISTS[name]
        after, number, seen = since, 1, set[tuple[str, str]]()
        while True:
            items, total = self._page(path, key, after, number)
            names = [(Node(each).text("entity_id", "id"), Node(each).text("updated_at")) for each in items]
            fresh = [each for each, told in zip(items, names, strict=True) if told not in seen]
            newest = changed_at(Node(items[-1])) if items else None
            yield page(
                [{**each, "id": each.get("id") or each.get("increment_id")} for each in fresh],
                read,
                watermark=newest if name == "orders" else None,
                doing=f"Magento: {name}",
                topic=name if name in READ else "",  # a product does not tell the currency it is priced in
            )
            if number * PAGE >= total or not items:
                return
            moved = newest is not None and (after is None or _second(newest) > _second(after))
            after, number, seen = (newest, 1, set(names)) if moved else (after, number + 1, seen | set(names))

    def _page(self, path: str, key: str, after: datetime | None, number: int) -> tuple[list[dict[str, Any]], int]:
        params: list[tuple[str, str | int]] = [
            ("searchCriteria[pageSize]", PAGE),
            ("searchCriteria[currentPage]", number),
            *_sorted(0, "updated_at"),
            *_sorted(1, key),
        ]
        if after is not None:
            one = "searchCriteria[filter_groups][0][filters][0]"
            value = f"{after.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
            params += [(f"{one}[field]", "updated_at"), (f"{one}[value]", value), (f"{one}[condition_type]", "gteq")]
        answer = self._ask(path, params)
        items = answer.get("items") if isinstance(answer, dict) else None
        if not isinstance(answer, dict) or not isinstance(items or [], list):
            raise SourceError(f"Magento answered {path} without a list.", where=self.base)
        return [each for each in items or [] if isinstance(each, dict)], Node(answer).whole("total_count")

    def _ask(self, path: str, params: list[tuple[str, str | int]]) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        return self.client.ask("GET", f"{self.base}/{path}", params=params, headers=headers).document()


def product(node: Node, currency: str) -> list[Fact]:
    """A product; what a configurable one is made of are products of their own."""
    key = node.key("id")
    more = {each.text("attribute_code"): each for each in node.each("custom_attributes")}
    stock = node.one("extension_attributes").one("stock_item")
    cost = more["cost"].maybe_money("value", currency) if "cost" in more else None
    variant = VariantFact(
        external_id=key,
        sku=node.text("sku"),
        price=node.maybe_money("price", currency),
        cost=cost or None,
        stock=stock.maybe_whole("qty"),
    )
    fact = ProductFact(
        external_id=key,
        title=node.text("name"),
        currency=currency,
        active=node.text("status") in {"", "1"},
        variants=(variant,),
        version=node.version("updated_at"),
    )
    return [fact]


def _sorted(place: int, field: str) -> list[tuple[str, str | int]]:
    one = f"searchCriteria[sortOrders][{place}]"
    return [(f"{one}[field]", field), (f"{one}[direction]", "ASC")]


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


READ: dict[str, Read] = {
    "orders": order,
    "credit memos": credit_memo,
    "shipments": shipment,
    "customers": customer,
}

KIND = Magento()
