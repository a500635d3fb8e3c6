"""Which line the next mails carry: shares, delays, verdicts; and what is lost on mailings of known truth."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.campaigns.mailing import Mailing
from stammkunde.server.campaigns.bandit.arms import STATED, Evidence, Prior, prior
from stammkunde.server.campaigns.bandit.choosing import FLOOR, choose, shares
from stammkunde.server.campaigns.bandit.delay import Delay, measured
from stammkunde.server.campaigns.bandit.verdict import judge

FLAT = Prior(1.0, 1.0)


@st.composite
def known(draw: st.DrawFn) -> Evidence:
    """Any evidence there can be."""
    sent = draw(st.integers(0, 10_000_000))
    return Evidence(sent, draw(st.floats(0, sent)), draw(st.integers(0, sent)))


LINES = st.lists(known(), min_size=2, max_size=6)


def random(seed: int = 7) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(LINES, st.integers(0, 2**32))
def test_shares_sum_to_one_and_no_line_gets_less_than_the_floor(lines: list[Evidence], seed: int) -> None:
    found = shares(lines, STATED["orders"], random(seed))
    assert found.sum() == pytest.approx(1)
    assert found.min() >= FLOOR - 1e-12


@given(LINES, st.integers(0, 100_000), st.integers(0, 2**32))
def test_every_mail_gets_one_line_and_each_line_its_share(lines: list[Evidence], mails: int, seed: int) -> None:
    wanted = shares(lines, STATED["clicks"], random(seed))
    counts = np.bincount(choose(wanted, mails, random(seed)), minlength=len(lines))
    assert counts.sum() == mails
    assert np.all(np.abs(counts - wanted * mails) < len(lines))


@given(LINES, st.integers(0, 2**32))
def test_a_verdict_never_claims_more_than_it_knows(lines: list[Evidence], seed: int) -> None:
    said = judge(lines, STATED["orders"], random(seed))
    assert sum(said.chances) == pytest.approx(1)
    assert said.chances[said.best] == max(said.chances)
    assert -1 <= said.low <= said.high <= 1
    assert 0 <= said.better <= 1
    assert said.left >= 0


def test_nothing_known_is_nothing_claimed() -> None:
    said = judge([Evidence(0, 0, 0)] * 2, STATED["orders"], random())
    assert 0.45 < said.better < 0.55
    assert not said.settled
    assert said.low < 0 < said.high


def test_a_higher_raw_rate_of_few_mails_is_no_winner() -> None:
    said = judge([Evidence(100, 100, 3), Evidence(100, 100, 1)], STATED["orders"], random())
    assert said.best == 0
    assert said.better < 0.95
    assert not said.settled


def test_asking_ends_when_too_little_is_left_to_gain() -> None:
    equal = judge([Evidence(2_000_000, 2_000_000, 400_000), Evidence(2_000_000, 2_000_000, 400_100)], FLAT, random())
    clear = judge([Evidence(20_000, 20_000, 4_400), Evidence(20_000, 20_000, 3_600)], FLAT, random())
    assert equal.settled
    assert equal.better < 0.9  # not that one is better: that it does not matter
    assert clear.settled
    assert clear.better > 0.999


def test_a_mail_that_cannot_be_answered_yet_is_no_failure() -> None:
    waiting = judge([Evidence(1000, 500, 100), Evidence(1000, 1000, 180)], FLAT, random())
    assert waiting.best == 0  # 100 of the 500 that could be answered, not of 1000


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.floats(0.01, 500), st.floats(1, 1e4))
def test_answers_that_are_in_only_grow(earlier: float, more: float, hours: float, window: float) -> None:
    delay = Delay(hours, window)
    one, two = delay.answered(np.array([earlier, earlier + more]))
    assert 0 <= one <= two <= 1 + 1e-9
    assert delay.answered(np.array([window]))[0] == pytest.approx(1)


def test_a_shops_own_delay_is_found_though_late_answers_are_not_seen() -> None:
    waits = random().exponential(20.0, 50_000)
    found = measured(list(waits[waits <= 48]), window=48.0, otherwise=Delay())
    assert found.hours == pytest.approx(20, rel=0.05)
    assert measured([1.0] * 10, window=48.0, otherwise=Delay(9.0, 48.0)).hours == 9.0


def test_a_prior_comes_from_the_shops_own_mailings_once_there_are_some() -> None:
    past = [(random(n).binomial(5000, 0.02), 5000) for n in range(12)]
    found = prior([(int(yes), sent) for yes, sent in past], STATED["clicks"])
    assert found.own
    assert found.rate == pytest.approx(0.02, rel=0.15)
    assert prior([(3, 150)] * 9, STATED["clicks"]) == STATED["clicks"]


def test_a_million_choices_take_less_than_half_a_second() -> None:
    lines = [Evidence(10_000, 9_000, 2_000 + 10 * n) for n in range(5)]
    began = time.process_time()
    made = choose(shares(lines, FLAT, random()), 1_000_000, random())
    assert time.process_time() - began < 0.5
    assert len(made) == 1_000_000


@pytest.mark.thorough
def test_with_answers_four_hours_late_less_is_lost_than_by_even_shares_or_by_the_raw_rate() -> None:
    truths = [np.random.default_rng(1000 + seed).uniform(0.18, 0.22, 5) for seed in range(40)]
    lost = {
        way: float(np.mean([Mailing(rates).lost(way, seed) for seed, rates in enumerate(truths)]))
        for way in ("ours", "even", "greedy")
    }
    assert lost["ours"] <= 0.017
    assert lost["ours"] < 0.5 * lost["greedy"] < lost["even"]


def test_two_lines_of_orders_are_told_apart_where_there_are_mails_enough() -> None:
    lost = [Mailing(np.array([0.010, 0.013]), hours=8.0).lost("ours", seed) for seed in range(20)]
    even = [Mailing(np.array([0.010, 0.013]), hours=8.0).lost("even", seed) for seed in range(20)]
    assert np.mean(lost) < 0.6 * np.mean(even)
