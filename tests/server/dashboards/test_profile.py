"""A customer's page: where they are in life, what they are worth as a sum, how it grew, what happened."""

from datetime import date, timedelta

import pytest
from django.test import Client

from stammkunde.server.clv.models import Booking, Prediction, Run
from stammkunde.server.clv.queries.ledger import ledger
from stammkunde.server.dashboards.queries.life import life
from stammkunde.server.dashboards.queries.summing import summed
from stammkunde.server.segments.models import CustomerFacts, Recompute, State
from stammkunde.server.shop.actions import take
from stammkunde.server.shop.facts import EventFact, OrderFact, Who
from stammkunde.server.shop.models import Customer, Source

from .conftest import EPOCH, NOW, UNTIL, Make, known

TODAY = NOW.date()


def reason(customer: Customer) -> str:
    found = life(customer.pk, today=TODAY)
    assert found is not None
    return found.reason


def test_the_state_says_its_reason_by_the_own_rhythm(owner: Client, buyer: Make) -> None:
    anna = buyer("Anna", 149, 115, 79)
    known(anna, State.SLIPPING, [UNTIL - timedelta(days=79)], median_gap=34.4, gaps=2, rhythm=34.4)
    assert reason(anna) == "Usually orders every 34 days, silent for 80 days."
    page = owner.get(f"/customers/{anna.pk}/").content.decode()
    assert "Usually orders every 34 days" in page
    assert "Slipping" in page


def test_a_rhythm_of_few_orders_says_that_it_leans_on_the_shop(buyer: Make) -> None:
    ben = buyer("Ben", 149, 139)
    known(ben, State.LOST, [UNTIL - timedelta(days=139)], median_gap=10, gaps=1, rhythm=31)
    assert "From only 1 gap" in reason(ben)
    assert "31 days are counted on" in reason(ben)


def test_who_ordered_once_or_never_has_no_rhythm(buyer: Make) -> None:
    Recompute.objects.create(full=True, began_at=NOW, ended_at=NOW, day=(TODAY - EPOCH).days, typical_gap=42.0)
    deniz = buyer("Deniz", 40, state=State.ONE_TIME)
    clara = buyer("Clara", state=State.LEAD)
    assert reason(deniz).startswith("Has ordered on one day only, 41 days ago. Usual in this shop are 42 days")
    assert reason(clara) == "Is known, and has not ordered yet."


def test_who_came_back_after_long_is_told_so(buyer: Make) -> None:
    anna = buyer("Anna", 300, 10)
    known(anna, State.REACTIVATED, [UNTIL - timedelta(days=10)], median_gap=30, gaps=4, last_gap=290)
    assert reason(anna).startswith("Came back 11 days ago after a silence of 290 days")


def test_without_a_computed_state_the_page_says_so(owner: Client, buyer: Make) -> None:
    assert "not been computed yet" in owner.get(f"/customers/{buyer('Anna', 30).pk}/").content.decode()


def test_the_lines_and_what_is_expected_make_the_value_to_the_cent(owner: Client, buyer: Make, run: Run) -> None:
    anna = buyer("Anna", 90, 60, 30)
    Booking.objects.create(customer=anna, day=UNTIL, kind="service", amount=-417, created_at=NOW)
    lines = ledger(anna.pk, until=run.until)
    Prediction.objects.filter(customer=anna).update(historic=lines.total, clv=lines.total + 1234)
    found = summed(lines, Prediction.objects.get(customer=anna))
    assert sum(kind.amount for kind in found.kinds) == found.total == 2_583
    assert found.changed == 0
    assert found.total + (found.expected or 0) == found.clv == 3_817
    page = owner.get(f"/customers/{anna.pk}/").content.decode()
    assert "€25.83" in page
    assert "€38.17" in page
    assert "Changed since the computation" not in page


def test_what_changed_after_the_computation_is_told_and_the_sum_still_holds(buyer: Make, run: Run) -> None:
    anna = buyer("Anna", 90, 60, 30)
    Prediction.objects.filter(customer=anna).update(historic=2_500, clv=4_000)
    found = summed(ledger(anna.pk, until=run.until), Prediction.objects.get(customer=anna))
    assert found.changed == -500
    assert found.total + found.changed + (found.expected or 0) == found.clv


def test_the_curve_is_drawn_with_its_finding_interval_and_table(owner: Client, buyer: Make) -> None:
    page = owner.get(f"/customers/{buyer('Anna', 90, 60, 30).pk}/").content.decode()
    assert 'id="figure-customer-value"' in page
    assert "€30.00 brought so far, about" in page
    assert 'class="band b1"' in page
    assert "style=" not in page
    assert "figure-customer-value" not in owner.get(f"/customers/{buyer('Clara').pk}/").content.decode()


def test_only_happenings_of_a_kind_are_shown_page_by_page(owner: Client, source: Source) -> None:
    anna = Who(email="anna@example.com", name="Anna")
    orders = [
        OrderFact(f"o{k}", anna, NOW - timedelta(days=k), "EUR", gross=100, total=100, version=1, number=f"No-{k:03}")
        for k in range(60)
    ]
    events = [EventFact(f"e{k}", "Product Viewed", NOW - timedelta(hours=k), anna) for k in range(300)]
    take(source, [*orders, *events], now=NOW)
    address, seen, query = f"/customers/{Customer.objects.get().pk}/", list[str](), "?kind=order"
    for _turn in range(3):
        page = owner.get(address + query).content.decode()
        assert "Product Viewed" not in page
        seen += [f"No-{k:03}" for k in range(60) if f"No-{k:03}" in page.split('class="timeline"')[1]]
        if "before=" not in page:
            break
        query = "?before=" + page.split('href="?before=')[1].split('"')[0].replace("&amp;", "&")
    assert seen == [f"No-{k:03}" for k in range(60)]
    part = owner.get(f"{address}?kind=event&part=timeline", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Product Viewed" in part


@pytest.mark.parametrize("kind", ["nonsense", "<script>"])
def test_a_kind_that_is_none_shows_everything(owner: Client, buyer: Make, kind: str) -> None:
    anna = buyer("Anna", 30)
    page = owner.get(f"/customers/{anna.pk}/", {"kind": kind}).content.decode()
    assert 'class="timeline"' in page
    assert "<script>alert" not in page


def test_facts_alone_are_no_state(buyer: Make) -> None:
    anna = buyer("Anna", 30)
    CustomerFacts.objects.create(customer=anna, known_on=(date(2026, 1, 1) - EPOCH).days)
    assert life(anna.pk, today=TODAY) is None
