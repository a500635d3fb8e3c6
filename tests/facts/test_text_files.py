"""Text files as shops and spreadsheets write them: any delimiter and encoding, packed, with Excel's first line."""

from pathlib import Path

import pytest

from exports import accepted, export, read, rejected
from stammkunde.errors import InputError, NotEnoughDataError
from stammkunde.facts import Engine, read_orders
from stammkunde.facts.engines import LONGEST_LINE
from stammkunde.facts.text_files import DELIMITERS, look

LINES = (
    ("Kunde", "Datum", "Betrag", "Währung"),
    ("Müller", "03.01.2024", "12,50", "€"),
    ("Ødegård", "04.01.2024", "7", "€"),
)
READ = [("Müller", "2024-01-03", 12.5), ("Ødegård", "2024-01-04", 7.0)]


def written(delimiter: str = ";", end: str = "\r\n") -> str:
    """Two orders; where the delimiter is a comma, every value is quoted."""
    quote = '"' if delimiter == "," else ""
    return "".join(delimiter.join(f"{quote}{value}{quote}" for value in line) + end for line in LINES)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", list(DELIMITERS))
def test_delimiter_and_encoding_are_found_out(tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = export(tmp_path, written(delimiter), encoding=encoding)
    found = look(path, folder=tmp_path)
    assert (found.delimiter, found.encoding, found.lines) == (delimiter, encoding.removesuffix("-sig"), 3)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_umlauts_survive_every_encoding(duckdb: Engine, tmp_path: Path, encoding: str) -> None:
    orders = read_orders(export(tmp_path, written("\t"), encoding=encoding), engine=duckdb)
    assert accepted(orders) == READ
    assert (orders.currency, orders.mapping["currency"]) == ("EUR", "Währung")


def test_a_file_of_a_german_spreadsheet_is_read_on_both_engines(engine: Engine, tmp_path: Path) -> None:
    orders = read_orders(export(tmp_path, "sep=;\r\n" + written(), "März [2].csv", encoding="cp1252"), engine=engine)
    assert (accepted(orders), orders.rejected) == (READ, 0)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("\r\n\r\n" + written(), "empty lines first.csv"),
        ("sep=;\n" + written(end="\n"), "export.csv"),
        ('"sep=|"\n' + written("|"), "export.txt"),
        ("\ufeffsep=\t\r\n" + written("\t"), "export.tsv"),
        (written(end="\r"), "old mac.csv"),
        (written().rstrip(), "no end of line.csv"),
        (written(), "orders.csv.gz"),
        (written(), "ORDERS.CSV"),
        (written(), "orders"),
    ],
)
def test_what_stands_around_the_rows_does_no_harm(duckdb: Engine, tmp_path: Path, text: str, name: str) -> None:
    orders = read_orders(export(tmp_path, text, name), engine=duckdb)
    assert (accepted(orders), orders.rejected) == (READ, 0)


def test_a_packed_file_is_known_by_its_bytes(duckdb: Engine, tmp_path: Path) -> None:
    packed = export(tmp_path, written(), "orders.csv.gz")
    assert accepted(read_orders(packed.rename(tmp_path / "orders.csv"), engine=duckdb)) == READ


def test_a_short_file_of_one_column_of_decimals_is_split_where_all_rows_are(tmp_path: Path) -> None:
    path = export(tmp_path, "customer;date;amount\nAnna;2024-01-03;1,50\nBen;2024-01-04;2,50\n")
    assert look(path, folder=tmp_path).delimiter == ";"


def test_bytes_that_no_encoding_has_become_replacement_signs_and_nothing_is_lost(
    duckdb: Engine, tmp_path: Path
) -> None:
    orders = read(tmp_path, b"customer,date,amount\nA\x81\xff,2024-01-03,10\n\xed\xa0\x80,2024-01-04,20\n", duckdb)
    assert orders.totals["amount_accepted"] == 30.0


@pytest.mark.parametrize("text", ["", "\n\n", " \n\t\n", "sep=;\n", "\ufeff"])
def test_an_empty_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"orders\.csv: The file is empty\.\nSave the orders as CSV"):
        look(export(tmp_path, text), folder=tmp_path)


@pytest.mark.parametrize(
    "text", ["customer,date,amount", "customer,date,amount\n\n\n", "sep=,\ncustomer,date,amount\n"]
)
def test_a_header_alone_is_not_enough(tmp_path: Path, text: str) -> None:
    with pytest.raises(NotEnoughDataError, match="a header and no orders"):
        look(export(tmp_path, text), folder=tmp_path)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"PK\x03\x04\x14\x00", "a spreadsheet or zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old spreadsheet"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"SQLite format 3\x00", "an SQLite database"),
        (b"customer,date\x00,amount\nAnna,2024-01-03,10\n", "bytes of zero"),
        (b"customer,date,amount\n" + b"Anna,2024-01-03,10\n" * 70_000 + b"B\x00n,2024-01-03,10\n", "bytes of zero"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xabV*I", "cannot be unpacked"),
        (b"\x1f\x8bgarbage", "cannot be unpacked"),
        (b'customer,date,amount\n"' + b"x" * 200_000 + b'",2024-01-03,10\n', "field larger than field limit"),
        (b"customer,date,amount\n" + b"x" * (LONGEST_LINE + 2_000_000), "A line has no end"),
        (b"customer,date,amount\n" * 99 + b"x" * (LONGEST_LINE + 2_000_000) + b"\n", r"no end within .* \(line 100\)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_text_is_refused_with_what_it_is(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(data)
    with pytest.raises(InputError, match=told) as refusal:
        look(path, folder=tmp_path)
    assert str(path) in str(refusal.value)


@pytest.mark.slow
def test_a_line_of_a_gigabyte_takes_no_gigabyte_of_memory(duckdb: Engine, tmp_path: Path) -> None:
    tracemalloc = pytest.importorskip("tracemalloc")
    path = tmp_path / "orders.csv"
    with path.open("wb") as file:
        file.write(b"customer,date,amount\n")
        for _ in range(1_024):
            file.write(b"x" * (1 << 20))
    tracemalloc.start()
    with pytest.raises(InputError, match="A line has no end"):
        read_orders(path, engine=duckdb)
    assert tracemalloc.get_traced_memory()[1] < 1e8
    tracemalloc.stop()


# --- quotation marks --------------------------------------------------------------------------------------------------


def test_values_may_hold_delimiters_quotes_and_line_breaks(engine: Engine, tmp_path: Path) -> None:
    note = "Ring twice,\nplease, or leave it\nat no. 12, Ben's, 2nd floor"
    text = f'customer,date,amount,note\n"Anna, ""A""",2024-01-03,10,"{note}"\nBen,2024-01-04,20,\n'
    orders = read(tmp_path, text, engine)
    assert accepted(orders) == [('Anna, "A"', "2024-01-03", 10.0), ("Ben", "2024-01-04", 20.0)]


def test_inch_marks_are_no_quotes(duckdb: Engine, tmp_path: Path) -> None:
    text = (
        'customer,date,amount,article\nAnna,2024-01-03,10,19" screen\nB"en,2024-01-04,20,tea\nClara,2024-01-05,30,tea\n'
    )
    assert len(accepted(read(tmp_path, text, duckdb))) == 3


@pytest.mark.parametrize(
    ("broken", "row", "column"),
    [
        ('"Ben,2024-01-04,20,nice', 2, "customer"),
        ('Ben,2024-01-04,"20,nice', 2, "amount"),
        ('Ben,2024-01-04,20,"nice', 2, "note"),
        ('Ben,2024-01-04,20,"nice\nClara,2024-01-05,30,"fine"', 2, "note"),
    ],
)
def test_a_quote_that_is_not_closed_swallows_no_order_in_silence(
    duckdb: Engine, tmp_path: Path, broken: str, row: int, column: str
) -> None:
    text = f"customer,date,amount,note\nAnna,2024-01-03,10,\n{broken}\nDeniz,2024-01-06,40,\nAnna,2024-02-03,10,\n"
    with pytest.raises(InputError, match="A quotation mark is not closed") as refusal:
        read(tmp_path, text, duckdb)
    assert f"orders.csv, row {row}: " in str(refusal.value)
    assert repr(column) in str(refusal.value)


def test_a_row_with_more_values_than_columns_is_rejected_and_a_short_one_filled_up(
    duckdb: Engine, tmp_path: Path
) -> None:
    rows = ("Anna,2024-01-03,1,5,gift", "Ben,2024-01-04,20", "Clara,2024-01-05", "", "Deniz,2024-01-06,40,")
    orders = read(tmp_path, "customer,date,amount,note\n" + "\n".join(rows), duckdb)
    assert [customer for customer, *_ in accepted(orders)] == ["Ben", "Deniz"]
    assert [(row, reason) for row, _, reason, _ in rejected(orders)] == [(1, "crooked_row"), (3, "no_amount")]
