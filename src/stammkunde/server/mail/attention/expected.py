"""What a message is expected to bring: the order it causes, less what it costs, in the smallest unit of the currency.

    P(order it causes) × contribution of an order × P(alive) - coupon - P(leaving) × what writing for a year brings

Everything has a value without any data: what was published, read as upper hints and shrunk (`PRIORS`), which the shop's
own ledger moves as it grows (`Response`, counted at night). `estimate` takes the rates it is to use: where uplift was
measured against those who got no mail, that is what they should hold.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from stammkunde.server.clv.models import Prediction
from stammkunde.server.mail.attention.published import CAUSED, LEAVING, MAILS_A_YEAR, MIXED, PRIORS
from stammkunde.server.mail.models import Message, Response, Send, Version
from stammkunde.server.offers.models import Pool
from stammkunde.server.segments.models import CustomerFacts

WEIGHT = 1000  # mails: what was published counts as much as so many of the shop's own
ORDERS = 2  # the shop's mean counts as much as so many of the customer's own orders
ASSUMED, ASSUMED_CHARGE = 3000, 6000  # what an order brings and costs, until one is known: it ranks alike for everybody
LARGE = 10**12
FACTS = ("pk", "orders", "historic", "p_alive", "average_order")
OPEN = (Send.State.WAITING, Send.State.CLAIMED)


@dataclass(frozen=True)
class Rates:
    """What holds for all customers: by purpose, the share whom a mail makes order, and the share who leave; how much an
    order brings and costs where nothing is known of the customer (`assumed` where nothing is known at all); and the
    mails of a year with what one of them causes on the whole. `sends` are the shop's own that are counted in."""

    orders: Mapping[str, float]
    leaving: Mapping[str, float]
    order_value: int = ASSUMED
    order_charge: int = ASSUMED_CHARGE
    basis: str = ""
    assumed: bool = True
    mixed: float = MIXED * CAUSED
    a_year: float = MAILS_A_YEAR
    sends: Mapping[str, int] = field(default_factory=dict)

    def of(self, purpose: str) -> tuple[float, float]:
        """Who order because of a mail of this purpose, and who leave."""
        return self.orders.get(purpose, self.mixed), self.leaving.get(purpose, LEAVING)


def rates() -> Rates:
    """What was published, moved by what the shop's own mails did. One statement."""
    rows = {each.purpose: each for each in Response.objects.all()}
    every = rows.pop("", None)
    orders = {purpose: prior.orders * CAUSED for purpose, prior in PRIORS.items()}
    for purpose, row in rows.items():
        orders[purpose] = _moved(orders.get(purpose, MIXED * CAUSED), row)
    leaving = {purpose: (LEAVING * WEIGHT + row.left) / (WEIGHT + row.sends) for purpose, row in rows.items()}
    sends = {purpose: row.sends for purpose, row in rows.items()}
    if every is None:
        return Rates(orders, leaving, sends=sends)
    return Rates(
        orders,
        leaving,
        order_value=ASSUMED if every.order_value is None else every.order_value,
        order_charge=ASSUMED_CHARGE if every.order_charge is None else every.order_charge,
        basis=every.basis,
        assumed=every.order_value is None,
        mixed=_moved(MIXED * CAUSED, every),
        sends=sends,
    )


def _moved(prior: float, row: Response) -> float:
    """The mean of a beta distribution: the prior as so many mails, and the orders beyond those of any other week."""
    caused = max(row.ordered - row.base * row.sends, 0.0)
    return (prior * WEIGHT + caused) / (WEIGHT + row.sends)


@dataclass(frozen=True)
class Asked:
    """A message of a purpose to a customer, and the pool of its coupon."""

    customer_id: int
    purpose: str
    pool: Pool | None = None


@dataclass(frozen=True)
class Expected:
    """What a message is expected to bring, in its parts."""

    orders: float
    order_value: float
    p_alive: float | None
    coupon: float
    leaving: float
    a_year: float
    own: int
    assumed: bool

    @property
    def cause(self) -> float:
        """The share of such messages to such a customer that cause an order."""
        return self.orders * (1.0 if self.p_alive is None else self.p_alive)

    @property
    def gain(self) -> float:
        """What the orders bring."""
        return self.cause * self.order_value

    @property
    def fatigue(self) -> float:
        """What leaving costs: what a year of writing would have brought, times the share who leave."""
        return self.leaving * self.a_year * self.order_value * (1.0 if self.p_alive is None else self.p_alive)

    @property
    def total(self) -> int:
        """All of it."""
        return int(max(-LARGE, min(LARGE, round(self.gain - self.cause * self.coupon - self.fatigue))))

    def lines(self) -> list[tuple[str, float]]:
        """Each part in the reader's language with its number: shares as shares, amounts in the smallest unit."""
        value = (
            _("An order of theirs brings (assumed: no order is known yet)")
            if self.assumed
            else _("An order of theirs brings")
        )
        alive = _("Still a customer (not known: counted as certain)") if self.p_alive is None else _("Still a customer")
        return [
            (_("Such mails that cause an order"), self.orders),
            (_("Own mails that count in this, beside what was published"), self.own),
            (alive, 1.0 if self.p_alive is None else self.p_alive),
            (value, self.order_value),
            (_("Orders it causes, in money"), self.gain),
            (_("Its coupon"), -self.cause * self.coupon),
            (_("Those who leave because of it, in money"), -self.fatigue),
            (_("Expected contribution"), self.total),
        ]


def estimate(asked: Sequence[Asked], *, rates: Rates) -> list[Expected]:
    """What each is expected to bring, in the same order. Two statements for all of their customers."""
    ids = sorted({each.customer_id for each in asked})
    facts = CustomerFacts.objects.filter(pk__in=ids).values_list(*FACTS)
    known = {pk: rest for pk, *rest in facts}
    predicted = Prediction.objects.filter(pk__in=ids).exclude(expected_order_value=None)
    values = dict(predicted.values_list("pk", "expected_order_value"))
    return [_expected(each, known.get(each.customer_id), values.get(each.customer_id), rates) for each in asked]


def _expected(asked: Asked, known: Sequence[Any] | None, value: int | None, rates: Rates) -> Expected:
    orders, historic, p_alive, charge = known or (0, None, None, None)
    own, count = (historic, orders) if historic is not None else (0, 0)
    mean = max((own + rates.order_value * ORDERS) / (count + ORDERS), 0.0)
    causing, leaving = rates.of(asked.purpose)
    return Expected(
        orders=causing,
        order_value=mean if value is None else float(value),
        p_alive=p_alive,
        coupon=_cost(asked.pool, rates.order_charge if charge is None else charge),
        leaving=leaving,
        a_year=rates.mixed * rates.a_year,
        own=rates.sends.get(asked.purpose, 0),
        assumed=rates.assumed and historic is None,
    )


def _cost(pool: Pool | None, charge: int) -> float:
    """What a coupon costs when it is used: its share of a usual order, or its amount."""
    if pool is None:
        return 0.0
    return charge * pool.worth / 100 if pool.kind == Pool.Kind.PERCENT else float(pool.worth)


def pools(messages: Iterable[Message]) -> dict[int, Pool]:
    """The pool of the coupon in each message's mail, by message; two statements."""
    wanted: dict[int, str] = {}
    rows = Version.objects.filter(messages__in=list(messages)).values_list("messages", "document")
    for message, document in rows:
        for each in document.get("blocks", ()):
            if each.get("kind") == "coupon":
                wanted[message] = str(each.get("pool"))
    there = {pool.key: pool for pool in Pool.objects.filter(key__in=set(wanted.values()))} if wanted else {}
    return {message: there[key] for message, key in wanted.items() if key in there}


def fill(customer_ids: Sequence[int], *, until: datetime) -> int:
    """Say what open messages of these customers that are due by a moment are expected to bring, where nobody has: a
    message's own rule `expected`, else the estimate. Returns how many were lacking it; one statement where none was."""
    wanting = Send.objects.filter(customer__in=customer_ids, marketing=True, expected=None, due_at__lte=until)
    told = list(wanting.filter(state__in=OPEN).values_list("pk", "customer_id", "message_id").order_by("pk"))
    if not told:
        return 0
    messages = Message.objects.in_bulk({message for _pk, _customer, message in told})
    coupons = pools(messages.values())
    asked = [Asked(who, messages[message].purpose, coupons.get(message)) for _pk, who, message in told]
    found = estimate(asked, rates=rates())
    rows = []
    for (pk, _customer, message), each in zip(told, found, strict=True):
        fixed = messages[message].rules.get("expected")
        rows.append((each.total if fixed is None else int(fixed), pk))
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE mail_send SET expected = %s WHERE id = %s AND expected IS NULL", rows)
    return len(rows)


def explain(send: Send) -> list[tuple[str, float]]:
    """What a message is expected to bring, part by part, for the customer's page."""
    fixed = send.message.rules.get("expected")
    if fixed is not None:
        return [(_("Expected contribution, as the message itself says"), int(fixed))]
    if send.customer_id is None:
        return []
    coupon = pools([send.message]).get(send.message_id)
    return estimate([Asked(send.customer_id, send.message.purpose, coupon)], rates=rates())[0].lines()
