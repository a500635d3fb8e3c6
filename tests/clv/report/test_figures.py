"""Every chart: a finding, a sentence, two drawings and its numbers as a table."""

import re
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from clv.report.example import report
from stammkunde.clv.report.data import AliveGrid, ReportData
from stammkunde.clv.report.figures import (
    Figure,
    alive_map,
    calibration_dots,
    group_bars,
    lorenz_curve,
    retention_map,
    return_curve,
    tracking_lines,
    value_curves,
)
from stammkunde.clv.report.figures.cohorts import typical
from stammkunde.clv.report.figures.retention import mean_active
from stammkunde.clv.report.words import Words


@pytest.fixture(scope="module")
def shop() -> ReportData:
    return report(300)


def figures(data: ReportData, language: str) -> Iterator[Figure]:
    words = Words.of(language, currency="EUR")
    assert data.concentration
    assert data.cohorts
    assert data.second_order
    assert data.alive
    assert data.tracking
    assert data.calibration
    drawn = (
        lorenz_curve(data.concentration, words),
        value_curves(data.cohorts, words),
        retention_map(data.cohorts, words),
        group_bars(data.cohorts, words),
        return_curve(data.second_order, words),
        alive_map(data.alive, words),
        tracking_lines(data.tracking, words),
        calibration_dots(data.calibration, words),
    )
    for figure in drawn:
        assert figure is not None
        yield figure


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_chart_says_its_finding_and_shows_its_numbers(shop: ReportData, language: str) -> None:
    for figure in figures(shop, language):
        assert figure.title, figure.name
        assert figure.summary.endswith("."), figure.name
        assert figure.table.caption, figure.name
        assert figure.table.rows, figure.name
        assert {len(row) for row in figure.table.rows} == {len(figure.table.header)}, figure.name


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_chart_is_well_formed_and_drawn_for_wide_and_narrow_screens(shop: ReportData, language: str) -> None:
    for figure in figures(shop, language):
        kinds = [ET.fromstring(drawing).get("class") for drawing in figure.drawings]
        assert kinds == ["wide", "narrow"], figure.name
        assert all('role="img" aria-label="' in drawing for drawing in figure.drawings), figure.name
        assert not re.search(r"nan|inf\b|None", "".join(figure.drawings)), figure.name


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_word_leaves_its_drawing(shop: ReportData, language: str) -> None:
    for figure in figures(shop, language):
        for drawing in figure.drawings:
            for x, end, size, content in _texts(drawing):
                width = len(content) * size * 0.56
                left = {"start": x, "middle": x - width / 2, "end": x - width}[end]
                limit = float(re.search(r'viewBox="0 0 (\S+)', drawing)[1])  # type: ignore[index]
                assert left > -12, (figure.name, content)
                assert left + width < limit + 12, (figure.name, content)


def _texts(drawing: str) -> Iterator[tuple[float, str, float, str]]:
    size = 12.0 if 'class="narrow"' in drawing else 13.0
    for x, end, content in re.findall(r'<text x="(\S+)" y="\S+" text-anchor="(\w+)"[^>]*>([^<]*)<', drawing):
        yield float(x), end, size, re.sub(r"&\w+;", "x", content)


def test_the_mean_curve_never_falls_because_cohorts_leave_it(shop: ReportData) -> None:
    assert shop.cohorts is not None
    curve = typical(shop.cohorts)
    assert curve == sorted(curve)
    assert mean_active(shop.cohorts)[0] == 1.0


def test_periods_that_are_not_over_are_greyed_and_starred(shop: ReportData) -> None:
    assert shop.cohorts is not None
    figure = retention_map(shop.cohorts, Words.of("en"))
    assert figure is not None
    young = sum(len(c.active) - max(c.complete, 1) for c in shop.cohorts.cohorts)
    assert figure.drawings[0].count('class="censored"') == young
    assert sum(cell.endswith("*") for row in figure.table.rows for cell in row) == young


def test_a_shop_of_one_month_has_no_curves(shop: ReportData) -> None:
    assert shop.cohorts is not None
    assert shop.second_order is not None
    young = replace(shop.cohorts, cohorts=tuple(replace(c, complete=1) for c in shop.cohorts.cohorts[-1:]), groups=())
    words = Words.of("en")
    assert value_curves(young, words) is None
    assert retention_map(young, words) is None
    assert group_bars(young, words) is None
    assert return_curve(replace(shop.second_order, half=None), words) is None


def test_where_nobody_is_the_map_stays_empty() -> None:
    grid = AliveGrid((1, 2), (0, 30), ((0.9, None), (None, 0.2)), ((5, 0), (0, 3)))
    figure = alive_map(grid, Words.of("en"))
    assert figure.drawings[0].count("<rect") == 2
    assert figure.table.rows[0] == ("1", "90% (5)", "")
    assert "3 customers are more likely gone than not" in figure.title
