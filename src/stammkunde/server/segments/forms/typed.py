"""Values as people type them, and as a rule keeps them: amounts in cents, shares from 0 to 1, days as text."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stammkunde.server.lib.money import LARGEST, major, minor, places
from stammkunde.server.segments.rules.catalogue import Kind
from stammkunde.server.segments.rules.language import Scalar

THOUSANDS = {"de": re.compile(r"-?\d{1,3}(\.\d{3})+(,\d+)?"), "en": re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")}
CELL = re.compile(r"[1-5]{3}")


class TypedError(ValueError):
    """What was typed cannot be read; the text says how to write it, in the reader's language."""


def read(kind: Kind, text: str) -> Scalar:
    """What was typed for an answer of this kind, as a rule keeps it.

    Raises
    ------
    TypedError : it cannot be read.
    """
    text = text.strip()
    if not text:
        raise TypedError(missing())
    return READERS.get(kind, str)(text)


def missing() -> str:
    """What is said of an empty slot."""
    return _("Something has to stand here.")


def none() -> str:
    """What is said of a list of which nothing is chosen."""
    return _("Choose at least one.")


def show(kind: Kind, value: object) -> str:
    """A value of a rule as somebody would type it."""
    if kind == Kind.MONEY and isinstance(value, int):
        return written(major(value, settings.CURRENCY))
    if kind == Kind.SHARE and isinstance(value, int | float):
        return written(Decimal(str(value)) * 100)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return written(Decimal(str(value)))
    return "" if value is None else str(value)


def written(value: Decimal) -> str:
    """A number without needless places, with the language's decimal mark."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", ",") if _german() else text


def decimal(text: str) -> Decimal:
    """A number with a comma or a point; thousands may be parted as the language does.

    Raises
    ------
    TypedError : it is no number, or no reasonable one.
    """
    plain = text.replace(" ", "").replace("\u00a0", "").replace("\u2212", "-")
    parted, mark = (".", ",") if _german() else (",", ".")
    if THOUSANDS["de" if _german() else "en"].fullmatch(plain):
        plain = plain.replace(parted, "")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        found = Decimal(plain)
    except InvalidOperation as error:
        message = _("“%(text)s” is no number. Write it in digits, such as %(example)s.")
        raise TypedError(message % {"text": text, "example": f"12{mark}5"}) from error
    if not found.is_finite() or abs(found) > LARGEST // 1000:
        raise TypedError(_("This number is larger than anything a shop counts."))
    return found


def _number(text: str) -> int | float:
    found = decimal(text)
    return int(found) if found == int(found) else float(found)


def _money(text: str) -> int:
    found, code = decimal(text), settings.CURRENCY
    if found != round(found, places(code)):
        said = _("%(currency)s has %(places)s decimal places.")
        raise TypedError(said % {"currency": code, "places": places(code)})
    return minor(found, code)


def _share(text: str) -> float:
    found = decimal(text.rstrip("% \u00a0"))
    if not 0 <= found <= 100:
        raise TypedError(_("A share is between 0 and 100 %%.") % ())
    return float(found / 100)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise TypedError(_("“%(text)s” is no day. Write it like 2026-03-31.") % {"text": text}) from error


def _cell(text: str) -> int:
    if not CELL.fullmatch(text):
        raise TypedError(_("Write a cell as three digits from 1 to 5, such as 545."))
    return int(text)


def whole(text: str, *, least: int = 0) -> int:
    """A whole number, not below `least`.

    Raises
    ------
    TypedError : it is none.
    """
    found = decimal(text) if text.strip() else None
    if found is None or found != int(found) or found < least:
        raise TypedError(_("Write a whole number, %(least)s or more.") % {"least": least})
    return int(found)


def _id(text: str) -> int:
    return whole(text)


def _flag(text: str) -> bool:
    return text == "yes"


def _german() -> bool:
    return (get_language() or "en").startswith("de")


READERS: Mapping[Kind, Callable[[str], Scalar]] = {
    Kind.NUMBER: _number,
    Kind.DAYS: _number,
    Kind.MONEY: _money,
    Kind.SHARE: _share,
    Kind.DAY: _day,
    Kind.CELL: _cell,
    Kind.TYPE: _id,
    Kind.FLAG: _flag,
}
