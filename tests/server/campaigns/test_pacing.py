"""A throttle that is planned: nobody too early, never more in an hour than was said, and it goes on after a restart."""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from stammkunde.server.campaigns.pacing import Pacing

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
WANTED = st.lists(st.integers(0, 5 * 3600).map(lambda seconds: START + timedelta(seconds=seconds)), max_size=150)


@given(WANTED, st.integers(1, 5000))
def test_nobody_is_early_and_no_hour_has_more_than_was_said(wanted: list[datetime], per_hour: int) -> None:
    pacing = Pacing(per_hour)
    given_out = [pacing.slot(each) for each in wanted]
    assert all(slot >= want for slot, want in zip(given_out, wanted, strict=True))
    ordered = sorted(given_out)
    assert len(set(ordered)) == len(ordered)
    for number, first in enumerate(ordered):
        assert bisect_left(ordered, first + timedelta(hours=1)) - number <= per_hour


@given(WANTED, st.integers(1, 5000), st.integers(0, 150))
def test_it_goes_on_where_it_was(wanted: list[datetime], per_hour: int, cut: int) -> None:
    whole, first = Pacing(per_hour), Pacing(per_hour)
    expected = [whole.slot(each) for each in wanted]
    before = [first.slot(each) for each in wanted[:cut]]
    second = Pacing(per_hour, first.taken)
    assert before + [second.slot(each) for each in wanted[cut:]] == expected


@given(WANTED, st.integers(1, 5000))
def test_what_is_kept_is_small(wanted: list[datetime], per_hour: int) -> None:
    pacing = Pacing(per_hour)
    for each in wanted:
        pacing.slot(each)
    assert len(pacing.taken) <= len(set(wanted))


@given(st.integers(1, 5000), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_what_stood_still_keeps_its_pace_later(per_hour: int, still: timedelta) -> None:
    pacing = Pacing(per_hour)
    last = [pacing.slot(START) for _ in range(50)][-1]
    pacing.move(still)
    slot = timedelta(hours=1) / per_hour
    assert pacing.slot(START + still + 2 * slot) > last + still


def test_without_a_limit_everybody_has_the_moment_they_want() -> None:
    assert Pacing(0).slot(START) == START
