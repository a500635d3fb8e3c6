"""The law as a table: every case against the real gate, with rows in the database."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from law_cases import CASES, Case, What
from stammkunde.server.consent.actions import preferring, recording, ruling, suppressing
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.consent.gate import Asked, Decision
from stammkunde.server.consent.models import Notice
from stammkunde.server.consent.queries.gate import gate
from stammkunde.server.shop.models import Customer, Order, OrderLine, Source

FORM = Proof("form", page="https://shop.example/newsletter", ip="192.0.2.7")
ADDRESS, OTHER = "anna@example.com", "a.other@example.com"


class Told:
    """A customer to whom a history happens, in the order of its days."""

    def __init__(self, source: Source, country: str, now: datetime) -> None:
        self.source, self.now = source, now
        self.customer = Customer.objects.create(
            origin="email:0:anna", email=ADDRESS, country=country, known_since=now, changed_at=now
        )
        self.words = ruling.word("marketing", "de", "Ja, schreiben Sie mir.", now=now, by=None)
        self.orders: list[Order] = []

    def day(self, days: float) -> datetime:
        return self.now + timedelta(days=days)

    def order(self, day: float, category: str, cancelled: float | None = None) -> None:
        at = self.day(day)
        order = Order.objects.create(
            source=self.source,
            external_id=str(len(self.orders)),
            customer=self.customer,
            placed_at=at,
            day=at.date(),
            currency="EUR",
            gross=1000,
            total=1000,
            cancelled_at=None if cancelled is None else self.day(cancelled),
        )
        OrderLine.objects.create(order=order, external_id="1", category=category, quantity=1, price=1000, total=1000)
        self.orders.append(order)

    def happen(self, what: What) -> None:
        kind, rest = what[0], what[1:]
        if kind == "order":
            self.order(*rest)
        elif kind == "cancelled":
            self.order(rest[0], "coffee", rest[1])
        elif kind in ("requested", "requested elsewhere", "confirmed", "elsewhere", "granted", "paper"):
            self.agree(kind, *rest)
        elif kind in ("withdrew", "objected", "objected elsewhere"):
            self.leave(kind, *rest)
        elif kind in ("dead", "complained", "erased", "listed"):
            self.stop(kind, *rest)
        else:
            self.rest(kind, *rest)

    def agree(self, kind: str, day: float, topic: str = "marketing") -> None:
        at, where = self.day(day), OTHER if "elsewhere" in kind else ADDRESS
        if kind in ("granted", "paper"):
            proof = Proof("counter", wording=self.words)
            recording.grant(self.customer, topic=topic, proof=proof, now=at, proven=kind == "paper")
            return
        made, _ = recording.request_opt_in(address=where, topic=topic, customer=self.customer, proof=FORM, now=at)
        if not kind.startswith("requested"):
            recording.confirm(made, proof=FORM, now=at)

    def leave(self, kind: str, day: float, topic: str = "marketing") -> None:
        done = recording.withdraw if kind == "withdrew" else recording.object_to
        where = OTHER if "elsewhere" in kind else ""
        done(self.customer, topic=topic, proof=FORM, now=self.day(day), address=where)

    def stop(self, kind: str, day: float = 0) -> None:
        if kind == "listed":
            suppressing.take_list([ADDRESS], now=self.now)
        elif kind == "erased":
            suppressing.forget(self.customer, now=self.day(day))
        else:
            scope, reason = ("dead", "bounced") if kind == "dead" else ("all", "complained")
            suppressing.suppress(ADDRESS, scope=scope, reason=reason, now=self.day(day))

    def rest(self, kind: str, *rest: object) -> None:
        if kind == "used":
            recording.used([(ADDRESS, "marketing")], now=self.day(float(str(rest[0]))))
        elif kind == "shown":
            recording.notice_shown(self.customer, order=str(self.orders[-1].pk), proof=FORM, now=self.day(-40))
        elif kind in ("off", "pause"):
            off = [str(rest[0])] if kind == "off" else []
            until = self.day(float(str(rest[0]))) if kind == "pause" else None
            preferring.prefer(self.customer, off=off, rhythm="all", paused_until=until, now=self.now)
        elif kind == "asked":
            recording.ask(self.customer, request=str(rest[1]), proof=FORM, now=self.day(float(str(rest[0]))))
        elif kind == "given":
            pair = (self.customer.pk, ADDRESS, str(rest[1]))
            recording.given([pair], now=self.day(float(str(rest[0]))))
        else:
            raise AssertionError(f"No case says {kind!r}.")

    def notice(self, history: tuple[What, ...]) -> None:
        """The shop's checkout told of the right to object all along, unless the case says otherwise."""
        since = next((float(each[1]) for each in history if each[0] == "notice"), -5000.0)
        if ("no notice",) not in history:
            Notice.objects.create(since=self.day(since), wording=self.words, stated_at=self.now)


def decided(case: Case, source: Source, now: datetime) -> Decision:
    told = Told(source, case.country, now)
    told.notice(case.history)
    for what in case.history:
        if what[0] not in ("notice", "no notice"):
            told.happen(what)
    goods = frozenset(case.goods)
    return gate([Asked(told.customer.pk, case.purpose, goods, case.request)], now=now)[0]


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_gate_decides_as_the_law_says(case: Case, source: Source, now: datetime) -> None:
    found = decided(case, source, now)
    assert found.reason == case.expected
    assert found.allowed == (case.expected in ("contract", "request", "consent", "existing", "opt_out"))
    assert found.source


def test_the_table_is_large_enough_and_names_its_sources() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 80
    assert all(case.source for case in CASES)
    assert {case.country for case in CASES} >= {"DE", "AT", "CH", "FR", "US"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "case", [case for case in CASES if case.expected in ("consent", "existing")][:12], ids=lambda c: c.name
)
def test_what_is_allowed_names_the_rows_that_prove_it(case: Case, source: Source, now: datetime) -> None:
    found = decided(case, source, now)
    assert (found.entry_id is not None) == (found.basis == "consent")
    assert (found.order_id is not None) == (found.basis == "existing")


@pytest.mark.django_db
def test_a_consent_that_fades_says_so_before_it_is_gone(source: Source, now: datetime) -> None:
    old = Case("", "DE", (("confirmed", -3 * 365),), "newsletter", "consent", "")
    assert decided(old, source, now).fading
    assert timezone.is_aware(now)
