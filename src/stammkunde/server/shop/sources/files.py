"""Files that shops export, opened by what their header tells of them, whatever their encoding and separator."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from stammkunde.errors import InputError
from stammkunde.server.shop.sources import kinds
from stammkunde.server.shop.sources.base import Page, Preset, dated

FIELD = 1_000_000  # characters of one cell


@dataclass(frozen=True)
class File:
    """A file whose preset is known; `unknown` are columns that mean nothing to it."""

    path: Path
    preset: Preset
    unknown: tuple[str, ...]
    encoding: str
    separator: str

    def pages(self, *, version: int) -> Iterator[Page]:
        """The facts of the file, some hundred at a time."""
        with self.path.open(newline="", encoding=self.encoding, errors="replace") as file:
            before = csv.field_size_limit(FIELD)  # of the whole process
            try:
                for page in self.preset.read(_rows(csv.DictReader(file, delimiter=self.separator)), version):
                    yield replace(page, facts=[dated(fact, version) for fact in page.facts])
            finally:
                csv.field_size_limit(before)


def opened(path: Path) -> File:
    """A file with the preset that fits its header.

    Raises
    ------
    InputError : no kind of shop is known to export such a header.
    """
    encoding = _encoding(path)
    with path.open(newline="", encoding=encoding, errors="replace") as file:
        line = file.readline(FIELD)
    separator = max(",;\t|", key=line.count)
    header = [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]
    for kind in kinds().values():
        for preset in kind.presets:
            if preset.needs <= set(header):
                unknown = tuple(name for name in header if name and not preset.knows(name))
                return File(path, preset, unknown, encoding, separator)
    titles = ", ".join(preset.title for kind in kinds().values() for preset in kind.presets)
    raise InputError("The header of this file is not known.", where=path.name, advice=f"Known are: {titles}.")


def _encoding(path: Path) -> str:
    """UTF-8 where it is that, else what Windows writes."""
    with path.open("rb") as file:
        start = file.read(1_000_000)
    try:
        start[: start.rfind(b"\n") + 1 or None].decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _rows(reader: "csv.DictReader[str]") -> Iterator[Mapping[str, str]]:
    for row in reader:
        yield {name.strip(): value or "" for name, value in row.items() if isinstance(name, str)}
