"""Birthdays: read from what sources write, kept, merged, taken back, forgotten."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from stammkunde.server.accounts.actions import make_key
from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Right
from stammkunde.server.shop.actions import people, take
from stammkunde.server.shop.birthdays import birthday
from stammkunde.server.shop.collector import persons
from stammkunde.server.shop.facts import CustomerFact, OrderFact, Who
from stammkunde.server.shop.models import Customer, Source
from stammkunde.server.shop.sources import magento_orders, plenty, shopify, shopify_csv, shopware_people
from stammkunde.server.shop.sources.payloads import Node

BORN = date(1990, 5, 17)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1990-05-17", BORN),
        ("1990-05-17T00:00:00.000+00:00", BORN),
        ("1990-05-17 00:00:00", BORN),
        ("19900517", BORN),
        ("17.05.1990", BORN),
        ("17. 5. 1990", BORN),
        ("05-17", date(1904, 5, 17)),
        ("--02-29", date(1904, 2, 29)),
        ("17.05.", date(1904, 5, 17)),
        ("0004-05-17", date(1904, 5, 17)),
        ("0000-00-00", None),
        ("1990-02-30", None),
        ("3/4/1990", None),
        ("yes", None),
        ("", None),
    ],
)
def test_a_birthday_is_read_as_it_is_written_and_nothing_is_guessed(text: str, day: date | None) -> None:
    assert birthday(text) == day


@given(st.dates(min_value=date(1900, 1, 1)))
def test_every_day_comes_back_from_every_way_to_write_it(day: date) -> None:
    assert birthday(day.isoformat()) == birthday(f"{day:%d.%m.}{day.year}") == birthday(f"{day}T10:00:00Z") == day


@given(st.text(max_size=12))
def test_no_text_breaks_it(text: str) -> None:
    assert birthday(text) is None or isinstance(birthday(text), date)


ACCOUNTS = {
    "shopware": lambda: shopware_people.customer(
        Node(
            {
                "id": "7",
                "email": "anna@example.com",
                "birthday": "1990-05-17T00:00:00.000+00:00",
                "createdAt": "2026-01-01",
            }
        )
    ),
    "magento": lambda: magento_orders.customer(
        Node({"id": 7, "email": "anna@example.com", "dob": "1990-05-17", "created_at": "2026-01-01 00:00:00"})
    ),
    "plenty": lambda: plenty.contact(
        Node(
            {"id": 7, "email": "anna@example.com", "birthdayAt": "1990-05-17T00:00:00+02:00", "createdAt": "2026-01-01"}
        )
    ),
    "shopify": lambda: shopify.customer(
        Node({"id": 7, "email": "anna@example.com", "birth_date": "1990-05-17", "created_at": "2026-01-01"})
    ),
    "shopify file": lambda: (
        next(iter(shopify_csv.customers([{"Customer ID": "7", shopify_csv._BORN: "1990-05-17"}], 1))).facts
    ),
}


@pytest.mark.parametrize("shop", ACCOUNTS)
def test_shops_that_keep_a_birthday_tell_it(shop: str) -> None:
    (fact,) = ACCOUNTS[shop]()
    assert fact.who.born_on == BORN


@pytest.mark.parametrize("name", ["birthday", "birthdate", "date_of_birth"])
def test_a_trait_of_the_collector_is_a_birthday(name: str) -> None:
    assert persons.who(user="anna", traits=Node({name: "1990-05-17"})).born_on == BORN


@pytest.fixture
def anna(source: Source, now: datetime) -> Customer:
    """Anna, as the shop knows her, who ordered as well."""
    account = Who(shop_id="7", email="anna@example.com", name="Anna", born_on=BORN)
    order = OrderFact("1", who=Who(shop_id="7", name="Anna"), placed_at=now, currency="EUR", gross=900, total=900)
    take(source, [CustomerFact(account, now), order], now=now)
    return Customer.objects.get()


pytestmark = pytest.mark.django_db


def test_an_order_that_tells_none_takes_none_away(anna: Customer, source: Source, now: datetime) -> None:
    order = OrderFact("2", who=Who(shop_id="7", name="Anna"), placed_at=now, currency="EUR", gross=900, total=900)
    take(source, [order], now=now)
    anna.refresh_from_db()
    assert anna.born_on == BORN
    take(source, [CustomerFact(Who(shop_id="7", born_on=date(1991, 5, 17)), now)], now=now)
    anna.refresh_from_db()
    assert anna.born_on == date(1991, 5, 17)


def test_who_is_erased_in_the_shop_has_no_birthday_left(anna: Customer, source: Source, now: datetime) -> None:
    take(source, [CustomerFact(Who(shop_id="7"), now + timedelta(days=1), gone=True)], now=now)
    anna.refresh_from_db()
    assert anna.born_on is None


def test_a_birthday_goes_over_in_a_merge_and_back(anna: Customer, now: datetime) -> None:
    boss = User.objects.create_user("boss@example.com", role="owner", joined_at=now)
    other = Customer.objects.create(origin="shop:9", name="Anna", known_since=now, changed_at=now)
    merged = people.merge(other, anna, reason="", now=now, by=boss)
    other.refresh_from_db()
    assert other.born_on == BORN
    people.unmerge(merged, now=now, by=boss)
    other.refresh_from_db()
    assert other.born_on is None


def test_the_api_states_it_and_the_page_shows_month_and_day(
    anna: Customer, as_role: Callable[[str], Client], now: datetime
) -> None:
    key = make_key(name="Shop", scopes=[Right.SEE, Right.CUSTOMERS], now=now, by=None)
    ask = Client(headers={"Authorization": f"Bearer {key}"})
    where = f"/api/v1/customers/{anna.pk}"
    told = ask.patch(f"{where}/stated", {"born_on": "1904-12-24"}, content_type="application/json").json()
    assert (told["born_on"], ask.get(where).json()["born_on"]) == ("1904-12-24", "1904-12-24")
    page = as_role("service").get(f"/customers/{anna.pk}/").content.decode()
    assert "December 24" in page
    assert "1904" not in page
    german = as_role("reader").get(f"/customers/{anna.pk}/", headers={"Accept-Language": "de"}).content.decode()
    assert "24. Dezember" in german
    ask.patch(f"{where}/stated", json.dumps({"born_on": None}), content_type="application/json")
    assert ask.get(where).json()["born_on"] is None
