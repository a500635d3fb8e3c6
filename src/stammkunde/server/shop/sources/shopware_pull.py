"""Shopware's Admin API: everything that changed, page by page, whole entities with what belongs to them.

An order does not change when its payment or parcel does, so that orders are asked for by the changes of all of these.
Pages go by the running number of the entities, which never changes: by page number, an entity that changes meanwhile
would move all behind it by one, and the first of the next page would be lost.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from stammkunde.server.shop.facts import Fact
from stammkunde.server.shop.sources.base import Client, Page, SourceError, page
from stammkunde.server.shop.sources.bearer import Bearer, address, object_of
from stammkunde.server.shop.sources.payloads import Node, PayloadError
from stammkunde.server.shop.sources.shopware_states import STANDARD_CURRENCY

PAGE = 100  # recent versions refuse more
_STATE: dict[str, Any] = {"stateMachineState": {}}
_REFUNDS: dict[str, Any] = {"refunds": {"associations": {**_STATE, "positions": {}}}}
_CHANGES = ("updatedAt", "createdAt")
ASSOCIATIONS: dict[str, dict[str, Any]] = {
    "order": {
        **_STATE,
        "currency": {},
        "language": {"associations": {"locale": {}}},
        "salesChannel": {},
        "lineItems": {},
        "billingAddress": {"associations": {"country": {}}},
        "orderCustomer": {"associations": {"customer": {}}},
        "transactions": {"associations": {**_STATE, "captures": {"associations": _REFUNDS}}},
        "deliveries": {
            "associations": {
                **_STATE,
                "shippingMethod": {},
                "shippingOrderAddress": {"associations": {"country": {}}},
            }
        },
    },
    "customer": {
        "defaultBillingAddress": {"associations": {"country": {}}},
        "language": {"associations": {"locale": {}}},
    },
    "product": {"manufacturer": {}, "options": {}, "cover": {"associations": {"media": {}}}},
}
#: What an entity is made of that changes by itself.
PARTS = {
    "order": ("", "transactions.", "transactions.captures.refunds.", "deliveries.", "lineItems.", "orderCustomer."),
    "customer": ("",),
    "product": ("",),
}
#: Under which the kind reads what was pulled; a product does not tell the currency it is priced in.
TOPICS = {"order": "order", "customer": "customer"}
Read = Callable[[Node], Iterable[Fact]]


class Shop:
    """A shop's Admin API with the credentials of an integration or app."""

    def __init__(self, url: str, credentials: tuple[str, str], client: Client) -> None:
        self.base, self.credentials, self.client = address(url).removesuffix("/api"), credentials, client
        self.bearer = Bearer(client, self._login)

    def standard_currency(self) -> str:
        """The code of the shop's standard currency, in which products are priced and other currencies are counted."""
        found = self._search("currency", {"ids": [STANDARD_CURRENCY], "limit": 1})
        return next((each.text("isoCode") for each in found.each("data")), "").upper()

    def pages(self, what: str, since: datetime | None, read: Read) -> Iterator[Page]:
        """What changed. Orders tell up to when nothing is missing: all that are older were read as they are now."""
        last, newest = -1, since
        while True:
            found = self._search(what, _criteria(what, since, last))
            items = list(found.each("data"))
            if items:
                if (number := items[-1].whole("autoIncrement")) <= last:
                    raise SourceError(f"Shopware repeats a page of the entity {what}.", where=self.base)
                last = number
            reached = _made(items)
            ahead = reached if what == "order" and reached and (newest is None or reached > newest) else None
            newest = ahead or newest
            told = [each.value for each in items]
            yield page(told, read, watermark=ahead, doing=f"Shopware: {what}", topic=TOPICS.get(what, ""))
            if len(items) < PAGE:
                return

    def _search(self, what: str, criteria: dict[str, Any]) -> Node:
        found = self.bearer.ask("POST", f"{self.base}/api/search/{what}", document=criteria)
        if not isinstance(found.value.get("data"), list):
            raise SourceError(f"Shopware answered the search for {what} without a list.", where=self.base)
        return found

    def _login(self) -> str:
        name, secret = self.credentials
        document = {"grant_type": "client_credentials", "client_id": name, "client_secret": secret}
        answer = self.client.ask("POST", f"{self.base}/api/oauth/token", document=document)
        token = object_of(answer).text("access_token")
        if not token:
            raise SourceError("Shopware gave no token for these credentials.", where=self.base)
        return token


def _criteria(what: str, since: datetime | None, last: int) -> dict[str, Any]:
    filters: list[dict[str, Any]] = []
    if last >= 0:
        filters.append({"type": "range", "field": "autoIncrement", "parameters": {"gt": last}})
    if since:
        # The database keeps milliseconds: a moment within one would lose what changed in it.
        moment = {"gte": f"{since - timedelta(milliseconds=1):%Y-%m-%dT%H:%M:%S.%f%z}"}
        fields = [part + name for part in PARTS[what] for name in _CHANGES]
        queries = [{"type": "range", "field": field, "parameters": moment} for field in fields]
        filters.append({"type": "multi", "operator": "or", "queries": queries})
    return {
        "limit": PAGE,
        "filter": filters,
        "sort": [{"field": "autoIncrement", "order": "ASC"}],
        "associations": ASSOCIATIONS[what],
        "total-count-mode": 0,
    }


def _made(items: list[Node]) -> datetime | None:
    """When the last of a page was made; the running number and this moment go together."""
    try:
        return items[-1].maybe_moment("createdAt") if items else None
    except PayloadError:
        return None
