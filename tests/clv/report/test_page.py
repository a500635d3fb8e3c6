"""The page as a whole: one file, safe, whole in both languages, for screens, readers and paper."""

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from clv.report.example import HOSTILE, no_better_than_a_rule, nobody_came_back, report
from stammkunde.clv.report import ReportData, render
from stammkunde.clv.report.page import SECTIONS, style
from stammkunde.notices import Notice

VOID = {"meta", "br", "img", "input", "hr", "link", "line", "path", "rect", "circle"}


class Outline(HTMLParser):
    """Tags in order, ids, and whether every element is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def shop() -> ReportData:
    return report(400)


@pytest.fixture(scope="module", params=["en", "de"])
def page(shop: ReportData, request: pytest.FixtureRequest) -> str:
    return render(shop, language=request.param)


def test_the_file_asks_for_nothing_outside_itself(page: str) -> None:
    outline = Outline(page)
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(outline.tags)
    targets = [value for name, value in outline.attributes if name in {"src", "href", "action", "srcset", "xlink:href"}]
    assert targets
    assert all(value and value.startswith("#") for value in targets)
    assert not re.search(r"url\(|@import|https?://|//[a-z]", style())
    assert "default-src 'none'" in page


def test_the_file_is_small(page: str) -> None:
    assert len(page.encode()) < 600_000


def test_a_customer_id_cannot_become_markup_or_turn_the_text_around(page: str) -> None:
    outline = Outline(page)
    assert "script" not in outline.tags
    assert "img" not in outline.tags
    assert not [name for name, _ in outline.attributes if name.startswith("on")]
    for customer in HOSTILE:
        escaped = customer.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
        assert f"<bdi>{escaped}</bdi>" in page


def test_every_element_is_closed_and_every_id_is_its_own(page: str) -> None:
    outline = Outline(page)
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert {f"#{name}" for name in SECTIONS} <= {value for name, value in outline.attributes if name == "href"}
    assert set(SECTIONS) <= set(outline.ids)


def test_readers_find_landmarks_headings_and_captions(page: str) -> None:
    tags = Outline(page).tags
    assert [tags.count(tag) for tag in ("h1", "header", "nav", "main", "footer")] == [1] * 5
    assert tags.count("caption") == tags.count("table")
    assert tags.count("figcaption") == tags.count("figure") >= 8
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert page.count('role="region"') == tags.count("table")


def test_every_chart_has_its_table_without_a_script(page: str) -> None:
    for figure in re.findall(r"<figure .*?</figure>", page, re.DOTALL):
        assert "<details><summary>" in figure
        assert "<table>" in figure
        assert figure.count('role="img" aria-label="') == 2


def test_every_chart_names_basis_and_period(page: str) -> None:
    for figure in re.findall(r"<figure .*?</figure>", page, re.DOTALL):
        assert re.search(r"(Basis: revenue|Grundlage: Umsatz), .*2010.*2011", figure)


def test_it_can_be_printed_and_follows_the_light(page: str) -> None:
    assert "@media print" in page
    assert "@page" in page
    assert "light-dark(" in page
    assert "break-inside: avoid" in page
    assert ":focus-visible" in page


def test_no_blank_is_left_and_no_number_missing(page: str) -> None:
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert not re.search(r"[{}]|\bnan\b|\bNone\b", text)


def test_numbers_dates_and_money_are_written_by_the_language(shop: ReportData) -> None:
    english, german = render(shop), render(shop, language="de")
    assert '<html lang="en">' in english
    assert '<html lang="de">' in german
    assert "541,909" in english
    assert "541.909" in german
    assert "9\u00a0Dec\u00a02011" in english
    assert "09.12.2011" in german
    assert "£9,747,747.93" in english
    assert "9.747.747,93\u00a0£" in german


def test_what_was_assumed_is_told_in_the_language_of_the_page(shop: ReportData) -> None:
    told = (Notice("net_by_name", column="<b>Netto</b>"), Notice("nobody_leaves", days=1373))
    assumed = replace(shop, quality=replace(shop.quality, warnings=told))
    english, german = render(assumed), render(assumed, language="de")
    assert "these 1,373 days" in english
    assert "In diesen 1.373 Tagen" in german
    assert "„&lt;b&gt;Netto&lt;/b&gt;“ ist dem Namen nach ohne MwSt." in german
    assert not any(str(notice).split()[-1] in german for notice in told)


def test_the_headline_has_its_interval_and_the_trust_it_deserves(shop: ReportData) -> None:
    top = render(shop).split("<nav")[0]
    assert "With 80% probability it is between" in top
    assert "came out" in top
    assert "too low" in top


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Nobody has come back yet"), ("de", "Noch ist niemand wiedergekommen")]
)
def test_a_shop_with_one_order_gets_an_honest_page(language: str, said: str) -> None:
    page = render(nobody_came_back(), language=language)
    Outline(page)
    assert said in page
    assert "<figure" not in page
    assert not re.search(r"\bnan\b|None\b", page)


def test_where_no_model_beats_a_rule_the_page_says_so(shop: ReportData) -> None:
    page = render(no_better_than_a_rule(shop))
    assert "No model beats the simple rule Own pace" in page
    assert "A simple rule forecasts as well here" in page


def test_the_same_data_give_the_same_file(shop: ReportData) -> None:
    assert render(shop) == render(shop)
