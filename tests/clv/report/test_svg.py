"""Strokes: ticks at round numbers, labels apart, text escaped."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from stammkunde.clv.report.svg import Frame, Scale, document, spread, stairs, steps_to, text, ticks

finite = st.floats(-1e12, 1e12, allow_nan=False)
positive = st.floats(1e-9, 1e12, allow_nan=False)


@given(st.lists(positive, min_size=1), st.integers(2, 6))
def test_an_axis_from_zero_ends_at_the_first_round_step_above_all_values(values: list[float], count: int) -> None:
    marks = steps_to(values, count=count)
    assert marks[0] == 0
    assert marks[-1] >= max(values) * (1 - 1e-6)
    assert marks[-2] < max(values)
    assert 2 <= len(marks) <= count + 2


@given(finite, positive)
def test_ticks_lie_within_the_axis(low: float, span: float) -> None:
    found = ticks(low, low + span, 5)
    slack = 1e-6 * (abs(low) + span) + 1e-9
    assert all(low - slack <= tick <= low + span + slack for tick in found)
    assert len(found) <= 12


def test_nothing_to_measure_still_gives_an_axis() -> None:
    assert steps_to([]) == [0.0, 1.0]
    assert steps_to([0.0, float("nan")]) == [0.0, 1.0]
    assert ticks(3.0, 3.0) == [3.0]
    assert Scale(2, 2, 0, 100)(2) == 0


@given(st.lists(st.floats(0, 300), max_size=8))
def test_labels_keep_their_distance_and_their_order(places: list[float]) -> None:
    found = spread(places, gap=16, low=0, high=300)
    ordered = sorted(found)
    assert all(b - a >= 16 - 1e-6 for a, b in itertools.pairwise(ordered))
    pairs = sorted(zip(places, found, strict=True))
    assert [f for _, f in pairs] == sorted(found) or len(set(places)) < len(places)


def test_steps_stay_level_until_the_next_point() -> None:
    assert stairs([(0, 0), (1, 2), (3, 5)]) == [(0, 0), (1, 0), (1, 2), (3, 2), (3, 5)]


def test_text_and_labels_are_escaped() -> None:
    drawing = document(Frame(760, 100), text(0, 0, "<b>&"), label='"><script>')
    assert "&lt;b&gt;&amp;" in drawing
    assert "<script" not in drawing
    assert 'role="img"' in drawing
