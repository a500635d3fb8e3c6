"""What is said of the server outside of its code is true of it: settings in files and on the how-to page."""

import re
from pathlib import Path

import pytest

from stammkunde.server.lib.environment import KNOWN

REPOSITORY = Path(__file__).resolve().parents[3]
HOW_TO = REPOSITORY / "docs" / "how-to" / "run-the-server.md"


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", ".env.example", "docs/how-to/run-the-server.md"])
def test_a_file_names_only_settings_there_are(name: str) -> None:
    named = set(re.findall(r"STAMMKUNDE_([A-Z_]*[A-Z])", (REPOSITORY / name).read_text(encoding="utf-8")))
    assert named
    assert {each.removesuffix("_FILE") for each in named} - set(KNOWN) == set()


def test_the_how_to_page_has_every_setting_with_its_default_and_meaning() -> None:
    page = HOW_TO.read_text(encoding="utf-8").replace("`", "")
    rows = {
        f"| STAMMKUNDE_{name} | {default} | {what} |".replace("|  |", "| |") for name, (default, what) in KNOWN.items()
    }
    assert [row for row in sorted(rows) if row not in page] == []


def test_the_how_to_page_has_every_figure() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "src").rglob("metrics.py"))
    figures = set(re.findall(r'"(stammkunde_\w+)"', source)) - {"stammkunde_version"}
    assert {figure for figure in figures if figure not in HOW_TO.read_text(encoding="utf-8")} == set()
