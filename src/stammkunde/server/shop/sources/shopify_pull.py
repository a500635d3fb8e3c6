"""Shopify's GraphQL Admin API: pages of what changed, in the shape its webhooks have, so that both are read alike."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from stammkunde.server.shop.facts import Fact
from stammkunde.server.shop.sources.base import Client, Page, SourceError, page
from stammkunde.server.shop.sources.payloads import Node

VERSION = "2026-01"
MANY = 50  # entities of a page, halved where the shop finds that too costly
PATIENCE = 20  # times to wait in a row
Value = Mapping[str, Any]

_MONEY = "{ shopMoney { amount } }"
_ADDRESS = "{ name firstName lastName company zip countryCodeV2 phone }"
_LINES = f"""{{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ id quantity sku title variantTitle isGiftCard
        originalUnitPriceSet {_MONEY} discountAllocations {{ allocatedAmountSet {_MONEY} }}
        taxLines {{ priceSet {_MONEY} rate }} product {{ legacyResourceId }} variant {{ legacyResourceId }} }} }}"""
_CUSTOMER = f"""{{ legacyResourceId firstName lastName verifiedEmail locale createdAt updatedAt
    defaultEmailAddress {{ emailAddress }} defaultPhoneNumber {{ phoneNumber }} defaultAddress {_ADDRESS} }}"""
_ACCOUNT = (
    f"""{_CUSTOMER[:-1]} metafield(namespace: "facts", key: "birth_date") {{ value }} }}"""  # Shopify's own place
)
_ORDER = f"""{{
    id legacyResourceId name email phone test sourceName customerLocale taxesIncluded currencyCode
    createdAt processedAt updatedAt cancelledAt closedAt displayFinancialStatus discountCodes
    totalPriceSet {_MONEY} currentTotalPriceSet {_MONEY} totalTaxSet {_MONEY} totalDiscountsSet {_MONEY}
    totalOutstandingSet {_MONEY} billingAddress {_ADDRESS} shippingAddress {_ADDRESS} customer {_CUSTOMER}
    customerJourneySummary {{ lastVisit {{ referrerUrl utmParameters {{ source }} }} }}
    lineItems(first: 20) {_LINES}
    shippingLines(first: 5) {{ nodes {{ isRemoved originalPriceSet {_MONEY} discountedPriceSet {_MONEY}
        discountAllocations {{ allocatedAmountSet {_MONEY} }} taxLines {{ priceSet {_MONEY} rate }} }} }}
    transactions(first: 20) {{ kind status fees {{ amount {{ amount currencyCode }} }} }}
    refunds(first: 20) {{ legacyResourceId createdAt note
        refundLineItems(first: 20) {{ nodes {{ quantity restockType lineItem {{ id isGiftCard }}
            subtotalSet {_MONEY} totalTaxSet {_MONEY} }} }}
        orderAdjustments(first: 5) {{ nodes {{ taxAmountSet {_MONEY} }} }}
        transactions(first: 5) {{ nodes {{ kind status amountSet {_MONEY} }} }} }}
    fulfillments(first: 10) {{ legacyResourceId createdAt updatedAt status displayStatus deliveredAt
        trackingInfo(first: 1) {{ company number }} }} }}"""
_VARIANTS = """{ pageInfo { hasNextPage endCursor }
    nodes { legacyResourceId sku title price inventoryQuantity inventoryItem { unitCost { amount currencyCode } } } }"""
_PRODUCT = f"""{{ id legacyResourceId title productType vendor status updatedAt onlineStoreUrl
    featuredMedia {{ preview {{ image {{ url }} }} }} variants(first: 20) {_VARIANTS} }}"""
_PAST = {"orders": "d", "customers": "", "products": ""}  # orders/updated, but customers/update
FIELDS = {"orders": _ORDER, "customers": _ACCOUNT, "products": _PRODUCT}
_PAGE = """query Changed($first: Int!, $after: String, $query: String) {{
    shop {{ currencyCode }}
    {what}(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
        pageInfo {{ hasNextPage endCursor }} nodes {fields} }} }}"""
_MORE = """query More($id: ID!, $after: String) {{
    node(id: $id) {{ ... on {type} {{ {what}(first: 100, after: $after) {fields} }} }} }}"""


class Shop:
    """A shop's Admin API, with one token."""

    def __init__(self, address: str, token: str, client: Client) -> None:
        host = re.sub(r"^https?://", "", address.strip().lower()).strip("/")
        host = host if "." in host or ":" in host else f"{host}.myshopify.com"
        scheme = "http" if address.lower().startswith("http://") else "https"
        self.url = f"{scheme}://{host}/admin/api/{VERSION}/graphql.json"
        self.token, self.client = token, client

    def pages(self, what: str, since: datetime | None, read: Callable[[Node], Iterable[Fact]]) -> Iterator[Page]:
        """What changed, oldest change first. Only orders, which come last, tell up to when nothing is missing."""
        after, many = None, MANY
        query = f"updated_at:>='{since.isoformat()}'" if since else None
        asked = _PAGE.format(what=what, fields=FIELDS[what])
        while True:
            try:
                found = self.ask(asked, {"first": many, "after": after, "query": query})
            except _TooCostlyError:
                if many == 1:
                    raise
                many = max(many // 2, 1)
                continue
            currency = str(found["shop"]["currencyCode"])
            nodes = [SHAPES[what](self.whole(what, node), currency) for node in found[what]["nodes"]]
            newest = Node(nodes[-1]).maybe_moment("updated_at") if nodes and what == "orders" else None
            yield page(nodes, read, watermark=newest, doing=f"Shopify: {what}", topic=f"{what}/update{_PAST[what]}")
            info = found[what]["pageInfo"]
            if not info["hasNextPage"]:
                return
            after = info["endCursor"]

    def whole(self, what: str, node: dict[str, Any]) -> dict[str, Any]:
        """The entity with all of its lines or variants, where they are more than fit on the page."""
        name, kind, fields = {
            "orders": ("lineItems", "Order", _LINES),
            "products": ("variants", "Product", _VARIANTS),
        }.get(what, ("", "", ""))
        while name and node[name]["pageInfo"]["hasNextPage"]:
            asked = _MORE.format(type=kind, what=name, fields=fields)
            more = self.ask(asked, {"id": node["id"], "after": node[name]["pageInfo"]["endCursor"]})["node"][name]
            node[name] = {"nodes": node[name]["nodes"] + more["nodes"], "pageInfo": more["pageInfo"]}
        return node

    def ask(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The data of one query; waits while the shop is asked too often.

        Raises
        ------
        SourceError : the shop refuses, by what it says itself.
        """
        for _ in range(PATIENCE):
            document = {"query": query, "variables": dict(variables)}
            answer = self.client.ask(
                "POST", self.url, document=document, headers={"X-Shopify-Access-Token": self.token}
            )
            told = answer.document()
            if not isinstance(told, dict):
                raise SourceError("Shopify answered with something that is no object.")
            errors = told.get("errors") or []
            codes = {str(_of(error, "extensions").get("code")) for error in errors if isinstance(error, dict)}
            if "THROTTLED" in codes:
                self.client.wait(_pause(told))
                continue
            if "MAX_COST_EXCEEDED" in codes:
                raise _TooCostlyError("Shopify finds a page of one too costly.")
            data = told.get("data")
            if errors or not isinstance(data, dict):
                raise SourceError(f"Shopify refused: {_said(errors)}", where=self.url, advice=_ADVICE)
            return data
        raise SourceError("Shopify is asked too often by other programs.", advice="It is tried again by itself.")


_ADVICE = (
    "Give the app the access read_orders, read_all_orders, read_customers, read_products and read_inventory, "
    "and protected customer data, then pull again."
)


class _TooCostlyError(SourceError):
    """One page costs more than a single query may."""


def _said(errors: Any) -> str:
    if isinstance(errors, list):
        return "; ".join(str(each.get("message") if isinstance(each, dict) else each) for each in errors)[:500]
    return str(errors)[:500]


def _pause(told: Value) -> float:
    """Until there is enough of what queries cost."""
    cost = _of(_of(told, "extensions"), "cost")
    status = _of(cost, "throttleStatus")
    missing = float(cost.get("requestedQueryCost") or 100) - float(status.get("currentlyAvailable") or 0)
    return min(max(missing / float(status.get("restoreRate") or 50), 1.0), 30.0)


def _of(value: Value, name: str) -> Value:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def _amount(value: Value, name: str) -> Any:
    return _of(_of(value, name), "shopMoney").get("amount")


def _number(gid: Any) -> str:
    """`gid://shopify/LineItem/123` is 123 to webhooks."""
    return str(gid or "").rpartition("/")[2].partition("?")[0]


def _nodes(value: Value, name: str) -> list[Any]:
    found = value.get(name)
    return list(found.get("nodes") or []) if isinstance(found, Mapping) else list(found or [])


def _address(value: Value) -> dict[str, Any]:
    return {
        "name": value.get("name"),
        "first_name": value.get("firstName"),
        "last_name": value.get("lastName"),
        "company": value.get("company"),
        "zip": value.get("zip"),
        "country_code": value.get("countryCodeV2"),
        "phone": value.get("phone"),
    }


def _taxes(value: Value) -> list[dict[str, Any]]:
    return [{"price": _amount(each, "priceSet"), "rate": each.get("rate")} for each in _nodes(value, "taxLines")]


def _discounts(value: Value) -> list[dict[str, Any]]:
    return [{"amount": _amount(each, "allocatedAmountSet")} for each in _nodes(value, "discountAllocations")]


def _customer(value: Value, currency: str = "") -> dict[str, Any]:
    del currency
    return {
        "id": value.get("legacyResourceId"),
        "first_name": value.get("firstName"),
        "last_name": value.get("lastName"),
        "email": _of(value, "defaultEmailAddress").get("emailAddress"),
        "phone": _of(value, "defaultPhoneNumber").get("phoneNumber"),
        "verified_email": value.get("verifiedEmail"),
        "locale": value.get("locale"),
        "created_at": value.get("createdAt"),
        "updated_at": value.get("updatedAt"),
        "default_address": _address(_of(value, "defaultAddress")),
        "birth_date": _of(value, "metafield").get("value"),
    }


def _line(value: Value) -> dict[str, Any]:
    return {
        "id": _number(value.get("id")),
        "quantity": value.get("quantity"),
        "sku": value.get("sku"),
        "title": value.get("title"),
        "variant_title": value.get("variantTitle"),
        "gift_card": value.get("isGiftCard"),
        "price": _amount(value, "originalUnitPriceSet"),
        "discount_allocations": _discounts(value),
        "tax_lines": _taxes(value),
        "product_id": _of(value, "product").get("legacyResourceId"),
        "variant_id": _of(value, "variant").get("legacyResourceId"),
    }


def _shipping(value: Value) -> dict[str, Any]:
    return {
        "price": _amount(value, "originalPriceSet"),
        "discounted_price": _amount(value, "discountedPriceSet"),
        "discount_allocations": _discounts(value),
        "tax_lines": _taxes(value),
        "is_removed": value.get("isRemoved"),
    }


def _refund(value: Value) -> dict[str, Any]:
    return {
        "id": value.get("legacyResourceId"),
        "created_at": value.get("createdAt"),
        "note": value.get("note"),
        "refund_line_items": [
            {
                "line_item_id": _number(_of(each, "lineItem").get("id")),
                "line_item": {"gift_card": _of(each, "lineItem").get("isGiftCard")},
                "quantity": each.get("quantity"),
                "restock_type": each.get("restockType"),
                "subtotal": _amount(each, "subtotalSet"),
                "total_tax": _amount(each, "totalTaxSet"),
            }
            for each in _nodes(value, "refundLineItems")
        ],
        "order_adjustments": [{"tax_amount": _amount(e, "taxAmountSet")} for e in _nodes(value, "orderAdjustments")],
        "transactions": [
            {"kind": each.get("kind"), "status": each.get("status"), "amount": _amount(each, "amountSet")}
            for each in _nodes(value, "transactions")
        ],
    }


def _parcel(value: Value) -> dict[str, Any]:
    tracking: Value = next(iter(_nodes(value, "trackingInfo")), {})
    return {
        "id": value.get("legacyResourceId"),
        "created_at": value.get("createdAt"),
        "updated_at": value.get("updatedAt"),
        "status": value.get("status"),
        "shipment_status": str(value.get("displayStatus") or "").lower(),
        "delivered_at": value.get("deliveredAt"),
        "tracking_company": tracking.get("company"),
        "tracking_number": tracking.get("number"),
    }


def _fees(value: Value, currency: str) -> str | None:
    """What the payment cost, where Shopify Payments took it and in the shop's currency."""
    taken = [t for t in _nodes(value, "transactions") if str(t.get("status")).upper() == "SUCCESS"]
    amounts = [_of(fee, "amount") for each in taken for fee in each.get("fees") or []]
    if not amounts or any(amount.get("currencyCode") != currency for amount in amounts):
        return None
    return str(sum(Node(amount).decimal("amount") for amount in amounts))


def _order(value: Value, currency: str) -> dict[str, Any]:
    visit = _of(_of(value, "customerJourneySummary"), "lastVisit")
    campaign = _of(visit, "utmParameters").get("source")
    shaped = {
        "id": value.get("legacyResourceId"),
        "name": value.get("name"),
        "email": value.get("email"),
        "phone": value.get("phone"),
        "test": value.get("test"),
        "currency": value.get("currencyCode") or currency,
        "taxes_included": value.get("taxesIncluded"),
        "financial_status": str(value.get("displayFinancialStatus") or "").lower(),
        "source_name": value.get("sourceName"),
        "landing_site": f"/?{urlencode({'utm_source': campaign})}" if campaign else "",
        "referring_site": visit.get("referrerUrl"),
        "customer_locale": value.get("customerLocale"),
        "customer": _customer(_of(value, "customer")),
        "discount_codes": [{"code": code} for code in value.get("discountCodes") or []],
        "payment_fee": _fees(value, currency),
    }
    moments = {"created_at": "createdAt", "processed_at": "processedAt", "updated_at": "updatedAt",
               "cancelled_at": "cancelledAt", "closed_at": "closedAt"}  # fmt: skip
    amounts = {"total_price": "totalPriceSet", "current_total_price": "currentTotalPriceSet",
               "total_tax": "totalTaxSet", "total_discounts": "totalDiscountsSet",
               "total_outstanding": "totalOutstandingSet"}  # fmt: skip
    lists = {"line_items": ("lineItems", _line), "shipping_lines": ("shippingLines", _shipping),
             "refunds": ("refunds", _refund), "fulfillments": ("fulfillments", _parcel)}  # fmt: skip
    return {
        **shaped,
        **{name: value.get(theirs) for name, theirs in moments.items()},
        **{name: _amount(value, theirs) for name, theirs in amounts.items()},
        **{name: _address(_of(value, theirs)) if value.get(theirs) else None
           for name, theirs in {"billing_address": "billingAddress", "shipping_address": "shippingAddress"}.items()},
        **{name: [shape(each) for each in _nodes(value, theirs)] for name, (theirs, shape) in lists.items()},
    }  # fmt: skip


def _product(value: Value, currency: str) -> dict[str, Any]:
    def variant(each: Value) -> dict[str, Any]:
        cost = _of(_of(each, "inventoryItem"), "unitCost")
        known = cost.get("currencyCode") == currency
        return {
            "id": each.get("legacyResourceId"),
            "sku": each.get("sku"),
            "title": each.get("title"),
            "price": each.get("price"),
            "cost": cost.get("amount") if known else None,
            "inventory_quantity": each.get("inventoryQuantity"),
        }

    image = _of(_of(_of(value, "featuredMedia"), "preview"), "image")
    return {
        "id": value.get("legacyResourceId"),
        "title": value.get("title"),
        "product_type": value.get("productType"),
        "vendor": value.get("vendor"),
        "status": value.get("status"),
        "updated_at": value.get("updatedAt"),
        "url": value.get("onlineStoreUrl"),
        "image": {"src": image.get("url")},
        "currency": currency,
        "variants": [variant(each) for each in _nodes(value, "variants")],
    }


SHAPES: Mapping[str, Callable[[Value, str], dict[str, Any]]] = {
    "orders": _order,
    "customers": _customer,
    "products": _product,
}
