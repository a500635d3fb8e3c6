"""Writing files: whole or not at all, never over what is read, and so that a spreadsheet runs nothing in them."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq

from stammkunde.errors import InputError

TABLES = (".csv", ".parquet")
#: How cells begin that spreadsheets take for formulas (OWASP, CSV injection), full-width signs included.
FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"


def check(paths: Iterable[str | None], *, tables: Iterable[str | None] = (), read: Iterable[str | None] = ()) -> None:
    """Whether all these files can be written, before any long work begins.

    Parameters
    ----------
    paths : files to be written; None is passed over.
    tables : those among them that are to be tables, CSV or Parquet by their names.
    read : files that are read and must not be written over.

    Raises
    ------
    InputError : a file cannot be written, is named twice, or is read from.
    """
    for name in filter(None, tables):
        if Path(name).suffix.lower() not in TABLES:
            advice = f"End the name in {' or '.join(TABLES)}."
            raise InputError("Its name does not say what kind of table to write.", where=name, advice=advice)
    taken = {Path(name).resolve() for name in filter(None, read)}
    for name in filter(None, paths):
        if Path(name).resolve() in taken:
            advice = "Choose another name."
            raise InputError("This file is read from, or to be written twice.", where=name, advice=advice)
        taken.add(Path(name).resolve())
        _try(name)


def check_folder(name: str | None) -> None:
    """Whether Spark may write its folder there: where nothing is, or an earlier one of its own.

    Raises
    ------
    InputError : something else is there, that it would replace.
    """
    path = Path(name or "")
    if name is None or not path.exists() or (path / "_SUCCESS").is_file():
        return
    raise InputError("Spark would replace what is there.", where=name, advice="Name a folder that does not exist yet.")


def _try(name: str) -> None:
    path = Path(name).resolve()
    if path.exists() and not path.is_file():
        what = "This is a folder." if path.is_dir() else "This is no file that can be replaced."
        raise InputError(what, where=name, advice="Name a file in it." if path.is_dir() else "Name a file.")
    with replacing(name) as beside:
        beside.touch()
        beside.unlink()


@contextmanager
def replacing(name: str) -> Iterator[Path]:
    """A temporary file beside `name` that takes its place in the end, all at once; nothing is left where that fails.

    Raises
    ------
    InputError : the file cannot be written there.
    """
    path = Path(name).resolve()  # of a link, the file it leads to
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield beside
        if beside.exists():
            beside.replace(path)
    except OSError as error:
        why = error.strerror or type(error).__name__
        advice = "Choose a folder that exists, may be written to and has room."
        raise InputError(f"It cannot be written: {why}.", where=name, advice=advice) from error
    finally:
        beside.unlink(missing_ok=True)


def write_text(text: str, name: str) -> None:
    """Write text as UTF-8."""
    with replacing(name) as beside:
        beside.write_text(text, encoding="utf-8")


def write_table(table: pa.Table, name: str) -> None:
    """Write a table as CSV or Parquet, by the end of its name."""
    with replacing(name) as beside:
        if name.lower().endswith(".parquet"):
            pq.write_table(table, beside)
        else:
            csv.write_csv(harmless(table), beside)


def harmless(table: pa.Table) -> pa.Table:
    """The table with an apostrophe before every text that a spreadsheet would take for a formula."""
    for i, field in enumerate(table.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            column = table.column(i)
            formula = pc.match_substring_regex(column, FORMULA)
            quoted = pc.binary_join_element_wise("'", column.cast(pa.string()), "")
            table = table.set_column(i, field.name, pc.if_else(formula, quoted, column.cast(pa.string())))
    return table
