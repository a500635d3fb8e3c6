"""Who hears nothing, who got too much, who is served worst, and what lost to what."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from attention_people import DAY, Post
from stammkunde.server.accounts.actions import make_key
from stammkunde.server.accounts.roles import Right
from stammkunde.server.clv.models import Prediction, Run
from stammkunde.server.mail.attention.holds import hold
from stammkunde.server.mail.models import Passed, Send, Signal
from stammkunde.server.mail.queries import attention
from stammkunde.server.shop.models import Customer, Order, Source


@pytest.fixture
def post(db: None, now: datetime) -> Post:
    return Post(now)


@pytest.fixture
def valued(post: Post, now: datetime) -> Callable[..., Customer]:
    """Somebody worth so much."""
    run = Run.objects.create(
        started_at=now, until=now.date(), horizon="12 months", discount=0.1, currency="EUR", state=Run.State.DONE
    )

    def made(name: str, clv: int) -> Customer:
        customer, day = post.person(name), now.date() - timedelta(days=400)
        values = {"first_day": day, "last_day": day, "orders": 3, "historic": clv // 2, "predicted": clv // 2}
        Prediction.objects.create(customer=customer, run=run, clv=clv, **values)
        return customer

    return made


def test_silence_lists_whom_nobody_wrote_to_by_value(
    post: Post, valued: Callable[..., Customer], source: Source, now: datetime
) -> None:
    anna, ben, clara, deniz, emma = (
        valued(name, clv) for name, clv in [("A", 900), ("B", 800), ("C", 700), ("D", 600), ("E", 0)]
    )
    bounced = post.plan(anna, "order", state=Send.State.SENT, settled_at=now - 9 * DAY)
    Signal.objects.create(send=bounced, kind="bounced", hard=True, at=now, key="b", source="t")
    post.plan(ben, "newsletter", state=Send.State.SENT, settled_at=now - 89 * DAY)
    at = now - 5 * DAY
    money = {"currency": "EUR", "gross": 1, "total": 1}
    Order.objects.create(source=source, external_id="1", customer=clara, placed_at=at, day=at.date(), **money)
    found = attention.silence(now=now, days=90)
    assert [each.customer for each in found.rows] == [anna, deniz]
    assert (found.customers, found.clv, found.rows[0].last_mail) == (2, 1500, bounced.settled_at)
    assert [each.customer for each in attention.silence(now=now, days=60).rows] == [anna, ben, deniz]
    assert emma not in [each.customer for each in found.rows]


def test_silence_goes_page_by_page_and_nobody_is_left_out(valued: Callable[..., Customer], now: datetime) -> None:
    people = [valued(f"P{number}", 100 * (1 + number // 3)) for number in range(7)]
    seen, after = [], ""
    for _page in range(4):
        found = attention.silence(now=now, days=30, after=after, most=2)
        seen += [each.customer.pk for each in found.rows]
        after = found.after
    assert after == ""
    assert seen == [each.pk for each in sorted(people, key=lambda one: (-one.prediction.clv, -one.pk))]


def test_nobody_is_over_the_cap_who_got_exactly_as_much(post: Post, now: datetime) -> None:
    anna, ben = post.person("Anna"), post.person("Ben")
    for days in (1, 11, 21, 31):
        post.plan(anna, "newsletter", state=Send.State.SENT, settled_at=now - days * DAY)
    for days in (1, 3, 5, 7, 9, 11):
        post.plan(ben, "newsletter", state=Send.State.SENT, settled_at=now - days * DAY)
    post.plan(anna, "vip", state=Send.State.SENT, settled_at=now - 35 * DAY)
    found = attention.over_cap(now=now)
    assert [(each.customer, each.beyond, each.last) for each in found.rows] == [(ben, 2, now - DAY)]
    assert (found.customers, found.cap, found.days) == (1, 4, 30)


def test_what_this_house_sends_never_exceeds_the_cap(post: Post, now: datetime) -> None:
    people = [post.person(f"P{number}") for number in range(5)]
    for number in range(60):
        post.plan(people[number % 5], "vip", number, due_at=now + number * DAY / 3)
    for number in range(60):
        post.at(now + number * DAY).go()
    assert Send.objects.filter(state=Send.State.SENT).count() >= 20
    assert attention.over_cap(now=post.now).rows == []


def test_worst_served_says_what_is_wrong_and_what_is_at_risk(
    post: Post, valued: Callable[..., Customer], now: datetime
) -> None:
    anna, ben, clara = valued("A", 2000), valued("B", 4000), post.person("Clara")
    hold(anna, "reply", "1", now=now - 3 * DAY), hold(anna, "reply", "2", now=now - DAY)
    gone = post.plan(ben, "order", state=Send.State.SENT, settled_at=now)
    Signal.objects.create(send=gone, kind="bounced", hard=True, at=now, key="b", source="t")
    lost = post.plan(clara, "newsletter", state=Send.State.SUPPRESSED)
    Passed.objects.create(send=lost, reason="better", at=now)
    found = attention.worst_served(now=now)
    told = [(each.customer, each.at_risk, [(one.kind, one.times) for one in each.troubles]) for each in found.rows]
    assert told == [(ben, 2000, [("bounced", 1)]), (anna, 1000, [("reply", 2)]), (clara, None, [("lost", 1)])]
    assert (found.customers, found.at_risk) == (3, 3000)
    first = attention.worst_served(now=now, most=2)
    assert [each.customer for each in attention.worst_served(now=now, after=first.after).rows] == [clara]


def test_what_lost_to_what_counts_messages_not_tries(post: Post, now: datetime) -> None:
    anna, ben = post.person("Anna"), post.person("Ben")
    for customer in (anna, ben):
        post.plan(customer, "newsletter", 1), post.plan(customer, "cart", 9)
    post.go()
    post.at(now + DAY)
    Send.objects.filter(state=Send.State.WAITING).update(due_at=post.now)  # somebody moved them
    post.go()
    hold(anna, "reply", now=post.now)
    post.plan(anna, "vip", 5)
    post.go()
    told = {(each.purpose, each.winner, each.reason): each.messages for each in attention.losses(now=post.now)}
    assert told == {
        ("newsletter", "cart", "better"): 2, ("newsletter", "cart", "gap"): 2, ("vip", "", "hold_reply"): 1
    }  # fmt: skip
    table = attention.matrix(attention.losses(now=post.now))
    assert (table.winners, table.rows) == (["cart"], [("newsletter", [4])])


@pytest.mark.parametrize("show", ["silence", "over", "worst", "lost", "nonsense"])
def test_each_report_has_its_page_empty_and_full(
    owner: Client, post: Post, valued: Callable[..., Customer], show: str
) -> None:
    address = f"/messages/attention/?show={show}"
    assert owner.get(address).status_code == 200
    anna = valued("Anna", 90_000)
    hold(anna, "reply", now=post.now)
    for days in range(1, 8):
        post.plan(anna, "newsletter", state=Send.State.SENT, settled_at=datetime.now(post.now.tzinfo) - days * DAY)
    send = post.plan(anna, "vip")
    Passed.objects.create(send=send, reason="cap", at=datetime.now(post.now.tzinfo))
    page = owner.get(address).content.decode()
    wanted = {"over": "Anna", "worst": "They wrote back", "lost": "as much advertising"}
    assert wanted.get(show, "useful contact") in page
    german = owner.get(address, headers={"accept-language": "de"}).content.decode()
    assert "Obergrenze" in german


def test_the_reports_are_in_the_api_too(post: Post, valued: Callable[..., Customer], now: datetime) -> None:
    anna = valued("Anna", 90_000)
    hold(anna, "reply", "7", now=now)
    send = post.plan(anna, "cart")
    asked = {"Authorization": f"Bearer {make_key(name='Reports', scopes=[Right.SEE], now=now, by=None)}"}

    def get(path: str) -> Any:
        return Client().get(f"/api/v1/{path}", headers=asked).json()

    assert get("attention/silence?days=30")["items"][0]["customer"] == anna.pk
    assert get("attention/over-cap")["items"] == []
    assert get("attention/worst-served")["items"][0]["troubles"][0]["kind"] == "reply"
    assert get("attention/lost") == []
    assert get(f"customers/{anna.pk}/attention")["holds"][0]["words"]
    assert get(f"messages/{send.pk}/expected")[-1]["value"] > 0
