"""A message to a customer is planned once, however often and by whatever way it is asked for."""

from datetime import datetime, timedelta

import pytest
from django.db.models import Q

from sends import customer, message, version
from stammkunde.server.lib.models import Job
from stammkunde.server.mail.actions.planning import Planned, call_off, message_for, plan, plan_select
from stammkunde.server.mail.models import Message, Send

pytestmark = pytest.mark.django_db


def test_anna_is_planned_once_though_a_campaign_is_started_twice(now: datetime) -> None:
    anna, hello = customer("Anna", now), message(now)
    for _ in range(2):
        plan(hello, [Planned(7, anna.pk, now + timedelta(hours=1), expected=350)], now=now)
    row = Send.objects.get()
    assert (row.scope, row.run, row.customer_id, row.expected) == ("campaign:1:", 7, anna.pk, 350)
    assert (row.state, row.marketing, row.planned_at, row.refs, row.bases) == ("waiting", True, now, {}, [])


def test_planning_asks_for_a_worker_once(now: datetime) -> None:
    anna, hello = customer("Anna", now), message(now)
    plan(hello, [Planned(1, anna.pk, now)], now=now)
    plan(hello, [Planned(2, anna.pk, now)], now=now)
    assert Job.objects.filter(kind="mail.send").count() == 1


def test_advertising_is_too_old_after_two_days_and_an_order_mail_after_a_week(now: datetime) -> None:
    anna = customer("Anna", now)
    for each in (message(now), message(now, "order", origin_id=2), message(now, origin_id=3, max_age="24h")):
        plan(each, [Planned(1, anna.pk, now)], now=now)
    found = [row.expires_at - row.due_at for row in Send.objects.order_by("pk") if row.expires_at]
    assert found == [timedelta(days=2), timedelta(days=7), timedelta(days=1)]


@pytest.mark.parametrize("named", [True, False])
def test_a_select_plans_the_same_rows_as_a_list(now: datetime, *, named: bool) -> None:
    anna, hello = customer("Anna", now), message(now)
    customer("Ben", now)
    due = now + timedelta(minutes=5)
    order = "run, customer_id, due_at, order_id, cart_id, refs, since, expected, expires_at"
    select = """SELECT NULL AS cart_id, c.id + 1000 AS run, c.id AS customer_id, %s AS due_at, NULL AS order_id,
        '{"entry": 7}' AS refs, c.known_since AS since, 12 AS expected, NULL AS expires_at
        FROM shop_customer c WHERE c.email = %s"""
    select = f"SELECT {order} FROM ({select}) AS inner_one" if named else select
    assert plan_select(hello, select, [due, anna.email], now=now) == 1
    assert plan_select(hello, select, [due, anna.email], now=now) == 0
    row = Send.objects.get()
    assert (row.run, row.customer_id, row.due_at, row.refs) == (anna.pk + 1000, anna.pk, due, {"entry": 7})
    assert (row.since, row.expected, row.expires_at) == (now, 12, due + timedelta(days=2))
    plan(hello, [Planned(row.run, anna.pk, due)], now=now)
    assert Send.objects.count() == 1


def test_the_same_step_is_the_same_message_until_its_mail_or_its_rules_change(now: datetime) -> None:
    first = version(now)
    one = message_for("journey", 3, step="m1", version=first, now=now, rules={"max_age": "24h"})
    assert message_for("journey", 3, step="m1", version=first, now=now, rules={"max_age": "24h"}) == one
    other = message_for("journey", 3, step="m1", version=first, now=now, rules={"max_age": "2d"})
    newer = message_for("journey", 3, step="m1", version=version(now), now=now, rules={"max_age": "24h"})
    assert len({one.pk, other.pk, newer.pk}) == Message.objects.count() == 3


def test_a_step_whose_mail_was_changed_reaches_nobody_twice(now: datetime) -> None:
    anna = customer("Anna", now)
    for each in (version(now), version(now)):
        plan(message_for("journey", 3, step="m1", version=each, now=now), [Planned(5, anna.pk, now)], now=now)
    assert Send.objects.count() == 1


def test_what_waits_is_called_off_and_what_a_worker_has_is_not(now: datetime) -> None:
    anna, ben, hello = customer("Anna", now), customer("Ben", now), message(now)
    plan(hello, [Planned(1, anna.pk, now), Planned(1, ben.pk, now)], now=now)
    Send.objects.filter(customer=ben).update(state="claimed")
    assert call_off(Q(message=hello), reason="stopped", now=now) == 1
    assert sorted(Send.objects.values_list("state", "reason")) == [("claimed", ""), ("suppressed", "stopped")]


@pytest.mark.parametrize("rules", [{"max_age": "soon"}, {"past_due": "perhaps"}, {"max_age": "0h"}])
def test_a_rule_that_cannot_be_read_is_refused_when_the_message_is_made(now: datetime, rules: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"past_due|time"):
        message_for("campaign", 1, step="", version=version(now), now=now, rules=rules)
