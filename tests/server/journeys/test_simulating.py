"""A journey over the shop's own past: what it would have done, and that the live engine would have done the same."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from stammkunde.errors import StammkundeError
from stammkunde.server.consent.actions import recording, ruling
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.journeys.models import Enrolment, Journey, Trace
from stammkunde.server.journeys.running.ticking import tick
from stammkunde.server.journeys.simulating.findings import Flow
from stammkunde.server.journeys.simulating.mailing import send
from stammkunde.server.journeys.simulating.running import Question, simulate
from stammkunde.server.journeys.simulating.staging import Draft, asked_segments, stage
from stammkunde.server.mail.models import Send
from stammkunde.server.segments.actions.recompute import recompute
from stammkunde.server.segments.models import Segment
from stammkunde.server.shop.models import Cart, Customer, Order, OrderLine, Refund, Source

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Any]
MAIL = {
    "purpose": "offer",
    "name": {"en": "Second order", "de": "Zweite Bestellung"},
    "subject": {"en": "For you", "de": "Schönes"},
    "blocks": [{"kind": "text", "text": {"en": "Look.", "de": "Ansehen."}}],
}
SECOND = {
    "format": 1,
    "key": "second",
    "name": {"en": "Second order", "de": "Zweite Bestellung"},
    "trigger": {"on": "first_order"},
    "per": "customer",
    "goal": "ordered",
    "exit": ["returned"],
    "steps": [
        {"id": "rest", "do": "wait", "for": "14d"},
        {"id": "m1", "do": "send", "mail": "second", "max_age": "5d"},
        {"id": "on", "do": "wait", "for": "10d"},
        {"id": "m2", "do": "send", "mail": "second", "max_age": "5d"},
    ],
}
DRAFT = Draft(SECOND, {"second": MAIL})


@pytest.fixture
def shop(source: Source, now: datetime) -> Make:
    """People to whom things happen, so many days before now: `shop("Anna", orders=[80, 40], agreed=90)`."""
    words = ruling.word("marketing", "de", "Ja, gern.", now=now - timedelta(days=400), by=None)

    def order(customer: Customer, days: float) -> Order:
        at = now - timedelta(days=days)
        fields = {"placed_at": at, "day": at.date(), "currency": "EUR", "gross": 4000, "total": 4000}
        number = f"{customer.name}-{days:g}"
        made = Order.objects.create(source=source, external_id=number, customer=customer, **fields)
        OrderLine.objects.create(order=made, external_id="1", category="tea", quantity=1, price=4000, total=4000)
        return made

    def live(name: str, orders: list[float], agreed: float = 0, back: float = 0) -> Customer:
        where = {"name": name, "email": f"{name.lower()}@example.com", "country": "DE", "changed_at": now}
        made = Customer.objects.create(origin=f"email:0:{name}", known_since=now - timedelta(days=300), **where)
        placed = [order(made, days) for days in orders]
        if agreed:
            at, proof = now - timedelta(days=agreed), Proof("form", page="https://shop.example/", wording=words)
            asked, _ = recording.request_opt_in(address=made.email, customer=made, proof=proof, now=at)
            recording.confirm(asked, proof=proof, now=at)
        if back:
            at = now - timedelta(days=back)
            fields = {"order_key": "k", "at": at, "day": at.date(), "amount": 4000, "customer": made}
            Refund.objects.create(source=source, external_id=name, order=placed[0], **fields)
        return made

    return live


def asked(now: datetime, **more: Any) -> Question:
    return Question([DRAFT], begin=now - timedelta(days=90), end=now, stroke=timedelta(hours=8), **more)


def only(flows: list[Flow]) -> Flow:
    assert [each.draft for each in flows] == [True]
    return flows[0]


def test_it_says_how_many_mails_when_and_how_many_without_a_basis(shop: Make, now: datetime) -> None:
    shop("Deniz", [80], agreed=85)
    shop("Clara", [80])
    found = simulate(asked(now))
    flow = only(found.flows)
    assert (flow.entered, flow.sent, flow.without_basis) == (2, 2, 2)
    assert flow.ended == {"done": 2}
    assert sum(own for _week, own, _others in found.weeks) == 2
    assert found.written()["flows"][0]["sent"] == 2


def test_who_orders_or_sends_back_gets_nothing_more(shop: Make, now: datetime) -> None:
    shop("Anna", [80, 60], agreed=85)
    shop("Ben", [80], agreed=85, back=78)
    flow = only(simulate(asked(now)).flows)
    assert (flow.entered, flow.sent) == (2, 1)
    assert flow.ended == {"goal": 1, "returned": 1}


def test_nothing_of_it_stays(shop: Make, now: datetime) -> None:
    shop("Deniz", [80], agreed=85)
    simulate(asked(now))
    left = [model.objects.count() for model in (Journey, Enrolment, Trace, Send)]  # type: ignore[attr-defined]
    assert left == [0, 0, 0, 0]


def test_a_basis_counts_from_when_it_was_given(shop: Make, now: datetime) -> None:
    shop("Deniz", [80], agreed=60)  # the first mail is due 66 days ago, the second 56
    flow = only(simulate(asked(now)).flows)
    assert (flow.sent, flow.without_basis) == (1, 1)


def test_two_flows_over_one_another_are_told(shop: Make, now: datetime) -> None:
    shop("Deniz", [80], agreed=85)
    other = Draft(SECOND | {"key": "other"}, {"second": MAIL})
    found = simulate(Question([DRAFT, other], begin=now - timedelta(days=90), end=now, stroke=timedelta(hours=8)))
    assert [each.draft for each in found.flows] == [True, True]
    lost = {name for each in found.flows for name in each.lost_to}
    assert lost & {"second-draft-0", "other-draft-1"}
    assert sum(each.put_off for each in found.flows) >= 1


def test_a_draft_that_sends_what_is_not_there_says_so(shop: Make, now: datetime) -> None:
    with pytest.raises(StammkundeError, match="no mail called second"):
        simulate(Question([Draft(SECOND)], begin=now - timedelta(days=9), end=now))


def test_the_live_engine_gives_the_same_decisions_on_the_same_history(
    shop: Make, now: datetime, django_db_blocker: Any
) -> None:
    """The same journeys, live: the record grows as it did, and the live jobs run each hour."""
    for number in range(12):
        days = [49 - number / 2, *([35 - number] if number % 3 == 0 else [])]
        shop(f"Customer{number}", days, agreed=85 if number % 2 else 0, back=40 - number if number % 4 == 1 else 0)
    question = Question(
        [DRAFT], begin=now - timedelta(days=50), end=now - timedelta(days=14), stroke=timedelta(hours=2)
    )
    simulated = only(simulate(question).flows)
    lived = _live(question)
    assert lived.entered == simulated.entered == 12
    assert lived.ended == simulated.ended
    assert lived.messages == simulated.messages
    assert lived.reasons == simulated.reasons
    assert lived.steps == simulated.steps


def _live(question: Question) -> Flow:
    """What the live code does when everything comes in at its own time."""
    from stammkunde.server.journeys.simulating.findings import findings  # beside what it is compared with

    later = {row.pk: row for row in Order.objects.all()}
    lines, refunds = list(OrderLine.objects.all()), list(Refund.objects.all())
    Refund.objects.all().delete()
    Order.objects.all().delete()
    (journey,) = stage(question.drafts, now=question.begin, others=True)
    last, now = question.begin, question.begin
    while now < question.end:
        now = min(now + question.stroke, question.end)
        for row in [each for each in later.values() if last < each.placed_at <= now]:
            row.save(force_insert=True)
            OrderLine.objects.bulk_create(line for line in lines if line.order_id == row.pk)
        Refund.objects.bulk_create(each for each in refunds if last < each.at <= now)
        if now.hour == 1:
            recompute(now=now, full=True)
        tick(now)
        send(now)
        last = now
    return findings([journey], begin=question.begin, end=question.end).flows[0]


def test_an_abandoned_cart_is_followed_and_a_late_order_stops_it(shop: Make, source: Source, now: datetime) -> None:
    anna, ben = shop("Anna", [300], agreed=310), shop("Ben", [300, 9.95], agreed=310)
    for who in (anna, ben):
        at = now - timedelta(days=10)
        fields = {"began_at": at, "changed_at": at, "lines": [{"sku": "T", "quantity": 1}], "value": 900}
        Cart.objects.create(source=source, external_id=who.name, customer=who, **fields)
    cart = SECOND | {
        "key": "cart",
        "trigger": {"on": "cart_idle", "after": "2h"},
        "per": "cart",
        "exit": ["cart_closed"],
        "steps": [{"id": "m1", "do": "send", "mail": "second"}],
    }
    question = Question([Draft(cart, {"second": MAIL})], begin=now - timedelta(days=11), end=now - timedelta(days=7))
    flow = only(simulate(question).flows)
    assert (flow.entered, flow.sent) == (1, 1)


def test_a_chance_that_falls_is_noticed_on_the_stage_too(now: datetime) -> None:
    trigger = {"on": "p_alive", "below": 0.4}
    stage([Draft({**SECOND, "trigger": trigger, "exit": []}, {"second": MAIL})], now=now, others=True)
    assert asked_segments() == {Segment.objects.get().pk}
