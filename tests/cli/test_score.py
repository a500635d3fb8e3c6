"""`stammkunde clv score`, as people type it."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from cli.conftest import Run, Write
from customers import simulated_orders
from stammkunde.cli.app import exit_code
from stammkunde.errors import DataError, InputError, MappingError, StammkundeError
from stammkunde.facts import engine

ANNA_AND_BEN = [["Anna", "2024-01-05", 20], ["Anna", "2024-02-05", 30], ["Ben", "2024-01-09", 15]]
COLUMNS = """customer_id first_order last_order orders historic_value p_alive expected_orders expected_order_value
predicted_value predicted_low predicted_high discounted_value clv next_order"""


@pytest.fixture(scope="module")
def everything(run: Run, shop: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder with every file that scoring can write, and its JSON."""
    folder = tmp_path_factory.mktemp("everything")
    files = {"--out": "s.csv", "--report": "r.html", "--rejects": "bad.csv", "--save-mapping": "m.json"}
    options = [part for flag, name in files.items() for part in (flag, str(folder / name))]
    told = run("clv", "score", str(shop), *options, "--language", "de", "--currency", "EUR", "--json")
    return folder, json.loads(told.stdout, parse_constant=pytest.fail)


def table(path: Path | str) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_json_says_what_was_read_and_what_will_come(everything: tuple[Path, dict[str, Any]]) -> None:
    _, told = everything
    assert (told["customers"], told["rejected"], told["currency"]) == (400, 3, "EUR")
    assert sum(reason["rows"] for reason in told["rejected_by_reason"].values()) == 3
    assert told["rows"]["refunds"] == 1.5
    assert told["period"]["from"] < told["period"]["to"] == told["period"]["last_order"]
    assert told["model"]["log_likelihood"] < 0 < told["model"]["parameters"]["r"]
    totals = told["totals"]
    assert totals["predicted_low"] < totals["predicted"] < totals["predicted_high"]
    assert totals["historic"] == pytest.approx(told["rows"]["amount_accepted"])


def test_the_json_holds_the_backtests_that_chose(everything: tuple[Path, dict[str, Any]]) -> None:
    _, told = everything
    assert told["model"]["asked"] == "auto"
    assert told["model"]["name"] in told["model"]["reason"]
    assert [row["model"] for row in told["backtest"] if row["chosen"]] == ["auto"]
    assert {row["model"] for row in told["backtest"] if row["naive"]} == {"own-pace", "last-period"}
    assert all(row["metrics"]["orders_mae"] > 0 for row in told["backtest"])


def test_the_table_has_a_row_a_customer_and_adds_up_to_the_json(everything: tuple[Path, dict[str, Any]]) -> None:
    folder, told = everything
    rows = table(folder / "s.csv")
    assert list(rows[0]) == COLUMNS.split()
    assert len({row["customer_id"] for row in rows}) == len(rows) == 400
    assert sum(float(row["predicted_value"]) for row in rows) == pytest.approx(told["totals"]["predicted"])
    assert sum(int(row["orders"]) for row in rows) == told["orders"]
    assert all(float(row["predicted_low"]) <= float(row["predicted_high"]) for row in rows)


def test_the_report_is_in_the_language_asked_for(everything: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = everything
    page = (folder / "r.html").read_text(encoding="utf-8")
    assert '<html lang="de"' in page
    assert "orders.csv" in page


def test_rows_that_were_not_used_are_listed_with_number_and_reason(everything: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = everything
    reasons = [row["reason"] for row in table(folder / "bad.csv")]
    assert reasons == ["no_customer", "no_date", "bad_amount"]
    assert {row["value"] for row in table(folder / "bad.csv")} >= {"twenty"}


def test_a_saved_mapping_reads_the_next_file(
    run: Run, shop: Path, everything: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, told = everything
    next_month = tmp_path / "next.csv"
    next_month.write_bytes(shop.read_bytes())
    mapping = ("--mapping", str(folder / "m.json"), "--model", "nbd", "--no-intervals", "--json")
    again = json.loads(run("clv", "score", str(next_month), *mapping).stdout)
    assert again["mapping"] == told["mapping"] == {"customer": "Kundennummer", "date": "Datum", "amount": "Betrag"}
    assert again["backtest"] == []
    assert again["totals"]["predicted_low"] is None


def test_the_screen_leads_from_the_figures_to_the_next_step(run: Run, shop: Path) -> None:
    screen = run("clv", "score", str(shop), "--model", "bg-nbd", "--horizon", "3m", "--top", "3").stdout
    assert max(map(len, screen.splitlines())) <= 80
    asked = ["400 customers", "So far", "Next 3 months", "(80%)", "The 3 best", "How far to trust it", "rule of thumb"]
    asked += ["1 not used amount not readable", "customer from 'Kundennummer'", "--report report.html"]
    assert [words for words in asked if words not in " ".join(screen.split())] == []


def test_until_is_inclusive_and_later_rows_are_not_looked_at(run: Run, write: Write) -> None:
    orders = write([*ANNA_AND_BEN, ["Clara", "2024-02-06", 99]])
    told = json.loads(run("clv", "score", orders, "--until", "2024-02-05", "--json").stdout)
    assert (told["customers"], told["orders"], told["rows"]["rows_later"]) == (2, 3, 1)
    assert told["period"] == {"from": "2024-01-05", "to": "2024-02-05", "last_order": "2024-02-05"}


def test_an_order_of_tomorrow_is_rejected(run: Run, write: Write) -> None:
    future = (date.today() + timedelta(days=2)).isoformat()  # noqa: DTZ011  as the command
    told = json.loads(run("clv", "score", write([*ANNA_AND_BEN, ["Ben", future, 5]]), "--json").stdout)
    assert told["rejected_by_reason"] == {"future_date": {"rows": 1, "amount": 5.0}}


def test_columns_currencies_and_costs_come_from_options(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text("who;when;sum;money;EK\nAnna;05.01.2024;119,00;EUR;40\nAnna;07.02.2024;100,00;CHF;20\n")
    columns = ("--customer", "who", "--date", "when", "--amount", "sum", "--column", "currency=money")
    costs = ("--column", "cost=EK", "--rate", "vat=19%", "--currency", "EUR", "--exchange-rate", "CHF=1,19")
    told = json.loads(run("clv", "score", str(path), *columns, *costs, "--json").stdout)
    assert told["basis"] == "contribution"
    assert told["totals"]["historic"] == pytest.approx(100 + 100 - 40 - 20 * 1.19)
    assert 0 < told["estimated_share"] < 1


def test_a_formula_in_an_id_stays_text_in_a_spreadsheet_and_numbers_stay_numbers(
    run: Run, write: Write, tmp_path: Path
) -> None:
    ids = ["=HYPERLINK(1)", "+49", "-5", "@deniz", "\tAnna", "Ben-2"]
    orders = write([[name, "2024-01-05", 20] for name in ids] + [["Ben-2", "2024-02-05", 20]])
    for name in ("s.csv", "s.parquet"):
        run("clv", "score", orders, "--out", str(tmp_path / name))
    in_csv = {row["customer_id"] for row in table(tmp_path / "s.csv")}
    assert in_csv >= {"'=HYPERLINK(1)", "'+49", "'-5", "'@deniz", "Ben-2"}
    assert all(float(row["historic_value"]) > 0 for row in table(tmp_path / "s.csv"))
    assert set(pq.read_table(tmp_path / "s.parquet")["customer_id"].to_pylist()) >= {"=HYPERLINK(1)", "+49", "-5"}


def test_an_id_cannot_colour_the_screen(run: Run, write: Write) -> None:
    screen = run("clv", "score", write([["\x1b[31mAnna", "2024-01-05", 20], ["[red]Ben", "2024-01-05", 10]])).stdout
    assert "\x1b" not in screen
    assert "[red]Ben" in screen


def test_a_shop_where_nobody_came_back_is_told_so(run: Run, write: Write) -> None:
    screen = run("clv", "score", write([["Deniz", "2024-01-05", 20]])).stdout
    assert "1 customer of orders.csv" in screen
    assert "Nobody has come back yet" in screen


@pytest.mark.parametrize(
    ("option", "value", "advice"),
    [
        ("--until", "31.12.2024", "1997-09-30"),
        ("--until", "2024-13-01", "1997-09-30"),
        ("--horizon", "soon", "12m"),
        ("--horizon", "0w", "12m"),
        ("--discount", "10", "10%"),
        ("--discount", "-0.1", "10%"),
        ("--model", "crystal-ball", "bg-nbd"),
        ("--unit", "month", "week"),
        ("--engine", "abacus", "duckdb"),
        ("--language", "fr", "de, en"),
        ("--column", "colour=Farbe", "country"),
        ("--column", "Farbe", "NAME=VALUE"),
        ("--rate", "vat=lots", "vat=19%"),
        ("--rate", "rent=5%", "goods"),
        ("--exchange-rate", "CHF=many", "CHF=1.05"),
        ("--top", "-1", "0"),
    ],
)
def test_a_value_that_cannot_be_read_is_wrong_usage_with_advice(run: Run, option: str, value: str, advice: str) -> None:
    result = run("clv", "score", "orders.csv", option, value)
    assert result.exit_code == 2
    assert option in result.stderr
    assert advice in " ".join(result.stderr.split())


@pytest.mark.parametrize("flag", ["--out", "--report", "--rejects", "--save-mapping"])
def test_a_place_that_cannot_be_written_to_is_told_before_any_work(run: Run, flag: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written") as refused:
        run("clv", "score", "no-such-file.csv", flag, str(tmp_path / "nowhere" / "x.csv"))
    assert "Choose a folder" in refused.value.advice


def test_the_orders_are_never_written_over(run: Run, write: Write) -> None:
    orders = write(ANNA_AND_BEN)
    before = Path(orders).read_bytes()
    with pytest.raises(InputError, match="read from"):
        run("clv", "score", orders, "--out", orders)
    assert Path(orders).read_bytes() == before


def test_two_outputs_cannot_share_a_file(run: Run, write: Write, tmp_path: Path) -> None:
    same = str(tmp_path / "same.csv")
    with pytest.raises(InputError, match="twice"):
        run("clv", "score", write(ANNA_AND_BEN), "--out", same, "--rejects", same)


def test_a_table_says_by_its_name_what_it_is(run: Run, write: Write) -> None:
    with pytest.raises(InputError, match=r"\.csv or \.parquet"):
        run("clv", "score", write(ANNA_AND_BEN), "--out", "scores.xlsx")


def test_a_column_that_is_not_there_is_told_with_those_that_are(run: Run, write: Write) -> None:
    with pytest.raises(MappingError, match="'date', 'amount'"):
        run("clv", "score", write(ANNA_AND_BEN), "--customer", "Kunde")


@pytest.mark.parametrize(
    "rows", [[], [["Ben", "2024-01-05", -5]], [["", "2024-01-05", 5]], [["Anna", "soon", 5]]], ids=str
)
def test_orders_without_a_purchase_are_refused_with_a_reason(run: Run, write: Write, rows: list[list[Any]]) -> None:
    with pytest.raises((DataError, InputError)) as refused:
        run("clv", "score", write(rows))
    assert exit_code(refused.value) in (3, 4)
    assert refused.value.advice


def test_any_other_error_of_ours_has_the_code_of_its_kind() -> None:
    assert [exit_code(error("?")) for error in (StammkundeError, InputError, MappingError, DataError)] == [1, 3, 3, 4]


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_on_spark_scores_are_written_where_the_orders_are(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")  # no polish for one minute
    engine("spark", threads=1, memory="1g")  # the command takes the session that is running
    shop = tmp_path / "orders.parquet"
    pq.write_table(simulated_orders(100), shop)
    out, more = str(tmp_path / "scores"), ("--model", "bg-nbd", "--no-intervals", "--json")
    there = json.loads(run("clv", "score", str(shop), "--engine", "spark", "--out", out, *more).stdout)
    here = json.loads(run("clv", "score", str(shop), *more).stdout)
    assert there["totals"]["predicted"] == pytest.approx(here["totals"]["predicted"], rel=1e-3)
    assert there["customers"] == pq.read_table(out).num_rows == 100


def test_spark_does_not_replace_a_folder_that_is_not_its_own(run: Run, write: Write, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="would replace"):
        run("clv", "score", write(ANNA_AND_BEN), "--engine", "spark", "--out", str(tmp_path))
