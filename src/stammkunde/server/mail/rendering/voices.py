"""Voices: the language of a mail and, in German, how it addresses people; and texts that say the same in each."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

VOICES = ("en", "de-du", "de-sie")
#: What a text may be written under: "de" serves both German voices.
KEYS = ("en", "de", "de-du", "de-sie")
GERMAN_SPEAKING = frozenset({"DE", "AT", "CH", "LI"})


@dataclass(frozen=True)
class Texts:
    """A text in every voice, or (under "") one that is the same in all, such as an address."""

    said: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.said)

    def of(self, voice: str) -> str:
        """The text of a voice: its own, else that of its language."""
        found = dict(self.said)
        return next((found[key] for key in (voice, voice.partition("-")[0], "") if key in found), "")

    def written(self) -> str | dict[str, str]:
        """As it stands in a document."""
        found = dict(self.said)
        return found.get("", "") if set(found) <= {""} else found


def texts(said: Mapping[str, str] | str) -> Texts:
    """Texts of what a document holds, in the order of `KEYS`."""
    if isinstance(said, str):
        return Texts((("", said),))
    return Texts(tuple((key, said[key]) for key in KEYS if key in said))


def lacking(said: Mapping[str, str]) -> list[str]:
    """Keys that would have to be there for every voice to have its text."""
    return ["de" if voice != "en" else voice for voice in VOICES if not texts(said).of(voice)]


def language_of(voice: str) -> str:
    """Its language: "de" or "en"."""
    return voice.partition("-")[0]


def voice_of(*, locale: str, country: str, form: str) -> str:
    """The voice a customer is written to in: German for a German locale, or in a German-speaking country where no
    locale is known, or where nothing is known and the shop itself is German. `form` is "du" or "sie"."""
    if locale:
        german = locale.lower().startswith("de")
    elif country:
        german = country.upper() in GERMAN_SPEAKING
    else:
        german = settings.LANGUAGE_CODE.lower().startswith("de")
    return f"de-{form}" if german else "en"
