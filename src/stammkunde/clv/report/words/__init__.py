"""Every sentence of the report, by key, once for each language; a test holds the keys and the blanks alike."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from stammkunde.clv.report.format import ENGLISH, GERMAN, Locale
from stammkunde.clv.report.quantities import Count, Days, Money, Month, Number, Share, Span, Term, Value
from stammkunde.clv.report.words.de import WORDS as GERMAN_WORDS
from stammkunde.clv.report.words.de_notices import NOTICES as GERMAN_NOTICES
from stammkunde.clv.report.words.en import WORDS as ENGLISH_WORDS
from stammkunde.errors import InputError
from stammkunde.notices import ENGLISH as ENGLISH_NOTICES
from stammkunde.notices import Notice

LANGUAGES: Mapping[str, tuple[Locale, Mapping[str, str], Mapping[str, str]]] = {
    "en": (ENGLISH, ENGLISH_WORDS, ENGLISH_NOTICES),
    "de": (GERMAN, GERMAN_WORDS, GERMAN_NOTICES),
}


@dataclass(frozen=True)
class Words:
    """The sentences of one language, with its ways to write the quantities in them."""

    locale: Locale
    texts: Mapping[str, str]
    notices: Mapping[str, str]
    currency: str | None = None

    @classmethod
    def of(cls, language: str, *, currency: str | None = None) -> "Words":
        """The words of "en" or "de".

        Raises
        ------
        InputError : another language.
        """
        if language not in LANGUAGES:
            raise InputError(f"There is no report in {language!r}.", advice=f"Choose one of {', '.join(LANGUAGES)}.")
        return cls(*LANGUAGES[language], currency)

    def with_currency(self, currency: str | None) -> "Words":
        """The same words about amounts in `currency`."""
        return replace(self, currency=currency)

    def say(self, key: str, /, **values: Value) -> str:
        """The sentence `key` with its blanks filled; of "one | many" the first when its first Count reads 1."""
        text = self.texts[key]
        if " | " in text:
            count = next((v for v in values.values() if isinstance(v, Count)), Count(2))
            text = text.split(" | ")[0 if self.write(count) == "1" else 1]
        said = text.format(**{name: self.write(value) for name, value in values.items()})
        for unit in self.locale.million:
            said = said.replace(f"{unit}.", unit) if unit.endswith(".") else said  # "… 8,3 Mio.." at a sentence's end
        return said

    def tell(self, notice: Notice) -> str:
        """What the computation had to assume; names of columns, options and models stay as they are."""
        if self.notices is ENGLISH_NOTICES:
            return notice
        return self.notices[notice.key].format(**{name: self._plain(value) for name, value in notice.values.items()})

    def _plain(self, value: str | float | date) -> str:
        match value:
            case str():
                return value
            case int():
                return self.locale.count(value)
            case float():
                return self.locale.number(value, 3)
            case _:
                return self.locale.day(value)

    def off(self, error: float) -> str:
        """How a forecast came out against the truth: 6.7% too low, or about right."""
        if abs(error) < 0.005:
            return self.texts["off_none"]
        return self.say("off_low" if error < 0 else "off_high", error=Share(abs(error)))

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in self.texts

    def write(self, value: Value) -> str:
        """A quantity as this language writes it."""
        match value:
            case Money(amount):
                return self.locale.money(amount, self.currency)
            case Term(key):
                return self.texts.get(key, key.partition("_")[2]).split(": ")[0]
            case str():
                return value
            case _:
                return _measured(value, self.locale)


def _measured(value: Count | Share | Days | Number | Span | Month | date, locale: Locale) -> str:
    match value:
        case Count(number):
            text = locale.count(number)
        case Share(part, signed):
            text = locale.share(part, signed=signed)
        case Days(number):
            text = locale.days(number)
        case Number(number, places):
            text = locale.number(number, places)
        case Span(asked):
            text = locale.span(asked)
        case Month(day):
            text = locale.month(day)
        case date():
            text = locale.day(value)
    return text
