"""What is left of an amount: costs from columns, and from stated rates where there are none.

    contribution = amount - VAT - refunds + shipping charged - goods - shipping - payment fee - handling of returns

Goods of a refund come back; fees and shipping of the sale do not.
"""

import re
from collections.abc import Mapping as Named
from dataclasses import dataclass, field
from typing import Any, Self

import ibis
import ibis.expr.types as ir

from stammkunde.errors import InputError

#: The costs, and the field whose column tells them.
COSTS = {"vat": "tax", "goods": "cost", "shipping": "shipping_cost", "fee": "fee", "returns": None}
_ADVICE = 'Such as {"vat": "19%", "goods": "40%", "shipping": 4.90, "fee": "1.9% + 0.25", "returns": 3.50}.'
_PART = re.compile(r"^([0-9]+(?:[.,][0-9]+)?)\s*(%?)$")


@dataclass(frozen=True)
class Rate:
    """A cost as a share (of the amount; without VAT for goods and shipping) and as money per order."""

    share: float = 0.0
    money: float = 0.0

    @classmethod
    def of(cls, name: str, stated: Any) -> Self:
        """A rate from "40%", 4.90 (money per order) or "1.9% + 0.25".

        Raises
        ------
        InputError : it is none of these, negative, or 100 % and more.
        """
        share = money = 0.0
        for part in str(stated).split("+"):
            match = _PART.match(part.strip())
            if match is None:
                raise InputError(f"{stated!r} is no rate.", where=name, advice=_ADVICE)
            value = float(match[1].replace(",", "."))
            share, money = (share + value / 100, money) if match[2] else (share, money + value)
        if share >= 1.0 or (name == "vat" and money):
            raise InputError(f"{stated!r} is no rate of this cost.", where=name, advice=_ADVICE)
        return cls(share, money)


@dataclass(frozen=True)
class Rates:
    """Stated costs; a column of the orders wins over a rate, row by row.

    An example::

        read_orders("orders.csv", rates={"vat": "19%", "goods": "40%", "fee": "1.9% + 0.25"})
    """

    costs: dict[str, Rate] = field(default_factory=dict)

    @classmethod
    def of(cls, stated: "Named[str, Any] | Rates | None") -> "Rates":
        """Rates from cost -> "19%" (of the amount) or 4.90 (money per order).

        Raises
        ------
        InputError : there is no such cost, or it is no rate.
        """
        if isinstance(stated, Rates):
            return stated
        unknown = [name for name in stated or {} if name not in COSTS]
        if unknown:
            raise InputError(f"There is no cost {unknown[0]!r}; costs are {', '.join(COSTS)}.", advice=_ADVICE)
        return cls({name: Rate.of(name, value) for name, value in (stated or {}).items()})

    def __bool__(self) -> bool:
        return bool(self.costs)

    def __getitem__(self, name: str) -> Rate:
        return self.costs.get(name, Rate())

    @property
    def per_order(self) -> bool:
        """Whether any of them is money per order."""
        return any(rate.money for rate in self.costs.values())


def with_contribution(t: ir.Table, rates: Rates) -> ir.Table:
    """The table with contribution, and beside it the costs by columns (`known`) and by rates (`estimated`), and whether
    a cost that others have is missing in the row (`lacking`).

    It needs revenue, charged (revenue, shipping charged included), is_refund, accepted; and tax, cost, shipping_cost,
    fee as far as there are columns of them, in the sign of the row.
    """
    t = _with_share_of_order(t, rates)
    tax = rates["vat"].share / (1.0 + rates["vat"].share)
    t = _with_cost(t, "vat", rates, t.charged * tax)
    t = t.mutate(net=t.charged - t.c_vat)
    sale = t.charged > 0
    t = _with_cost(t, "goods", rates, t.net * rates["goods"].share + _money(t, rates, "goods", sale))
    t = _with_cost(
        t, "shipping", rates, _money(t, rates, "shipping", sale) + _on(sale, t.net * rates["shipping"].share)
    )
    t = _with_cost(t, "fee", rates, _money(t, rates, "fee", sale) + _on(sale, t.charged * rates["fee"].share))
    returned = _money(t, rates, "returns", t.is_refund) + _on(t.is_refund, t.net.abs() * rates["returns"].share)
    t = _with_cost(t, "returns", rates, returned)
    costs = [t[f"c_{name}"] for name in COSTS]
    mapped = [(t[f"c_{name}"], t[name_of]) for name, name_of in COSTS.items() if name_of in t.columns]
    known = [_on(column.notnull(), cost.abs()) for cost, column in mapped]
    due = {"vat": sale | t.is_refund, "goods": sale | t.is_refund}  # the other costs are those of sales
    lacking = [
        t[of].isnull() & due.get(name, sale)
        for name, of in COSTS.items()
        if of in t.columns and name not in rates.costs
    ]
    total = _sum([cost.abs() for cost in costs])
    return t.mutate(
        contribution=t.charged - _sum(costs),
        known=_sum(known),
        estimated=total - _sum(known),
        lacking=ibis.or_(*lacking) & t.accepted if lacking else ibis.literal(False),  # noqa: FBT003  a value
    )


def _with_cost(t: ir.Table, name: str, rates: Rates, estimate: ir.FloatingValue) -> ir.Table:
    """Column c_<name>: the row's own figure, where there is none the estimate, 0 without a rate."""
    own = COSTS[name]
    estimate = estimate if name in rates.costs else ibis.literal(0.0)
    return t.mutate(**{f"c_{name}": t[own].fill_null(estimate) if own in t.columns else estimate})


def _with_share_of_order(t: ir.Table, rates: Rates) -> ir.Table:
    """1 over the number of accepted rows of the same order and kind: what a row bears of money per order."""
    if not rates.per_order:
        return t.mutate(part=ibis.literal(0.0))
    kind = t.mutate(kind=ibis.cases((t.is_refund, 2), (t.charged > 0, 1), else_=0))
    order = [name for name in ("customer_id", "day", "order_id", "kind", "accepted") if name in kind.columns]
    rows = kind.count().over(ibis.window(group_by=order))
    return kind.mutate(part=1.0 / rows.cast("float64"))


def _money(t: ir.Table, rates: Rates, name: str, when: ir.BooleanValue) -> ir.FloatingValue:
    return _on(when, t.part * rates[name].money)


def _on(condition: ir.BooleanValue, value: ir.FloatingValue) -> ir.FloatingValue:
    return condition.ifelse(value, 0.0)


def _sum(values: list[ir.FloatingValue]) -> ir.FloatingValue:
    total: ir.FloatingValue = ibis.literal(0.0)
    for value in values:
        total = total + value
    return total
