"""The shape of the house: sizes, names, imports, lock files."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SOURCE = REPOSITORY / "src" / "stammkunde"
MODULES = sorted(path for path in SOURCE.rglob("*.py") if path.parent.name != "migrations")  # Django writes those
LOCKS = sorted((REPOSITORY / "requirements").glob("*.lock"))
# Spelt in parts, so that this file does not hold them itself.
FORBIDDEN = ("/wo" + "rk/", "TO" + "DO", "FIX" + "ME", "XX" + "X", "pypi." + "org", "pythonhosted." + "org")
LARGEST = 400


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


@cache
def tracked() -> list[Path]:
    """Files of the repository, as its ignore file sees them; empty where git or the repository is not there."""
    command = ["git", "-C", str(REPOSITORY), "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    return [path for path in (REPOSITORY / line for line in listed.splitlines()) if path.is_file()]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_a_module_is_short_enough_to_read() -> None:
    assert [name_of(module) for module in MODULES if len(text_of(module).splitlines()) > LARGEST] == []


def test_a_module_says_what_it_is() -> None:
    assert [name_of(module) for module in MODULES if not ast.get_docstring(ast.parse(text_of(module)))] == []


def test_an_import_inside_a_function_says_why() -> None:
    found = [f"{name_of(module)}: {line.strip()}" for module in MODULES for line in deferred(text_of(module))]
    assert [line for line in found if "#" not in line] == []


def deferred(text: str) -> list[str]:
    """The first of each run of imports inside functions: one reason serves neighbours."""
    lines, found = text.splitlines(), []
    for function in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)):
        imports = [node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
        ends = {node.end_lineno for node in imports}
        first = [node for node in imports if not {node.lineno - 1, node.lineno - 2} & ends]
        found += [" ".join(lines[node.lineno - 1 : node.end_lineno]) for node in first]
    return found


def test_no_drawer_without_a_name() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [name_of(path) for path in SOURCE.rglob("*") if path.stem in drawers] == []


def test_no_file_speaks_of_a_machine_or_of_work_left_undone() -> None:
    files = tracked()
    if not files:
        pytest.skip("needs git, to know which files belong to the repository")
    found = []
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture, or data
        found += [f"{name_of(path)}: {word}" for word in FORBIDDEN if word in text]
    assert found == []


def imported_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    run = [sys.executable, "-W", "error", "-c", code]
    environment = {"PYTHONPATH": str(SOURCE.parent), "PATH": ""}
    listed = subprocess.run(run, env=environment, capture_output=True, text=True, check=True).stdout
    return {module.split(".")[0] for module in listed.split()}


def test_help_does_not_wait_for_what_only_work_needs() -> None:
    heavy = {"numpy", "scipy", "pyarrow", "ibis", "duckdb", "pandas"}
    assert imported_by("import stammkunde.cli") & heavy == set()


def test_the_library_brings_no_web_server() -> None:
    assert imported_by("import stammkunde.facts, stammkunde.clv") & {"django", "flask", "starlette"} == set()


def test_optional_packages_are_imported_only_when_asked_for() -> None:
    statement = "from stammkunde.facts import read_orders; from stammkunde.clv import fit"
    assert imported_by(statement) & {"pandas", "polars", "pyspark", "lightgbm"} == set()


@pytest.mark.parametrize("lock", LOCKS, ids=name_of)
def test_a_lock_file_has_a_hash_for_every_package_and_no_host(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert [entry.split()[0] for entry in entries if not re.match(r"[A-Za-z0-9._\[\]-]+==\S+", entry)] == []
    assert "://" not in text
    assert "index-url" not in text
    assert "find-links" not in text
