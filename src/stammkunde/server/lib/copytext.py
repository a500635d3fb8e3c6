r"""Rows as text that both databases read and write: PostgreSQL's COPY format, a row a line, tabs between, \N for null.

PostgreSQL does it by itself. SQLite puts the lines together in its own SQL, at the speed of C; what it takes back is
split here, and only columns whose form differs (moments, truth, bytes) are looked at one by one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

#: What Django calls a column, and what it is here.
KINDS = {
    **dict.fromkeys(("CharField", "TextField", "EmailField", "SlugField", "URLField", "GenericIPAddressField"), "text"),
    **dict.fromkeys(("FileField", "FilePathField", "ImageField"), "text"),
    **dict.fromkeys(("AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField"), "int"),
    **dict.fromkeys(("SmallIntegerField", "PositiveIntegerField", "PositiveBigIntegerField"), "int"),
    "PositiveSmallIntegerField": "int",
    "FloatField": "float",
    "BooleanField": "bool",
    "DateField": "date",
    "TimeField": "time",
    "DateTimeField": "moment",
    "JSONField": "json",
    "BinaryField": "bytes",
    "UUIDField": "uuid",
}
#: Logins that are open; nobody wants them back, least of all on another machine.
PASSING = frozenset({"django_session"})
_ESCAPED = re.compile(r"\\([bfnrtv\\])")
_PLAIN = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}


@dataclass(frozen=True)
class Table:
    """A table: its name, and name and kind of each column."""

    name: str
    columns: tuple[tuple[str, str], ...]


def tables() -> list[Table]:
    """All tables that are kept, those of packages we use included.

    Raises
    ------
    KeyError : a model has a kind of column that nobody has thought of here.
    """
    found = []
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.managed and not meta.proxy and meta.db_table not in PASSING:
            columns = tuple((str(field.column), _kind(field)) for field in meta.local_concrete_fields)
            found.append(Table(meta.db_table, columns))
    return found


def _kind(field: Any) -> str:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return KINDS[field.get_internal_type()]


def quoted(name: str) -> str:
    """A name of a table or column, in SQL of both."""
    return '"' + name.replace('"', '""') + '"'


def select_lines(table: Table) -> str:
    """SQL with which SQLite gives every row as a line."""
    parts = [f"coalesce({_to_text(quoted(name), kind)}, '\\N')" for name, kind in table.columns]
    return f"SELECT {' || char(9) || '.join(parts)} FROM {quoted(table.name)}"


def _to_text(column: str, kind: str) -> str:
    if kind in {"text", "json"}:
        for letter, number in (("\\", 92), ("t", 9), ("n", 10), ("r", 13)):
            column = f"replace({column}, char({number}), '\\{letter}')"
        return column
    forms = {
        "float": "printf('%!.17g', {0})",
        "bool": "CASE {0} WHEN 1 THEN 't' WHEN 0 THEN 'f' END",
        "moment": "{0} || '+00'",
        "bytes": "'\\\\x' || lower(hex({0}))",
    }
    return forms.get(kind, "{0}").format(column)


def insert_rows(table: Table) -> str:
    """SQL with which SQLite takes a row."""
    names = ", ".join(quoted(name) for name, _ in table.columns)
    return f"INSERT INTO {quoted(table.name)} ({names}) VALUES ({', '.join('?' * len(table.columns))})"


def rows(table: Table, lines: Iterable[str]) -> Iterator[Sequence[Any]]:
    """Lines as rows for SQLite, which itself makes numbers of digits."""
    readers = [(place, READERS[kind]) for place, (_, kind) in enumerate(table.columns) if kind in READERS]
    for line in lines:
        row: list[Any] = [None if part == "\\N" else part for part in line.removesuffix("\n").split("\t")]
        if "\\" in line:
            row = [plain(part) if part is not None and "\\" in part else part for part in row]
        for place, read in readers:
            if row[place] is not None:
                row[place] = read(row[place])
        yield row


def plain(text: str) -> str:
    """Text without the marks that COPY puts before tabs, ends of lines and backslashes."""
    return _ESCAPED.sub(lambda found: _PLAIN[found[1]], text)


def _moment(text: str) -> str:
    """As Django writes it to SQLite: no zone, and six decimals or none, so that text sorts as time does."""
    whole, point, part = text.removesuffix("+00").partition(".")
    return f"{whole}.{part.ljust(6, '0')}" if point else whole


READERS: dict[str, Callable[[str], Any]] = {
    "bool": lambda text: int(text == "t"),
    "bytes": lambda text: bytes.fromhex(text.removeprefix("\\x")),
    "float": float,
    "moment": _moment,
    "uuid": lambda text: text.replace("-", ""),
}
