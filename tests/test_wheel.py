"""The wheel holds all that a page needs, and nothing that is not ours."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling", reason="builds the wheel")

REPOSITORY = Path(__file__).resolve().parents[1]
SOURCE = REPOSITORY / "src"


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = folder.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_file_of_the_package_is_in_it(members: set[str]) -> None:
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in (SOURCE / "stammkunde").rglob("*")
        if path.is_file() and path.suffix not in {".mo", ".pyc"} and not any(part[0] == "." for part in path.parts)
    }
    assert found - members == set()
    for kind in ("templates", "static", "locale", "migrations"):
        assert [name for name in members if f"/{kind}/" in name], kind


def test_there_is_nothing_beside_the_package_its_shop_and_its_licence(members: set[str]) -> None:
    strange = [name for name in members if not name.startswith("stammkunde/") and ".dist-info/" not in name]
    assert strange == []
    assert [name for name in members if "/tests/" in name or name.endswith((".pyc", ".sqlite3", ".env"))] == []
    assert [name for name in members if name.endswith("licenses/LICENSE")]
    assert [name for name in members if name.startswith("stammkunde/data/online_retail/")]
