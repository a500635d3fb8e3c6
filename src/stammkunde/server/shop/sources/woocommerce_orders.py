"""What WooCommerce writes of orders, refunds, customers and products, as facts.

Stored amounts are net with their tax beside them, however the shop shows prices, so both are added: VAT inside.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from html import unescape

from stammkunde.server.shop.facts import (
    CartFact,
    CustomerFact,
    Fact,
    LineFact,
    OrderFact,
    ProductFact,
    RefundFact,
    VariantFact,
    Who,
)
from stammkunde.server.shop.sources.base import UNTOLD
from stammkunde.server.shop.sources.payloads import Node

NO_ORDER = frozenset({"checkout-draft", "auto-draft", "draft", "new"})
UNPAID = "pending"  # nobody has paid yet, and most who stay here never will: a checkout, not a sale
FELL_THROUGH = frozenset({"cancelled", "failed", "trash"})
UNDATED = 1  # the version of a refund of which only the amount is known: whoever knows its day knows better
_FEES = (("_stripe_fee", "_stripe_currency"), ("_wcpay_transaction_fee", ""), ("PayPal Transaction Fee", ""),
         ("_paypal_transaction_fee", ""))  # fmt: skip


def order(node: Node) -> list[Fact]:
    """An order, with refunds by their day where the pull has put them in (`refund_details`), else without."""
    status, key = node.text("status").lower().removeprefix("wc-"), node.key("id")
    if status in NO_ORDER:
        return []
    currency, placed_at = node.currency("currency"), moment(node, "date_created")
    who = who_ordered(node)
    if status == UNPAID:
        return [_checkout(node, key, who, currency=currency, placed_at=placed_at)]
    fact = _order(node, key, who, currency=currency, placed_at=placed_at, status=status)
    return [fact, *_refunds(node, fact)]


def _order(node: Node, key: str, who: Who, *, currency: str, placed_at: datetime, status: str) -> OrderFact:
    total = node.money("total", currency)
    shipping = node.money("shipping_total", currency) + node.money("shipping_tax", currency)
    fees = list(_extras(node, currency))
    discount = node.money("discount_total", currency) + node.money("discount_tax", currency)
    discount += sum(-fee.total for fee in fees if fee.total < 0)
    meta = _meta(node)
    return OrderFact(
        external_id=key,
        who=who,
        placed_at=placed_at,
        currency=currency,
        gross=total - shipping + discount,
        total=total,
        discount=discount,
        shipping=shipping,
        tax=node.maybe_money("total_tax", currency),
        lines=(*_lines(node, currency), *(fee for fee in fees if fee.total > 0)),
        version=_version(node),
        number=node.text("number", "id"),
        paid_at=_maybe(node, "date_paid"),
        cancelled_at=(_maybe(node, "date_modified") or placed_at) if status in FELL_THROUGH else None,
        payment_fee=_payment_fee(meta, currency),
        coupon=next((code for each in node.each("coupon_lines") if (code := each.text("code"))), ""),
        channel=meta.text("_wc_order_attribution_utm_source").strip("()").lower(),
        country=node.one("shipping").text("country") or node.one("billing").text("country"),
        cart_token=_cart(key),
    )


def _lines(node: Node, currency: str) -> Iterator[LineFact]:
    for each in node.each("line_items"):
        before = each.money("subtotal", currency) + each.money("subtotal_tax", currency)
        total = each.money("total", currency) + each.money("total_tax", currency)
        quantity = each.whole("quantity")
        product_id = each.maybe_key("product_id")
        yield LineFact(
            external_id=each.key("id"),
            quantity=quantity,
            price=round(Decimal(before) / quantity) if quantity else before,
            total=total,
            discount=max(before - total, 0),
            tax=each.maybe_money("total_tax", currency),
            cost=_cost(each, quantity, currency),
            sku=each.text("sku"),
            title=unescape(each.text("name")),
            product_id=product_id,
            variant_id=each.maybe_key("variation_id") or product_id,
        )


def _extras(node: Node, currency: str) -> Iterator[LineFact]:
    """Fees: charged beside the goods, or taken off where they are negative. They cost no goods."""
    for each in node.each("fee_lines"):
        total = each.money("total", currency) + each.money("total_tax", currency)
        yield LineFact(
            external_id=f"fee-{each.key('id')}",
            quantity=1,
            price=total,
            total=total,
            tax=each.maybe_money("total_tax", currency),
            cost=0,
            title=unescape(each.text("name")),
        )


def _cost(line: Node, quantity: int, currency: str) -> int | None:
    """The cost of all pieces: of the shop itself, or of one of two plugins many use."""
    if "value" in line.one("cost_of_goods_sold"):
        return line.one("cost_of_goods_sold").money("value", currency)
    meta = _meta(line)
    if "_wc_cog_item_total_cost" in meta:
        return meta.money("_wc_cog_item_total_cost", currency)
    each = next((name for name in ("_wc_cog_item_cost", "_alg_wc_cog_item_cost") if name in meta), "")
    return meta.money(each, currency) * quantity if each else None


def _payment_fee(meta: Node, currency: str) -> int | None:
    for fee, in_currency in _FEES:
        same = not in_currency or meta.text(in_currency).upper() in {"", currency}
        if fee in meta and same:
            return abs(meta.money(fee, currency))
    return None


def _refunds(node: Node, fact: OrderFact) -> Iterator[RefundFact]:
    details = {each.text("id"): each for each in node.each("refund_details")}
    yield from (refund(each, fact) for each in details.values())
    for each in node.each("refunds"):
        if each.text("id") not in details:
            yield RefundFact(
                external_id=each.key("id"),
                order_id=fact.external_id,
                at=fact.placed_at,
                amount=abs(each.money("total", fact.currency)),
                currency=fact.currency,
                version=UNDATED,
                dated=False,
                reason=each.text("reason"),
                who=fact.who,
            )


def refund(node: Node, fact: OrderFact) -> RefundFact:
    """A refund as the API tells it: lines with negative pieces and amounts, and the line each takes back."""
    taxes, back = 0, []
    for name in ("line_items", "shipping_lines", "fee_lines"):
        for each in node.each(name):
            taxes += abs(each.money("total_tax", fact.currency))
            line, pieces = _meta(each).text("_refunded_item_id"), abs(each.whole("quantity"))
            if name == "line_items" and line and pieces:
                back.append((line[:120], pieces))
    amount = abs(node.money("amount", fact.currency))
    return RefundFact(
        external_id=node.key("id"),
        order_id=fact.external_id,
        at=moment(node, "date_created"),
        amount=amount,
        currency=fact.currency,
        tax=min(taxes, amount) if taxes else None,
        version=max(node.version("date_created_gmt", "date_created"), UNDATED + 1),
        reason=node.text("reason"),
        returned=tuple(back),
        goods_back=None if back else 0,
        who=fact.who,
    )


def _checkout(node: Node, key: str, who: Who, *, currency: str, placed_at: datetime) -> CartFact:
    changed_at = _maybe(node, "date_modified") or placed_at
    lines = tuple(
        {"sku": line.sku, "title": line.title, "quantity": line.quantity, "price": line.price}
        for line in _lines(node, currency)
    )
    return CartFact(
        external_id=_cart(key),
        who=who,
        began_at=placed_at,
        changed_at=changed_at,
        currency=currency,
        value=node.money("total", currency),
        stage="checkout",
        lines=lines,
        url=node.text("payment_url"),
        version=_version(node),
    )


def who_ordered(node: Node) -> Who:
    """An account, or a guest: known by the address of the bill alone."""
    bill, parcel = node.one("billing"), node.one("shipping")
    return Who(
        shop_id=node.maybe_key("customer_id"),
        email=bill.text("email"),
        phone=bill.text("phone"),
        name=_person(bill) or _person(parcel),
        company=bill.text("company"),
        postcode=bill.text("postcode"),
        country=bill.text("country"),
    )


def customer(node: Node) -> list[Fact]:
    """An account."""
    bill = node.one("billing")
    who = Who(
        shop_id=node.key("id"),
        email=node.text("email") or bill.text("email"),
        phone=bill.text("phone"),
        name=_person(node) or _person(bill),
        company=bill.text("company"),
        postcode=bill.text("postcode"),
        country=bill.text("country"),
    )
    return [CustomerFact(who, _maybe(node, "date_created") or UNTOLD, version=_version(node))]


def customer_gone(node: Node) -> list[Fact]:
    """An account that was deleted: the payload is its number."""
    return [CustomerFact(Who(shop_id=node.key("id")), UNTOLD, gone=True)]


def product(node: Node, currency: str) -> list[Fact]:
    """A product; one without variants is its own. `variation_details` are put in by the pull."""
    told = list(node.each("variation_details")) or ([] if node.value.get("variations") else [node])
    categories = [unescape(each.text("name")) for each in node.each("categories")]
    images = [each.text("src") for each in node.each("images")]
    fact = ProductFact(
        external_id=node.key("id"),
        title=unescape(node.text("name")),
        category=next(iter(categories), ""),
        brand=next((unescape(each.text("name")) for each in node.each("brands")), ""),
        image=next(iter(images), ""),
        url=node.text("permalink"),
        currency=currency,
        active=node.text("status") in {"publish", "private", ""},
        variants=tuple(_variant(each, currency) for each in told),
        version=_version(node),
    )
    return [fact]


def _variant(node: Node, currency: str) -> VariantFact:
    meta, cost = _meta(node), node.one("cost_of_goods_sold").maybe_money("total_value", currency)
    for name in ("_wc_cog_cost", "_alg_wc_cog_cost"):
        cost = meta.maybe_money(name, currency) if cost is None else cost
    return VariantFact(
        external_id=node.key("id"),
        sku=node.text("sku"),
        title=" ".join(each.text("option") for each in node.each("attributes") if "option" in each),
        price=node.maybe_money("price", currency),
        cost=cost,
        stock=node.maybe_whole("stock_quantity"),
    )


def moment(node: Node, name: str) -> datetime:
    """A moment: times without a zone are UTC where their name says so, else the shop's."""
    return node.moment(f"{name}_gmt") if f"{name}_gmt" in node else node.moment(name)


def _maybe(node: Node, name: str) -> datetime | None:
    return node.maybe_moment(f"{name}_gmt", name)


def _version(node: Node) -> int:
    return node.version("date_modified_gmt", "date_modified")


def _cart(key: str) -> str:
    """The checkout that an order is until it is paid."""
    return f"order-{key}"


def _person(node: Node) -> str:
    return " ".join(filter(None, (node.text("first_name"), node.text("last_name"))))


def _meta(node: Node) -> Node:
    """Values of plugins by their names."""
    found = {each.text("key"): each.value.get("value") for each in node.each("meta_data")}
    return Node({name: value for name, value in found.items() if not isinstance(value, dict | list)}, node.at("meta"))
