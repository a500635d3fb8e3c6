"""Words of all rooms become one catalogue at the start: only when they changed, and whole, or with the wrong line."""

import os
from concurrent.futures import ThreadPoolExecutor
from gettext import GNUTranslations
from pathlib import Path

import pytest

from stammkunde.server.ui import catalogs

HEAD = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""


@pytest.fixture
def rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house of two rooms, shop and value."""
    monkeypatch.setattr(catalogs, "ROOMS", tmp_path / "rooms")
    write(tmp_path / "rooms", "shop", 'msgid "Order"\nmsgstr "Bestellung"\n')
    write(tmp_path / "rooms", "value", 'msgid "Run"\nmsgstr "Lauf"\n')
    return tmp_path / "rooms"


def write(rooms: Path, room: str, body: str) -> Path:
    path = rooms / room / "locale" / "de" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEAD}\n{body}", encoding="utf-8")
    return path


def made(tmp_path: Path) -> Path:
    catalogs.compile_all(tmp_path / "made")
    return tmp_path / "made" / "de" / "LC_MESSAGES" / "django.mo"


def spoken(path: Path) -> GNUTranslations:
    with path.open("rb") as file:
        return GNUTranslations(file)


def test_the_words_of_every_room_are_in_it(rooms: Path, tmp_path: Path) -> None:
    said = spoken(made(tmp_path))
    assert [said.gettext("Order"), said.gettext("Run")] == ["Bestellung", "Lauf"]


def test_one_word_with_two_meanings_keeps_both(rooms: Path, tmp_path: Path) -> None:
    write(rooms, "value", 'msgctxt "sequence"\nmsgid "Order"\nmsgstr "Reihenfolge"\n')
    said = spoken(made(tmp_path))
    assert said.gettext("Order") == "Bestellung"
    assert said.pgettext("sequence", "Order") == "Reihenfolge"


def test_nothing_is_written_where_nothing_changed(rooms: Path, tmp_path: Path) -> None:
    before = made(tmp_path).stat().st_ino
    assert made(tmp_path).stat().st_ino == before


def test_an_edit_counts_even_if_the_file_claims_to_be_old(rooms: Path, tmp_path: Path) -> None:
    made(tmp_path)
    edited = write(rooms, "shop", 'msgid "Order"\nmsgstr "Auftrag"\n')
    os.utime(edited, (0, 0))  # packages and images come with times of their own
    assert spoken(made(tmp_path)).gettext("Order") == "Auftrag"


def test_a_catalogue_that_was_cut_off_is_made_anew(rooms: Path, tmp_path: Path) -> None:
    path = made(tmp_path)
    path.write_bytes(path.read_bytes()[:20])
    assert spoken(made(tmp_path)).gettext("Order") == "Bestellung"


def test_processes_that_start_at_once_leave_one_whole_catalogue_and_no_scraps(rooms: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as many:
        paths = list(many.map(lambda _: made(tmp_path), range(16)))
    assert spoken(paths[0]).gettext("Run") == "Lauf"
    assert [path.name for path in paths[0].parent.iterdir()] == ["django.mo"]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ('msgid "Order"\nmsgstr Bestellung\n', 7),
        ('msgid "Order"\nmsgstr "Bestellung\n', 7),
        ('msgid "Order"\nmsgstr "die „Bestellung" von Anna"\n', 7),
        ('msgid "Order"\nmsgstr "Bestellung"\n\nhello\n', 9),
        ('msgid "Order"\n\nmsgid "Run"\nmsgstr "Lauf"\n', 6),
    ],
)
def test_a_broken_catalogue_names_its_file_and_line(rooms: Path, tmp_path: Path, body: str, line: int) -> None:
    path = write(rooms, "shop", body)
    with pytest.raises(ValueError, match=f"{path}, line {line}: "):
        made(tmp_path)


def test_a_catalogue_in_another_encoding_says_so(rooms: Path, tmp_path: Path) -> None:
    path = write(rooms, "shop", "")
    path.write_bytes(path.read_bytes() + 'msgid "Bigger"\nmsgstr "größer"\n'.encode("latin-1"))
    with pytest.raises(ValueError, match=r"line 7: .* is not in UTF-8"):
        made(tmp_path)


def test_a_broken_catalogue_leaves_the_last_good_one(rooms: Path, tmp_path: Path) -> None:
    path = made(tmp_path)
    write(rooms, "shop", "hello\n")
    with pytest.raises(ValueError, match="hello"):
        made(tmp_path)
    assert spoken(path).gettext("Order") == "Bestellung"
