"""Refunds in the four ways that shops write them, booked to the customers they belong to."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from exports import accepted, balance, export, read, rejected, worth
from stammkunde.errors import AmbiguousDateError, MappingError, NotEnoughDataError
from stammkunde.facts import Engine, Orders, read_orders, summarize

SALES = """order,customer,email,date,amount
1001,Anna,anna@shop.de,2024-01-03,80.00
1002,Ben,ben@shop.de,2024-02-10,60.00
1003,,Guest@Shop.de,2024-02-10,50.00
"""


def both(folder: Path, engine: Engine, sales: str, refunds: str, **how: Any) -> Orders:
    """Sales and a file of refunds."""
    return read(folder, sales, engine, refunds=export(folder, refunds, "refunds.csv"), **how)


def test_a_file_of_refunds_needs_no_customers_where_it_has_orders(engine: Engine, tmp_path: Path) -> None:
    refunds = "order,date,amount\n1001,2024-01-05,10\n1003,2024-02-12,-5\n1001.0,2024-01-05,10\n9,2024-02-12,4\n"
    orders = both(tmp_path, engine, SALES, refunds)
    assert worth(orders) == {"Anna": 60.0, "Ben": 60.0, "guest@shop.de": 45.0}
    assert rejected(orders) == [(4, "refunds.csv: order", "no_customer", "9")]
    assert (orders.totals["refunds"], orders.totals["amount_rejected"]) == (25.0, -4.0)
    assert (orders.totals["rows_read"], orders.rejected) == (7, 1)
    balance(orders)
    assert summarize(orders).table["orders"].to_pylist() == [1, 1, 1]


def test_customers_of_refunds_may_be_named_by_number_or_address(duckdb: Engine, tmp_path: Path) -> None:
    by_number = both(tmp_path, duckdb, SALES, "customer,date,amount\nAnna,2024-01-05,10\n")
    assert worth(by_number)["Anna"] == 70.0
    refunds = "order,email,date,refund amount\n1001,anna@shop.de,2024-01-05,10\n,Guest@shop.de,2024-02-12,5\n"
    assert worth(both(tmp_path, duckdb, SALES, refunds)) == {"Anna": 70.0, "Ben": 60.0, "guest@shop.de": 45.0}


def test_numbers_of_customers_may_be_of_different_kinds(duckdb: Engine, tmp_path: Path) -> None:
    refunds = export(tmp_path, "customer,date,amount\n7,2024-01-05,10\n", "refunds.csv")
    sales = pa.table({"customer": [7, 8], "date": [date(2024, 1, 3)] * 2, "amount": [80.0, 60.0]})
    assert worth(read_orders(sales, refunds=refunds, engine=duckdb)) == {"7": 70.0, "8": 60.0}


def test_a_file_of_refunds_is_read_as_the_orders_are_where_it_does_not_say(duckdb: Engine, tmp_path: Path) -> None:
    sales = "wer;wann;was\nAnna;25/01/2024;80,00\nBen;03/02/2024;1.060,00\n"
    refunds = "wer;wann;was\nBen;04/02/2024;1.000\n"
    named = {"customer": "wer", "date": "wann", "amount": "was"}
    orders = both(tmp_path, duckdb, sales, refunds, **named)
    assert ("Ben", "2024-02-04", -1000.0) in accepted(orders)
    stated = both(tmp_path, duckdb, sales.replace("25/01", "05/01"), refunds, **named, date_format="%d/%m/%Y")
    assert ("Ben", "2024-02-04", -1000.0) in accepted(stated)
    with pytest.raises(AmbiguousDateError):
        both(
            tmp_path,
            duckdb,
            sales.replace("25/01/2024", "2024-01-25").replace("03/02/2024", "2024-02-03"),
            refunds,
            **named,
        )


def test_a_refund_without_a_customer_is_told(duckdb: Engine, tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="No column was found for customer"):
        both(tmp_path, duckdb, SALES, "who,date,amount\nAnna,2024-01-05,10\n")
    orders = both(tmp_path, duckdb, SALES, "customer,date,amount\n,2024-01-05,10\nAnna,,10\nAnna,2024-01-05,x\n")
    assert [row[1:3] for row in rejected(orders)] == [
        ("refunds.csv: customer", "no_customer"),
        ("refunds.csv: date", "no_date"),
        ("refunds.csv: amount", "bad_amount"),
    ]


def test_the_same_sum_may_be_given_back_twice(duckdb: Engine, tmp_path: Path) -> None:
    orders = both(tmp_path, duckdb, SALES, "order,date,amount\n1001,2024-01-05,10\n1001,2024-01-05,10\n")
    assert worth(orders)["Anna"] == 60.0


# --- rows and columns -------------------------------------------------------------------------------------------------


def test_a_refund_is_a_negative_amount_or_quantity(duckdb: Engine, tmp_path: Path) -> None:
    text = (
        "InvoiceNo,Customer,Date,Quantity,UnitPrice,Amount\n"
        "536,Anna,2024-01-03,2,10,20\nC537,Anna,2024-01-05,-1,10,-10\nC538,Anna,2024-01-06,-1,5,5\n"
    )
    orders = read(tmp_path, text, duckdb)
    assert accepted(orders) == [
        ("Anna", "2024-01-03", 20.0),
        ("Anna", "2024-01-05", -10.0),
        ("Anna", "2024-01-06", -5.0),
    ]
    assert orders.totals["refunds"] == 15.0
    pieces = read(tmp_path, text.replace("Amount", "Weight"), duckdb)
    assert (worth(pieces), pieces.totals["refunds"]) == ({"Anna": 5.0}, 15.0)


def test_a_column_of_refunds_is_taken_off_the_order_whatever_its_sign(duckdb: Engine, tmp_path: Path) -> None:
    text = (
        "customer,date,amount,refunded_amount\n"
        "Anna,2024-01-03,80,20\nBen,2024-01-03,80,-20\nClara,2024-01-03,80,80\nDeniz,2024-01-03,80,100\nDeniz,2024-02-03,80,\n"
    )
    orders = read(tmp_path, text, duckdb)
    assert worth(orders) == {"Anna": 60.0, "Ben": 60.0, "Deniz": 60.0}
    assert orders.totals["refunds"] == 20 + 20 + 80 + 100
    assert orders.totals["amount_accepted"] == 180.0
    balance(orders)


def test_a_refund_repeated_with_the_total_of_its_order_counts_once(duckdb: Engine, tmp_path: Path) -> None:
    text = (
        "Order ID,Customer ID,Date,SKU,Order total,Refund amount\n"
        "1,Anna,2024-01-03,tea,50,10\n1,Anna,2024-01-03,cup,50,10\n2,Ben,2024-01-03,cup,7,\n"
    )
    orders = read(tmp_path, text, duckdb)
    assert (worth(orders), orders.totals["refunds"]) == ({"Anna": 40.0, "Ben": 7.0}, 10.0)


@pytest.mark.parametrize(("refund", "left"), [("", None), ("0", None), ("80", None), ("70", 10.0)])
def test_what_is_left_of_a_refunded_order_is_told_by_its_column_before_its_status(
    duckdb: Engine, tmp_path: Path, refund: str, left: float | None
) -> None:
    text = f"customer,date,amount,refund,status\nAnna,2024-01-03,80,{refund},refunded\nBen,2024-01-03,5,,paid\n"
    assert worth(read(tmp_path, text, duckdb)).get("Anna") == left


def test_a_shop_of_refunds_alone_has_no_customers(duckdb: Engine, tmp_path: Path) -> None:
    orders = read(tmp_path, "customer,date,amount\nAnna,2024-01-03,-80\nBen,2024-01-03,-8\n", duckdb)
    assert (orders.totals["amount_accepted"], orders.totals["refunds"]) == (-88.0, 88.0)
    with pytest.raises(NotEnoughDataError, match="Nobody purchased"):
        summarize(orders)
