"""Shopify's own ways: two signatures, VAT inside or not, refunds by transactions, gift cards, baskets, privacy."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from server.shop.sources.case import Told
from server.shop.sources.case_shopify import CASE
from server.shop.sources.conftest import place_of
from stammkunde.server.accounts.models import Entry
from stammkunde.server.lib.seal import seal
from stammkunde.server.shop.facts import (
    CartFact,
    CustomerFact,
    EventFact,
    Fact,
    OrderFact,
    ParcelFact,
    ProductFact,
    RefundFact,
    Same,
    Who,
)
from stammkunde.server.shop.hearing import hear
from stammkunde.server.shop.models import Cart, Customer, Delivery, Identity, Order, Refund, Source
from stammkunde.server.shop.sources.base import base64_hmac
from stammkunde.server.shop.sources.shopify import KIND

BODY = b'{"id":1001,"email":"a@example.com","total_price":"12.50"}'
VECTOR = "IT4tpTHia7Pm99HY2rrDiGbx4xfprr2rt3lUWGRHm+0="
pytestmark = [pytest.mark.django_db, pytest.mark.urls("stammkunde.server.shop.hooks")]


@pytest.fixture
def shop(db: None, now: datetime) -> Source:
    """Anna's tea house."""
    del db
    return place_of(CASE, now)


@pytest.fixture
def say(shop: Source, client: Client, now: datetime) -> Callable[[str, Any], Delivery]:
    """A webhook of a topic, taken in; returns its row."""
    count = iter(range(1000))

    def said(topic: str, payload: Any, **headers: str) -> Delivery:
        signed, body = CASE.send(topic, payload, key=f"d{next(count)}")
        answer = client.post(f"/hooks/{shop.token}/", body, content_type="application/json", headers=signed | headers)
        assert answer.status_code == 200
        hear(shop, now=now)
        return Delivery.objects.order_by("-pk")[0]

    return said


def read(topic: str, payload: Any) -> list[Fact]:
    """Facts of a payload."""
    return KIND.facts(topic, payload, Source(options={}))


def order(**changes: Any) -> OrderFact:
    """The order of a payload that differs from Anna's usual one."""
    found = read("orders/updated", CASE.order(Told()) | changes)[0]
    assert isinstance(found, OrderFact)
    return found


def test_the_signature_is_that_of_the_test_vector(shop: Source) -> None:
    assert KIND.signature(shop, {"x-shopify-hmac-sha256": VECTOR}, BODY)
    assert KIND.signature(shop, {"shopify-hmac-sha256": VECTOR}, BODY)
    assert not KIND.signature(shop, {"x-shopify-hmac-sha256": VECTOR}, BODY + b" ")
    assert not KIND.signature(shop, {}, BODY)


def test_during_a_rotation_both_secrets_sign_and_one_of_a_hand_made_webhook_too(shop: Source) -> None:
    shop.sealed = seal({"webhook_secrets": "new old\nby-hand"})
    for secret in ("new", "old", "by-hand"):
        assert KIND.signature(shop, {"x-shopify-hmac-sha256": base64_hmac(secret, BODY)}, BODY)
    assert not KIND.signature(shop, {"x-shopify-hmac-sha256": base64_hmac("older", BODY)}, BODY)


def test_without_a_secret_nobody_can_sign(shop: Source) -> None:
    shop.sealed = ""
    assert not KIND.signature(shop, {"x-shopify-hmac-sha256": base64_hmac("", BODY)}, BODY)


def test_the_newer_family_of_headers_is_understood_too(shop: Source, client: Client, now: datetime) -> None:
    body = json.dumps(CASE.order(Told())).encode()
    headers = {
        "Shopify-Topic": "orders/create",
        "Shopify-Event-Id": "e1",
        "Shopify-Hmac-Sha256": base64_hmac("topsecret", body),
    }
    answer = client.post(f"/hooks/{shop.token}/x", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200
    assert hear(shop, now=now) == 1
    found = Delivery.objects.get()
    assert (found.key, found.topic, found.entity) == ("e1", "orders/create", "1001")
    assert "shopify-hmac-sha256" not in found.headers


LINE = {"id": 1, "quantity": 2, "price": "10.00", "title": "Tee", "variant_title": "100 g", "sku": "T1",
        "discount_allocations": [{"amount": "2.00"}], "tax_lines": [{"price": "2.87", "rate": 0.19}]}  # fmt: skip


def test_prices_with_vat_are_taken_as_they_are() -> None:
    found = order(line_items=[LINE], total_price="22.90", total_tax="3.66")
    assert (found.gross, found.discount, found.shipping, found.total, found.tax) == (2000, 200, 490, 2290, 366)
    line = found.lines[0]
    assert (line.price, line.discount, line.total, line.tax, line.title) == (1000, 200, 1800, 287, "Tee - 100 g")


def test_prices_without_vat_get_it_added_line_by_line() -> None:
    line = LINE | {"tax_lines": [{"price": "3.42", "rate": 0.19}]}
    post = {"price": "4.00", "discounted_price": "4.00", "tax_lines": [{"price": "0.76", "rate": 0.19}]}
    found = order(taxes_included=False, line_items=[line], shipping_lines=[post], total_price="26.18", total_tax="4.18")
    assert (found.shipping, found.discount, found.total, found.gross) == (476, 238, 2618, 2380)
    assert (found.lines[0].total, found.lines[0].discount, found.lines[0].price) == (2142, 238, 1190)
    assert found.gross == sum(line.total + line.discount for line in found.lines)


def test_a_discount_of_the_whole_order_counts_once_and_one_on_shipping_is_no_discount_of_goods() -> None:
    post = {"price": "4.90", "discounted_price": "4.90", "discount_allocations": [{"amount": "4.90"}]}
    found = order(line_items=[LINE], shipping_lines=[post], total_price="18.00", total_discounts="6.90")
    assert (found.shipping, found.discount, found.gross, found.total) == (0, 200, 2000, 1800)


def test_an_order_of_old_whose_lines_say_nothing_of_the_discount_has_it_all_the_same() -> None:
    line = {"id": 1, "quantity": 1, "price": "25.00", "title": "Tee"}
    found = order(line_items=[line], total_price="24.90", total_discounts="5.00")
    assert (found.discount, found.gross, found.total) == (500, 2500, 2490)


def test_a_gift_card_is_no_revenue_when_it_is_sold() -> None:
    card = {"id": 2, "quantity": 1, "price": "50.00", "title": "Gutschein", "gift_card": True}
    found = order(line_items=[LINE, card], total_price="72.90")
    assert (found.total, found.gross, [line.title for line in found.lines]) == (2290, 2000, ["Tee - 100 g"])
    alone = order(line_items=[card], shipping_lines=[], total_price="50.00")
    assert (alone.total, alone.gross, alone.lines) == (0, 0, ())


REFUND: dict[str, Any] = {
    "id": 5, "order_id": 1001, "created_at": "2026-03-05T10:00:00+01:00", "note": "zerbrochen",
    "refund_line_items": [{"line_item_id": 1, "quantity": 1, "restock_type": "return", "subtotal": "9.00",
                           "total_tax": "1.44", "subtotal_set": {"shop_money": {"currency_code": "EUR"}}}],
    "transactions": [
        {"kind": "refund", "status": "success", "amount": "9.00", "currency": "EUR"},
        {"kind": "refund", "status": "failure", "amount": "9.00", "currency": "EUR"},
        {"kind": "refund", "status": "success", "amount": "1.00", "currency": "EUR"},
        {"kind": "void", "status": "success", "amount": "22.90", "currency": "EUR"},
    ],
}  # fmt: skip


def test_given_back_is_what_successful_transactions_gave_back() -> None:
    found = read("refunds/create", REFUND)[0]
    assert isinstance(found, RefundFact)
    assert (found.amount, found.tax, found.returned, found.goods_back) == (1000, 144, (("1", 1),), None)
    assert (found.at, found.reason) == (datetime(2026, 3, 5, 9, tzinfo=UTC), "zerbrochen")


def test_pieces_that_did_not_come_back_are_lost_and_a_return_without_money_gives_nothing_back() -> None:
    lost = deepcopy(REFUND)
    lost["refund_line_items"][0]["restock_type"] = "no_restock"
    found = read("refunds/create", lost)[0]
    assert isinstance(found, RefundFact)
    assert (found.amount, found.returned, found.goods_back) == (1000, (), 0)
    shelf = read("refunds/create", REFUND | {"transactions": []})[0]
    assert isinstance(shelf, RefundFact)
    assert (shelf.amount, shelf.returned) == (0, (("1", 1),))


def test_a_refund_before_its_order_ends_in_the_same_record(say: Callable[..., Delivery]) -> None:
    say("refunds/create", REFUND)
    assert Refund.objects.get().order is None
    say("orders/updated", CASE.order(Told()) | {"refunds": [REFUND]})
    assert Order.objects.get().refunded == 1000
    assert Refund.objects.get().customer == Customer.objects.get()


def test_in_another_currency_the_shops_own_money_counts() -> None:
    money = {"kind": "refund", "status": "success", "amount": "1500", "currency": "JPY",
             "amount_set": {"shop_money": {"amount": "9.00", "currency_code": "EUR"}}}  # fmt: skip
    found = read("refunds/create", REFUND | {"transactions": [money]})[0]
    assert isinstance(found, RefundFact)
    assert (found.amount, found.currency) == (900, "EUR")


def test_pieces_taken_off_before_they_were_paid_are_not_charged() -> None:
    removed = REFUND | {"transactions": []}
    found = order(
        line_items=[LINE], total_price="22.90", current_total_price="13.90", total_outstanding="13.90",
        financial_status="pending", refunds=[removed], total_tax="3.66",
    )  # fmt: skip
    assert (found.total, found.lines[0].quantity, found.paid_at) == (1390, 1, None)
    assert (found.lines[0].total, found.discount, found.gross) == (900, 100, 1000)


def test_pieces_that_came_back_without_money_leave_the_charge_as_it_was() -> None:
    found = order(
        line_items=[LINE], total_price="22.90", current_total_price="13.90", total_outstanding="-9.00",
        refunds=[REFUND | {"transactions": []}],
    )  # fmt: skip
    assert (found.total, found.lines[0].quantity) == (2290, 2)


def test_a_voided_payment_is_a_cancelled_order() -> None:
    assert order(financial_status="voided").cancelled_at is not None


def test_who_ordered_is_told_by_account_address_and_checkout() -> None:
    account = {"id": 7, "email": "Anna@Example.com", "verified_email": True, "first_name": "Anna", "last_name": "Alt"}
    found = order(customer=account, email="anna@example.com", customer_locale="de-DE").who
    assert found == Who(shop_id="7", email="anna@example.com", verified=True, name="Anna Alt", postcode="10115",
                        country="DE", locale="de-DE")  # fmt: skip
    assert not order(customer=account, email="other@example.com").who.verified


@pytest.mark.parametrize(
    ("told", "channel"),
    [
        ({"landing_site": "/?utm_source=Newsletter&x=1", "source_name": "web"}, "newsletter"),
        ({"referring_site": "https://www.google.com/search", "source_name": "web"}, "google.com"),
        ({"referring_site": "http://[bad", "source_name": "web"}, "web"),
        ({"source_name": "pos"}, "pos"),
    ],
)
def test_the_channel_is_what_brought_the_order(told: dict[str, str], channel: str) -> None:
    assert order(**told).channel == channel


def test_a_parcel_says_where_it_is() -> None:
    told = {"id": 3, "order_id": 1001, "status": "success", "shipment_status": "delivered", "tracking_company": "DHL",
            "tracking_numbers": ["JD1", "JD2"], "created_at": "2026-03-02T08:00:00Z",
            "updated_at": "2026-03-04T08:00:00Z"}  # fmt: skip
    found = read("fulfillments/update", told)[0]
    assert isinstance(found, ParcelFact)
    assert (found.state, found.carrier, found.tracking, found.order_id) == ("delivered", "DHL", "JD1", "1001")
    assert found.delivered_at == datetime(2026, 3, 4, 8, tzinfo=UTC)
    lost = read("fulfillments/update", told | {"status": "cancelled"})[0]
    assert isinstance(lost, ParcelFact)
    assert (lost.state, lost.shipped_at) == ("cancelled", None)


CHECKOUT = {"token": "c9", "cart_token": "cart-1", "email": "anna@example.com", "currency": "EUR",
            "created_at": "2026-02-28T08:00:00Z", "updated_at": "2026-02-28T08:05:00Z", "total_price": "29.90",
            "abandoned_checkout_url": "https://teehaus.example/recover/1",
            "line_items": [{"sku": "T1", "title": "Tee", "quantity": 2, "price": "12.50"}]}  # fmt: skip


def test_a_basket_becomes_a_checkout_becomes_an_order(say: Callable[..., Delivery]) -> None:
    basket = {"id": "cart-1?key=9", "token": "cart-1?key=9", "created_at": "2026-02-28T07:50:00Z",
              "updated_at": "2026-02-28T07:55:00Z", "line_items": []}  # fmt: skip
    say("carts/create", basket)
    say("checkouts/create", CHECKOUT)
    found = Cart.objects.get()
    assert (found.external_id, found.stage, found.value, found.order) == ("cart-1", "checkout", 2990, None)
    assert found.lines == [{"sku": "T1", "title": "Tee", "quantity": 2, "price": 1250}]
    say("orders/create", CASE.order(Told()) | {"cart_token": "cart-1", "checkout_token": "c9"})
    assert Cart.objects.get().order == Order.objects.get()


def test_a_checkout_thrown_away_is_gone_also_where_its_word_came_first(say: Callable[..., Delivery]) -> None:
    later = {"X-Shopify-Triggered-At": "2026-03-01T09:00:00Z"}
    say("checkouts/create", CHECKOUT)
    say("checkouts/delete", {"id": 9, "cart_token": "cart-1"}, **later)
    assert not Cart.objects.exists()


def test_a_deleted_order_stays_cancelled_in_any_order_of_arrival(say: Callable[..., Delivery]) -> None:
    later = {"X-Shopify-Triggered-At": "2026-03-01T10:00:00Z"}
    say("orders/create", CASE.order(Told()))
    say("orders/delete", {"id": 1001}, **later)
    say("orders/delete", {"id": 1002}, **later)
    late = say("orders/create", CASE.order(Told(key="1002")))
    assert late.state == Delivery.State.STALE
    assert not Order.objects.filter(cancelled_at=None).exists()
    assert set(Order.objects.values_list("external_id", flat=True)) == {"1001", "1002"}


def test_a_product_has_its_price_and_what_was_sold_before_it_was_there() -> None:
    told = {"id": 9, "title": "Tee", "product_type": "Grün", "vendor": "Teehaus", "status": "archived",
            "updated_at": "2026-03-01T08:00:00Z", "image": {"src": "https://cdn.example/tee.jpg"},
            "variants": [{"id": 91, "sku": "T1", "title": "Default Title", "price": "12.50",
                          "inventory_quantity": -2}]}  # fmt: skip
    found = read("products/update", told)[0]
    assert isinstance(found, ProductFact)
    assert (found.category, found.brand, found.currency, found.active) == ("Grün", "Teehaus", "EUR", False)
    variant = found.variants[0]
    assert (variant.price, variant.cost, variant.stock, variant.title) == (1250, None, -2, "")


def test_two_accounts_that_were_merged_are_one_customer(say: Callable[..., Delivery]) -> None:
    say("orders/create", CASE.order(Told(key="1001", account="7")))
    say("orders/create", CASE.order(Told(key="1002", account="8", email="anna@work.example")))
    told = {"admin_graphql_api_customer_kept_id": "gid://shopify/Customer/7",
            "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/8"}  # fmt: skip
    assert say("customers/merge", told | {"status": "failed"}).state == Delivery.State.IGNORED
    assert Customer.objects.filter(merged_into=None).count() == 2
    say("customers/merge", told | {"status": "completed"})
    assert Customer.objects.filter(merged_into=None).count() == 1
    assert read("customers/merge", told) == [Same(Who(shop_id="7"), Who(shop_id="8"))]


def test_whom_the_shop_redacts_loses_name_and_raw_payloads(say: Callable[..., Delivery]) -> None:
    say("orders/create", CASE.order(Told()))
    say("customers/redact", {"shop_id": 1, "customer": {"id": 7, "email": "anna@example.com"}})
    found = Customer.objects.get()
    assert (found.name, found.email) == ("", "")
    assert not Identity.objects.filter(kind=Identity.Kind.EMAIL).exists()
    assert bytes(Delivery.objects.get(topic="orders/create").body) == b""
    assert Order.objects.get().total == 2990


def test_who_asks_for_their_data_is_told_to_staff_and_on_the_timeline(
    say: Callable[..., Delivery], shop: Source
) -> None:
    say("customers/data_request", {"customer": {"id": 7}, "data_request": {"id": 99}, "orders_requested": [1001]})
    shop.refresh_from_db()
    assert "7" in shop.error
    facts = read("customers/data_request", {"customer": {"id": 7}, "data_request": {"id": 99}})
    assert isinstance(facts[0], EventFact)


def test_a_shop_that_asks_to_be_forgotten_is_and_its_door_closed(
    say: Callable[..., Delivery], shop: Source, client: Client
) -> None:
    assert say("app/uninstalled", {"id": 1}).state == Delivery.State.DONE
    say("shop/redact", {"shop_id": 1})
    shop.refresh_from_db()
    assert (shop.active, shop.sealed) == (False, "")
    assert Entry.objects.get(verb="ended").subject_id == str(shop.pk)
    headers, body = CASE.send("orders/create", CASE.order(Told()), key="z")
    answer = client.post(f"/hooks/{shop.token}/", body, content_type="application/json", headers=headers)
    assert answer.status_code == 401


def test_consent_is_an_event_of_its_own_moment() -> None:
    told = {"customer_id": 7, "email_marketing_consent": {"state": "subscribed", "opt_in_level": "confirmed_opt_in",
                                                          "consent_updated_at": "2026-03-01T08:00:00Z"}}  # fmt: skip
    found = read("customers_email_marketing_consent/update", told)[0]
    assert isinstance(found, EventFact)
    assert (found.name, found.properties["state"]) == ("Email Marketing Consent", "subscribed")


def test_a_customer_without_orders_is_known_since_they_came() -> None:
    told = {"id": 7, "email": "anna@example.com", "created_at": "2025-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
            "default_address": {"zip": "10115", "country_code": "DE"}}  # fmt: skip
    found = read("customers/create", told)[0]
    assert isinstance(found, CustomerFact)
    assert (found.known_since, found.who.postcode) == (datetime(2025, 1, 1, tzinfo=UTC), "10115")
    assert read("customers/delete", {"id": 7})[0].gone  # type: ignore[union-attr]


def test_an_edit_asks_for_the_order(say: Callable[..., Delivery]) -> None:
    assert say("orders/edited", {"order_edit": {"order_id": 1001}}).state == Delivery.State.DONE
    assert not Order.objects.exists()


def test_a_checkout_without_a_basket_is_known_by_its_own_token() -> None:
    found = read("checkouts/create", CHECKOUT | {"cart_token": None})[0]
    assert isinstance(found, CartFact)
    assert found.external_id == "c9"
    assert order(cart_token=None, checkout_token="c9").cart_token == "c9"
