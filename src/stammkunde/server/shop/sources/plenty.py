"""plentymarkets (PlentyONE): pulled by its REST API with the login of a user made for it."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from stammkunde.server.shop.birthdays import birthday
from stammkunde.server.shop.facts import CustomerFact, Fact, ProductFact, VariantFact, Who
from stammkunde.server.shop.models import Source
from stammkunde.server.shop.sources.base import Client, Field, Kind, Page, SourceError, page, settings_of
from stammkunde.server.shop.sources.bearer import Bearer, address, object_of
from stammkunde.server.shop.sources.payloads import Node
from stammkunde.server.shop.sources.plenty_orders import order

PAGE = 250
TYPES = "1,3,4"
WITH = ("addresses", "relations", "contactReceiver", "orderItems.variation", "shippingPackages")
CUSTOMER = "1"  # the type of contacts that buy; others are suppliers, partners …
Read = Callable[[Node], Iterable[Fact]]
Params = list[tuple[str, str | int]]


class Plenty(Kind):
    """A plentymarkets system."""

    name = "plenty"
    title = "plentymarkets"
    hears = False
    fields = (
        Field("shop_url", _("Address of the system"), required=True, hint=_("Under Setup, Settings, API, Data.")),
        Field("user", _("User name"), required=True, hint=_("Of a user with REST access to orders, contacts, items.")),
        Field("password", _("Password"), secret=True, required=True),
    )

    def facts(self, topic: str, payload: Any, source: Source) -> list[Fact]:
        """What an entity says; topics are the names of lists."""
        del source
        read = READ.get(topic)
        return list(read(Node(payload))) if read else []

    def pull(self, source: Source, since: datetime | None, client: Client) -> Iterator[Page]:
        """Variations with their costs, contacts, and orders of all types: all that changed."""
        told = settings_of(source)
        system = System(str(told["shop_url"]), str(told["user"]), str(told["password"]), client)
        yield from system.variations(since)
        yield from system.contacts(since)
        yield from system.orders(since)


class System:
    """A system's REST API, with one login: it allows few at a time."""

    def __init__(self, url: str, user: str, password: str, client: Client) -> None:
        self.base = address(url).removesuffix("/rest")
        self.user, self.password, self.client = user, password, client
        self.bearer = Bearer(client, self._login)

    def orders(self, since: datetime | None) -> Iterator[Page]:
        """Orders of all types that count, the oldest first, so that new ones move none to another page."""
        params: Params = [("orderTypes", TYPES), ("orderType", TYPES), ("sortBy", "id"), ("sortOrder", "asc")]
        params += [("with[]", each) for each in WITH]
        if since:
            params.append(("updatedAtFrom", since.isoformat(timespec="seconds")))
        means = {
            "countries": self._names("orders/shipping/countries", "isoCode2"),
            "referrers": self._names("orders/referrers", "backendName", "name"),
        }
        for items in self._pages("orders", params):
            told = [each | means if isinstance(each, dict) else each for each in items]
            yield page(told, order, doing="plentymarkets: orders", topic="orders")

    def contacts(self, since: datetime | None) -> Iterator[Page]:
        """Contacts, with their addresses of all kinds."""
        params: Params = [("with[]", "options"), ("with[]", "addresses")]
        if since:
            params.append(("updatedAtAfter", since.isoformat(timespec="seconds")))
        for items in self._pages("accounts/contacts", params):
            yield page(items, contact, doing="plentymarkets: contacts", topic="contacts")

    def variations(self, since: datetime | None) -> Iterator[Page]:
        """Variations; their prices depend on who buys, their cost does not."""
        params: Params = [("with", "item,variationCategories,stock")]
        if since:
            params.append(("updatedBetween", int(since.timestamp())))
        for items in self._pages("items/variations", params):
            yield page(items, variation, doing="plentymarkets: items", topic="variations")

    def _names(self, what: str, *fields: str) -> dict[str, str]:
        """What the numbers of a list mean."""
        found = self.bearer.request("GET", f"{self.base}/rest/{what}").document()
        if not isinstance(found, list):
            return {}
        nodes = [Node(each) for each in found if isinstance(each, dict)]
        return {f"{node.decimal('id').normalize():f}": node.text(*fields) for node in nodes}

    def _pages(self, what: str, params: Params) -> Iterator[list[Any]]:
        number, last = 1, False
        while not last:
            asked = [*params, ("page", number), ("itemsPerPage", PAGE)]
            found = self.bearer.ask("GET", f"{self.base}/rest/{what}", params=asked)
            items = found.value.get("entries")
            if not isinstance(items, list):
                raise SourceError(f"plentymarkets answered {what} without a list.", where=self.base)
            yield items
            last = found.flag("isLastPage") or not items
            number += 1

    def _login(self) -> str:
        document = {"username": self.user, "password": self.password}
        found = object_of(self.client.ask("POST", f"{self.base}/rest/login", document=document))
        token = found.text("access_token", "accessToken")
        if not token:
            raise SourceError("plentymarkets gave no token for this login.", where=self.base)
        return token


def contact(node: Node) -> list[Fact]:
    """A contact that buys."""
    since = node.maybe_moment("createdAt", "updatedAt")
    if node.text("typeId") not in {"", CUSTOMER} or since is None:
        return []
    homes = list(node.each("addresses"))
    home = homes[0] if homes else Node({})
    who = Who(
        shop_id=node.key("id"),
        email=node.text("email"),
        phone=node.text("privatePhone", "privateMobile"),
        name=" ".join(filter(None, (node.text("firstName"), node.text("lastName")))) or node.text("fullName"),
        company=home.text("name1", "companyName"),
        postcode=home.text("postalCode"),
        locale=node.text("lang"),
        born_on=birthday(node.text("birthdayAt")),
    )
    return [CustomerFact(who, since, version=node.version("updatedAt", "createdAt"))]


def variation(node: Node) -> list[Fact]:
    """A variation, which is what is ordered; its item only names it."""
    key, currency, item = node.key("id"), settings.CURRENCY, node.one("item")
    cost = node.maybe_money("purchasePrice", currency)
    stock = [each.whole("netStock") for each in node.each("stock") if "netStock" in each]
    names = [text for each in item.each("texts") if (text := each.text("name1"))]
    fact = ProductFact(
        external_id=key,
        title=next(iter(names), node.text("name")),
        currency=currency,
        active=node.flag("isActive") if "isActive" in node else True,
        variants=(
            VariantFact(
                external_id=key,
                sku=node.text("number"),
                title=node.text("name"),
                cost=cost or None,
                stock=sum(stock) if stock else None,
            ),
        ),
        version=node.version("updatedAt", "createdAt"),
    )
    return [fact]


READ: dict[str, Read] = {"orders": order, "contacts": contact, "variations": variation}

KIND = Plenty()
