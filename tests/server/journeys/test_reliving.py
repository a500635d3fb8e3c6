"""A past that is lived through for good: what the engine does stays, what was known then does not."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from stammkunde.server.journeys.models import Journey
from stammkunde.server.journeys.simulating.reliving import reliving
from stammkunde.server.segments.models import CustomerFacts, Segment
from stammkunde.server.shop.models import Customer, Order, Source

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anna(now: datetime, source: Source) -> Customer:
    """Anna, who ordered twenty days ago and yesterday, and of whom the shop knows that."""
    known = {"known_since": now, "changed_at": now}
    found = Customer.objects.create(origin="email:0:anna", name="Anna", email="anna@example.com", **known)
    for number, days in enumerate((20, 1)):
        at = now - timedelta(days=days)
        fields = {"placed_at": at, "day": at.date(), "currency": "EUR", "gross": 1000, "total": 1000}
        Order.objects.create(source=source, external_id=str(number), customer=found, **fields)
    CustomerFacts.objects.create(customer=found, orders=2, known_on=0)
    return found


def test_annas_later_order_is_not_seen_and_what_is_done_meanwhile_stays(anna: Customer, now: datetime) -> None:
    seen = []
    with reliving() as then:
        for days in (25, 15, 0):
            then.at(now - timedelta(days=days))
            seen.append(Order.objects.count())
        Journey.objects.create(key="cart", name="Cart", changed_at=now, created_at=now)
    assert seen == [0, 1, 2]
    assert Journey.objects.get().key == "cart"
    then_is_over = Order.objects.filter(customer=anna).count()
    assert then_is_over == 2


def test_what_was_known_of_anna_then_is_forgotten_and_what_is_known_today_is_not(anna: Customer, now: datetime) -> None:
    Segment.objects.create(kind="audience", name="Regulars", rule={}, created_at=now, rule_changed_at=now)
    with reliving() as then:
        then.at(now - timedelta(days=15))
        assert not CustomerFacts.objects.exists()
        assert Segment.objects.get().name == "Regulars"
        CustomerFacts.objects.create(customer=anna, orders=1, known_on=0)
        Segment.objects.update(computed_at=now)
    assert CustomerFacts.objects.get().orders == 2
    assert Segment.objects.get().computed_at is None


def test_the_past_is_over_also_where_something_breaks_in_it(anna: Customer, now: datetime) -> None:
    with suppress(ZeroDivisionError), reliving() as then:
        then.at(now - timedelta(days=15))
        raise ZeroDivisionError
    assert Order.objects.filter(customer=anna).count() == 2
    assert CustomerFacts.objects.get().orders == 2
