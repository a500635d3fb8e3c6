"""What visits become: carts and checkouts, in whatever order their events come, and people who turn out to be one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from server.shop.collector.conftest import KEY, Send
from stammkunde.server.shop.actions import take
from stammkunde.server.shop.collecting import collect
from stammkunde.server.shop.collector import carts
from stammkunde.server.shop.facts import CustomerFact, OrderFact, Who
from stammkunde.server.shop.models import Cart, Customer, Delivery, Event, Identity, Merge, Source

pytestmark = pytest.mark.django_db
Tell = Callable[..., None]
ASSAM = {"product_id": "p1", "sku": "TEA-1", "name": "Assam", "price": 12.5, "currency": "EUR"}
POT = {"product_id": "p2", "sku": "POT-1", "name": "Teekanne", "price": "40.00", "currency": "EUR"}


@pytest.fixture
def tell(send: Send, place: Source, now: datetime) -> Tell:
    """Tell an event that happened so many minutes after nine, and let it be understood."""

    def told(event: str, minute: int, *, who: str = "browser-1", key: str = "", **properties: Any) -> None:
        ids = {"userId": who} if who.startswith("user") else {"anonymousId": who}
        at = (now + timedelta(minutes=minute)).isoformat()
        said = {"type": "track", "event": event, "timestamp": at, "messageId": key or f"{event} {minute}", **ids}
        assert send("/v1/track", {**said, "properties": properties}).status_code == 200
        Delivery.objects.filter(state="new").update(received_at=now + timedelta(days=1))
        collect(place, now=now)

    return told


def seen() -> list[Any]:
    return list(Cart.objects.order_by("began_at").values_list("external_id", "stage", "value", "lines", "began_at"))


def contents() -> list[tuple[str, int, list[tuple[str, int]]]]:
    """Stage, value and articles of each cart, the oldest first."""
    rows = Cart.objects.order_by("began_at")
    return [(each.stage, each.value, [(line["sku"], line["quantity"]) for line in each.lines]) for each in rows]


@pytest.mark.parametrize("ids", [{}, {"cart_id": "c1"}])
def test_in_any_order_the_same_events_make_the_same_carts(tell: Tell, place: Source, ids: dict[str, str]) -> None:
    visit = [
        ("Product Added", 1, {**ASSAM, "quantity": 2, **ids}),
        ("Product Added", 2, {**POT, **ids}),
        ("Product Removed", 3, {**ASSAM, "quantity": 1, **ids}),
        ("Checkout Started", 4, {"checkout_id": "k1", "products": [{**ASSAM, "quantity": 1}, POT]}),
    ]
    ends = []
    for way in permutations(visit):
        for table in (Event, Cart, Delivery, Identity, Customer):
            table.objects.all().delete()
        for event, minute, properties in (*way, way[0]):
            tell(event, minute, **properties)
        ends.append(seen())
    assert all(end == ends[0] for end in ends)
    assert contents() == [("checkout", 5250, [("TEA-1", 1), ("POT-1", 1)])]


def test_an_order_ends_a_cart_and_the_next_article_begins_another(tell: Tell) -> None:
    tell("Product Added", 1, **ASSAM)
    tell("Order Completed", 2, order_id="1001", total=12.5, products=[ASSAM])
    tell("Product Added", 3, **POT)
    assert contents() == [("ordered", 1250, [("TEA-1", 1)]), ("cart", 4000, [("POT-1", 1)])]


def test_an_order_that_comes_late_divides_the_cart(tell: Tell) -> None:
    tell("Product Added", 1, **ASSAM)
    tell("Product Added", 3, **POT)
    assert contents() == [("cart", 5250, [("TEA-1", 1), ("POT-1", 1)])]
    tell("Order Completed", 2, order_id="1001", total=12.5, products=[ASSAM])
    assert contents() == [("ordered", 1250, [("TEA-1", 1)]), ("cart", 4000, [("POT-1", 1)])]


def test_a_cart_that_was_looked_at_is_known_whole_and_one_emptied_is_empty(tell: Tell) -> None:
    tell("Product Added", 1, **ASSAM)
    tell("Cart Viewed", 2, cart_id="c1", products=[{**POT, "quantity": 3}])
    assert contents() == [("cart", 12_000, [("POT-1", 3)])]
    tell("Product Removed", 3, **POT, quantity=5)
    assert contents() == [("cart", 0, [])]


def test_two_carts_of_one_person_are_two(tell: Tell) -> None:
    tell("Product Added", 1, **ASSAM, cart_id="c1")
    tell("Product Added", 2, **POT, cart_id="c2")
    tell("Product Added", 3, **ASSAM, cart_id="c1")
    assert dict(Cart.objects.values_list("external_id", "value")) == {"c1": 2500, "c2": 4000}


def test_looking_makes_no_cart_and_an_order_without_one_neither(tell: Tell) -> None:
    tell("Product Viewed", 1, **ASSAM)
    tell("Order Completed", 2, order_id="1001", total=12.5, currency="EUR")
    assert contents() == []
    assert list(Event.objects.order_by("at").values_list("name", "value")) == [
        ("Product Viewed", 1250),
        ("Order Completed", 1250),
    ]


def test_a_cart_follows_a_person_who_gives_a_name(tell: Tell, send: Send, place: Source, now: datetime) -> None:
    tell("Product Added", 1, **ASSAM)
    send("/v1/identify", {"userId": "user-7", "anonymousId": "browser-1", "traits": {"email": "anna@example.com"}})
    collect(place, now=now)
    tell("Checkout Started", 5, who="user-7", products=[ASSAM, POT])
    assert contents() == [("checkout", 5250, [("TEA-1", 1), ("POT-1", 1)])]
    assert Cart.objects.get().customer == Customer.objects.get(email="anna@example.com", merged_into=None)


def order(number: str, now: datetime, *, token: str = "", email: str = "anna@example.com") -> OrderFact:
    return OrderFact(number, Who(email=email), now, "EUR", 1250, 1250, number=number, cart_token=token, version=1)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("by", ["token", "number"])
def test_a_cart_is_joined_with_the_order_it_became_whichever_came_first(
    tell: Tell, place: Source, source: Source, now: datetime, late: bool, by: str
) -> None:
    fact = order("1001", now, token="c1" if by == "token" else "")
    if not late:
        take(source, [fact], now=now)
    tell("Product Added", 1, **ASSAM, cart_id="c1")
    tell("Order Completed", 2, order_id="#1001" if by == "number" else "x", cart_id="c1", products=[ASSAM])
    if late:
        assert Cart.objects.get().order is None
        take(source, [fact], now=now)
        carts.join_late(place, now=now)
    assert str(Cart.objects.get().order) == "1001"
    tell("Cart Viewed", 3, cart_id="c1", products=[ASSAM])
    assert str(Cart.objects.get().order) == "1001"


def test_of_two_orders_of_one_number_the_persons_own_is_meant(
    tell: Tell, source: Source, send: Send, place: Source, now: datetime
) -> None:
    other = Source.objects.create(kind="csv", name="Other", token="o", created_at=now)
    take(source, [order("1001", now, email="ben@example.com")], now=now)
    take(other, [order("1001", now)], now=now)
    send("/v1/identify", {"anonymousId": "browser-1", "traits": {"email": "anna@example.com"}})
    tell("Product Added", 1, **ASSAM)
    tell("Order Completed", 2, order_id="1001", products=[ASSAM])
    found = Cart.objects.get().order
    assert found is not None
    assert found.source == other


# People


def test_anna_of_the_shop_is_known_by_her_address(send: Send, source: Source, place: Source, now: datetime) -> None:
    take(source, [CustomerFact(Who(shop_id="7", email="anna@example.com", name="Anna Alt"), now)], now=now)
    send("/v1/identify", {"userId": "u7", "anonymousId": "b", "traits": {"email": "ANNA@example.com", "name": "A."}})
    collect(place, now=now)
    anna = Customer.objects.get(merged_into=None)
    assert anna.name == "Anna Alt"  # the shop knows best
    assert set(anna.identities.values_list("kind", flat=True)) == {"shop", "email", "user", "anonymous"}


def test_a_browser_that_two_use_makes_no_one_of_them(send: Send, place: Source, now: datetime) -> None:
    for user in ("anna", "ben"):
        send("/v1/identify", {"userId": user, "anonymousId": "shared", "traits": {"email": f"{user}@example.com"}})
    collect(place, now=now)
    assert Customer.objects.filter(merged_into=None).count() == 2


@pytest.mark.parametrize("first", ["alias", "events"])
@pytest.mark.parametrize(
    ("address", "alias"),
    [
        ("/v1/alias", {"previousId": "before", "userId": "anna"}),
        ("/batch/", {"event": "$create_alias", "properties": {"distinct_id": "before", "alias": "anna"}}),  # Python
        ("/batch/", {"event": "$create_alias", "properties": {"distinct_id": "anna", "alias": "before"}}),  # Node
    ],
)
def test_an_alias_joins_two_names_whichever_way_round_and_whenever(
    send: Send, place: Source, now: datetime, address: str, alias: dict[str, Any], first: str
) -> None:
    ids = ["userId", "anonymousId"] if address == "/v1/alias" else ["userId", "userId"]
    events = [{"event": "Kettle Boiled", ids[0]: "anna"}, {"event": "Kettle Boiled", ids[1]: "before"}]
    posthog = [{"event": "Kettle Boiled", "distinct_id": each[name]} for each, name in zip(events, ids, strict=True)]
    told = (
        [("/v1/track", each) for each in events] if address == "/v1/alias" else [("/batch/", each) for each in posthog]
    )
    for where, what in [(address, alias), *told] if first == "alias" else [*told, (address, alias)]:
        assert send(f"{where}?api_key={KEY}", what).status_code == 200
        collect(place, now=now)
    assert Customer.objects.filter(merged_into=None).count() == 1
    assert Event.objects.values("customer").distinct().count() == 1


def test_merges_say_why(send: Send, place: Source, now: datetime) -> None:
    send("/v1/track", {"event": "x", "anonymousId": "b"})
    send("/v1/track", {"event": "x", "userId": "anna"})
    send("/v1/identify", {"userId": "anna", "anonymousId": "b"})
    collect(place, now=now)
    assert [each.rule for each in Merge.objects.all()] == ["tracking"]


def test_people_are_known_since_they_say(send: Send, place: Source, now: datetime) -> None:
    send("/v1/identify", {"userId": "anna", "traits": {"createdAt": "2020-05-01T00:00:00Z", "address": {
        "country": "Germany", "postalCode": 10115}, "company": {"name": "Teehaus"}}})  # fmt: skip
    collect(place, now=now)
    anna = Customer.objects.get()
    assert (anna.known_since.year, anna.country, anna.postcode, anna.company) == (2020, "DE", "10115", "Teehaus")
