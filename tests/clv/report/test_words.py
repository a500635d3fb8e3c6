"""The same sentences in both languages, and quantities written as each language writes them."""

import re
from datetime import date
from string import Formatter

import pytest

from stammkunde.clv.report.quantities import Count, Days, Money, Month, Number, Share, Span, Term
from stammkunde.clv.report.words import LANGUAGES, Words
from stammkunde.clv.report.words.de import WORDS as GERMAN
from stammkunde.clv.report.words.de_notices import NOTICES as GERMAN_NOTICES
from stammkunde.clv.report.words.en import WORDS as ENGLISH
from stammkunde.errors import InputError
from stammkunde.notices import ENGLISH as ENGLISH_NOTICES
from stammkunde.notices import Notice


def blanks(text: str) -> list[set[str]]:
    """The names of the blanks of each variant of a sentence."""
    return [{name for _, name, _, _ in Formatter().parse(part) if name} for part in text.split(" | ")]


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(GERMAN) == list(ENGLISH)


@pytest.mark.parametrize("key", ENGLISH)
def test_a_sentence_has_the_same_blanks_in_both_languages(key: str) -> None:
    assert set.union(*blanks(ENGLISH[key])) == set.union(*blanks(GERMAN[key]))


def test_every_notice_has_german_words_with_the_same_blanks() -> None:
    assert list(GERMAN_NOTICES) == list(ENGLISH_NOTICES)
    for key, text in ENGLISH_NOTICES.items():
        assert blanks(GERMAN_NOTICES[key]) == blanks(text)


def test_a_notice_is_told_with_the_figures_of_the_language() -> None:
    quiet = Notice("quiet_end", days=1200, until=date(2024, 12, 31), last=date(2021, 9, 18))
    trees = Notice("trees_no_better", model="bg-nbd", orders=1.25, value=0.5)
    assert Words.of("en").tell(quiet).startswith("There is no order in the 1,200 days before 2024-12-31.")
    assert Words.of("de").tell(quiet).startswith("In den 1.200 Tagen vor dem 31.12.2024 gibt es keine Bestellung.")
    assert "× 1,250, beim Wert × 0,500" in Words.of("de").tell(trees)
    assert "orders x 1.250, of value x 0.500" in Words.of("en").tell(trees)


@pytest.mark.parametrize("key", [k for k in ENGLISH if k != "column_step"])
def test_no_sentence_is_empty_shouts_or_carries_markup(key: str) -> None:
    for text in (ENGLISH[key], GERMAN[key]):
        assert text.strip()
        assert "!" not in text
        assert not re.search(r"[<>]", text)


def test_german_addresses_nobody_so_that_it_suits_du_and_sie() -> None:
    address = re.compile(r"\b(du|dein\w*|dich|dir|Ihr|Ihre\w*|Ihnen|euch|euer)\b")
    assert [key for key, text in {**GERMAN, **GERMAN_NOTICES}.items() if address.search(text)] == []


def test_german_is_no_copy_of_english() -> None:
    shared = {k for k in ENGLISH if ENGLISH[k] == GERMAN[k] and re.search("[a-z]{4} [a-z]{3}", ENGLISH[k])}
    assert shared == set()


def test_one_customer_is_written_in_the_singular() -> None:
    words = Words.of("en")
    assert words.say("label_half", days=Count(1)) == "half by day 1"
    assert words.say("row_within", days=Count(1)) == "within 1 day"
    assert words.say("row_within", days=Count(30)) == "within 30 days"
    assert Words.of("de").say("row_within", days=Count(30)) == "binnen 30 Tagen"


@pytest.mark.parametrize(
    ("value", "english", "german"),
    [
        (Count(1234567), "1,234,567", "1.234.567"),
        (Money(38.5), "€38.50", "38,50\u00a0€"),
        (Money(1234.5), "€1,234", "1.234\u00a0€"),
        (Money(-1234), "\u2212€1,234", "\u22121.234\u00a0€"),
        (Money(1_912_345), "€1.91\u00a0million", "1,91\u00a0Mio.\u00a0€"),
        (Money(12_300_000_000), "€12.3\u00a0billion", "12,3\u00a0Mrd.\u00a0€"),
        (Share(0.583), "58%", "58\u00a0%"),
        (Share(0.031, signed=True), "+3.1%", "+3,1\u00a0%"),
        (Share(-0.226, signed=True), "\u221223%", "\u221223\u00a0%"),
        (Share(0.0), "0%", "0\u00a0%"),
        (Days(70), "70\u00a0days", "70\u00a0Tage"),
        (Span("12m"), "12\u00a0months", "12\u00a0Monaten"),
        (Span("39w"), "39\u00a0weeks", "39\u00a0Wochen"),
        (Span("1y"), "1\u00a0year", "1\u00a0Jahr"),
        (Number(0.8725, 2), "0.87", "0,87"),
        (Month(date(2011, 3, 1)), "Mar\u00a02011", "März\u00a02011"),
        (date(1997, 9, 3), "3\u00a0Sep\u00a01997", "03.09.1997"),
        (Term("basis_contribution"), "contribution", "Deckungsbeitrag"),
        (Term("model_pareto-nbd"), "Pareto/NBD", "Pareto/NBD"),
        (Term("model_my-own"), "my-own", "my-own"),
        ("as it is", "as it is", "as it is"),
    ],
)
def test_quantities_are_written_by_the_habits_of_the_language(value: object, english: str, german: str) -> None:
    assert Words.of("en", currency="EUR").write(value) == english  # type: ignore[arg-type]
    assert Words.of("de", currency="EUR").write(value) == german  # type: ignore[arg-type]


def test_yen_have_no_cents_and_unknown_currencies_keep_their_code() -> None:
    assert Words.of("en", currency="JPY").write(Money(38.5)) == "¥38"
    assert Words.of("en", currency="SEK").write(Money(38.5)) == "38.50\u00a0SEK"
    assert Words.of("en").write(Money(38.5)) == "38.50"


def test_what_is_no_number_is_a_dash() -> None:
    words = Words.of("en", currency="EUR")
    assert {words.write(v) for v in (Count(float("nan")), Money(float("inf")), Share(float("nan")))} == {"–"}


def test_a_forecast_is_too_low_too_high_or_about_right() -> None:
    words = Words.of("en")
    assert [words.off(e) for e in (-0.067, 0.31, 0.004)] == ["6.7% too low", "31% too high", "about right"]


def test_a_third_language_is_refused_with_advice() -> None:
    with pytest.raises(InputError, match=r"'fr'.*\n.*en, de"):
        Words.of("fr")
    assert set(LANGUAGES) == {"en", "de"}
