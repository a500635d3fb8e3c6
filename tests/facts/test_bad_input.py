"""Whatever is handed over gives orders with an account, or an error that says what is wrong, where and what to try."""

import io
import zipfile
from contextlib import suppress
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports import accepted, balance, export, read, rejected, worth
from stammkunde.errors import DataError, InputError, NotEnoughDataError, StammkundeError
from stammkunde.facts import Engine, read_orders, summarize

HEADER = "customer,date,amount\n"


def told(engine: Engine, path: Path) -> None:
    """Read and summarize; the account adds up, or the refusal is one of ours and gives advice."""
    try:
        orders = read_orders(path, engine=engine)
    except StammkundeError as error:
        refusal = error
    else:
        balance(orders)
        with suppress(NotEnoughDataError):  # refunds alone
            summarize(orders)
        return
    assert refusal.what
    assert refusal.advice


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    return file.getvalue()


#: Files that are no orders -> what is said about them.
FILES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "The file is empty"),
    "a header": (b"customer,date,amount\n", "a header and no orders"),
    "a spreadsheet": (zipped(), "a spreadsheet or zip archive"),
    "rubbish": (bytes(range(256)) * 50, "bytes of zero"),
    "rubbish without zeros": (bytes(range(1, 256)) * 50, "No column was found|no table"),
    "one word": (b"hello", "a header and no orders"),
    "a page": (b"<!doctype html>\n<html><body>\nPlease log in\n</body></html>\n", "No column was found"),
    "JSON": (b'[{"customer": "Anna",\n"date": "2024-01-03",\n"amount": 1}]\n', "No column was found"),
    "no dates": (b"customer,date,amount\nAnna,soon,1\n", "No row can be used: 1 bad_date"),
    "no customers": (b"customer,date,amount\n,2024-01-03,1\n", "No row can be used: 1 no_customer"),
    "all refunds": (b"customer,date,amount\nAnna,2024-01-03,-1\n", "Nobody purchased"),
    "only quotes": (b'"""""\n""""\n', "No column was found|no table"),
    "only delimiters": (b",,,,\n;;;;\n", "No column was found"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_orders_is_refused_with_the_reason(duckdb: Engine, tmp_path: Path, name: str) -> None:
    data, reason = FILES[name]
    path = export(tmp_path, data)
    with pytest.raises((InputError, DataError), match=reason):
        summarize(read_orders(path, engine=duckdb))


def test_bad_values_are_rejected_on_both_engines_and_the_rest_goes_on(engine: Engine, tmp_path: Path) -> None:
    rows = [
        "=HYPERLINK(1),2024-01-03,10",
        "Anna,2024-01-03,NaN",
        "Anna,2024-01-03,inf",
        "Anna,2024-01-03,1e999",
        "Anna,2024-01-03,1e12",
        "Anna,2024-01-03,999999999999.99",
        "Anna,0000-01-01,10",
        "Anna,9999-12-31,10",
        "Anna,1899-12-31,10",
        "Anna,2024-01-03," + "9" * 400,
        "Anna,2024-01-03,1e-400",
        'Anna,2024-01-03,"10\u200b"',
        "💶,2024-01-03,10",
        "Anna\u202e,2024-01-03,10",
        "x" * 100_000 + ",2024-01-03,10",
    ]
    orders = read(tmp_path, HEADER + "\n".join(rows) + "\n", engine)
    assert [(row, reason) for row, _, reason, _ in rejected(orders)] == [
        (2, "no_amount"),
        *((row, "bad_amount") for row in (3,)),
        *((row, "amount_too_large") for row in (4, 5)),
        *((row, "bad_date") for row in (7, 8, 9)),
        (10, "amount_too_large"),
        (12, "bad_amount"),
    ]
    assert worth(orders) == {
        "=HYPERLINK(1)": 10.0,
        "Anna": 999999999999.99,
        "💶": 10.0,
        "Anna\u202e": 10.0,
        "x" * 100_000: 10.0,
    }
    balance(orders)


def test_typed_values_beyond_all_bounds_are_rejected(engine: Engine) -> None:
    days = [date(2024, 1, 3), date(1, 1, 1), date(9999, 12, 31), *[date(2024, 1, 3)] * 5]
    amounts = [10.0, 1.0, 1.0, float("nan"), float("inf"), -float("inf"), 1e300, 1e12]
    orders = read_orders(pa.table({"customer": range(8), "date": days, "amount": amounts}), engine=engine)
    assert accepted(orders) == [(0, "2024-01-03", 10.0)]
    assert [reason for _, _, reason, _ in rejected(orders)] == [
        *["bad_date"] * 2,
        "no_amount",
        *["bad_amount"] * 2,
        *["amount_too_large"] * 2,
    ]
    balance(orders)


def test_values_are_shown_in_rejects_only_in_part(duckdb: Engine, tmp_path: Path) -> None:
    orders = read(tmp_path, HEADER + "Anna,2024-01-03,1\nAnna,2024-01-03," + "x" * 1_000 + "\n", duckdb)
    assert rejected(orders) == [(2, "amount", "bad_amount", "x" * 200)]


def test_missing_cells_are_rejected_and_not_taken_for_0(engine: Engine) -> None:
    table = pa.table(
        {
            "customer": ["Anna", None, "Anna", "Anna"],
            "date": [date(2024, 1, 3), date(2024, 1, 3), None, date(2024, 1, 4)],
            "amount": [10.0, 10.0, 10.0, None],
        }
    )
    orders = read_orders(table, engine=engine)
    assert accepted(orders) == [("Anna", "2024-01-03", 10.0)]
    assert orders.totals["by_reason"] == {"no_customer": (1, 10.0), "no_date": (1, 10.0), "no_amount": (1, None)}


def test_a_column_without_any_value_is_rejected_row_by_row(duckdb: Engine) -> None:
    for name in ("customer", "date", "amount"):
        columns = {"customer": pa.array(["Anna"]), "date": pa.array([date(2024, 1, 3)]), "amount": pa.array([1.0])}
        with pytest.raises(NotEnoughDataError, match=f"No row can be used: 1 no_{name}"):
            read_orders(pa.table({**columns, name: pa.nulls(1)}), engine=duckdb)


# --- anything at all --------------------------------------------------------------------------------------------------

SNIPPETS = st.sampled_from(
    [*',;\t|"\n\r', "\r\n", "\\", "'", "customer", "date", "amount", "Anna", "2024-01-03", "03.01.2024", "1,5", "-7",
     "1e999", "\ufeff", "\ud7ff", "é", "\u2028", "\x1a", "sep=;", " ", "=1+1", "__row__", "0", "€"]
)  # fmt: skip


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_advice(
    duckdb: Engine, tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    told(duckdb, export(tmp_path_factory.mktemp("any"), data))


@settings(max_examples=12)
@given(st.lists(SNIPPETS, max_size=40).map("".join), st.sampled_from(["utf-8", "utf-16"]))
def test_any_text_below_a_good_header_is_read_or_refused_with_advice(
    duckdb: Engine, tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str
) -> None:
    told(duckdb, export(tmp_path_factory.mktemp("any"), HEADER + text, encoding=encoding))


def test_any_value_in_any_cell_is_accepted_or_rejected(duckdb: Engine, tmp_path: Path) -> None:
    """Every sign of the first blocks, in each column, one a row."""
    signs = [
        chr(n) for n in [*range(1, 0x250), *range(0x2000, 0x2100), 0xFEFF, 0xFFFD, 0x1F4B6] if chr(n) not in '",\n\r'
    ]
    rows = [cells for sign in signs for cells in (f"{sign},2024-01-03,1", f"A,{sign},1", f"A,2024-01-03,{sign}")]
    orders = read(tmp_path, HEADER + "\n".join(rows) + "\n", duckdb)
    assert orders.totals["rows_read"] == len(rows)
    balance(orders)
