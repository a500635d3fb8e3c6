"""The facts that rules may ask for: their columns, what kind of answer they give, and how they are said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(StrEnum):
    """What an answer is; it decides which comparisons make sense."""

    NUMBER = "number"
    MONEY = "money"
    SHARE = "share"
    DAYS = "days"
    DAY = "day"
    TEXT = "text"
    FLAG = "flag"
    STATE = "state"
    CELL = "cell"
    TYPE = "type"


class Form(StrEnum):
    """How the answer comes from columns: as it stands, days since it, the silence in multiples of it, or the cell."""

    PLAIN = "plain"
    SINCE = "since"
    PER = "per"
    CELL = "cell"


MEASURES = (">=", "<=", ">", "<", "=", "!=", "between")
CHOICES = ("is", "is not", "in", "not in")
OPERATORS: Mapping[Kind, tuple[str, ...]] = {
    **dict.fromkeys((Kind.NUMBER, Kind.MONEY, Kind.SHARE, Kind.DAYS), (*MEASURES, "known", "unknown")),
    Kind.DAY: (">=", "<=", "=", "between", "known", "unknown"),
    Kind.TEXT: (*CHOICES, "starts", "contains", "known", "unknown"),
    Kind.FLAG: ("is",),
    Kind.STATE: CHOICES,
    Kind.CELL: (*CHOICES, "known", "unknown"),
    Kind.TYPE: (*CHOICES, "known", "unknown"),
}


def _n(one: str, many: str) -> tuple[str, str]:
    """A sentence for one and for several; the two are msgid and msgid_plural of the catalogue."""
    return one, many


@dataclass(frozen=True)
class Fact:
    """A fact: its name in rules, the column behind it, and its sentence with the slot `%(is)s`."""

    name: str
    column: str
    kind: Kind
    group: str
    label: Promise
    words: tuple[str, str]
    form: Form = Form.PLAIN

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that the answer is made of."""
        return {Form.CELL: ("r", "f", "m"), Form.PER: (self.column, "last_on")}.get(self.form, (self.column,))

    def of(self, row: Mapping[str, Any], day: int) -> Any:
        """The answer for a customer's row of facts, as of a day; None where it is not known."""
        found = row[self.column]
        if self.form is Form.CELL:
            return None if None in (row["r"], row["f"], row["m"]) else 100 * row["r"] + 10 * row["f"] + row["m"]
        if self.form is Form.SINCE:
            return None if found is None else day - found
        if self.form is Form.PER:
            return None if found is None or row["last_on"] is None else (day - row["last_on"]) / found
        return None if found == "" and self.kind in (Kind.TEXT, Kind.STATE) else found


GROUPS: Mapping[str, Promise] = {
    "orders": _("Orders"),
    "rhythm": _("Rhythm and lifecycle"),
    "value": _("Value"),
    "service": _("Returns and refunds"),
    "customer": _("Customer"),
    "events": _("Events"),
}


def _facts() -> Iterable[Fact]:
    number, money, share, days, day = Kind.NUMBER, Kind.MONEY, Kind.SHARE, Kind.DAYS, Kind.DAY
    text, flag = Kind.TEXT, Kind.FLAG
    yield Fact(
        "orders",
        "orders",
        number,
        "orders",
        _("Number of orders"),
        _n("has placed %(is)s order", "has placed %(is)s orders"),
    )
    yield Fact(
        "order_days",
        "order_days",
        number,
        "orders",
        _("Number of order days"),
        _n("has ordered on %(is)s day", "has ordered on %(is)s days"),
    )
    yield Fact(
        "days_since_last_order",
        "last_on",
        days,
        "orders",
        _("Days since the last order"),
        _n("last ordered %(is)s day ago", "last ordered %(is)s days ago"),
        Form.SINCE,
    )
    yield Fact(
        "days_since_first_order",
        "first_on",
        days,
        "orders",
        _("Days since the first order"),
        _n("first ordered %(is)s day ago", "first ordered %(is)s days ago"),
        Form.SINCE,
    )
    yield Fact(
        "last_day",
        "last_on",
        day,
        "orders",
        _("Day of the last order"),
        _n("last ordered %(is)s", "last ordered %(is)s"),
    )
    yield Fact(
        "first_day",
        "first_on",
        day,
        "orders",
        _("Day of the first order"),
        _n("first ordered %(is)s", "first ordered %(is)s"),
    )
    yield Fact(
        "revenue",
        "revenue",
        money,
        "orders",
        _("Revenue"),
        _n("has brought %(is)s of revenue", "has brought %(is)s of revenue"),
    )
    yield Fact(
        "average_order",
        "average_order",
        money,
        "orders",
        _("Average order"),
        _n("spends %(is)s an order on average", "spends %(is)s an order on average"),
    )
    yield Fact(
        "coupon_orders",
        "coupon_orders",
        number,
        "orders",
        _("Orders with a coupon"),
        _n("has used a coupon in %(is)s order", "has used a coupon in %(is)s orders"),
    )
    yield Fact(
        "first_channel",
        "first_channel",
        text,
        "orders",
        _("Channel of the first order"),
        _n("came to the first order by a channel that %(is)s", ""),
    )
    yield Fact(
        "median_gap",
        "median_gap",
        days,
        "rhythm",
        _("Days between orders (own median)"),
        _n("typically leaves %(is)s day between orders", "typically leaves %(is)s days between orders"),
    )
    yield Fact(
        "rhythm",
        "rhythm",
        days,
        "rhythm",
        _("Rhythm in days"),
        _n("has a rhythm of %(is)s day", "has a rhythm of %(is)s days"),
    )
    yield Fact(
        "silence",
        "rhythm",
        number,
        "rhythm",
        _("Silence, in multiples of the rhythm"),
        _n("has been silent for %(is)s time the own rhythm", "has been silent for %(is)s times the own rhythm"),
        Form.PER,
    )
    yield Fact(
        "own_silence",
        "median_gap",
        number,
        "rhythm",
        _("Silence, in multiples of the own median gap"),
        _n("has been silent for %(is)s time the own median gap", "has been silent for %(is)s times the own median gap"),
        Form.PER,
    )
    yield Fact("state", "state", Kind.STATE, "rhythm", _("Lifecycle state"), _n("is in the state %(is)s", ""))
    yield Fact(
        "days_in_state",
        "state_since",
        days,
        "rhythm",
        _("Days in this lifecycle state"),
        _n("has been in this lifecycle state for %(is)s day", "has been in this lifecycle state for %(is)s days"),
        Form.SINCE,
    )
    yield Fact(
        "clv",
        "clv",
        money,
        "value",
        _("Customer value (CLV)"),
        _n("has a customer value of %(is)s", "has a customer value of %(is)s"),
    )
    yield Fact(
        "historic",
        "historic",
        money,
        "value",
        _("Value so far"),
        _n("has been worth %(is)s so far", "has been worth %(is)s so far"),
    )
    yield Fact(
        "predicted",
        "predicted",
        money,
        "value",
        _("Predicted value"),
        _n("has a predicted value of %(is)s", "has a predicted value of %(is)s"),
    )
    yield Fact(
        "value_percent",
        "value_percent",
        number,
        "value",
        _("Share of customers worth more, in %"),
        _n("%(is)s %% of the customers are worth more", "%(is)s %% of the customers are worth more"),
    )
    yield Fact(
        "p_alive",
        "p_alive",
        share,
        "value",
        _("Chance to be still a customer"),
        _n("is still a customer with a chance of %(is)s", "is still a customer with a chance of %(is)s"),
    )
    yield Fact(
        "expected_orders",
        "expected_orders",
        number,
        "value",
        _("Orders expected"),
        _n("is expected to order on %(is)s day", "is expected to order on %(is)s days"),
    )
    yield Fact(
        "r",
        "r",
        number,
        "value",
        _("RFM score: recency (1 to 5)"),
        _n("has a recency score of %(is)s", "has a recency score of %(is)s"),
    )
    yield Fact(
        "f",
        "f",
        number,
        "value",
        _("RFM score: frequency (1 to 5)"),
        _n("has a frequency score of %(is)s", "has a frequency score of %(is)s"),
    )
    yield Fact(
        "m",
        "m",
        number,
        "value",
        _("RFM score: money (1 to 5)"),
        _n("has a money score of %(is)s", "has a money score of %(is)s"),
    )
    yield Fact("rfm", "r", Kind.CELL, "value", _("RFM cell"), _n("is in an RFM cell that %(is)s", ""), Form.CELL)
    yield Fact(
        "customer_type", "customer_type", Kind.TYPE, "value", _("Customer type"), _n("is of a type that %(is)s", "")
    )
    yield Fact(
        "returned_share",
        "returned_share",
        share,
        "service",
        _("Returned share"),
        _n("got back %(is)s of what was charged", "got back %(is)s of what was charged"),
    )
    yield Fact(
        "refunds",
        "refunds",
        number,
        "service",
        _("Orders with a refund"),
        _n("got a refund for %(is)s order", "got a refund for %(is)s orders"),
    )
    yield Fact(
        "refunded",
        "refunded",
        money,
        "service",
        _("Money refunded"),
        _n("got back %(is)s in all", "got back %(is)s in all"),
    )
    yield Fact(
        "service_minutes",
        "service_minutes",
        number,
        "service",
        _("Minutes of service"),
        _n("took %(is)s minute of service", "took %(is)s minutes of service"),
    )
    yield Fact("country", "country", text, "customer", _("Country"), _n("lives in a country that %(is)s", ""))
    yield Fact("postcode", "postcode", text, "customer", _("Postcode"), _n("has a postcode that %(is)s", ""))
    yield Fact("locale", "locale", text, "customer", _("Language"), _n("has a language that %(is)s", ""))
    yield Fact(
        "channel", "channel", text, "customer", _("Acquisition channel"), _n("was won by a channel that %(is)s", "")
    )
    yield Fact(
        "shop_type", "type", text, "customer", _("Type given in the shop"), _n("has a type in the shop that %(is)s", "")
    )
    yield Fact(
        "known_day", "known_on", day, "customer", _("Known since"), _n("became known %(is)s", "became known %(is)s")
    )
    yield Fact(
        "days_known",
        "known_on",
        days,
        "customer",
        _("Days since becoming known"),
        _n("became known %(is)s day ago", "became known %(is)s days ago"),
        Form.SINCE,
    )
    yield Fact(
        "has_email",
        "has_email",
        flag,
        "customer",
        _("Has an e-mail address"),
        _n("has an e-mail address", "has no e-mail address"),
    )
    yield Fact(
        "has_phone",
        "has_phone",
        flag,
        "customer",
        _("Has a telephone number"),
        _n("has a telephone number", "has no telephone number"),
    )
    yield Fact("is_company", "is_company", flag, "customer", _("Is a company"), _n("is a company", "is not a company"))
    yield Fact(
        "days_since_last_event",
        "last_event_on",
        days,
        "events",
        _("Days since the last event"),
        _n("was last heard of %(is)s day ago", "was last heard of %(is)s days ago"),
        Form.SINCE,
    )


FACTS: Mapping[str, Fact] = {fact.name: fact for fact in _facts()}
