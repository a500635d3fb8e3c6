"""Shopware's orders, refunds, parcels and customers as facts.

What counts, decided here:

- Amounts are in the shop's standard currency, divided by the `currencyFactor` the order was placed with, VAT inside: in
  net orders the tax of each line is added, in tax-free ones there is none.
- Paid is what has a payment that is paid (also if it was given back later). Open, authorised and partly paid orders are
  orders that nobody paid yet. Where every payment failed or was cancelled, the order is cancelled.
- Promotions are lines of negative price: they are discounts, shared among the lines they were given for. Credits are
  lines too, added after the sale: they are refunds, and the order stays what it was.
- Given back is what captures were refunded; where there are none, the whole payment when its state says so. Of a
  payment that is partly refunded without captures Shopware does not tell the amount (see `unknown_refund`).
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from stammkunde.server.lib.money import minor
from stammkunde.server.shop.facts import Fact, LineFact, OrderFact, ParcelFact, RefundFact, Who
from stammkunde.server.shop.sources.base import parsed
from stammkunde.server.shop.sources.composing import spread
from stammkunde.server.shop.sources.payloads import Node
from stammkunde.server.shop.sources.shopware_people import locale_of, person
from stammkunde.server.shop.sources.shopware_states import (
    STANDARD_CURRENCY,
    changed,
    factor,
    refunded_captures,
    state,
    version,
)

PAID = frozenset({"paid", "refunded", "refunded_partially", "chargeback"})
GIVEN_BACK = frozenset({"refunded", "chargeback"})
FAILED = frozenset({"failed", "cancelled"})
PARCELS = {"open": "pending", "shipped": "shipped", "shipped_partially": "shipped", "cancelled": "cancelled"}


def order(node: Node, standard: str = "") -> list[Fact]:
    """An order with its refunds and parcels. `standard` is the code of the shop's standard currency, where known."""
    read = _Order(node, standard)
    return [read.fact(), *read.refunds(), *read.parcels()]


class _Order:
    """One order being read."""

    def __init__(self, node: Node, standard: str) -> None:
        self.node, self.key, self.version = node, node.key("id"), version(node)
        self.factor = factor(node)
        own = node.one("currency").text("isoCode") if self.factor == 1 else ""
        self.currency = (own or standard).upper()
        if not self.currency:
            raise node.wrong("currency", "it is missing.")
        self.mode = node.text("taxStatus") or node.one("price").text("taxStatus")
        # Components of an article (`parentId`) are in the price of the article.
        items = [each for each in node.each("lineItems") if "parentId" not in each]
        self.credits = [each for each in items if each.text("type") == "credit"]
        rest = [each for each in items if each.text("type") != "credit"]
        self.articles = [each for each in rest if each.decimal("totalPrice") >= 0 and each.text("type") != "promotion"]
        self.taken_off = [each for each in rest if each not in self.articles]
        self.cancelled_at = self._cancelled_at()

    def fact(self) -> OrderFact:
        node = self.node
        credit = sum(self._charged(each) for each in self.credits)
        total = self._money(node, "amountTotal") - credit
        shipping, lines = self._shipping(), self._lines()
        discount = -sum(self._charged(each) for each in self.taken_off)
        return OrderFact(
            external_id=self.key,
            who=self._who(),
            placed_at=node.moment("orderDateTime", "createdAt"),
            currency=self.currency,
            gross=total + discount - shipping,
            total=total,
            discount=discount,
            shipping=shipping,
            tax=self._order_tax(with_credits=True),
            lines=lines,
            version=self.version,
            number=node.text("orderNumber"),
            paid_at=self._paid_at(),
            cancelled_at=self.cancelled_at,
            coupon=next((code for each in self.taken_off if (code := each.one("payload").text("code"))), ""),
            channel=node.text("affiliateCode", "campaignCode") or node.one("salesChannel").text("name"),
            country=self._country(),
        )

    def refunds(self) -> Iterator[RefundFact]:
        """Credits, captures that were refunded, and payments whose state says that all of it was given back."""
        left = self._money(self.node, "amountTotal")
        for each in self.credits:
            back = -self._charged(each)
            yield self._refund(each.key("id"), each, back, tax=self._tax(each, sign=-1), reason=each.text("label"))
        for payment in self.node.each("transactions"):
            captured = list(refunded_captures(payment))
            for each in captured:
                amount = self._money(each.one("amount"), "totalPrice")
                left -= amount
                yield self._refund(each.key("id"), each, amount, tax=self._known_tax(each), reason=each.text("reason"),
                                   returned=_positions(each))  # fmt: skip
            how = state(payment)
            if how in GIVEN_BACK:
                paid = self._money(payment.one("amount"), "totalPrice")
                rest = max(min(paid - sum(self._money(e.one("amount"), "totalPrice") for e in captured), left), 0)
                left -= rest
                yield self._whole_refund(payment, rest, how)

    def _whole_refund(self, payment: Node, amount: int, how: str) -> RefundFact:
        all_of_it = amount > 0 and amount == self._money(self.node, "amountTotal")
        return self._refund(
            f"{payment.key('id')}/refunded",
            payment,
            amount,
            tax=self._order_tax() if all_of_it else None,
            reason=how if how == "chargeback" else "",
            returned=tuple((line.external_id, line.quantity) for line in self._lines()) if self._all_back() else (),
        )

    def parcels(self) -> Iterator[ParcelFact]:
        """Deliveries; a promotion on shipping is one too, of negative price, and no parcel."""
        for each in self.node.each("deliveries"):
            if each.one("shippingCosts").decimal("totalPrice") < 0:
                continue
            now = state(each)
            codes = each.value.get("trackingCodes")
            yield ParcelFact(
                external_id=each.key("id"),
                order_id=self.key,
                state=PARCELS.get(now, "returned" if now.startswith("returned") else now),
                carrier=each.one("shippingMethod").text("name"),
                tracking=", ".join(map(str, codes)) if isinstance(codes, list) else "",
                shipped_at=changed(each) if now.startswith("shipped") else None,
                version=self.version,
            )

    def _refund(self, key: str, node: Node, amount: int, *, tax: int | None, **more: Any) -> RefundFact:
        at = changed(node)
        if at is None:
            raise node.wrong("createdAt", "a moment is missing.")
        return RefundFact(key, self.key, at, amount, self.currency, tax=tax, version=self.version, **more)

    def _lines(self) -> tuple[LineFact, ...]:
        discounts = self._discounts()
        return tuple(self._line(each, off) for each, off in zip(self.articles, discounts, strict=True))

    def _line(self, node: Node, off: int) -> LineFact:
        payload, quantity = node.one("payload"), max(node.whole("quantity"), 1)
        charged = self._charged(node)
        return LineFact(
            external_id=node.key("id"),
            quantity=quantity,
            price=self._money(node, "unitPrice") if self.mode != "net" else round(Decimal(charged) / quantity),
            total=charged - off,
            discount=off,
            tax=self._tax_left(node, charged, off),
            cost=self._cost(payload, quantity),
            sku=payload.text("productNumber"),
            title=node.text("label"),
            product_id=payload.maybe_key("parentId") or node.maybe_key("productId"),
            variant_id=node.maybe_key("productId", "referencedId"),
        )

    def _discounts(self) -> list[int]:
        """What promotions took off each article: as Shopware noted it, else by price."""
        off = [0] * len(self.articles)
        for each in self.taken_off:
            weights = [_noted(each, article) for article in self.articles]
            by_price = [self._charged(article) for article in self.articles]
            shares = spread(-self._charged(each), weights if any(weights) else by_price)
            off = [sum(pair) for pair in zip(off, shares, strict=True)]
        return off

    def _tax_left(self, node: Node, charged: int, off: int) -> int | None:
        tax = self._known_tax(node, of="price")
        return tax if not tax or not charged else round(Decimal(tax) * (charged - off) / charged)

    def _cost(self, payload: Node, quantity: int) -> int | None:
        """What the pieces cost the shop; 0 is how Shopware writes that nobody entered it."""
        told = payload.value.get("purchasePrices")
        if isinstance(told, str) and told:
            told = parsed(told)
        if not isinstance(told, dict):
            return None
        price = Node(told, payload.at("purchasePrices"))
        mine = price.text("currencyId") in {"", STANDARD_CURRENCY} and (
            self.factor != 1 or self.node.text("currencyId") in {"", STANDARD_CURRENCY}
        )
        piece = price.money("net", self.currency) if mine else 0
        return piece * quantity or None

    def _charged(self, line: Node) -> int:
        return self._money(line, "totalPrice") + (self._tax(line) if self.mode == "net" else 0)

    def _shipping(self) -> int:
        costs = self.node.one("shippingCosts")
        told = "shippingTotal" in self.node
        shipping = self._money(self.node, "shippingTotal") if told else self._money(costs, "totalPrice")
        return shipping + (self._taxes(costs) if self.mode == "net" else 0)

    def _order_tax(self, *, with_credits: bool = False) -> int | None:
        if self.mode == "tax-free":
            return 0
        if "amountNet" not in self.node:
            return None
        tax = self._money(self.node, "amountTotal") - self._money(self.node, "amountNet")
        return tax + sum(self._tax(each, sign=-1) for each in self.credits) if with_credits else tax

    def _tax(self, line: Node, *, sign: int = 1) -> int:
        return sign * self._taxes(line.one("price"))

    def _known_tax(self, node: Node, of: str = "amount") -> int | None:
        if self.mode == "tax-free":
            return 0
        price = node.one(of)
        return self._taxes(price) if price.value.get("calculatedTaxes") else None

    def _taxes(self, price: Node) -> int:
        return sum(self._money(each, "tax") for each in price.each("calculatedTaxes"))

    def _money(self, node: Node, name: str) -> int:
        amount = node.money(name, self.currency)  # says where it is wrong
        return amount if self.factor == 1 else minor(node.decimal(name) / self.factor, self.currency)

    def _paid_at(self) -> datetime | None:
        """A paid payment was paid when it last changed; one that was given back since, at some time before."""
        for each in self.node.each("transactions"):
            if state(each) in PAID:
                return changed(each) if state(each) == "paid" else each.maybe_moment("createdAt")
        free = not self._money(self.node, "amountTotal") and self.cancelled_at is None
        return self.node.moment("orderDateTime", "createdAt") if free else None

    def _cancelled_at(self) -> datetime | None:
        if state(self.node) == "cancelled":
            return changed(self.node)
        payments = list(self.node.each("transactions"))
        if not payments or any(state(each) not in FAILED for each in payments):
            return None
        return max((at for each in payments if (at := changed(each))), default=None)

    def _all_back(self) -> bool:
        states = {state(each) for each in self.node.each("deliveries")}
        return states == {"returned"}

    def _country(self) -> str:
        sent = [each.one("shippingOrderAddress").one("country").text("iso") for each in self.node.each("deliveries")]
        return next((iso.upper() for iso in [*sent, self._home().one("country").text("iso")] if len(iso) == 2), "")

    def _home(self) -> Node:
        """The billing address; webhooks bring it among all addresses only."""
        told = self.node.one("billingAddress")
        if told:
            return told
        mine = self.node.text("billingAddressId")
        return next((each for each in self.node.each("addresses") if each.text("id") == mine), Node({}))

    def _who(self) -> Who:
        ordered = self.node.one("orderCustomer")
        account = Node({"id": ordered.text("customerId")} | dict(ordered.one("customer").value))
        return person(ordered, self._home(), account, locale=locale_of(self.node.one("language")))


def _noted(promotion: Node, article: Node) -> int:
    """How much of a promotion Shopware noted for an article, as a weight."""
    parts = promotion.one("payload").each("composition")
    names = {article.text("identifier"), article.text("id")} - {""}
    return int(100 * sum(abs(part.decimal("discount")) for part in parts if part.text("id") in names))


def _positions(refund: Node) -> tuple[tuple[str, int], ...]:
    pieces = [(each.text("orderLineItemId"), each.whole("quantity")) for each in refund.each("positions")]
    return tuple((key, quantity) for key, quantity in pieces if key and quantity > 0)
