"""Steps: each does what it says, and two people who differ go different ways."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.conftest import NOW
from server.journeys.conftest import Shop
from stammkunde.server.accounts.actions import endpoints
from stammkunde.server.accounts.models import Outgoing
from stammkunde.server.journeys.definitions.reading import read
from stammkunde.server.journeys.models import Enrolment, Tag, Trace
from stammkunde.server.journeys.running import lots
from stammkunde.server.journeys.running.draws import PRIME, drawn, seed
from stammkunde.server.journeys.running.ticking import tick
from stammkunde.server.journeys.steps.tag import Tag as Tagging
from stammkunde.server.mail.models import Send, Signal, Template
from stammkunde.server.offers.models import Coupon, Pool
from stammkunde.server.shop.models import Source

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Where, Sent = Callable[[], dict[str, str]], Callable[[], list[tuple[str, str]]]
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kolkata",
]


def after_order(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"key": "flow", "trigger": {"on": "order", "max_age": "31d"}, "per": "order", "steps": list(steps), **more}


def wait(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "do": "wait", "for": "30d", **more}


def test_a_branch_parts_those_of_whom_it_holds_from_the_rest(shop: Shop, where: Where) -> None:
    condition = {"all": [{"rule": {"fact": "orders", "op": ">=", "value": 2}}, {"not": {"happened": "refunded"}}]}
    shop.journey(after_order({"id": "b", "do": "branch", "if": condition, "then": "yes", "else": "no"},
                             wait("yes", next="end"), wait("no")))  # fmt: skip
    shop.person("Anna", orders=9), shop.person("Ben", orders=7), shop.person("Deniz", orders=1)
    for name in ("Anna", "Ben", "Deniz"):
        order = shop.order(name, NOW)
        if name == "Ben":
            shop.refund(order, NOW + HOUR)
    shop.tick(after=2 * HOUR)
    assert where() == {"Anna": "yes", "Ben": "no", "Deniz": "no"}


def test_a_split_sends_a_customer_the_same_way_each_time_and_all_as_the_shares_say(shop: Shop) -> None:
    ways = [{"share": 20, "to": "a"}, {"share": 80, "to": "b"}]
    shop.journey(after_order({"id": "s", "do": "split", "ways": ways}, wait("a", next="end"), wait("b")))
    for number in range(400):
        shop.order(f"P{number % 200}", NOW + timedelta(minutes=number))
    shop.tick(after=8 * HOUR)
    went = Counter(Enrolment.objects.values_list("step", flat=True))
    assert 30 <= went["a"] <= 130  # of 400 in 200 pairs, 80 expected
    assert Enrolment.objects.values("customer", "step").distinct().count() == 200


def test_the_draw_of_sql_is_that_of_python(shop: Shop) -> None:
    shop.journey(after_order(wait("w")))
    for number in range(20):
        shop.order(f"P{number}", NOW)
    shop.tick()
    found = dict(Enrolment.objects.values_list("customer_id", "draw"))
    assert found == {pk: drawn(pk, seed("flow")) for pk in found}


@given(first=st.integers(0, 10**12), by=st.integers(0, PRIME - 1))
def test_neighbours_are_drawn_apart(first: int, by: int) -> None:
    halves = [drawn(first + number, by) < PRIME // 2 for number in range(2000)]
    assert 850 < sum(halves) < 1150
    assert 850 < sum(one != other for one, other in pairwise(halves)) < 1150


def test_who_waits_for_something_goes_on_when_it_happens_or_when_the_time_is_over(shop: Shop, where: Where) -> None:
    until = {"id": "u", "do": "wait_until", "if": {"happened": "paid"}, "within": "3d", "then": "yes", "else": "no"}
    shop.journey(after_order(until, wait("yes", next="end"), wait("no")))
    anna, _ = shop.order("Anna", NOW), shop.order("Ben", NOW)
    shop.tick()
    assert where() == {"Anna": "u", "Ben": "u"}
    anna.paid_at = NOW + 5 * HOUR
    anna.save()
    shop.tick(after=6 * HOUR)
    assert where() == {"Anna": "yes", "Ben": "u"}
    shop.tick(to=NOW + 3 * DAY - HOUR)
    assert where() == {"Anna": "yes", "Ben": "u"}
    shop.tick(to=NOW + 3 * DAY)
    assert where() == {"Anna": "yes", "Ben": "no"}
    assert Enrolment.objects.get(customer__name="Ben").stepped_at == NOW + 3 * DAY


def test_a_click_of_a_scanner_is_nobodys(shop: Shop, where: Where) -> None:
    until = {"id": "u", "do": "wait_until", "if": {"happened": "clicked"}, "within": "3d", "then": "end", "else": "no"}
    shop.journey(after_order({"id": "m", "do": "send", "mail": "hello"}, until, wait("no")))
    shop.order("Anna", NOW), shop.order("Ben", NOW)
    shop.tick()
    for send in Send.objects.all():
        machine = send.customer is not None and send.customer.name == "Ben"
        Signal.objects.create(send=send, kind="clicked", at=NOW + HOUR, key=str(send.pk), source="x", machine=machine)
    shop.tick(after=2 * HOUR)
    assert where() == {"Anna": "done", "Ben": "u"}


def test_a_mail_that_is_late_goes_out_next_day_at_its_hour_where_the_step_says_so(shop: Shop, sent: Sent) -> None:
    shop.journey(after_order({"id": "m", "do": "send", "mail": "hello", "past_due": "reschedule", "max_age": "5d"}))
    shop.order("Anna", NOW), shop.order("Ben", NOW - 6 * DAY)
    shop.tick(after=2 * DAY + HOUR)
    assert sent() == [("Anna", "m")]
    assert Send.objects.get().due_at == NOW + 3 * DAY


def test_a_mail_that_was_retired_stops_people_there_and_nobody_else(shop: Shop, where: Where) -> None:
    condition = {"rule": {"fact": "orders", "op": ">=", "value": 2}}
    shop.journey(after_order({"id": "b", "do": "branch", "if": condition, "then": "m", "else": "w"},
                             {"id": "m", "do": "send", "mail": "hello"}, wait("w")))  # fmt: skip
    Template.objects.update(retired_at=NOW)
    shop.person("Anna", orders=2), shop.person("Ben", orders=1)
    shop.order("Anna", NOW), shop.order("Ben", NOW)
    shop.tick()
    assert where() == {"Anna": "stuck mail retired", "Ben": "w"}


def test_everybody_gets_a_code_of_their_own_as_long_as_there_are_some(shop: Shop, where: Where) -> None:
    pool = Pool.objects.create(key="second", name="Second", kind="percent", worth=10, created_at=NOW)
    for code in ("AAA1", "AAA2"):
        Coupon.objects.create(pool=pool, code=code, folded=code)
    shop.journey(after_order({"id": "c", "do": "coupon", "pool": "second"}, {"id": "m", "do": "send", "mail": "hello"}))
    for name in ("Anna", "Ben", "Anna"):
        shop.order(name, NOW)
    shop.tick()
    assert Counter(Trace.objects.filter(step="c").values_list("outcome", flat=True)) == {
        "code of second": 2, "no code left": 1,
    }  # fmt: skip
    codes = [refs.get("coupon") for refs in Send.objects.values_list("refs", flat=True)]
    assert sorted(filter(None, codes)) == sorted(Coupon.objects.values_list("pk", flat=True))


def test_a_tag_marks_somebody_once_and_a_webhook_tells_each(shop: Shop, where: Where) -> None:
    endpoints.add(endpoints.Wish("https://crm.example/in", ["*"]), now=NOW, by=None)
    shop.journey(
        after_order({"id": "t", "do": "tag", "tag": "tea"}, {"id": "h", "do": "webhook", "event": "tea.liked"})
    )
    for name in ("Anna", "Anna", "Ben"):
        shop.order(name, NOW)
    shop.tick()
    assert sorted(Tag.objects.values_list("customer__name", "tag")) == [("Anna", "tea"), ("Ben", "tea")]
    told = [json.loads(each.body)["data"] for each in Outgoing.objects.filter(event="tea.liked").order_by("pk")]
    assert [each["customer"] for each in told] == [shop.people[n].pk for n in ("Anna", "Anna", "Ben")]
    assert set(where().values()) == {"done"}


@pytest.mark.django_db(transaction=True)
def test_three_workers_at_once_never_take_one_step_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lots, "SIZE", 7)
    monkeypatch.setattr(lots.take, "__kwdefaults__", {"order": "n.due_at", "most": 7})
    shop = Shop(Source.objects.create(kind="csv", name="x", token="t" * 32, created_at=NOW))
    shop.journey(after_order({"id": "m", "do": "send", "mail": "hello"}, wait("w", **{"for": "1d"})))
    for number in range(60):
        shop.order(f"P{number}", NOW)
    with ThreadPoolExecutor(3) as workers:
        list(workers.map(_in_a_thread, [NOW] * 3))
    assert Counter(Trace.objects.values_list("step", flat=True)) == {"m": 60}
    assert Enrolment.objects.filter(step="w", due_at=NOW + DAY).count() == 60
    with ThreadPoolExecutor(3) as workers:
        list(workers.map(_in_a_thread, [NOW + DAY] * 3))
    assert Counter(Trace.objects.values_list("step", flat=True)) == {"m": 60, "w": 60}


def _in_a_thread(now: datetime) -> None:
    try:
        tick(now)
    finally:
        connection.close()


# --- waits over every change of the clock -----------------------------------------------------------------------------


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 28)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
SPANS = st.sampled_from(["0m", "45m", "2h", "1d", "3d", "2w"])
HOURS = st.none() | st.times(max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0))
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@MANY
@given(at=MOMENTS, span=SPANS, hour=HOURS, zones=st.lists(st.sampled_from(ZONES), min_size=1, max_size=3),
       weekdays=st.sets(st.sampled_from(WEEK), max_size=3))  # fmt: skip
def test_no_wait_is_over_before_its_time_nor_much_later_and_the_hour_is_that_of_the_customer(
    shop: Shop, at: datetime, span: str, hour: time | None, zones: list[str], weekdays: set[str]
) -> None:
    if hour is None and span == "0m":
        span = "5m"
    step: dict[str, Any] = {"id": "w", "do": "wait"} | ({"for": span} if span != "0m" else {})
    if hour is not None:
        step |= {"at": f"{hour:%H:%M}"} | ({"weekdays": sorted(weekdays)} if weekdays else {})
    with transaction.atomic():
        point = transaction.savepoint()
        shop.people.clear()
        waits = read({"name": {"en": "A"}} | after_order(step)).steps[0]
        shop.journey(after_order(step), since=at - DAY)
        for number, zone in enumerate(zones):
            shop.person(f"P{number}", zone=zone)
            shop.order(f"P{number}", at)
        shop.tick(to=at)
        for found in Enrolment.objects.select_related("customer"):
            held = found.due_at - at
            least = waits.span.time  # type: ignore[attr-defined]  # a wait
            assert held >= least
            if hour is None:
                assert held == least
                continue
            assert (
                held <= least + (8 if weekdays else 1) * DAY + 2 * DAY * (found.customer.zone == "Pacific/Apia") + HOUR
            )
            local = found.due_at.astimezone(ZoneInfo(found.customer.zone))
            shown = local.replace(tzinfo=None, second=0, microsecond=0)
            before = (
                (found.due_at - timedelta(seconds=1)).astimezone(ZoneInfo(found.customer.zone)).replace(tzinfo=None)
            )
            assert shown.time() == hour or before.time() < hour < shown.time()  # an hour that was skipped
            assert not weekdays or WEEK[local.weekday()] in weekdays
        transaction.savepoint_rollback(point)


def test_a_journey_that_cannot_go_on_holds_up_no_other_and_is_told(
    shop: Shop, where: Where, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.journey(after_order({"id": "t", "do": "tag", "tag": "tea"}))
    shop.journey(after_order(wait("w")) | {"key": "other"})
    monkeypatch.setattr(Tagging, "run", _broken)
    shop.order("Anna", NOW)
    with pytest.raises(ZeroDivisionError):
        shop.tick()
    assert list(Enrolment.objects.order_by("pk").values_list("step", "due_at")) == [("t", NOW), ("w", NOW + 30 * DAY)]


def _broken(self: Tagging, lot: lots.Lot) -> None:
    raise ZeroDivisionError
