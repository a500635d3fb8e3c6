"""Pulling a Shopware shop that behaves as documented: tokens of ten minutes, too many requests, changes meanwhile."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from server.shop.sources.apis import network
from server.shop.sources.case import MORNING, Told
from server.shop.sources.case_shopware import CASE, STANDARD, entity, iso
from server.shop.sources.conftest import place_of
from stammkunde.server.shop.facts import CustomerFact, Fact, OrderFact, ProductFact
from stammkunde.server.shop.models import Order, Source
from stammkunde.server.shop.pulling import pull
from stammkunde.server.shop.sources.base import Page, SourceError, parsed
from stammkunde.server.shop.sources.shopware import KIND

pytestmark = pytest.mark.django_db
PRODUCT = {"id": "p1", "autoIncrement": 1, "createdAt": iso(MORNING), "productNumber": "TEE", "availableStock": 3,
           "translated": {"name": "Teekanne"}, "active": True, "stock": 5, "childCount": 0,
           "price": [{"currencyId": STANDARD, "gross": 25, "net": 21.01}],
           "purchasePrices": [{"currencyId": "other", "net": 9}, {"currencyId": STANDARD, "net": 4.25}]}  # fmt: skip
PARENT = PRODUCT | {"id": "p0", "autoIncrement": 2, "childCount": 2}
CUSTOMER = {"id": "8", "autoIncrement": 1, "createdAt": iso(MORNING), "email": "clara@example.com", "guest": False}


class Teehaus:
    """A shop with orders; its tokens are good for `lives` requests."""

    def __init__(self, orders: list[dict[str, Any]], *, lives: int = 10**9) -> None:
        self.found: dict[str, list[dict[str, Any]]] = {
            "order": orders, "product": [PRODUCT, PARENT], "customer": [CUSTOMER],
            "currency": [{"id": STANDARD, "isoCode": "EUR"}],
        }  # fmt: skip
        self.lives, self.left, self.logins, self.busy = lives, 0, 0, 0
        self.searched: list[tuple[str, dict[str, Any]]] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, told = urlsplit(str(request.url)).path, json.loads(request.content)
        assert request.headers["accept"] == "application/json"
        if path == "/api/oauth/token":
            assert told == {"grant_type": "client_credentials", "client_id": "SWIA1", "client_secret": "c"}
            self.logins, self.left = self.logins + 1, self.lives
            return httpx.Response(200, json={"access_token": f"t{self.logins}", "expires_in": 600})
        if self.busy:
            self.busy -= 1
            return httpx.Response(429, headers={"Retry-After": "7"})
        if request.headers["authorization"] != f"Bearer t{self.logins}" or not self.left:
            return httpx.Response(401, json={"errors": [{"title": "The resource owner denied the request."}]})
        self.left -= 1
        what = path.removeprefix("/api/search/")
        self.searched.append((what, told))
        data = [each for each in self.found[what] if fits(each, told)][: told["limit"]]
        self.meanwhile()
        return httpx.Response(200, content=json.dumps({"total": len(data), "data": data}, default=str))


def fits(each: dict[str, Any], criteria: dict[str, Any]) -> bool:
    """What the filters that are sent mean to a Shopware."""
    for told in criteria.get("filter", []):
        if told["type"] == "range" and not each["autoIncrement"] > told["parameters"]["gt"]:
            return False
        if told["type"] == "multi":
            assert told["operator"] == "or"
            if not any(after(each, query["field"], query["parameters"]["gte"]) for query in told["queries"]):
                return False
    return True


def after(each: dict[str, Any], field: str, moment: str) -> bool:
    first, _, rest = field.partition(".")
    value = each.get(first)
    if rest:
        parts = value if isinstance(value, list) else [value] if value else []
        return any(after(part, rest, moment) for part in parts)
    return value is not None and datetime.fromisoformat(value) >= datetime.fromisoformat(moment)


def orders(many: int) -> list[dict[str, Any]]:
    """Orders, one a minute."""
    return [numbered(n, MORNING + timedelta(minutes=n)) for n in range(1, many + 1)]


def numbered(number: int, at: datetime) -> dict[str, Any]:
    return entity(replace(Told(), key=f"o{number}", placed=at, changed=at)) | {"autoIncrement": number}


@pytest.fixture
def place(db: None, now: datetime) -> Source:
    """A Shopware shop with all that it asks for."""
    del db
    return place_of(CASE, now)


def pages(place: Source, shop: Teehaus, since: datetime | None = None, waited: list[float] | None = None) -> list[Page]:
    with network(shop, waited) as client:
        return list(KIND.pull(place, since, client))


def all_facts(found: list[Page]) -> list[Fact]:
    return [fact for page in found for fact in page.facts]


def test_everything_comes_page_by_page(place: Source) -> None:
    found = pages(place, Teehaus(orders(250)))
    ordered = [fact.external_id for fact in all_facts(found) if isinstance(fact, OrderFact)]
    assert ordered == [f"o{n}" for n in range(1, 251)]
    assert [page.watermark for page in found if page.watermark] == [
        MORNING + timedelta(minutes=n) for n in (100, 200, 250)
    ]


def test_products_have_their_cost_and_articles_with_variants_are_none(place: Source) -> None:
    (product,) = (fact for fact in all_facts(pages(place, Teehaus([]))) if isinstance(fact, ProductFact))
    variant = product.variants[0]
    assert (product.title, product.currency) == ("Teekanne", "EUR")
    assert (variant.sku, variant.price, variant.cost, variant.stock) == ("TEE", 2500, 425, 3)


def test_customers_come_without_orders(place: Source) -> None:
    (clara,) = (fact for fact in all_facts(pages(place, Teehaus([]))) if isinstance(fact, CustomerFact))
    assert clara.who.email == "clara@example.com"


def test_a_token_that_ran_out_is_renewed(place: Source) -> None:
    shop = Teehaus(orders(350), lives=3)
    found = [fact for fact in all_facts(pages(place, shop)) if isinstance(fact, OrderFact)]
    assert len(found) == 350
    assert shop.logins == 3


def test_credentials_that_are_wrong_are_tried_once(place: Source) -> None:
    shop = Teehaus([], lives=0)
    with pytest.raises(SourceError, match="401"):
        pages(place, shop)
    assert shop.logins == 1


def test_too_many_requests_are_waited_for_as_the_shop_says(place: Source) -> None:
    shop, waited = Teehaus(orders(3)), list[float]()
    shop.busy = 2
    assert len(all_facts(pages(place, shop, waited=waited))) > 3
    assert sum(waited) == 14


def test_a_payment_that_changed_is_seen_though_its_order_did_not(place: Source) -> None:
    told = orders(3)
    told[1]["transactions"][0] |= {
        "updatedAt": iso(MORNING + timedelta(days=9)),
        "stateMachineState": {"technicalName": "paid"},
    }
    found = all_facts(pages(place, Teehaus(told), MORNING + timedelta(days=8)))
    (order,) = (fact for fact in found if isinstance(fact, OrderFact))
    assert order.external_id == "o2"
    assert order.paid_at == MORNING + timedelta(days=9)


def test_what_changes_while_it_is_read_moves_nothing_out_of_sight(place: Source) -> None:
    shop = Teehaus(orders(150))

    def change() -> None:
        shop.found["order"][0]["updatedAt"] = iso(MORNING + timedelta(days=9))

    shop.meanwhile = change
    found = [fact.external_id for fact in all_facts(pages(place, shop, MORNING)) if isinstance(fact, OrderFact)]
    assert len(found) == len(set(found)) == 150


def test_an_old_order_moves_no_watermark_back(place: Source) -> None:
    told = numbered(1, MORNING) | {"updatedAt": iso(MORNING + timedelta(days=9))}
    assert [
        each.watermark for each in pages(place, Teehaus([told]), MORNING + timedelta(days=8)) if each.watermark
    ] == []


def test_orders_that_cannot_be_read_hold_up_nobody(place: Source, now: datetime) -> None:
    told = orders(3)
    told[1]["amountTotal"] = "much"
    with network(Teehaus(told)) as client:
        result = pull(place, now=now, clock=lambda: now, client=client)
    assert sorted(Order.objects.values_list("external_id", flat=True)) == ["o1", "o3"]
    assert len(KIND.facts("order", orders(1)[0], place)) == 2
    assert "much" in result.refused[0][1]


def test_other_currencies_are_counted_in_the_standard_one(place: Source) -> None:
    told = [numbered(1, MORNING) | {"currencyFactor": Decimal("1.2"), "amountTotal": "35.88", "shippingTotal": 0}]
    (order,) = (fact for fact in all_facts(pages(place, Teehaus(told))) if isinstance(fact, OrderFact))
    assert (order.total, order.currency) == (2990, "EUR")


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"data": {}}', b'{"access_token": ""}'])
def test_an_answer_that_is_no_api_is_told(place: Source, answer: bytes) -> None:
    with network(lambda _request: httpx.Response(200, content=answer)) as client, pytest.raises(SourceError):
        list(KIND.pull(place, None, client))


def test_what_is_sent_can_be_read_again() -> None:
    assert parsed(json.dumps(orders(1), default=str))
