"""WooCommerce's REST API, version 3: pages of a hundred, oldest change first."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from stammkunde.server.shop.facts import Fact
from stammkunde.server.shop.sources.base import Answer, Client, Page, SourceError, page
from stammkunde.server.shop.sources.payloads import Node

PAGE = 100  # the most the API gives
MOST = 10_000  # pages: a shop that never says it is the last one is not asked for ever
Read = Callable[[Node], Iterable[Fact]]


class Shop:
    """A shop's REST API, with one key."""

    def __init__(self, url: str, auth: tuple[str, str], client: Client) -> None:
        address = url.strip().rstrip("/")
        address = address if "://" in address else f"https://{address}"
        self.base = address if "/wp-json/" in f"{address}/" else f"{address}/wp-json/wc/v3"
        self.auth, self.client = auth, client

    def orders(self, since: datetime | None, read: Read) -> Iterator[Page]:
        """Orders that changed, each with its refunds; then those in the bin, which the shop leaves out if not asked."""
        for items in self._changed("orders", since):
            yield self._orders(items, read, watermark=True)
        for items in self._changed("orders", since, status="trash"):
            yield self._orders(items, read, watermark=False)

    def _orders(self, items: list[Any], read: Read, *, watermark: bool) -> Page:
        for each in items:
            if isinstance(each, dict) and each.get("refunds"):
                each["refund_details"] = list(self._all(f"orders/{each['id']}/refunds"))
        newest = Node(items[-1]).maybe_moment("date_modified_gmt") if items and watermark else None
        return page(items, read, watermark=newest, doing="WooCommerce: orders", topic="order.updated")

    def products(self, since: datetime | None, read: Read) -> Iterator[Page]:
        """Products that changed, those with variants with all of them."""
        for items in self._changed("products", since):
            for each in items:
                if isinstance(each, dict) and each.get("variations"):
                    each["variation_details"] = list(self._all(f"products/{each['id']}/variations"))
            yield page(items, read, doing="WooCommerce: products", topic="product.updated")

    def customers(self, since: datetime | None, read: Read) -> Iterator[Page]:
        """Accounts. The API cannot be asked for those that changed, so the newest come first, until they are known.

        What changed in an older account comes with its next order, or by webhook.
        """
        for items in self._pages("customers", orderby="registered_date", order="desc", role="all"):
            yield page(items, read, doing="WooCommerce: customers", topic="customer.updated")
            oldest = Node(items[-1]).maybe_moment("date_created_gmt") if items else None
            if since and oldest and oldest < since:
                return

    def _changed(self, what: str, since: datetime | None, **params: str) -> Iterator[list[Any]]:
        """Page by time, not by number: what changes meanwhile moves to the end, and every number behind it by one.

        Only where one second fills a page, its next page is asked for.
        """
        after, number, before = since, 1, set[tuple[str, str]]()
        for _ in range(MOST):
            asked: dict[str, str | int] = {"orderby": "modified", "order": "asc", "page": number, **params}
            if after is not None:
                asked |= {"modified_after": f"{after.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "dates_are_gmt": "true"}
            items, _answer = self._page(what, asked)
            names = [(str(Node(each).text("id")), Node(each).text("date_modified_gmt")) for each in items]
            yield [each for each, name in zip(items, names, strict=True) if name not in before]
            if len(items) < PAGE:
                return
            newest, before = Node(items[-1]).moment("date_modified_gmt") - timedelta(seconds=1), set(names)
            after, number = (newest, 1) if after is None or newest > after else (after, number + 1)

    def _pages(self, what: str, **params: str) -> Iterator[list[Any]]:
        for number in range(1, MOST):
            items, answer = self._page(what, {**params, "page": number})
            yield items
            pages = answer.headers.get("x-wp-totalpages", "")
            if len(items) < PAGE or (pages.isdigit() and number >= int(pages)):
                return

    def _page(self, what: str, params: Mapping[str, str | int]) -> tuple[list[Any], Answer]:
        answer = self.client.ask("GET", f"{self.base}/{what}", params={"per_page": PAGE, **params}, auth=self.auth)
        items = answer.document()
        if not isinstance(items, list):
            raise SourceError(f"WooCommerce answered {what} with something that is no list.", where=self.base)
        return items, answer

    def _all(self, what: str) -> Iterator[Any]:
        for items in self._pages(what):
            yield from items
