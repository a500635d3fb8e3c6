"""Settings from the environment: variables, files, defaults; what cannot be used is named."""

from pathlib import Path

import pytest

from stammkunde.server.lib.environment import KNOWN, BadSettingError, Environment, postgresql


def read(**variables: str) -> Environment:
    """The environment with these variables, each without its prefix."""
    return Environment.read({f"STAMMKUNDE_{name}": value for name, value in variables.items()})


def test_nothing_said_gives_the_defaults_and_no_problem() -> None:
    found = Environment.read({"PATH": "/bin"})
    assert found.values == {name: default for name, (default, _) in KNOWN.items()}
    assert found.problems == ()


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, (_, what) in KNOWN.items() if len(what) < 10] == []


@pytest.mark.parametrize("name", KNOWN)
def test_every_setting_can_come_from_a_file(name: str, tmp_path: Path) -> None:
    said = {"UPLOAD_LIMIT": "5", "DEMO": "1", "DEBUG": "1", "URL": "https://a.example", "LANGUAGE": "de"}
    value = said.get(name, "INFO")
    (tmp_path / "said").write_text(f"{value}\n")
    found = read(**{f"{name}_FILE": str(tmp_path / "said")})
    assert found[name] == value
    assert found.from_files == {name}
    assert found.problems == ()


def test_of_value_and_file_the_value_counts_unless_it_is_empty(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file")
    assert read(SECRET_KEY="said", SECRET_KEY_FILE=str(tmp_path / "key"))["SECRET_KEY"] == "said"
    assert read(SECRET_KEY="", SECRET_KEY_FILE=str(tmp_path / "key"))["SECRET_KEY"] == "from the file"
    assert read(DATA="")["DATA"] == KNOWN["DATA"][0]


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    (problem,) = read(SECRET_KEY_FILE=str(tmp_path / "none")).problems
    assert problem.name == "STAMMKUNDE_SECRET_KEY_FILE"
    assert "none" in problem.what


def test_a_misspelt_name_is_told_with_the_nearest_one() -> None:
    (problem,) = read(TIMEZONE="Europe/Berlin").problems
    assert "STAMMKUNDE_TIME_ZONE" in problem.hint
    (far,) = read(QQQQQ="1").problems
    assert "STAMMKUNDE_DATA," in far.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [("DEBUG", "maybe"), ("LANGUAGE", "fr"), ("LOG_LEVEL", "LOUD"), ("UPLOAD_LIMIT", "²"), ("UPLOAD_LIMIT", "-1"),
     ("UPLOAD_LIMIT", "nan"), ("URL", "shop.example"), ("URL", "ftp://shop.example")],
)  # fmt: skip
def test_a_value_nobody_can_mean_is_a_problem_and_the_default_holds(name: str, value: str) -> None:
    found = read(**{name: value})
    assert [problem.name for problem in found.problems] == [f"STAMMKUNDE_{name}"]
    assert found[name] == KNOWN[name][0]


@pytest.mark.parametrize(("said", "meant"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("no", False)])
def test_yes_and_no_have_several_words(said: str, *, meant: bool) -> None:
    assert read(DEMO=said).flag("DEMO") is meant


def test_an_address_of_postgresql_is_taken_apart() -> None:
    found = postgresql("postgresql://anna:p%40ss@db.example:5433/shop?sslmode=require")
    wanted = {"NAME": "shop", "USER": "anna", "PASSWORD": "p@ss", "HOST": "db.example", "PORT": "5433"}
    assert wanted.items() <= found.items()
    assert found["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("url", ["mysql://shop", "postgresql://host", "postgresql://host:port/shop", "shop.sqlite3"])
def test_any_other_address_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(BadSettingError) as told:
        postgresql(url)
    assert url not in str(told.value)


def test_a_key_is_made_once_for_nobody_else_to_read(tmp_path: Path) -> None:
    first = read(DATA=str(tmp_path / "data")).secret_key()
    assert len(first) > 50
    assert read(DATA=str(tmp_path / "data")).secret_key() == first
    assert (tmp_path / "data" / "secret-key").stat().st_mode & 0o077 == 0
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret-key"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadSettingError, match="STAMMKUNDE_DATA"):
        _ = read(DATA=str(tmp_path / "file" / "data")).data
