"""The documentation can fail: examples run, links lead somewhere, and every promise of a page has its page."""

import contextlib
import doctest
import importlib
import io
import os
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest

import stammkunde
from stammkunde.facts import online_retail_path
from thorough import sampled

REPOSITORY = Path(__file__).resolve().parents[1]
DOCS = REPOSITORY / "docs"
PAGES = sorted([*REPOSITORY.glob("*.md"), *DOCS.rglob("*.md"), REPOSITORY / "benchmarks" / "README.md"])
PAGES = [page for page in PAGES if page.is_file() and "_build" not in page.parts]
ON_SPARK = DOCS / "how-to" / "spark.md"
BLOCK = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
DOCTESTS = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL


def name_of(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


def blocks(page: Path) -> list[tuple[str, str]]:
    return [(block["kind"].strip(), block["text"]) for block in BLOCK.finditer(page.read_text(encoding="utf-8"))]


WITH_EXAMPLES = [page for page in PAGES if {"python", "pycon", "console"} & {kind for kind, _ in blocks(page)}]


README_FIRST = sorted({*WITH_EXAMPLES} - {ON_SPARK}, key=lambda page: (page != REPOSITORY / "README.md", page))


@pytest.fixture(scope="session")
def tenth(online_retail: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tenth of the bundled shop, guests included, as Parquet and CSV."""
    return written(every(10, online_retail, guests=True), tmp_path_factory.mktemp("tenth"))


@pytest.fixture(scope="session")
def hundredth(online_retail: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a hundredth, without guests: Spark takes its time with text."""
    return written(every(100, online_retail, guests=False), tmp_path_factory.mktemp("hundredth"))


def every(nth: int, shop: pa.Table, *, guests: bool) -> pa.Table:
    """The orders of every nth customer."""
    number = pc.fill_null(shop["CustomerID"], 3 if guests else 0)
    return shop.filter(pc.equal(pc.subtract(number, pc.multiply(pc.divide(number, nth), nth)), 3))


def written(shop: pa.Table, folder: Path) -> Path:
    pq.write_table(shop, folder / "orders.parquet")
    csv.write_csv(shop, folder / "orders.csv")
    return folder


@pytest.mark.parametrize("page", sampled(README_FIRST, named=name_of))
def test_every_example_of_a_page_runs_in_order(
    page: Path, tenth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play_page(page, tenth, tmp_path, monkeypatch)


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
@pytest.mark.usefixtures("spark")
def test_every_example_of_the_page_on_spark_runs(
    hundredth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play_page(ON_SPARK, hundredth, tmp_path, monkeypatch)


def play_page(page: Path, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("orders.csv").symlink_to(shop / "orders.csv")  # the file that pages speak of
    smaller = "stammkunde.facts.samples.online_retail_path"  # for a fraction of the time
    monkeypatch.setattr(smaller, lambda: shop / "orders.parquet")
    names: dict[str, Any] = {"__name__": "__main__"}
    for kind, text in blocks(page):
        play(kind, text, names, where=name_of(page))


def play(kind: str, text: str, names: dict[str, Any], *, where: str) -> None:
    """Run one block: Python, Python with its answers, commands, or a file with its name as caption."""
    if kind == "python":
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(text, where, "exec"), names)
    elif kind == "pycon":
        answers = doctest.DocTestParser().get_doctest(text, names, where, where, 0)
        told = io.StringIO()
        failed = doctest.DocTestRunner(optionflags=DOCTESTS).run(answers, out=told.write, clear_globs=False).failed
        assert not failed, told.getvalue()
        names.update(answers.globs)
    elif kind == "console":
        for line in text.splitlines():
            if line.startswith("$ stammkunde"):
                command(line.removeprefix("$ stammkunde "))
    elif kind == "{code-block} text":
        caption, _, content = text.partition("\n\n")
        path = Path(caption.removeprefix(":caption: "))
        path.unlink(missing_ok=True)
        path.write_text(content, encoding="utf-8")


def command(line: str) -> None:
    """Run a command in this process, as a user would type it."""
    from typer.testing import CliRunner  # only pages with commands pay for it

    from stammkunde.cli.app import app  # the same

    result = CliRunner().invoke(app, shlex.split(line))
    assert result.exit_code == 0, f"stammkunde {line}\n{result.output}\n{result.exception}"


def modules_with_examples() -> list[str]:
    sources = {path: path.read_text(encoding="utf-8") for path in sorted((REPOSITORY / "src").rglob("*.py"))}
    found = [path.relative_to(REPOSITORY / "src") for path, text in sources.items() if ">>> " in text]
    return [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in found]


@pytest.mark.parametrize("module", modules_with_examples())
def test_examples_in_docstrings_give_what_they_say(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = doctest.testmod(importlib.import_module(module), optionflags=DOCTESTS)
    assert found.attempted
    assert not found.failed


def test_links_lead_to_pages_that_exist() -> None:
    dead = [
        f"{name_of(page)}: {target}"
        for page in PAGES
        for target in LINK.findall(BLOCK.sub("", page.read_text(encoding="utf-8")))
        if not target.startswith(("https:", "#")) and not (page.parent / target.split("#")[0]).exists()
    ]
    assert not dead


def test_every_page_of_the_documentation_is_in_a_table_of_contents() -> None:
    listed = {DOCS / "index.md"}
    for page in DOCS.rglob("*.md"):
        for kind, text in blocks(page):
            if kind == "{toctree}":
                listed |= {page.parent / f"{line}.md" for line in text.split() if not line.startswith(":")}
    assert {page for page in PAGES if DOCS in page.parents} - listed == set()


def dependencies() -> list[str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    stated = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    return [re.split(r"[^A-Za-z0-9-]", one)[0] for one in stated]


@pytest.mark.parametrize("name", dependencies())
def test_a_dependency_has_its_decision(name: str) -> None:
    page = (DOCS / "decisions" / f"{name}.md").read_text(encoding="utf-8")
    asked = ["What for", "Alive?", "Licence", "Alternatives", "What would change the decision"]
    assert [word for word in asked if f"**{word}" not in page] == []


def test_a_development_tool_is_named_on_the_page_of_tools() -> None:
    stated = (REPOSITORY / "requirements" / "dev.in").read_text(encoding="utf-8")
    tools = {tool[0] for line in stated.splitlines() if (tool := re.match(r"[\w-]+", line))}
    pages = "".join(page.read_text(encoding="utf-8").lower() for page in (DOCS / "decisions").glob("*.md"))
    assert {tool for tool in tools if tool.removesuffix("-parser") not in pages} == set()


def test_the_changelog_begins_with_this_version() -> None:
    text = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(\d[^\]]*)\]", text, re.MULTILINE)
    assert versions[0] == stammkunde.__version__


def test_a_word_in_code_of_the_glossary_exists_in_code() -> None:
    glossary = (REPOSITORY / "GLOSSARY.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \|", glossary, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    source = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "src").rglob("*.py"))
    assert named - set(re.findall(r"\w+", source)) == set()


def test_public_names_are_in_the_reference() -> None:
    for room in ("facts", "clv"):
        exported = importlib.import_module(f"stammkunde.{room}")
        assert f"automodule:: stammkunde.{room}" in (DOCS / "reference" / f"{room}.md").read_text(encoding="utf-8")
        assert [name for name in exported.__all__ if not getattr(exported, name).__doc__] == []


def test_the_licences_of_bundled_data_are_told() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert "CC BY 4.0" in readme
    assert os.path.commonpath([online_retail_path(), REPOSITORY / "data"]) == str(REPOSITORY / "data")
