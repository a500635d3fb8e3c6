"""The past under the names of today's tables."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from stammkunde.server.journeys.models import Enrolment, Journey
from stammkunde.server.journeys.simulating.shadows import apart, past
from stammkunde.server.lib.work import LostLeaseError
from stammkunde.server.shop.models import Customer, Order, Parcel, Refund, Source

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anna(now: datetime, source: Source) -> Customer:
    """Anna, who ordered twenty days ago and yesterday; half of the first came back ten days ago."""
    known = {"known_since": now - timedelta(days=30), "changed_at": now}
    found = Customer.objects.create(origin="email:0:anna", name="Anna", email="anna@example.com", **known)
    for number, days in enumerate((20, 1)):
        at = now - timedelta(days=days)
        fields = {"placed_at": at, "day": at.date(), "currency": "EUR", "gross": 1000, "total": 1000}
        order = Order.objects.create(source=source, external_id=str(number), customer=found, **fields)
    order = Order.objects.get(external_id="0")
    Order.objects.filter(pk=order.pk).update(refunded=500, cancelled_at=now)
    at = now - timedelta(days=10)
    Refund.objects.create(source=source, external_id="r", order=order, order_key="0", at=at, day=at.date(), amount=500)
    return found


def test_what_happened_later_is_not_seen(anna: Customer, now: datetime) -> None:
    def look(_tell: object) -> list[list[tuple[int, object]]]:
        with past() as then:
            found = []
            for days in (25, 15, 5, 0):
                then.at(now - timedelta(days=days))
                found.append(list(Order.objects.order_by("pk").values_list("refunded", "cancelled_at")))
            return found

    assert apart(look) == [[], [(0, None)], [(500, None)], [(500, now), (0, None)]]


def test_a_parcel_leaves_and_arrives_when_it_did_however_the_clock_is_set(
    anna: Customer, source: Source, now: datetime
) -> None:
    order = Order.objects.get(external_id="0")
    ago = [now - timedelta(days=days) for days in range(30)]
    for name, left, arrived in (("ben", 19, 17), ("clara", 18, None), ("deniz", None, 16), ("emma", None, None)):
        Parcel.objects.create(
            source=source, external_id=name, order=order, order_key="0", carrier=name.upper(),
            shipped_at=None if left is None else ago[left], delivered_at=None if arrived is None else ago[arrived],
        )  # fmt: skip
    seen: dict[int, list[tuple[object, ...]]] = {}

    def look(_tell: object) -> None:
        with past() as then:
            for days in (25, 19, 18, 17, 16, 0, 18, 17):
                then.at(ago[days])
                rows = Parcel.objects.order_by("external_id").values_list("carrier", "shipped_at", "delivered_at")
                assert seen.setdefault(days, list(rows)) == list(rows)

    apart(look)
    none = [("DENIZ", None, None), ("EMMA", None, None)]
    assert seen[25] == none
    assert seen[19] == [("BEN", ago[19], None), *none]
    assert seen[18] == [("BEN", ago[19], None), ("CLARA", ago[18], None), *none]
    assert seen[17] == [("BEN", ago[19], ago[17]), ("CLARA", ago[18], None), *none]
    assert seen[0] == seen[16] == [*seen[17][:2], ("DENIZ", None, ago[16]), none[1]]


def test_what_a_simulation_writes_stays_there(anna: Customer, now: datetime) -> None:
    fields = {"key": "cart", "name": "Cart", "changed_at": now, "created_at": now}
    Journey.objects.create(**fields)

    def write(_tell: object) -> tuple[int, int]:
        with past() as then:
            then.at(now)
            draft = Journey.objects.create(**fields | {"key": "draft"})
            return draft.pk, Journey.objects.count()

    made, seen = apart(write)
    assert (seen, Journey.objects.count(), Enrolment.objects.count()) == (2, 1, 0)
    assert made > Journey.objects.get().pk


def test_an_error_of_a_simulation_reaches_who_asked_for_it(anna: Customer) -> None:
    def fail(_tell: object) -> None:
        with past():
            raise ValueError("as it happens")

    with pytest.raises(ValueError, match="as it happens"):
        apart(fail)
    assert Customer.objects.count() == 1


def test_who_is_told_may_end_it(anna: Customer) -> None:
    def work(tell: Callable[[str, int, int], None]) -> None:
        for number in range(10_000):
            tell("working", number, 10_000)
            time.sleep(0.01)

    def refuse(_doing: str, _done: int, _total: int) -> None:
        raise LostLeaseError("another worker has it")

    with pytest.raises(LostLeaseError):
        apart(work, refuse)
