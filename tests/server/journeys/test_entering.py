"""Who enters: each by what happened, once, and whoever is too old, too early or not meant stays out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from server.conftest import NOW
from server.journeys.conftest import Shop
from stammkunde.server.consent.models import Entry
from stammkunde.server.journeys.models import Enrolment, Journey
from stammkunde.server.journeys.running.entering import follow
from stammkunde.server.journeys.running.ticking import RECENT
from stammkunde.server.segments.models import CustomerFacts, Move, Segment
from stammkunde.server.segments.queries import days
from stammkunde.server.shop.actions.people import changed
from stammkunde.server.shop.models import Changed, Customer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Where = Callable[[], dict[str, str]]
STEPS = [{"id": "w", "do": "wait", "for": "30d"}]
TODAY = days.number(NOW)


def flow(on: str, **more: Any) -> dict[str, Any]:
    said = {name: more.pop(name) for name in ("per", "again", "audience", "exit", "goal") if name in more}
    return {"key": on.replace("_", "-"), "trigger": {"on": on, **more}, "steps": STEPS, **said}


def entered() -> list[tuple[str, str, datetime]]:
    rows = Enrolment.objects.order_by("entered_at", "pk").values_list("customer__name", "key", "entered_at")
    return [(name, key.rstrip("0123456789"), at) for name, key, at in rows]


def test_an_order_lets_in_for_itself_a_test_and_one_called_off_do_not(shop: Shop) -> None:
    shop.journey(flow("order", per="order"))
    for name, hours, more in (
        ("Anna", 3, {}), ("Anna", 2, {}), ("Ben", 1, {"test": True}), ("Clara", 1, {"cancelled_at": NOW}),
        ("Deniz", 100, {}),
    ):  # fmt: skip
        shop.order(name, NOW - hours * HOUR, **more)
    shop.order("Ben", NOW + HOUR)
    shop.tick()
    assert entered() == [("Anna", "order:", NOW - 3 * HOUR), ("Anna", "order:", NOW - 2 * HOUR)]


def test_only_the_first_order_is_the_first_though_it_is_told_after_the_second(shop: Shop) -> None:
    shop.journey(flow("first_order"))
    shop.order("Ben", NOW - 9 * DAY)
    shop.order("Ben", NOW - HOUR)
    shop.order("Deniz", NOW - HOUR)
    shop.tick()
    assert entered() == [("Deniz", "", NOW - HOUR)]


def test_who_is_heard_of_late_enters_when_everything_is_looked_at(shop: Shop) -> None:
    shop.journey(flow("order", per="order"))
    shop.order("Anna", NOW - 30 * timedelta(minutes=1))
    shop.order("Ben", NOW - 5 * HOUR)
    shop.tick(since=NOW - RECENT)
    assert entered() == [("Anna", "order:", NOW - 30 * timedelta(minutes=1))]
    shop.tick()
    assert [name for name, _, _ in entered()] == ["Ben", "Anna"]


@pytest.mark.parametrize("on", ["order", "first_order", "paid", "shipped", "delivered", "refunded"])
def test_where_it_is_known_of_whom_something_came_in_others_are_not_looked_for(shop: Shop, on: str) -> None:
    shop.journey(flow(on, per="order"))
    for name in ("Anna", "Ben"):
        order = shop.order(name, NOW - HOUR, paid_at=NOW - HOUR)
        shop.parcel(order, shipped_at=NOW - HOUR, delivered_at=NOW - HOUR)
        shop.refund(order, NOW - HOUR)
    Changed.objects.all().delete()
    changed([Customer.objects.get(name="Anna").pk])
    shop.tick(since=NOW - 2 * HOUR, listed=True)
    assert [name for name, _, _ in entered()] == ["Anna"]
    shop.tick(listed=True)
    assert [name for name, _, _ in entered()] == ["Anna", "Ben"]


def test_paid_shipped_delivered_and_refunded_count_when_they_were(shop: Shop) -> None:
    for on in ("paid", "shipped", "delivered", "refunded"):
        shop.journey(flow(on, per="order"))
    order = shop.order("Anna", NOW - 9 * DAY, paid_at=NOW - 8 * HOUR)
    shop.parcel(order, shipped_at=NOW - 7 * HOUR, delivered_at=NOW - 4 * HOUR)
    late = shop.parcel(order, shipped_at=NOW - 6 * HOUR)
    shop.refund(order, NOW - 3 * HOUR)
    shop.tick()
    assert [at for _, _, at in entered()] == [NOW - 8 * HOUR, NOW - 7 * HOUR, NOW - 3 * HOUR]
    late.delivered_at = NOW - HOUR
    late.save()
    shop.tick()
    assert entered()[-1] == ("Anna", "order:", NOW - HOUR)  # delivered is when the last parcel was


def test_an_event_lets_in_when_it_happened_or_when_it_has_not_happened_again(shop: Shop) -> None:
    shop.journey(flow("event", name="Product Viewed", idle="4h"))
    shop.event("Anna", "Product Viewed", NOW - 6 * HOUR)
    shop.event("Anna", "Product Viewed", NOW - 5 * HOUR)
    shop.event("Ben", "Product Viewed", NOW - 3 * HOUR)
    shop.event("Clara", "Cart Viewed", NOW - 6 * HOUR)
    shop.tick()
    assert entered() == [("Anna", "", NOW - HOUR)]


def test_a_sign_up_and_its_confirmation_find_whom_the_address_belongs_to(shop: Shop) -> None:
    shop.journey(flow("signed_up", again="1d"))
    shop.journey(flow("confirmed"))
    shop.person("Anna"), shop.person("Ben")
    about = {"topic": "marketing", "source": "form"}
    asked = Entry.objects.create(address="anna@example.com", kind="requested", at=NOW - 2 * HOUR, **about)
    Entry.objects.create(address="anna@example.com", kind="confirmed", at=NOW - HOUR, about=asked, **about)
    Entry.objects.create(address="ben@example.com", kind="requested", at=NOW - HOUR, **about)
    Entry.objects.create(address="nobody@example.com", kind="requested", at=NOW - HOUR, **about)
    shop.tick()
    assert entered() == [("Ben", "entry:", NOW - HOUR), ("Anna", "", NOW - HOUR)]
    assert list(Enrolment.objects.order_by("pk").values_list("refs__entry", flat=True)) != [None, None]


def test_coming_into_a_segment_lets_in_but_not_because_its_rule_was_changed(shop: Shop) -> None:
    shop.journey(flow("segment", name="Slipping"))
    segment = Segment.objects.create(name="Slipping", rule={}, rule_changed_at=NOW, created_at=NOW)
    for name, why, came in (
        ("Anna", [{"path": "", "before": "active", "after": "slipping"}], True),
        ("Ben", [{"because": "rule"}], True), ("Clara", [{"because": "many"}], True), ("Deniz", [], False),
    ):  # fmt: skip
        Move.objects.create(segment=segment, customer=shop.person(name), entered=came, at=NOW - HOUR, why=why)
    shop.tick()
    assert entered() == [("Anna", "", NOW - HOUR)]


def test_whose_rhythm_has_passed_enters_on_the_day_it_has(shop: Shop) -> None:
    shop.journey(flow("overdue", factor=1.5))
    shop.person("Anna", orders=9, rhythm=20.5, last_on=TODAY - 31)  # 30.75 days: on the 31st
    shop.person("Ben", orders=9, rhythm=21.0, last_on=TODAY - 31)  # 31.5 days: tomorrow
    shop.person("Clara", orders=9, rhythm=20.5, last_on=TODAY - 40)
    shop.tick()
    midnight = NOW.replace(hour=0) - HOUR  # in Berlin
    assert entered() == [("Anna", "", midnight)]
    shop.tick(after=DAY)
    assert [name for name, _, _ in entered()] == ["Anna", "Ben"]


def test_the_anniversary_comes_every_year_and_on_the_28th_for_the_29th_of_february(shop: Shop) -> None:
    shop.journey(flow("anniversary"))
    leap = days.count(datetime(2024, 2, 29).date())  # noqa: DTZ001  a day
    shop.person("Anna", orders=1, first_on=leap)
    shop.person("Ben", orders=1, first_on=TODAY - 365)
    for day in range(-4, 4):
        shop.tick(to=NOW + day * DAY)
    assert [(name, at.date().isoformat()) for name, _, at in entered()] == [
        ("Anna", "2026-02-27"),
        ("Ben", "2026-03-01"),
    ]
    shop.tick(to=NOW + 365 * DAY)
    assert sorted(Enrolment.objects.values_list("customer__name", "key")) == [
        ("Anna", "2026"), ("Ben", "2026"), ("Ben", "2027"),
    ]  # fmt: skip


def test_the_first_of_a_quarter_is_for_everybody_of_the_audience_once(shop: Shop, where: Where) -> None:
    shop.journey(flow("date", every="quarter", day=1, audience={"fact": "orders", "op": ">=", "value": 1}))
    shop.person("Anna", orders=3), shop.person("Clara", orders=0)
    shop.tick(to=NOW + 28 * DAY)
    assert where() == {}
    shop.tick(to=NOW + 31 * DAY)
    shop.tick(to=NOW + 31 * DAY)
    assert list(Enrolment.objects.values_list("customer__name", "key")) == [("Anna", "2026-Q2")]


def test_the_audience_is_asked_of_what_is_known_and_asked_again(shop: Shop, where: Where) -> None:
    two = {"all": [{"fact": "orders", "op": ">=", "value": 2}, {"orders": "count", "op": ">=", "value": 1, "days": 9}]}
    shop.journey(flow("order", audience=two))
    shop.person("Anna", orders=2), shop.person("Deniz", orders=1)
    for name in ("Anna", "Deniz"):
        shop.order(name, NOW - HOUR)
    shop.tick()
    assert where() == {"Anna": "w"}
    CustomerFacts.objects.filter(customer=shop.person("Deniz")).update(orders=2)  # known a little later
    shop.tick(after=HOUR)
    assert where() == {"Anna": "w", "Deniz": "w"}


def test_whoever_may_enter_again_does_so_after_that_time_and_not_while_on_it(shop: Shop) -> None:
    journey = shop.journey(flow("order", again="10d") | {"steps": [{"id": "w", "do": "wait", "for": "1d"}]})
    for day in (0, 2, 11, 12):
        shop.order("Anna", NOW + day * DAY)
    for day in range(16):
        shop.tick(to=NOW + day * DAY)
    assert [(at - NOW).days for _, _, at in entered()] == [0, 11]
    assert journey.enrolments.filter(state="done").count() == 2


def test_who_turns_out_to_be_anna_is_anna_on_her_journeys_too(shop: Shop, where: Where) -> None:
    shop.journey(flow("order"))
    shop.journey(flow("event", name="Quote Asked"))
    for name in ("Anna", "Nobody"):
        shop.order(name, NOW - HOUR)
    shop.event("Nobody", "Quote Asked", NOW - HOUR)
    shop.tick()
    Customer.objects.filter(name="Nobody").update(merged_into=shop.person("Anna"))
    follow(NOW)
    shop.tick(after=HOUR)
    rows = Enrolment.objects.order_by("journey_id", "customer__name")
    assert list(rows.values_list("journey__key", "customer__name", "state")) == [
        ("order", "Anna", "active"),
        ("order", "Nobody", "left"),
        ("event", "Anna", "active"),
    ]


@pytest.mark.parametrize("state", ["off", "closed"])
def test_a_journey_that_is_not_on_lets_nobody_in(shop: Shop, where: Where, state: str) -> None:
    shop.journey(flow("order"))
    Journey.objects.update(state=state)
    shop.order("Anna", NOW - HOUR)
    shop.tick()
    assert where() == {}


def test_more_than_a_lot_enter_in_lots(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stammkunde.server.journeys.running.entering.SIZE", 3)
    shop.journey(flow("order", per="order"))
    for number in range(10):
        for _ in range(number % 3):
            shop.order(f"P{number}", NOW - HOUR)
    shop.tick()
    assert Enrolment.objects.count() == 9
