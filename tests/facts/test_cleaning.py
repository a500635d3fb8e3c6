"""Data as it is in shops: what is accepted, what is rejected and why, with an account that adds up."""

from datetime import date
from pathlib import Path

import pytest

from exports import accepted, balance, read, rejected, worth
from stammkunde.clv.report.words import Words
from stammkunde.facts import Engine, read_orders
from stammkunde.facts.cleaning import LATER, REASONS

MESSY = """order,customer,email,date,total,refund,status,currency,product
1,Anna,anna@shop.de,2024-01-03,80.00,,paid,EUR,tea
2,Anna,,2024-01-03,20.00,5,paid,EUR,tea
2,Anna,,2024-01-03,20.00,5,paid,EUR,cup
2,Anna,,2024-01-03,,,,EUR,pot
3,,Ben@Shop.de,2024-01-04,40.00,,Completed,EUR,tea
4,, ben@shop.de,2024-02-04,0.00,,completed,EUR,voucher
5,Anna,,2024-02-20,-30.00,,paid,EUR,tea
6,,,2024-01-05,10.00,,paid,EUR,tea
7,guest,,2024-01-05,10.00,,paid,EUR,tea
8,Clara,,,10.00,,paid,EUR,tea
9,Clara,,2024-02-30,10.00,,paid,EUR,tea
10,Clara,,2024-01-05,ten,,paid,EUR,tea
11,Clara,,2024-01-05,1e12,,paid,EUR,tea
12,Clara,,2024-01-05,10.00,much,paid,EUR,tea
13,Clara,test@shop.de,2024-01-05,10.00,,paid,EUR,tea
14,Clara,,2024-01-05,10.00,,paid,EUR,TEST01
15,Clara,,2024-01-05,10.00,,Storniert,EUR,tea
16,Clara,,2024-01-05,10.00,,wc-failed,EUR,tea
17,Clara,,2024-01-05,10.00,,Pending payment,EUR,tea
18,Clara,,2024-01-05,10.00,,refunded,EUR,tea
19,Clara,,2024-01-05,0.00,,cancelled,EUR,tea
20,Deniz,,2030-01-05,10.00,,paid,EUR,tea
21,Deniz,,2024-06-30,10.00,,on hold,EUR,tea
22,Deniz,,2024-07-01,10.00,,paid,EUR,tea
23,Deniz,,2024-05-05,10.00,,paid,,tea
24,Deniz,,2024-05-06,25.00,25.00,refunded,EUR,tea
"""
ACCEPTED = [
    ("Anna", "2024-01-03", 15.0),
    ("Anna", "2024-01-03", 80.0),
    ("Anna", "2024-02-20", -30.0),
    ("Deniz", "2024-05-05", 10.0),
    ("Deniz", "2024-05-06", 0.0),
    ("Deniz", "2024-06-30", 10.0),
    ("ben@shop.de", "2024-01-04", 40.0),
    ("ben@shop.de", "2024-02-04", 0.0),
]
REJECTED = [
    (3, "order", "further_line", "2"),
    (4, "order", "further_line", "2"),
    (8, "customer", "no_customer", None),
    (9, "customer", "no_customer", "guest"),
    (10, "date", "no_date", None),
    (11, "date", "bad_date", "2024-02-30"),
    (12, "total", "bad_amount", "ten"),
    (13, "total", "amount_too_large", "1e12"),
    (14, "refund", "bad_refund", "much"),
    (15, "email", "test_order", "test@shop.de"),
    (16, "product", "test_product", "TEST01"),
    (17, "status", "cancelled", "Storniert"),
    (18, "status", "cancelled", "wc-failed"),
    (19, "status", "not_paid", "Pending payment"),
    (20, "status", "refunded", "refunded"),
    (21, "status", "cancelled", "cancelled"),
]


def test_a_messy_shop_is_read_with_a_reason_for_every_row_left_out(engine: Engine, tmp_path: Path) -> None:
    orders = read(tmp_path, MESSY, engine, until=date(2024, 6, 30))
    assert accepted(orders) == ACCEPTED
    assert rejected(orders) == REJECTED
    balance(orders)
    totals = orders.totals
    assert (totals["rows_read"], totals["rows_accepted"], totals["rows_later"]) == (24, 8, 2)
    assert (totals["amount_accepted"], totals["refunds"]) == (125.0, 5.0 + 30.0 + 25.0)
    assert totals["by_reason"]["further_line"] == (2, 15.0)
    assert (orders.period, orders.until) == ((date(2024, 1, 3), date(2024, 6, 30)), date(2024, 6, 30))
    assert worth(orders) == {"Anna": 65.0, "Deniz": 20.0, "ben@shop.de": 40.0}


def test_orders_of_tomorrow_are_rejected_where_today_is_told(duckdb: Engine, tmp_path: Path) -> None:
    orders = read(tmp_path, MESSY, duckdb, today=date(2024, 6, 30))
    found = [row for row in rejected(orders) if row[2] == "future_date"]
    assert found == [(22, "date", "future_date", "2030-01-05"), (24, "date", "future_date", "2024-07-01")]


def test_every_reason_has_a_word_in_both_languages() -> None:
    for words in map(Words.of, ("de", "en")):
        assert [reason for reason in REASONS if reason != LATER and not words.has(f"reason_{reason}")] == []


# --- payments ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "status", "counts"),
    [
        ("Financial Status", "pending", True),
        ("Zahlungsstatus", "Ausstehend", True),
        ("Zahlungsstatus", "unbezahlt", True),
        ("Financial Status", "voided", False),
        ("Order Status", "pending", False),
        ("Order Status", "wc-pending", False),
        ("Order Status", "Pending payment", False),
        ("Order Status", "checkout-draft", False),
        ("Order Status", "on-hold", True),
        ("Order Status", "processing", True),
        ("Bestellstatus", "Storniert", False),
        ("Bestellstatus", "Abgebrochen", False),
    ],
)
def test_an_order_on_account_counts_where_the_shop_counts_it(
    duckdb: Engine, tmp_path: Path, header: str, status: str, counts: bool
) -> None:
    text = f"customer,date,amount,{header}\nAnna,2024-01-03,10,{status}\nBen,2024-01-03,20,paid\n"
    assert ("Anna" in worth(read(tmp_path, text, duckdb))) == counts


# --- which rows are one order -----------------------------------------------------------------------------------------


def shop(tmp_path: Path, engine: Engine, header: str, *rows: str) -> dict[str, float]:
    orders = read(tmp_path, "\n".join([header, *rows, ""]), engine)
    balance(orders)
    return worth(orders)


def test_a_total_repeated_on_every_line_counts_once(duckdb: Engine, tmp_path: Path) -> None:
    header = "Order ID,Customer ID,Date,SKU,Qty,Item price,Order total"
    rows = ("1,Anna,2024-01-03,tea,1,30,50", "1,Anna,2024-01-03,cup,2,10,50", "2,Ben,2024-01-03,cup,1,10,10")
    assert shop(tmp_path, duckdb, header, *rows) == {"Anna": 50.0, "Ben": 10.0}


def test_a_total_on_the_first_line_alone_counts_once(duckdb: Engine, tmp_path: Path) -> None:
    header = "Name,Email,Financial Status,Total,Created at,Lineitem name,Lineitem quantity,Lineitem price"
    rows = (
        "#1,anna@shop.de,paid,50.00,2024-01-03 10:00:00 +0100,tea,1,30",
        "#1,anna@shop.de,,,2024-01-03 10:00:00 +0100,cup,2,10",
    )
    assert shop(tmp_path, duckdb, header, *rows) == {"anna@shop.de": 50.0}


def test_the_total_of_a_line_counts_every_time_even_if_two_lines_are_alike(duckdb: Engine, tmp_path: Path) -> None:
    header = "order,customer,date,sku,quantity,price,total"
    rows = ("1,Anna,2024-01-03,tea,1,5,5", "1,Anna,2024-01-03,cup,1,5,5", "2,Ben,2024-01-03,cup,2,5,10")
    assert shop(tmp_path, duckdb, header, *rows) == {"Anna": 10.0, "Ben": 10.0}


def test_the_same_line_twice_is_two_lines_where_amounts_are_of_lines(duckdb: Engine, tmp_path: Path) -> None:
    header = "order,customer,date,sku,amount"
    assert shop(tmp_path, duckdb, header, *["1,Anna,2024-01-03,tea,5"] * 2) == {"Anna": 10.0}


def test_an_order_exported_twice_counts_once(duckdb: Engine, tmp_path: Path) -> None:
    rows = ["1,Anna,2024-01-03,50", "2,Ben,2024-01-03,10", "1,Anna,2024-02-01,-50", "3,Anna,2024-02-02,7"]
    assert shop(tmp_path, duckdb, "order,customer,date,amount", *rows, *rows) == {"Ben": 10.0, "Anna": 7.0}


def test_lines_without_articles_are_told_from_orders_exported_twice(duckdb: Engine, tmp_path: Path) -> None:
    rows = [f"1,Anna,2024-01-03,{amount}" for amount in (5, 5, 7, 9)] + ["2,Ben,2024-01-04,3", "2,Ben,2024-01-04,4"]
    assert shop(tmp_path, duckdb, "order,customer,date,amount", *rows) == {"Anna": 26.0, "Ben": 7.0}


def test_identical_rows_without_an_order_number_are_orders(duckdb: Engine, tmp_path: Path) -> None:
    assert shop(tmp_path, duckdb, "customer,date,amount", *["Anna,2024-01-03,5"] * 2) == {"Anna": 10.0}


# --- lines ------------------------------------------------------------------------------------------------------------


def test_lines_are_worth_quantity_times_price_and_say_what_is_wrong_with_either(duckdb: Engine, tmp_path: Path) -> None:
    text = (
        "Kunde;Datum;Menge;Einzelpreis;Rabatt\n"
        "Anna;03.01.2024;2;4,50;\nAnna;03.01.2024;1;1.012,00;2,00\nAnna;05.02.2024;-1;4,50;\n"
        "Ben;03.01.2024;;4,50;\nBen;03.01.2024;x;4,50;\nBen;03.01.2024;1;;\nBen;03.01.2024;1;frei;\nBen;03.01.2024;1;1;?\n"
    )
    orders = read(tmp_path, text, duckdb, rates={"goods": 0})
    assert worth(orders, "revenue") == {"Anna": 1016.5}
    assert worth(orders) == {"Anna": 1014.5}
    assert [row[1:] for row in rejected(orders)] == [
        ("Menge", "no_quantity", None),
        ("Menge", "bad_quantity", "x"),
        ("Einzelpreis", "no_price", None),
        ("Einzelpreis", "bad_price", "frei"),
        ("Rabatt", "bad_discount", "?"),
    ]


def test_guests_of_woocommerce_are_told_apart_but_customer_0_stays_one(duckdb: Engine, tmp_path: Path) -> None:
    header = "customer_id,billing_email,date,amount"
    guests = shop(
        tmp_path, duckdb, header, "0,a@shop.de,2024-01-03,1", "0,B@shop.de,2024-01-03,2", "7,c@shop.de,2024-01-03,4"
    )
    assert guests == {"a@shop.de": 1.0, "b@shop.de": 2.0, "7": 4.0}
    numbered = shop(tmp_path, duckdb, header, "0,a@shop.de,2024-01-03,1", "0,A@shop.de,2024-02-03,2", "1,,2024-01-03,4")
    assert numbered == {"0": 3.0, "1": 4.0}


def test_rejected_rows_are_kept_by_the_thousand_and_counted_all(duckdb: Engine, tmp_path: Path) -> None:
    text = "customer,date,amount\nAnna,2024-01-03,1\n" + "Ben,2024-01-03,x\n" * 10_500
    orders = read(tmp_path, text, duckdb)
    assert (orders.rejected, orders.rejects.num_rows) == (10_500, 10_000)
    assert orders.rejects["row"].to_pylist() == list(range(2, 10_002))


def test_attributes_are_kept_for_cohorts(duckdb: Engine, tmp_path: Path) -> None:
    text = "customer,date,amount,channel,country\nAnna,2024-01-03,1, ads ,DE\nBen,2024-01-03,1,n/a,\n"
    rows = duckdb.to_arrow(read(tmp_path, text, duckdb).lines.order_by("customer_id")).to_pylist()
    assert [(row["channel"], row["country"]) for row in rows] == [("ads", "DE"), (None, None)]


def test_a_day_may_be_stated_in_several_ways(duckdb: Engine, tmp_path: Path) -> None:
    text = "customer,date,amount\nAnna,2024-01-03,1\nAnna,2024-01-05,1\n"
    for until in (date(2024, 1, 4), "2024-01-04"):
        orders = read(tmp_path, text, duckdb, until=until)
        assert (orders.until, orders.totals["rows_later"]) == (date(2024, 1, 4), 1)
    assert read_orders(tmp_path / "orders.csv", engine=duckdb).until == date(2024, 1, 5)
