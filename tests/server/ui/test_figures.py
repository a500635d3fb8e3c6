"""Charts on pages: in the reader's language, with gaps as gaps, and nothing where there is nothing to draw."""

import re
from xml.etree import ElementTree as ET

from django.template import engines
from django.utils import translation

from clv.report.example import report
from stammkunde.clv.report.figures import Figure, lorenz_curve
from stammkunde.server.ui import figures


def drawn(text: str, **values: object) -> str:
    return engines["django"].from_string(text).render(values)


def curve() -> Figure:
    found = report(120).concentration
    assert found
    chart = lorenz_curve(found, figures.words("EUR"))
    assert chart
    return chart


def test_a_chart_comes_with_its_finding_and_its_table_in_the_language_of_the_page() -> None:
    with translation.override("de"):
        german = drawn("{% figure curve about %}", curve=curve(), about="Grundlage: Umsatz & Versand")
    with translation.override("en"):
        english = drawn("{% figure curve %}", curve=curve())
    assert "<summary>Als Tabelle zeigen</summary>" in german
    assert "Grundlage: Umsatz &amp; Versand" in german
    assert "<summary>Show as a table</summary>" in english
    assert german.count('role="img"') == english.count('role="img"') == 2


def test_where_the_library_draws_nothing_the_page_shows_nothing() -> None:
    assert drawn("[{% figure nothing %}]", nothing=None) == "[]"


def test_the_history_of_annas_orders_keeps_its_gaps() -> None:
    path = re.search(r' d="([^"]+)"', drawn("{% sparkline values %}", values=[3, 5, None, 4, None, 6, 7]))
    assert path
    assert path[1].count("M") == 3
    assert path[1].count("h0") == 1  # the lone month in the middle is still to be seen


def test_the_highest_number_of_a_history_is_drawn_highest() -> None:
    path = re.search(r' d="([^"]+)"', figures.sparkline([1, 9, 5]))
    assert path
    heights = [float(point.split()[1]) for point in re.split("[ML]", path[1])[1:]]
    assert heights == [25, 3, 14]


def test_a_history_that_never_changed_is_a_level_line_and_one_number_is_none() -> None:
    assert len(set(re.findall(r"[ML][\d.]+ ([\d.]+)", figures.sparkline([4, 4, 4])))) == 1
    assert figures.sparkline([4]) == ""
    assert figures.sparkline([None, None, 4]) == ""


def test_screen_readers_hear_an_interval_as_the_amounts_it_spans() -> None:
    with translation.override("en"):
        picture = ET.fromstring(drawn("{% interval 3800 4900 6100 %}"))
    assert picture.get("role") == "img"
    assert picture.get("aria-label") == "€38.00 to €61.00"


def test_intervals_of_a_table_share_one_line() -> None:
    anna, deniz = (figures.interval(low, low + 5, low + 10, label="", most=100) for low in (10, 60))
    starts = [float(re.findall(r'<rect[^>]* x="([\d.]+)"', each)[0]) for each in (anna, deniz)]
    assert round((starts[1] - starts[0]) / 50, 2) == round((figures.BAR - 2 * figures.TIP) / 104, 2)


def test_a_customer_who_may_cost_money_has_zero_inside_the_line() -> None:
    picture = figures.interval(-50, -10, 100, label="")
    bar, zero = re.findall(r'<rect[^>]* x="([\d.]+)"', picture)[0], re.findall(r'"zero" x1="([\d.]+)"', picture)[0]
    assert float(bar) < float(zero)


def test_an_end_that_is_not_known_draws_nothing() -> None:
    assert drawn("[{% interval low middle high %}]", low=None, middle=5, high=9) == "[]"
    assert figures.interval(0, 0, 0, label="") == ""


def test_what_a_label_says_cannot_become_markup() -> None:
    assert "<b>" not in figures.sparkline([1, 2], label='"><b>Anna</b>')
