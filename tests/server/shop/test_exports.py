"""Files as shops export them, through the page for files: known by their header, nothing of an order is lost."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from stammkunde.server.lib.work import run_due
from stammkunde.server.shop import import_tasks  # noqa: F401  registers the tasks
from stammkunde.server.shop.actions import importing, sources
from stammkunde.server.shop.models import Customer, Import, Order, OrderLine, Refund, Source

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
DAY = "2026-01-02 03:04:05 +0100"
ORDERS = (
    "Name,Email,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Billing Name,Refunded Amount,Id,Moon phase\n"
    f"#1,anna@example.com,partially_refunded,EUR,40.00,4.90,7.17,44.90,{DAY},1,Tee,15.00,Anna Alt,9.50,51,full\n"
    f"#1,anna@example.com,,,,,,,{DAY},1,Kanne,25.00,,,,\n"
    f"#2,ben@example.com,voided,EUR,10.00,0.00,0.00,10.00,{DAY},1,Tee,10.00,Ben,0.00,52,\n"
    f"#3,clara@example.com,paid,EUR,a lot,0.00,0.00,a lot,{DAY},1,Tee,1.00,,,53,\n"
)
PEOPLE = (
    "Customer ID,First Name,Last Name,Email,Total Spent,Total Orders\n"
    "'71,Anna,Alt,anna@example.com,44.90,1\n'72,Deniz,Demir,deniz@example.com,0.00,0\n"
)
GERMAN = "Kundennummer;Datum;Betrag\nAnna;03.01.2026;10,00\n"
pytestmark = pytest.mark.django_db

Bring = Callable[[str], Import]


@pytest.fixture
def bring() -> Bring:
    """Lay a file down and look at it."""

    def laid(text: str) -> Import:
        found = importing.lay_down(SimpleUploadedFile("export.csv", text.encode()), now=NOW, by=None)
        run_due(now=NOW)
        found.refresh_from_db()
        assert found.state == Import.State.CHECKED, found.error
        return found

    return laid


def taken(found: Import) -> Import:
    importing.start(found, now=NOW, by=None)
    run_due(now=NOW)
    found.refresh_from_db()
    assert found.state == Import.State.DONE, found.error
    return found


def undone(found: Import) -> None:
    importing.undo(found, now=NOW, by=None)
    run_due(now=NOW)


def test_an_export_of_shopify_keeps_every_line_and_its_cancelled_orders(bring: Bring) -> None:
    found = taken(bring(ORDERS))
    assert found.outcome["found"] == {"orders": 1, "cancelled": 1, "refunds": 1}
    assert found.outcome["sums"] == [["EUR", 4490]]
    assert found.outcome["unknown"] == ["Moon phase"]
    assert (Order.objects.count(), OrderLine.objects.count(), Refund.objects.count()) == (2, 3, 1)
    assert Customer.objects.get(email="anna@example.com").name == "Anna Alt"
    undone(found)
    assert (Order.objects.count(), Customer.objects.count()) == (0, 0)


def test_customers_come_without_orders_and_go_again_unless_they_have_ordered(bring: Bring) -> None:
    taken(bring(ORDERS))
    people = taken(bring(PEOPLE))
    assert Customer.objects.filter(name="Deniz Demir").count() == 1
    undone(people)
    assert sorted(Customer.objects.values_list("email", flat=True)) == ["anna@example.com", "ben@example.com"]


def test_a_file_of_another_shape_is_not_read_by_the_columns_of_the_last(bring: Bring) -> None:
    taken(bring(GERMAN))
    assert bring("customer,date,amount\nBen,2026-01-03,10\n").outcome["totals"]["rows_accepted"] == 1


def test_an_export_is_counted_to_the_connected_shop(bring: Bring) -> None:
    shop = Source.objects.create(kind="shopify", name="Teehaus", token="t" * 32, created_at=NOW)
    taken(bring(ORDERS))
    assert set(Order.objects.values_list("source", flat=True)) == {shop.pk}


def test_a_shop_whose_file_came_first_knows_its_orders_when_it_is_connected(bring: Bring) -> None:
    looked = bring(ORDERS)
    assert not Source.objects.filter(kind="shopify").exists()
    taken(looked)
    connected = sources.connect("shopify", name="Teehaus", now=NOW, by=None)
    assert set(Order.objects.values_list("source", flat=True)) == {connected.pk}
    assert Source.objects.get(kind="shopify").name == "Teehaus"
    sources.configure(connected, name="Teehaus", options={"shop": "tee"}, given={"token": "t"}, now=NOW, by=None)
    assert sources.connect("shopify", name="Second", now=NOW, by=None) != connected


def test_the_page_says_what_was_recognised_and_leads_on(bring: Bring, owner: Client) -> None:
    found = bring(ORDERS)
    page = owner.get(f"/imports/{found.pk}/").content.decode()
    for said in ("Recognised: orders of Shopify", "€44.90", "Moon phase", "cancelled ones"):
        assert said in page
    taken(found)
    page = owner.get(f"/imports/{found.pk}/").content.decode()
    assert 'href="/value/"' in page
    assert "In: 2 orders and 1 refunds." in page
