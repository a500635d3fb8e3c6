"""WooCommerce's traps: the unsigned ping, two orders of one second, refunds without a day, guests, checkouts unpaid."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from server.shop.sources.case import Told
from server.shop.sources.case_woocommerce import CASE
from server.shop.sources.conftest import place_of
from server.shop.sources.shops import Asked, Shop
from stammkunde.server.lib.models import Job
from stammkunde.server.lib.seal import seal
from stammkunde.server.shop.actions.doors import PULL
from stammkunde.server.shop.facts import CartFact, CustomerFact, Fact, OrderFact, ProductFact, RefundFact
from stammkunde.server.shop.hearing import hear
from stammkunde.server.shop.models import Cart, Customer, Delivery, Order, Refund, Source
from stammkunde.server.shop.sources.base import base64_hmac
from stammkunde.server.shop.sources.woocommerce import KIND

BODY = b'{"id":1001,"email":"a@example.com","total_price":"12.50"}'
VECTOR = "IT4tpTHia7Pm99HY2rrDiGbx4xfprr2rt3lUWGRHm+0="
pytestmark = [pytest.mark.django_db, pytest.mark.urls("stammkunde.server.shop.hooks")]


@pytest.fixture
def shop(db: None, now: datetime) -> Source:
    """Anna's tea house."""
    del db
    return place_of(CASE, now)


@pytest.fixture
def say(shop: Source, client: Client, now: datetime) -> Callable[..., Delivery]:
    """A webhook of a topic, taken in; returns its row."""
    count = iter(range(1000))

    def said(topic: str, payload: Any) -> Delivery:
        headers, body = CASE.send(topic, payload, key=f"d{next(count)}")
        answer = client.post(f"/hooks/{shop.token}/", body, content_type="application/json", headers=headers)
        assert answer.status_code == 200
        hear(shop, now=now)
        return Delivery.objects.order_by("-pk")[0]

    return said


def read(topic: str, payload: Any) -> list[Fact]:
    """Facts of a payload."""
    return KIND.facts(topic, payload, Source(options={}))


def order(**changes: Any) -> OrderFact:
    """The order of a payload that differs from Anna's usual one."""
    found = read("order.updated", CASE.order(Told()) | changes)[0]
    assert isinstance(found, OrderFact)
    return found


def test_the_signature_is_that_of_the_test_vector(shop: Source) -> None:
    assert KIND.signature(shop, {"x-wc-webhook-signature": VECTOR}, BODY)
    assert not KIND.signature(shop, {"x-wc-webhook-signature": VECTOR[:-2]}, BODY)


def test_a_secret_with_entities_signs_as_the_shop_decodes_it(shop: Source) -> None:
    shop.sealed = seal({"webhook_secrets": "a&amp;b&lt;c"})
    assert KIND.signature(shop, {"x-wc-webhook-signature": base64_hmac("a&b<c", BODY)}, BODY)


def test_the_unsigned_ping_gets_200_and_leaves_nothing(shop: Source, client: Client) -> None:
    answer = client.post(f"/hooks/{shop.token}/", "webhook_id=3", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert not Delivery.objects.exists()
    for body in ("webhook_id=3&x=1", "webhook_id=", "webhook_id=" + "9" * 60, "{}"):
        answer = client.post(f"/hooks/{shop.token}/", body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 401


def test_two_orders_of_one_second_are_two_deliveries(shop: Source, client: Client, now: datetime) -> None:
    for key in ("1001", "1002"):
        headers, body = CASE.send("order.created", CASE.order(Told(key=key, email=f"{key}@example.com")), key="same")
        client.post(f"/hooks/{shop.token}/", body, content_type="application/json", headers=headers)
    assert hear(shop, now=now) == 2
    assert Order.objects.count() == 2


def test_stored_amounts_are_net_and_get_their_tax() -> None:
    line = {"id": 1, "name": "Tee &ndash; grün", "product_id": 9, "variation_id": 91, "quantity": 2, "sku": "T1",
            "subtotal": "20.00", "subtotal_tax": "3.80", "total": "18.00", "total_tax": "3.42",
            "cost_of_goods_sold": {"value": 6.4}}  # fmt: skip
    found = order(line_items=[line], discount_total="2.00", discount_tax="0.38", shipping_total="4.12",
                  shipping_tax="0.78", total="26.32", total_tax="4.20", prices_include_tax=True)  # fmt: skip
    assert (found.gross, found.discount, found.shipping, found.total, found.tax) == (2380, 238, 490, 2632, 420)
    kept = found.lines[0]
    assert (kept.price, kept.discount, kept.total, kept.tax, kept.cost) == (1190, 238, 2142, 342, 640)
    assert (kept.title, kept.variant_id, kept.product_id) == ("Tee – grün", "91", "9")


def test_fees_are_charged_or_taken_off_and_cost_no_goods() -> None:
    fees = [{"id": 5, "name": "Geschenk", "total": "2.00", "total_tax": "0.38"},
            {"id": 6, "name": "Stammkunde", "total": "-1.00", "total_tax": "-0.19"}]  # fmt: skip
    found = order(fee_lines=fees, total="31.09")
    assert (found.total, found.discount, found.gross) == (3109, 119, 2738)
    assert [(line.title, line.total, line.cost) for line in found.lines[1:]] == [("Geschenk", 238, 0)]


def test_what_plugins_know_of_costs_fees_and_channels() -> None:
    meta = [{"key": "_stripe_fee", "value": "0.67"}, {"key": "_stripe_currency", "value": "EUR"},
            {"key": "_wc_order_attribution_utm_source", "value": "(direct)"},
            {"key": "odd", "value": {"a": 1}}]  # fmt: skip
    line = CASE.order(Told())["line_items"][0] | {"quantity": 2, "meta_data": [{"key": "_wc_cog_item_cost",
                                                                                "value": "3.20"}]}  # fmt: skip
    found = order(meta_data=meta, line_items=[line])
    assert (found.payment_fee, found.channel, found.lines[0].cost) == (67, "direct", 640)
    meta[1]["value"] = "USD"
    assert order(meta_data=meta).payment_fee is None


def test_nobody_has_paid_yet_is_a_checkout_and_the_order_it_becomes_recovers_it(say: Callable[..., Delivery]) -> None:
    told = CASE.order(Told()) | {"status": "pending", "payment_url": "https://teehaus.example/pay/1"}
    assert isinstance(read("order.created", told)[0], CartFact)
    say("order.created", told)
    assert not Order.objects.exists()
    assert (Cart.objects.get().value, Cart.objects.get().url) == (2990, "https://teehaus.example/pay/1")
    say("order.updated", CASE.order(Told(changed=Told().changed + timedelta(minutes=1))))
    assert Cart.objects.get().order == Order.objects.get()


@pytest.mark.parametrize("status", ["cancelled", "failed", "trash", "wc-failed"])
def test_orders_that_fell_through_are_cancelled(status: str) -> None:
    assert order(status=status).cancelled_at == Told().changed


def test_a_draft_of_the_checkout_says_nothing_and_a_plugins_status_is_an_order() -> None:
    assert read("order.created", CASE.order(Told()) | {"status": "checkout-draft"}) == []
    assert order(status="shipped-partially").cancelled_at is None


REFUND = {"id": 726, "date_created_gmt": "2026-03-05T09:00:00", "amount": "9.00", "reason": "zerbrochen",
          "line_items": [{"id": 8, "quantity": -1, "total": "-7.56", "total_tax": "-1.44",
                          "meta_data": [{"key": "_refunded_item_id", "value": "1"}]}]}  # fmt: skip


def test_a_webhook_tells_a_refund_without_its_day_and_the_pull_gives_it_one(
    say: Callable[..., Delivery], shop: Source
) -> None:
    told = CASE.order(Told()) | {"refunds": [{"id": 726, "reason": "", "total": "-9.00"}]}
    say("order.updated", told)
    found = Refund.objects.get()
    assert (found.amount, found.dated, found.day.isoformat()) == (900, False, "2026-03-01")
    assert Job.objects.filter(kind=PULL, payload={"source": shop.pk}).exists()
    detailed = read("order.updated", told | {"refund_details": [REFUND]})
    refund = detailed[1]
    assert isinstance(refund, RefundFact)
    assert (refund.amount, refund.tax, refund.returned, refund.dated) == (900, 144, (("1", 1),), True)
    assert len(detailed) == 2


def test_a_guest_is_known_by_the_address_of_the_bill(say: Callable[..., Delivery]) -> None:
    say("order.created", CASE.order(Told(account="", email="Deniz@Example.com")))
    say("order.created", CASE.order(Told(key="1002", account="9", email="deniz@example.com")))
    assert Customer.objects.filter(merged_into=None).count() == 1


def test_an_order_in_the_bin_is_cancelled_and_comes_back_when_it_is_restored(
    say: Callable[..., Delivery],
) -> None:
    say("order.created", CASE.order(Told()))
    say("order.deleted", {"id": 1001})
    assert Order.objects.get().cancelled_at is not None
    say("order.restored", CASE.order(Told(changed=datetime.now(UTC) + timedelta(minutes=1))))
    assert Order.objects.get().cancelled_at is None


def test_a_deleted_account_is_forgotten(say: Callable[..., Delivery]) -> None:
    say("order.created", CASE.order(Told()))
    say("customer.deleted", {"id": 7})
    assert (Customer.objects.get().name, Order.objects.get().total) == ("", 2990)


def test_hooks_of_plugins_ask_for_a_pull(say: Callable[..., Delivery], shop: Source) -> None:
    found = say("action.woocommerce_order_refunded", {"action": "woocommerce_order_refunded", "arg": 1001})
    assert found.state == Delivery.State.DONE
    assert Job.objects.filter(kind=PULL, payload={"source": shop.pk}).exists()


def test_a_product_without_variants_is_its_own_and_one_with_them_waits_for_the_pull() -> None:
    told = {"id": 9, "name": "Tee &amp; Kanne", "sku": "T1", "price": "12.50", "stock_quantity": None,
            "status": "publish",
            "categories": [{"name": "Grün"}], "images": [{"src": "https://x.example/1.jpg"}], "variations": [],
            "cost_of_goods_sold": {"total_value": 3.2}, "date_modified_gmt": "2026-03-01T08:00:00"}  # fmt: skip
    found = read("product.updated", told)[0]
    assert isinstance(found, ProductFact)
    assert (found.title, found.category, found.currency) == ("Tee & Kanne", "Grün", "EUR")
    assert [(each.external_id, each.price, each.cost, each.stock) for each in found.variants] == [
        ("9", 1250, 320, None)
    ]
    parent = read("product.updated", told | {"variations": [91, 92]})[0]
    assert isinstance(parent, ProductFact)
    assert parent.variants == ()


class Teehaus:
    """A shop of the REST API with orders that change by the second."""

    def __init__(self, orders: list[dict[str, Any]], *, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.orders, self.meanwhile = orders, meanwhile

    def __call__(self, asked: Asked) -> Any:
        what, params = asked["url"].rpartition("/wp-json/wc/v3/")[2], asked["params"]
        assert asked["auth"] == ("ck_1", "cs_1")
        if what.endswith("/refunds"):
            return [REFUND] if params["page"] == 1 else []
        if what.endswith("/variations"):
            return [{"id": 91, "price": "12.50", "attributes": [{"option": "100 g"}]}]
        if what == "products":
            return [{"id": 9, "name": "Tee", "variations": [91], "date_modified_gmt": "2026-03-01T08:00:00"}]
        if what == "customers":
            return [{"id": 7, "email": "anna@example.com", "date_created_gmt": "2025-01-01T00:00:00"}]
        return self.changed(params)

    def changed(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        after = params.get("modified_after", "")
        bin_asked = params.get("status") == "trash"
        found = [o for o in self.orders if (o["status"] == "trash") == bin_asked and o["date_modified_gmt"] > after]
        found.sort(key=lambda each: (each["date_modified_gmt"], each["id"]))
        start = (params["page"] - 1) * params["per_page"]
        page = json.loads(json.dumps(found[start : start + params["per_page"]]))
        self.meanwhile()
        return list(page)


def told(number: int, second: int) -> dict[str, Any]:
    """An order that changed at a second."""
    return CASE.order(Told(key=str(number), changed=datetime(2026, 3, 1, 8, tzinfo=UTC) + timedelta(seconds=second)))


def ids(shop: Source, client: Shop, since: datetime | None = None) -> list[str]:
    facts = [fact for page in KIND.pull(shop, since, client) for fact in page.facts]
    return [fact.external_id for fact in facts if isinstance(fact, OrderFact)]


def test_a_pull_brings_products_customers_orders_and_those_in_the_bin(shop: Source) -> None:
    orders = [told(1, 1) | {"refunds": [{"id": 726, "total": "-9.00"}]}, told(2, 2), told(3, 3) | {"status": "trash"}]
    pages = list(KIND.pull(shop, None, Shop(Teehaus(orders))))
    facts = [fact for page in pages for fact in page.facts]
    kinds = [type(fact) for fact in facts]
    assert kinds == [ProductFact, CustomerFact, OrderFact, RefundFact, OrderFact, OrderFact]
    assert isinstance(facts[0], ProductFact)
    assert [each.title for each in facts[0].variants] == ["100 g"]
    assert isinstance(facts[5], OrderFact)
    assert facts[5].cancelled_at is not None
    marks = [page.watermark for page in pages if page.watermark]
    assert marks == [datetime(2026, 3, 1, 8, 0, 2, tzinfo=UTC)]


def test_what_changes_while_pages_are_turned_is_not_skipped(shop: Source) -> None:
    orders = [told(number, number) for number in range(1, 251)]
    late = iter(range(1000, 2000))

    def meanwhile() -> None:
        orders[0] = told(1, next(late))  # moves to the end: by number, one order of every page would be lost

    client = Shop(Teehaus(orders, meanwhile=meanwhile))
    assert set(ids(shop, client)) == {str(number) for number in range(1, 251)}


def test_a_second_that_fills_pages_is_read_to_its_end(shop: Source) -> None:
    orders = [told(number, 5) for number in range(1, 331)] + [told(400, 6)]
    client = Shop(Teehaus(orders))
    found = ids(shop, client)
    assert sorted(set(found), key=int) == [*(str(n) for n in range(1, 331)), "400"]
    assert len(client.asked) < 20


def test_only_what_changed_is_asked_for(shop: Source) -> None:
    client = Shop(Teehaus([told(1, 1), told(2, 200)]))
    assert ids(shop, client, datetime(2026, 3, 1, 8, 1, tzinfo=UTC)) == ["2"]
    asked = next(each["params"] for each in client.asked if each["url"].endswith("/orders"))
    assert (asked["modified_after"], asked["dates_are_gmt"]) == ("2026-03-01T08:01:00", "true")
