"""`stammkunde demo`: the first thing anybody runs."""

import webbrowser
from pathlib import Path

import pytest

from cli.conftest import Run


def test_the_demo_scores_the_bundled_shop_names_its_source_and_shows_where_the_report_is(
    run: Run, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("stammkunde.facts.samples.online_retail_path", lambda: shop)  # for a tenth of the time
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    screen = run("demo", "--open").stdout
    report = tmp_path / "stammkunde-report.html"
    assert f"Written: {report}" in screen
    assert '<html lang="en"' in report.read_text(encoding="utf-8")
    assert opened == [report.as_uri()]
    said = " ".join(screen.split())
    assert [words for words in ("Chen (2015)", "CC BY 4.0", "10.24432/C5BW33", "GBP") if words not in said] == []
