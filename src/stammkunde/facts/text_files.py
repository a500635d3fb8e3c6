"""What kind of text file it is: encoding and delimiter, told from the file itself."""

import codecs
import csv
import gzip
import itertools
import re
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path

from stammkunde.errors import InputError, NotEnoughDataError
from stammkunde.facts.engines import LONGEST_LINE

DELIMITERS = ",;\t|"
LINES = 50  # looked at to find the delimiter
_CHUNK = 1 << 20
_SEP = re.compile(r'^"?sep=(.|\\t)"?$', re.IGNORECASE)
_FOREIGN = {
    b"PK\x03\x04": "a spreadsheet or zip archive",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"%PDF": "a PDF document",
    b"SQLite": "an SQLite database",
}


@dataclass(frozen=True)
class TextFile:
    """A delimited file: where it is (unpacked, and without what stands before the header), and how it is written.

    `lines` is how many line ends it has: no fewer than its rows, and more where values have line breaks.
    """

    path: Path
    encoding: str
    delimiter: str
    lines: int


def look(path: Path, *, folder: Path) -> TextFile:
    """Find out the encoding (UTF-8, UTF-16 or else Windows-1252) and the delimiter of the file at `path`.

    What engines cannot read in place is written anew into `folder`: a packed file (gzip), one that begins with empty
    lines or with Excel's `sep=;`, and one whose name has the signs of a pattern.

    Raises
    ------
    InputError : it is empty, or no text; or a line has no end.
    NotEnoughDataError : it has a header and nothing else.
    """
    shown = str(path)
    if begins(path, b"\x1f\x8b"):
        path = _unpacked(path, folder / "unpacked.csv")
    encoding, ends = _scanned(path, shown)
    lines = _first_lines(path, encoding)
    before, stated = _before_header(lines)
    filled = [line for line in lines[before:] if line.strip()]
    if not filled:
        raise InputError("The file is empty.", where=shown, advice=_SAVE)
    if len(filled) == 1:
        raise NotEnoughDataError("The file has a header and no orders.", where=shown)
    delimiter = _delimiter(filled, shown)
    if before or any(character in str(path) for character in "*?["):
        path, encoding = _rewritten(path, encoding, folder / "orders.csv", without=before), "utf-8"
    return TextFile(path, encoding, stated or delimiter, ends)


_SAVE = "Save the orders as CSV (UTF-8), with the names of the columns in the first line."


def begins(path: Path, mark: bytes) -> bool:
    """Whether these are the first bytes of the file."""
    with path.open("rb") as file:
        return file.read(len(mark)) == mark


def _scanned(path: Path, shown: str) -> tuple[str, int]:
    """The encoding, and the number of line ends; one pass over the bytes."""
    decoder, ends, returns, since, wide, valid = codecs.getincrementaldecoder("utf-8")(), 0, 0, 0, False, True
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if not file.tell() > len(chunk):
                _refuse_foreign(chunk, shown)
                wide = chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            if not wide and b"\0" in chunk:
                raise InputError("This is no text file: it holds bytes of zero.", where=shown, advice=_SAVE)
            ends, returns = ends + chunk.count(b"\n"), returns + chunk.count(b"\r")
            last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
            since = len(chunk) - last - 1 if last >= 0 else since + len(chunk)
            if since > LONGEST_LINE:
                told = f"A line has no end within {LONGEST_LINE:,} bytes (line {max(ends, returns) + 1:,})."
                raise InputError(told, where=shown, advice=_SAVE)
            valid = valid and not wide and _decodes(decoder, chunk)
    valid = valid and not wide and _decodes(decoder, b"", final=True)
    return "utf-16" if wide else "utf-8" if valid else "cp1252", ends or returns


def _refuse_foreign(start: bytes, shown: str) -> None:
    kind = next((name for mark, name in _FOREIGN.items() if start.startswith(mark)), None)
    if kind:
        raise InputError(f"This is {kind}, not a text file.", where=shown, advice=_SAVE)


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final=final)
    except UnicodeDecodeError:
        return False
    return True


def _first_lines(path: Path, encoding: str) -> list[str]:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return [line.removeprefix("\ufeff") for line in itertools.islice(file, LINES)]


def _before_header(lines: list[str]) -> tuple[int, str | None]:
    """How many lines stand before the header, and the delimiter if one of them is Excel's `sep=;`."""
    stated = None
    for before, line in enumerate(lines):
        told = _SEP.match(line.strip("\r\n"))
        if line.strip() and not told:
            return before, stated
        stated = told[1].replace("\\t", "\t") if told else stated
    return len(lines), stated


def _delimiter(lines: list[str], shown: str) -> str:
    """The one that splits the header into most fields, of those that split the other lines alike."""

    def fields(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        alike = sum(count == counts[0] for count in counts) / len(counts)
        return (alike if counts[0] > 1 else 0.0) * counts[0], -DELIMITERS.index(delimiter)

    try:
        return max(DELIMITERS, key=fields)
    except csv.Error as error:
        raise InputError(f"The first lines are no table: {error}.", where=shown, advice=_SAVE) from error


def _rewritten(path: Path, encoding: str, target: Path, *, without: int) -> Path:
    """The file in UTF-8, less its first lines."""
    with (
        path.open(encoding=encoding, errors="replace", newline="") as file,
        target.open("w", encoding="utf-8", newline="") as kept,
    ):
        for _ in range(without):
            file.readline()
        shutil.copyfileobj(file, kept, _CHUNK)
    return target


def _unpacked(path: Path, target: Path) -> Path:
    try:
        with gzip.open(path) as packed, target.open("wb") as file:
            shutil.copyfileobj(packed, file, _CHUNK)
    except (OSError, EOFError, zlib.error) as error:
        advice = "Unpack it, and name the text file."
        raise InputError(f"It cannot be unpacked: {error}.", where=str(path), advice=advice) from error
    return target
