"""Facts from the record, states by the own rhythm, members as differences, moves with their reason."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from server.conftest import NOW
from stammkunde.server.clv.actions import book
from stammkunde.server.segments.actions import audiences
from stammkunde.server.segments.actions.recompute import recompute
from stammkunde.server.segments.actions.standing import count as count_standing
from stammkunde.server.segments.models import CustomerFacts, Member, Move, Segment, Size, Standing, StateMove
from stammkunde.server.segments.queries.audiences import count, sample, why
from stammkunde.server.segments.rules.language import Group, Node
from stammkunde.server.segments.rules.reading import read
from stammkunde.server.shop.actions import people, take
from stammkunde.server.shop.facts import EventFact, LineFact, OrderFact, RefundFact, Who
from stammkunde.server.shop.models import Changed, Customer, Source

pytestmark = pytest.mark.django_db
Orders = Callable[..., None]


@pytest.fixture
def orders(source: Source) -> Orders:
    """`orders("anna", 30, 60)`: orders of ten euros so many days ago."""
    count = iter(range(10_000))

    def placed(name: str, *ago: int, cents: int = 1000, sku: str = "TEA", **more: Any) -> None:
        facts = []
        for days in ago:
            key = f"{name}-{next(count)}"
            line = LineFact("1", 1, cents, cents, sku=sku, title="Tea", category="Drinks")
            who = Who(shop_id=name, name=name.title(), email=f"{name}@example.com")
            facts.append(
                OrderFact(key, who, NOW - timedelta(days=days), "EUR", gross=cents, total=cents, version=1,
                          lines=(line,), **more)
            )  # fmt: skip
        take(source, facts, now=NOW)

    return placed


def known(name: str) -> CustomerFacts:
    return CustomerFacts.objects.get(customer__name=name.title())


def standing() -> list[tuple[Any, ...]]:
    columns = [f.attname for f in Standing._meta.concrete_fields if f.attname != "id"]
    return sorted(Standing.objects.exclude(customers=0).values_list(*columns))


def everybody(now: datetime = NOW) -> None:
    recompute(now=now, full=True)


def rule(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "rule": {"all": list(parts)}}


def names(data: dict[str, Any], now: datetime = NOW) -> list[str]:
    """Whom a rule finds."""
    from stammkunde.server.segments.queries import days

    node, today = read(data), days.number(now)
    found = [one.name for one in sample(node, today=today, most=100)]
    assert len(found) == count(node, today=today)
    for one in Customer.objects.filter(merged_into=None):  # and one by one it is the same
        reasons = {each.path: each.holds for each in why(node, customer=one.pk, today=today)}
        assert fits(node, reasons) == (one.name in found), one.name
    return sorted(found)


def fits(node: Node, reasons: dict[str, bool], path: str = "") -> bool:
    if not isinstance(node, Group):
        return reasons[path]
    held = [fits(part, reasons, f"{path}.{node.kind}[{n}]".lstrip(".")) for n, part in enumerate(node.parts)]
    return {"all": all(held), "any": any(held), "none": not any(held)}[node.kind]


def test_facts_are_those_of_the_record(source: Source, orders: Orders) -> None:
    orders("anna", 300, 200, 160, 60, cents=2000, coupon="WELCOME")
    orders("anna", 10, channel="shop")
    refund = RefundFact("r1", "anna-4", NOW - timedelta(days=5), 500, "EUR", version=1)
    take(source, [refund], now=NOW)
    everybody()
    anna = known("anna")
    assert (anna.orders, anna.order_days, anna.charged, anna.refunded, anna.revenue) == (5, 5, 9000, 500, 8500)
    assert (anna.coupon_orders, anna.refunds, anna.average_order) == (4, 1, 1800)
    assert (anna.gaps, anna.median_gap, anna.last_gap) == (4, 75.0, 50)
    assert anna.last_on == (NOW.date() - datetime(1970, 1, 1).date()).days - 10  # noqa: DTZ001  a day, no moment
    assert anna.has_email
    assert not anna.is_company


@pytest.mark.parametrize(
    ("state", "ago"),
    [
        ("new", [20]),
        ("one_time", [200]),
        ("active", [330, 300, 270, 240, 210, 180, 150, 120, 90, 60, 30, 10]),
        ("due", [400, 370, 340, 310, 280, 250, 220, 190, 160, 130, 100, 70, 40]),
        ("slipping", [500, 470, 440, 410, 380, 350, 320, 290, 260, 230, 200, 170, 140, 110, 80]),
        ("lost", [900, 870, 840, 810, 780, 750, 720, 690]),
        ("reactivated", [900, 870, 840, 810, 780, 750, 720, 690, 10]),
    ],
)
def test_a_state_is_relative_to_the_own_rhythm(orders: Orders, state: str, ago: Sequence[int]) -> None:
    for each in ("carl", "dora", "emil"):  # the shop's own rhythm: thirty days
        orders(each, 100, 70, 40)
    orders("ben", *ago)
    everybody()
    assert known("ben").state == state


def test_who_is_known_and_has_not_ordered_is_a_lead(source: Source) -> None:
    take(source, [EventFact("e1", "Product Viewed", NOW, Who(shop_id="clara", name="Clara"))], now=NOW)
    everybody()
    assert known("clara").state == "lead"


def test_time_alone_changes_states_and_the_day_it_happened_is_kept(orders: Orders) -> None:
    orders("anna", 100, 70, 40, 10)
    everybody()
    assert known("anna").state == "active"
    everybody(NOW + timedelta(days=40))
    anna = known("anna")
    assert anna.state == "due"
    assert anna.state_since is not None
    assert anna.last_on is not None
    assert anna.state_since - anna.last_on == 31
    (move,) = StateMove.objects.all()
    assert (move.before, move.after) == ("active", "due")


def test_scores_are_fifths_and_equal_customers_score_alike(orders: Orders) -> None:
    for number in range(10):
        orders(f"p{number}", *range(1, 2 + max(0, number - 5)), cents=1000 * (number + 1))
    everybody()
    scores = {each.customer.name: (each.f, each.m) for each in CustomerFacts.objects.select_related("customer")}
    assert scores["P0"] == (1, 1)
    assert scores["P3"][0] == scores["P0"][0]
    assert scores["P9"] == (5, 5)


@pytest.mark.parametrize(
    ("found", "asked"),
    [
        (["Anna"], {"fact": "orders", "op": ">=", "value": 2}),
        (["Anna", "Ben", "Deniz"], {"fact": "orders", "op": "!=", "value": 9}),
        (["Ben", "Deniz"], {"none": [{"fact": "median_gap", "op": "<", "value": 100}]}),
        (["Anna"], {"fact": "median_gap", "op": "!=", "value": 7}),
        (["Ben", "Deniz"], {"fact": "median_gap", "op": "unknown"}),
        (["Anna"], {"fact": "silence", "op": "between", "value": [0.5, 2]}),
        (["Anna", "Deniz"], {"fact": "country", "op": "in", "value": ["DE", "AT"]}),
        (["Anna"], {"fact": "country", "op": "starts", "value": "D"}),
        (["Deniz"], {"fact": "country", "op": "contains", "value": "T"}),
        (["Anna", "Deniz"], {"fact": "last_day", "op": ">=", "value": "2026-01-01"}),
        (["Deniz"], {"fact": "state", "op": "is", "value": "new"}),
        (["Ben"], {"fact": "state", "op": "not in", "value": ["new", "active", "due"]}),
        (["Anna", "Ben", "Deniz"], {"fact": "has_email", "op": "is", "value": True}),
        (["Anna"], {"orders": "count", "op": ">=", "value": 2, "days": 60}),
        (["Ben", "Deniz"], {"orders": "count", "op": "<", "value": 2, "days": 60}),
        (["Ben"], {"orders": "count", "op": "=", "value": 0, "days": 60}),
        (["Anna"], {"orders": "revenue", "op": "between", "value": [2000, 3000]}),
        (["Ben"], {"orders": "revenue", "op": ">", "value": 100, "from": "2024-01-01", "to": "2025-12-31"}),
        (["Deniz"], {"ordered": "sku", "value": "POT"}),
        (["Anna"], {"ordered": "category", "value": "Drinks", "op": ">=", "times": 2}),
        (["Anna", "Ben"], {"ordered": "sku", "value": "POT", "op": "<", "times": 1}),
        (["Anna", "Ben"], {"first_order": "sku", "value": "TEA"}),
        (["Anna"], {"event": "Product Viewed"}),
        (["Ben", "Deniz"], {"event": "Product Viewed", "op": "<", "times": 1, "days": 30}),
        (["Anna"], {"event": "Product Viewed", "where": [{"property": "price", "op": ">", "value": 20}]}),
        ([], {"event": "Product Viewed", "where": [{"property": "price", "op": "is", "value": "25"}]}),
        (["Anna"], {"event": "Product Viewed", "where": [{"property": "brand", "op": "is", "value": "Ronnefeldt"}]}),
        ([], {"event": "Product Viewed", "where": [{"property": "gift", "op": "is", "value": False}]}),
        (["Anna"], {"event": "Product Viewed", "where": [{"property": "size", "op": "unknown"}]}),
        (["Anna", "Deniz"], {"any": [{"fact": "orders", "op": ">=", "value": 2}, {"ordered": "sku", "value": "POT"}]}),
        ([], {"any": []}),
        (["Anna", "Ben", "Deniz"], {"none": []}),
    ],
)  # fmt: skip
def test_a_rule_finds_whom_it_says(source: Source, orders: Orders, found: list[str], asked: dict[str, Any]) -> None:
    orders("anna", 40, 20, 10, country="DE")
    orders("ben", 300)
    orders("deniz", 5, sku="POT", country="AT")
    Customer.objects.filter(name="Anna").update(country="DE")
    Customer.objects.filter(name="Deniz").update(country="AT")
    viewed = {"price": 25, "brand": "Ronnefeldt", "gift": True, "size": None}
    anna = Who(shop_id="anna")
    take(source, [EventFact("e1", "Product Viewed", NOW - timedelta(days=3), anna, properties=viewed)], now=NOW)
    everybody()
    assert names(rule(asked)) == found


def test_members_are_brought_up_to_date_and_moves_say_why(orders: Orders) -> None:
    orders("anna", 40, 10)
    orders("deniz", 10)
    twice = read(rule({"fact": "orders", "op": ">=", "value": 2}))
    made = audiences.save(None, kind="audience", name="Twice", node=twice, now=NOW, by=None)
    everybody()
    assert [m.customer.name for m in Member.objects.filter(segment=made)] == ["Anna"]
    assert not Move.objects.exists()  # nobody has moved: the segment is new
    orders("deniz", 1)
    recompute(now=NOW + timedelta(hours=1), full=False)
    (move,) = Move.objects.all()
    assert (move.customer.name, move.entered) == ("Deniz", True)
    assert move.why == [{"path": "all[0]", "before": 1, "after": 2}]
    made.refresh_from_db()
    assert (made.size, made.stale) == (2, False)
    size = Size.objects.get(segment=made)
    assert (size.size, size.entered, size.restarted) == (2, 2, True)
    assert not Changed.objects.exists()


def test_a_changed_rule_is_the_reason_of_its_moves(orders: Orders) -> None:
    orders("anna", 40, 10)
    values: dict[str, Any] = {"kind": "audience", "name": "Some", "now": NOW, "by": None}
    made = audiences.save(None, node=read(rule({"fact": "orders", "op": ">=", "value": 2})), **values)
    everybody()
    made.refresh_from_db()
    audiences.save(made, node=read(rule({"fact": "orders", "op": ">=", "value": 3})), **values)
    recompute(now=NOW + timedelta(hours=1), full=False)
    (move,) = Move.objects.all()
    assert (move.entered, move.why) == (False, [{"because": "rule"}])


def test_what_is_computed_of_those_who_changed_is_what_is_computed_of_all(orders: Orders) -> None:
    audiences.starters(now=NOW, by=None)
    for number in range(12):
        orders(f"p{number}", *range(5, 5 + 30 * (number % 4 + 1), 30), cents=500 * (number + 1))
    everybody()
    stood = standing()
    orders("p3", 1)
    orders("p7", 1, cents=100)
    orders("p99", 1)
    recompute(now=NOW, full=False)
    columns = [f.attname for f in CustomerFacts._meta.concrete_fields if f.attname not in ("r", "f", "m")]
    few = list(CustomerFacts.objects.order_by("pk").values_list(*columns))
    members = set(Member.objects.values_list("segment", "customer"))
    carried = standing()
    assert carried != stood
    count_standing()
    assert standing() == carried
    everybody()
    assert list(CustomerFacts.objects.order_by("pk").values_list(*columns)) == few
    kept = set(Member.objects.values_list("segment", "customer"))
    relative = set(Segment.objects.filter(starter__in=["lost-valuable", "type-stocker"]).values_list("pk", flat=True))
    assert {each for each in members ^ kept if each[0] not in relative} == set()


def test_who_was_merged_is_known_no_more(orders: Orders, source: Source, owner: object) -> None:
    del owner, source
    orders("anna", 40, 10)
    orders("annette", 5)
    made = audiences.save(
        None, kind="audience", name="All", node=read({"version": 1, "rule": {"all": []}}), now=NOW, by=None
    )
    everybody()
    from stammkunde.server.accounts.models import User

    one, other = Customer.objects.get(name="Anna"), Customer.objects.get(name="Annette")
    user = User.objects.create(email="x@example.com", name="X", role="owner")
    people.merge(one, other, reason="the same", now=NOW, by=user)
    recompute(now=NOW, full=False)
    assert known("anna").orders == 3
    assert not CustomerFacts.objects.filter(customer=other).exists()
    assert [each.customer_id for each in Member.objects.filter(segment=made)] == [one.pk]


def test_who_needs_an_hour_of_service_is_of_a_type_of_its_own(orders: Orders) -> None:
    audiences.starters(now=NOW, by=None)
    orders("anna", 40, 10)
    everybody()
    for minutes in (45, 30):
        book(Customer.objects.get(name="Anna"), day=NOW.date(), kind="service", minutes=minutes, now=NOW)
    recompute(now=NOW, full=False)
    assert known("anna").service_minutes == 75
    assert known("anna").customer_type == Segment.objects.get(starter="type-helped").pk


def test_a_customer_is_of_the_first_type_that_fits(orders: Orders) -> None:
    audiences.starters(now=NOW, by=None)
    orders("anna", 100, 70, 40, 10)
    orders("deniz", 10)
    everybody()
    types = {each.pk: each.starter for each in Segment.objects.filter(kind="type")}
    assert types[known("anna").customer_type or 0] in {"type-regular", "type-stocker"}
    assert types[known("deniz").customer_type or 0] in {"type-trying", "type-generous"}
    for segment, starter in types.items():
        wanted = set(CustomerFacts.objects.filter(customer_type=segment).values_list("pk", flat=True))
        assert set(Member.objects.filter(segment=segment).values_list("customer", flat=True)) == wanted, starter
