"""The files Shopify exports: orders, one row for each line, and customers. Columns are found by name, never by place.

What is said of an order as a whole stands in its first row; the others leave it empty. Money given back is told without
its day, costs of goods and fees are not told at all.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from django.conf import settings

from stammkunde.server.shop.birthdays import birthday
from stammkunde.server.shop.facts import CustomerFact, Fact, LineFact, OrderFact, ParcelFact, RefundFact, Who
from stammkunde.server.shop.sources.base import UNTOLD, Page, Preset
from stammkunde.server.shop.sources.payloads import Node, PayloadError

Row = Mapping[str, str]
SET = 500  # orders of one page
PAID = frozenset({"paid", "partially_refunded", "refunded"})
_ORDER_COLUMNS = frozenset((
    "Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Accepts Marketing",
    "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Code", "Discount Amount", "Shipping Method",
    "Created at", "Notes", "Note Attributes", "Cancelled at", "Payment Method", "Payment Reference",
    "Payment References", "Refunded Amount", "Vendor", "Outstanding Balance", "Employee", "Location", "Device ID",
    "Id", "Tags", "Risk Level", "Source", "Phone", "Receipt Number", "Duties", "Payment ID", "Payment Terms Name",
    "Next Payment Due At",
))  # fmt: skip
_ORDER_FAMILIES = re.compile(r"Lineitem .+|(Billing|Shipping) .+|Tax \d (Name|Value)")
_BORN = "Birth date (customer.metafields.facts.birth_date)"
_CUSTOMER_COLUMNS = frozenset((
    "Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing", "Accepts Marketing", "Phone",
    "Accepts SMS Marketing", "Total Spent", "Total Orders", "Tags", "Note", "Tax Exempt", "Company", "Address1",
    "Address2", "City", "Province", "Province Code", "Country", "Country Code", "Zip",
    _BORN,
))  # fmt: skip


def orders(rows: Iterable[Row], version: int) -> Iterator[Page]:
    """Orders with their lines and refunds; several rows in a row of one name are one order."""
    some: list[list[Row]] = []
    for _, group in groupby(rows, lambda row: (row.get("Name") or "").strip()):
        some.append(list(group))
        if len(some) == SET:
            yield _page(some, version)
            some = []
    yield _page(some, version)


def _page(some: Sequence[Sequence[Row]], version: int) -> Page:
    facts: list[Fact] = []
    refused: list[tuple[str, str]] = []
    for rows in some:
        try:
            facts += order(rows, version)
        except PayloadError as error:
            refused.append(((rows[0].get("Name") or "?")[:120], str(error)))
    return Page(facts, refused=refused)


def order(rows: Sequence[Row], version: int) -> list[Fact]:
    """The facts of one order's rows.

    Raises
    ------
    PayloadError : an amount or a moment cannot be read, or the order has no name.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    first = {name: next((row[name] for row in rows if (row.get(name) or "").strip()), "") for name in names}
    node = Node(first)
    currency = node.currency("Currency") if node.text("Currency") else settings.CURRENCY
    # With the id that webhooks and the pull have, where the file tells it, so that an order is never there twice.
    key = node.maybe_key("Id") or node.key("Name")
    placed_at, who = node.moment("Created at"), _who(node)
    sums = _Sums(node, currency)
    fact = OrderFact(
        external_id=key,
        who=who,
        placed_at=placed_at,
        currency=currency,
        gross=sums.goods + sums.discount,
        total=sums.goods + sums.shipping,
        discount=sums.discount,
        shipping=sums.shipping,
        tax=node.maybe_money("Taxes", currency),
        lines=sums.lines([Node(row) for row in rows if _is_line(row)]),
        version=version,
        number=node.text("Name"),
        paid_at=node.maybe_moment("Paid at") if node.text("Financial Status").lower() in PAID else None,
        cancelled_at=_cancelled(node, placed_at),
        coupon=node.text("Discount Code"),
        channel=node.text("Source").lower(),
        country=node.text("Shipping Country", "Billing Country").upper()[:2],
    )
    return [fact, *_given_back(node, fact, version), *_parcels(node, fact, version)]


def _given_back(node: Node, fact: OrderFact, version: int) -> Iterator[RefundFact]:
    """The sum of what was given back, at the day of the order, since the file has none. Nothing is said of goods."""
    amount = node.money("Refunded Amount", fact.currency)
    if amount:
        yield RefundFact(
            external_id=f"{fact.external_id}/refund"[:120],
            order_id=fact.external_id,
            at=fact.placed_at,
            amount=abs(amount),
            currency=fact.currency,
            version=version,
            dated=False,
            who=fact.who,
        )


def _parcels(node: Node, fact: OrderFact, version: int) -> Iterator[ParcelFact]:
    at = node.maybe_moment("Fulfilled at")
    if at is not None:
        key = f"{fact.external_id}/parcel"[:120]
        yield ParcelFact(key, fact.external_id, state="shipped", shipped_at=at, version=version)


def _cancelled(node: Node, placed_at: datetime) -> datetime | None:
    never = node.text("Financial Status").lower() in {"voided", "expired"}
    return node.maybe_moment("Cancelled at") or (placed_at if never else None)


def _is_line(row: Row) -> bool:
    return bool((row.get("Lineitem name") or "").strip() or (row.get("Lineitem sku") or "").strip())


class _Sums:
    """What an order adds up to, VAT inside: some shops state prices, shipping and discounts without it."""

    def __init__(self, node: Node, currency: str) -> None:
        self.currency = currency
        total, tax = node.money("Total", currency), node.money("Taxes", currency)
        subtotal, shipping = node.money("Subtotal", currency), node.money("Shipping", currency)
        without = tax > 0 and subtotal + shipping > 0 and abs(subtotal + shipping + tax - total) <= 1
        self.factor = Decimal(total) / (subtotal + shipping) if without else Decimal(1)
        self.shipping = round(shipping * self.factor)
        self.goods = total - self.shipping
        self.discount = round(node.money("Discount Amount", currency) * self.factor)

    def lines(self, nodes: Sequence[Node]) -> tuple[LineFact, ...]:
        """The lines. A discount of the whole order is shared out among them, to the cent."""
        before = [self._before(node) for node in nodes]
        off = [round(node.money("Lineitem discount", self.currency) * self.factor) for node in nodes]
        left, rest = max(self.discount - sum(off), 0), sum(before) - sum(off)
        for i in range(len(nodes)):
            part = min(round(Decimal(left) * (before[i] - off[i]) / rest), left) if rest > 0 else 0
            left, rest, off[i] = left - part, rest - (before[i] - off[i]), off[i] + part
        return tuple(self._line(number, *each) for number, each in enumerate(zip(nodes, before, off, strict=True)))

    def _before(self, node: Node) -> int:
        return round(node.money("Lineitem price", self.currency) * node.whole("Lineitem quantity") * self.factor)

    def _line(self, number: int, node: Node, before: int, off: int) -> LineFact:
        quantity = node.whole("Lineitem quantity")
        return LineFact(
            external_id=str(number),
            quantity=quantity,
            price=round(Decimal(before) / quantity) if quantity else 0,
            total=before - off,
            discount=off,
            sku=node.text("Lineitem sku"),
            title=node.text("Lineitem name"),
        )


def _who(node: Node) -> Who:
    return Who(
        email=node.text("Email"),
        phone=_plain(node.text("Phone", "Billing Phone", "Shipping Phone")),
        name=node.text("Billing Name", "Shipping Name"),
        company=node.text("Billing Company", "Shipping Company"),
        postcode=_plain(node.text("Billing Zip", "Shipping Zip")),
        country=node.text("Billing Country", "Shipping Country").upper()[:2],
    )


def _plain(text: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from making a number of it."""
    return text.lstrip("'").strip()


def customers(rows: Iterable[Row], version: int) -> Iterator[Page]:
    """Customers, with or without orders. When they came the file does not tell."""
    some: list[Fact] = []
    for row in rows:
        node = Node({name.removeprefix("Default Address ").strip(): value for name, value in row.items()})
        who = Who(
            shop_id=_plain(node.text("Customer ID")),
            email=node.text("Email"),
            phone=_plain(node.text("Phone")),
            name=" ".join(filter(None, (node.text("First Name"), node.text("Last Name")))),
            company=node.text("Company"),
            postcode=_plain(node.text("Zip")),
            country=node.text("Country Code").upper()[:2],
            born_on=birthday(_plain(node.text(_BORN))),
        )
        if who:
            some.append(CustomerFact(who, UNTOLD, version=version))
        if len(some) == SET:
            yield Page(some)
            some = []
    yield Page(some)


PRESETS = (
    Preset(
        "shopify-orders",
        "Shopify: orders",
        frozenset({"Name", "Financial Status", "Created at", "Total", "Lineitem name"}),
        lambda name: name in _ORDER_COLUMNS or bool(_ORDER_FAMILIES.fullmatch(name)),
        orders,
    ),
    Preset(
        "shopify-customers",
        "Shopify: customers",
        frozenset({"First Name", "Last Name", "Email", "Total Spent"}),
        lambda name: name.removeprefix("Default Address ") in _CUSTOMER_COLUMNS,
        customers,
    ),
)
