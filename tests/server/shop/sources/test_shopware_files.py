"""The file of Shopware's standard profile: orders with their amounts, and nothing made up beside."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from stammkunde.server.shop.facts import OrderFact
from stammkunde.server.shop.sources.files import opened

HEADER = (
    "id;order_number;sales_channel_id;customer_firstname;customer_lastname;customer_email;billing_address_street;"
    "billing_address_zipcode;billing_address_city;billing_address_company;billing_address_department;"
    "billing_address_country_id;billing_address_country_state_id;shipping_address_street;shipping_address_zipcode;"
    "shipping_address_city;shipping_address_company;shipping_address_department;shipping_address_country_id;"
    "shipping_address_country_state_id;amount_total;order_state_id;line_items;order_date_time"
)
ROW = (
    '{key};{number};sc;Anna;Alt;anna@example.com;"Weg 1; hinten";10115;Berlin;Teehaus;;c;;Weg 1;10115;Berlin;;;c;;'
    '{total};st;"2x p1|1x ";{date}'
)


def write(path: Path, *rows: str) -> Path:
    """A file as Shopware writes it."""
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    return path


def test_orders_have_their_amount_and_no_lines(tmp_path: Path) -> None:
    date = "2026-03-01T08:00:00.000+00:00"
    rows = [ROW.format(key=f"{n:032x}", number=10000 + n, total="29.9", date=date) for n in range(3)]
    file = opened(write(tmp_path / "orders.csv", *rows))
    (page,) = file.pages(version=5)
    first = page.facts[0]
    assert isinstance(first, OrderFact)
    assert file.unknown == ()
    assert (first.external_id, first.number, first.total, first.gross) == (f"{0:032x}", "10000", 2990, 2990)
    assert (first.lines, first.tax, first.shipping, first.version) == ((), None, 0, 5)
    assert first.placed_at == first.paid_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert (first.who.email, first.who.name, first.who.company) == ("anna@example.com", "Anna Alt", "Teehaus")


@pytest.mark.parametrize(("total", "date"), [("viel", "2026-03-01 08:00:00.000"), ("29.9", "gestern"), ("1", "")])
def test_rows_that_cannot_be_read_are_told(tmp_path: Path, total: str, date: str) -> None:
    good = ROW.format(key="b" * 32, number=2, total="570", date="2020-02-02 01:02:03.000")
    bad = ROW.format(key="a" * 32, number=1, total=total, date=date)
    (page,) = opened(write(tmp_path / "orders.csv", bad, good)).pages(version=5)
    assert len(page.facts) == 1
    assert page.refused[0][0] == "a" * 32


def test_many_orders_come_in_sets(tmp_path: Path) -> None:
    rows = [ROW.format(key=f"{n:032x}", number=n, total="1", date="2026-03-01 08:00:00") for n in range(1001)]
    pages = list(opened(write(tmp_path / "orders.csv", *rows)).pages(version=5))
    assert [len(page.facts) for page in pages] == [500, 500, 1]
