"""Shopify's orders, refunds and parcels as facts, from the shape webhooks and REST have; the pull makes that shape too.

Amounts are those in the shop's own currency (`shop_money`), VAT inside, whether the shop shows prices with it or not.
Gift cards sold are not revenue: they are when somebody pays with them, since the order paid so is counted whole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import parse_qs, urlsplit

from stammkunde.server.shop.facts import Fact, LineFact, OrderFact, ParcelFact, RefundFact, Who
from stammkunde.server.shop.sources.payloads import Node

PAID = frozenset({"paid", "partially_refunded", "refunded"})
NEVER_PAID = frozenset({"voided", "expired"})
BACK = frozenset({"return", "cancel", "legacy_restock"})  # pieces that are in the shop's hands again
ON_ITS_WAY = frozenset({"in_transit", "out_for_delivery", "attempted_delivery", "delayed", "confirmed"})
LOST = frozenset({"cancelled", "error", "failure"})


def order(node: Node) -> list[Fact]:
    """An order with its refunds and parcels."""
    key, currency = node.key("id"), node.currency("currency")
    refunds = [
        refund(each, key, currency=currency, version=node.version("updated_at")) for each in node.each("refunds")
    ]
    parcels = [parcel(each, key) for each in node.each("fulfillments")]
    fact = _order(node, key, currency)
    return [fact, *(each for each in refunds if each), *parcels]


def _order(node: Node, key: str, currency: str) -> OrderFact:
    # Imported orders are created on the day of their import, and processed on their own.
    placed_at = node.moment("processed_at", "created_at")
    status, removed = node.text("financial_status").lower(), _removed(node)
    sums = _Sums(node, currency, removed)
    cancelled_at = node.maybe_moment("cancelled_at")
    if status in NEVER_PAID and cancelled_at is None:
        cancelled_at = node.maybe_moment("closed_at", "updated_at") or placed_at
    return OrderFact(
        external_id=key,
        who=who_ordered(node),
        placed_at=placed_at,
        currency=currency,
        gross=sums.total - sums.shipping + sums.discount,
        total=sums.total,
        discount=sums.discount,
        shipping=sums.shipping,
        tax=sums.tax,
        lines=tuple(sums.lines),
        version=node.version("updated_at"),
        number=node.text("name", "order_number"),
        paid_at=placed_at if status in PAID else None,
        cancelled_at=cancelled_at,
        test=node.flag("test"),
        payment_fee=node.maybe_money("payment_fee", currency),
        coupon=next((code for each in node.each("discount_codes") if (code := each.text("code"))), ""),
        channel=channel(node),
        country=_country(node.one("shipping_address")) or _country(node.one("billing_address")),
        cart_token=cart_token(node),
    )


class _Sums:
    """What an order adds up to: total = goods - discount + shipping, each with its VAT."""

    def __init__(self, node: Node, currency: str, removed: Mapping[str, int]) -> None:
        self.node, self.currency = node, currency
        with_tax = node.flag("taxes_included")
        read = [_Line.read(each, currency, removed, with_tax=with_tax) for each in node.each("line_items")]
        self.lines = [line.fact for line in read if not line.gift and line.fact.quantity]
        gifts = sum(line.fact.total for line in read if line.gift)
        self.shipping = self._shipping(with_tax=with_tax)
        charged, told = self._charged(bool(removed)), node.money("total_price", currency)
        self.total = max(charged - gifts, 0)
        self.discount = sum(line.discount for line in self.lines) or self._told_discount(read)
        tax = node.maybe_money("total_tax", currency)
        self.tax = round(Decimal(tax) * charged / told) if tax and told and charged != told else tax

    def _charged(self, reduced: bool) -> int:
        """What was asked for. Pieces taken off before anybody paid for them leave `total_price` as it was.

        What is left, what was given back and what was overpaid add up to what was paid.
        """
        told = self.node.money("total_price", self.currency)
        current = self.node.maybe_money("current_total_price", self.currency)
        if not reduced or current is None:
            return told
        back = sum(_returned(each, self.currency) for each in self.node.each("refunds"))
        overpaid = max(-self.node.money("total_outstanding", self.currency), 0)
        return min(current + back + overpaid, told)

    def _shipping(self, *, with_tax: bool) -> int:
        lines = [each for each in self.node.each("shipping_lines") if not each.flag("is_removed")]
        if not lines:
            total = self.node.one("total_shipping_price_set").one("shop_money")
            return total.money("amount", self.currency) if "shipping_lines" not in self.node else 0
        return sum(self._of_shipping(each, with_tax=with_tax) for each in lines)

    def _of_shipping(self, line: Node, *, with_tax: bool) -> int:
        price = line.money("price", self.currency)
        taken_off = sum(each.money("amount", self.currency) for each in line.each("discount_allocations"))
        discounted = line.maybe_money("discounted_price", self.currency)
        net = price - taken_off if taken_off else price if discounted is None else discounted
        return net if with_tax else net + _tax(line, self.currency)

    def _told_discount(self, read: "Iterable[_Line]") -> int:
        """The discount of the order, where its lines say nothing of it."""
        if any(line.fact.discount for line in read):
            return 0
        of_shipping = sum(
            max(each.money("price", self.currency) - (each.maybe_money("discounted_price", self.currency) or 0), 0)
            for each in self.node.each("shipping_lines")
            if "discounted_price" in each
        )
        return max(self.node.money("total_discounts", self.currency) - of_shipping, 0)


@dataclass(frozen=True)
class _Line:
    fact: LineFact
    gift: bool

    @staticmethod
    def read(node: Node, currency: str, removed: Mapping[str, int], *, with_tax: bool) -> "_Line":
        key, ordered = node.key("id", "admin_graphql_api_id", "variant_id", "title"), node.whole("quantity")
        quantity = max(ordered - removed.get(key, 0), 0)
        allocations = [each.money("amount", currency) for each in node.each("discount_allocations")]
        price = node.money("price", currency)
        off, tax = sum(allocations) or node.money("total_discount", currency), _tax(node, currency)
        if quantity != ordered and ordered:
            off, tax = (round(Decimal(value) * quantity / ordered) for value in (off, tax))
        net = price * quantity - off
        rate = Decimal(0) if with_tax else Decimal(tax) / net if net > 0 else _rate(node)
        discount = _rounded(off * (1 + rate))
        total = net if with_tax else net + tax
        title, of_variant = node.text("title", "name"), node.text("variant_title")
        fact = LineFact(
            external_id=key,
            quantity=quantity,
            price=price if with_tax or not quantity else _rounded(Decimal(total + discount) / quantity),
            total=total,
            discount=discount,
            tax=tax if node.value.get("tax_lines") is not None else None,
            sku=node.text("sku"),
            title=f"{title} - {of_variant}" if of_variant and of_variant != "Default Title" else title,
            product_id=node.maybe_key("product_id"),
            variant_id=node.maybe_key("variant_id"),
        )
        return _Line(fact, node.flag("gift_card"))


def refund(
    node: Node, order_id: str = "", *, currency: str = "", version: int = 0, who: Who | None = None
) -> RefundFact | None:
    """Money given back: the sum of its successful transactions. One without any is only a return to the shelf.

    Its version is that of the order it came in, as a refund has none, and its transactions may succeed later.
    """
    code = currency or _currency(node)
    items, gifts = list(node.each("refund_line_items")), 0
    for each in items:
        if each.one("line_item").flag("gift_card"):
            gifts += each.money("subtotal", code) + each.money("total_tax", code)
    amount = max(_returned(node, code) - gifts, 0)
    back = [each for each in items if each.text("restock_type").lower() in BACK]
    returned = tuple((each.key("line_item_id"), each.whole("quantity")) for each in back)
    if not amount and not returned:
        return None
    taxes = sum(each.money("total_tax", code) for each in items)
    taxes += sum(abs(each.money("tax_amount", code)) for each in node.each("order_adjustments"))
    return RefundFact(
        external_id=node.key("id"),
        order_id=order_id or node.key("order_id"),
        at=node.moment("processed_at", "created_at"),
        amount=amount,
        currency=code,
        tax=min(taxes, amount) if items or taxes else None,
        version=version or node.version("updated_at", "processed_at", "created_at"),
        reason=node.text("note"),
        returned=returned,
        goods_back=None if returned else 0,
        who=who or Who(),
    )


def parcel(node: Node, order_id: str = "") -> ParcelFact:
    """A fulfillment is a parcel."""
    status, on_its_way = node.text("status").lower(), node.text("shipment_status").lower()
    numbers = node.value.get("tracking_numbers")
    delivered = on_its_way == "delivered"
    return ParcelFact(
        external_id=node.key("id"),
        order_id=order_id or node.key("order_id"),
        state=_parcel_state(status, on_its_way),
        carrier=node.text("tracking_company"),
        tracking=node.text("tracking_number") or (str(numbers[0]) if isinstance(numbers, list) and numbers else ""),
        shipped_at=node.maybe_moment("created_at") if status not in LOST else None,
        delivered_at=node.maybe_moment("delivered_at", "updated_at") if delivered else None,
        version=node.version("updated_at", "created_at"),
    )


def who_ordered(node: Node) -> Who:
    """Who ordered: the account if there is one, the address given at the checkout in any case."""
    customer, billing, shipping = (node.one(name) for name in ("customer", "billing_address", "shipping_address"))
    home = billing or customer.one("default_address") or shipping
    account = " ".join(filter(None, (customer.text("first_name"), customer.text("last_name"))))
    own = customer.text("email")
    email = node.text("email", "contact_email") or own
    return Who(
        shop_id=customer.maybe_key("id"),
        email=email,
        phone=node.text("phone") or customer.text("phone") or home.text("phone"),
        verified=customer.flag("verified_email") and email.lower() == own.lower(),
        name=account or person(home) or person(shipping),
        company=home.text("company"),
        postcode=home.text("zip"),
        country=_country(home),
        locale=node.text("customer_locale"),
    )


def person(address: Node) -> str:
    """The name in an address."""
    return address.text("name") or " ".join(filter(None, (address.text("first_name"), address.text("last_name"))))


def channel(node: Node) -> str:
    """What brought the order: the campaign's source, else the page before the shop, else where it was placed."""
    landing = parse_qs(urlsplit(node.text("landing_site")).query)
    if named := next(iter(landing.get("utm_source", [])), "").strip():
        return named.lower()
    before = _host(node.text("referring_site"))
    return before or node.text("source_name").lower()


def cart_token(node: Node) -> str:
    """The name of the basket, the same in cart, checkout and order; a checkout that had no cart has its own."""
    return node.text("cart_token", "checkout_token").partition("?")[0][:120]


def _removed(node: Node) -> dict[str, int]:
    """Pieces taken off by an edit before anybody paid for them: a refund without money, and nothing overpaid."""
    found: dict[str, int] = {}
    overpaid = node.text("total_outstanding").startswith("-")
    for each in node.each("refunds") if not overpaid and "current_total_price" in node else ():
        if not list(each.each("transactions")):
            for item in each.each("refund_line_items"):
                key = item.text("line_item_id")
                found[key] = found.get(key, 0) + item.whole("quantity")
    return found


def _returned(node: Node, currency: str) -> int:
    given = [each for each in node.each("transactions") if each.text("kind").lower() == "refund"]
    return sum(_amount(each, currency) for each in given if each.text("status").lower() == "success")


def _amount(transaction: Node, currency: str) -> int:
    """In the shop's currency where the payload tells it; customers may pay, and be repaid, in another."""
    in_shop = transaction.one("amount_set").one("shop_money")
    return (in_shop or transaction).money("amount", currency)


def _currency(node: Node) -> str:
    """The currency of a refund on its own, which has none: that of its money."""
    sets = (each.one("subtotal_set") for each in node.each("refund_line_items"))
    for money in (node.one("total_duties_set"), *sets):
        if code := money.one("shop_money").text("currency_code"):
            return code.upper()
    for each in node.each("transactions"):
        return (each.one("amount_set").one("shop_money") or each).currency("currency_code", "currency")
    return node.currency("currency")


def _tax(node: Node, currency: str) -> int:
    return sum(each.money("price", currency) for each in node.each("tax_lines"))


def _rate(node: Node) -> Decimal:
    return sum((each.decimal("rate") for each in node.each("tax_lines")), Decimal(0))


def _parcel_state(status: str, on_its_way: str) -> str:
    if status in LOST:
        return "cancelled"
    if on_its_way in {"delivered", "failure"}:
        return {"delivered": "delivered", "failure": "failed"}[on_its_way]
    return "shipped" if status == "success" or on_its_way in ON_ITS_WAY else "pending"


def _country(address: Node) -> str:
    code = address.text("country_code") or address.text("country")
    return code.upper() if len(code) == 2 else ""


def _host(url: str) -> str:
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:  # what browsers send there is anybody's guess
        return ""
    return host.removeprefix("www.")


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))
