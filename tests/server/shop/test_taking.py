"""Facts into the record: each once, in any order, the newest version winning, sums exact."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stammkunde.server.shop.actions import take
from stammkunde.server.shop.facts import (
    CartFact,
    CustomerFact,
    EventFact,
    LineFact,
    OrderFact,
    ParcelFact,
    ProductFact,
    RefundFact,
    VariantFact,
    Who,
)
from stammkunde.server.shop.models import Cart, Customer, Event, Order, OrderLine, Parcel, Price, Refund, Source

NOW = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
ANNA = Who(shop_id="7", email="Anna@Example.com ", name="Anna Alt", country="de")
LINES = (
    LineFact("l1", quantity=2, price=1000, total=1800, discount=200, tax=287, sku="TEE", title="Teekanne"),
    LineFact("l2", quantity=1, price=500, total=500, tax=80, sku="CUP", cost=120),
)
ORDER = OrderFact(
    "1001", ANNA, NOW - timedelta(days=9), "EUR", gross=2500, discount=200, shipping=490, total=2790, tax=445,
    lines=LINES, version=10, number="#1001", cart_token="c1", channel="google",
)  # fmt: skip
REFUND = RefundFact("r1", "1001", NOW - timedelta(days=2), 900, "EUR", tax=144, version=11, returned=(("l1", 1),))
PARCEL = ParcelFact("p1", "1001", state="shipped", tracking="JD01", version=10)
CART = CartFact("c1", ANNA, NOW - timedelta(days=10), NOW - timedelta(days=10), "EUR", 2500, version=5)
TEAPOT = ProductFact("P", title="Teekanne", category="Tee", currency="EUR", version=1,
                     variants=(VariantFact("v", sku="TEE", price=1000, cost=300),))  # fmt: skip
FACTS = (TEAPOT, ORDER, REFUND, PARCEL, CART)

pytestmark = pytest.mark.django_db


def record() -> dict[str, object]:
    """What the record says in the end, without row ids."""
    order = Order.objects.get()
    return {
        "order": (order.number, order.total, order.refunded, order.version, order.day.isoformat()),
        "customer": (str(order.customer), Customer.objects.get(pk=order.customer_id).email),
        "lines": sorted(OrderLine.objects.values_list("external_id", "total", "returned", "cost")),
        "refund": Refund.objects.values_list("order__number", "amount", "goods_back").get(),
        "parcel": Parcel.objects.values_list("order__number", "tracking").get(),
        "cart": Cart.objects.values_list("order__number", "value").get(),
    }


def test_annas_order_is_kept_with_lines_refund_parcel_and_cart(source: Source) -> None:
    take(source, FACTS, now=NOW)
    assert record() == {
        "order": ("#1001", 2790, 900, 10, "2026-02-21"),
        "customer": ("Anna Alt", "anna@example.com"),
        "lines": [("l1", 1800, 1, 600), ("l2", 500, 0, 120)],
        "refund": ("#1001", 900, 300),
        "parcel": ("#1001", "JD01"),
        "cart": ("#1001", 2500),
    }
    order = Order.objects.get()
    assert (order.goods_cost, order.uncosted) == (720, 0)
    assert (Customer.objects.get().known_since, Customer.objects.get().channel) == (ORDER.placed_at, "google")


@pytest.mark.parametrize("order", list(permutations(FACTS[1:])))
def test_the_record_is_the_same_in_whatever_order_facts_arrive(source: Source, order: tuple[object, ...]) -> None:
    take(source, [TEAPOT], now=NOW)
    for fact in order:
        take(source, [fact], now=NOW)  # type: ignore[list-item]
        take(source, [fact], now=NOW)  # type: ignore[list-item]
    assert record()["order"] == ("#1001", 2790, 900, 10, "2026-02-21")
    assert record()["lines"] == [("l1", 1800, 1, 600), ("l2", 500, 0, 120)]
    assert (record()["cart"], record()["refund"]) == (("#1001", 2500), ("#1001", 900, 300))
    assert Customer.objects.count() == 1


def test_what_is_older_than_what_is_known_changes_nothing(source: Source) -> None:
    take(source, [replace(ORDER, version=20, total=9999)], now=NOW)
    taken = take(source, [ORDER], now=NOW)
    assert (taken.changed, taken.stale) == (0, 1)
    assert Order.objects.get().total == 9999
    assert take(source, [replace(ORDER, version=21, lines=LINES[:1])], now=NOW).changed == 1
    assert OrderLine.objects.count() == 1


def test_of_two_versions_in_one_set_the_newer_counts(source: Source) -> None:
    take(source, [replace(ORDER, version=30, total=1), replace(ORDER, version=29, total=2)], now=NOW)
    assert Order.objects.get().total == 1


def test_an_order_in_dollars_needs_a_rate_and_is_told(source: Source) -> None:
    taken = take(source, [replace(ORDER, currency="USD")], now=NOW)
    assert Order.objects.count() == 0
    assert taken.refused == [("1001", "No rate is stated for USD: state one at the source.")]
    source.options = {"exchange_rates": {"USD": "0.9"}}
    take(source, [replace(ORDER, currency="USD"), replace(REFUND, currency="USD")], now=NOW)
    order = Order.objects.get()
    assert (order.total, order.currency, order.refunded) == (2511, "USD", 810)


def test_yen_have_no_cents_on_the_way_to_euros(source: Source) -> None:
    source.options = {"exchange_rates": {"JPY": "0.006"}}
    take(source, [replace(ORDER, currency="JPY", total=10_000, lines=())], now=NOW)
    assert Order.objects.get().total == 6000


def test_a_guest_without_a_name_has_an_order_but_no_customer(source: Source) -> None:
    take(source, [replace(ORDER, who=Who())], now=NOW)
    assert Order.objects.get().customer is None
    assert Customer.objects.count() == 0


def test_an_event_sent_again_is_the_same_event(source: Source) -> None:
    seen = EventFact("m1", "Product Viewed", NOW, Who(anonymous_id="a1"), properties={"sku": "TEE"})
    assert take(source, [seen, seen], now=NOW).changed == 1
    assert take(source, [seen], now=NOW).changed == 0
    assert Event.objects.get().properties == {"sku": "TEE"}


def test_a_dearer_teapot_leaves_its_old_price_in_the_history(source: Source) -> None:
    take(source, [TEAPOT], now=NOW)
    dearer = replace(TEAPOT, version=2, variants=(replace(TEAPOT.variants[0], price=1200),))
    take(source, [dearer], now=NOW + timedelta(days=1))
    take(source, [replace(dearer, version=3)], now=NOW + timedelta(days=2))
    assert list(Price.objects.order_by("at").values_list("price", flat=True)) == [1000, 1200]


def test_an_erased_customer_keeps_orders_but_no_name(source: Source) -> None:
    take(source, [ORDER], now=NOW)
    take(source, [CustomerFact(ANNA, NOW, gone=True)], now=NOW)
    anna = Customer.objects.get()
    assert (anna.name, anna.email, anna.orders.count()) == ("", "", 1)


def test_a_basket_thrown_away_goes_unless_it_was_ordered(source: Source) -> None:
    take(source, [CART], now=NOW)
    take(source, [replace(CART, version=6, gone=True)], now=NOW)
    assert Cart.objects.count() == 0
    take(source, [ORDER, replace(CART, version=7)], now=NOW)
    take(source, [replace(CART, version=8, gone=True)], now=NOW)
    assert Cart.objects.count() == 1


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(FACTS), max_size=12), st.integers(1, 4))
def test_facts_in_any_number_of_sets_never_count_twice(source: Source, facts: list[object], size: int) -> None:
    for start in range(0, len(facts), size):
        take(source, facts[start : start + size], now=NOW)  # type: ignore[arg-type]
    assert Order.objects.count() == (ORDER in facts)
    assert Refund.objects.count() <= 1
    if ORDER in facts and REFUND in facts:
        assert Order.objects.get().refunded == 900
    Order.objects.all().delete()
    Refund.objects.all().delete()
