"""The ledger: every line by hand, and sums that agree with the sets at any day."""

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stammkunde.server.clv.models import Booking
from stammkunde.server.clv.queries.entries import contribution_sql, totals_sql
from stammkunde.server.clv.queries.ledger import Ledger, ledger
from stammkunde.server.clv.queries.rates import Costs, Stated
from stammkunde.server.shop.models import Customer, Order, Refund, Source

pytestmark = pytest.mark.django_db
START = date(2026, 1, 1)
RATES = Costs(
    vat=1900, goods=4000, resale=10_000, shipping=490, payment=190, payment_fixed=25, marketplace=1500, handling=350,
    minute=75, marketplaces=("Amazon",),
)  # fmt: skip
FROM_START: Stated = [(START, RATES)]
Make = Callable[..., Any]


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def amounts(found: Ledger) -> dict[str, int]:
    return {line.kind: line.amount for line in found.lines}


def test_annas_order_is_what_commerce_4_1_says_it_is(person: Make, order: Make, refund: Make) -> None:
    """119.00 with 19 % VAT, 10.00 off, 4.90 shipping; half of it comes back."""
    anna = person("Anna")
    first = order(
        anna, "2026-01-05", gross=11_900, discount=1000, shipping=490, tax=1819, goods_cost=3000, shipping_cost=420,
        payment_fee=241, other_cost=60,
    )  # fmt: skip
    refund(first, "2026-01-20", 5450, tax=870, goods_back=1500, fee=100)
    Booking.objects.create(customer=anna, day=date(2026, 1, 21), kind="service", minutes=12, created_at=first.placed_at)
    found = ledger(anna.pk, until=date(2026, 1, 31), rates=FROM_START)
    assert amounts(found) == {
        "sales": 11_900, "discount": -1000, "shipping": 490, "vat": -1819, "goods": -3000, "shipping_cost": -420,
        "payment_fee": -241, "other_cost": -60, "refund": -5450, "refund_vat": 870, "goods_back": 1500,
        "handling": -350, "refund_fee": -100, "service": -900,
    }  # fmt: skip
    assert found.total == 1420
    assert [line.kind for line in found.lines if line.estimated] == ["handling", "service"]


def test_what_is_not_known_is_estimated_from_the_rates_and_says_so(person: Make, order: Make) -> None:
    deniz = person("Deniz")
    order(deniz, "2026-01-05", gross=10_000, shipping=500, channel="amazon")
    found = ledger(deniz.pk, until=START + timedelta(9), rates=FROM_START)
    # VAT 10500 * 19 / 119 = 1676.47; goods 10000 * 8824 / 10500 * 0.4 = 3361.52; fee 199.5 + 25; marketplace 1575
    assert amounts(found) == {
        "sales": 10_000, "shipping": 500, "vat": -1676, "goods_estimated": -3362, "shipping_cost": -490,
        "payment_fee": -225, "marketplace": -1575,
    }  # fmt: skip
    assert found.estimated_share == 1.0


def test_without_rates_what_is_not_known_counts_as_nothing_and_is_named(person: Make, order: Make) -> None:
    ben = person("Ben")
    order(ben, "2026-01-05", gross=10_000)
    found = ledger(ben.pk, until=START + timedelta(9), rates=[])
    assert found.total == 10_000
    assert {line.kind for line in found.lines if line.missing} == {
        "vat", "goods_estimated", "shipping_cost", "payment_fee"
    }  # fmt: skip


def test_rates_hold_from_their_day_and_the_first_also_before(person: Make, order: Make) -> None:
    anna = person("Anna")
    for day in ("2025-06-01", "2026-02-01"):
        order(anna, day, gross=10_000, tax=0, goods_cost=0)
    rates = [(date(2026, 1, 1), Costs(shipping=100)), (date(2026, 2, 1), Costs(shipping=300))]
    found = ledger(anna.pk, until=date(2026, 12, 31), rates=rates)
    assert [line.amount for line in found.lines if line.kind == "shipping_cost"] == [-100, -300]


def test_cancelled_and_test_orders_do_not_count_nor_their_refunds(person: Make, order: Make, refund: Make) -> None:
    ben = person("Ben")
    gone = order(ben, "2026-01-05", cancelled_at=Order(placed_at=None).paid_at)
    Order.objects.filter(pk=gone.pk).update(cancelled_at="2026-01-06T10:00:00Z")
    refund(gone, "2026-01-06", 11_900)
    order(ben, "2026-01-07", test=True)
    assert ledger(ben.pk, until=date(2026, 2, 1), rates=FROM_START).lines == ()


def test_roundings_are_the_same_on_both_databases(person: Make, order: Make) -> None:
    """Half away from zero, also of amounts whose products no whole number of the database can hold."""
    anna = person("Anna")
    for gross in (1, 3, 25, 9_999_999, 20_000_001, 7_777_777_777, 10**15):
        order(anna, "2026-01-05", gross=gross)
    found = ledger(anna.pk, until=date(2026, 2, 1), rates=[(START, Costs(vat=700, goods=5000, payment=5000))])
    told = {(line.entry, line.kind): -line.amount for line in found.lines}
    for line in found.lines:
        if line.kind == "sales":
            vat = half_up(Fraction(7 * line.amount, 107))
            assert told.get((line.entry, "vat"), 0) == vat
            assert told.get((line.entry, "goods_estimated"), 0) == half_up(Fraction(line.amount - vat, 2))
            assert told.get((line.entry, "payment_fee"), 0) == half_up(Fraction(line.amount, 2))


def test_a_cost_of_acquisition_is_no_part_of_the_contribution(person: Make, now: Any) -> None:
    anna = person("Anna")
    Booking.objects.create(customer=anna, day=START, kind="acquisition", amount=-500, created_at=now)
    assert ledger(anna.pk, until=date(2026, 2, 1), rates=FROM_START).total == 0


money = st.integers(0, 40_000)
maybe = st.none() | money
share = st.none() | st.integers(0, 10_000)
days = st.integers(0, 60)
costs = st.builds(
    Costs, vat=st.none() | st.integers(0, 2500), goods=share, resale=share, shipping=maybe, payment=share,
    payment_fixed=maybe, marketplace=share, handling=maybe, minute=st.none() | st.integers(0, 200),
    marketplaces=st.just(("amazon",)),
)  # fmt: skip
orders = st.fixed_dictionaries(
    {
        "day": days, "gross": st.integers(0, 10**9) | money, "discount": money, "shipping": money, "tax": maybe,
        "goods_cost": maybe, "uncosted": money, "shipping_cost": maybe, "payment_fee": maybe, "other_cost": money,
        "test": st.booleans(), "channel": st.sampled_from(["", "web", "Amazon"]), "who": st.integers(0, 1),
    }
)  # fmt: skip
refunds = st.fixed_dictionaries(
    {"day": days, "amount": money, "tax": maybe, "goods_back": maybe, "fee": money, "of": st.integers(0, 9)}
)
bookings = st.fixed_dictionaries({"day": days, "amount": st.integers(-5000, 5000), "who": st.integers(0, 1)})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ordered=st.lists(orders, max_size=6),
    returned=st.lists(refunds, max_size=4),
    booked=st.lists(bookings, max_size=3),
    rates=st.lists(st.tuples(st.dates(START, START + timedelta(60)), costs), max_size=3, unique_by=lambda row: row[0]),
    until=days,
)
def test_the_lines_sum_to_the_sets_to_the_cent_at_any_past_date(
    source: Source, person: Make, order: Make, refund: Make, ordered: list[Any], returned: list[Any],
    booked: list[Any], rates: Stated, until: int, now: Any,
) -> None:  # fmt: skip
    for model in (Booking, Refund, Order, Customer):
        model.objects.all().delete()
    people = [person("Anna"), person("Ben")]
    made = [order(people[o.pop("who")], str(START + timedelta(o.pop("day"))), **o) for o in map(dict, ordered)]
    for row in map(dict, returned if made else []):
        refund(made[row.pop("of") % len(made)], str(START + timedelta(row.pop("day"))), row.pop("amount"), **row)
    for row in map(dict, booked):
        day = START + timedelta(row["day"])
        Booking.objects.create(
            customer=people[row["who"]], day=day, kind="reward", amount=row["amount"], created_at=now
        )
    end = START + timedelta(until)
    with connection.cursor() as cursor:
        cursor.execute(contribution_sql(end, rates))
        sums: dict[int, int] = {}
        for customer, _, contribution, *_ in cursor.fetchall():
            sums[customer] = sums.get(customer, 0) + contribution
        cursor.execute(totals_sql(end, rates))
        total, _, estimated, all_costs, _ = cursor.fetchone()
    ledgers = {who.pk: ledger(who.pk, until=end, rates=rates) for who in people}
    assert {pk: found.total for pk, found in ledgers.items() if found.lines} == {
        pk: value for pk, value in sums.items() if ledgers[pk].lines
    }
    assert total == sum(found.total for found in ledgers.values())
    lines = [line for found in ledgers.values() for line in found.lines if line.cost]
    assert all_costs == sum(abs(line.amount) for line in lines)
    assert estimated == sum(abs(line.amount) for line in lines if line.estimated)
