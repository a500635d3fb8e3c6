"""What was known at a moment of the past is what the live computation would have known then."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import Count, Max
from tests.server.clv.shops import NOW, shop

from stammkunde.server.clv.computing.earlier import Earlier
from stammkunde.server.clv.computing.run import compute
from stammkunde.server.clv.models import Prediction
from stammkunde.server.journeys.simulating.knowing import Diary, Knowledge
from stammkunde.server.journeys.simulating.shadows import apart, past
from stammkunde.server.segments.actions.recompute import recompute
from stammkunde.server.segments.models import CustomerFacts
from stammkunde.server.segments.queries import days
from stammkunde.server.shop.models import Customer, Order, Source

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def valued(source: Source) -> None:
    """A shop of three hundred customers, whose values were computed."""
    shop(source)
    assert compute(now=NOW) is not None


def facts() -> dict[int, dict[str, Any]]:
    left_out = {"state_since", "customer_id"}  # a state that came by time alone begins where it was first looked at
    rows = {row["customer_id"]: row for row in CustomerFacts.objects.values()}
    return {pk: {name: value for name, value in row.items() if name not in left_out} for pk, row in rows.items()}


def known_then(begin: datetime, end: datetime, step: timedelta) -> dict[int, dict[str, Any]]:
    def look(_tell: object) -> dict[int, dict[str, Any]]:
        knowledge = Knowledge(Diary.read(begin), Earlier.load(), frozenset())
        with past() as then:
            then.at(begin)
            knowledge.begin(begin)
            last = begin
            while last < end:
                now = min(last + step, end)
                then.at(now)
                knowledge.go_on(last, now)
                last = now
            return facts()

    return apart(look)


def test_the_model_of_today_says_of_today_what_it_said(valued: None) -> None:
    said = dict(Prediction.objects.values_list("customer", "p_alive"))
    run = Earlier.load()
    assert run is not None
    assert run.write(run.run.until) == len(said)
    assert dict(Prediction.objects.values_list("customer", "p_alive")) == pytest.approx(said)


def test_a_simulation_that_reaches_today_knows_what_is_known_today(valued: None) -> None:
    recompute(now=NOW, full=True)
    today, then = facts(), known_then(NOW - timedelta(days=60), NOW, timedelta(hours=6))
    by_day = {"p_alive", "expected_orders", "predicted", "clv", "historic", "r", "f", "m", "value_percent", "rhythm"}
    by_day |= {"state"}  # by the shop's typical gap, which is found anew once a week there
    assert set(then) == set(today)
    for pk, known in today.items():
        assert {k: v for k, v in then[pk].items() if k not in by_day} == {
            k: v for k, v in known.items() if k not in by_day
        }


def test_nobody_is_known_before_their_first_order(valued: None) -> None:
    begin = NOW - timedelta(days=300)
    end = begin + timedelta(days=1)
    then = known_then(begin, end, timedelta(hours=12))
    there = Order.objects.filter(placed_at__lte=end).values("customer").annotate(n=Count("pk"), last=Max("day"))
    assert 0 < len(then) < Customer.objects.count()
    assert {pk: (row["orders"], row["last_on"]) for pk, row in then.items()} == {
        row["customer"]: (row["n"], days.count(row["last"])) for row in there
    }
