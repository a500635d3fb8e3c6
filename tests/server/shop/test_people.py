"""Who is who: names become identities, people turn out to be one, and can be told apart again."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from stammkunde.server.accounts.models import Entry, User
from stammkunde.server.shop.actions import merge, take, unmerge
from stammkunde.server.shop.facts import EventFact, OrderFact, Same, Who
from stammkunde.server.shop.models import Customer, Identity, Merge, Order, Source
from stammkunde.server.shop.queries import customers

NOW = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
pytestmark = pytest.mark.django_db


def order(key: str, who: Who, *, days_ago: int = 1) -> OrderFact:
    """An order of ten euros."""
    return OrderFact(key, who, NOW - timedelta(days=days_ago), "EUR", gross=1000, total=1000, version=1)


def owners() -> dict[str, str]:
    """Whose each order is."""
    return {o.external_id: str(o.customer) for o in Order.objects.select_related("customer")}


def living() -> int:
    return Customer.objects.filter(merged_into=None).count()


@pytest.fixture
def boss() -> User:
    return User.objects.create_user("boss@example.com", "correct horse battery", role="owner")


def test_anna_is_one_customer_as_guest_and_with_an_account(source: Source) -> None:
    guest, account = Who(email="anna@example.com"), Who(shop_id="7", email="ANNA@example.com", name="Anna")
    take(source, [order("1", guest, days_ago=9)], now=NOW)
    take(source, [order("2", account)], now=NOW)
    assert owners() == {"1": "Anna", "2": "Anna"}
    assert living() == 1


def test_two_accounts_with_one_address_are_merged_and_the_merge_is_kept(source: Source) -> None:
    take(source, [order("1", Who(shop_id="7", name="Anna"))], now=NOW)
    take(source, [order("2", Who(shop_id="8", email="anna@example.com"))], now=NOW)
    assert living() == 2
    take(source, [order("3", Who(shop_id="7", email="anna@example.com"))], now=NOW)
    assert living() == 1
    assert set(owners().values()) == {"Anna"}
    assert Merge.objects.get().rule == "email"


def test_a_merge_taken_back_returns_the_facts_to_whom_they_came_with(source: Source, boss: User) -> None:
    take(source, [order("1", Who(email="anna@example.com")), order("2", Who(email="ben@example.com"))], now=NOW)
    anna, ben = Customer.objects.order_by("email")
    done = merge(anna, ben, reason="one household", now=NOW, by=boss)
    assert owners() == {"1": "anna@example.com", "2": "anna@example.com"}
    take(source, [order("3", Who(email="ben@example.com"))], now=NOW)
    unmerge(done, now=NOW, by=boss)
    assert owners() == {"1": "anna@example.com", "2": "ben@example.com", "3": "ben@example.com"}
    assert list(Entry.objects.order_by("id").values_list("verb", flat=True)) == ["merged", "unmerged"]
    assert [str(one) for one in customers.found("anna")] == ["anna@example.com"]
    with pytest.raises(ValueError, match="before"):
        unmerge(done, now=NOW, by=boss)


def test_a_visitor_who_logs_in_takes_the_visit_along(source: Source) -> None:
    visit = EventFact("m1", "Product Viewed", NOW, Who(anonymous_id="browser"))
    take(source, [order("1", Who(email="anna@example.com")), visit], now=NOW)
    assert living() == 2
    take(source, [EventFact("m2", "Signed In", NOW, Who(anonymous_id="browser", email="anna@example.com"))], now=NOW)
    assert living() == 1
    assert Customer.objects.get(merged_into=None).events.count() == 2


def test_a_browser_that_two_people_share_does_not_make_them_one(source: Source) -> None:
    for who in ("anna", "ben"):
        event = EventFact(who, "Signed In", NOW, Who(anonymous_id="browser", email=f"{who}@example.com"))
        take(source, [event], now=NOW)
    assert living() == 2


def test_one_telephone_in_a_household_merges_nobody(source: Source) -> None:
    take(source, [order("1", Who(email="anna@example.com", phone="+49 30 1234567"))], now=NOW)
    take(source, [order("2", Who(email="ben@example.com", phone="+49 30 1234567"))], now=NOW)
    assert living() == 2
    take(source, [order("3", Who(phone="030/1234567")), order("4", Who(phone="030 1234567"))], now=NOW)
    assert living() == 3


def test_what_the_shop_itself_says_is_one_is_one(source: Source) -> None:
    take(source, [order("1", Who(shop_id="7")), order("2", Who(shop_id="8"))], now=NOW)
    take(source, [Same(Who(shop_id="7"), Who(shop_id="8"))], now=NOW)
    assert living() == 1
    assert len(set(Order.objects.values_list("customer", flat=True))) == 1


def test_a_number_is_someone_elses_in_another_shop(source: Source) -> None:
    other = Source.objects.create(kind="csv", name="Other", token="o" * 32, created_at=NOW)
    take(source, [order("1", Who(shop_id="7"))], now=NOW)
    take(other, [order("1", Who(shop_id="7"))], now=NOW)
    assert living() == 2


@pytest.mark.parametrize("address", ["", "anna", "anna@", "@example.com", "a b@example.com", "x" * 300 + "@b.example"])
def test_what_is_no_address_is_no_identity(source: Source, address: str) -> None:
    take(source, [order("1", Who(email=address))], now=NOW)
    assert Identity.objects.count() == 0


def test_longer_names_than_there_is_room_for_are_cut_not_refused(source: Source) -> None:
    long = Who(shop_id="7", name="Ä" * 500, postcode="9" * 50, country="Germany", locale="x" * 40)
    take(source, [order("1", long)], now=NOW)
    assert len(Customer.objects.get().name) == 200
    take(source, [order("2", replace(long, name="Anna"))], now=NOW)
    assert Customer.objects.get().name == "Anna"
