"""Pulling a Magento that behaves as documented: beyond the last page the last again, and changes meanwhile."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from server.shop.sources.apis import network
from server.shop.sources.case import MORNING, Told
from server.shop.sources.case_magento import CASE, utc
from server.shop.sources.conftest import place_of
from stammkunde.server.shop.facts import Fact, OrderFact, ParcelFact, ProductFact, RefundFact
from stammkunde.server.shop.models import Order, Source
from stammkunde.server.shop.pulling import pull
from stammkunde.server.shop.sources.base import Page, SourceError
from stammkunde.server.shop.sources.magento import KIND

pytestmark = pytest.mark.django_db
PRODUCT = {"id": 9, "sku": "TEE", "name": "Teekanne", "price": 25, "status": 1, "updated_at": "2026-03-01 08:00:00",
           "custom_attributes": [{"attribute_code": "cost", "value": "4.250000"}],
           "extension_attributes": {"stock_item": {"qty": 3}}}  # fmt: skip


class Teehaus:
    """A shop's REST API with its filters, sorting and its last page that never ends."""

    def __init__(self, orders: list[dict[str, Any]]) -> None:
        self.found: dict[str, list[dict[str, Any]]] = {
            "orders": orders, "products": [PRODUCT], "creditmemos": [], "shipments": [], "customers/search": [],
        }  # fmt: skip
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        url = urlsplit(str(request.url))
        assert request.headers["authorization"] == "Bearer t1"
        path = url.path.removeprefix("/rest/default/V1/")
        if path == "store/storeConfigs":
            return httpx.Response(200, json=[{"base_currency_code": "EUR"}])
        told = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.asked.append((path, told))
        one, sort = "searchCriteria[filter_groups][0][filters][0]", "searchCriteria[sortOrders]"
        key = told[f"{sort}[1][field]"]
        assert (told[f"{sort}[0][field]"], told[f"{sort}[0][direction]"]) == ("updated_at", "ASC")
        fit = [each for each in self.found[path] if each["updated_at"] >= told.get(f"{one}[value]", "")]
        assert told.get(f"{one}[condition_type]", "gteq") == "gteq"
        fit.sort(key=lambda each: (each["updated_at"], int(each.get(key) or each["id"])))
        size, page = int(told["searchCriteria[pageSize]"]), int(told["searchCriteria[currentPage]"])
        page = max(min(page, -(-len(fit) // size)), 1)  # beyond the last, the last again
        answer = {"items": fit[(page - 1) * size : page * size] or None, "total_count": len(fit)}
        self.meanwhile()
        return httpx.Response(200, content=json.dumps(answer, default=str))


def orders(many: int, *, apart: int = 1) -> list[dict[str, Any]]:
    """Orders, so many minutes apart."""
    moments = ((n, MORNING + apart * timedelta(minutes=n)) for n in range(1, many + 1))
    return [CASE.order(replace(Told(), key=str(n), placed=at, changed=at)) for n, at in moments]


@pytest.fixture
def place(db: None, now: datetime) -> Source:
    """A Magento shop with all that it asks for."""
    del db
    return place_of(CASE, now)


def pages(place: Source, shop: Teehaus, since: datetime | None = None) -> list[Page]:
    with network(shop) as client:
        return list(KIND.pull(place, since, client))


def all_facts(found: list[Page]) -> list[Fact]:
    return [fact for page in found for fact in page.facts]


def keys(found: list[Page]) -> list[str]:
    return [fact.external_id for fact in all_facts(found) if isinstance(fact, OrderFact)]


@pytest.mark.parametrize("many", [0, 1, 99, 100, 101, 200, 250])
@pytest.mark.parametrize("apart", [1, 0])
def test_each_order_comes_once_and_the_last_page_is_no_trap(place: Source, many: int, apart: int) -> None:
    shop = Teehaus(orders(many, apart=apart))
    assert keys(pages(place, shop)) == [str(n) for n in range(1, many + 1)]
    assert len([path for path, _ in shop.asked if path == "orders"]) <= many // 99 + 2


def test_orders_tell_up_to_when_nothing_is_missing(place: Source) -> None:
    found = pages(place, Teehaus(orders(150)))
    assert [page.watermark for page in found if page.watermark] == [
        MORNING + timedelta(minutes=100),
        MORNING + timedelta(minutes=150),
    ]


def test_only_what_changed_is_asked_for(place: Source) -> None:
    shop = Teehaus(orders(9))
    assert keys(pages(place, shop, MORNING + timedelta(minutes=7))) == ["7", "8", "9"]
    assert shop.asked[-1][1]["searchCriteria[filter_groups][0][filters][0][value]"] == utc(
        MORNING + timedelta(minutes=7)
    )


def test_what_changes_while_it_is_read_moves_nothing_out_of_sight(place: Source) -> None:
    shop = Teehaus(orders(250))

    def change() -> None:
        if shop.asked[-1][0] == "orders":
            shop.found["orders"][0]["updated_at"] = utc(MORNING + timedelta(days=1))

    shop.meanwhile = change
    assert set(keys(pages(place, shop))) == {str(n) for n in range(1, 251)}


def test_products_memos_and_shipments_come_too(place: Source) -> None:
    shop, at = Teehaus(orders(1)), utc(MORNING)
    shop.found["creditmemos"] = [{"entity_id": 5, "order_id": 1, "created_at": at, "updated_at": at, "items": [],
                                  "base_currency_code": "EUR", "base_grand_total": "12.50"}]  # fmt: skip
    shop.found["shipments"] = [{"entity_id": 3, "order_id": 1, "created_at": at, "updated_at": at, "tracks": []}]
    found = all_facts(pages(place, shop))
    assert {type(fact) for fact in found} == {OrderFact, ParcelFact, ProductFact, RefundFact}
    (product,) = (fact for fact in found if isinstance(fact, ProductFact))
    variant = product.variants[0]
    assert (product.currency, variant.price, variant.cost, variant.stock) == ("EUR", 2500, 425, 3)


def test_one_order_that_cannot_be_read_is_told_by_its_number(place: Source, now: datetime) -> None:
    told = orders(3)
    told[1]["base_grand_total"] = "much"
    with network(Teehaus(told)) as client:
        result = pull(place, now=now, clock=lambda: now, client=client)
    assert Order.objects.count() == 2
    assert result.refused[0][0] == "00002"


def test_a_store_view_and_a_shop_in_a_folder(place: Source) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"items": [], "total_count": 0})

    place.options = {"shop_url": "teehaus.example/shop/", "store": "de"}
    with network(answer) as client:
        list(KIND.pull(place, None, client))
    assert asked[-1] == "/shop/rest/de/V1/orders"


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"items": "none"}', b'"no"'])
def test_an_answer_that_is_no_api_is_told(place: Source, answer: bytes) -> None:
    with network(lambda _request: httpx.Response(200, content=answer)) as client, pytest.raises(SourceError):
        list(KIND.pull(place, None, client))


def test_a_token_that_is_not_allowed_is_told(place: Source) -> None:
    refused = httpx.Response(401, json={"message": "The consumer isn't authorized to access %resources."})
    with network(lambda _request: refused) as client, pytest.raises(SourceError, match="authorized"):
        list(KIND.pull(place, None, client))
