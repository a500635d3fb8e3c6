"""Billbee: orders of many shops and marketplaces in one place, pulled with two credentials at once."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from stammkunde.server.shop.facts import Fact, ProductFact, VariantFact
from stammkunde.server.shop.models import Source
from stammkunde.server.shop.sources.base import Client, Field, Kind, Page, SourceError, page, settings_of
from stammkunde.server.shop.sources.bearer import object_of
from stammkunde.server.shop.sources.billbee_orders import order
from stammkunde.server.shop.sources.payloads import Node

URL = "https://api.billbee.io/api/v1"
PAGE = 250
PAUSE = 0.5  # seconds: two requests in one are allowed
Read = Callable[[Node], Iterable[Fact]]


class Billbee(Kind):
    """A Billbee account."""

    name = "billbee"
    title = "Billbee"
    hears = False
    fields = (
        Field("api_key", _("API key"), secret=True, required=True, hint=_("Of the developer key Billbee has issued.")),
        Field("user", _("User name"), required=True, hint=_("The address the Billbee account is logged in with.")),
        Field("password", _("API password"), secret=True, required=True, hint=_("Under Settings, API.")),
    )

    def facts(self, topic: str, payload: Any, source: Source) -> list[Fact]:
        """What an entity says; topics are the names of lists."""
        del source
        read = READ.get(topic)
        return list(read(Node(payload))) if read else []

    def pull(self, source: Source, since: datetime | None, client: Client) -> Iterator[Page]:
        """Articles with their costs, which Billbee cannot be asked for by change, and orders that changed."""
        told = settings_of(source)
        account = Account(str(told["api_key"]), (str(told["user"]), str(told["password"])), client)
        yield from account.pages("products", None, product)
        yield from account.pages("orders", since, order)


class Account:
    """An account's API."""

    def __init__(self, api_key: str, auth: tuple[str, str], client: Client) -> None:
        self.api_key, self.auth, self.client = api_key, auth, client

    def pages(self, what: str, since: datetime | None, read: Read) -> Iterator[Page]:
        """Every page, as many as Billbee says there are.

        What changes meanwhile moves to another page; since the next pull begins where this one began, it comes then.
        """
        params: dict[str, str | int] = {"pageSize": PAGE}
        if since is not None:
            params["modifiedAtMin"] = f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        number, pages = 1, 1
        while number <= pages:
            if number > 1:
                self.client.wait(PAUSE)
            found = self._ask(what, {**params, "page": number})
            items = found.value.get("Data") or []
            if not isinstance(items, list):
                raise SourceError(f"Billbee answered {what} without a list.", where=URL)
            yield page([_named(each) for each in items], read, doing=f"Billbee: {what}", topic=what)
            pages = found.one("Paging").whole("TotalPages")
            number += 1

    def _ask(self, what: str, params: dict[str, str | int]) -> Node:
        headers = {"X-Billbee-Api-Key": self.api_key}
        found = object_of(self.client.ask("GET", f"{URL}/{what}", params=params, headers=headers, auth=self.auth))
        if found.maybe_key("ErrorCode"):
            raise SourceError(f"Billbee refused: {found.text('ErrorMessage') or found.text('ErrorCode')}", where=URL)
        return found


def product(node: Node) -> list[Fact]:
    """An article. Billbee does not tell when it changed."""
    key, currency = node.key("Id"), settings.CURRENCY
    images = sorted(node.each("Images"), key=lambda each: not each.flag("IsDefault"))
    cost = node.maybe_money("CostPrice", currency)
    variant = VariantFact(
        external_id=key,
        sku=node.text("SKU"),
        price=node.maybe_money("Price", currency),
        cost=cost or None,
        stock=node.maybe_whole("StockCurrent"),
    )
    fact = ProductFact(
        external_id=key,
        title=_translated(node, "Title"),
        category=node.one("Category1").text("Name"),
        brand=node.text("Manufacturer"),
        image=next((url for each in images if (url := each.text("Url"))), ""),
        currency=currency,
        active=not node.flag("IsDeactivated"),
        variants=(variant,),
    )
    return [fact]


def _translated(node: Node, name: str) -> str:
    """A text in German, else in any language."""
    found = {each.text("LanguageCode").upper(): each.text("Text") for each in node.each(name)}
    return found.get("DE") or next(filter(None, found.values()), "")


def _named(item: Any) -> Any:
    """An entity with the name a refusal is told by."""
    return {**item, "id": item.get("OrderNumber") or item.get("SKU")} if isinstance(item, dict) else item


READ: dict[str, Read] = {"orders": order, "products": product}

KIND = Billbee()
