"""What became of a newsletter, counted from the ledger and from the shop's own orders; by text, never by person.

What came after a mail did not come because of it: of those who ordered, many would have ordered anyway. That is said
wherever these numbers are shown; what a mailing brought is known only from those who did not get it.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from stammkunde.server.campaigns.models import Campaign
from stammkunde.server.mail.models import Send, Signal

OUT = (Send.State.SENT, Send.State.UNKNOWN)  # an unknown one may well have been read
OPEN = (Send.State.WAITING, Send.State.CLAIMED, Send.State.HANDING)
GONE_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class Result:
    """Of one text, or of all of them together. `orders` within the window after the mail, by `buyers`; `revenue` is
    what they were charged less what was given back, VAT inside."""

    states: Mapping[str, int] = field(default_factory=dict)
    buyers: int = 0
    orders: int = 0
    revenue: int = 0
    clicks: int = 0
    bounced: int = 0
    complained: int = 0
    left: int = 0

    @property
    def sent(self) -> int:
        """Mails that left, those of unknown end among them."""
        return sum(self.states.get(each, 0) for each in OUT)

    @property
    def waiting(self) -> int:
        """Mails that have no end yet."""
        return sum(self.states.get(each, 0) for each in OPEN)

    @property
    def suppressed(self) -> int:
        """Mails that were not sent, for a reason."""
        return self.states.get(Send.State.SUPPRESSED, 0)

    @property
    def refused(self) -> int:
        """Mails that no server took."""
        return self.states.get(Send.State.REFUSED, 0)

    @property
    def planned(self) -> int:
        """All of them."""
        return sum(self.states.values())

    @property
    def settled(self) -> int:
        """Those that have an end."""
        return self.planned - self.waiting

    def __add__(self, other: "Result") -> "Result":
        names = ("buyers", "orders", "revenue", "clicks", "bounced", "complained", "left")
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        return Result(states=Counter(self.states) + Counter(other.states), **sums)


def results(campaign: Campaign, *, now: datetime) -> dict[str, Result]:
    """By the key of each text that was approved."""
    keys = {v.message_id: v.key for v in campaign.variants.all() if v.message_id is not None}
    states, came, back = _states(keys), after(campaign, now=now), _signals(keys)
    left = _left(campaign, now=now)
    return {
        key: Result(states[message], *came.get(message, (0, 0, 0)), *back[message], left.get(message, 0))
        for message, key in keys.items()
    }


def total(found: Mapping[str, Result]) -> Result:
    """All texts together."""
    return sum(found.values(), Result())


def _states(messages: Mapping[int, str]) -> defaultdict[int, dict[str, int]]:
    rows = Send.objects.filter(message__in=list(messages)).values_list("message", "state").annotate(n=Count("pk"))
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for message, state, number in rows.order_by():
        found[message][state] = number
    return found


def open_rows(campaign: Campaign) -> bool:
    """Whether any mail of it has no end yet."""
    messages = [each.message_id for each in campaign.variants.all()]
    return Send.objects.filter(message__in=[m for m in messages if m], state__in=OPEN).exists()


def reasons(campaign: Campaign) -> list[tuple[str, int]]:
    """Why mails were not sent, or not taken, the most frequent first."""
    messages = [each.message_id for each in campaign.variants.all() if each.message_id]
    ended = Send.objects.filter(message__in=messages, state__in=[Send.State.SUPPRESSED, Send.State.REFUSED])
    rows = ended.values_list("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    return [(reason, number) for reason, number in rows]


# --- what came after --------------------------------------------------------------------------------------------------


def after(campaign: Campaign, *, now: datetime, hours: int | None = None) -> dict[int, tuple[int, int, int]]:
    """By message: who ordered within the window after the mail, how many orders, for how much. Everybody who was given
    the text counts, whether or not they opened it."""
    if campaign.started_at is None:
        return {}
    window = campaign.window_hours if hours is None else hours
    sql = f"""
        SELECT s.message_id, COUNT(DISTINCT s.id), COUNT(*), SUM(o.total - o.refunded)
        FROM shop_order o CROSS JOIN mail_send s
        WHERE {_AFTER.format(till=_later("s.settled_at", window))}
        GROUP BY s.message_id
    """
    first, last = campaign.started_at - timedelta(days=1), now + timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(sql, [first.date(), last.date(), _stored(now), campaign.scope, campaign.pk])
        return {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in cursor.fetchall()}


#: Orders are few and mails many: it begins with the orders of those days, and looks up the mail of each.
_AFTER = """
    o.day >= %s AND o.day <= %s AND o.placed_at <= %s AND NOT o.test AND o.cancelled_at IS NULL
    AND s.scope = %s AND s.run = %s AND s.customer_id = o.customer_id AND s.state IN ('sent', 'unknown')
    AND o.placed_at > s.settled_at AND o.placed_at <= {till}
"""


def _later(column: str, hours: int) -> str:
    if connection.vendor == "postgresql":
        return f"{column} + interval '{int(hours)} hours'"
    return f"datetime({column}, '+{int(hours)} hours')"


def _stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def waits(campaign: Campaign, *, now: datetime, most: int) -> list[float]:
    """Hours from a mail to the first order after it, of some of those who ordered within the window."""
    if campaign.started_at is None:
        return []
    ended = _seconds("MIN(o.placed_at)", "s.settled_at")
    sql = f"""
        SELECT {ended} FROM shop_order o CROSS JOIN mail_send s
        WHERE {_AFTER.format(till=_later("s.settled_at", campaign.window_hours))}
        GROUP BY s.id, s.settled_at ORDER BY s.id LIMIT {int(most)}
    """
    first, last = campaign.started_at - timedelta(days=1), now + timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(sql, [first.date(), last.date(), _stored(now), campaign.scope, campaign.pk])
        return [float(row[0]) / 3600 for row in cursor.fetchall()]


def _seconds(later: str, earlier: str) -> str:
    if connection.vendor == "postgresql":
        return f"EXTRACT(EPOCH FROM ({later} - {earlier}))"
    return f"(julianday({later}) - julianday({earlier})) * 86400.0"


# --- what came back ---------------------------------------------------------------------------------------------------


def clicks(messages: Sequence[int]) -> dict[int, int]:
    """By message: mails in which a person followed a link; where no persons are kept, links that persons followed."""
    mine = Signal.objects.filter(kind=Signal.Kind.CLICKED, machine=False)
    single = (
        mine.filter(send__message__in=messages).values_list("send__message").annotate(n=Count("send", distinct=True))
    )
    sums = mine.filter(message__in=messages, send=None).values_list("message").annotate(n=Count("pk"))
    found: Counter[int] = Counter()
    for rows in (single.order_by(), sums.order_by()):
        for message, number in rows:
            found[message] += number
    return dict(found)


def _signals(messages: Mapping[int, str]) -> defaultdict[int, tuple[int, int, int]]:
    wanted = Q(kind=Signal.Kind.BOUNCED, hard=True) | Q(kind=Signal.Kind.COMPLAINED)
    rows = Signal.objects.filter(wanted, send__message__in=list(messages)).values_list("send__message", "kind")
    by_kind: Counter[tuple[int, str]] = Counter()
    for message, kind, number in rows.annotate(n=Count("send", distinct=True)).order_by():
        by_kind[message, kind] = number
    clicked = clicks(list(messages))
    found: defaultdict[int, tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    for message in messages:
        bounced, complained = (by_kind[message, kind] for kind in (Signal.Kind.BOUNCED, Signal.Kind.COMPLAINED))
        found[message] = (clicked.get(message, 0), bounced, complained)
    return found


def _left(campaign: Campaign, *, now: datetime) -> dict[int, int]:
    """By message: who took a consent back or objected within a week after the mail."""
    if campaign.started_at is None:
        return {}
    till = _later("s.settled_at", int(GONE_AFTER.total_seconds() // 3600))
    sql = f"""
        SELECT s.message_id, COUNT(DISTINCT s.id) FROM consent_entry e CROSS JOIN mail_send s
        WHERE e.kind IN ('withdrawn', 'objected') AND e.at > %s AND e.at <= %s
            AND s.scope = %s AND s.run = %s AND s.customer_id = e.customer_id AND s.state IN ('sent', 'unknown')
            AND e.at > s.settled_at AND e.at <= {till}
        GROUP BY s.message_id
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [_stored(campaign.started_at), _stored(now), campaign.scope, campaign.pk])
        return {row[0]: int(row[1]) for row in cursor.fetchall()}
