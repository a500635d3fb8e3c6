"""Shopware's orders as they count: VAT inside, promotions off, money back once, payments that failed are no sales."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.shop.sources.case import MORNING, Told
from server.shop.sources.case_shopware import STANDARD, entity, event, iso, line, price, state
from stammkunde.server.shop.facts import Fact, OrderFact, ParcelFact, RefundFact
from stammkunde.server.shop.models import Source
from stammkunde.server.shop.sources.base import parsed
from stammkunde.server.shop.sources.payloads import Node, PayloadError, milliseconds
from stammkunde.server.shop.sources.shopware import KIND
from stammkunde.server.shop.sources.shopware_orders import order
from stammkunde.server.shop.sources.shopware_states import complete

LATER = MORNING + timedelta(days=3)


def read(told: dict[str, Any], standard: str = "") -> list[Fact]:
    """Facts of an order that went over the wire."""
    return order(Node(parsed(json.dumps(told, default=str))), standard)


def sold(told: dict[str, Any], standard: str = "") -> OrderFact:
    return next(fact for fact in read(told, standard) if isinstance(fact, OrderFact))


def given_back(told: dict[str, Any]) -> list[RefundFact]:
    return [fact for fact in read(told) if isinstance(fact, RefundFact)]


def payment(name: str, amount: str = "29.90", **more: Any) -> dict[str, Any]:
    return {"id": "t1", "createdAt": iso(MORNING), "updatedAt": iso(LATER), "amount": price(Decimal(amount)),
            "stateMachineState": state(name)} | more  # fmt: skip


def an_order(**more: Any) -> dict[str, Any]:
    return entity(Told()) | more


def promotion(total: str, code: str = "TEE10", **noted: str) -> dict[str, Any]:
    composition = [{"id": f"cart-{key}", "quantity": 1, "discount": amount} for key, amount in noted.items()]
    payload = {"code": code, "discountType": "absolute", "composition": composition}
    return line("promo", Decimal(total), kind="promotion", title=code, payload=payload)


def test_promotions_are_discounts_of_the_articles_they_were_given_for() -> None:
    items = [line("l1", Decimal("25.00")), line("l2", Decimal("10.00")), promotion("-3.50", l2="3.50")]
    found = sold(an_order(lineItems=items, amountTotal="36.40", amountNet="30.59"))
    assert (found.gross, found.discount, found.shipping, found.total, found.tax) == (3500, 350, 490, 3640, 581)
    assert [(each.external_id, each.discount, each.total) for each in found.lines] == [
        ("l1", 0, 2500),
        ("l2", 350, 650),
    ]
    assert found.coupon == "TEE10"


def test_promotions_that_say_nothing_are_shared_by_price() -> None:
    items = [line("l1", Decimal("20.00")), line("l2", Decimal("10.00")), promotion("-1.00")]
    assert [each.discount for each in sold(an_order(lineItems=items, amountTotal="33.90")).lines] == [67, 33]


def test_net_orders_have_their_vat_added() -> None:
    items = [
        line("l1", Decimal("50.00"), quantity=2, unitPrice=25, price=price(Decimal("50.00"), "9.50")),
        line("p", Decimal("-5.00"), kind="promotion", price=price(Decimal("-5.00"), "-0.95")),
    ]
    told = an_order(taxStatus="net", lineItems=items, shippingTotal=4.9, shippingCosts=price(Decimal("4.90"), "0.93"),
                    amountNet="49.90", amountTotal="59.38")  # fmt: skip
    found = sold(told)
    assert (found.gross, found.discount, found.shipping, found.total, found.tax) == (5950, 595, 583, 5938, 948)
    assert (found.lines[0].price, found.lines[0].total, found.lines[0].tax) == (2975, 5355, 855)


def test_tax_free_orders_have_no_vat() -> None:
    found = sold(an_order(taxStatus="tax-free"))
    assert (found.total, found.tax, found.lines[0].tax) == (2990, 0, 0)


def test_other_currencies_are_counted_in_the_standard_one_by_the_rate_shopware_noted() -> None:
    told = an_order(currencyFactor="1.1709", currency={"isoCode": "USD"}, amountTotal="35.01", shippingTotal="5.74")
    found = sold(told, "EUR")
    assert found.currency == "EUR"
    assert (found.total, found.shipping) == (2990, 490)
    assert sold(an_order(currency={"isoCode": "CHF"}), "EUR").currency == "CHF"
    with pytest.raises(PayloadError, match="currency"):
        sold(told)


def test_articles_cost_what_the_shop_paid() -> None:
    cost = json.dumps({"currencyId": STANDARD, "net": 4.25, "gross": 5.06})
    items = [line("l1", Decimal("25.00"), quantity=2, payload={"productNumber": "TEE", "purchasePrices": cost})]
    assert sold(an_order(lineItems=items)).lines[0].cost == 850
    assert sold(an_order(lineItems=items, currencyId="other")).lines[0].cost is None
    items[0]["payload"]["purchasePrices"] = json.dumps({"currencyId": STANDARD, "net": 0})
    assert sold(an_order(lineItems=items)).lines[0].cost is None


def test_components_are_in_the_price_of_their_article() -> None:
    items = [line("set", Decimal("25.00")), line("part", Decimal("9.00"), parentId="set")]
    assert [each.external_id for each in sold(an_order(lineItems=items)).lines] == ["set"]


@pytest.mark.parametrize("name", ["open", "in_progress", "authorized", "unconfirmed", "reminded", "paid_partially"])
def test_nobody_paid_yet(name: str) -> None:
    found = sold(an_order(transactions=[payment(name)]))
    assert found.paid_at is None
    assert found.cancelled_at is None


def test_paid_when_the_payment_was() -> None:
    assert sold(an_order(transactions=[payment("failed"), payment("paid", id="t2")])).paid_at == LATER
    assert sold(an_order(transactions=[payment("refunded")])).paid_at == MORNING


def test_what_costs_nothing_is_paid() -> None:
    told = an_order(amountTotal=0, shippingTotal=0, shippingCosts=price(Decimal(0)), transactions=[])
    assert sold(told).paid_at == MORNING


def test_an_order_whose_payments_all_failed_is_no_sale() -> None:
    assert sold(an_order(transactions=[payment("failed"), payment("cancelled")])).cancelled_at == LATER
    again = [payment("failed"), payment("open", id="t2")]
    assert sold(an_order(transactions=again)).cancelled_at is None


def capture(refund: str, amount: str, name: str = "completed", **more: Any) -> dict[str, Any]:
    one = {"id": refund, "createdAt": iso(MORNING), "updatedAt": iso(LATER), "amount": price(Decimal(amount)),
           "stateMachineState": state(name), "reason": "broken"} | more  # fmt: skip
    return {"id": "c1", "createdAt": iso(MORNING), "refunds": [one]}


def test_captures_that_were_refunded_are_refunds_with_their_pieces() -> None:
    back = capture("r1", "12.50", positions=[{"orderLineItemId": "l1", "quantity": 1}])
    told = an_order(transactions=[payment("refunded_partially", captures=[back, capture("r2", "1.00", "open")])])
    (found,) = given_back(told)
    assert (found.external_id, found.order_id, found.amount, found.at) == ("r1", "1001", 1250, LATER)
    assert found.returned == (("l1", 1),)
    assert found.reason == "broken"


def test_a_payment_given_back_whole_is_one_refund_less_what_captures_told() -> None:
    (whole,) = given_back(an_order(amountNet="25.13", transactions=[payment("refunded")]))
    assert (whole.amount, whole.tax) == (2990, 477)
    told = an_order(transactions=[payment("refunded", captures=[capture("r1", "12.50")])])
    assert sum(each.amount for each in given_back(told)) == 2990
    (charged_back,) = given_back(an_order(transactions=[payment("chargeback")]))
    assert charged_back.reason == "chargeback"
    assert charged_back.amount == 2990


def test_pieces_come_back_with_the_parcel() -> None:
    back = [{"id": "d1", "createdAt": iso(MORNING), "updatedAt": iso(LATER), "stateMachineState": state("returned")}]
    (found,) = given_back(an_order(transactions=[payment("refunded")], deliveries=back))
    assert found.returned == (("l1", 1),)


def test_credits_are_refunds_and_the_order_stays_what_it_was() -> None:
    credit_item = line("c", Decimal("-5.00"), kind="credit", title="Sorry", createdAt=iso(LATER))
    items = [line("l1", Decimal("25.00")), credit_item | {"price": price(Decimal("-5.00"), "-0.80")}]
    told = an_order(lineItems=items, amountTotal="24.90", amountNet="20.93", transactions=[payment("paid")])
    found, (credit,) = sold(told), given_back(told)
    assert (found.total, found.gross, found.discount, found.tax) == (2990, 2500, 0, 477)
    assert (credit.amount, credit.tax, credit.at, credit.reason) == (500, 80, LATER, "Sorry")
    both = an_order(lineItems=items, amountTotal="24.90", transactions=[payment("refunded")])
    assert sum(each.amount for each in given_back(both)) == 2990  # never more than was charged


def test_parcels_follow_their_states() -> None:
    names = ("open", "shipped", "shipped_partially", "returned_partially", "cancelled")
    told = [{"id": f"d{n}", "createdAt": iso(MORNING), "updatedAt": iso(LATER), "stateMachineState": state(name),
             "trackingCodes": ["JD1", "JD2"], "shippingMethod": {"name": "DHL"}}
            for n, name in enumerate(names)]  # fmt: skip
    free = {"id": "promo", "createdAt": iso(MORNING), "stateMachineState": state("open"),
            "shippingCosts": price(Decimal("-4.90"))}  # fmt: skip
    parcels = [fact for fact in read(an_order(deliveries=[*told, free])) if isinstance(fact, ParcelFact)]
    assert [each.state for each in parcels] == ["pending", "shipped", "shipped", "returned", "cancelled"]
    assert [each.shipped_at for each in parcels] == [None, LATER, LATER, None, None]
    assert parcels[0].carrier == "DHL"
    assert parcels[0].tracking == "JD1, JD2"


def test_an_order_is_as_new_as_the_newest_in_it() -> None:
    assert sold(an_order(transactions=[payment("paid")])).version == milliseconds(LATER)
    assert sold(an_order()).version == milliseconds(MORNING)


def test_deniz_is_known_by_address_not_by_a_guest_number() -> None:
    assert sold(entity(replace(Told(), account=""))).who.shop_id == ""
    assert sold(entity(Told())).who.shop_id == "7"


@given(
    prices=st.lists(st.integers(1, 10**7), min_size=1, max_size=6),
    off=st.integers(0, 10**6),
    shipping=st.integers(0, 10**4),
)
def test_total_is_goods_less_discount_plus_shipping(prices: list[int], off: int, shipping: int) -> None:
    off = min(off, sum(prices))
    items = [line(f"l{n}", Decimal(each) / 100) for n, each in enumerate(prices)]
    items += [promotion(str(-Decimal(off) / 100))] if off else []
    total = sum(prices) - off + shipping
    found = sold(
        an_order(lineItems=items, amountTotal=str(Decimal(total) / 100), shippingTotal=str(Decimal(shipping) / 100))
    )
    assert found.total == total == found.gross - found.discount + found.shipping
    assert sum(each.total for each in found.lines) == found.gross - found.discount


@pytest.mark.parametrize(
    "missing",
    [
        {"transactions": None},
        {"lineItems": None},
        {"deliveries": None},
        {"currency": None},
        {"stateMachineState": None},
        {"orderCustomer": None},
        {"transactions": [payment("paid", stateMachineState=None)]},
        {"transactions": [payment("refunded_partially", captures=None)]},
        {"currencyFactor": 1.2},
    ],
)
def test_what_is_not_whole_is_asked_for_instead_of_guessed(missing: dict[str, Any]) -> None:
    payload = event("", {"order": an_order(**missing)})
    assert KIND.facts("state_enter.order.state.completed", payload, Source(kind="shopware")) == []
    assert KIND.asks("state_enter.order.state.completed", payload)


def test_a_whole_order_needs_no_asking() -> None:
    payload = event("", {"order": an_order()})
    assert complete(Node(an_order()))
    assert not KIND.asks("checkout.order.placed", payload)


def test_what_the_database_wrote_is_asked_for() -> None:
    written = event("order.written", [{"entity": "order", "operation": "update", "primaryKey": "a" * 32}])
    assert KIND.asks("order.written", written)
    assert not KIND.asks("seo_url.written", written)
    assert KIND.facts("order.written", written, Source(kind="shopware")) == []


def test_deleted_orders_are_named() -> None:
    payload = event("order.deleted", [{"entity": "order", "operation": "delete", "primaryKey": "a" * 32}])
    assert KIND.deleted("order.deleted", payload) == ["a" * 32]
    assert KIND.deleted("order.written", payload) == []


def test_staff_hear_of_refunds_whose_amount_shopware_keeps_to_itself() -> None:
    topic = "state_enter.order_transaction.state.refunded_partially"
    told = an_order(transactions=[payment("refunded_partially", captures=[])])
    assert "1001" in KIND.warns(topic, event(topic, {"order": told}))
    known = an_order(transactions=[payment("refunded_partially", captures=[capture("r1", "3.00")])])
    assert KIND.warns(topic, event(topic, {"order": known})) == ""


def test_customers_consent_and_reviews() -> None:
    told = {"id": "7", "email": "anna@example.com", "firstName": "Anna", "createdAt": iso(MORNING)}
    source = Source(kind="shopware")
    (customer,) = KIND.facts("checkout.customer.register", event("", {"customer": told}), source)
    (gone,) = KIND.facts("checkout.customer.deleted", event("", {"customer": told}), source)
    recipient = {"id": "n1", "email": "clara@example.com", "updatedAt": iso(MORNING), "status": "optOut"}
    (consent,) = KIND.facts("newsletter.unsubscribe", event("", {"newsletterRecipient": recipient}), source)
    review = {"email": "ben@example.com", "points": 4, "productId": "p1", "title": "Gut"}
    (reviewed,) = KIND.facts("review_form.send", event("", {"reviewFormData": review}), source)
    assert customer.who.shop_id == "7"
    assert gone.gone
    assert consent.properties["state"] == "unsubscribed"
    assert consent.who.email == "clara@example.com"
    assert reviewed.name == "Product Reviewed"
    assert reviewed.properties["rating"] == "4"


def test_a_real_order_of_the_vendor(shared_data: Path) -> None:
    path = shared_data / "shop_payloads/shopware6/app_requests/payment.json"
    found = sold(json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)["order"])
    assert (found.number, found.total, found.gross, found.currency) == ("10077", 39501, 39501, "EUR")
    assert found.who.shop_id == "5e5d6cd8917c45839b2f6aa7b4bf1425"
    assert found.who.email == "test@example.com"
    assert found.lines[0].title == "Aerodynamic Bronze Slo-Cooked Prawns"
    assert found.lines[0].cost == 92973
    assert found.placed_at == datetime(2023, 5, 4, 13, 36, 26, 557000, tzinfo=UTC)
    assert found.version == milliseconds(datetime(2023, 5, 4, 13, 36, 54, 209000, tzinfo=UTC))
    assert found.paid_at is None


def test_a_real_order_that_lacks_its_states_is_asked_for(shared_data: Path) -> None:
    path = shared_data / "shop_payloads/shopware6/store_api/Order.json"
    (told,) = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)["orders"]["elements"]
    assert KIND.asks("checkout.order.placed", event("", {"order": told}))
    known = told | {"currency": {"isoCode": "EUR"}, "transactions": [], "deliveries": []}
    found = sold(known)
    assert (found.total, found.tax, found.lines[0].sku, found.who.name) == (10000, 1870, "SW20009", "54maciej maciej9")
