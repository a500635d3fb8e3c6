"""The contribution of orders, refunds and bookings: one definition, as SQL that both databases run.

    contribution = sales - discount + shipping charged - VAT - goods - shipping - payment fee - marketplace fee - other
                   - refunds + their VAT + goods that came back - handling - fee + bookings

Every line is a `Component`; the ledger lists them, a run sums them, both from the very same expressions, in whole
numbers of the smallest unit. Each component is rounded once an order, half away from zero.

A figure of the order itself is `KNOWN`; where there is none, a stated rate gives an `ESTIMATED` one; where none is
stated it is `MISSING` and counts as nothing. Orders count from the day they were placed, paid or not, until they are
cancelled; then, as test orders, not at all, on no day. Amounts beyond `SMALL` an order are computed beyond whole
numbers (PostgreSQL: exactly; SQLite: to 15 digits).
"""

from collections.abc import Sequence
from dataclasses import dataclass

KNOWN, ESTIMATED, MISSING = 0, 1, 2
SMALL = 20_000_000  # three factors and a rounding stay below 2^63


@dataclass(frozen=True)
class Component:
    """A signed line: its kind, its amount and its state in SQL; `cost` tells costs from what was charged."""

    kind: str
    amount: str
    state: str = str(KNOWN)
    cost: bool = True


def portion(*factors: str, of: str, small: str, by: str = "1") -> str:
    """The product of whole numbers divided by `of` (positive) times `by`, rounded half away from zero."""
    product, whole = " * ".join(f"({factor})" for factor in factors), f"({of}) * {by}"
    up, down = f"(2 * {product} + {whole}) / (2 * {whole})", f"-((-2 * {product} + {whole}) / (2 * {whole}))"
    exact = " * ".join([f"CAST({factors[0]} AS NUMERIC)", *(f"({factor})" for factor in factors[1:])])
    large = f"CAST(ROUND({exact} * 1.0 / {by} / ({of})) AS BIGINT)"
    return f"CASE WHEN NOT ({small}) THEN {large} WHEN {product} < 0 THEN {down} ELSE {up} END"


def small(*amounts: str) -> str:
    """Whether the product of two of these and a rate is a whole number that the database can hold."""
    return " AND ".join(f"COALESCE({amount}, 0) BETWEEN -{SMALL} AND {SMALL}" for amount in amounts)


def _state(figure: str, rate: str) -> str:
    """The state of a line that has a figure of its own, or needs a rate; both are conditions."""
    return f"CASE WHEN {figure} THEN {KNOWN} WHEN {rate} THEN {ESTIMATED} ELSE {MISSING} END"


# --- orders: rows `o` of ORDER_ROWS ---------------------------------------------------------------------------------

_SMALL = small("o.total", "o.uncosted", "o.tax")
_VAT = f"COALESCE(o.tax, {portion('o.total', 'r.vat', of='10000 + r.vat', small=_SMALL)}, 0)"
_MARKETED = "REPLACE(r.marketplaces, '|' || LOWER(o.channel) || '|', '') <> r.marketplaces"
_OF_ORDER = (
    "id", "customer_id", "day", "number", "external_id", "channel", "country", "gross", "discount", "shipping", "total",
    "tax", "goods_cost", "uncosted", "shipping_cost", "payment_fee", "other_cost",
)  # fmt: skip
_OF_RATES = ("vat", "goods", "shipping", "payment", "payment_fixed", "marketplace")
COUNTS = "NOT o.test AND o.cancelled_at IS NULL"
ORDER_ROWS = f"""
    SELECT {", ".join(f"o.{name}" for name in _OF_ORDER)}, {", ".join(f"r.{n} AS rate_{n}" for n in _OF_RATES)},
        {_VAT} AS vat, ({_SMALL}) AS small, ({_MARKETED}) AS marketed
    FROM shop_order o JOIN ({{periods}}) r ON o.day BETWEEN r.starts AND r.ends
    WHERE o.customer_id IS NOT NULL AND {COUNTS} AND o.day <= {{until}} {{only}}
"""

_GOODS = portion("o.uncosted", "o.total - o.vat", "o.rate_goods", of="o.total", by="10000", small="o.small")
_FEE = portion("o.total", "o.rate_payment", of="10000", small="o.small")
_MARKET_FEE = portion("o.total", "o.rate_marketplace", of="10000", small="o.small")
ORDER = (
    Component("sales", "o.gross", cost=False),
    Component("discount", "-o.discount", cost=False),
    Component("shipping", "o.shipping", cost=False),
    Component("vat", "-o.vat", _state("o.tax IS NOT NULL", "o.rate_vat IS NOT NULL")),
    Component("goods", "-COALESCE(o.goods_cost, 0)"),
    Component(
        "goods_estimated",
        f"-COALESCE(CASE WHEN o.uncosted <> 0 AND o.total > 0 THEN {_GOODS} ELSE 0 END, 0)",
        _state("o.uncosted = 0", "o.rate_goods IS NOT NULL"),
    ),
    Component(
        "shipping_cost",
        "-COALESCE(o.shipping_cost, o.rate_shipping, 0)",
        _state("o.shipping_cost IS NOT NULL", "o.rate_shipping IS NOT NULL"),
    ),
    Component(
        "payment_fee",
        f"-COALESCE(o.payment_fee, CASE WHEN o.total > 0 THEN COALESCE({_FEE}, 0) + COALESCE(o.rate_payment_fixed, 0)"
        " ELSE 0 END)",
        _state(
            "o.payment_fee IS NOT NULL OR o.total <= 0",
            "o.rate_payment IS NOT NULL OR o.rate_payment_fixed IS NOT NULL",
        ),
    ),
    Component(
        "marketplace",
        f"-CASE WHEN o.marketed THEN COALESCE({_MARKET_FEE}, 0) ELSE 0 END",
        _state("NOT o.marketed", "o.rate_marketplace IS NOT NULL"),
    ),
    Component("other_cost", "-o.other_cost"),
)

# --- refunds: rows `f` of REFUND_ROWS -------------------------------------------------------------------------------

_BACK = small("f.amount", "f.order_total", "f.order_tax", "f.goods_cost")
_BACK_VAT = (
    f"COALESCE(f.tax, CASE WHEN f.order_total > 0 THEN"
    f" {portion('f.amount', 'f.order_tax', of='f.order_total', small=_BACK)} END,"
    f" {portion('f.amount', 'f.rate_vat', of='10000 + f.rate_vat', small=_BACK)}, 0)"
)
REFUND_ROWS = f"""
    SELECT f.*, {_BACK_VAT} AS vat, ({_BACK}) AS small FROM (
        SELECT f.id, f.customer_id, f.day, f.order_id, COALESCE(NULLIF(o.number, ''), f.order_key) AS number, f.reason,
            f.amount, f.tax, f.goods_back, f.fee, o.total AS order_total, o.tax AS order_tax, o.uncosted, o.goods_cost,
            COALESCE(q.vat, r.vat) AS rate_vat, r.goods AS rate_goods, r.resale AS rate_resale,
            r.handling AS rate_handling
        FROM shop_refund f JOIN ({{periods}}) r ON f.day BETWEEN r.starts AND r.ends
            LEFT JOIN shop_order o ON o.id = f.order_id
            LEFT JOIN ({{periods}}) q ON o.day BETWEEN q.starts AND q.ends
        WHERE f.customer_id IS NOT NULL AND (o.id IS NULL OR {COUNTS}) AND f.day <= {{until}} {{only}}
    ) f
"""

_OF_KNOWN = portion("f.goods_cost", "f.amount", "f.rate_resale", of="f.order_total", by="10000", small="f.small")
_OF_RATE = portion("f.amount - f.vat", "f.rate_goods", "f.rate_resale", of="100000000", small="f.small")
_COSTED = "f.uncosted = 0 AND f.order_total > 0"
REFUND = (
    Component("refund", "-f.amount", cost=False),
    Component("refund_vat", "f.vat", _state("f.tax IS NOT NULL", "f.order_tax IS NOT NULL OR f.rate_vat IS NOT NULL")),
    Component(
        "goods_back",
        f"COALESCE(f.goods_back, CASE WHEN {_COSTED} THEN {_OF_KNOWN} ELSE {_OF_RATE} END, 0)",
        _state("f.goods_back IS NOT NULL", f"f.rate_resale IS NOT NULL AND ({_COSTED} OR f.rate_goods IS NOT NULL)"),
    ),
    Component("handling", "-COALESCE(f.rate_handling, 0)", _state("1 = 0", "f.rate_handling IS NOT NULL")),
    Component("refund_fee", "-f.fee"),
)

# --- bookings: rows `b` of BOOKING_ROWS -----------------------------------------------------------------------------

BOOKING_ROWS = """
    SELECT b.id, b.customer_id, b.day, b.kind, b.text, b.amount, b.minutes, r.minute AS rate_minute
    FROM clv_booking b JOIN ({periods}) r ON b.day BETWEEN r.starts AND r.ends
    WHERE b.kind <> 'acquisition' AND b.day <= {until} {only}
"""
BOOKING = (
    Component(
        "booking",
        "COALESCE(b.amount, -b.minutes * b.rate_minute, 0)",
        _state("b.amount IS NOT NULL", "b.rate_minute IS NOT NULL"),
    ),
)


@dataclass(frozen=True)
class Part:
    """One of the three sorts of entries: its rows, under an alias, and its components."""

    number: int
    name: str
    alias: str
    rows: str
    components: tuple[Component, ...]


PARTS = (
    Part(0, "order", "o", ORDER_ROWS, ORDER),
    Part(1, "refund", "f", REFUND_ROWS, REFUND),
    Part(2, "booking", "b", BOOKING_ROWS, BOOKING),
)


def state_code(components: Sequence[Component]) -> str:
    """The states of all components in one number: base four, the first component lowest."""
    return " + ".join(f"{4**place} * ({c.state})" for place, c in enumerate(components) if c.state != str(KNOWN)) or "0"
