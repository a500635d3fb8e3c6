"""What kind of text file it is: encoding and delimiter, told from the file itself."""

import codecs
import csv
import gzip
import io
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path

from stammkunde.errors import InputError, NotEnoughDataError
from stammkunde.facts.engines import LONGEST_LINE

DELIMITERS = ",;\t|"
LINES = 50  # looked at to find the delimiter
_CHUNK = 1 << 20
_FOREIGN = {
    b"PK\x03\x04": "a spreadsheet or zip archive",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"%PDF": "a PDF document",
    b"SQLite": "an SQLite database",
}


@dataclass(frozen=True)
class TextFile:
    """A delimited file: where it is (unpacked, if it was packed), and how it is written."""

    path: Path
    encoding: str
    delimiter: str


def look(path: Path, *, folder: Path) -> TextFile:
    """Find out the encoding (UTF-8, UTF-16 or else Windows-1252) and the delimiter of the file at `path`.

    A packed file (.gz) is unpacked into `folder`.

    Raises
    ------
    InputError : it is empty, or no text; or its first line has no end.
    NotEnoughDataError : it has a header and nothing else.
    """
    if path.suffix.lower() == ".gz":
        path = _unpacked(path, folder / path.stem)
    encoding = _encoding(path)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        lines = [file.readline(LONGEST_LINE) for _ in range(LINES)]
    if max(map(len, lines)) >= LONGEST_LINE:
        raise InputError(f"A line has no end within {LONGEST_LINE:,} characters.", where=str(path), advice=_SAVE)
    filled = [line for line in lines if line.strip()]
    if not filled:
        raise InputError("The file is empty.", where=str(path), advice=_SAVE)
    if len(filled) == 1:
        raise NotEnoughDataError("The file has a header and no orders.", where=str(path))
    return TextFile(path, encoding, _delimiter(filled))


_SAVE = "Save the orders as CSV (UTF-8), with the names of the columns in the first line."


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(_CHUNK)
        kind = next((name for mark, name in _FOREIGN.items() if start.startswith(mark)), None)
        if kind:
            raise InputError(f"This is {kind}, not a text file.", where=str(path), advice=_SAVE)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if b"\0" in start:
            raise InputError("This is no text file: it holds bytes of zero.", where=str(path), advice=_SAVE)
        file.seek(0)
        return "utf-8" if _is_utf8(file) else "cp1252"


def _is_utf8(file: io.BufferedReader) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(lines: list[str]) -> str:
    """The one that splits the header into most fields, of those that split the other lines alike."""

    def fields(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        alike = sum(count == counts[0] for count in counts) / len(counts)
        return (alike if counts[0] > 1 else 0.0) * counts[0], -DELIMITERS.index(delimiter)

    return max(DELIMITERS, key=fields)


def _unpacked(path: Path, target: Path) -> Path:
    try:
        with gzip.open(path) as packed, target.open("wb") as file:
            shutil.copyfileobj(packed, file, _CHUNK)
    except (OSError, EOFError, zlib.error) as error:
        advice = "Unpack it, and name the text file."
        raise InputError(f"It cannot be unpacked: {error}.", where=str(path), advice=advice) from error
    return target
