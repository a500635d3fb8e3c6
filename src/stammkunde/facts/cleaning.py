"""From raw rows to rows of one meaning, each accepted or with the reason why not.

Nothing is dropped here: a row that cannot be used keeps its number, the column at fault, the reason and the value.
"""

from dataclasses import dataclass, field
from datetime import date

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from stammkunde.facts.columns import FIELDS, Mapping
from stammkunde.facts.engines import ROW, SURPLUS
from stammkunde.facts.parsing import dates, numbers
from stammkunde.facts.parsing.blanks import stripped
from stammkunde.facts.rates import Rates, with_contribution
from stammkunde.facts.reading import Reading, currency_code

NO = ibis.literal(value=False)
#: Reasons not to use a row -> the field at fault. LATER is none: such rows are not looked at.
REASONS = {
    "crooked_row": "customer",
    "no_date": "date",
    "bad_date": "date",
    "later": "date",
    "future_date": "date",
    "further_line": "order",
    "no_currency": "currency",
    "bad_amount": "amount",
    "no_quantity": "quantity",
    "bad_quantity": "quantity",
    "no_price": "price",
    "bad_price": "price",
    "bad_refund": "refund",
    "bad_discount": "discount",
    "bad_shipping_charged": "shipping_charged",
    "no_amount": "amount",
    "amount_too_large": "amount",
    "test_order": "email",
    "test_product": "product",
    "cancelled": "status",
    "not_paid": "status",
    "refunded": "status",
    "duplicate": "order",
    "no_customer": "customer",
}
LATER = "later"
ATTRIBUTES = ("product", "channel", "country")
#: What the amount of a row is made of, as far as there are columns of it.
DETAILS = (
    "email", "amount", "charged", "quantity", "price", "discount", "tax", "shipping_charged", "cost", "shipping_cost",
    "fee", "coupon",
)  # fmt: skip
MONEY = ("amount", "price", "discount", "tax", "shipping_charged", "shipping_cost", "cost", "fee", "refund")
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 1, 1)
_NOTHING = ["", "nan", "null", "none", "nil", "<na>", "n/a", "guest", "gast"]
_TEST_MAIL = r"(^|[._+-])test([._+0-9-]*)@|@test\.(com|org|net|de)$"
_TEST_PRODUCT = r"(?i)^test[0-9]*$"
_CANCELLED = (
    r"^(wc-)?(cancel|storn|abgebrochen|void|annul|failed|fehlgeschlagen|declined|abgelehnt|expired|trash|draft|entwurf"
    r"|test$)"
)
#: Checkouts that never became orders. Of payments still to come see `Mapping.paid_later`.
_NOT_PAID = r"^(wc-)?(pending.payment|checkout.draft|abandoned|zahlung ausstehend)"
_UNPAID = r"^(wc-)?(pending|unpaid|unbezahlt|ausstehend)"
_REFUNDED = r"^(wc-)?(refunded|fully.refunded|erstattet|r.{1,2}ckerstattet|returned|retourniert)$"


@dataclass(frozen=True)
class Rules:
    """What holds for all rows of a reading of orders."""

    zone: str | None = None
    worth: dict[str, float] = field(default_factory=dict)
    rates: Rates = field(default_factory=Rates)
    until: date | None = None
    today: date | None = None


def judged(
    table: ir.Table, mapping: Mapping, reading: Reading, rules: Rules, *, refunds: bool = False, whole: bool = False
) -> ir.Table:
    """Every row with customer_id, order_id, day, revenue, contribution, is_refund, attributes, costs, and `reason`,
    `column`, `value` where it is not accepted.

    `refunds` says that all rows are refunds, whatever their sign; `whole` keeps what amounts were made of too.
    """
    t = _parsed(_renamed(table, mapping), mapping, reading, rules)
    t = _with_revenue(t, refunds=refunds)
    t = _with_signed_costs(t, mapping, pieced="amount" not in mapping and not refunds, summed=reading.once)
    t = _with_reason(t, mapping, reading, rules)
    t = with_contribution(t, rules.rates)
    if whole:
        mail = {"email": _as_one(text(t.raw_email))} if "raw_email" in t.columns else {}
        return t.mutate(**mail).select(*(n for n in (*_JUDGED, *DETAILS) if n in t.columns or n in mail))
    return t.select(*(name for name in _JUDGED if name in t.columns))


_JUDGED = (ROW, "customer_id", "order_id", "day", "revenue", "contribution", "is_refund", *ATTRIBUTES,
           "refunded", "known", "estimated", "lacking", "accepted", "code", "reason", "column", "value")  # fmt: skip


def _renamed(table: ir.Table, mapping: Mapping) -> ir.Table:
    """The mapped columns as raw_<field>, and what the engine added."""
    added = [name for name in (ROW, SURPLUS) if name in table.columns]
    return table.select(*added, **{f"raw_{name}": table[column] for name, column in mapping.columns.items()})


def _parsed(t: ir.Table, mapping: Mapping, reading: Reading, rules: Rules) -> ir.Table:
    if t.raw_date.type().is_string():
        t = dates.with_day_of_text(t, "raw_date", "day", tried=reading.layouts, epoch=reading.epoch, zone=rules.zone)
    else:
        t = dates.with_day_of_typed(t, "raw_date", "day", zone=rules.zone)
    decimals = reading.decimals or {}
    found = {
        name: numbers.amounts(t[f"raw_{name}"], decimals.get(name, "."), column_name=column)
        for name, column in mapping.columns.items()
        if FIELDS[name].kind == "number"
    }
    texts = {name: text(t[f"raw_{name}"]) for name in (*ATTRIBUTES, "status", "coupon") if name in mapping}
    t = t.mutate(customer_id=_customer(t, reading), **found, **texts)
    if "order" in mapping:
        t = t.mutate(order_id=identity(t.raw_order))
    return _in_one_currency(t, mapping, reading, rules)


def text(column: ir.Value) -> ir.StringValue:
    """A text without blanks around it; null where it says nothing."""
    plain = stripped(column.cast("string"))
    return plain.lower().isin(_NOTHING).ifelse(ibis.null("string"), plain)


def _unsaid(column: ir.Value) -> ir.BooleanValue:
    """Whether a cell is empty, or says that it is; NaN does."""
    kind = column.type()
    if kind.is_floating():
        return column.isnull() | column.isnan()
    return (text(column) if kind.is_string() else column).isnull()


def identity(column: ir.Value) -> ir.Value:
    """The number of a customer or an order as it was typed; whole numbers that came as decimals are whole again."""
    kind = column.type()
    if isinstance(kind, dt.Integer) and not isinstance(kind, dt.UInt64):
        return column.cast("int64")
    if isinstance(kind, dt.Decimal | dt.UInt64):  # which may be longer than 64 bits
        return column.cast("string").re_replace(r"\.0+$", "")
    if isinstance(kind, dt.Floating):
        number = column.cast("float64")
        whole = number.between(-9e15, 9e15) & (number == number.floor())
        return whole.ifelse(number, ibis.null("float64")).cast("int64")
    return text(column)


def _customer(t: ir.Table, reading: Reading) -> ir.Value:
    """The customer's number; for guests the e-mail address, which is one in any spelling."""
    mail = _as_one(text(t.raw_email)) if "raw_email" in t.columns else None
    if "raw_customer" not in t.columns:
        return mail
    number = identity(t.raw_customer)
    if isinstance(number, ir.StringValue):
        number = _as_one(number)
        if reading.whole_ids:
            number = number.re_search(r"^[0-9]+\.0$").ifelse(number.re_replace(r"\.0$", ""), number)
    if mail is None:
        return number
    number = number.cast("string")
    return ibis.coalesce(number.nullif("0") if reading.zero_is_guest else number, mail)


def _as_one(name: ir.StringValue) -> ir.StringValue:
    return name.contains("@").ifelse(name.lower(), name)


def _in_one_currency(t: ir.Table, mapping: Mapping, reading: Reading, rules: Rules) -> ir.Table:
    """Money in the kept currency; null where the row names none and there are several."""
    if len(rules.worth) < 2 and set(rules.worth.values()) <= {1.0}:
        return t
    if "currency" in mapping:
        code = currency_code(t.raw_currency)
        worth = ibis.cases(*((code == name, rate) for name, rate in rules.worth.items()))
    else:  # what the sign beside the amounts says; without one they are taken to be in the kept currency
        worth = ibis.literal(rules.worth[reading.currencies[0]] if reading.currencies else 1.0)
    t = t.mutate(worth=worth.cast("float64"))
    return t.mutate(**{name: t[name] * t.worth for name in MONEY if name in t.columns})


def _with_revenue(t: ir.Table, *, refunds: bool) -> ir.Table:
    """The signed amount of the row, whether it is a refund, and the costs in its sign."""
    if "amount" not in t.columns:
        t = t.mutate(amount=t.refund if refunds and "refund" in t.columns else t.quantity * t.price)
    if refunds:
        t = t.mutate(amount=-t.amount.abs())
    elif "quantity" in t.columns and "raw_amount" in t.columns:
        t = t.mutate(amount=((t.quantity < 0) & (t.amount > 0)).ifelse(-t.amount, t.amount))
    if refunds:
        return t.mutate(revenue=t.amount, is_refund=ibis.literal(value=True))
    if "refund" not in t.columns:
        return t.mutate(revenue=t.amount, is_refund=ibis.coalesce(t.amount < 0, NO))
    t = t.mutate(refunded=t.refund.abs().fill_null(0.0))
    t = t.mutate(revenue=t.amount - t.refunded)
    return t.mutate(is_refund=ibis.coalesce((t.revenue < 0) | ((t.refunded > 0) & (t.revenue <= 0)), NO))


def _with_signed_costs(t: ir.Table, mapping: Mapping, *, pieced: bool, summed: bool) -> ir.Table:
    """What was charged in the row, and its costs, in its sign; fees and shipping cost money in refunds too.

    Of what a refund column took back VAT is not due and goods are back, in the share that was taken back.
    """
    sign = (t.amount < 0).ifelse(-1.0, 1.0)
    charged = t.revenue
    if pieced:  # an amount of pieces and prices knows neither discount nor shipping
        for name, way in (("discount", -1.0), ("shipping_charged", 1.0)):
            charged = charged + (t[name].abs().fill_null(0.0) * sign * way if name in t.columns else 0.0)
    costs = {name: t[name].abs() for name in ("shipping_cost", "fee") if name in t.columns}
    kept = ibis.literal(1.0)
    if "refunded" in t.columns:
        kept = (t.refunded == 0).ifelse(1.0, (t.amount != 0).ifelse(t.revenue / t.amount, 0.0))
    if "tax" in t.columns:
        costs["tax"] = ibis.literal(0.0) if mapping.net else t.tax.abs() * sign * kept
    if "cost" in t.columns:
        costs["cost"] = _goods(t, mapping, summed=summed) * sign * kept
    return t.mutate(charged=charged, **costs)


def _goods(t: ir.Table, mapping: Mapping, *, summed: bool) -> ir.FloatingValue:
    """The cost of the goods of a row; `summed` where only the first row of an order counts, but each has its goods."""
    if not mapping.unit_cost:
        return t.cost.abs()
    goods = t.cost.abs() * (t.quantity.abs() if "quantity" in t.columns else 1.0)
    of_order = goods.sum().over(ibis.window(group_by="order_id")) if summed else goods
    return t.order_id.isnull().ifelse(goods, of_order) if summed else goods


def _with_reason(t: ir.Table, mapping: Mapping, reading: Reading, rules: Rules) -> ir.Table:
    """`reason`, `column` and `value` of the rows that are not accepted, and `accepted`."""
    found = _conditions(t, rules) | _unreadable(t) | _by_status(t, mapping) | _tests(t)
    if reading.once:
        found |= _repeated(t, mapping)
    ordered = [(found[name].fill_null(NO), i) for i, name in enumerate(REASONS) if name in found]
    t = t.mutate(code=ibis.cases(*ordered))
    t = t.mutate(accepted=t.code.isnull())
    used = [(i, name) for i, name in enumerate(REASONS) if name in found]
    faults = {i: _fault(name, mapping) for i, name in used}
    return t.mutate(
        reason=ibis.cases(*((t.code == i, name) for i, name in used)),
        column=ibis.cases(*((t.code == i, mapping[faults[i]]) for i, _ in used)),
        value=ibis.cases(*((t.code == i, t[f"raw_{faults[i]}"].cast("string").substr(0, 200)) for i, _ in used)),
    )


def _fault(reason: str, mapping: Mapping) -> str:
    """The mapped field that is at fault."""
    other = {"customer": "email", "email": "customer"}.get(REASONS[reason], "quantity")
    return next(name for name in (REASONS[reason], other, "refund", "order", "date") if name in mapping)


def _conditions(t: ir.Table, rules: Rules) -> dict[str, ir.BooleanValue]:
    found = {
        "no_date": _unsaid(t.raw_date),
        "bad_date": t.day.isnull() | ~t.day.between(ibis.literal(EARLIEST), ibis.literal(LATEST)),
        "no_amount": t.revenue.isnull(),
        "amount_too_large": t.revenue.abs() >= numbers.LARGEST,
        "no_customer": t.customer_id.isnull(),
    }
    if "raw_amount" not in t.columns:  # what was charged is more than the amount: shipping is added to pieces
        found["amount_too_large"] |= t.charged.abs() >= numbers.LARGEST
    if SURPLUS in t.columns:
        found["crooked_row"] = t[SURPLUS].notnull()
    if rules.until is not None:
        found[LATER] = t.day > ibis.literal(rules.until)
    if rules.today is not None:
        found["future_date"] = t.day > ibis.literal(rules.today)
    if "worth" in t.columns:
        found["no_currency"] = t.worth.isnull()
    return found


def _unreadable(t: ir.Table) -> dict[str, ir.BooleanValue]:
    """Numbers that an amount is made of, where they say what is no number; quantities and prices that are missing."""
    parts = ["quantity", "price"] if "raw_amount" not in t.columns else []
    named = ["amount", "refund", *parts, *(["discount", "shipping_charged"] if parts else [])]
    unsaid = {name: _unsaid(t[f"raw_{name}"]) for name in named if f"raw_{name}" in t.columns}
    found = {f"bad_{name}": ~nothing & t[name].isnull() for name, nothing in unsaid.items()}
    return found | {f"no_{name}": unsaid[name] for name in parts if name in unsaid}


def _by_status(t: ir.Table, mapping: Mapping) -> dict[str, ir.BooleanValue]:
    """Sales that the status says are none. An order to be paid later is one where the column tells of payments."""
    if "status" not in t.columns:
        return {}
    said, sale = t.status.lower(), (t.revenue >= 0) & ~t.is_refund
    if "refunded" in t.columns:  # which says better than a status what is left of an order
        sale = sale & (t.refunded == 0)
    unpaid = _NOT_PAID if mapping.paid_later else f"{_NOT_PAID}|{_UNPAID}"
    patterns = {"cancelled": _CANCELLED, "not_paid": unpaid, "refunded": _REFUNDED}
    return {reason: said.re_search(pattern) & sale for reason, pattern in patterns.items()}


def _tests(t: ir.Table) -> dict[str, ir.BooleanValue]:
    who = [t.raw_email.cast("string")] if "raw_email" in t.columns else []
    who += [t.customer_id] if isinstance(t.customer_id, ir.StringValue) else []
    found = {"test_order": ibis.or_(*(one.lower().re_search(_TEST_MAIL).fill_null(NO) for one in who))} if who else {}
    return found | ({"test_product": t.product.re_search(_TEST_PRODUCT)} if "product" in t.columns else {})


def _repeated(t: ir.Table, mapping: Mapping) -> dict[str, ir.BooleanValue]:
    """Rows after the first of the same order, customer, day and amount; rows without the total that another row of the
    order tells."""
    alike = [name for name in ("order_id", "customer_id", "day", "amount", "status") if name in t.columns]
    same = ibis.window(group_by=alike, order_by=[ROW] if ROW in t.columns else None)
    again = (ibis.row_number().over(same) > 0) & t.order_id.notnull() & t.amount.notnull()
    if not mapping.order_total:
        return {"duplicate": again}
    told = t.amount.count().over(ibis.window(group_by="order_id")) > 0
    return {"further_line": again | (_unsaid(t.raw_amount) & told & t.order_id.notnull())}
