"""The rule by which a slot is given, as a function of what is known at a moment: the same live and over the past.

1. A message waits for its hour: quiet hours are those of the customer's own zone.
2. While something is open between customer and shop, all advertising waits.
3. The slot is free when the last advertising is a gap away and fewer than the cap left in the window before now. The
   gap is the shop's, stretched or shortened by how the customer took earlier mails, and never less than the rhythm they
   asked for; who bears less also has a smaller cap.
4. Of the messages that want it the one expected to bring most gets it; of equal ones the earlier due, then the one
   planned first. Those that are not due yet, but will be within the look-ahead, compete too, unless the slot would be
   free again for them. Nobody waits for a message that has been due for `STUCK` and that no worker has taken.
5. Who loses comes back when the slot is free again, in waking hours; after its end it is dropped. Nobody waits for
   ever: a message without an end of its own gets one when it first loses; so that it may come later at all, that is
   no sooner than one turn away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from stammkunde.server.lib.local_time import outside_quiet
from stammkunde.server.mail.attention.holds import Held

STALE = timedelta(days=14)
STUCK = timedelta(days=1)
SETTLING = timedelta(minutes=10)  # until it is known whether a better message really leaves
A_DAY = timedelta(days=1)
UTC = ZoneInfo("UTC")
LEAST, MOST = 0.5, 4.0  # what a customer's factor lies between


@dataclass(frozen=True)
class Budget:
    """How much advertising a customer gets: at most `cap` in `window`, `gap` apart, outside the quiet hours."""

    cap: int = 4
    window: timedelta = timedelta(days=30)
    gap: timedelta = timedelta(hours=48)
    look_ahead: timedelta = timedelta(hours=12)
    quiet_from: time = time(20, 0)
    quiet_to: time = time(8, 0)

    def of(self, factor: float, rhythm: timedelta) -> "Budget":
        """As it is for a customer who bears more (below 1) or less (above 1), and has asked for a rhythm."""
        cap = self.cap if factor <= 1 or not self.cap else max(1, int(self.cap / factor))
        return replace(self, cap=cap, gap=max(self.gap * factor, rhythm))


@dataclass(frozen=True)
class Bid:
    """A message that wants the slot. `mine`: this worker holds it and may let it go now; `taken`: some worker does."""

    id: int
    expected: int
    due_at: datetime
    expires_at: datetime | None = None
    mine: bool = False
    taken: bool = False
    quiet: bool = True

    @property
    def rank(self) -> tuple[int, datetime, int]:
        """Smallest first."""
        return -self.expected, self.due_at, self.id


@dataclass(frozen=True)
class Left:
    """Advertising that left, or may have."""

    at: datetime
    id: int | None = None


@dataclass(frozen=True)
class Slot:
    """What is known of a customer's slot: who wants it, what left (in the order of time), which message has it now and
    is on its way out, and what is open."""

    bids: Sequence[Bid]
    left: Sequence[Left] = ()
    leaving: int | None = None
    holds: Sequence[Held] = ()
    zone: ZoneInfo = UTC


@dataclass(frozen=True)
class Ruling:
    """What became of a bid. `outcome` is "go", "later" (at `until`) or "drop"."""

    bid: Bid
    outcome: str
    reason: str = ""
    until: datetime | None = None
    winner_id: int | None = None


@dataclass(frozen=True)
class _Free:
    """From when on the slot is free, what keeps it until then, and how many may leave before the cap is reached."""

    at: datetime
    reason: str = ""
    winner_id: int | None = None
    room: int = 0


def judge(slot: Slot, budget: Budget, *, now: datetime) -> list[Ruling]:
    """What becomes of the bids that are mine, the best first; at most one goes."""
    opens = {bid.id: _opens(bid, slot.zone, budget, now) for bid in slot.bids}
    free = _free(slot, budget, now)
    rivals = sorted((bid for bid in slot.bids if _wants(bid, opens[bid.id], budget, now)), key=lambda each: each.rank)
    rulings: list[Ruling] = []
    for bid in sorted((each for each in slot.bids if each.mine), key=lambda each: each.rank):
        ruling = _ruling(bid, slot, opens, free, now) if budget.cap else Ruling(bid, "drop", "cap")
        ruling = ruling or _contest(bid, rivals, opens, budget, free.room, now)
        rulings.append(_awake(ruling, slot.zone, budget))
    return rulings


def _opens(bid: Bid, zone: ZoneInfo, budget: Budget, now: datetime) -> datetime:
    """When it may leave at the earliest, by its own hour and the customer's night."""
    return _waking(max(bid.due_at, now), bid, zone, budget)


def _waking(at: datetime, bid: Bid, zone: ZoneInfo, budget: Budget) -> datetime:
    return outside_quiet(at, budget.quiet_from, budget.quiet_to, zone) if bid.quiet else at


def _free(slot: Slot, budget: Budget, now: datetime) -> _Free:
    if slot.leaving is not None:
        return _Free(now + SETTLING, "leaving", slot.leaving)
    counted = [each for each in slot.left if each.at > now - budget.window]
    found = _Free(now, room=budget.cap - len(counted))
    if slot.left and slot.left[-1].at + budget.gap > now:
        found = _Free(slot.left[-1].at + budget.gap, "gap", slot.left[-1].id)
    if budget.cap and len(counted) >= budget.cap:
        edge = counted[-budget.cap].at + budget.window
        if edge > found.at:
            found = _Free(edge, "cap", counted[-1].id)
    return found


def _wants(bid: Bid, opens: datetime, budget: Budget, now: datetime) -> bool:
    """Whether it competes for the slot of this moment."""
    if bid.expires_at is not None and bid.expires_at < opens:
        return False
    if opens <= now:
        return bid.taken or bid.due_at > now - STUCK
    return bid.due_at <= now + budget.look_ahead


def _ruling(bid: Bid, slot: Slot, opens: dict[int, datetime], free: _Free, now: datetime) -> Ruling | None:
    """Why it cannot go now, whoever else wants the slot."""
    if bid.expires_at is not None and bid.expires_at < now:
        return Ruling(bid, "drop", "expired")
    if opens[bid.id] > now:
        return Ruling(bid, "later", "quiet_hours", opens[bid.id])
    if slot.holds:
        until, kind = max((each.until or now + A_DAY, each.kind) for each in slot.holds)
        return Ruling(bid, "later", f"hold_{kind}"[:40], until)
    if free.at > now:
        return Ruling(bid, "later", free.reason, free.at, free.winner_id)
    return None


def _contest(
    bid: Bid, rivals: Sequence[Bid], opens: dict[int, datetime], budget: Budget, room: int, now: datetime
) -> Ruling:
    """The slot is free: whether this one is the best that wants it."""
    for other in rivals:
        if other.rank >= bid.rank:
            break
        if opens[other.id] <= now:
            again = now + (budget.gap if other.mine else SETTLING)
            return Ruling(bid, "later", "better", again, other.id)
        if opens[other.id] < now + budget.gap or room <= 1:
            return Ruling(bid, "later", "better_soon", opens[other.id] + SETTLING, other.id)
    return Ruling(bid, "go")


def _awake(ruling: Ruling, zone: ZoneInfo, budget: Budget) -> Ruling:
    """Later in waking hours, or not at all where that is after its end."""
    if ruling.outcome != "later" or ruling.until is None:
        return ruling
    until = _waking(ruling.until, ruling.bid, zone, budget)
    end = ruling.bid.expires_at
    return replace(ruling, outcome="drop" if end is not None and until > end else "later", until=until)
