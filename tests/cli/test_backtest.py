"""`stammkunde clv backtest`, as people type it."""

import csv
import json
from pathlib import Path

import pytest

from cli.conftest import Run, Write
from stammkunde.errors import NotEnoughDataError


def test_models_and_rules_of_thumb_stand_side_by_side_and_the_choice_is_explained(run: Run, shop: Path) -> None:
    screen = run("clv", "backtest", str(shop), "--horizon", "6m").stdout
    assert [name for name in ("bg-nbd", "mbg-nbd", "pareto-nbd", "own-pace", "last-period") if name not in screen] == []
    assert "chosen" in screen
    assert "smallest error of order counts" in " ".join(screen.split())
    assert max(map(len, screen.splitlines())) <= 80


def test_the_json_and_the_table_have_every_trial(run: Run, shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "trials.csv"
    told = json.loads(run("clv", "backtest", str(shop), "--horizon", "6m", "--out", str(out), "--json").stdout)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(told["trials"]) == sum(row["origins"] for row in told["backtest"])
    assert rows[0]["until"] == told["trials"][0]["until"]
    assert told["choice"] in told["reason"]
    assert told["horizon"]["asked"] == "6m"


def test_a_shop_too_small_to_try_is_told_what_it_takes(run: Run, write: Write) -> None:
    with pytest.raises(NotEnoughDataError, match="100 customers"):
        run("clv", "backtest", write([["Anna", "2024-01-05", 20], ["Anna", "2024-02-05", 30]]))
