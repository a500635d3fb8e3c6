"""What every kind of source keeps to. A kind is finished when this suite passes for it.

Anna orders by her account; Deniz as a guest; somebody forges a delivery in Anna's name.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from server.shop.sources.case import Case, Told, case_of
from stammkunde.server.lib.money import places
from stammkunde.server.shop.actions import take
from stammkunde.server.shop.facts import Fact, OrderFact
from stammkunde.server.shop.hearing import hear
from stammkunde.server.shop.models import Customer, Delivery, Order, OrderLine, Source
from stammkunde.server.shop.sources import kind_of, kinds
from stammkunde.server.shop.sources.base import dated, parsed
from stammkunde.server.shop.sources.payloads import PayloadError, milliseconds

Send = Callable[..., int]
HUGE = "9223372036854775783"  # a number that a double would round
STRANGE = (
    "Åse 🫖 O'Brien-Ödemiş",
    "<script>alert(1)</script> & Söhne",
    "Maximiliane-Friederike von und zu Hohenfels-Lichtenstein-Au",
    '=HYPERLINK("https://evil.example")',
    "أحمد \u202eنص",
    "a\x00b",
)  # fmt: skip

pytestmark = [pytest.mark.django_db, pytest.mark.urls("stammkunde.server.shop.hooks")]


def facts_of(case: Case, place: Source, payload: Any, topic: str = "") -> list[Fact]:
    """Facts as they are taken in: the payload goes over the wire first."""
    read = parsed(json.dumps(payload, default=str))
    return kind_of(case.kind).facts(topic or case.topic, read, place)


def order_of(case: Case, place: Source, told: Told) -> OrderFact:
    """The order in what a payload says."""
    return next(f for f in facts_of(case, place, case.order(told)) if isinstance(f, OrderFact))


def record() -> list[Any]:
    """What the record says of orders, without row ids."""
    names = ("external_id", "version", "total", "gross", "discount", "shipping", "customer__name", "cancelled_at")
    lines = OrderLine.objects.order_by("order__external_id", "external_id")
    return [list(Order.objects.order_by("external_id").values_list(*names)), list(lines.values_list("title", "total"))]


def test_every_kind_is_held_to_this() -> None:
    shops = kinds().keys() - {"collector"}  # it hears of no orders, and has a suite of its own
    assert not [name for name in shops if case_of(name) is None]


def test_an_order_is_understood(case: Case, place: Source) -> None:
    found = order_of(case, place, Told())
    assert (found.total, found.shipping, found.gross, found.discount) == (2990, 490, 2500, 0)
    assert found.currency == "EUR"
    assert found.placed_at == Told().placed
    assert found.who.email == "anna@example.com"
    assert found.who.name == "Anna Alt"
    assert "7" in found.who.shop_id
    assert [line.total for line in found.lines] == [2500]
    assert found.lines[0].title == "Teekanne"
    assert found.version == milliseconds(Told().changed)


@pytest.mark.parametrize(("currency", "amount"), [("EUR", "0.01"), ("EUR", "19999999.99"), ("JPY", "12345")])
def test_money_is_exact_in_the_smallest_unit(case: Case, place: Source, currency: str, amount: str) -> None:
    total = Decimal(amount)
    found = order_of(case, place, Told(total=total, shipping=Decimal(0), currency=currency))
    assert found.total == total.scaleb(places(currency))
    assert isinstance(found.total, int)


def test_huge_ids_are_exact(case: Case, place: Source) -> None:
    assert HUGE in order_of(case, place, Told(key=HUGE)).external_id


@pytest.mark.parametrize("text", STRANGE)
def test_what_customers_write_survives_unharmed(case: Case, place: Source, now: datetime, text: str) -> None:
    kept = text.replace("\x00", "")
    facts = facts_of(case, place, case.order(Told(name=f"{text} X", title=text, company=text)))
    take(place, facts, now=now)
    order = Order.objects.get()
    assert Customer.objects.get(pk=order.customer_id).name == f"{kept} X"
    assert order.lines.get().title == kept
    assert Customer.objects.get(pk=order.customer_id).company == kept


def test_deniz_orders_as_a_guest(case: Case, place: Source, now: datetime) -> None:
    if not case.knows_guests:
        pytest.skip("this shop has no guests")
    take(place, facts_of(case, place, case.order(Told(account="", email="deniz@example.com"))), now=now)
    assert Customer.objects.get().email == "deniz@example.com"


def test_nothing_that_may_be_missing_is_missed(case: Case, place: Source, now: datetime) -> None:
    take(place, facts_of(case, place, case.bare(Told())), now=now)
    assert Order.objects.get().total == 2990


def test_orders_that_are_tests_are_marked(case: Case, place: Source) -> None:
    if not case.knows_tests:
        pytest.skip("this shop does not mark tests")
    assert order_of(case, place, Told(test=True)).test
    assert not order_of(case, place, Told()).test


def test_a_cancelled_order_says_so(case: Case, place: Source) -> None:
    assert order_of(case, place, Told(cancelled=True)).cancelled_at is not None
    assert order_of(case, place, Told()).cancelled_at is None


def test_an_unknown_topic_says_nothing(case: Case, place: Source) -> None:
    assert facts_of(case, place, {"id": 1, "hello": ["world"]}, topic="weather/changed") == []


@pytest.mark.parametrize("payload", [[], "text", 5, None, {"id": {"a": 1}}, {"id": 1, "line_items": 7}])
def test_nonsense_is_refused_with_words(case: Case, place: Source, payload: Any) -> None:
    with pytest.raises(PayloadError) as told:
        facts_of(case, place, payload)
    assert len(str(told.value)) > 10


def test_in_any_order_of_arrival_the_record_is_the_same(case: Case, place: Source, now: datetime) -> None:
    told = [
        Told(),
        replace(Told(), changed=Told().changed + timedelta(minutes=5), total=Decimal("19.90")),
        replace(Told(), changed=Told().changed + timedelta(minutes=9), total=Decimal("19.90"), cancelled=True),
    ]
    ends = []
    for way in permutations(told):
        Order.objects.all().delete()
        for each in (*way, way[0]):
            take(place, facts_of(case, place, case.order(each)), now=now)
        ends.append(record())
    assert all(end == ends[0] for end in ends)
    assert Order.objects.get().cancelled_at is not None
    assert Order.objects.get().total == 1990


def test_real_payloads_are_understood(case: Case, place: Source, now: datetime, shared_data: Path) -> None:
    place.options = {**place.options, "exchange_rates": dict.fromkeys(("USD", "CAD", "AUD", "GBP"), "1")}
    real = list(case.real(shared_data))
    if not real:
        pytest.skip("there are none of this kind")
    orders = 0
    for topic, payload in real:
        facts = [dated(fact, 1) for fact in facts_of(case, place, payload, topic)]
        orders += sum(isinstance(fact, OrderFact) for fact in facts)
        taken = take(place, facts, now=now)
        assert not taken.refused, (topic, taken.refused)
    assert orders
    assert not Order.objects.exclude(currency__in=["USD", "CAD", "EUR", "AUD", "GBP", settings.CURRENCY]).exists()


def test_a_delivery_is_kept_and_taken_in(send: Send, case: Case, place: Source, now: datetime) -> None:
    assert send(case.order(Told())) == 200
    assert hear(place, now=now) == 1
    assert Delivery.objects.get().state == Delivery.State.DONE
    assert Order.objects.get().total == 2990


def test_a_forged_delivery_is_refused(send: Send, case: Case) -> None:
    assert send(case.order(Told()), secret="guessed") == 401
    assert not Delivery.objects.exists()


def test_a_repeated_delivery_is_one(send: Send, case: Case, place: Source, now: datetime) -> None:
    for _ in range(3):
        assert send(case.order(Told()), key="same") == 200
    assert Delivery.objects.count() == 1
    hear(place, now=now)
    assert send(case.order(Told()), key="same") == 200
    assert hear(place, now=now) == 0
    assert Order.objects.count() == 1


def test_a_stale_delivery_changes_nothing(send: Send, case: Case, place: Source, now: datetime) -> None:
    newer = replace(Told(), changed=Told().changed + timedelta(minutes=5), total=Decimal("19.90"))
    assert [send(case.order(newer), key="d2"), send(case.order(Told()), key="d1")] == [200, 200]
    hear(place, now=now)
    states = list(Delivery.objects.order_by("pk").values_list("state", flat=True))
    assert states == [Delivery.State.DONE, Delivery.State.STALE]
    assert Order.objects.get().total == 1990


def test_one_bad_payload_holds_up_nobody(send: Send, case: Case, place: Source, now: datetime) -> None:
    bad = case.order(Told(key="1002", currency="EUR"))
    send(case.order(Told(key="1001")), key="d1")
    send({**bad, "id": {"no": "id"}} if isinstance(bad, dict) and "id" in bad else [], key="d2")
    send(case.order(Told(key="1003", email="ben@example.com", account="8")), key="d3")
    assert hear(place, now=now) == 3
    states = list(Delivery.objects.order_by("pk").values_list("state", flat=True))
    assert states == [Delivery.State.DONE, Delivery.State.FAILED, Delivery.State.DONE]
    assert Order.objects.count() == 2
    assert Delivery.objects.get(key__startswith="d2").error


def test_a_topic_nobody_reads_is_ignored_not_failed(send: Send, place: Source, now: datetime) -> None:
    send({"id": 5}, topic="weather/changed")
    hear(place, now=now)
    assert Delivery.objects.get().state == Delivery.State.IGNORED
