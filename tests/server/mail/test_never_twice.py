"""Whatever workers, servers and clocks do, in whatever order: nothing leaves twice, nothing leaves without a basis, and
everything comes to an end."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from law_oracle import excuses
from sends import Plain, customer, go, message, order, reader
from stammkunde.server.consent.actions import recording, suppressing
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.consent.gate import Asked, Decision
from stammkunde.server.consent.queries.people import people
from stammkunde.server.consent.queries.rules import rules
from stammkunde.server.mail.actions.planning import Planned, plan
from stammkunde.server.mail.models import Send, Sender
from stammkunde.server.mail.sending import claiming, settling
from stammkunde.server.mail.sending.handing import Letter
from stammkunde.server.mail.sending.preparing import prepare
from stammkunde.server.mail.sending.settling import Settled, settle_and_mark, settled
from stammkunde.server.mail.sending.transports.base import Outcome, Receipt
from stammkunde.server.shop.models import Customer, Source

pytestmark = pytest.mark.django_db
ENDED = ("sent", "refused", "suppressed", "unknown")


@dataclass
class Worker:
    """A worker that can be stopped between any two of its steps."""

    name: str
    letters: list[Letter] = field(default_factory=list)
    marked: Letter | None = None
    last: Settled | None = None


@dataclass
class World:
    """Two workers, a server that remembers what it took, and a clock."""

    now: datetime
    took: Counter[int] = field(default_factory=Counter)
    workers: dict[int, Worker] = field(default_factory=dict)
    births: int = 0

    def worker(self, number: int) -> Worker:
        if number not in self.workers:
            self.births += 1
            self.workers[number] = Worker(f"w{number}#{self.births}")
        return self.workers[number]

    def claim(self, number: int) -> None:
        who = self.worker(number)
        if who.letters or who.marked or who.last:
            return
        rows = claiming.claim(who.name, sender=Sender(), now=self.now, most=2)
        done = prepare(rows, sender=Sender(), composing=Plain, now=self.now)
        settling.stop(done.stopped, worker=who.name, now=self.now)
        settling.prepare([each.send for each in done.letters], worker=who.name)
        who.letters = done.letters

    def mark(self, number: int) -> None:
        """Settle the last and mark the next, in one statement."""
        who = self.worker(number)
        if who.marked or not (who.letters or who.last):
            return
        letter = who.letters.pop(0) if who.letters else None
        last, who.last = who.last, None
        until = self.now + timedelta(minutes=5)
        mine = settle_and_mark(last, letter.send.pk if letter else None, worker=who.name, now=self.now, until=until)
        who.marked = letter if mine else None

    def hand(self, number: int, outcome: Outcome, *, keeps: bool = False) -> None:
        """The server takes it, or not; `keeps`: it took it, and its answer was lost."""
        who = self.worker(number)
        if not who.marked:
            return
        self.took[who.marked.send.pk] += outcome == Outcome.SENT or keeps
        who.last, who.marked = settled(who.marked.send, Receipt(outcome), provider="x", now=self.now), None

    def advance(self, number: int, outcome: Outcome, *, keeps: bool = False) -> None:
        """The worker's next step, whichever it is."""
        who = self.worker(number)
        if who.marked:
            self.hand(number, outcome, keeps=keeps)
        elif who.letters or who.last:
            self.mark(number)
        else:
            self.claim(number)

    def kill(self, number: int) -> None:
        self.workers.pop(number, None)

    def sweep(self, minutes: int) -> None:
        """Time passes, and somebody looks after those who fell silent."""
        self.now += timedelta(minutes=minutes)
        claiming.sweep(now=self.now)


WHO = st.integers(0, 1)
#: Most steps are those of a worker at work; the others are what may happen between any two of them.
STEPS: st.SearchStrategy[Callable[[World], None]] = st.one_of(
    st.builds(lambda who: lambda world: world.advance(who, Outcome.SENT), WHO),
    st.builds(lambda who: lambda world: world.advance(who, Outcome.SENT), WHO),
    st.builds(lambda who, what: lambda world: world.advance(who, what), WHO, st.sampled_from(list(Outcome))),
    st.builds(lambda who: lambda world: world.advance(who, Outcome.UNKNOWN, keeps=True), WHO),
    st.builds(lambda who: lambda world: world.kill(who), WHO),
    st.builds(lambda minutes: lambda world: world.sweep(minutes), st.sampled_from([0, 3, 20])),
)
NOW = datetime.fromisoformat("2026-03-02T09:00:00+00:00")


def opened(source: Source) -> World:
    """Three messages of advertising and one about an order, due now, with a day to live."""
    people_ = [reader(name, NOW) for name in ("Anna", "Ben", "Deniz", "Emil")]
    bought = order(people_[3], source, NOW)
    plan(message(NOW, max_age="1d"), [Planned(1, each.pk, NOW) for each in people_[:3]], now=NOW)
    about = Planned(1, people_[3].pk, NOW, order_id=bought.pk)
    plan(message(NOW, "order", origin_id=2, max_age="1d"), [about], now=NOW)
    return World(NOW)


def judged(world: World) -> None:
    """What must hold at every moment."""
    for row in Send.objects.all():
        most = 1 if row.marketing else 2
        assert world.took[row.pk] <= most, row
        assert row.state != "sent" or world.took[row.pk], row
        assert world.took[row.pk] < 2 or row.attempts == 2, row
        assert not (
            row.state in ("refused", "suppressed", "waiting", "claimed") and world.took[row.pk] and row.marketing
        )


@settings(max_examples=60)
@given(st.lists(STEPS, min_size=20, max_size=60))
def test_whatever_workers_servers_and_clocks_do_nothing_leaves_twice_and_all_ends(
    steps: list[Callable[[World], None]],
) -> None:
    with transaction.atomic():
        world = opened(Source.objects.create(kind="csv", name="x", token="t" * 32, created_at=NOW))
        for step in steps:
            step(world)
            judged(world)
        world.workers.clear()
        for _ in range(40):
            world.sweep(60)
            for _ in range(6):
                world.advance(0, Outcome.SENT)
            judged(world)
            if not Send.objects.exclude(state__in=ENDED).exists():
                break
        assert set(Send.objects.values_list("state", flat=True)) <= set(ENDED)
        transaction.set_rollback(True)


FORM = Proof("form", page="https://shop.example", ip="192.0.2.7")
SAYS: st.SearchStrategy[Callable[[Customer, datetime], Any]] = st.sampled_from(
    [
        lambda who, at: recording.grant(who, topic="marketing", proof=FORM, now=at),
        lambda who, at: recording.confirm(
            recording.request_opt_in(address=who.email, customer=who, proof=FORM, now=at)[0], proof=FORM, now=at
        ),
        lambda who, at: recording.request_opt_in(address=who.email, customer=who, proof=FORM, now=at),
        lambda who, at: recording.object_to(who, topic="all", proof=FORM, now=at),
        lambda who, at: recording.withdraw(who, topic="marketing", proof=FORM, now=at),
        lambda who, at: suppressing.suppress(who.email, scope="all", reason="complained", now=at),
        lambda who, at: suppressing.suppress(who.email, scope="dead", reason="bounced", now=at),
    ]
)
HISTORY = st.lists(st.tuples(st.integers(1, 60 * 24 * 4), SAYS), max_size=6)


@settings(max_examples=30)
@given(HISTORY, st.sampled_from(["DE", "AT", "CH", "FR", "US"]), st.sampled_from(["newsletter", "survey", "cart"]))
def test_over_random_histories_nothing_leaves_without_a_basis_valid_at_that_second(
    history: list[tuple[int, Callable[[Customer, datetime], Any]]], country: str, purpose: str
) -> None:
    with transaction.atomic():
        anna = customer("Anna", NOW, country=country)
        hello = message(NOW, purpose, max_age="9d", quiet=False)
        plan(hello, [Planned(day, anna.pk, NOW + timedelta(days=day)) for day in range(4)], now=NOW)
        happens = sorted([(minute, "says", says) for minute, says in history], key=lambda each: each[0])
        looks = [(minute, "looks", None) for minute in range(0, 60 * 24 * 4, 480)]
        for minute, what, says in sorted([*happens, *looks], key=lambda each: each[0]):
            at = NOW + timedelta(minutes=minute)
            if says is not None:
                says(anna, at)
                continue
            assert what == "looks"
            before = set(Send.objects.filter(state="sent").values_list("pk", flat=True))
            go(at)
            for row in Send.objects.filter(state="sent").exclude(pk__in=before):
                _judge(row, purpose, at)
        transaction.set_rollback(True)


def _judge(row: Send, purpose: str, at: datetime) -> None:
    """By the oracle of the law, which knows nothing of how the gate looks for a basis."""
    person = people([row.customer_id or 0], until=at)[row.customer_id or 0]
    told = row.bases[0]
    pack = {"FR": "EU"}.get(person.country, person.country)
    found = Decision("", pack, told["source"], told["basis"], told["entry"], told["order"])
    assert excuses(Asked(person.customer_id, purpose), person, rules(), at, found) == []
