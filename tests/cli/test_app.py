"""The command as a process: help at once, errors as advice, exit codes, no trace of what failed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.conftest import Run, Write
from stammkunde import __version__
from stammkunde.cli import app
from stammkunde.cli.options import system_language

SOURCE = Path(__file__).resolve().parents[2] / "src"


def typed(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `stammkunde` as a process of its own; a warning is an error."""
    environment = {"PYTHONPATH": str(SOURCE), "PATH": os.environ["PATH"], "PYTHONWARNINGS": "error"}
    command = [sys.executable, "-m", "stammkunde.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", [(), ("clv",), ("clv", "score"), ("clv", "backtest"), ("demo",)], ids=str)
def test_help_is_there_for_every_command_with_an_example_for_those_that_work(
    run: Run, command: tuple[str, ...]
) -> None:
    told = run(*command, "--help").stdout
    assert "Usage: " in told
    assert len(command) < 2 or "Example:" in told


def test_help_does_not_wait_for_numbers_or_engines() -> None:
    code = (
        "import sys, stammkunde.cli as c; sys.argv = ['stammkunde', '--help']\ntry: c.main()\nexcept SystemExit: pass\n"
    )
    code += "print(*sys.modules)"
    environment = {"PYTHONPATH": str(SOURCE)}
    listed = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    heavy = {"numpy", "scipy", "pyarrow", "ibis", "duckdb", "rich.table", "rich.progress"}
    assert heavy & set(listed.stdout.split()) == set()


def test_the_version_is_told(run: Run) -> None:
    assert __version__ in run("--version").stdout


def test_an_error_is_advice_on_standard_error_and_nothing_else(tmp_path: Path) -> None:
    result = typed("clv", "score", str(tmp_path / "orders.csv"))
    assert result.returncode == 3
    assert result.stdout == ""
    assert result.stderr.startswith("stammkunde: ")
    assert "orders.csv" in result.stderr
    assert "Traceback" not in result.stderr


def test_rubbish_is_refused_without_a_traceback_and_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_bytes(bytes(range(256)) * 50)
    result = typed("clv", "score", str(tmp_path / "orders.csv"), "--out", str(tmp_path / "scores.csv"))
    assert result.returncode == 3
    assert "Traceback" not in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["orders.csv"]


def test_a_fault_of_ours_is_told_as_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], write: Write
) -> None:
    def fault(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a slip")

    monkeypatch.setattr("stammkunde.facts.orders.read_orders", fault)
    monkeypatch.setattr(sys, "argv", ["stammkunde", "clv", "score", write([["Anna", "2024-01-05", 5]])])
    with pytest.raises(SystemExit) as end:
        app.main()
    told = capsys.readouterr().err
    assert end.value.code == 1
    assert "ZeroDivisionError: a slip" in told
    assert "STAMMKUNDE_DEBUG" in told


@pytest.mark.parametrize(
    ("spoken", "language"), [({"LANG": "de_AT.UTF-8"}, "de"), ({"LANG": "de_DE", "LC_ALL": "C"}, "en"), ({}, "en")]
)
def test_the_report_speaks_the_language_of_the_system(
    monkeypatch: pytest.MonkeyPatch, spoken: dict[str, str], language: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in spoken.items():
        monkeypatch.setenv(name, value)
    assert system_language() == language
