"""Who gets the slot, asked by sending for the marketing messages a worker has claimed, right before they leave.

    for verdict in choose(sends, now=now, sender=sender): ...   # "go", "later" (due again at `until`) or "drop"

Sets of customers are decided with their rows of `Attention` locked, so that two workers never give one slot twice. A
slot is kept by the row of the message in the ledger: when it is refused, suppressed or put off it keeps nothing, and
`release` only says so sooner. Every loss is a row of `Passed`; waiting for the morning is none.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Q

from stammkunde.server.consent.models import Preference
from stammkunde.server.consent.queries.people import GAPS
from stammkunde.server.lib import bulk
from stammkunde.server.lib.local_time import outside_quiet, zone_of
from stammkunde.server.mail.attention.expected import fill
from stammkunde.server.mail.attention.holds import Held, holding
from stammkunde.server.mail.attention.rule import A_DAY, STALE, Bid, Budget, Left, Ruling, Slot, judge
from stammkunde.server.mail.models import Attention, Message, Passed, Send, Sender
from stammkunde.server.mail.sending.rules import rules as read
from stammkunde.server.shop.models import Customer

SET = 1000  # customers decided in one transaction
OPEN = (Send.State.WAITING, Send.State.CLAIMED)
GONE = (Send.State.SENT, Send.State.UNKNOWN)
COLUMNS = ("pk", "customer_id", "state", "due_at", "expires_at", "expected", "settled_at", "message_id")


@dataclass(frozen=True)
class Verdict:
    """What is to become of a claimed message: it goes, waits until a moment, or is dropped; to which other it lost."""

    send: Send
    outcome: str
    reason: str = ""
    until: datetime | None = None
    winner_id: int | None = None


def budget_of(sender: Sender) -> Budget:
    """What the shop allows, before what was learnt of a customer."""
    return Budget(
        cap=sender.cap,
        window=timedelta(days=sender.cap_days),
        gap=timedelta(hours=sender.gap_hours),
        look_ahead=timedelta(hours=sender.look_ahead_hours),
        quiet_from=sender.quiet_from,
        quiet_to=sender.quiet_to,
    )


def choose(sends: Sequence[Send], *, now: datetime, sender: Sender) -> list[Verdict]:
    """A verdict for each, in the same order; at most one advertising message a customer goes. What is no advertising
    always goes."""
    rivals = [each for each in sends if each.marketing]
    found = {each.pk: Verdict(each, "go") for each in sends if not each.marketing}
    found |= {each.pk: Verdict(each, "drop", "nobody") for each in rivals if each.customer_id is None}
    budget, by_owner = budget_of(sender), _by_owner([each for each in rivals if each.customer_id is not None])
    owners = sorted(by_owner)
    for start in range(0, len(owners), SET):
        some = {pk: by_owner[pk] for pk in owners[start : start + SET]}
        found |= {each.send.pk: each for each in _decide(some, budget, now)}
    return [found.get(each.pk) or Verdict(each, "drop", "settled") for each in sends]


def release(send_ids: Iterable[int]) -> int:
    """Give back the slots of messages that do not leave after all; how many had one."""
    return Attention.objects.filter(send__in=list(send_ids)).update(send=None, taken_at=None)


def _by_owner(sends: Sequence[Send]) -> dict[int, list[Send]]:
    """Messages by the customer they reach today: who was merged into another shares their slot."""
    merged = Customer.objects.filter(pk__in={each.customer_id for each in sends}).exclude(merged_into=None)
    whose = dict(merged.values_list("pk", "merged_into_id"))
    found: dict[int, list[Send]] = defaultdict(list)
    for each in sends:
        if each.customer_id is not None:
            found[whose.get(each.customer_id) or each.customer_id].append(each)
    return found


@dataclass(frozen=True)
class _People:
    """What is known of a set of customers before their slots are locked."""

    whose: Mapping[int, int]
    places: Mapping[int, tuple[str, str]]
    rhythms: Mapping[int, timedelta]
    holds: Mapping[int, Sequence[Held]]


def _decide(mine: Mapping[int, Sequence[Send]], budget: Budget, now: datetime) -> Iterator[Verdict]:
    people = _people(sorted(mine), now)
    fill(list(people.whose), until=now + budget.look_ahead)
    with transaction.atomic():
        locked = _locked(sorted(mine))
        budgets = {
            owner: budget.of(slot.factor, people.rhythms.get(owner, timedelta(0))) for owner, slot in locked.items()
        }
        slots = _slots(mine, people, locked, budgets, now)
        rulings = [(owner, ruling) for owner in mine for ruling in judge(slots[owner], budgets[owner], now=now)]
        _write(rulings, now)
        by_id = {each.pk: each for sends in mine.values() for each in sends}
        _extend([(by_id[ruling.bid.id], ruling) for _owner, ruling in rulings if ruling.outcome == "later"])
    for _owner, ruling in rulings:
        yield Verdict(by_id[ruling.bid.id], ruling.outcome, ruling.reason, ruling.until, ruling.winner_id)


def _people(owners: list[int], now: datetime) -> _People:
    whose, places, own = {}, {}, set(owners)
    rows = Customer.objects.filter(Q(pk__in=owners) | Q(merged_into__in=owners))
    for pk, merged_into, zone, country in rows.values_list("pk", "merged_into_id", "zone", "country"):
        whose[pk], places[pk] = pk if pk in own else merged_into, (zone, country)
    liked = Preference.objects.filter(customer__in=owners).exclude(rhythm=Preference.Rhythm.ALL)
    rhythms = {pk: GAPS[Preference.Rhythm(rhythm)] for pk, rhythm in liked.values_list("customer_id", "rhythm")}
    return _People(whose, places, rhythms, holding(owners, now=now))


@dataclass(frozen=True)
class _Taken:
    """A row of `Attention`: when the slot was taken, for which message, and how much the customer bears."""

    at: datetime | None
    send: int | None
    factor: float


def _locked(owners: list[int]) -> dict[int, _Taken]:
    """Locked until the end of the transaction, in the order of customers: no two workers wait for each other."""
    known = set(Attention.objects.filter(pk__in=owners).values_list("pk", flat=True))
    fresh = [(pk, 1.0, 0, 0, 0) for pk in owners if pk not in known]
    if fresh:
        bulk.insert(Attention, ("customer_id", "factor", "mails", "answered", "refused"), fresh, key=("customer_id",))
    rows = Attention.objects.select_for_update().filter(pk__in=owners).order_by("pk")
    told = rows.values_list("pk", "taken_at", "send_id", "factor")
    return {pk: _Taken(at, send, factor) for pk, at, send, factor in told}


@dataclass
class _Ledger:
    """What the ledger says of one customer: who wants the slot, what left, what is on its way out."""

    zone: ZoneInfo
    bids: list[Bid] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    handing: int | None = None
    claimed: set[int] = field(default_factory=set)


def _slots(
    mine: Mapping[int, Sequence[Send]],
    people: _People,
    locked: Mapping[int, _Taken],
    budgets: Mapping[int, Budget],
    now: datetime,
) -> dict[int, Slot]:
    """The slots as they stand."""
    ledger = _ledger(people, {each.pk for sends in mine.values() for each in sends}, budgets, now)
    slots = {}
    for owner in mine:
        known, taken = ledger[owner], locked[owner]
        if taken.at is not None and taken.send is None:  # its message is no longer kept
            known.left.append(Left(taken.at))
        leaving = taken.send if taken.send in known.claimed else known.handing
        gone = sorted(known.left, key=lambda each: each.at)
        slots[owner] = Slot(known.bids, gone, leaving, people.holds.get(owner, ()), known.zone)
    return slots


def _ledger(people: _People, mine: Collection[int], budgets: Mapping[int, Budget], now: datetime) -> dict[int, _Ledger]:
    """A statement each for the messages of all these customers, for their rules, and for which of them lost before."""
    found = {owner: _Ledger(zone_of(*people.places[owner])) for owner in budgets}
    until = now + max(each.look_ahead for each in budgets.values())
    since = now - max(max(each.window, each.gap) for each in budgets.values())
    wanting = Q(state__in=OPEN, due_at__lte=until) | Q(pk__in=mine)
    counting = Q(state=Send.State.HANDING) | Q(state__in=GONE) & (Q(settled_at__gt=since) | Q(settled_at=None))
    rows = Send.objects.filter(wanting | counting, customer__in=list(people.whose), marketing=True).order_by()
    told = list(rows.values_list(*COLUMNS))
    said = Message.objects.filter(pk__in={row[-1] for row in told}).values_list("pk", "rules")
    rules = {pk: (read(each, marketing=True), "max_age" in each) for pk, each in said}
    wanting_ids = [row[0] for row in told if row[2] in OPEN]
    again = set(Passed.objects.filter(send__in=wanting_ids).values_list("send_id", flat=True))
    for pk, customer, state, due_at, expires_at, expected, settled_at, message in told:
        owner = people.whose[customer]
        slot, (rule, stated) = found[owner], rules[message]
        if state in OPEN:
            taken, is_mine = state == Send.State.CLAIMED, pk in mine
            end = expires_at
            if pk not in again or end is None:
                end = _end(due_at, expires_at, rule.max_age, slot.zone, budgets[owner], stated=stated)
            slot.bids.append(Bid(pk, expected or 0, due_at, end, is_mine, taken, rule.quiet))
            slot.claimed |= {pk} if taken and not is_mine else set()
        elif state == Send.State.HANDING:
            slot.handing = pk
        else:
            slot.left.append(Left(settled_at or due_at, pk))
    return found


def _end(
    due_at: datetime, expires_at: datetime | None, age: timedelta, zone: ZoneInfo, budget: Budget, *, stated: bool
) -> datetime:
    """Until when a message may wait for its turn: until an end of its own. An age limit is none, it is meant for mail
    that was held up: one that states it waits for at least one turn, one that states none for `STALE`. That an end is
    nothing but the age limit is told from the hour at which the message was due, or became due after the night."""
    if expires_at is not None:
        planned = expires_at - age
        morning = outside_quiet(planned, budget.quiet_from, budget.quiet_to, zone)
        if due_at not in (planned, morning):
            return expires_at
    return due_at + (max(age, budget.gap + A_DAY) if stated else STALE)


def _extend(waiting: Sequence[tuple[Send, Ruling]]) -> None:
    """Write down the end of those that had none of their own."""
    changed = [(send, ruling.bid.expires_at) for send, ruling in waiting if send.expires_at != ruling.bid.expires_at]
    for send, end in changed:
        send.expires_at = end
    with connection.cursor() as cursor:
        rows = [(end, send.pk) for send, end in changed]
        cursor.executemany("UPDATE mail_send SET expires_at = %s WHERE id = %s", rows)


def _write(rulings: Sequence[tuple[int, Ruling]], now: datetime) -> None:
    won = {owner: ruling.bid.id for owner, ruling in rulings if ruling.outcome == "go"}
    lost = [ruling for _owner, ruling in rulings if ruling.outcome != "go"]
    with connection.cursor() as cursor:
        taken = [(now, send, owner) for owner, send in won.items()]
        cursor.executemany("UPDATE mail_attention SET taken_at = %s, send_id = %s WHERE customer_id = %s", taken)
    held, mine = [owner for owner, _ruling in rulings if owner not in won], [each.bid.id for each in lost]
    Attention.objects.filter(pk__in=held, send__in=mine).update(send=None, taken_at=None)
    passed = (
        (each.bid.id, each.winner_id, each.reason, now, each.until) for each in lost if each.reason != "quiet_hours"
    )
    bulk.insert(Passed, ("send_id", "winner_id", "reason", "at", "until"), passed)
