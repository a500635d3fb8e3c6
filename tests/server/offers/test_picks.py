"""Products for people: what they buy again, what goes with it, what sells, what lies in their cart."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.offers.conftest import Buy
from stammkunde.server.offers.actions import counting
from stammkunde.server.offers.queries.picks import Pick, picks
from stammkunde.server.shop.models import Cart, Customer, Event, OrderLine, Product, Source, Variant

pytestmark = pytest.mark.django_db
Person = Callable[[str], Customer]


@pytest.fixture
def titles(person: Person, now: datetime) -> Callable[..., list[str]]:
    """What is picked for somebody: `titles("Anna", "again")`."""

    def found(name: str, pick: Pick, most: int = 4) -> list[str]:
        counting.count(now=now)
        pk = person(name).pk
        return [each["title"] for each in picks([pk], pick=pick, most=most, now=now).get(pk, [])]

    return found


def test_anna_buys_sencha_again_and_again_but_not_the_cup_that_came_back(
    titles: Callable[..., list[str]], buy: Buy
) -> None:
    for days in (200, 120, 40):
        buy("Anna", ["Sencha", "Matcha"] if days > 100 else ["Sencha"], days_ago=days)
    buy("Anna", ["Cup"], days_ago=60)
    buy("Anna", ["Cup"], days_ago=50, returned=1)
    assert titles("Anna", "again") == ["Sencha", "Matcha"]
    assert titles("Deniz", "again") == []


def test_what_goes_with_a_pot_is_what_three_others_bought_with_it(titles: Callable[..., list[str]], buy: Buy) -> None:
    for name in ("Anna", "Ben", "Clara"):
        buy(name, ["Pot", "Strainer"], days_ago=100)
    buy("Ben", ["Pot", "Cup"], days_ago=95)
    buy("Deniz", ["Pot"])
    assert titles("Deniz", "related") == ["Strainer"]


def test_where_nothing_goes_with_it_what_sells_in_the_same_category_is_shown(
    titles: Callable[..., list[str]], buy: Buy, article: Callable[..., Product]
) -> None:
    article("Pot", category="Ware")
    for name in ("Anna", "Ben"):
        buy(name, ["Pot", "Oolong"], days_ago=9)
    buy("Anna", ["Assam"])
    buy("Deniz", ["Sencha"])
    assert titles("Deniz", "related") == ["Oolong", "Assam"]
    assert titles("Nobody yet", "related") == ["Pot", "Oolong", "Assam", "Sencha"]


def test_best_sellers_are_counted_in_customers_of_ninety_days_and_can_be_bought(
    titles: Callable[..., list[str]], buy: Buy, article: Callable[..., Product]
) -> None:
    article("Gone", stock=0)
    article("Ended", active=False)
    article("Unknown stock", stock=None)
    for name in ("Anna", "Ben", "Clara"):
        buy(name, ["Gone", "Ended", "Sencha"], days_ago=20)
    for _ in range(9):
        buy("Ben", ["Unknown stock"], days_ago=10)
    buy("Clara", ["Assam"], days_ago=95)
    assert titles("Deniz", "popular") == ["Sencha", "Unknown stock"]
    assert titles("Anna", "popular") == ["Unknown stock", "Sencha"]  # what she has comes last


@pytest.mark.parametrize("pick", ["again", "related", "popular"])
def test_what_somebody_sent_back_is_not_shown_again(pick: Pick, titles: Callable[..., list[str]], buy: Buy) -> None:
    for days in (80, 70, 60):
        buy("Ben", ["Sencha", "Pot"], days_ago=days)
        buy("Anna", ["Sencha"], days_ago=days)
    buy("Anna", ["Pot"], returned=1)
    assert "Pot" not in titles("Anna", pick)


def test_the_cart_that_is_open_is_shown_without_what_is_gone(
    titles: Callable[..., list[str]], article: Callable[..., Product], source: Source, person: Person, now: datetime
) -> None:
    article("Sencha")
    article("Gone", stock=0)
    shop: dict[str, Any] = {"source": source, "customer": person("Anna"), "began_at": now, "currency": "EUR"}
    lines = [{"sku": "Sencha", "title": "Sencha", "quantity": 2, "price": 990}, {"sku": "Gone"}, {"sku": ""}]
    Cart.objects.create(external_id="1", changed_at=now - timedelta(days=2), lines=[{"sku": "Gone"}], **shop)
    Cart.objects.create(external_id="2", changed_at=now - timedelta(hours=2), lines=lines, **shop)
    assert titles("Anna", "cart") == ["Sencha"]
    assert titles("Ben", "cart") == []


def test_a_pick_says_what_a_mail_needs(buy: Buy, person: Person, now: datetime) -> None:
    buy("Anna", ["Sencha"], days_ago=9)
    counting.count(now=now)
    Variant.objects.update(price=1290)
    Product.objects.update(url="https://shop.example/sencha", image="https://shop.example/sencha.jpg")
    found = picks([person("Deniz").pk], pick="popular", most=1, now=now)[person("Deniz").pk]
    assert found == [
        {
            "sku": "Sencha", "title": "Sencha", "url": "https://shop.example/sencha", "category": "Tea",
            "image": "https://shop.example/sencha.jpg", "price": 1290, "currency": "EUR",
        }
    ]  # fmt: skip


def test_what_anna_looked_at_lately_is_shown_once_the_latest_first(
    titles: Callable[..., list[str]], person: Person, article: Callable[..., Product], source: Source, now: datetime
) -> None:
    for title in ("Sencha", "Pot"):
        article(title)
    numbers = {each.product.title: each.sku for each in Variant.objects.select_related("product")}
    seen = [("Sencha", 3), ("Pot", 2), ("Sencha", 1)]
    for title, hours in seen:
        at, said = now - timedelta(hours=hours), {"product_id": numbers[title]}
        who = person("Anna")
        Event.objects.create(
            source=source, key=f"{title}{hours}", name="Product Viewed", at=at, received_at=at, customer=who,
            properties=said,
        )  # fmt: skip
    assert titles("Anna", "viewed") == ["Sencha", "Pot"]
    assert titles("Ben", "viewed") == []


@pytest.mark.parametrize("pick", ["again", "related", "popular", "cart", "viewed"])
def test_a_hundred_customers_cost_as_many_statements_as_one(
    pick: Pick, buy: Buy, person: Person, now: datetime
) -> None:
    for number in range(100):
        buy(f"C{number}", ["Sencha", "Pot"], days_ago=9)
    counting.count(now=now)
    with CaptureQueriesContext(connection) as asked:
        picks([each.pk for each in Customer.objects.all()], pick=pick, most=4, now=now)
    assert len(asked) <= 6


def test_a_dealers_order_of_fifty_articles_makes_no_pairs(buy: Buy, now: datetime) -> None:
    for _ in range(3):
        buy("Dealer", [f"Tea {number}" for number in range(50)])
    assert counting.count(now=now) == (50, 0)
    OrderLine.objects.filter(sku__gt="Tea 2").delete()
    assert counting.count(now=now)[1] > 0
