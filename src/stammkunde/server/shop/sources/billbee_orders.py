"""Billbee's orders, cancellations and parcels as facts.

What counts, decided here:

- An order is known by its shop and its number there, since cancellations name that; where it has none, by Billbee's.
- Ordered and confirmed are orders, paid when Billbee knows the day or the whole amount. Offers (14) are none. Cancelled
  (8) and deleted (6) ones are cancelled. A complaint (5) changes nothing: what it costs comes as a cancellation.
- An order of a negative amount, or one that says what it is the cancellation of, is a refund.
- Billbee tells `TotalCost` with shipping, some shops hand it over without: what its parts add up to decides.
- Marketplaces hide addresses behind ones of their own: who bought at two of them is two people here.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

from stammkunde.server.shop.facts import Fact, LineFact, OrderFact, ParcelFact, RefundFact, Who
from stammkunde.server.shop.sources.composing import spread
from stammkunde.server.shop.sources.payloads import KEY, Node

DELETED, CANCELLED, OFFER = "6", "8", "14"


def order(node: Node) -> list[Fact]:
    """An order with its parcels, or a refund; an offer is nothing yet."""
    if node.text("State") == OFFER:
        return []
    read = _Order(node)
    return [read.refund()] if read.is_refund() else [read.fact(), *read.parcels()]


class _Order:
    """One order being read. Moments without a zone are those of the shop."""

    def __init__(self, node: Node) -> None:
        self.node, self.zone = node, ZoneInfo(settings.SHOP_ZONE)
        self.currency = node.currency("Currency")
        self.key = _key(node, "Id") or node.key("BillBeeOrderId", "Id")
        items = list(node.each("OrderItems"))
        off = {id(each) for each in items if self._off(each)}
        self.articles = [each for each in items if id(each) not in off]
        self.taken_off = [each for each in items if id(each) in off]
        self.shipping = node.money("ShippingCost", self.currency)
        self.adjustment = node.money("AdjustmentCost", self.currency)
        self.total = self._total(items)
        self.version = node.version("LastModifiedAt", "UpdatedAt", "CreatedAt", zone=self.zone)

    def is_refund(self) -> bool:
        """Whether money went back."""
        return self.total < 0 or (bool(self._cancels()) and self.total != 0)

    def fact(self) -> OrderFact:
        """The order."""
        node, lines = self.node, self._lines()
        discount = sum(line.discount for line in lines)
        placed_at = self._at("CreatedAt")
        if placed_at is None:
            raise node.wrong("CreatedAt", "a moment is missing.")
        gone = node.text("State") in {CANCELLED, DELETED}
        return OrderFact(
            external_id=self.key,
            who=_who(node),
            placed_at=placed_at,
            currency=self.currency,
            gross=self.total + discount - self.shipping,
            total=self.total,
            discount=discount,
            shipping=self.shipping,
            tax=self._tax(),
            lines=lines,
            version=self.version,
            number=node.text("OrderNumber", "Id"),
            paid_at=self._paid_at(placed_at),
            cancelled_at=(self._at("LastModifiedAt", "UpdatedAt") or placed_at) if gone else None,
            coupon=next((_code(each) for each in self.taken_off if each.flag("IsCoupon")), ""),
            channel=node.one("Seller").text("Platform", "BillbeeShopName"),
            country=_country(node.one("ShippingAddress")) or _country(node.one("InvoiceAddress")),
        )

    def refund(self) -> RefundFact:
        """What went back, for the order it names; where it names none, for somebody."""
        at = self._at("CreatedAt", "LastModifiedAt")
        if at is None:
            raise self.node.wrong("CreatedAt", "a moment is missing.")
        tax, state, order_id = self._tax(), self.node.text("State"), self._cancels()
        gone = state == DELETED or (state == CANCELLED and not order_id)
        return RefundFact(
            external_id=self.key,
            order_id=order_id or self.key,
            at=at,
            amount=0 if gone else abs(self.total),
            currency=self.currency,
            tax=None if tax is None or gone else abs(tax),
            version=self.version,
            reason=self.node.text("AdjustmentReason"),
            who=_who(self.node),
        )

    def parcels(self) -> Iterator[ParcelFact]:
        """Parcels; when one arrived Billbee does not know."""
        for each in self.node.each("ShippingIds"):
            number = each.text("ShippingId")
            if number:
                shipped_at = each.maybe_moment("Created", zone=self.zone) or self._at("ShippedAt")
                yield ParcelFact(
                    external_id=f"{self.key}/{number}"[:KEY],
                    order_id=self.key,
                    state="shipped" if shipped_at else "pending",
                    carrier=each.text("Shipper"),
                    tracking=number,
                    shipped_at=shipped_at,
                    version=self.version,
                )

    def _cancels(self) -> str:
        return _key(self.node, "IsCancelationFor")

    def _off(self, item: Node) -> bool:
        """Coupons and discounts are items of negative price; in a refund all of them are negative."""
        negative = item.decimal("TotalPrice") < 0 < self.node.decimal("TotalCost")
        return negative or item.flag("IsCoupon") or item.flag("IsDiscount")

    def _total(self, items: Sequence[Node]) -> int:
        told = self.node.money("TotalCost", self.currency)
        parts = sum(each.money("TotalPrice", self.currency) for each in items) + self.shipping + self.adjustment
        return min((told, told + self.shipping), key=lambda each: abs(each - parts)) if items else told

    def _lines(self) -> tuple[LineFact, ...]:
        amounts = [each.money("TotalPrice", self.currency) for each in self.articles]
        off = -sum(each.money("TotalPrice", self.currency) for each in self.taken_off)
        shares = spread(off, amounts)
        return tuple(self._line(each, share) for each, share in zip(self.articles, shares, strict=True))

    def _line(self, node: Node, off: int) -> LineFact:
        article, charged = node.one("Product"), node.money("TotalPrice", self.currency)
        before = max(node.money("UnrebatedTotalPrice", self.currency), charged)
        quantity = max(node.whole("Quantity"), 1)
        tax = self._line_tax(node)
        return LineFact(
            external_id=node.maybe_key("BillbeeId", "TransactionId") or article.text("SKU", "Title")[:KEY],
            quantity=quantity,
            price=round(Decimal(before) / quantity),
            total=charged - off,
            discount=before - charged + off,
            tax=round(Decimal(tax) * (charged - off) / charged) if tax and charged else tax,
            sku=article.text("SKU"),
            title=article.text("Title"),
            product_id=article.maybe_key("BillbeeId"),
            variant_id=article.maybe_key("BillbeeId"),
        )

    def _line_tax(self, node: Node) -> int | None:
        """As Billbee says, else by the rate of the line; orders without VAT (small business, export) have none."""
        if self._free():
            return 0
        told = node.maybe_money("TaxAmount", self.currency)
        index = node.text("TaxIndex")
        rate = self.node.decimal(f"TaxRate{index}") if index in {"1", "2"} else Decimal(0)
        if told or not rate:
            return told
        return round(node.money("TotalPrice", self.currency) * rate / (100 + rate))

    def _tax(self) -> int | None:
        """The VAT of lines, and of shipping in the same share."""
        taxes = [self._line_tax(each) for each in (*self.articles, *self.taken_off)]
        known = [tax for tax in taxes if tax is not None]
        goods = self.total - self.shipping
        if not known or len(known) < len(taxes) or not goods:
            return 0 if self._free() else None
        return round(Decimal(sum(known)) * self.total / goods)

    def _free(self) -> bool:
        return bool(self.node.maybe_key("VatMode"))

    def _paid_at(self, placed_at: datetime) -> datetime | None:
        whole = self.node.money("PaidAmount", self.currency) >= self.total > 0
        return self._at("PayedAt") or (placed_at if whole else None)

    def _at(self, *names: str) -> datetime | None:
        return self.node.maybe_moment(*names, zone=self.zone)


def _key(node: Node, name: str) -> str:
    """An order's number, with the shop it is of: two shops may number alike."""
    number, shop = node.maybe_key(name), node.one("Seller").maybe_key("BillbeeShopId")
    return (f"{shop}:{number}" if shop else number)[:KEY] if number else ""


def _who(node: Node) -> Who:
    told, home, buyer = node.one("Customer"), node.one("InvoiceAddress"), node.one("Buyer")
    names = (" ".join(filter(None, (each.text("FirstName"), each.text("LastName")))) for each in (home, buyer))
    return Who(
        shop_id=told.maybe_key("Id"),
        email=told.text("Email") or home.text("Email") or buyer.text("Email"),
        phone=told.text("Tel1") or home.text("Phone"),
        name=next(filter(None, names), "") or told.text("Name"),
        company=home.text("Company"),
        postcode=home.text("Zip"),
        country=_country(home),
        locale=node.text("LanguageCode"),
    )


def _code(item: Node) -> str:
    return item.one("Product").text("SKU", "Title")


def _country(address: Node) -> str:
    code = address.text("CountryISO2") or address.text("Country")
    return code.upper() if len(code) == 2 else ""
