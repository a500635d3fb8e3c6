"""Ten euros and ten francs are not twenty of anything."""

from pathlib import Path
from typing import Any

import pytest

from exports import accepted, balance, export, read, rejected, worth
from stammkunde.errors import CurrencyError, InputError
from stammkunde.facts import Engine, read_orders

MIXED = """customer,date,amount,currency,refund,tax
Anna,2024-01-03,100.00,EUR,10,16
Ben,2024-01-05,100.00,chf,10,8
Clara,2024-01-05,100.00,€,,16
Deniz,2024-01-05,100.00,,,16
Deniz,2024-02-05,100.00,EUR,,16
"""


def test_several_currencies_are_refused_until_told_what_they_are_worth(duckdb: Engine, tmp_path: Path) -> None:
    with pytest.raises(CurrencyError, match="Amounts are in 2 currencies: EUR, CHF"):
        read(tmp_path, MIXED, duckdb)
    with pytest.raises(CurrencyError, match="no exchange rate into EUR for CHF"):
        read(tmp_path, MIXED, duckdb, currency="EUR")
    with pytest.raises(CurrencyError, match="Amounts are in 2 currencies"):
        read(tmp_path, MIXED, duckdb, exchange_rates={"CHF": 1.05})


def test_all_money_of_a_row_is_converted_and_a_row_without_a_currency_rejected(engine: Engine, tmp_path: Path) -> None:
    orders = read(tmp_path, MIXED, engine, currency="eur", exchange_rates={"CHF": "1.05"})
    assert worth(orders, "revenue") == {"Anna": 90.0, "Ben": 94.5, "Clara": 100.0, "Deniz": 100.0}
    assert worth(orders)["Ben"] == pytest.approx((100 - 10 - 8 * 0.9) * 1.05)
    assert rejected(orders) == [(4, "currency", "no_currency", None)]
    assert (orders.currency, orders.totals["refunds"]) == ("EUR", pytest.approx(20.5))
    balance(orders)


def test_one_currency_needs_no_rate_and_is_told(duckdb: Engine, tmp_path: Path) -> None:
    one = "".join(line for line in MIXED.splitlines(keepends=True) if "chf" not in line)
    orders = read(tmp_path, one, duckdb)
    assert (orders.currency, orders.totals["amount_accepted"], orders.rejected) == ("EUR", 390.0, 0)


@pytest.mark.parametrize(
    ("amounts", "code"),
    [
        ("10 €;5,50 €", "EUR"),
        ("CHF 10;CHF 5.50", "CHF"),
        ("$10;$5.50", "USD"),
        ("10;5.50", None),
        ("10 zł;5,50 PLN", "PLN"),
    ],
)
def test_the_sign_beside_amounts_tells_the_currency(
    duckdb: Engine, tmp_path: Path, amounts: str, code: str | None
) -> None:
    rows = "".join(f'Anna,2024-01-03,"{amount}"\n' for amount in amounts.split(";"))
    orders = read(tmp_path, f"customer,date,amount\n{rows}", duckdb)
    assert (orders.currency, orders.totals["amount_accepted"]) == (code, 15.5)


def test_amounts_with_signs_are_converted_too(duckdb: Engine, tmp_path: Path) -> None:
    text = "customer,date,amount\nAnna,2024-01-03,$10\n"
    assert worth(read(tmp_path, text, duckdb, currency="EUR", exchange_rates={"USD": 0.9})) == {"Anna": 9.0}
    with pytest.raises(CurrencyError, match="no exchange rate into EUR for USD"):
        read(tmp_path, text, duckdb, currency="EUR")


def test_signs_of_several_currencies_are_refused(duckdb: Engine, tmp_path: Path) -> None:
    with pytest.raises(CurrencyError, match="signs of several currencies: EUR, USD"):
        read(tmp_path, "customer,date,amount\nAnna,2024-01-03,$10\nBen,2024-01-03,10 €\n", duckdb)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), "x", None])
def test_what_is_no_exchange_rate_is_refused(duckdb: Engine, tmp_path: Path, rate: Any) -> None:
    with pytest.raises(InputError, match=r"CHF: .* is no exchange rate"):
        read(tmp_path, MIXED, duckdb, currency="EUR", exchange_rates={"CHF": rate})


def test_refunds_are_converted_by_their_own_currency_or_taken_in_the_kept_one_with_a_word(
    duckdb: Engine, tmp_path: Path
) -> None:
    told = {"currency": "EUR", "exchange_rates": {"CHF": 1.05}, "engine": duckdb}
    sales = export(tmp_path, MIXED)
    named = export(tmp_path, "customer,date,amount,currency\nBen,2024-01-06,10,CHF\n", "refunds.csv")
    orders = read_orders(sales, refunds=named, **told)
    assert ("Ben", "2024-01-06", -10.5) in accepted(orders)
    unnamed = export(tmp_path, "customer,date,amount\nBen,2024-01-06,10\n", "refunds.csv")
    orders = read_orders(sales, refunds=unnamed, **told)
    assert ("Ben", "2024-01-06", -10.0) in accepted(orders)
    assert "refunds.csv names no currency: its amounts were taken to be in EUR." in orders.warnings
