"""Contribution from columns and from stated rates, by examples worked out by hand."""

from pathlib import Path
from typing import Any

import pytest

from exports import export, read, worth
from stammkunde.errors import InputError
from stammkunde.facts import Engine, Rates, read_orders, summarize
from stammkunde.notices import Notice

#: 119 charged are 100 and VAT. Goods 40 % of 100, 4.90 to ship, fee 1.9 % of 119 and 0.25, a return 3.50.
RATES = {"vat": "19%", "goods": "40%", "shipping": 4.90, "fee": "1.9% + 0.25", "returns": 3.50}
SALE = 119 - 19 - 40 - 4.90 - (2.261 + 0.25)
RETURN = -119 + 19 + 40 - 3.50

SHOP = """customer,order,date,amount,tax,cogs,shipping cost,payment fee,refunded amount
Anna,1,2024-01-03,119,19,40,4.90,2.50,
Ben,2,2024-01-03,119,19,40,4.90,2.50,59.50
Clara,3,2024-01-03,119,19,40,4.90,2.50,119
Clara,4,2024-02-03,0,0,10,4.90,0,
Deniz,5,2024-01-03,119,19,40,4.90,2.50,
Deniz,5,2024-02-03,-119,-19,-40,3.00,,
"""


def test_columns_of_costs_are_taken_off_and_come_back_with_refunds(engine: Engine, tmp_path: Path) -> None:
    orders = read(tmp_path, SHOP, engine)
    assert worth(orders) == {
        "Anna": 52.6,
        "Ben": 59.5 - 9.5 - 20 - 4.9 - 2.5,
        "Clara": pytest.approx(-4.9 - 2.5 - 10 - 4.9),
        "Deniz": pytest.approx(52.6 - 119 + 19 + 40 - 3),
    }
    assert worth(orders, "revenue") == {"Anna": 119.0, "Ben": 59.5, "Clara": 0.0, "Deniz": 0.0}
    assert (orders.basis, orders.estimated_share, orders.warnings) == ("contribution", 0.0, ())


PLAIN = """customer,order,date,amount
Anna,1,2024-01-03,119
Ben,2,2024-01-03,59.50
Ben,2,2024-01-03,59.50
Deniz,3,2024-01-03,119
Deniz,3,2024-02-03,-119
"""


def test_stated_rates_stand_in_for_columns(engine: Engine, tmp_path: Path) -> None:
    orders = read(tmp_path, PLAIN.replace("order", "sku"), engine, rates=RATES)
    assert worth(orders) == {name: pytest.approx(value) for name, value in {
        "Anna": SALE, "Ben": SALE, "Deniz": SALE + RETURN}.items()}  # fmt: skip
    assert (orders.basis, orders.estimated_share) == ("contribution", 1.0)


def test_money_per_order_is_shared_by_the_lines_of_an_order(duckdb: Engine, tmp_path: Path) -> None:
    text = (
        "customer,order,date,sku,amount\nAnna,1,2024-01-03,tea,10\nAnna,1,2024-01-03,cup,30\nAnna,2,2024-01-03,cup,5\n"
    )
    orders = read(tmp_path, text, duckdb, rates={"shipping": 6})
    contribution = duckdb.to_arrow(orders.lines.order_by("revenue"))["contribution"].to_pylist()
    assert contribution == [5 - 6, 10 - 3, 30 - 3]


def test_a_column_wins_over_a_rate_row_by_row(duckdb: Engine, tmp_path: Path) -> None:
    text = "customer,date,amount,cogs\nAnna,2024-01-03,100,30\nBen,2024-01-03,100,\n"
    orders = read(tmp_path, text, duckdb, rates={"goods": "50%"})
    assert worth(orders) == {"Anna": 70.0, "Ben": 50.0}
    assert orders.estimated_share == 50 / 80


def test_a_cost_that_some_rows_lack_is_told(duckdb: Engine, tmp_path: Path) -> None:
    text = "customer,date,amount,cogs,tax\nAnna,2024-01-03,100,30,16\nAnna,2024-02-03,-100,,\nBen,2024-01-03,100,?,16\n"
    orders = read(tmp_path, text, duckdb)
    assert orders.warnings == ("2 rows lack a cost that others have; it was taken for 0. If it is not, state a rate.",)
    stated = read(tmp_path, text, duckdb, rates={"goods": "40%", "vat": "19%"})
    assert stated.warnings == ()


def test_costs_of_pieces_are_multiplied_and_those_of_further_lines_not_lost(duckdb: Engine, tmp_path: Path) -> None:
    header = "customer,order,date,sku,quantity,price,unit cost"
    lines = f"{header}\nAnna,1,2024-01-03,tea,3,10,4\nAnna,2,2024-02-03,tea,-1,10,4\n"
    assert worth(read(tmp_path, lines, duckdb)) == {"Anna": 30 - 12 - 10 + 4}
    totals = (
        f"{header},order total\n"
        "Anna,1,2024-01-03,tea,3,10,4,45\nAnna,1,2024-01-03,cup,1,15,5,45\nBen,2,2024-01-03,tea,1,10,4,10\n"
    )
    assert worth(read(tmp_path, totals, duckdb)) == {"Anna": 45 - 12 - 5, "Ben": 6}


def test_amounts_of_pieces_know_neither_discount_nor_shipping_but_totals_do(duckdb: Engine, tmp_path: Path) -> None:
    text = "customer,date,quantity,price,discount,shipping\nAnna,2024-01-03,2,10,3,4.90\n"
    pieces = read(tmp_path, text, duckdb, rates={"goods": "0%"})
    assert worth(pieces) == {"Anna": pytest.approx(21.9)}
    whole = read(tmp_path, "customer,date,total,discount,shipping\nAnna,2024-01-03,20,3,4.90\n", duckdb)
    assert (worth(whole), whole.basis) == ({"Anna": 20.0}, "revenue")


def test_no_vat_is_taken_off_amounts_that_have_none(duckdb: Engine, tmp_path: Path) -> None:
    orders = read(tmp_path, "Kunde;Datum;Netto;MwSt\nAnna;03.01.2024;100,00;19,00\n", duckdb)
    assert worth(orders) == {"Anna": 100.0}
    assert orders.warnings == ("'Netto' is without VAT by its name, so none was taken off.",)


def test_a_file_of_refunds_without_costs_is_told(duckdb: Engine, tmp_path: Path) -> None:
    sales = export(tmp_path, "customer,date,amount,tax\nAnna,2024-01-03,119,19\n")
    refunds = "customer,date,amount,tax\nAnna,2024-01-05,119,19\n"
    whole = read_orders(sales, refunds=export(tmp_path, refunds, "refunds.csv"), engine=duckdb)
    assert summarize(whole, until=whole.until).table["historic_value"].to_pylist() == [0.0]
    bare = export(tmp_path, "customer,date,amount\nAnna,2024-01-05,59.5\n", "bare.csv")
    assert read_orders(sales, refunds=bare, engine=duckdb).warnings == (Notice("refunds_without_tax", file="bare.csv"),)


@pytest.mark.parametrize(
    "rates",
    [
        {"vat": 0.19},
        {"vat": "19"},
        {"goods": "40%%"},
        {"goods": "100%"},
        {"goods": "-5%"},
        {"goods": None},
        {"goods": "cheap"},
        {"rent": "5%"},
        {"fee": float("nan")},
        {"fee": "1.9% and 0.25"},
    ],
    ids=str,
)
def test_what_is_no_rate_is_refused(rates: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="Such as"):
        Rates.of(rates)


def test_rates_are_read_with_a_comma_too() -> None:
    assert Rates.of({"fee": "1,9 % + 0,25"})["fee"] == Rates.of({"fee": "0.25+1.9%"})["fee"]
