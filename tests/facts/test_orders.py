"""Real shops whose totals others have published, and an account that adds up for whatever is read."""

import random
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports import accepted, balance, close, export, read, rejected, worth
from stammkunde.errors import InputError, NotEnoughDataError
from stammkunde.facts import Engine, Orders, online_retail_path, read_orders, summarize

# --- truth from outside -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def retail(duckdb: Engine) -> Orders:
    """The bundled shop, as it is."""
    return read_orders(online_retail_path(), engine=duckdb)


def test_online_retail_has_the_rows_and_the_money_that_its_source_states(retail: Orders) -> None:
    assert retail.totals["rows_read"] == 541_909
    assert retail.totals["amount_read"] == pytest.approx(9_747_747.93, abs=0.005)
    assert retail.period == (date(2010, 12, 1), date(2011, 12, 9))
    assert {"quantity": "Quantity", "price": "UnitPrice"}.items() <= retail.mapping.columns.items()


def test_online_retail_without_its_guests_is_what_is_left(retail: Orders, online_retail: pa.Table) -> None:
    left = online_retail.filter(pc.is_valid(online_retail["CustomerID"]))
    amounts = pc.multiply(pc.cast(left["Quantity"], pa.float64()), left["UnitPrice"])
    assert {reason: rows for reason, (rows, _) in retail.totals["by_reason"].items()} == {"no_customer": 135_080}
    assert retail.totals["rows_accepted"] == 541_909 - 135_080
    assert retail.totals["amount_accepted"] == pytest.approx(pc.sum(amounts).as_py())
    assert retail.totals["refunds"] == pytest.approx(-pc.sum(amounts.filter(pc.less(amounts, 0))).as_py())


def test_cdnow_has_the_customers_and_the_money_of_the_literature(duckdb: Engine, cdnow: pa.Table) -> None:
    orders = read_orders(cdnow, engine=duckdb)
    assert (orders.totals["rows_read"], orders.rejected, orders.basis) == (69_659, 0, "revenue")
    assert orders.totals["amount_accepted"] == pytest.approx(2_500_315.63, abs=0.005)
    history = summarize(orders)
    assert len(history) == 23_570
    assert int(history.table["orders"].to_numpy().sum()) == 67_591
    assert (orders.period, history.until) == ((date(1997, 1, 1), date(1998, 6, 30)), date(1998, 6, 30))


# --- the account ------------------------------------------------------------------------------------------------------

CELLS: dict[str, st.SearchStrategy[str]] = {
    "order": st.sampled_from(["", "1", "2", "3", "4.0"]),
    "customer": st.sampled_from(["", "Anna", "Ben", "guest", "0", "test@shop.de", "A\tB", "nan"]),
    "email": st.sampled_from(["", "a@shop.de", "B@shop.de"]),
    "date": st.sampled_from(["", "2024-01-03", "31.01.2024", "1704324600", "2024-02-30", "soon", "2024-05-05T23:30Z"]),
    "total": st.sampled_from(["", "10", "10", "-5,50", "1.000,00", "x", "1e13", "inf", "0"]),
    "refund": st.sampled_from(["", "", "2", "20", "?"]),
    "status": st.sampled_from(["", "paid", "cancelled", "pending", "refunded"]),
    "sku": st.sampled_from(["", "tea", "test1"]),
    "tax": st.sampled_from(["", "1", "x"]),
}
TABLES = st.sets(st.sampled_from(sorted(CELLS))).flatmap(
    lambda names: st.lists(
        st.fixed_dictionaries({name: CELLS[name] for name in {*names, "customer", "date", "total"}}), max_size=12
    )
)


def written(rows: list[dict[str, str]]) -> str:
    names = list(rows[0]) if rows else ["customer", "date", "total"]
    return "\n".join(";".join(row) for row in [names, *([row[name] for name in names] for row in rows)]) + "\n"


@settings(max_examples=6)
@given(TABLES)
def test_no_row_is_lost_or_counted_twice_whatever_the_table(
    duckdb: Engine, tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    try:
        orders = read(tmp_path_factory.mktemp("shop"), written(rows), duckdb, timezone="Europe/Berlin")
    except NotEnoughDataError:
        return
    assert orders.totals["rows_read"] == len(rows)
    assert orders.totals["rows_accepted"] == len(accepted(orders))
    balance(orders)
    assert {row for row, *_ in rejected(orders)} <= set(range(1, len(rows) + 1))
    back = -sum(min(row[2], 0.0) for row in accepted(orders))
    assert orders.totals["refunds"] >= back - 1e-9


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_both_engines_give_the_same_account_of_the_same_junk(spark: Engine, duckdb: Engine, tmp_path: Path) -> None:
    draw = random.Random(7)
    values = {name: list(cells.elements) for name, cells in CELLS.items()}  # type: ignore[attr-defined]
    path = export(tmp_path, written([{name: draw.choice(some) for name, some in values.items()} for _ in range(300)]))
    rates = {"vat": "19%", "shipping": 3.90, "fee": "1% + 0.25", "returns": 2}
    one, other = (read_orders(path, engine=e, timezone="Europe/Berlin", rates=rates) for e in (duckdb, spark))
    balance(one)
    assert (accepted(one), rejected(one), one.warnings) == (accepted(other), rejected(other), other.warnings)
    assert one.totals["by_reason"].keys() >= {"bad_date", "bad_amount", "bad_refund", "no_customer", "test_product"}
    assert worth(one) == pytest.approx(worth(other))
    for name in ("amount_read", "amount_accepted", "amount_rejected", "refunds"):
        close(one.totals[name], other.totals[name])
    close(one.estimated_share, other.estimated_share)


# --- arguments --------------------------------------------------------------------------------------------------------

ONE = pa.table({"customer": ["Anna"], "date": [date(2024, 1, 3)], "amount": [10.0]})


@pytest.mark.parametrize(
    "how",
    [
        {"until": "soon"},
        {"until": 20240103},
        {"today": "2024-13-01"},
        {"engine": "pandas"},
        {"timezone": "Mars/Olympus"},
        {"date_format": "%d"},
        {"rates": {"rent": 5}},
        {"mapping": 5},
        {"mapping": "nowhere.json"},
        {"refunds": 5},
        {"columns": {"colour": "amount"}},
        {"customer": "Kunde"},
    ],
    ids=str,
)
def test_an_argument_that_does_not_fit_is_refused(how: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        read_orders(ONE.set_column(1, "date", pa.array(["2024-01-03"])), **how)


def test_one_customer_with_one_order_is_read(engine: Engine) -> None:
    orders = read_orders(ONE, engine=engine)
    assert accepted(orders) == [("Anna", "2024-01-03", 10.0)]
    assert summarize(orders).table["orders"].to_pylist() == [1]


def test_orders_until_a_day_before_all_are_none(duckdb: Engine) -> None:
    with pytest.raises(NotEnoughDataError, match="no orders until 2023-12-31"):
        read_orders(ONE, engine=duckdb, until=date(2023, 12, 31))


def test_a_long_silence_before_the_last_day_is_worth_a_word(duckdb: Engine) -> None:
    assert read_orders(ONE, engine=duckdb, until=date(2024, 2, 2)).warnings == ()
    assert "no order in the 31 days" in read_orders(ONE, engine=duckdb, until=date(2024, 2, 3)).warnings[0]


def test_where_no_row_can_be_used_the_reasons_and_columns_are_told(duckdb: Engine, tmp_path: Path) -> None:
    with pytest.raises(NotEnoughDataError, match=r"2 bad_date, 1 no_customer") as refusal:
        read(tmp_path, "customer,date,amount\nAnna,soon,1\nBen,later,1\n,2024-01-03,1\n", duckdb)
    assert "orders.csv: " in str(refusal.value)
    assert "date from 'date'" in str(refusal.value)


def test_reading_tells_what_it_does(duckdb: Engine) -> None:
    told: list[str] = []
    read_orders(ONE, engine=duckdb, progress=lambda what, share: told.append(what))
    assert told == ["Opening the orders", "Looking at the columns", "Reading the orders"]
