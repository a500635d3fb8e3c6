"""Reports on customers' attention: who hears nothing, who got too much, who is served worst, and what lost to what.

Pages go by a key: the value a list is ordered by, and the customer's number.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum

from stammkunde.server.clv.models import Prediction
from stammkunde.server.lib.requests import row_number
from stammkunde.server.mail.attention.holds import holding
from stammkunde.server.mail.models import Passed, Send, Sender, Signal
from stammkunde.server.shop.models import Customer, Order
from stammkunde.server.shop.queries.people import in_sets

PAGE = 50
LOOKS_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Quiet:
    """A customer of value who heard nothing: when they last did, and when they last ordered."""

    customer: Customer
    clv: int
    last_mail: datetime | None
    last_order: datetime | None


@dataclass(frozen=True)
class Silence:
    """Customers of value without useful contact, the most valuable first; of all of them, how many and worth what."""

    rows: Sequence[Quiet]
    customers: int
    clv: int
    after: str


def silence(*, now: datetime, days: int, after: str = "", most: int = PAGE) -> Silence:
    """Who is worth something and has had no useful contact for so many days: no mail that arrived as far as is known,
    no reply of theirs, no order."""
    quiet = _quiet(now - timedelta(days=days))
    total = quiet.aggregate(customers=Count("pk"), clv=Sum("clv"))
    found = list(_after(quiet, after, "clv").select_related("customer").order_by("-clv", "-pk")[: most + 1])
    shown = found[:most]
    ids = [each.pk for each in shown]
    sent = _last(Send.objects.filter(state=Send.State.SENT, customer__in=ids), "settled_at")
    ordered = _last(Order.objects.filter(test=False, customer__in=ids), "placed_at")
    rows = [Quiet(each.customer, each.clv, sent.get(each.pk), ordered.get(each.pk)) for each in shown]
    edge = f"{shown[-1].clv}.{shown[-1].pk}" if len(found) > most else ""
    return Silence(rows, total["customers"], total["clv"] or 0, edge)


def _quiet(since: datetime) -> QuerySet[Prediction]:
    whom = {"customer": OuterRef("customer")}
    bounced = Signal.objects.filter(send=OuterRef("pk"), kind=Signal.Kind.BOUNCED)
    sent = Send.objects.filter(**whom, state=Send.State.SENT, settled_at__gt=since).filter(~Exists(bounced))
    replied = Signal.objects.filter(send__customer=OuterRef("customer"), kind=Signal.Kind.REPLIED, at__gt=since)
    ordered = Order.objects.filter(**whom, test=False, placed_at__gt=since)
    valued = Prediction.objects.filter(clv__gt=0, customer__merged_into=None)
    return valued.filter(~Exists(sent), ~Exists(replied), ~Exists(ordered))


def _after(rows: QuerySet[Prediction], after: str, column: str) -> QuerySet[Prediction]:
    value, _dot, last = after.partition(".")
    size, below = row_number(value), row_number(last)
    if size is None or below is None:
        return rows
    return rows.filter(Q(**{f"{column}__lt": size}) | Q(**{column: size, "pk__lt": below}))


def _last(rows: "QuerySet[Send] | QuerySet[Order]", column: str) -> dict[int, datetime]:
    return dict(rows.order_by().values_list("customer_id").annotate(last=Max(column)))


@dataclass(frozen=True)
class Above:
    """A customer who got more advertising than the cap allows: how many mails beyond it, and the last of them."""

    customer: Customer
    beyond: int
    last: datetime


@dataclass(frozen=True)
class OverCap:
    """Who got more than the cap in the last thirty days, most of it first."""

    rows: Sequence[Above]
    customers: int
    cap: int
    days: int
    after: str


def over_cap(*, now: datetime, after: str = "", most: int = PAGE) -> OverCap:
    """Advertising that left although as many as the cap allows had left in the window before it. Nobody, as long as
    nothing but this house sends."""
    sender = Sender.now()
    found = _above(sender, now)
    value, _dot, last = after.partition(".")
    size, below = row_number(value), row_number(last)
    if size is not None and below is not None:
        shown = [each for each in found if (each[1], each[0]) < (size, below)]
    else:
        shown = found
    page = shown[:most]
    people = Customer.objects.in_bulk([pk for pk, _beyond, _last in page])
    rows = [Above(people[pk], beyond, when) for pk, beyond, when in page if pk in people]
    edge = f"{page[-1][1]}.{page[-1][0]}" if len(shown) > most else ""
    return OverCap(rows, len(found), sender.cap, sender.cap_days, edge)


def _above(sender: Sender, now: datetime) -> list[tuple[int, int, datetime]]:
    """Customer, mails beyond the cap, the last of them. A mail is beyond it where the one `cap` places before lies in
    the window that ends with it."""
    window = timedelta(days=sender.cap_days)
    rows = """
        SELECT customer_id, settled_at, earlier FROM (
            SELECT customer_id, settled_at,
                LAG(settled_at, %s) OVER (PARTITION BY customer_id ORDER BY settled_at, id) AS earlier
            FROM mail_send WHERE marketing AND state IN ('sent', 'unknown') AND settled_at > %s
                AND customer_id IS NOT NULL) s
        WHERE settled_at > %s AND earlier IS NOT NULL
    """
    found: dict[int, tuple[int, datetime]] = {}
    with connection.cursor() as cursor:
        cursor.execute(rows, [sender.cap, now - LOOKS_BACK - window, now - LOOKS_BACK])
        for customer, settled_at, earlier in cursor.fetchall():
            at, before = _moment(settled_at), _moment(earlier)
            if at - before < window:
                count, last = found.get(customer, (0, at))
                found[customer] = count + 1, max(last, at)
    ordered = [(pk, count, last) for pk, (count, last) in found.items()]
    return sorted(ordered, key=lambda each: (-each[1], -each[0]))


def _moment(told: datetime | str) -> datetime:
    """SQLite tells a moment of a query of our own without its zone, and what it computed as text."""
    found = told if isinstance(told, datetime) else datetime.fromisoformat(told)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Trouble:
    """What is wrong between the shop and a customer: a kind of hold, "bounced" or "lost" (turns), since when, how many
    times."""

    kind: str
    since: datetime
    times: int = 1


@dataclass
class Served:
    """A customer with what is wrong, and what they are predicted to bring, which is at risk."""

    customer: Customer
    at_risk: int | None
    troubles: list[Trouble] = field(default_factory=list)


@dataclass(frozen=True)
class Worst:
    """Who is served worst, the most at risk first."""

    rows: Sequence[Served]
    customers: int
    at_risk: int
    after: str


def worst_served(*, now: datetime, after: str = "", most: int = PAGE) -> Worst:
    """Customers for whom something is open or late, whose mails come back, or whose messages never got a turn."""
    troubles = _troubles(now)
    worth = _predicted(list(troubles))
    keyed = sorted(((max(worth.get(pk) or 0, 0), pk) for pk in troubles), reverse=True)
    value, _dot, last = after.partition(".")
    size, below = row_number(value), row_number(last)
    shown = keyed if size is None or below is None else [each for each in keyed if each < (size, below)]
    page = shown[:most]
    people = Customer.objects.in_bulk([pk for _worth, pk in page])
    rows = [Served(people[pk], worth.get(pk), troubles[pk]) for _worth, pk in page if pk in people]
    edge = f"{page[-1][0]}.{page[-1][1]}" if len(shown) > most else ""
    return Worst(rows, len(keyed), sum(value for value, _pk in keyed), edge)


def _troubles(now: datetime) -> dict[int, list[Trouble]]:
    found: dict[int, list[Trouble]] = defaultdict(list)
    for customer, holds in holding(None, now=now).items():
        counts = Counter(each.kind for each in holds)
        for kind, times in sorted(counts.items()):
            found[customer].append(Trouble(kind, min(each.since for each in holds if each.kind == kind), times))
    since = now - LOOKS_BACK
    bounced = Signal.objects.filter(kind=Signal.Kind.BOUNCED, hard=True, at__gt=since, send__customer__isnull=False)
    rows = bounced.order_by().values_list("send__customer").annotate(last=Max("at"), times=Count("pk"))
    for customer, last, times in rows:
        found[customer].append(Trouble("bounced", last, times))
    lost = Passed.objects.filter(at__gt=since, send__state=Send.State.SUPPRESSED, send__customer__isnull=False)
    ended = lost.exclude(reason__startswith="hold_").order_by().values_list("send__customer")
    for customer, last, times in ended.annotate(last=Max("at"), times=Count("send", distinct=True)):
        found[customer].append(Trouble("lost", last, times))
    return found


def _predicted(ids: Sequence[int]) -> dict[int, int | None]:
    found: dict[int, int | None] = {}
    for some in in_sets(sorted(ids)):
        found |= dict(Prediction.objects.filter(pk__in=some).values_list("pk", "predicted"))
    return found


@dataclass(frozen=True)
class Loss:
    """Messages of a purpose that lost, to which purpose (none: to a rule), why, how many, and how many never came."""

    purpose: str
    winner: str
    reason: str
    messages: int
    dropped: int


def losses(*, now: datetime) -> list[Loss]:
    """What lost to what within thirty days, the most frequent first; a message that lost several times to the same
    counts once."""
    rows = Passed.objects.filter(at__gt=now - LOOKS_BACK).order_by()
    columns = ("send__message__purpose", "winner__message__purpose", "reason")
    never = Count("send", distinct=True, filter=Q(send__state=Send.State.SUPPRESSED))
    told = rows.values_list(*columns).annotate(messages=Count("send", distinct=True), dropped=never)
    found = [Loss(purpose, winner or "", reason, many, few) for purpose, winner, reason, many, few in told]
    return sorted(found, key=lambda each: (-each.messages, each.purpose, each.winner, each.reason))


@dataclass(frozen=True)
class Matrix:
    """Losers by winners: the purposes of both, and how many messages."""

    winners: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int]]]


def matrix(told: Iterable[Loss]) -> Matrix:
    """Losses to other messages as a table; rules are left out."""
    cells: Counter[tuple[str, str]] = Counter()
    for each in told:
        if each.winner:
            cells[each.purpose, each.winner] += each.messages
    losers, winners = sorted({loser for loser, _winner in cells}), sorted({winner for _loser, winner in cells})
    return Matrix(winners, [(loser, [cells[loser, winner] for winner in winners]) for loser in losers])
