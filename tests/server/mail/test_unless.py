"""What became pointless since it was planned is not sent, and the ledger says because of what."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from sends import agree, go, message, order, reader
from stammkunde.server.mail.actions.planning import Planned, plan
from stammkunde.server.mail.models import Send, Signal
from stammkunde.server.mail.sending import checks
from stammkunde.server.mail.sending.unless import LOOKS, pointless
from stammkunde.server.shop.models import Cart, Customer, Event, Order, Parcel, Product, Refund, Source, Variant

pytestmark = pytest.mark.django_db


def cart(anna: Customer, source: Source, now: datetime, **more: Any) -> Cart:
    line = {"sku": "tea-1", "title": "Tea", "quantity": 1, "price": 900}
    said = {"lines": [line], "value": 900, "began_at": now, "changed_at": now} | more
    return Cart.objects.create(source=source, external_id="c1", customer=anna, **said)


def sent(now: datetime, anna: Customer, word: str, **about: Any) -> tuple[str, str]:
    """What becomes of a message about something, two hours after it was planned."""
    hello = message(now, "newsletter", unless=[word])
    plan(hello, [Planned(1, anna.pk, now + timedelta(hours=1), since=now, **about)], now=now)
    go(now + timedelta(hours=2))
    row = Send.objects.get()
    return row.state, row.reason


def happens(word: str, anna: Customer, source: Source, at: datetime, about: dict[str, Any]) -> None:
    """Let it happen, in the shop's own rows."""
    bought = Order.objects.filter(pk=about.get("order_id")).first()
    ref: dict[str, Any] = {"source": source, "external_id": "x", "order_key": "1", "order": bought}
    if word == "ordered":
        order(anna, source, at, key="another")
    elif word == "paid":
        Order.objects.filter(pk=about["order_id"]).update(paid_at=at)
    elif word in ("shipped", "delivered"):
        Parcel.objects.create(**ref, **{f"{word}_at": at})
    elif word in ("refunded", "returned"):
        Refund.objects.create(**ref, customer=anna, at=at, day=at.date(), amount=100)
    elif word in ("withdrawn", "event:Product Viewed"):
        name = "Order Withdrawn" if word == "withdrawn" else "Product Viewed"
        Event.objects.create(source=source, key="e", name=name, at=at, received_at=at, customer=anna)
    elif word == "cart_closed":
        Cart.objects.update(order=order(anna, source, at, key="another"))
    elif word == "cart_changed":
        Cart.objects.update(changed_at=at)
    elif word == "sold_out":
        product = Product.objects.create(source=source, external_id="p")
        Variant.objects.create(product=product, external_id="v", sku="tea-1", stock=0)
    elif word == "confirmed":
        agree(anna, at, "surveys")
    else:
        earlier = message(at, origin_id=1, blocks=[{"kind": "divider"}])
        row = Send.objects.create(
            message=earlier,
            scope="other",
            run=1,
            customer=anna,
            marketing=True,
            planned_at=at,
            due_at=at,
            state="refused",
        )
        Signal.objects.create(send=row, kind=word, at=at, key="s", source="test")


@pytest.mark.parametrize("word", [*LOOKS, "event:Product Viewed"])
def test_what_happened_in_the_meantime_stops_the_message_and_nothing_else_does(
    word: str, source: Source, now: datetime
) -> None:
    anna, about = reader("Anna", now), {}
    if word in ("paid", "shipped", "delivered", "refunded", "returned", "withdrawn"):
        about["order_id"] = order(anna, source, now - timedelta(days=1)).pk
    if word in ("cart_closed", "cart_changed", "sold_out"):
        about["cart_id"] = cart(anna, source, now).pk
    hello = message(now, unless=[word])
    plan(hello, [Planned(1, anna.pk, now, since=now, **about)], now=now)
    row = Send.objects.select_related("message").get()
    assert pointless([row], {row.pk: (word,)}) == {}
    happens(word, anna, source, now + timedelta(minutes=30), about)
    assert pointless([row], {row.pk: (word,)}) == {row.pk: word}


def test_ben_who_ordered_meanwhile_is_not_reminded_of_his_cart(source: Source, now: datetime) -> None:
    ben = reader("Ben", now)
    order(ben, source, now + timedelta(minutes=10))
    assert sent(now, ben, "ordered") == ("suppressed", "ordered")


def test_an_order_from_before_does_not_stop_a_message(source: Source, now: datetime) -> None:
    ben = reader("Ben", now)
    order(ben, source, now - timedelta(minutes=10))
    assert sent(now, ben, "ordered")[0] == "sent"


def test_the_order_that_a_message_speaks_of_is_none_that_came_after(source: Source, now: datetime) -> None:
    deniz = reader("Deniz", now)
    bought = order(deniz, source, now + timedelta(seconds=5))
    assert sent(now, deniz, "ordered", order_id=bought.pk)[0] == "sent"


def test_a_return_of_another_order_does_not_stop_what_is_said_of_this_one(source: Source, now: datetime) -> None:
    deniz = reader("Deniz", now)
    kept, given = (order(deniz, source, now - timedelta(days=9), key=key) for key in ("kept", "given"))
    Order.objects.filter(pk=given.pk).update(cancelled_at=now + timedelta(minutes=3))
    assert sent(now, deniz, "returned", order_id=kept.pk)[0] == "sent"


def test_a_word_nobody_knows_lets_the_message_wait_and_be_shown_and_the_others_go(now: datetime) -> None:
    anna, ben, hello = reader("Anna", now), reader("Ben", now), message(now)
    odd = message(now, origin_id=2)
    type(odd).objects.filter(pk=odd.pk).update(rules={"unless": ["raining"]})
    plan(hello, [Planned(1, anna.pk, now)], now=now)
    plan(odd, [Planned(1, ben.pk, now)], now=now)
    go(now)
    rows = {row.customer_id: row for row in Send.objects.all()}
    assert rows[anna.pk].state == "sent"
    assert (rows[ben.pk].state, rows[ben.pk].reason) == ("waiting", "stuck")
    assert "raining" in rows[ben.pk].detail


def test_another_room_may_hold_a_message_back(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, ben, hello = reader("Anna", now), reader("Ben", now), message(now)
    monkeypatch.setattr(checks, "CHECKS", {})
    checks.register("journeys", lambda sends, _now: {each.pk: "left" for each in sends if each.customer_id == ben.pk})
    plan(hello, [Planned(1, anna.pk, now), Planned(1, ben.pk, now)], now=now)
    go(now)
    assert list(Send.objects.order_by("pk").values_list("state", "reason")) == [("sent", ""), ("suppressed", "left")]
