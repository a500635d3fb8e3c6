"""Catalogues of all rooms, compiled at the start into one per language: an edited .po counts after a restart, and no
compiled file lies in the repository."""

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

ROOMS = Path(__file__).parents[1]
HOME = Path("LC_MESSAGES", "django.po")


def languages() -> set[str]:
    """Languages that any room has a catalogue of."""
    return {path.parents[1].name for path in ROOMS.glob(f"*/locale/*/{HOME}")}


def sources(language: str) -> list[Path]:
    """The catalogues of a language, room by room."""
    return sorted(ROOMS.glob(f"*/locale/{language}/{HOME}"))


def compile_all(target: Path) -> None:
    """Write `target`/<language>/LC_MESSAGES/django.mo for every language, where it is older than what it is made of.

    Raises
    ------
    ValueError : a catalogue cannot be read; it says which, and where.
    """
    for language in languages():
        found, made = sources(language), target / language / "LC_MESSAGES" / "django.mo"
        newest = max(path.stat().st_mtime_ns for path in found)
        if not made.is_file() or made.stat().st_mtime_ns < newest:
            made.parent.mkdir(parents=True, exist_ok=True)
            _write(merged(language), made, newest)


def merged(language: str) -> Catalog:
    """The catalogues of all rooms in one; of a message that several have, the first counts."""
    whole = Catalog(locale=language)
    for path in sources(language):
        for message in read(path):
            if message.id and message.id not in whole:
                whole.add(message.id, message.string, context=message.context)
    return whole


def read(path: Path) -> Iterator[Message]:
    """The messages of a catalogue.

    Raises
    ------
    ValueError : it cannot be read; it says where.
    """
    try:
        with path.open("rb") as file:
            yield from read_po(file, abort_invalid=True)
    except PoFileError as error:
        raise ValueError(f"{path}, line {error.lineno}: {error}: {error.line!r}") from error


def _write(catalog: Catalog, made: Path, stamp: int) -> None:
    """Under a name of its own first: several processes start at once. It is as old as the newest it was made of."""
    content = BytesIO()
    write_mo(content, catalog)
    own = made.with_suffix(f".{os.getpid()}")
    own.write_bytes(content.getvalue())
    os.utime(own, ns=(stamp, stamp))
    own.replace(made)
