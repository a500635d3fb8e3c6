"""Quiet hours, lateness, clocks that jump, backups that come back: nothing floods, and nobody is forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from sends import go, message, order, reader
from stammkunde.server.lib.local_time import outside_quiet, zone_of
from stammkunde.server.mail.actions.doubting import restored
from stammkunde.server.mail.actions.planning import Planned, plan
from stammkunde.server.mail.models import Send, Sender
from stammkunde.server.mail.sending import claiming, pacing
from stammkunde.server.shop.models import Customer, Source

pytestmark = pytest.mark.django_db


def row() -> Send:
    return Send.objects.get()


def test_advertising_waits_for_the_end_of_the_quiet_hours_where_anna_is(now: datetime) -> None:
    anna = reader("Anna", now, zone="Asia/Tokyo")  # six in the evening there
    plan(message(now), [Planned(1, anna.pk, now + timedelta(hours=3))], now=now)
    go(now + timedelta(hours=3))
    assert (row().state, row().reason) == ("waiting", "quiet")
    assert row().due_at == datetime(2026, 3, 2, 23, 0, tzinfo=UTC)  # eight in the morning there
    go(datetime(2026, 3, 2, 23, 0, tzinfo=UTC))
    assert row().state == "sent"


def test_an_order_mail_waits_for_nobody_to_wake(now: datetime, source: Source) -> None:
    anna = reader("Anna", now, zone="Asia/Tokyo")
    bought = order(anna, source, now)
    plan(message(now, "order"), [Planned(1, anna.pk, now, order_id=bought.pk)], now=now)
    go(now + timedelta(hours=6))
    assert row().state == "sent"


@pytest.mark.parametrize(("purpose", "late", "state"), [
    ("newsletter", timedelta(hours=47), "sent"), ("newsletter", timedelta(hours=49), "suppressed"),
    ("order", timedelta(days=6), "sent"), ("order", timedelta(days=8), "suppressed"),
])  # fmt: skip
def test_a_message_that_is_too_late_is_not_sent(
    purpose: str, late: timedelta, state: str, now: datetime, source: Source
) -> None:
    anna = reader("Anna", now)
    order(anna, source, now)
    plan(message(now, purpose), [Planned(1, anna.pk, now)], now=now)
    go(now + late)
    assert row().state == state


def test_a_message_that_keeps_its_hour_waits_for_the_next_day(now: datetime) -> None:
    anna = reader("Anna", now)
    plan(message(now, past_due="reschedule"), [Planned(1, anna.pk, now)], now=now)
    go(now + timedelta(hours=5))
    assert (row().state, row().due_at) == ("waiting", now + timedelta(days=1))
    go(now + timedelta(days=1, minutes=5))
    assert row().state == "sent"


def test_a_clock_that_jumps_by_a_year_floods_nobody(now: datetime) -> None:
    people = [reader(name, now) for name in ("Anna", "Ben", "Deniz")]
    for number in range(1, 11):
        plan(
            message(now, origin_id=number),
            [Planned(1, each.pk, now + timedelta(days=number)) for each in people],
            now=now,
        )
    go(now + timedelta(days=365))
    assert set(Send.objects.values_list("state", "reason")) == {("suppressed", "too_late")}


def test_a_clock_that_jumps_back_sends_nothing_before_its_time(now: datetime) -> None:
    plan(message(now), [Planned(1, reader("Anna", now).pk, now)], now=now)
    assert go(now - timedelta(days=30)) == (0, False)
    assert row().state == "waiting"


def test_publishing_a_mail_anew_reaches_nobody_twice(now: datetime) -> None:
    anna = reader("Anna", now)
    for _ in range(3):
        plan(message(now), [Planned(1, anna.pk, now)], now=now)
        go(now)
    assert Send.objects.filter(state="sent").count() == Send.objects.count() == 1


def test_after_a_backup_was_put_back_what_may_have_left_is_unknown_and_advertising_stays_so(
    now: datetime, source: Source
) -> None:
    anna, ben = reader("Anna", now), reader("Ben", now)
    bought = order(ben, source, now)
    plan(message(now), [Planned(1, anna.pk, now), Planned(2, anna.pk, now + timedelta(days=9))], now=now)
    plan(message(now, "order", origin_id=2), [Planned(1, ben.pk, now, order_id=bought.pk)], now=now)
    later = now + timedelta(days=1)
    assert restored(made_at=now, now=later) == 2
    for minutes in range(0, 60, 10):
        claiming.sweep(now=later + timedelta(minutes=minutes))
        go(later + timedelta(minutes=minutes))
    found = {(each.customer_id, each.run): (each.state, each.reason) for each in Send.objects.all()}
    assert found[anna.pk, 1] == ("unknown", "restored")
    assert found[anna.pk, 2] == ("waiting", "")
    assert found[ben.pk, 1] == ("sent", "")  # an order mail goes once more, under its name


def test_no_more_leave_in_a_minute_than_the_sender_may_with_several_workers(now: datetime) -> None:
    Sender.objects.create(per_minute=10, connections=1)
    plan(message(now), [Planned(1, reader(f"P{n}", now).pk, now) for n in range(35)], now=now)
    left = []
    for seconds in range(0, 200, 10):
        for _worker in range(3):
            go(now + timedelta(seconds=seconds))
        left.append(Send.objects.filter(state="sent").count())
    assert left[0] == 10
    assert all(later - earlier <= 10 for earlier, later in zip(left, left[6:], strict=False))
    assert left[-1] == 35


def test_a_new_sender_warms_up_and_order_mails_are_not_held_back(now: datetime, source: Source) -> None:
    Sender.objects.create(warm_up_since=now.date(), warm_up_first=5, connections=1)
    people = [reader(f"P{n}", now) for n in range(20)]
    for each in people[:4]:
        order(each, source, now, key=str(each.pk))
    plan(message(now, max_age="9d"), [Planned(1, each.pk, now) for each in people], now=now)
    go(now)
    assert Send.objects.filter(state="sent").count() == 5
    plan(message(now, "order", origin_id=2), [Planned(1, each.pk, now) for each in people[:4]], now=now)
    go(now + timedelta(minutes=1))
    assert Send.objects.filter(state="sent").count() == 9
    go(now + timedelta(days=1))
    assert Send.objects.filter(state="sent", marketing=True).count() == 5 + 7


def test_the_plan_of_a_new_sender_grows_until_it_is_warm(now: datetime) -> None:
    cold = Sender(warm_up_since=now.date(), warm_up_first=200)
    plan_ = [pacing.plan_of(cold, now=now + timedelta(days=days)) for days in range(20)]
    assert plan_[:3] == [200, 300, 450]
    assert plan_[-1] is None
    known = [each for each in plan_ if each is not None]
    assert known == sorted(known)


def test_order_mails_go_before_advertising(now: datetime, source: Source) -> None:
    Sender.objects.create(per_minute=3, connections=1)
    people = [reader(f"P{n}", now) for n in range(6)]
    plan(message(now), [Planned(1, each.pk, now - timedelta(hours=1)) for each in people], now=now)
    for each in people[:3]:
        order(each, source, now, key=str(each.pk))
    plan(message(now, "order", origin_id=2), [Planned(1, each.pk, now) for each in people[:3]], now=now)
    go(now)
    assert set(Send.objects.filter(state="sent").values_list("marketing", flat=True)) == {False}


ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo", "Pacific/Apia"])


@settings(max_examples=25)
@given(ZONES, st.integers(0, 400 * 24 * 4), st.integers(0, 200))
def test_over_every_change_of_the_clock_nothing_leaves_within_quiet_hours_or_twice(
    zone: str, quarter: int, hours: int
) -> None:
    with transaction.atomic():
        start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * quarter)
        anna = reader("Anna", start, zone=zone)
        plan(message(start, max_age="9d"), [Planned(1, anna.pk, start)], now=start)
        gone: dict[int, Any] = {}
        for hour in (0, hours, hours + 1, hours + 9, hours + 13):
            at = start + timedelta(hours=hour)
            go(at)
            for each in Send.objects.filter(state="sent").exclude(pk__in=gone):
                gone[each.pk] = at
                sender = Sender.now()
                assert outside_quiet(at, sender.quiet_from, sender.quiet_to, zone_of(zone)) == at
        assert len(gone) == Customer.objects.count() == 1
        transaction.set_rollback(True)
