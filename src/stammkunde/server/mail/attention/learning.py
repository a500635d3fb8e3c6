"""How much advertising a customer bears, and what mails of a purpose did, learnt at night from the ledger.

Of a customer's last `LAST` mails of a year, each is answered or met with silence: answered by an order within a week, a
click of a person, or a reply. The share they answer is a beta distribution that begins as the shop's mean and is as
sure as after `strength` mails; strength is told from how much customers differ beyond chance, so that a shop of whose
mails few are ever answered does not take silence for weariness. Taking a consent back or objecting within a week of a
mail counts as `REFUSED` silences. The factor is the shop's mean over theirs, within `LEAST` and `MOST`.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Min, Sum
from django.utils.translation import gettext as _

from stammkunde.server.clv.queries import runs
from stammkunde.server.mail.attention.rule import LEAST, MOST
from stammkunde.server.mail.models import Attention, Response
from stammkunde.server.segments.models import CustomerFacts
from stammkunde.server.shop.models import Customer

SPAN = 20_000  # ids of customers of one transaction
LAST, YEAR, WEEK = 20, timedelta(days=365), timedelta(days=7)
WEEKS = YEAR / WEEK
REFUSED = 5
USUAL, FEW = 50.0, 100  # how sure the mean is where fewer customers than `FEW` tell
WEAKEST, STRONGEST = 5.0, 1000.0

Tell = Callable[[str, int, int], None]


@dataclass
class _Counts:
    """Of a purpose: mails, those after which somebody ordered, those after which somebody left; the customers who got
    any, and the orders those placed in the year."""

    sends: int = 0
    ordered: int = 0
    left: int = 0
    customers: int = 0
    orders: int = 0

    @property
    def base(self) -> float:
        """The share who would have ordered in any week: arrivals at their rate of the year."""
        return 1 - math.exp(-self.orders / (self.customers * WEEKS)) if self.customers else 0.0


@dataclass
class _Spread:
    """Sums over customers from which their difference is told: n mails, h of them answered."""

    customers: int = 0
    n: int = 0
    h: int = 0
    n2: float = 0.0
    h2n: float = 0.0

    @property
    def mean(self) -> float:
        """The share of mails that are answered."""
        return self.h / self.n if self.n else 0.0

    @property
    def strength(self) -> float:
        """After how many mails one is as sure of a customer as of all together: the analysis of variance of shares."""
        p, k = self.mean, self.customers
        spread = self.n - self.n2 / self.n - (k - 1) if self.n else 0.0
        if k < FEW or not 0 < p < 1 or spread <= 0:
            return USUAL
        beyond = ((self.h2n - self.n * p * p) / (p * (1 - p)) - (k - 1)) / spread
        return STRONGEST if beyond <= 0 else min(max(1 / beyond - 1, WEAKEST), STRONGEST)


@dataclass
class _Sums:
    purposes: dict[str, _Counts] = field(default_factory=dict)
    spread: _Spread = field(default_factory=_Spread)


def learn(*, now: datetime, tell: Tell = lambda *_: None) -> int:
    """Learn anew, of everybody; returns of how many customers there was something to learn."""
    sums, spans = _Sums(), list(_spans())
    for number, span in enumerate(spans):
        tell("Counting answers", number, len(spans))
        with transaction.atomic():
            _count(span, sums, now)
    _keep(sums, now)
    for number, span in enumerate(spans):
        tell("Learning how much they bear", number, len(spans))
        _place(span, sums.spread)
    return sums.spread.customers


def _spans() -> Iterator[tuple[int, int]]:
    ends = Customer.objects.aggregate(low=Min("pk"), high=Max("pk"))
    if ends["low"] is not None:
        for low in range(ends["low"], ends["high"] + 1, SPAN):
            yield low, low + SPAN


def _count(span: tuple[int, int], sums: _Sums, now: datetime) -> None:
    marks: dict[str, int | datetime] = {
        "low": span[0],
        "high": span[1],
        "since": now - YEAR - WEEK,
        "until": now - WEEK,
        "now": now,
    }
    year = marks | {"from": now - YEAR}
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, marks)
        cursor.execute(f"{_mails()} {_ROWS}", marks)
        cursor.execute(f"{_mails()} {_BY_PURPOSE}", year)
        for purpose, *counts in cursor.fetchall():
            found = sums.purposes.setdefault(purpose, _Counts())
            for name, count in zip(("sends", "ordered", "left", "customers", "orders"), counts, strict=True):
                setattr(found, name, getattr(found, name) + int(count or 0))
        cursor.execute(_SPREAD, marks)
        k, n, h, n2, h2n = cursor.fetchone()
    of = sums.spread
    of.customers, of.n, of.h = of.customers + k, of.n + int(n or 0), of.h + int(h or 0)
    of.n2, of.h2n = of.n2 + float(n2 or 0), of.h2n + float(h2n or 0)


def _mails() -> str:
    """The year's advertising to these customers with what followed within a week, the newest of each first."""
    week = (
        "s.settled_at + interval '7 days'" if connection.vendor == "postgresql" else "datetime(s.settled_at, '+7 days')"
    )
    return _MAILS.format(week=week)


_MAILS = """
    WITH mails AS (
        SELECT s.customer_id, m.purpose,
            ROW_NUMBER() OVER (PARTITION BY s.customer_id ORDER BY s.settled_at DESC, s.id DESC) AS place,
            CASE WHEN EXISTS (SELECT 1 FROM shop_order o WHERE o.customer_id = s.customer_id AND NOT o.test
                AND o.cancelled_at IS NULL AND o.placed_at > s.settled_at AND o.placed_at <= {week})
                THEN 1 ELSE 0 END AS ordered,
            CASE WHEN EXISTS (SELECT 1 FROM mail_signal g WHERE g.send_id = s.id AND NOT g.machine
                AND g.kind IN ('clicked', 'replied')) THEN 1 ELSE 0 END AS heard,
            CASE WHEN EXISTS (SELECT 1 FROM mail_signal g WHERE g.send_id = s.id
                AND g.kind IN ('unsubscribed', 'complained'))
                OR EXISTS (SELECT 1 FROM consent_entry e WHERE e.customer_id = s.customer_id
                AND e.kind IN ('withdrawn', 'objected') AND e.at > s.settled_at AND e.at <= {week})
                THEN 1 ELSE 0 END AS gone
        FROM mail_send s JOIN mail_message m ON m.id = s.message_id
        WHERE s.marketing AND s.state = 'sent' AND s.settled_at > %(since)s AND s.settled_at <= %(until)s
            AND s.customer_id >= %(low)s AND s.customer_id < %(high)s)
"""
_FORGET = """UPDATE mail_attention SET mails = 0, answered = 0, refused = 0
    WHERE mails > 0 AND customer_id >= %(low)s AND customer_id < %(high)s"""
# Without a WHERE, SQLite would take ON CONFLICT for a condition of a join.
_ROWS = f"""
    INSERT INTO mail_attention (customer_id, factor, mails, answered, refused, learned_at)
    SELECT customer_id, 1.0, COUNT(*), SUM(CASE WHEN ordered + heard > 0 THEN 1 ELSE 0 END), SUM(gone), %(now)s
    FROM mails WHERE place <= {LAST} GROUP BY customer_id
    ON CONFLICT (customer_id) DO UPDATE SET mails = excluded.mails, answered = excluded.answered,
        refused = excluded.refused, learned_at = excluded.learned_at
"""
_BY_PURPOSE = """,
    who AS (SELECT DISTINCT customer_id, purpose FROM mails),
    bought AS (SELECT w.customer_id, (SELECT COUNT(DISTINCT o.day) FROM shop_order o
        WHERE o.customer_id = w.customer_id AND NOT o.test AND o.cancelled_at IS NULL
            AND o.placed_at > %(from)s AND o.placed_at <= %(now)s) AS orders
        FROM (SELECT DISTINCT customer_id FROM mails) w),
    rates AS (SELECT w.purpose, COUNT(*) AS customers, SUM(b.orders) AS orders
        FROM who w JOIN bought b ON b.customer_id = w.customer_id GROUP BY w.purpose)
    SELECT m.purpose, COUNT(*), SUM(m.ordered), SUM(m.gone), MAX(r.customers), MAX(r.orders)
    FROM mails m JOIN rates r ON r.purpose = m.purpose GROUP BY m.purpose
"""
_SPREAD = """
    SELECT COUNT(*), SUM(mails), SUM(answered), SUM(1.0 * mails * mails), SUM(1.0 * answered * answered / mails)
    FROM mail_attention WHERE mails > 0 AND customer_id >= %(low)s AND customer_id < %(high)s
"""


def _place(span: tuple[int, int], spread: _Spread) -> None:
    """Set the factors: the shop's mean over the customer's, within bounds."""
    if not spread.h:
        Attention.objects.filter(pk__gte=span[0], pk__lt=span[1]).exclude(factor=1.0).update(factor=1.0)
        return
    marks = {"mean": spread.mean, "strength": spread.strength, "low": span[0], "high": span[1]}
    with connection.cursor() as cursor:
        cursor.execute(_FACTOR, marks)


_RATIO = f"""%(mean)s * (%(strength)s + mails + {REFUSED} * refused) / (%(mean)s * %(strength)s + answered)"""
_FACTOR = f"""
    UPDATE mail_attention SET factor = CASE WHEN {_RATIO} < {LEAST} THEN {LEAST} WHEN {_RATIO} > {MOST} THEN {MOST}
        ELSE {_RATIO} END
    WHERE customer_id >= %(low)s AND customer_id < %(high)s
"""


def _keep(sums: _Sums, now: datetime) -> None:
    every = _Counts()
    for found in sums.purposes.values():
        for name in ("sends", "ordered", "left", "customers", "orders"):
            setattr(every, name, getattr(every, name) + getattr(found, name))
    rows = [_response(purpose, found, now) for purpose, found in sums.purposes.items()]
    total = _response("", every, now)
    total.answered, total.strength = sums.spread.mean, sums.spread.strength
    total.order_value, total.order_charge, total.basis = _orders()
    with transaction.atomic():
        Response.objects.all().delete()
        Response.objects.bulk_create([*rows, total])


def _response(purpose: str, found: _Counts, now: datetime) -> Response:
    return Response(
        purpose=purpose, sends=found.sends, ordered=found.ordered, left=found.left, base=found.base, counted_at=now
    )


def _orders() -> tuple[int | None, int | None, str]:
    """What an order brings and what it costs the customer, on the mean; of which basis the first is."""
    bought, run = CustomerFacts.objects.filter(orders__gt=0), runs.current()
    every = bought.aggregate(orders=Sum("orders"), charged=Sum("charged"), revenue=Sum("revenue"))
    if not every["orders"]:
        return None, None, ""
    charge = every["charged"] // every["orders"]
    valued = bought.exclude(historic=None).aggregate(orders=Sum("orders"), historic=Sum("historic"))
    if run is None or not valued["orders"]:
        return every["revenue"] // every["orders"], charge, "revenue"
    return valued["historic"] // valued["orders"], charge, run.basis


def explain(customer_id: int) -> list[tuple[str, float]]:
    """How much a customer bears and why, for their page; nothing where nothing was learnt."""
    row = Attention.objects.filter(pk=customer_id).first()
    every = Response.objects.filter(purpose="").first()
    if row is None or every is None or not row.mails:
        return []
    return [
        (_("Their last mails"), row.mails),
        (_("Answered by an order, a click or a reply"), row.answered),
        (_("After which they refused to get more"), row.refused),
        (_("What customers of this shop answer"), every.answered or 0.0),
        (_("The gap is multiplied by"), row.factor),
    ]
