"""Files Shopify exports: rows of one order, VAT inside or not, what spreadsheets did to them."""

from pathlib import Path

import pytest

from stammkunde.errors import InputError
from stammkunde.server.shop.facts import CustomerFact, Fact, OrderFact, ParcelFact, RefundFact
from stammkunde.server.shop.sources.files import opened

HEADER = (
    "Name,Email,Financial Status,Paid at,Fulfilled at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,"
    "Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Billing Zip,"
    "Billing Country,Cancelled at,Refunded Amount,Id,Source,Lineitem discount,Phone,Moon phase"
)
ANNA = "2026-01-02 03:04:05 +0100"
ROWS = (
    f"#1001,anna@example.com,partially_refunded,{ANNA},{ANNA},EUR,40.00,4.90,7.17,44.90,TEE10,5.00,{ANNA},2,Tee,10.00,"
    "T1,Anna Alt,'01067,DE,,9.50,5001,web,0.00,'+49301234,full\n"
    f"#1001,anna@example.com,,,,,,,,,,,{ANNA},1,Kanne,25.00,K1,,,,,,,,0.00,,\n"
    f"#1002,ben@example.com,voided,,,EUR,10.00,0.00,0.00,10.00,,0.00,{ANNA},1,Tee,10.00,T1,Ben,'1010,AT,,0.00,5002,web"
    ",0.00,,\n"
    "#1003,clara@example.com,paid,,,EUR,a lot,0.00,0.00,a lot,,,2026-13-45,1,Tee,1.00,T1,,,,,,5003,,,,\n"
)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Orders of three customers; Clara's makes no sense."""
    path = tmp_path / "orders_export.csv"
    path.write_text(f"{HEADER}\n{ROWS}", encoding="utf-8-sig")
    return path


def facts(path: Path) -> list[Fact]:
    return [fact for page in opened(path).pages(version=1) for fact in page.facts]


def test_rows_of_one_name_are_one_order(orders: Path) -> None:
    found = [fact for fact in facts(orders) if isinstance(fact, OrderFact)]
    anna, ben = found
    assert (anna.external_id, anna.number, anna.total, anna.gross) == ("5001", "#1001", 4490, 4500)
    assert (anna.discount, anna.shipping, anna.tax, anna.coupon) == (500, 490, 717, "TEE10")
    assert [(line.title, line.quantity, line.price) for line in anna.lines] == [("Tee", 2, 1000), ("Kanne", 1, 2500)]
    assert sum(line.total for line in anna.lines) == 4000
    assert (anna.who.postcode, anna.who.phone, anna.who.country) == ("01067", "+49301234", "DE")
    assert anna.placed_at.isoformat() == "2026-01-02T02:04:05+00:00"
    assert (ben.paid_at, ben.cancelled_at) == (None, ben.placed_at)


def test_money_given_back_has_no_day_and_says_so(orders: Path) -> None:
    found = [fact for fact in facts(orders) if isinstance(fact, RefundFact)]
    assert [(each.amount, each.dated, each.order_id, each.goods_back) for each in found] == [(950, False, "5001", None)]
    assert [fact.order_id for fact in facts(orders) if isinstance(fact, ParcelFact)] == ["5001"]


def test_what_makes_no_sense_is_told_and_columns_nobody_knows_too(orders: Path) -> None:
    file = opened(orders)
    refused = [each for page in file.pages(version=1) for each in page.refused]
    assert [name for name, _ in refused] == ["#1003"]
    assert file.unknown == ("Moon phase",)
    assert file.preset.name == "shopify-orders"


def test_prices_without_vat_get_it_added(tmp_path: Path) -> None:
    path = tmp_path / "net.csv"
    row = f"#9,a@example.com,paid,,,USD,18.00,5.00,4.37,27.37,,2.00,{ANNA},2,Tee,10.00,T1,,,,,,,,,,"
    path.write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    found = facts(path)[0]
    assert isinstance(found, OrderFact)
    assert (found.total, found.shipping, found.discount, found.gross) == (2737, 595, 238, 2380)
    line = found.lines[0]
    assert (line.price, line.discount, line.total) == (1190, 238, 2142)


def test_a_windows_file_with_semicolons_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    header = "Name;Email;Financial Status;Created at;Currency;Total;Lineitem name;Billing Name"
    path.write_bytes(f"{header}\n#1;a@example.com;paid;{ANNA};EUR;5.00;Tee;Jörg Müller\n".encode("cp1252"))
    found = facts(path)[0]
    assert isinstance(found, OrderFact)
    assert (found.external_id, found.who.name, found.total) == ("#1", "Jörg Müller", 500)


def test_customers_with_and_without_the_newer_columns(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(
        "Customer ID,First Name,Last Name,Email,Default Address Company,Default Address Zip,"
        "Default Address Country Code,Phone,Total Spent,Total Orders\n"
        "'7,Anna,Alt,anna@example.com,Tee GmbH,'01067,DE,'+49301,10.00,1\n,,,,,,,,0.00,0\n"
    )
    found = facts(path)
    assert len(found) == 1
    anna = found[0]
    assert isinstance(anna, CustomerFact)
    assert (anna.who.shop_id, anna.who.postcode, anna.who.company) == ("7", "01067", "Tee GmbH")
    assert opened(path).unknown == ()


def test_a_strange_file_is_told_what_would_be_known(tmp_path: Path) -> None:
    path = tmp_path / "weather.csv"
    path.write_text("day,rain\n1,2\n")
    with pytest.raises(InputError, match="Shopify: orders"):
        opened(path)
