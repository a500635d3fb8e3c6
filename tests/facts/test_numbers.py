"""Amounts as people type them, read alike by both engines."""

import random
from itertools import count
from pathlib import Path

import pyarrow as pa
import pytest

from exports import read
from stammkunde.errors import InputError
from stammkunde.facts import Engine, read_orders
from stammkunde.facts.parsing.numbers import number

_NAMES = count(1)

#: What is written -> what it is with a decimal point, and with a decimal comma.
WRITTEN: dict[str, tuple[float | None, float | None]] = {
    "12": (12, 12),
    "12.50": (12.5, 12.5),
    "12,50": (12.5, 12.5),
    "1,234.50": (1234.5, 1234.5),
    "1.234,50": (1234.5, 1234.5),
    "1.234": (1.234, 1234),
    "1,234": (1234, 1.234),
    "1.234.567": (1234567, 1234567),
    "1 234,50": (1234.5, 1234.5),
    "1\u00a0234,50 €": (1234.5, 1234.5),
    "1'234.50": (1234.5, 1234.5),
    "€ 12,50": (12.5, 12.5),
    "12,50 EUR": (12.5, 12.5),
    "$1,234.50": (1234.5, 1234.5),
    "CHF 12.50": (12.5, 12.5),
    "Fr. 12.50": (12.5, 12.5),
    "12,- €": (12, 12),
    "-12,50": (-12.5, -12.5),
    "−12.50": (-12.5, -12.5),
    "12,50-": (-12.5, -12.5),
    "(12.50)": (-12.5, -12.5),
    "-€12.50": (-12.5, -12.5),
    "€-12.50": (-12.5, -12.5),
    "EUR -12,50": (-12.5, -12.5),
    "+5": (5, 5),
    ".5": (0.5, 0.5),
    "0": (0, 0),
    "1e3": (1000, 1000),
    "2.5E-1": (0.25, 0.25),
    "": (None, None),
    "-": (None, None),
    "€": (None, None),
    ".": (None, None),
    "abc": (None, None),
    "1.2.3": (None, None),
    "12,34,5": (None, None),
    "5-3": (None, None),
    "1 Stück": (None, None),
    "nan": (None, None),
    "inf": (None, None),
    "0x1F": (None, None),
    "=2+3": (None, None),
    "12€50": (None, None),
    "½": (None, None),
    "١٢": (None, None),
}


def parsed(engine: Engine, texts: list[str]) -> list[tuple[float | None, float | None]]:
    table = pa.table({"row": range(len(texts)), "text": texts})
    t = engine.from_arrow(table, f"numbers_{next(_NAMES)}")
    found = t.select("row", point=number(t.text, decimal="."), comma=number(t.text, decimal=","))
    rows = engine.to_arrow(found.order_by("row")).to_pylist()
    return [(row["point"], row["comma"]) for row in rows]


def test_amounts_are_read_as_people_write_them(engine: Engine) -> None:
    assert dict(zip(WRITTEN, parsed(engine, list(WRITTEN)), strict=True)) == WRITTEN


def test_amounts_of_any_size_survive_both_ways_of_writing(duckdb: Engine) -> None:
    draw = random.Random(1)
    amounts = [round(draw.choice((-1, 1)) * 10 ** draw.uniform(-2, 11), 2) for _ in range(20_000)]
    english = parsed(duckdb, [f"{x:,.2f}" for x in amounts])
    german = parsed(duckdb, [f"{x:,.2f}".translate(str.maketrans(",.", ".,")) for x in amounts])
    assert [x for _, x in german] == [x for x, _ in english] == amounts


def test_the_column_decides_how_1_point_234_is_read(duckdb: Engine, tmp_path: Path) -> None:
    german = read(tmp_path, "Kunde;Datum;Betrag\nAnna;03.01.2024;1.234\nBen;04.01.2024;12,50\n", duckdb)
    english = read(tmp_path, "customer,date,amount\nAnna,2024-01-03,1.234\nBen,2024-01-04,12.50\n", duckdb)
    assert german.totals["amount_accepted"] == 1246.5
    assert english.totals["amount_accepted"] == pytest.approx(13.734)


def test_what_may_be_read_two_ways_is_told_and_can_be_decided(duckdb: Engine, tmp_path: Path) -> None:
    text = "customer,date,amount\nAnna,2024-01-03,1.234\n"
    guessed = read(tmp_path, text, duckdb)
    assert guessed.totals["amount_accepted"] == 1.234
    assert "may be read two ways" in guessed.warnings[0]
    columns = {"customer": "customer", "date": "date", "amount": "amount"}
    saved = tmp_path / "shop.json"
    saved.write_text(f'{{"columns": {columns}, "decimal": ","}}'.replace("'", '"'))
    decided = read(tmp_path, text, duckdb, mapping=saved)
    assert (decided.totals["amount_accepted"], decided.warnings) == (1234.0, ())


@pytest.mark.parametrize("values", [pa.array([True, False]), pa.array([b"1", b"2"]), pa.array([[1], [2]])])
def test_a_column_that_holds_no_numbers_is_refused(duckdb: Engine, values: pa.Array) -> None:
    table = pa.table({"customer": ["Anna", "Ben"], "date": ["2024-01-03"] * 2, "amount": values})
    with pytest.raises(InputError, match="holds no numbers"):
        read_orders(table, engine=duckdb)
