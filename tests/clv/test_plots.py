"""The plots of a model: whole drawings that need nothing else, with the report's own numbers."""

from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow as pa
import pytest

from stammkunde.clv import plots
from stammkunde.clv.fitting import fit
from stammkunde.clv.plots import Plot
from stammkunde.clv.value import ValueModel
from stammkunde.errors import InputError, NotEnoughDataError
from stammkunde.facts import History

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def shop(shop_days: pa.Table) -> History:
    return History.from_days(shop_days, until=date(2024, 12, 31))


@pytest.fixture(scope="module")
def model(shop: History) -> ValueModel:
    return fit(shop, "mbg-nbd")


@pytest.fixture(scope="module")
def drawn(model: ValueModel, shop: History) -> list[Plot]:
    return [plots.alive(model, shop), plots.tracking(model, shop, "6m"), plots.calibration(model, shop, "6m")]


def words_of(plot: Plot) -> list[str]:
    return [e.text or "" for e in ET.fromstring(plot.svg).iter(f"{SVG}text")]


def test_a_plot_is_one_drawing_that_needs_nothing_else(drawn: list[Plot], tmp_path: Path) -> None:
    for plot in drawn:
        plot.save(tmp_path / "plot.svg")
        root = ET.parse(tmp_path / "plot.svg").getroot()
        assert root.tag == f"{SVG}svg"
        assert root.findtext(f"{SVG}title") == plot.title
        assert root.get("aria-label")
        outside = plot.svg.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not any(word in outside for word in ("http", "href", "<script", "url(", "@import"))


def test_every_class_of_a_drawing_has_its_rule(drawn: list[Plot]) -> None:
    for plot in drawn:
        root = ET.fromstring(plot.svg)
        rules = root.findtext(f"{SVG}style") or ""
        used = {name for e in root.iter() if e is not root for name in e.get("class", "").split()}
        plain = {"strong", "small", "cell", "tick", "name"}
        assert {name for name in used - plain if f".{name}" not in rules} == set()


def test_the_style_of_a_drawing_touches_nothing_but_itself(drawn: list[Plot]) -> None:
    rules = (ET.fromstring(drawn[0].svg).findtext(f"{SVG}style") or "").replace("@media", "}@media")
    for rule in rules.split("}"):
        for selector in rule.split("{")[:-1]:
            assert selector.startswith("@media") or all(
                part.strip().startswith(".stammkunde") for part in selector.split(",")
            )
    assert "light-dark(" in rules


def test_the_map_counts_every_customer_once(drawn: list[Plot], shop: History) -> None:
    cells = [e for e in ET.fromstring(drawn[0].svg).iter(f"{SVG}text") if "small" in (e.get("class") or "").split()]
    assert sum(int((cell.text or "").replace(",", "")) for cell in cells) == len(shop)
    assert "more likely gone than not" in drawn[0].title


def test_the_map_shows_the_mean_of_p_alive(model: ValueModel, shop: History, drawn: list[Plot]) -> None:
    silence = (shop.T - shop.t_x) * 7
    ben = model.p_alive(shop)[(shop.x == 0) & (silence >= 365)].mean()
    assert f"{ben:.0%}" in words_of(drawn[0])


def test_plots_speak_german(model: ValueModel, shop: History) -> None:
    assert "Tage seit der letzten Bestellung" in " ".join(words_of(plots.alive(model, shop, language="de")))
    with pytest.raises(InputError, match="no report in 'fr'"):
        plots.alive(model, shop, language="fr")


def test_a_notebook_gets_the_drawing_and_the_table(drawn: list[Plot]) -> None:
    for plot in drawn:
        assert plot._repr_svg_() == plot.svg
        page = plot._repr_html_()
        assert plot.svg in page
        assert "<table>" in page
        assert repr(plot) == f"Plot({plot.title!r})"


def test_calibration_of_auto_is_the_one_it_was_chosen_by(chosen: ValueModel, sample: History) -> None:
    plot = plots.calibration(chosen, sample, "39w")
    assert [str(k) for k in range(1, 11)] == [word for word in words_of(plot) if word.isdigit() and 0 < int(word) < 11][
        :10
    ]
    assert plots.tracking(chosen, sample, "39w").title.startswith("Orders after")


def test_a_history_without_order_days_has_a_map_but_no_past() -> None:
    people = History.from_arrays([2, 0, 5], [20.0, 0, 30.0], [40.0, 30.0, 31.0], [9.0, 0, 7.0], until=date(2024, 5, 1))
    model = fit(people, "pareto-nbd")
    assert np.isfinite(len(plots.alive(model, people).svg))
    for draw in (plots.tracking, plots.calibration):
        with pytest.raises(NotEnoughDataError, match="cannot be backtested over 12m"):
            draw(model, people)
