"""plentymarkets' orders as facts: sales, and the returns and credit notes that are orders of other types there.

What counts, decided here:

- Sales (1) are orders. Returns (3) and credit notes (4) are refunds of the order they come from at first (the
  `originOrderId` of their reference). A credit note gives its amount back. A return brings pieces back, and gives back
  what was paid out on it: mostly nothing, since the money goes by the credit note made from it. So each counts once.
- Other types (deliveries, offers, repairs, advance and multi-orders …) say nothing new of the same goods and money.
- Amounts are those in the system's currency, VAT inside; a net order (`isNet`) is one that no VAT was charged for.
- Paid is what has a day of payment, or the state "fullyPaid". Status 8 and its kind are cancelled, and so is what has a
  day of deletion.
- A bundle or set stands beside its components: counted is who carries the price.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from stammkunde.server.shop.facts import Fact, LineFact, OrderFact, ParcelFact, RefundFact, Who
from stammkunde.server.shop.sources.composing import once, spread
from stammkunde.server.shop.sources.payloads import KEY, Node

SALE, RETURN, CREDIT_NOTE = "1", "3", "4"
ARTICLES = frozenset({"1", "2", "3", "8", "9", "13", "14", "15"})
COUPON, SHIPPING = "4", "6"
DATE_DELETED, DATE_PAID, DATE_BOUGHT = "1", "3", "16"
BILLING, DELIVERY = "1", "2"
EMAIL, PHONE = "5", "4"  # types of options of an address
PAYMENT_STATUS, PAID = "4", frozenset({"fullyPaid", "overpaid"})


def order(node: Node) -> list[Fact]:
    """What an order of any type says. The pull lays in what numbers mean: `countries` and `referrers`."""
    kind = node.key("typeId")
    if kind not in {SALE, RETURN, CREDIT_NOTE}:
        return []
    read = _Order(node)
    if kind == SALE:
        return [read.sale(), *read.parcels()]
    return [read.refund(with_its_amount=kind == CREDIT_NOTE)]


class _Order:
    """One order being read."""

    def __init__(self, node: Node) -> None:
        self.node, self.key, self.version = node, node.key("id"), node.version("updatedAt", "createdAt")
        self.amounts = _of_system(node)
        self.currency = self.amounts.currency("currency")
        self.net = self.amounts.flag("isNet")
        items = list(node.each("orderItems"))
        self.coupons = [each for each in items if each.text("typeId") == COUPON]
        self.sent = [each for each in items if each.text("typeId") == SHIPPING]
        self.articles = self._articles([each for each in items if each.text("typeId") in ARTICLES])

    def sale(self) -> OrderFact:
        """The order."""
        node, total = self.node, self._total()
        shipping = sum(self._charged(each) for each in self.sent)
        lines = self._lines()
        discount = sum(line.discount for line in lines)
        placed_at = self._date(DATE_BOUGHT) or node.moment("createdAt")
        return OrderFact(
            external_id=self.key,
            who=self._who(),
            placed_at=placed_at,
            currency=self.currency,
            gross=total + discount - shipping,
            total=total,
            discount=discount,
            shipping=shipping,
            tax=self._tax(),
            lines=lines,
            version=self.version,
            number=self.key,
            paid_at=self._date(DATE_PAID) or (placed_at if self._paid(total) else None),
            cancelled_at=self._cancelled_at(),
            coupon=next((each.text("orderItemName") for each in self.coupons), ""),
            channel=self._channel(),
            country=self._country(self._address(DELIVERY)) or self._country(self._address(BILLING)),
        )

    def refund(self, *, with_its_amount: bool) -> RefundFact:
        """Money or pieces that went back, of the sale at the beginning."""
        void, tax = self._cancelled_at() is not None, self._tax()
        amount = self._total() if with_its_amount else self._paid_amount()
        at_parent = [(_reference(each, "parent") or "", each.whole("quantity")) for each, _parts in self.articles]
        pieces = () if with_its_amount and self._from_return() else at_parent
        return RefundFact(
            external_id=self.key,
            order_id=self._origin(),
            at=self.node.moment("createdAt"),
            amount=0 if void else abs(amount),
            currency=self.currency,
            tax=None if tax is None or void or not with_its_amount else abs(tax),
            version=self.version,
            reason="" if with_its_amount else "return",
            returned=() if void else tuple((key, count) for key, count in pieces if key and count > 0),
            who=self._who(),
        )

    def parcels(self) -> Iterator[ParcelFact]:
        """Packages; when they arrive plentymarkets does not know."""
        for each in self.node.each("shippingPackages"):
            number = each.text("packageNumber")
            if number:
                yield ParcelFact(
                    external_id=f"{self.key}/{each.text('id') or number}"[:KEY],
                    order_id=self.key,
                    state="shipped",
                    tracking=number,
                    shipped_at=each.maybe_moment("createdAt"),
                    version=self.version,
                )

    def _articles(self, items: Sequence[Node]) -> list[tuple[Node, list[Node]]]:
        return once(
            items,
            key=lambda item: item.text("id"),
            parent=lambda item: _reference(item, "bundle") or _reference(item, "set"),
            priced=lambda item: self._price(item, "price") != 0,
        )

    def _lines(self) -> tuple[LineFact, ...]:
        off = -sum(self._charged(each) for each in self.coupons)
        shares = spread(off, [self._charged(each) for each, _parts in self.articles])
        pairs = zip(self.articles, shares, strict=True)
        return tuple(self._line(each, parts, share) for (each, parts), share in pairs)

    def _line(self, node: Node, parts: Sequence[Node], off: int) -> LineFact:
        quantity, charged = max(node.whole("quantity"), 1), self._charged(node)
        before = max(self._times(node, "priceOriginal"), charged)
        rate = Decimal(0) if self.net else node.decimal("vatRate")
        total = charged - off
        variant, name = node.one("variation"), node.text("orderItemName")
        details = node.text("attributeValues")
        return LineFact(
            external_id=node.key("id"),
            quantity=quantity,
            price=round(Decimal(before) / quantity),
            total=total,
            discount=before - total,
            tax=round(Decimal(total) * rate / (100 + rate)),
            cost=self._cost([node]) or self._cost(parts),
            sku=variant.text("number"),
            title=f"{name} - {details}" if details and details not in name else name,
            product_id=variant.maybe_key("itemId"),
            variant_id=node.maybe_key("itemVariationId"),
        )

    def _cost(self, items: Sequence[Node]) -> int | None:
        """What the pieces cost the shop; 0 is how plentymarkets writes that nobody entered it."""
        if not items:
            return None
        pieces = [_of_system(each).decimal("purchasePrice") * each.decimal("quantity") for each in items]
        if not all(pieces):
            return None
        return sum(Node({"cost": piece}).money("cost", self.currency) for piece in pieces)

    def _charged(self, item: Node) -> int:
        return self._times(item, "price")

    def _times(self, item: Node, name: str) -> int:
        """A price of a piece times its pieces, rounded once."""
        whole = self._price(item, name) * item.decimal("quantity")
        return Node({name: whole}, item.place).money(name, self.currency)

    def _price(self, item: Node, name: str) -> Decimal:
        return _of_system(item).decimal(f"{name}{'Net' if self.net else 'Gross'}")

    def _total(self) -> int:
        names = ("invoiceTotal", "netTotal" if self.net else "grossTotal")
        return next((self.amounts.money(each, self.currency) for each in names if each in self.amounts), 0)

    def _tax(self) -> int | None:
        return 0 if self.net else self.amounts.maybe_money("vatTotal", self.currency)

    def _paid_amount(self) -> int:
        return self.amounts.money("paidAmount", self.currency)

    def _paid(self, total: int) -> bool:
        states = {each.text("value") for each in self.node.each("properties") if each.text("typeId") == PAYMENT_STATUS}
        return bool(states & PAID) or self._paid_amount() >= total > 0

    def _cancelled_at(self) -> datetime | None:
        deleted = self._date(DATE_DELETED)
        cancelled = 8 <= self.node.decimal("statusId") < 9
        return deleted or (self.node.moment("updatedAt", "createdAt") if cancelled else None)

    def _date(self, kind: str) -> datetime | None:
        told = (each.maybe_moment("date") for each in self.node.each("dates") if each.text("typeId") == kind)
        return next(filter(None, told), None)

    def _references(self) -> list[Node]:
        return [each for each in self.node.each("orderReferences") if each.text("referenceType") == "parent"]

    def _origin(self) -> str:
        """The sale a chain of returns and credit notes began with; its own number, where none is told."""
        told = (each.maybe_key("originOrderId", "referenceOrderId") for each in self._references())
        return next(filter(None, told), self.key)

    def _from_return(self) -> bool:
        """Whether it comes from another order than the sale: that return has told of the pieces."""
        chain = ((each.maybe_key("originOrderId"), each.maybe_key("referenceOrderId")) for each in self._references())
        return any(origin and parent and origin != parent for origin, parent in chain)

    def _address(self, kind: str) -> Node:
        mine = {each.text("addressId") for each in self.node.each("addressRelations") if each.text("typeId") == kind}
        return next((each for each in self.node.each("addresses") if each.text("id") in mine), Node({}))

    def _channel(self) -> str:
        """The shop or marketplace: its name, where the pull knows it. 4.01 and 4.02 are two countries of one."""
        told, number = self.node.one("referrers"), self.node.decimal("referrerId")
        return told.text(f"{number.normalize():f}", str(int(number)))

    def _country(self, home: Node) -> str:
        code = home.one("country").text("isoCode2") or self.node.one("countries").text(home.text("countryId"))
        return code.upper()[:2]

    def _who(self) -> Who:
        contact, home = self.node.one("contactReceiver"), self._address(BILLING) or self._address(DELIVERY)
        related = [e for e in self.node.each("relations") if e.text("referenceType") == "contact"]
        numbers = [each.maybe_key("referenceId") for each in related if each.text("relation") == "receiver"]
        name = " ".join(filter(None, (home.text("name2", "firstName"), home.text("name3", "lastName"))))
        return Who(
            shop_id=next(filter(None, numbers), "") or contact.maybe_key("id"),
            email=_option(home, EMAIL) or contact.text("email"),
            phone=_option(home, PHONE) or contact.text("privatePhone"),
            name=name or contact.text("fullName"),
            company=home.text("name1", "companyName"),
            postcode=home.text("postalCode"),
            country=self._country(home),
            locale=contact.text("lang"),
        )


def _of_system(node: Node) -> Node:
    """The amounts in the system's currency, of those in several; where none says so, the first."""
    found = list(node.each("amounts"))
    mine = [each for each in found if each.flag("isSystemCurrency")]
    return next(iter(mine or found), Node({}, node.at("amounts")))


def _reference(item: Node, kind: str) -> str | None:
    told = (
        each.maybe_key("referenceOrderItemId") for each in item.each("references") if each.text("referenceType") == kind
    )
    return next(filter(None, told), None)


def _option(address: Node, kind: str) -> str:
    return next((each.text("value") for each in address.each("options") if each.text("typeId") == kind), "")
