"""Values of a definition from outside: each judged, and what is wrong told with its place."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import time
from typing import Any

from django.utils.translation import gettext as _

from stammkunde.errors import InputError
from stammkunde.server.journeys.definitions.language import Data, Span

ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
STRANGE = re.compile("[\x00\ud800-\udfff]")  # no database keeps these
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LANGUAGES = ("en", "de", "de-du", "de-sie")
LONGEST = 2000 * 24 * 3600  # seconds of a span: more than five years


class DefinitionError(InputError):
    """A journey that cannot be kept: `path` says where in it ("steps[2].then"), `message` what to do about it."""

    advice = "Correct the journey at this place; the reference of journeys names what may stand there."

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message, where=path or None)
        self.path, self.message = path, message


def mapping(data: Any, path: str) -> Data:
    """A mapping with names as text."""
    if not isinstance(data, Mapping) or not all(isinstance(each, str) for each in data):
        raise DefinitionError(path, _("Here names with values are expected."))
    return data


def only(data: Data, names: Sequence[str], path: str) -> None:
    """Refuse what nobody would read: a misspelt setting must not be lost."""
    for name in data:
        if name not in names:
            known = ", ".join(names)
            raise DefinitionError(
                place(path, name), _("Nobody knows this setting here. There are: %(known)s.") % {"known": known}
            )


def place(path: str, name: str | int) -> str:
    """Where a part lies."""
    return f"{path}[{name}]" if isinstance(name, int) else f"{path}.{name}".lstrip(".")


def items(data: Any, path: str, *, most: int) -> list[Any]:
    """A list that is not too long."""
    if not isinstance(data, list | tuple):
        raise DefinitionError(path, _("Here a list is expected."))
    if len(data) > most:
        raise DefinitionError(path, _("Here at most %(most)s entries may stand.") % {"most": most})
    return list(data)


def text(data: Data, name: str, path: str, *, most: int = 200, default: str | None = None) -> str:
    """A text that is not empty; the default where there is none."""
    value = data.get(name, default)
    if not isinstance(value, str) or not value.strip() or STRANGE.search(value) or len(value) > most:
        raise DefinitionError(
            place(path, name), _("Here a text of at most %(most)s characters is expected.") % {"most": most}
        )
    return value


def key(data: Data, name: str, path: str, *, of: re.Pattern[str] = KEY) -> str:
    """A short name of small letters, digits, "-" and "_"."""
    value = data.get(name)
    if not isinstance(value, str) or not of.fullmatch(value):
        advice = _("A name of small letters, digits, “-” and “_” is expected, such as “second-order”.")
        raise DefinitionError(place(path, name), advice)
    return value


def chosen(data: Data, name: str, among: Sequence[str], path: str, *, default: str | None = None) -> str:
    """One of these words."""
    value = data.get(name, default)
    if value not in among or not isinstance(value, str):
        raise DefinitionError(place(path, name), _("Choose one of: %(among)s.") % {"among": ", ".join(among)})
    return value


def span(data: Data, name: str, path: str, *, default: Span | None = None, zero: bool = False) -> Span:
    """A length of time such as 90m, 2h, 3d or 2w."""
    if name not in data and default is not None:
        return default
    value = data.get(name)
    found = re.fullmatch(r"(\d{1,7})([mhdw])", value) if isinstance(value, str) else None
    if found is None:
        advice = _("A length of time is written as 90m, 2h, 3d or 2w.")
        raise DefinitionError(place(path, name), advice)
    made = Span(int(found[1]), found[2])
    if made.seconds > LONGEST or (made.count == 0 and not zero):
        advice = _("A length of time is more than nothing and at most five years.")
        raise DefinitionError(place(path, name), advice)
    return made


def number(data: Data, name: str, path: str, *, low: float, high: float, default: float | None = None) -> float:
    """A number within bounds."""
    value: Any = data.get(name, default)
    fits = not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value)
    if not fits or not low <= value <= high:
        bounds = {"low": f"{low:g}", "high": f"{high:g}"}
        raise DefinitionError(place(path, name), _("A number from %(low)s to %(high)s is expected.") % bounds)
    return float(value) if isinstance(value, float) else int(value)


def whole(data: Data, name: str, path: str, *, low: int, high: int, default: int | None = None) -> int:
    """A whole number within bounds."""
    value = number(data, name, path, low=low, high=high, default=default)
    if value != int(value):
        raise DefinitionError(place(path, name), _("A whole number is expected."))
    return int(value)


def flag(data: Data, name: str, path: str) -> bool | None:
    """Yes, no, or not said."""
    value = data.get(name)
    if value is not None and not isinstance(value, bool):
        raise DefinitionError(place(path, name), _("The answer is true or false."))
    return value


def hour(data: Data, name: str, path: str) -> time | None:
    """An hour of the day such as "09:00"; YAML reads 9:00 without quotes as the number 540."""
    value = data.get(name)
    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", value) if isinstance(value, str) else None
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise DefinitionError(place(path, name), _('An hour is written in quotes, as "09:00".'))
    return time(int(found[1]), int(found[2]))


def weekdays(data: Data, name: str, path: str) -> frozenset[int]:
    """Days of the week, Monday is 0."""
    if name not in data:
        return frozenset()
    given = items(data[name], place(path, name), most=7)
    if not given or any(each not in DAYS for each in given):
        raise DefinitionError(place(path, name), _("Days are: %(days)s.") % {"days": ", ".join(DAYS)})
    return frozenset(DAYS.index(each) for each in given)


def texts(data: Data, name: str, path: str, *, needed: bool = True) -> Mapping[str, str]:
    """A text by language: `{en: …, de: …}`."""
    if not needed and name not in data:
        return {}
    found, where = mapping(data.get(name), place(path, name)), place(path, name)
    only(found, LANGUAGES, where)
    if not found:
        raise DefinitionError(where, _("Give the text in at least one language: en, de."))
    return {language: text(found, language, where, most=1000) for language in found}


Reader = Callable[[Data, str], Any]
