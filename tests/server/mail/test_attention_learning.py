"""What messages are expected to bring, and how much of them a customer bears, learnt from what they did."""

from datetime import datetime

import pytest

from attention_people import DAY, HOUR, Post
from stammkunde.server.consent.purposes import TRANSACTIONAL, Purpose
from stammkunde.server.mail.attention import learning
from stammkunde.server.mail.attention.expected import Asked, estimate, explain, fill, rates
from stammkunde.server.mail.attention.published import CAUSED, PRIORS
from stammkunde.server.mail.models import Attention, Response, Send, Signal
from stammkunde.server.offers.models import Pool
from stammkunde.server.segments.models import CustomerFacts
from stammkunde.server.shop.models import Customer, Order, Source


@pytest.fixture
def post(db: None, now: datetime) -> Post:
    return Post(now)


def ordered(source: Source, customer: Customer, at: datetime) -> None:
    number = Order.objects.count()
    values = {"placed_at": at, "day": at.date(), "currency": "EUR", "gross": 5000, "total": 5000}
    Order.objects.create(source=source, external_id=f"{number}", customer=customer, **values)


def facts(customer: Customer, **known: object) -> None:
    CustomerFacts.objects.create(customer=customer, known_on=20000, **known)


def test_without_any_data_a_cart_is_worth_more_than_a_newsletter_and_it_says_what_is_assumed(post: Post) -> None:
    anna = post.person("Anna")
    cart, news = post.plan(anna, "cart"), post.plan(anna, "newsletter")
    assert fill([anna.pk], until=post.now) == 2
    cart.refresh_from_db(), news.refresh_from_db()
    assert cart.expected is not None
    assert news.expected is not None
    assert cart.expected == pytest.approx(PRIORS["cart"].orders * CAUSED * 3000, rel=0.05)
    assert cart.expected > 10 * news.expected
    lines = dict(explain(cart))
    assert lines["An order of theirs brings (assumed: no order is known yet)"] == 3000
    assert lines["Own mails that count in this, beside what was published"] == 0
    assert lines["Expected contribution"] == cart.expected


def test_every_purpose_of_advertising_has_a_published_rate_and_its_source() -> None:
    assert set(PRIORS) == set(Purpose) - TRANSACTIONAL
    assert all(each.source and 0 < each.orders < 0.04 for each in PRIORS.values())


def test_anna_who_buys_much_is_worth_more_than_ben_who_is_gone(post: Post) -> None:
    anna, ben = post.person("Anna"), post.person("Ben")
    facts(anna, orders=12, historic=60_000, p_alive=0.95), facts(ben, orders=12, historic=60_000, p_alive=0.1)
    of_anna, of_ben = estimate([Asked(anna.pk, "offer"), Asked(ben.pk, "offer")], rates=rates())
    assert of_anna.total > 5 * of_ben.total
    assert dict(of_anna.lines())["Still a customer"] == 0.95


def test_a_coupon_costs_its_share_of_a_usual_order_whenever_it_is_used(post: Post, now: datetime) -> None:
    anna = post.person("Anna")
    facts(anna, orders=10, historic=30_000, p_alive=1.0, average_order=8_000)
    pool = Pool.objects.create(key="ten", name="Ten", kind="percent", worth=10, created_at=now)
    plain, dear = estimate([Asked(anna.pk, "offer"), Asked(anna.pk, "offer", pool)], rates=rates())
    assert plain.total - dear.total == pytest.approx(plain.cause * 800, abs=1)
    send = post.plan(anna, "offer")
    version = send.message.version
    version.document = {"blocks": [{"kind": "coupon", "pool": "ten"}]}
    version.save()
    assert dict(explain(send))["Its coupon"] == pytest.approx(-plain.cause * 800)


def test_a_message_may_say_itself_what_it_brings(post: Post) -> None:
    send = post.plan(post.person("Anna"), "cart", rules={"expected": 77})
    fill([send.customer_id or 0], until=post.now)
    send.refresh_from_db()
    assert send.expected == 77
    assert explain(send) == [("Expected contribution, as the message itself says", 77)]


def test_the_shops_own_ledger_moves_what_was_published(post: Post, now: datetime) -> None:
    before = rates().of("newsletter")[0]
    Response.objects.create(purpose="newsletter", sends=9_000, ordered=500, left=0, base=0.05, counted_at=now)
    after, leaving = rates().of("newsletter")
    assert after == pytest.approx((before * 1000 + 50) / 10_000)
    assert leaving == pytest.approx(0.0073 / 10)


def test_mails_and_orders_are_counted_against_a_usual_week(post: Post, source: Source, now: datetime) -> None:
    anna, ben = post.person("Anna"), post.person("Ben")
    for customer, days in ((anna, 30), (anna, 60), (ben, 30), (ben, 3)):
        post.plan(customer, "newsletter", state=Send.State.SENT, settled_at=now - days * DAY)
    ordered(source, anna, now - 28 * DAY), ordered(source, anna, now - 20 * DAY)
    assert learning.learn(now=now) == 2
    row = Response.objects.get(purpose="newsletter")
    assert (row.sends, row.ordered, row.left) == (3, 1, 0)  # three days ago is too early to tell
    assert row.base == pytest.approx(2 / (2 * 52.14), rel=0.02)


def mailed(post: Post, customer: Customer, count: int) -> list[Send]:
    days = [10 + 15 * each for each in range(count)]
    return [post.plan(customer, "vip", state=Send.State.SENT, settled_at=post.now - each * DAY) for each in days]


def test_who_answers_gets_more_and_who_is_silent_gets_less(post: Post, source: Source, now: datetime) -> None:
    anna, ben, deniz = post.person("Anna"), post.person("Ben"), post.person("Deniz")
    for number, send in enumerate(mailed(post, anna, 20)):
        if number % 2:
            ordered(source, anna, now - (9 + 15 * number) * DAY)
        else:
            Signal.objects.create(send=send, kind="clicked", at=now, key=f"{number}", source="t", machine=number > 9)
    mailed(post, ben, 20), mailed(post, deniz, 1)
    learning.learn(now=now)
    of = {row.customer_id: row for row in Attention.objects.all()}
    assert (of[anna.pk].mails, of[anna.pk].answered) == (20, 15)  # scanners' clicks are nobody's
    assert 0.5 <= of[anna.pk].factor < 0.9 < of[deniz.pk].factor < 1.1 < of[ben.pk].factor <= 4
    lines = dict(learning.explain(anna.pk))
    assert lines["Answered by an order, a click or a reply"] == 15
    assert lines["The gap is multiplied by"] == of[anna.pk].factor


def test_who_objects_after_a_mail_bears_less_than_who_is_merely_silent(post: Post, now: datetime) -> None:
    anna, ben, clara = post.person("Anna"), post.person("Ben"), post.person("Clara")
    for send in mailed(post, anna, 10):
        Signal.objects.create(send=send, kind="replied", at=now, key=f"{send.pk}", source="t")
    mailed(post, ben, 10)
    lost = mailed(post, clara, 10)[0]
    Signal.objects.create(send=lost, kind="unsubscribed", at=now, key="left", source="t")
    learning.learn(now=now)
    factor = dict(Attention.objects.values_list("customer__name", "factor"))
    assert factor["Anna"] < 1 < factor["Ben"] < factor["Clara"]
    assert Response.objects.get(purpose="vip").left == 1


def test_where_nobody_ever_answers_silence_says_nothing(post: Post, now: datetime) -> None:
    mailed(post, post.person("Anna"), 20)
    Attention.objects.update(factor=3)
    learning.learn(now=now)
    assert Attention.objects.get().factor == 1.0


def test_what_was_learnt_is_forgotten_with_its_year(post: Post, source: Source, now: datetime) -> None:
    anna, ben = post.person("Anna"), post.person("Ben")
    mailed(post, anna, 5), mailed(post, ben, 5)
    ordered(source, ben, now - 9 * DAY)
    learning.learn(now=now)
    assert Attention.objects.get(customer=anna).factor > 1
    mailed(post.at(now + 600 * DAY), ben, 3)
    ordered(source, ben, now + 591 * DAY)
    learning.learn(now=now + 600 * DAY + HOUR)
    assert Attention.objects.get(customer=anna).factor == 1.0


def test_nothing_is_learnt_in_an_empty_shop(db: None, now: datetime) -> None:
    assert learning.learn(now=now) == 0
    assert learning.explain(1) == []


def test_strength_is_told_from_how_customers_differ() -> None:
    alike, unlike = learning._Spread(), learning._Spread()
    for number in range(1000):
        for spread, h in ((alike, 2), (unlike, 20 if number % 10 == 0 else 0)):
            spread.customers, spread.n, spread.h = spread.customers + 1, spread.n + 20, spread.h + h
            spread.n2, spread.h2n = spread.n2 + 400, spread.h2n + h * h / 20
    assert alike.mean == unlike.mean == 0.1
    assert alike.strength == learning.STRONGEST
    assert unlike.strength == learning.WEAKEST
