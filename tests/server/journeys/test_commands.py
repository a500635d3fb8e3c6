"""`stammkunde journeys`: taken in and given out as files, and tried on the past, as people type it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from stammkunde.cli.app import app
from stammkunde.errors import InputError
from stammkunde.server.journeys.models import Journey

pytestmark = pytest.mark.django_db(transaction=True)
FLOWS = Path(__file__).resolve().parents[3] / "src" / "stammkunde" / "server" / "journeys" / "library" / "flows"
Type = Callable[..., str]


@pytest.fixture
def typed() -> Type:
    """What is printed by `stammkunde journeys …`; errors of ours are raised."""

    def run(*words: Any) -> str:
        result = CliRunner(env={"COLUMNS": "120"}).invoke(app, ["journeys", *map(str, words)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0
        return result.stdout

    return run


@pytest.fixture
def cart() -> Path:
    return FLOWS / "cart.yaml"


def test_a_shop_without_journeys_is_told_how_to_get_one(typed: Type) -> None:
    assert "stammkunde journeys import" in typed("list")


def test_a_file_is_taken_in_once_switched_off_and_given_out_as_it_was(typed: Type, cart: Path, tmp_path: Path) -> None:
    assert "cart" in typed("check", cart)
    assert "New: cart" in typed("import", cart)
    assert Journey.objects.get().state == Journey.State.OFF
    assert "never published" in typed("list")
    out = tmp_path / "mine.yaml"
    typed("export", "cart", "--out", out)
    assert out.read_text(encoding="utf-8") == typed("export", "cart")
    Journey.objects.all().delete()
    assert "stay as they are" in typed("import", out)


def test_what_is_no_journey_is_refused_with_its_place(typed: Type, cart: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(cart.read_text(encoding="utf-8").replace("do: send", "do: shout"), encoding="utf-8")
    with pytest.raises(InputError, match=r"steps\[0\].do"):
        typed("check", wrong)
    with pytest.raises(InputError, match="no file"):
        typed("simulate", "nowhere.yaml")
    with pytest.raises(InputError, match="no journey"):
        typed("export", "nothing")


def test_a_flow_is_tried_on_the_past_and_leaves_nothing(typed: Type) -> None:
    dates = ("--from", "2026-01-01", "--until", "2026-01-03", "--every", 1440, "--quiet")
    assert "3 days" in typed("simulate", "cart", *dates)
    found = json.loads(typed("simulate", "cart", *dates, "--json"))
    assert [(each["key"], each["sent"]) for each in found["flows"]] == [("cart-draft-0", 0)]
    assert not Journey.objects.exists()
    with pytest.raises(InputError, match="before it begins"):
        typed("simulate", "cart", "--from", "2026-02-01", "--until", "2026-01-03")
