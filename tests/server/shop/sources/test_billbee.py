"""Billbee: two credentials at once, states by number, cancellations as orders, pages as many as it says."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from django.conf import settings

from server.shop.sources.apis import network
from server.shop.sources.case import MORNING, Told
from server.shop.sources.case_billbee import CASE, iso
from server.shop.sources.conftest import place_of
from stammkunde.server.shop.actions import take
from stammkunde.server.shop.facts import Fact, OrderFact, ParcelFact, ProductFact, RefundFact
from stammkunde.server.shop.models import Order, Source
from stammkunde.server.shop.sources.base import Page, SourceError, parsed
from stammkunde.server.shop.sources.billbee import KIND, PAUSE
from stammkunde.server.shop.sources.billbee_orders import order
from stammkunde.server.shop.sources.payloads import Node


def read(told: dict[str, Any]) -> list[Fact]:
    return order(Node(parsed(json.dumps(told, default=str))))


def sold(told: dict[str, Any]) -> OrderFact:
    return next(fact for fact in read(told) if isinstance(fact, OrderFact))


def an_order(**more: Any) -> dict[str, Any]:
    return CASE.order(Told()) | more


def item(key: int, total: str, **more: Any) -> dict[str, Any]:
    amounts = {"TotalPrice": Decimal(total), "UnrebatedTotalPrice": Decimal(total), "TaxAmount": 0, "TaxIndex": 1}
    product = {"SKU": f"S{key}", "Title": "Tee", "BillbeeId": 9}
    return {"BillbeeId": key, "Quantity": 1, "Product": product} | amounts | more


@pytest.mark.parametrize("with_shipping", [True, False])
def test_shipping_is_in_the_total_once(with_shipping: bool) -> None:
    found = sold(an_order(TotalCost="29.90" if with_shipping else "25.00"))
    assert (found.total, found.shipping, found.gross) == (2990, 490, 2500)


def test_rebates_and_coupons_are_discounts() -> None:
    items = [
        item(1, "18.00", Quantity=2, UnrebatedTotalPrice=20),
        item(2, "10.00"),
        item(3, "-2.80", IsCoupon=True, Product={"SKU": "TEE10"}),
    ]
    found = sold(an_order(OrderItems=items, TotalCost="30.10"))
    assert (found.gross, found.discount, found.total, found.coupon) == (3000, 480, 3010, "TEE10")
    assert [(line.price, line.discount, line.total) for line in found.lines] == [(1000, 380, 1620), (1000, 100, 900)]


def test_vat_is_told_or_follows_from_the_rate() -> None:
    found = sold(an_order(OrderItems=[item(1, "25.00")]))
    assert (found.lines[0].tax, found.tax) == (399, 477)
    told = sold(an_order(OrderItems=[item(1, "25.00", TaxAmount="3.98")]))
    assert (told.lines[0].tax, told.tax) == (398, 476)
    free = sold(an_order(VatMode=3, OrderItems=[item(1, "25.00", TaxAmount="3.99")]))
    assert (free.lines[0].tax, free.tax) == (0, 0)


@pytest.mark.parametrize(
    ("state", "paid", "cancelled"),
    [(1, False, False), (2, False, False), (3, True, False), (4, True, False), (5, True, False), (6, True, True),
     (7, True, False), (8, True, True), (9, True, False), (11, False, False), (13, True, False), (16, True, False)],
)  # fmt: skip
def test_states(state: int, paid: bool, cancelled: bool) -> None:
    found = sold(an_order(State=state, PayedAt=iso(MORNING) if paid else None))
    assert (found.paid_at is not None, found.cancelled_at is not None) == (paid, cancelled)


def test_an_offer_is_no_order() -> None:
    assert read(an_order(State=14)) == []


def test_paid_whole_without_a_day() -> None:
    assert sold(an_order(PayedAt=None, PaidAmount="29.90")).paid_at == MORNING
    assert sold(an_order(PayedAt=None, PaidAmount="9.90")).paid_at is None


def test_moments_without_a_zone_are_those_of_the_shop() -> None:
    found = sold(an_order(CreatedAt="2026-07-01T10:00:00"))
    assert found.placed_at == datetime(2026, 7, 1, 10, tzinfo=ZoneInfo(settings.SHOP_ZONE))


def test_orders_of_two_shops_may_be_numbered_alike() -> None:
    other = {"Platform": "amazon", "BillbeeShopId": 13}
    assert sold(an_order()).external_id == "12:1001"
    assert sold(an_order(Seller=other)).external_id == "13:1001"
    assert sold(an_order(Seller=other)).channel == "amazon"
    assert sold(an_order(Id=None, Seller=None)).external_id == "4711"


def test_parcels() -> None:
    told = an_order(ShippingIds=[{"ShippingId": "JD1", "Shipper": "DHL", "Created": iso(MORNING)}, {"ShippingId": ""}])
    (parcel,) = (fact for fact in read(told) if isinstance(fact, ParcelFact))
    assert (parcel.order_id, parcel.tracking, parcel.carrier, parcel.state) == ("12:1001", "JD1", "DHL", "shipped")


def cancellation(**more: Any) -> dict[str, Any]:
    back = item(1, "-25.00", TaxAmount="-3.99")
    return an_order(Id="1002", BillBeeOrderId=4712, IsCancelationFor="1001", TotalCost="-25.00", ShippingCost=0,
                    OrderItems=[back]) | more  # fmt: skip


def test_a_cancellation_is_a_refund_of_the_order_it_names() -> None:
    (found,) = read(cancellation())
    assert isinstance(found, RefundFact)
    assert (found.external_id, found.order_id, found.amount, found.tax) == ("12:1002", "12:1001", 2500, 399)


def test_a_marketplace_gives_money_back_by_an_order_of_a_negative_amount() -> None:
    (found,) = read(cancellation(IsCancelationFor=None))
    assert isinstance(found, RefundFact)
    assert (found.order_id, found.amount, found.who.email) == ("12:1002", 2500, "anna@example.com")


def test_a_cancellation_that_was_deleted_gives_nothing_back() -> None:
    (found,) = read(cancellation(State=6))
    assert isinstance(found, RefundFact)
    assert found.amount == 0


class Account:
    """Billbee, which wants both credentials and tells how many pages there are."""

    def __init__(self, orders: list[dict[str, Any]], *, error: int = 0) -> None:
        self.orders, self.error, self.busy = orders, error, 0
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        basic = base64.b64encode(b"anna@teehaus.example:p").decode()
        if request.headers["authorization"] != f"Basic {basic}" or request.headers["x-billbee-api-key"] != "k":
            return httpx.Response(401)
        if self.busy:
            self.busy -= 1
            return httpx.Response(429, headers={"Retry-After": "1"})
        if request.url.path.endswith("products"):
            product = {"Id": 9, "SKU": "TEE", "Title": [{"LanguageCode": "EN", "Text": "Pot"},
                                                       {"LanguageCode": "DE", "Text": "Teekanne"}],
                       "Price": 25, "CostPrice": "4.25", "StockCurrent": 3}  # fmt: skip
            return self.page([product], request)
        since = request.url.params.get("modifiedAtMin", "")
        return self.page([each for each in self.orders if each["LastModifiedAt"] >= since.rstrip("Z")], request)

    def page(self, found: list[dict[str, Any]], request: httpx.Request) -> httpx.Response:
        number, size = int(request.url.params["page"]), int(request.url.params["pageSize"])
        paging = {"Page": number, "TotalPages": -(-len(found) // size), "TotalRows": len(found), "PageSize": size}
        data = found[(number - 1) * size : number * size]
        answer = {
            "Paging": paging,
            "ErrorCode": self.error,
            "ErrorMessage": "Nope" if self.error else None,
            "Data": data,
        }
        return httpx.Response(200, content=json.dumps(answer, default=str))


def orders(many: int) -> list[dict[str, Any]]:
    moments = ((n, MORNING + timedelta(minutes=n)) for n in range(1, many + 1))
    return [CASE.order(replace(Told(), key=str(n), placed=at, changed=at)) for n, at in moments]


@pytest.fixture
def place(db: None, now: datetime) -> Source:
    """A Billbee account with all that it asks for."""
    del db
    return place_of(CASE, now)


def pages(
    place: Source, account: Account, since: datetime | None = None, waited: list[float] | None = None
) -> list[Page]:
    with network(account, waited) as client:
        return list(KIND.pull(place, since, client))


@pytest.mark.parametrize("many", [0, 1, 250, 251, 600])
def test_every_page_is_read_and_none_too_many(place: Source, many: int) -> None:
    account, waited = Account(orders(many)), list[float]()
    found = [fact for page in pages(place, account, waited=waited) for fact in page.facts]
    assert len([fact for fact in found if isinstance(fact, OrderFact)]) == many
    expected = max(-(-many // 250), 1)
    assert len(account.asked) == 1 + expected
    assert waited == [PAUSE] * (expected - 1)


def test_only_what_changed_is_asked_for(place: Source) -> None:
    found = [fact for page in pages(place, Account(orders(9)), MORNING + timedelta(minutes=7)) for fact in page.facts]
    assert [fact.external_id for fact in found if isinstance(fact, OrderFact)] == ["12:7", "12:8", "12:9"]


def test_too_many_requests_are_waited_for(place: Source) -> None:
    account, waited = Account(orders(1)), list[float]()
    account.busy = 2
    assert pages(place, account, waited=waited)
    assert sum(waited) == 2


def test_articles_have_their_cost(place: Source) -> None:
    (product,) = (f for page in pages(place, Account([])) for f in page.facts if isinstance(f, ProductFact))
    variant = product.variants[0]
    assert (product.title, variant.sku, variant.price, variant.cost, variant.stock) == ("Teekanne", "TEE", 2500, 425, 3)


def test_an_error_in_an_answer_that_is_fine_otherwise_is_told(place: Source) -> None:
    with pytest.raises(SourceError, match="Nope"):
        pages(place, Account([], error=4))


def test_one_credential_is_not_enough(place: Source) -> None:
    place.options = {**place.options, "api_key": "k"}
    place.sealed = ""
    assert not KIND.ready(place)


def test_order_and_cancellation_meet_in_the_record(place: Source, now: datetime) -> None:
    take(place, [*read(cancellation()), *read(an_order())], now=now)
    found = Order.objects.get()
    assert (found.total, found.refunded) == (2990, 2500)
    assert found.placed_at.astimezone(UTC) == MORNING
