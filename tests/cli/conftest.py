"""A small shop as a file, and the command as people type it."""

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from customers import simulated_orders
from stammkunde.cli.app import app

Run = Callable[..., Result]
Write = Callable[..., str]


@pytest.fixture(scope="session")
def run() -> Run:
    """Run `stammkunde` with these arguments in this process; errors of ours are raised."""

    def typed(*arguments: str) -> Result:
        result = CliRunner(env={"COLUMNS": "80", "LC_ALL": "", "LANG": "C.UTF-8"}).invoke(app, arguments)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return typed


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write rows as a CSV file with the header customer, date, amount."""

    def written(rows: Iterable[Sequence[Any]], name: str = "orders.csv") -> str:
        return to_csv(tmp_path / name, ["customer", "date", "amount"], rows)

    return written


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 customers over two years, a refund, and three rows that cannot be used: no customer, no date, no number."""
    orders = simulated_orders(400)
    rows = [[row["customer_id"], row["date"].isoformat(), row["amount"]] for row in orders.to_pylist()]
    spoilt: list[list[Any]] = [["", "2024-05-01", 20], ["C000001", "", 20], ["C000001", "2024-05-01", "twenty"]]
    path = tmp_path_factory.mktemp("shop") / "orders.csv"
    to_csv(path, ["Kundennummer", "Datum", "Betrag"], [*rows, [*rows[0][:2], -1.5], *spoilt])
    return path


def to_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return str(path)
