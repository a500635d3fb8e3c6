"""The colours of style/tokens.css, measured: WCAG 2.2 contrast, and distance for colour-blind eyes."""

import re
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from stammkunde.clv.report.page import style

Array = NDArray[np.float64]
# Machado, Oliveira, Fernandes (2009), A physiologically-based model for simulation of color vision deficiency.
EYES = {
    "usual": np.eye(3),
    "protan": np.array([[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]),
    "deutan": np.array([[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]),
    "tritan": np.array([[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]]),
}
CHART = [f"chart-{k}" for k in range(1, 9)]


def tokens(mode: str) -> dict[str, str]:
    """Colour by token."""
    pairs = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", style())
    return {name: light if mode == "light" else dark for name, light, dark in pairs}


def linear(colour: str) -> Array:
    c = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(colour: str, eye: Array) -> Array:
    seen = np.clip(eye @ linear(colour), 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    f = np.cbrt(np.maximum(xyz / [0.9505, 1, 1.089], 0.008856))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_body_text_is_aaa_and_every_other_text_aa(mode: str) -> None:
    t = tokens(mode)
    assert contrast(t["ink"], t["paper"]) >= 7
    assert contrast(t["ink"], t["raised"]) >= 7
    assert min(contrast(t[name], t["paper"]) for name in ("muted", "accent", "good", "warn", "bad", "chart-1")) >= 4.5
    assert contrast(t["muted"], t["raised"]) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_chart_colour_stands_out_from_the_paper(mode: str) -> None:
    t = tokens(mode)
    assert min(contrast(t[name], t["paper"]) for name in CHART) >= 3


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_figures_in_the_cells_of_a_map_are_readable_on_every_shade(mode: str) -> None:
    t = tokens(mode)
    for shade in range(8):
        assert contrast(t["on-pale" if shade < 5 else "on-deep"], t[f"heat-{shade}"]) >= 4.5, shade


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_shades_of_a_map_go_one_way(mode: str) -> None:
    t = tokens(mode)
    light = [contrast(t[f"heat-{shade}"], t["paper"]) for shade in range(8)]
    assert light == sorted(light)


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_any_two_chart_colours_can_be_told_apart_by_any_eye(mode: str, eye: str) -> None:
    t = tokens(mode)
    apart = {(a, b): np.linalg.norm(lab(t[a], EYES[eye]) - lab(t[b], EYES[eye])) for a, b in combinations(CHART, 2)}
    assert min(apart.values()) >= 15, min(apart, key=lambda pair: float(apart[pair]))
