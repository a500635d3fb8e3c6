"""Catalogues of all rooms, compiled at the start into one per language: an edited .po counts after a restart, and no
compiled file lies in the repository."""

import re
import secrets
import struct
from collections.abc import Iterator, Sequence
from gettext import GNUTranslations
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

ROOMS = Path(__file__).parents[1]
HOME = Path("LC_MESSAGES", "django.po")
LINE = re.compile(r'((msgctxt|msgid|msgid_plural|msgstr(\[\d+\])?)\s+)?"([^"\\]|\\.)*"')
MADE_OF = ("stammkunde", "made of")  # context and id of a message that holds the digest of the sources


def languages() -> set[str]:
    """Languages that any room has a catalogue of."""
    return {path.parents[1].name for path in ROOMS.glob(f"*/locale/*/{HOME}")}


def sources(language: str) -> list[Path]:
    """The catalogues of a language, room by room."""
    return sorted(ROOMS.glob(f"*/locale/{language}/{HOME}"))


def compile_all(target: Path) -> None:
    """Write `target`/<language>/LC_MESSAGES/django.mo for every language, where it is made of anything else than now.

    Raises
    ------
    ValueError : a catalogue cannot be read; it says which, and where.
    """
    for language in languages():
        found, made = sources(language), target / language / "LC_MESSAGES" / "django.mo"
        now = digest(found)
        if made_of(made) != now:
            made.parent.mkdir(parents=True, exist_ok=True)
            catalog = merged(language)
            catalog.add(MADE_OF[1], now, context=MADE_OF[0])
            _write(catalog, made)


def digest(found: Sequence[Path]) -> str:
    """What the catalogues say, in short. Not their age: packages and images come with times of their own."""
    return sha256(b"\0".join(bytes(path) + path.read_bytes() for path in found)).hexdigest()


def made_of(made: Path) -> str:
    """The digest a compiled catalogue was made of; nothing where there is none, or none that can be read."""
    try:
        with made.open("rb") as file:
            return GNUTranslations(file).pgettext(*MADE_OF)
    except (OSError, ValueError, struct.error):
        return ""


def merged(language: str) -> Catalog:
    """The catalogues of all rooms in one; of a message that several have, the first counts."""
    whole = Catalog(locale=language)
    for path in sources(language):
        for message in read(path):
            if message.id and whole.get(message.id, message.context) is None:
                whole.add(message.id, message.string, context=message.context)
    return whole


def read(path: Path) -> Iterator[Message]:
    """The messages of a catalogue.

    Raises
    ------
    ValueError : it cannot be read; it says where, and what to do.
    """
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        _check(line, f"{path}, line {number}")
    try:
        with path.open("rb") as file:
            yield from read_po(file, abort_invalid=True)
    except PoFileError as error:  # counts lines from 0, in its text too
        what = str(error).rpartition(" on ")[0]
        raise ValueError(f"{path}, line {error.lineno + 1}: {what}. Write msgid and msgstr in pairs.") from error


def _check(line: bytes, where: str) -> None:
    """Babel takes a line without its quotes for an empty one, and says nothing."""
    try:
        text = line.decode().strip()
    except UnicodeDecodeError as error:
        raise ValueError(f"{where}: {line!r} is not in UTF-8. Save the file as UTF-8.") from error
    if text and not text.startswith("#") and not LINE.fullmatch(text):
        raise ValueError(f'{where}: {text!r} is no line of a catalogue. Write msgid "…" or msgstr "…", quotes as \\".')


def _write(catalog: Catalog, made: Path) -> None:
    """Under a name of its own first: several processes start at once."""
    content = BytesIO()
    write_mo(content, catalog)
    own = made.with_suffix(f".{secrets.token_hex(4)}")
    own.write_bytes(content.getvalue())
    own.replace(made)
