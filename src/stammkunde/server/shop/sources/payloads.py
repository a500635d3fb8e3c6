"""Reading what a shop wrote: each value with its place, so that an error says what is wrong and where."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from stammkunde.server.lib.money import minor

KEY = 120  # characters of an id
WHOLE = 2**31 - 1  # the largest integer of a column
_BRIEF_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")


class PayloadError(ValueError):
    """A payload says something that cannot be."""


def clean(value: Any) -> Any:
    """The same without characters and numbers that no database takes."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {clean(name): clean(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [clean(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


class Node:
    """An object of a payload, and where in it one is. What is missing or null is empty, never an error by itself."""

    def __init__(self, value: Any, place: str = "") -> None:
        if not isinstance(value, Mapping):
            raise PayloadError(f"{place or 'The payload'}: an object was expected, not {_shown(value)}.")
        self.value, self.place = value, place

    def __bool__(self) -> bool:
        return bool(self.value)

    def __contains__(self, name: str) -> bool:
        return self.value.get(name) is not None

    def at(self, name: str) -> str:
        """Where a value stands: `line_items[2].price`."""
        return f"{self.place}.{name}" if self.place else name

    def wrong(self, name: str, what: str) -> PayloadError:
        """The error to raise for a value."""
        return PayloadError(f"{self.at(name)}: {what}")

    def text(self, *names: str) -> str:
        """The first of these that is not empty, trimmed; numbers as their digits."""
        for name in names:
            value = self.value.get(name)
            if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
                found = str(value).strip()
                if found:
                    return found
        return ""

    def key(self, *names: str) -> str:
        """An id, exact whatever its size.

        Raises
        ------
        PayloadError : there is none, or it is too long to be one.
        """
        found = self.text(*names)
        if not found or len(found) > KEY:
            raise self.wrong(names[0], "an id is missing." if not found else f"{found[:40]}… is too long for an id.")
        return found

    def maybe_key(self, *names: str) -> str:
        """An id, or nothing; 0 is how some shops write nothing."""
        found = self.text(*names)
        return "" if found == "0" else found[:KEY]

    def money(self, name: str, currency: str) -> int:
        """An amount in the smallest unit; nothing is 0.

        Raises
        ------
        PayloadError : it is no amount.
        """
        value = self.value.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal | None):
            raise self.wrong(name, f"{_shown(value)} is no amount of money.")
        try:
            return minor(value, currency)
        except ValueError as error:
            raise self.wrong(name, str(error)) from error

    def maybe_money(self, name: str, currency: str) -> int | None:
        """An amount, or None where there is none."""
        return None if self.value.get(name) in (None, "") else self.money(name, currency)

    def decimal(self, name: str) -> Decimal:
        """A number, exactly; nothing is 0.

        Raises
        ------
        PayloadError : it is none.
        """
        value = self.value.get(name)
        try:
            found = Decimal(str(value).strip()) if value not in (None, "") else Decimal(0)
        except InvalidOperation as error:
            raise self.wrong(name, f"{_shown(value)} is no number.") from error
        if not found.is_finite() or found.adjusted() > 15 or abs(found) > 10**15:
            raise self.wrong(name, f"{_shown(value)} is beyond any number that is meant.")
        return found

    def whole(self, name: str) -> int:
        """A whole number; nothing is 0, halves are rounded up.

        Raises
        ------
        PayloadError : it is none, or larger than a column holds.
        """
        found = math.floor(self.decimal(name) + Decimal("0.5"))
        if abs(found) > WHOLE:
            raise self.wrong(name, f"{found} is beyond any count that is meant.")
        return found

    def maybe_whole(self, name: str) -> int | None:
        """A whole number, or None where there is none."""
        return None if self.value.get(name) in (None, "") else self.whole(name)

    def flag(self, name: str) -> bool:
        """Whether it says yes."""
        value = self.value.get(name)
        return value is True or str(value).strip().lower() in {"true", "1", "yes"}

    def currency(self, *names: str) -> str:
        """A currency code.

        Raises
        ------
        PayloadError : there is none.
        """
        found = self.text(*names).upper()
        if len(found) != 3 or not found.isascii() or not found.isalpha():
            raise self.wrong(names[0], f"{_shown(found)} is no currency.")
        return found

    def moment(self, *names: str, zone: tzinfo = UTC) -> datetime:
        """The first of these moments that is there.

        Raises
        ------
        PayloadError : there is none, or one that is no moment.
        """
        found = self.maybe_moment(*names, zone=zone)
        if found is None:
            raise self.wrong(names[0], "a moment is missing.")
        return found

    def maybe_moment(self, *names: str, zone: tzinfo = UTC) -> datetime | None:
        """The first of these moments that is there, or None; without a zone it is of `zone`. Seconds are understood."""
        for name in names:
            value = self.value.get(name)
            if value not in (None, "") and not str(value).startswith("0000-00-00"):
                return self._moment(name, value, zone)
        return None

    def version(self, *names: str, zone: tzinfo = UTC) -> int:
        """The time of the last change in milliseconds; 0 where it is not told."""
        found = self.maybe_moment(*names, zone=zone)
        return 0 if found is None else milliseconds(found)

    def one(self, name: str) -> "Node":
        """The object of a name; an empty one where there is none."""
        value = self.value.get(name)
        return Node({} if value is None or value == [] else value, self.at(name))  # PHP writes {} as []

    def each(self, name: str) -> "Iterator[Node]":
        """The objects of a list; none where there is no list.

        Raises
        ------
        PayloadError : it is no list.
        """
        value = self.value.get(name)
        items = list(value.values()) if isinstance(value, Mapping) else value or []
        if not isinstance(items, list):
            raise self.wrong(name, f"a list was expected, not {_shown(value)}.")
        for number, item in enumerate(items):
            yield Node(item, f"{self.at(name)}[{number}]")

    def _moment(self, name: str, value: Any, zone: tzinfo) -> datetime:
        text = str(value).strip()
        try:
            if isinstance(value, int | Decimal) and not isinstance(value, bool):
                seconds = float(value)
                found = datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
            else:
                found = datetime.fromisoformat(_BRIEF_ZONE.sub(r"\1:\2", text.replace(" +", "+").replace(" -", "-")))
            found = found if found.tzinfo else found.replace(tzinfo=zone)
            found = found.astimezone(UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise self.wrong(name, f"{_shown(value)} is no moment.") from error
        if not 1980 <= found.year <= 2200:
            raise self.wrong(name, f"{_shown(value)} is outside any time that is meant.")
        return found


def milliseconds(moment: datetime) -> int:
    """A moment as versions are written."""
    return round(moment.timestamp() * 1000)


def _shown(value: Any) -> str:
    return repr(value)[:60]
