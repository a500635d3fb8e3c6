"""How a subject is cut, and what is said about it."""

from hypothesis import given
from hypothesis import strategies as st

from stammkunde.server.campaigns.subjects import PHONE, clusters, cut, shortened, width

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
FLAG = "\U0001f1e9\U0001f1ea"
THUMB = "\U0001f44d\U0001f3fd"


@given(st.text(max_size=200), st.integers(2, 80))
def test_what_is_shown_fits_and_begins_the_subject(text: str, places: int) -> None:
    shown = shortened(text, places)
    assert width(shown) <= places
    assert shown == text or text.startswith(shown.removesuffix("…"))


@given(st.text(max_size=200))
def test_no_sign_is_lost_where_a_text_is_taken_apart(text: str) -> None:
    assert "".join(clusters(text)) == text


def test_an_emoji_of_several_signs_is_one_and_never_cut_in_half() -> None:
    assert list(clusters(FAMILY + FLAG + THUMB)) == [FAMILY, FLAG, THUMB]
    assert width(FAMILY) == width(FLAG) == width(THUMB) == 2
    assert shortened("x" * (PHONE - 2) + FAMILY + "yyy", PHONE) == "x" * (PHONE - 2) + "…"


def test_a_phone_cuts_a_long_subject_and_it_is_said() -> None:
    found = cut("Neue Tees aus Darjeeling und drei Kannen, die warm halten", "Bis Sonntag ohne Versandkosten")
    assert found.phone == "Neue Tees aus Darjeeling und drei…"
    assert not found.whole
    assert any("phone" in each for each in found.advice)


def test_a_good_subject_is_left_alone() -> None:
    assert cut("Anna, der neue Darjeeling ist da", "Die erste Ernte, und wozu sie passt").advice == ()


def test_shouting_false_answers_and_many_emoji_are_told() -> None:
    said = " ".join(cut("RE: SALE SALE \U0001f525\U0001f525!!", "x").advice)
    assert all(word in said for word in ("Capitals", "answer", "emoji", "exclamation"))


def test_a_variable_counts_as_a_first_name() -> None:
    assert cut("{{ customer.first_name | default: 'Hallo' }}, neu", "").width == 13
