"""One slot, one winner: which message a customer gets, and what becomes of the others."""

from datetime import UTC, datetime, timedelta

import pytest

from attention_people import DAY, HOUR, Post
from stammkunde.server.consent.models import Preference
from stammkunde.server.mail.attention.choosing import choose, release
from stammkunde.server.mail.attention.holds import hold, release_hold
from stammkunde.server.mail.models import Attention, Passed, Send
from stammkunde.server.shop.models import Event, Order, Parcel, Refund, Source


@pytest.fixture
def post(db: None, now: datetime) -> Post:
    return Post(now)


def test_the_better_of_annas_two_messages_wins_and_the_other_comes_after_the_gap(post: Post, now: datetime) -> None:
    anna = post.person("Anna")
    worse, better = post.plan(anna, "newsletter", 20), post.plan(anna, "cart", 900)
    verdicts = {each.send.pk: each for each in post.go()}
    assert verdicts[better.pk].outcome == "go"
    lost = verdicts[worse.pk]
    assert (lost.outcome, lost.reason, lost.until, lost.winner_id) == ("later", "better", now + 48 * HOUR, better.pk)
    passed = Passed.objects.get()
    assert (passed.send, passed.winner, passed.reason, passed.until) == (worse, better, "better", lost.until)
    assert post.at(now + 48 * HOUR).go()[0].outcome == "go"
    assert Send.objects.filter(state=Send.State.SENT).count() == 2


def test_of_equal_messages_the_earlier_due_wins_then_the_one_planned_first(post: Post, now: datetime) -> None:
    anna, ben = post.person("Anna"), post.person("Ben")
    post.plan(anna, "newsletter", 5), post.plan(anna, "vip", 5, due_at=now - HOUR)
    post.plan(ben, "newsletter", 5), post.plan(ben, "vip", 5)
    gone = {each.send.customer: each.send.message.purpose for each in post.go() if each.outcome == "go"}
    assert gone == {anna: "vip", ben: "newsletter"}


def test_a_better_message_tomorrow_morning_is_not_beaten_tonight(post: Post, now: datetime) -> None:
    anna, tonight = post.person("Anna"), now + 9 * HOUR  # 19:00 in Berlin
    worse = post.plan(anna, "newsletter", 5, due_at=tonight)
    better = post.plan(anna, "birthday", 50, due_at=tonight + 11 * HOUR + 59 * timedelta(minutes=1))
    (verdict,) = post.at(tonight).go()
    assert (verdict.send.pk, verdict.reason, verdict.winner_id) == (worse.pk, "better_soon", better.pk)
    post.at(better.due_at + 2 * HOUR).go()
    better.refresh_from_db()
    assert better.state == Send.State.SENT


def test_a_better_message_that_comes_after_the_gap_anyway_is_not_waited_for(post: Post, now: datetime) -> None:
    anna, post.sender.gap_hours = post.person("Anna"), 2
    worse = post.plan(anna, "newsletter", 5)
    post.plan(anna, "birthday", 50, due_at=now + 3 * HOUR)
    assert [(each.send.pk, each.outcome) for each in post.go()] == [(worse.pk, "go")]


def test_with_one_message_left_under_the_cap_the_better_one_is_waited_for(post: Post, now: datetime) -> None:
    anna, post.sender.gap_hours, post.sender.cap = post.person("Anna"), 2, 1
    post.plan(anna, "newsletter", 5), post.plan(anna, "birthday", 50, due_at=now + 3 * HOUR)
    assert [each.reason for each in post.go()] == ["better_soon"]


def test_a_message_with_an_end_of_its_own_is_dropped_when_its_turn_comes_after_it(post: Post, now: datetime) -> None:
    anna = post.person("Anna")
    post.plan(anna, "cart", 900)
    sale = post.plan(anna, "newsletter", 20, expires_at=now + DAY)
    verdict = next(each for each in post.go() if each.send == sale)
    assert (verdict.outcome, verdict.reason) == ("drop", "better")
    assert Passed.objects.get().reason == "better"


def test_an_age_limit_nobody_stated_does_not_end_a_message_that_waits_for_its_turn(post: Post, now: datetime) -> None:
    anna = post.person("Anna")
    post.plan(anna, "cart", 900)
    usual = post.plan(anna, "newsletter", 20, expires_at=now + 48 * HOUR)
    stated = post.plan(anna, "vip", 10, expires_at=now + 24 * HOUR, rules={"max_age": "24h"})
    assert {each.send.pk: each.outcome for each in post.go()}[stated.pk] == "later"
    usual.refresh_from_db(), stated.refresh_from_db()
    assert (usual.expires_at, stated.expires_at) == (now + 14 * DAY, now + 3 * DAY)  # the latter for one turn
    gone = {each.send.pk: each for each in post.at(now + 2 * DAY).go()}
    assert (gone[usual.pk].outcome, gone[stated.pk].outcome) == ("go", "drop")


def test_an_age_limit_is_known_after_a_night_too(post: Post, now: datetime) -> None:
    anna, morning = post.person("Anna"), now + 22 * HOUR  # 08:00 in Berlin
    post.plan(anna, "cart", 900, due_at=morning)
    post.plan(anna, "newsletter", 20, due_at=morning, expires_at=now + 60 * HOUR)  # was due at 22:00
    post.plan(anna, "digest", 10, due_at=morning, expires_at=now + 59 * HOUR)
    outcomes = {each.send.message.purpose: each.outcome for each in post.at(morning).go()}
    assert outcomes == {"cart": "go", "newsletter": "later", "digest": "later"}
    post.plan(anna, "vip", 5, due_at=morning, expires_at=morning + 30 * HOUR)  # ends by itself
    assert [each.outcome for each in post.go()] == ["drop"]


def test_a_slot_is_given_back_when_its_message_does_not_leave(post: Post, now: datetime) -> None:
    anna = post.person("Anna")
    first, second = post.plan(anna, "cart", 900), post.plan(anna, "newsletter", 20, due_at=now + HOUR)
    (verdict,) = choose(post.claim(), now=now, sender=post.sender)
    assert (verdict.outcome, Attention.objects.get().send) == ("go", first)
    assert release([first.pk, second.pk]) == 1
    Send.objects.filter(pk=first.pk).update(state=Send.State.REFUSED)
    assert [each.send.pk for each in post.at(now + HOUR).go() if each.outcome == "go"] == [second.pk]


def test_a_slot_whose_worker_died_is_not_lost(post: Post, now: datetime) -> None:
    anna = post.person("Anna")
    post.plan(anna, "cart", 900)
    choose(post.claim(), now=now, sender=post.sender)
    Send.objects.update(state=Send.State.WAITING)  # its lease ran out
    assert post.at(now + HOUR).go()[0].outcome == "go"


def test_what_is_on_its_way_out_with_another_worker_keeps_the_slot(post: Post, now: datetime) -> None:
    anna, post.sender.gap_hours = post.person("Anna"), 0
    first = post.plan(anna, "cart", 900)
    choose(post.claim("one"), now=now, sender=post.sender)
    post.plan(anna, "vip", 9000)
    (verdict,) = choose(post.claim("two"), now=now, sender=post.sender)
    assert (verdict.outcome, verdict.reason, verdict.winner_id) == ("later", "leaving", first.pk)
    Send.objects.filter(pk=first.pk).update(state=Send.State.HANDING)
    (again,) = choose([verdict.send], now=now, sender=post.sender)
    assert again.reason == "leaving"


def test_a_mail_whose_end_is_unknown_counts_as_one_that_came(post: Post, now: datetime) -> None:
    anna, post.sender.cap = post.person("Anna"), 1
    post.plan(anna, "vip", 1, state=Send.State.UNKNOWN, settled_at=now - 20 * DAY)
    post.plan(anna, "newsletter", 20)
    (verdict,) = post.go()
    assert (verdict.outcome, verdict.reason, verdict.until) == ("later", "cap", now + 10 * DAY)


def test_quiet_hours_are_those_of_the_customers_zone(post: Post, now: datetime) -> None:
    berlin, auckland = post.person("Anna"), post.person("Ben", zone="Pacific/Auckland", country="NZ")
    post.plan(berlin, "newsletter", 1), post.plan(auckland, "newsletter", 1)  # 10:00 and 22:00
    alarm = post.plan(auckland, "cart", 9, rules={"quiet": False})
    verdicts = {(each.send.customer, each.send.message.purpose): each for each in post.go()}
    assert verdicts[berlin, "newsletter"].outcome == "go"
    assert verdicts[auckland, "newsletter"].until == datetime(2026, 3, 2, 19, tzinfo=UTC)  # 08:00 there
    assert verdicts[auckland, "cart"].outcome == "go"
    assert alarm.message.rules == {"quiet": False}


@pytest.mark.parametrize(("night", "morning"), [((2026, 3, 28), 6), ((2026, 10, 24), 7)])
def test_the_night_in_which_the_clock_is_changed_ends_at_eight(
    post: Post, night: tuple[int, int, int], morning: int
) -> None:
    evening = datetime(*night, 20, tzinfo=UTC)
    anna = post.at(evening).person("Anna")
    post.plan(anna, "newsletter", 1)
    assert post.go()[0].until == datetime(night[0], night[1], night[2] + 1, morning, tzinfo=UTC)


def test_a_clock_that_jumps_back_gives_no_second_slot(post: Post, now: datetime) -> None:
    anna = post.person("Anna")
    post.plan(anna, "cart", 9)
    post.go()
    post.plan(anna, "newsletter", 9, due_at=now - 3 * DAY)
    (verdict,) = post.at(now - 2 * DAY).go()
    assert (verdict.outcome, verdict.reason, verdict.until) == ("later", "gap", now + 2 * DAY)


def test_somebody_who_asked_for_one_mail_a_month_gets_one_a_month(post: Post, now: datetime) -> None:
    anna = post.person("Anna")
    Preference.objects.create(customer=anna, rhythm="monthly", changed_at=now)
    post.plan(anna, "cart", 9)
    post.go()
    post.plan(anna, "newsletter", 9)
    assert post.at(now + 4 * DAY).go()[0].until == now + 30 * DAY


def test_who_bears_less_waits_longer_and_gets_fewer(post: Post, now: datetime) -> None:
    anna = post.person("Anna")
    Attention.objects.create(customer=anna, factor=2.0)
    for days in (10, 5):
        post.plan(anna, "vip", 1, state=Send.State.SENT, settled_at=now - days * DAY)
    post.plan(anna, "newsletter", 9)
    (verdict,) = post.go()
    assert (verdict.reason, verdict.until) == ("cap", now + 20 * DAY)  # two in thirty days, of the shop's four


def test_a_merged_customer_shares_one_slot(post: Post, now: datetime) -> None:
    anna, also = post.person("Anna"), post.person("Anna B.")
    post.plan(also, "cart", 9)
    post.go()
    also.merged_into = anna
    also.save()
    post.plan(anna, "newsletter", 9)
    assert post.at(now + HOUR).go()[0].reason == "gap"


def test_a_hold_waits_until_it_ends_or_is_lifted(post: Post, now: datetime) -> None:
    anna = post.person("Anna")
    post.plan(anna, "newsletter", 9)
    hold(anna, "reply", "7", now=now), hold(anna, "reply", "7", now=now + HOUR)
    (verdict,) = post.go()
    assert (verdict.reason, verdict.until) == ("hold_reply", now + DAY)
    assert release_hold(anna, "reply", "7")
    assert not release_hold(anna, "reply", "7")
    hold(anna, "staff", now=now, until=now + 3 * DAY)
    assert post.at(now + DAY).go()[0].until == now + 3 * DAY
    assert post.at(now + 3 * DAY).go()[0].outcome == "go"


class Shop:
    """Orders and what became of them."""

    def __init__(self, source: Source, now: datetime) -> None:
        self.source, self.now = source, now

    def order(self, customer: object, days: float, **values: object) -> Order:
        at = self.now - timedelta(days=days)
        return Order.objects.create(
            **{"source": self.source, "external_id": f"{Order.objects.count()}", "customer": customer, "placed_at": at}
            | {"day": at.date(), "paid_at": at, "currency": "EUR", "gross": 5000, "total": 5000}
            | values
        )

    def parcel(self, order: Order, days: float, delivered: float | None = None) -> Parcel:
        moment = None if delivered is None else self.now - timedelta(days=delivered)
        return Parcel.objects.create(
            source=self.source,
            external_id=f"{Parcel.objects.count()}",
            order=order,
            order_key=order.external_id,
            shipped_at=self.now - timedelta(days=days),
            delivered_at=moment,
        )


@pytest.fixture
def shop(source: Source, now: datetime) -> Shop:
    return Shop(source, now)


def test_a_late_parcel_stops_advertising_where_deliveries_are_told_of(post: Post, shop: Shop) -> None:
    anna, ben = post.person("Anna"), post.person("Ben")
    parcel = shop.parcel(shop.order(anna, 9), 8)
    post.plan(anna, "newsletter", 9), post.plan(ben, "newsletter", 9)
    assert {each.outcome for each in choose(post.claim(), now=post.now, sender=post.sender)} == {"go"}  # never told of
    Send.objects.update(state=Send.State.WAITING)
    shop.parcel(shop.order(ben, 9), 8, delivered=6)
    assert {each.send.customer: each.reason for each in post.go()} == {anna: "hold_late_parcel", ben: ""}
    parcel.delivered_at = post.now
    parcel.save()
    assert post.at(post.now + DAY).go()[0].outcome == "go"


def test_a_paid_order_that_has_not_left_stops_advertising(post: Post, shop: Shop) -> None:
    anna, ben = post.person("Anna"), post.person("Ben")
    shop.order(anna, 8), shop.parcel(shop.order(ben, 20), 19, delivered=18)
    post.plan(anna, "newsletter", 9)
    assert post.go()[0].reason == "hold_unshipped"


def test_money_given_back_stops_advertising_until_the_next_order(post: Post, shop: Shop) -> None:
    anna = post.person("Anna")
    at = post.now - 2 * DAY
    Refund.objects.create(
        source=shop.source, external_id="r", order_key="0", customer=anna, at=at, day=at.date(), amount=500
    )
    post.plan(anna, "newsletter", 9)
    assert post.go()[0].reason == "hold_refund"
    shop.order(anna, -0.5)
    assert post.at(post.now + DAY).go()[0].outcome == "go"


def test_a_withdrawal_stops_advertising_until_the_money_is_back(post: Post, shop: Shop, now: datetime) -> None:
    anna = post.person("Anna")
    order = shop.order(anna, 5)
    told = {"order_id": order.external_id}
    Event.objects.create(
        source=shop.source, key="w", name="Order Withdrawn", at=now, received_at=now, customer=anna, properties=told
    )
    post.plan(anna, "newsletter", 9)
    assert post.go()[0].reason == "hold_withdrawal"
    at = now + 12 * HOUR
    values = {"customer": anna, "order": order, "at": at, "day": at.date(), "amount": 5000}
    Refund.objects.create(source=shop.source, external_id="r", order_key=order.external_id, **values)
    assert post.at(now + DAY).go()[0].reason == "hold_refund"
    assert post.at(now + 20 * DAY).go()[0].reason == "expired"


def test_nothing_is_said_of_messages_without_a_customer(post: Post) -> None:
    anna = post.person("Anna")
    send = post.plan(anna, "newsletter", 9)
    send.customer = None
    send.save()
    assert [(each.outcome, each.reason) for each in post.go()] == [("drop", "nobody")]


def test_a_shop_that_allows_none_sends_none(post: Post) -> None:
    post.plan(post.person("Anna"), "newsletter", 9)
    post.sender.cap = 0
    assert [(each.outcome, each.reason) for each in post.go()] == [("drop", "cap")]


def test_order_mails_never_wait_and_take_nobodys_turn(post: Post, now: datetime) -> None:
    anna = post.person("Anna")
    hold(anna, "reply", now=now)
    sends = [post.plan(anna, "order"), post.plan(anna, "shipping"), post.plan(anna, "cart", 9)]
    Send.objects.filter(pk__in=[each.pk for each in sends[:2]]).update(marketing=False)
    assert [each.outcome for each in post.at(datetime(2026, 3, 2, 23, tzinfo=UTC)).go()] == ["go", "go", "later"]
    release_hold(anna, "reply")
    assert post.at(now + DAY).go()[0].outcome == "go"
