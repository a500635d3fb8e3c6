"""Who gets the slot, asked by sending for the marketing messages a worker has claimed, right before they leave.

    for verdict in choose(sends, now=now, sender=sender): ...   # "go", "later" (due again at `until`) or "drop"

Sets of customers are decided with their rows of `Attention` locked, so that two workers never give one slot twice. A
slot is kept by the row of the message in the ledger: when it is refused, suppressed or put off it keeps nothing, and
`release` only says so sooner. Every loss is a row of `Passed`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from stammkunde.server.consent.models import Preference
from stammkunde.server.consent.queries.people import GAPS
from stammkunde.server.lib.local_time import zone_of
from stammkunde.server.mail.attention.expected import fill
from stammkunde.server.mail.attention.holds import Held, holding
from stammkunde.server.mail.attention.rule import MOST, STALE, Bid, Budget, Left, Ruling, Slot, judge
from stammkunde.server.mail.models import Attention, Message, Passed, Send, Sender
from stammkunde.server.shop.models import Customer

SET = 1000  # customers decided in one transaction
OPEN = (Send.State.WAITING, Send.State.CLAIMED)
GONE = (Send.State.SENT, Send.State.UNKNOWN)
LONGEST = max(GAPS.values())  # a rhythm somebody may ask for
COLUMNS = ("pk", "customer_id", "state", "due_at", "expires_at", "expected", "settled_at", "message_id")
#: Age limits of messages that state none (see `sending.rules`): they are meant for mail that was held up, and do not
#: end one that waits for its turn.
USUAL = (timedelta(hours=48), timedelta(days=7))


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
    """A verdict for each, in the same order; at most one message a customer goes."""
    found = {each.pk: Verdict(each, "drop", "nobody") for each in sends if each.customer_id is None}
    budget, by_owner = budget_of(sender), _by_owner([each for each in sends if each.customer_id is not None])
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
        slots, factors = _slots(mine, people, budget, now)
        rulings = [
            (owner, ruling)
            for owner, slot in slots.items()
            for ruling in judge(slot, budget.of(factors[owner], people.rhythms.get(owner, timedelta(0))), now=now)
        ]
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


@dataclass
class _Ledger:
    """What the ledger says of one customer: who wants the slot, what left, what is on its way out."""

    bids: list[Bid] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    handing: int | None = None
    claimed: set[int] = field(default_factory=set)


def _slots(
    mine: Mapping[int, Sequence[Send]], people: _People, budget: Budget, now: datetime
) -> tuple[dict[int, Slot], dict[int, float]]:
    """The slots as they stand, with their rows locked until the end of the transaction."""
    locked, slots = _locked(sorted(mine)), {}
    ledger = _ledger(people.whose, {each.pk for sends in mine.values() for each in sends}, budget, now)
    for owner in mine:
        known, (taken_at, holder, _factor) = ledger[owner], locked[owner]
        if taken_at is not None and holder is None:  # its message is no longer kept
            known.left.append(Left(taken_at))
        leaving = known.handing if holder not in known.claimed else holder
        gone = sorted(known.left, key=lambda each: each.at)
        holds = people.holds.get(owner, ())
        slots[owner] = Slot(known.bids, gone, leaving, holds, zone_of(*people.places[owner]))
    return slots, {owner: factor for owner, (_at, _holder, factor) in locked.items()}


def _locked(owners: list[int]) -> dict[int, tuple[datetime | None, int | None, float]]:
    """When each slot was taken, by which message, and the factor. Locked in the order of customers: no deadlock."""
    known = set(Attention.objects.filter(pk__in=owners).values_list("pk", flat=True))
    fresh = [Attention(customer_id=pk) for pk in owners if pk not in known]
    if fresh:
        Attention.objects.bulk_create(fresh, ignore_conflicts=True)
    rows = Attention.objects.select_for_update().filter(pk__in=owners).order_by("pk")
    return {pk: (at, send, factor) for pk, at, send, factor in rows.values_list("pk", "taken_at", "send_id", "factor")}


def _ledger(
    whose: Mapping[int, int], mine: Collection[int], budget: Budget, now: datetime
) -> defaultdict[int, _Ledger]:
    """One statement for the messages of all these customers."""
    found: defaultdict[int, _Ledger] = defaultdict(_Ledger)
    since = now - max(budget.window, budget.gap * MOST, LONGEST)
    wanting = Q(state__in=OPEN, due_at__lte=now + budget.look_ahead) | Q(pk__in=mine)
    counting = Q(state=Send.State.HANDING) | Q(state__in=GONE) & (Q(settled_at__gt=since) | Q(settled_at=None))
    rows = Send.objects.filter(wanting | counting, customer__in=list(whose), marketing=True).order_by()
    told = list(rows.values_list(*COLUMNS))
    rules = dict(Message.objects.filter(pk__in={row[-1] for row in told}).values_list("pk", "rules"))
    for pk, customer, state, due_at, expires_at, expected, settled_at, message in told:
        slot = found[whose[customer]]
        if state in OPEN:
            taken, said = state == Send.State.CLAIMED, rules[message]
            end = _end(due_at, expires_at, said)
            slot.bids.append(Bid(pk, expected or 0, due_at, end, pk in mine, taken, bool(said.get("quiet", True))))
            slot.claimed |= {pk} if taken and pk not in mine else set()
        elif state == Send.State.HANDING:
            slot.handing = pk
        else:
            slot.left.append(Left(settled_at or due_at, pk))
    return found


def _end(due_at: datetime, expires_at: datetime | None, said: Mapping[str, Any]) -> datetime:
    """Until when it may wait for its turn: until its own end, else for `STALE`."""
    if expires_at is None or ("max_age" not in said and expires_at - due_at in USUAL):
        return due_at + STALE
    return expires_at


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
    taken = [Attention(customer_id=owner, taken_at=now, send_id=send) for owner, send in won.items()]
    Attention.objects.bulk_create(
        taken, update_conflicts=True, update_fields=["taken_at", "send"], unique_fields=["customer"]
    )
    held = [owner for owner, _ruling in rulings if owner not in won]
    mine = [ruling.bid.id for ruling in lost]
    Attention.objects.filter(pk__in=held, send__in=mine).update(send=None, taken_at=None)
    Passed.objects.bulk_create(
        Passed(send_id=each.bid.id, winner_id=each.winner_id, reason=each.reason, at=now, until=each.until)
        for each in lost
    )
