"""The cart: three mails, and not one of them after the order, however late it is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from server.conftest import NOW
from server.journeys.conftest import Shop
from stammkunde.server.journeys.models import Enrolment, Trace
from stammkunde.server.mail.models import Send

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Where, Sent = Callable[[], dict[str, str]], Callable[[], list[tuple[str, str]]]
CART: dict[str, Any] = {
    "key": "cart",
    "trigger": {"on": "cart_idle", "after": "2h"},
    "per": "cart",
    "goal": "ordered",
    "exit": ["cart_closed"],
    "steps": [
        {"id": "m1", "do": "send", "mail": "cart-1"},
        {"id": "w1", "do": "wait", "for": "1d"},
        {"id": "m2", "do": "send", "mail": "cart-2"},
        {"id": "w2", "do": "wait", "for": "2d"},
        {"id": "m3", "do": "send", "mail": "cart-3"},
    ],
}


def test_anna_gets_three_mails_at_their_times_and_is_done(shop: Shop, where: Where, sent: Sent) -> None:
    shop.journey(CART)
    shop.cart("Anna", NOW)
    for _ in range(100):
        shop.tick(after=HOUR)
    assert sent() == [("Anna", "m1"), ("Anna", "m2"), ("Anna", "m3")]
    due = list(Send.objects.order_by("due_at").values_list("due_at", flat=True))
    assert due == [NOW + 2 * HOUR, NOW + 2 * HOUR + DAY, NOW + 2 * HOUR + 3 * DAY]
    assert where() == {"Anna": "done"}


def test_nobody_enters_before_the_cart_has_rested_nor_twice(shop: Shop, where: Where) -> None:
    shop.journey(CART)
    shop.cart("Anna", NOW)
    assert shop.tick(after=2 * HOUR - timedelta(seconds=1)).entered == 0
    assert shop.tick(after=timedelta(seconds=1)).entered == 1
    assert shop.tick(after=timedelta(seconds=1)).entered == 0
    assert where() == {"Anna": "w1"}


def test_an_order_told_late_and_out_of_order_ends_it_at_once(shop: Shop, where: Where, sent: Sent) -> None:
    shop.journey(CART)
    shop.cart("Anna", NOW)
    shop.cart("Ben", NOW)
    shop.tick(after=3 * HOUR)
    shop.order("Anna", NOW + HOUR)  # before the cart was taken for left, but told only now
    assert shop.tick(after=timedelta(seconds=30)).left == 1
    assert where() == {"Anna": "left goal", "Ben": "w1"}
    shop.tick(after=10 * DAY)
    assert ("Anna", "m2") not in sent()


def test_who_has_ordered_before_it_is_known_that_the_cart_rests_never_enters(shop: Shop, where: Where) -> None:
    shop.journey(CART)
    shop.cart("Anna", NOW)
    shop.order("Anna", NOW + HOUR)
    shop.cart("Ben", NOW, lines=[])
    shop.tick(after=3 * HOUR)
    assert where() == {}


def test_every_step_leaves_a_trace_and_a_wait_that_goes_on_leaves_none(shop: Shop) -> None:
    shop.journey(CART)
    shop.cart("Anna", NOW)
    shop.tick(after=2 * HOUR)
    shop.tick(after=HOUR)
    shop.tick(after=DAY)
    found = list(Trace.objects.order_by("pk").values_list("step", "outcome"))
    assert found == [("m1", "planned"), ("w1", "waited"), ("m2", "planned")]


def test_a_cart_that_becomes_an_order_of_somebody_else_is_closed(shop: Shop, where: Where) -> None:
    shop.journey(CART)
    cart = shop.cart("Anna", NOW)
    shop.tick(after=3 * HOUR)
    cart.order = shop.order("Ben", shop.now)
    cart.save()
    shop.tick(after=HOUR)
    assert where()["Anna"] == "left goal"


def test_after_days_without_a_worker_what_is_too_late_is_left_out_and_the_rest_keeps_its_distance(
    shop: Shop, sent: Sent, where: Where
) -> None:
    shop.journey(CART)
    shop.cart("Anna", NOW)
    shop.tick(after=2 * HOUR)
    shop.tick(after=9 * DAY)  # nobody worked meanwhile: m2 was due eight days ago
    assert sent() == [("Anna", "m1")]
    assert where() == {"Anna": "w2"}
    assert Enrolment.objects.get().due_at == shop.now + 2 * DAY  # not at once
    shop.tick(after=2 * DAY)
    assert sent() == [("Anna", "m1"), ("Anna", "m3")]


def test_a_clock_that_jumps_a_year_ahead_or_back_floods_nobody(shop: Shop, sent: Sent, where: Where) -> None:
    shop.journey(CART)
    for name in ("Anna", "Ben", "Clara"):
        shop.cart(name, NOW)
    shop.tick(to=NOW - DAY)
    assert where() == {}
    shop.tick(to=NOW + 365 * DAY)
    assert (where(), sent()) == ({}, [])
    shop.tick(to=NOW + 3 * HOUR)
    assert len(sent()) == 3
    shop.tick(to=NOW + 366 * DAY)
    assert len(sent()) == 3


def test_a_restored_database_lets_in_nobody_from_before_the_last_days(shop: Shop, where: Where) -> None:
    shop.journey(CART)
    shop.cart("Ben", NOW - 3 * DAY)
    shop.cart("Anna", NOW - DAY)
    shop.tick()
    assert where() == {"Anna": "w1"}
