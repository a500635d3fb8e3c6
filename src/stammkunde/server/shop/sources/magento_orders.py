"""Magento's orders, credit memos and shipments as facts.

What counts, decided here:

- Amounts are those in the base currency (`base_…`), which is what the shop keeps its books in, VAT inside, whether the
  shop shows its prices with it or not: a line is its row, less discount, with the tax on what is left.
- An order is paid when as much was paid as it costs; Magento tells that, but not when: the order's own moment is taken.
  `new`, `pending_payment` and the like are orders that nobody paid yet; `canceled` ones are cancelled. What was
  cancelled of an order that goes on is no part of it.
- An article with variants, and a bundle, stand beside their components: counted is who carries the price.
- Given back are credit memos, each with its day; a cancelled one gives nothing back.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from stammkunde.server.shop.birthdays import birthday
from stammkunde.server.shop.facts import CustomerFact, Fact, LineFact, OrderFact, ParcelFact, RefundFact, Who
from stammkunde.server.shop.sources.composing import once
from stammkunde.server.shop.sources.payloads import Node

CANCELED_MEMO = "3"
_LINE = ("row_total", "tax_amount", "discount_tax_compensation_amount")
_SHIPPING = ("shipping_amount", "shipping_tax_amount", "shipping_discount_tax_compensation_amnt")


class _Amounts:
    """Amounts of an entity in the base currency, or in its own where it has no others."""

    def __init__(self, node: Node) -> None:
        self.base = "base_grand_total" in node
        self.currency = node.currency(*(("base_currency_code",) if self.base else ("order_currency_code",)))

    def of(self, node: Node, name: str) -> int:
        """An amount by its name without `base_`."""
        return node.money(self._name(name), self.currency)

    def told(self, node: Node, name: str) -> bool:
        """Whether it is there."""
        return self._name(name) in node

    def _name(self, name: str) -> str:
        return f"base_{name}" if self.base else name


def order(node: Node) -> list[Fact]:
    """An order."""
    amounts = _Amounts(node)
    state, placed_at = node.text("state").lower(), node.moment("created_at")
    canceled = state == "canceled"
    dropped = 0 if canceled else amounts.of(node, "total_canceled")
    total = amounts.of(node, "grand_total") - dropped
    lines = _lines(node, amounts, whole=canceled)
    shipping = _shipping(node, amounts)
    discount = sum(line.discount for line in lines)
    home, sent = node.one("billing_address"), _sent_to(node)
    fact = OrderFact(
        external_id=node.key("entity_id"),
        who=_who(node, home),
        placed_at=placed_at,
        currency=amounts.currency,
        gross=total + discount - shipping,
        total=total,
        discount=discount,
        shipping=shipping,
        tax=_tax(node, amounts, whole=canceled),
        lines=lines,
        version=node.version("updated_at"),
        number=node.text("increment_id"),
        paid_at=placed_at if _paid(node, amounts, total, state) else None,
        cancelled_at=node.moment("updated_at", "created_at") if canceled else None,
        coupon=node.text("coupon_code"),
        channel=node.text("store_name").rpartition("\n")[2].strip(),
        country=(sent.text("country_id") or home.text("country_id")).upper()[:2],
    )
    return [fact]


def credit_memo(node: Node) -> list[Fact]:
    """Money given back, with the pieces it was given back for."""
    amounts = _Amounts(node)
    void = node.text("state") == CANCELED_MEMO
    pieces = [(each.text("order_item_id"), each.whole("qty")) for each in node.each("items")]
    fact = RefundFact(
        external_id=node.key("entity_id"),
        order_id=node.key("order_id"),
        at=node.moment("created_at"),
        amount=0 if void else amounts.of(node, "grand_total"),
        currency=amounts.currency,
        tax=amounts.of(node, "tax_amount") if amounts.told(node, "tax_amount") and not void else None,
        version=node.version("updated_at", "created_at"),
        reason=next((text for each in node.each("comments") if (text := each.text("comment"))), ""),
        returned=() if void else tuple((key, count) for key, count in pieces if key and count > 0),
    )
    return [fact]


def shipment(node: Node) -> list[Fact]:
    """A parcel; Magento does not know when it arrives."""
    tracks = list(node.each("tracks"))
    fact = ParcelFact(
        external_id=node.key("entity_id"),
        order_id=node.key("order_id"),
        state="shipped",
        carrier=next((name for each in tracks if (name := each.text("title", "carrier_code"))), ""),
        tracking=", ".join(filter(None, (each.text("track_number") for each in tracks))),
        shipped_at=node.maybe_moment("created_at"),
        version=node.version("updated_at", "created_at"),
    )
    return [fact]


def customer(node: Node) -> list[Fact]:
    """A customer with an account."""
    homes = list(node.each("addresses"))
    home = next((each for each in homes if each.flag("default_billing")), homes[0] if homes else Node({}))
    who = Who(
        shop_id=node.key("id"),
        email=node.text("email"),
        phone=home.text("telephone"),
        name=_name(node) or _name(home),
        company=home.text("company"),
        postcode=home.text("postcode"),
        country=home.text("country_id").upper()[:2],
        born_on=birthday(node.text("dob")),
    )
    return [CustomerFact(who, node.moment("created_at", "updated_at"), version=node.version("updated_at"))]


def _lines(node: Node, amounts: _Amounts, *, whole: bool) -> tuple[LineFact, ...]:
    def priced(item: Node) -> bool:
        return amounts.of(item, "row_total") > 0 or amounts.of(item, "price") > 0

    rows = once(
        list(node.each("items")),
        key=lambda item: item.text("item_id"),
        parent=lambda item: item.maybe_key("parent_item_id") or None,
        priced=priced,
    )
    read = (_line(item, parts, amounts, whole=whole) for item, parts in rows)
    return tuple(line for line in read if line.quantity)


def _line(node: Node, parts: Sequence[Node], amounts: _Amounts, *, whole: bool) -> LineFact:
    ordered = node.decimal("qty_ordered")
    left = ordered if whole else max(ordered - node.decimal("qty_canceled"), Decimal(0))
    kept = left / ordered if ordered else Decimal(0)
    charged = sum(amounts.of(node, name) for name in _LINE) - amounts.of(node, "discount_amount")
    full = amounts.of(node, "row_total_incl_tax") or charged + amounts.of(node, "discount_amount")
    # A row of 0.5 metres is one piece: lines count in whole ones.
    quantity = max(round(left), 1) if left else 0
    total, discount = round(charged * kept), round((full - charged) * kept)
    component = parts[0] if len(parts) == 1 else Node({})
    return LineFact(
        external_id=node.key("item_id"),
        quantity=quantity,
        price=round(Decimal(total + discount) / quantity) if quantity else 0,
        total=total,
        discount=discount,
        tax=round(amounts.of(node, "tax_amount") * kept) if amounts.told(node, "tax_amount") else None,
        cost=_cost([node], amounts, left) or _cost(parts, amounts, None, kept=kept),
        sku=node.text("sku"),
        title=node.text("name"),
        product_id=node.maybe_key("product_id"),
        variant_id=component.maybe_key("product_id") or node.maybe_key("product_id"),
    )


def _cost(parts: Sequence[Node], amounts: _Amounts, count: Decimal | None, *, kept: Decimal = Decimal(1)) -> int | None:
    """What the pieces cost the shop, where it is told of all parts."""
    if not parts or not all(each.decimal("base_cost") for each in parts):
        return None
    pieces = [each.decimal("qty_ordered") * kept if count is None else count for each in parts]
    return round(sum(each.money("base_cost", amounts.currency) * n for each, n in zip(parts, pieces, strict=True)))


def _shipping(node: Node, amounts: _Amounts) -> int:
    """What was charged for shipping, less its discount."""
    off = amounts.of(node, "shipping_discount_amount")
    if amounts.told(node, "shipping_tax_amount") or not amounts.told(node, "shipping_incl_tax"):
        return sum(amounts.of(node, name) for name in _SHIPPING) - off
    return amounts.of(node, "shipping_incl_tax") - off


def _tax(node: Node, amounts: _Amounts, *, whole: bool) -> int | None:
    if not amounts.told(node, "tax_amount"):
        return None
    return amounts.of(node, "tax_amount") - (0 if whole else amounts.of(node, "tax_canceled"))


def _paid(node: Node, amounts: _Amounts, total: int, state: str) -> bool:
    """As much was paid as it costs; what costs nothing is paid when it goes on."""
    if total <= 0:
        return state in {"processing", "complete", "closed"}
    return amounts.of(node, "total_paid") >= total


def _who(node: Node, home: Node) -> Who:
    return Who(
        shop_id="" if node.flag("customer_is_guest") else node.maybe_key("customer_id"),
        email=node.text("customer_email") or home.text("email"),
        phone=home.text("telephone"),
        name=" ".join(filter(None, (node.text("customer_firstname"), node.text("customer_lastname")))) or _name(home),
        company=home.text("company"),
        postcode=home.text("postcode"),
        country=home.text("country_id").upper()[:2],
    )


def _name(node: Node) -> str:
    return " ".join(filter(None, (node.text("firstname"), node.text("lastname"))))


def _sent_to(node: Node) -> Node:
    assigned = node.one("extension_attributes").each("shipping_assignments")
    return next((each.one("shipping").one("address") for each in assigned), Node({}))


def changed_at(node: Node) -> datetime | None:
    """When an entity of any kind changed last, to the second."""
    return node.maybe_moment("updated_at", "created_at")
