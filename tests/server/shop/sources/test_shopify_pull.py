"""Pulling a Shopify shop: what GraphQL tells is read as its webhooks are, pages shrink and wait as the shop asks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.shop.sources.case_shopify import CASE
from server.shop.sources.conftest import place_of
from server.shop.sources.shops import Asked, Shop
from stammkunde.server.shop.facts import CustomerFact, Fact, OrderFact, ParcelFact, ProductFact, RefundFact
from stammkunde.server.shop.models import Source
from stammkunde.server.shop.sources.base import SourceError
from stammkunde.server.shop.sources.payloads import Node
from stammkunde.server.shop.sources.shopify import KIND
from stammkunde.server.shop.sources.shopify_orders import order

pytestmark = pytest.mark.django_db


def money(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount}}


def line(number: int) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/LineItem/{number}", "quantity": 1, "sku": f"T{number}", "title": "Tee",
        "isGiftCard": False, "originalUnitPriceSet": money("12.50"), "discountAllocations": [], "taxLines": [],
        "product": {"legacyResourceId": "9"}, "variant": {"legacyResourceId": "91"},
    }  # fmt: skip


ORDER: dict[str, Any] = {
    "id": "gid://shopify/Order/1001", "legacyResourceId": "9223372036854775783", "name": "#1001",
    "email": "anna@example.com", "test": False, "taxesIncluded": True, "currencyCode": "EUR", "sourceName": "web",
    "createdAt": "2026-03-01T08:00:00Z", "processedAt": "2026-03-01T08:00:00Z", "updatedAt": "2026-03-02T08:00:00Z",
    "displayFinancialStatus": "PARTIALLY_REFUNDED", "discountCodes": ["TEE10"], "totalPriceSet": money("29.90"),
    "currentTotalPriceSet": money("17.40"), "totalTaxSet": money("4.77"), "totalOutstandingSet": money("0.0"),
    "customer": {"legacyResourceId": "7", "firstName": "Anna", "lastName": "Alt", "verifiedEmail": True,
                 "defaultEmailAddress": {"emailAddress": "anna@example.com"}},
    "billingAddress": {"name": "Anna Alt", "zip": "10115", "countryCodeV2": "DE"},
    "customerJourneySummary": {"lastVisit": {"utmParameters": {"source": "Mail & More"}}},
    "lineItems": {"pageInfo": {"hasNextPage": True, "endCursor": "l1"}, "nodes": [line(1)]},
    "shippingLines": {"nodes": [{"isRemoved": False, "originalPriceSet": money("4.90"),
                                 "discountedPriceSet": money("4.90")}]},
    "transactions": [
        {"kind": "SALE", "status": "SUCCESS", "fees": [{"amount": {"amount": "0.67", "currencyCode": "EUR"}}]},
        {"kind": "SALE", "status": "FAILURE", "fees": [{"amount": {"amount": "9", "currencyCode": "EUR"}}]},
    ],
    "refunds": [{"legacyResourceId": "5", "createdAt": "2026-03-02T08:00:00Z", "note": "",
                 "refundLineItems": {"nodes": [{"quantity": 1, "restockType": "RETURN", "subtotalSet": money("12.50"),
                                                "lineItem": {"id": "gid://shopify/LineItem/1"},
                                                "totalTaxSet": money("2.00")}]},
                 "transactions": {"nodes": [{"kind": "REFUND", "status": "SUCCESS", "amountSet": money("12.50")}]}}],
    "fulfillments": [{"legacyResourceId": "3", "createdAt": "2026-03-01T12:00:00Z", "status": "SUCCESS",
                      "updatedAt": "2026-03-02T07:00:00Z", "displayStatus": "DELIVERED",
                      "deliveredAt": "2026-03-02T07:00:00Z", "trackingInfo": [{"company": "DHL", "number": "JD1"}]}],
}  # fmt: skip
CUSTOMER = {"legacyResourceId": "8", "firstName": "Clara", "createdAt": "2026-01-01T00:00:00Z",
            "updatedAt": "2026-01-01T00:00:00Z"}  # fmt: skip
PRODUCT = {"id": "gid://shopify/Product/9", "legacyResourceId": "9", "title": "Tee", "productType": "Grün",
           "status": "ACTIVE", "updatedAt": "2026-01-01T00:00:00Z", "onlineStoreUrl": "https://teehaus.example/tee",
           "featuredMedia": {"preview": {"image": {"url": "https://cdn.example/1.jpg"}}},
           "variants": {"pageInfo": {"hasNextPage": False}, "nodes": [
               {"legacyResourceId": "91", "sku": "T1", "title": "100 g", "price": "12.50", "inventoryQuantity": 4,
                "inventoryItem": {"unitCost": {"amount": "3.20", "currencyCode": "EUR"}}},
               {"legacyResourceId": "92", "price": "12.50",
                "inventoryItem": {"unitCost": {"amount": "3.20", "currencyCode": "USD"}}}]}}  # fmt: skip


def answer(asked: Asked) -> dict[str, Any]:
    """The shop's answer to whatever it is asked for."""
    query, last = asked["document"]["query"], {"hasNextPage": False, "endCursor": None}
    if "query More" in query:
        return {"data": {"node": {"lineItems": {"nodes": [line(2)], "pageInfo": last}}}}
    nodes = {"orders": ORDER, "customers": CUSTOMER, "products": PRODUCT}
    what = next(name for name in nodes if f"{name}(first" in query)
    return {"data": {"shop": {"currencyCode": "EUR"}, what: {"nodes": [nodes[what]], "pageInfo": last}}}


@pytest.fixture
def shop(now: datetime) -> Source:
    return place_of(CASE, now)


def pulled(shop: Source, client: Shop, since: datetime | None = None) -> list[Fact]:
    return [fact for page in KIND.pull(shop, since, client) for fact in page.facts]


def test_everything_is_pulled_products_with_costs_first(shop: Source) -> None:
    client = Shop(answer)
    facts = pulled(shop, client)
    assert [type(fact) for fact in facts] == [ProductFact, CustomerFact, OrderFact, RefundFact, ParcelFact]
    first = client.asked[0]
    assert first["url"].startswith("https://teehaus.myshopify.com/admin/api/")
    assert first["headers"]["X-Shopify-Access-Token"] == "shpat_1"
    product = facts[0]
    assert isinstance(product, ProductFact)
    assert [(each.price, each.cost) for each in product.variants] == [(1250, 320), (1250, None)]
    assert (product.active, product.url) == (True, "https://teehaus.example/tee")


def test_an_order_is_the_same_by_webhook_and_by_pull_with_its_fee_beside(shop: Source) -> None:
    found = next(fact for fact in pulled(shop, Shop(answer)) if isinstance(fact, OrderFact))
    assert (found.external_id, found.total, found.gross, found.shipping) == ("9223372036854775783", 2990, 2500, 490)
    assert (found.payment_fee, found.coupon, found.channel) == (67, "TEE10", "mail & more")
    assert [each.external_id for each in found.lines] == ["1", "2"]
    webhook = {
        "id": 9223372036854775783, "name": "#1001", "email": "anna@example.com", "currency": "EUR",
        "taxes_included": True, "processed_at": "2026-03-01T08:00:00Z", "updated_at": "2026-03-02T08:00:00Z",
        "financial_status": "partially_refunded", "total_price": "29.90", "total_tax": "4.77", "test": False,
        "landing_site": "/?utm_source=Mail+%26+More", "discount_codes": [{"code": "TEE10"}],
        "customer": {"id": 7, "email": "anna@example.com", "first_name": "Anna", "last_name": "Alt",
                     "verified_email": True},
        "billing_address": {"name": "Anna Alt", "zip": "10115", "country_code": "DE"},
        "line_items": [{"id": n, "quantity": 1, "sku": f"T{n}", "title": "Tee", "price": "12.50", "product_id": 9,
                        "variant_id": 91, "tax_lines": [], "discount_allocations": []} for n in (1, 2)],
        "shipping_lines": [{"price": "4.90", "discounted_price": "4.90"}], "payment_fee": "0.67",
    }  # fmt: skip
    assert order(Node(webhook))[0] == found


def test_only_what_changed_is_asked_for_and_orders_tell_how_far_it_came(shop: Source, now: datetime) -> None:
    client = Shop(answer)
    pages = list(KIND.pull(shop, now - timedelta(days=1), client))
    asked = [each["document"]["variables"].get("query") for each in client.asked if "id" not in each["document"]]
    assert all(query is None or query.startswith("updated_at:>='2026-03-01T09:00") for query in asked)
    assert [page.watermark for page in pages] == [None, None, datetime(2026, 3, 2, 8, tzinfo=UTC)]


def test_a_page_too_costly_is_halved_and_a_hurried_shop_waited_for(shop: Source) -> None:
    said: list[int] = []

    def reluctant(asked: Asked) -> dict[str, Any]:
        many = asked["document"]["variables"].get("first", 1)
        if many > 12:
            said.append(many)
            return {"errors": [{"message": "Too much", "extensions": {"code": "MAX_COST_EXCEEDED"}}]}
        if len(client.waited) < 2:
            status = {"currentlyAvailable": 10, "restoreRate": 50}
            cost = {"requestedQueryCost": 500, "throttleStatus": status}
            return {"errors": [{"extensions": {"code": "THROTTLED"}}], "extensions": {"cost": cost}}
        return answer(asked)

    client = Shop(reluctant)
    assert len(pulled(shop, client)) == 5
    assert said[:3] == [50, 25, 50]
    assert client.waited == [pytest.approx(9.8), pytest.approx(9.8)]


def test_what_the_shop_refuses_is_told_in_its_words(shop: Source) -> None:
    denied = {"errors": [{"message": "Access denied for customers field.", "extensions": {"code": "ACCESS_DENIED"}}]}
    with pytest.raises(SourceError, match="Access denied for customers"):
        pulled(shop, Shop(lambda _: denied))


def test_one_entity_that_makes_no_sense_holds_up_no_page(shop: Source) -> None:
    broken = {**ORDER, "totalPriceSet": money("a lot"), "lineItems": {"pageInfo": {"hasNextPage": False}}}

    def half(asked: Asked) -> dict[str, Any]:
        found = answer(asked)
        if "orders" in found["data"]:
            found["data"]["orders"]["nodes"] = [broken, ORDER]
        return found

    pages = list(KIND.pull(shop, None, Shop(half)))
    assert pages[-1].refused == [("9223372036854775783", "total_price: 'a lot' is no amount of money.")]
    assert len(pages[-1].facts) == 3
