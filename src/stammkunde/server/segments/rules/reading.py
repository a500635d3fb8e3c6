"""A rule from outside: everything in it judged, and what is wrong told with its place."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from stammkunde.errors import InputError
from stammkunde.server.segments.models import State
from stammkunde.server.segments.rules.catalogue import FACTS, OPERATORS, Kind
from stammkunde.server.segments.rules.language import (
    VERSION,
    Compare,
    FirstOrder,
    Group,
    Happened,
    InSegment,
    Node,
    Ordered,
    Orders,
    Scalar,
    Value,
    Where,
    Window,
)

DEEPEST, MOST = 8, 100
TEXT, VALUES = 200, 200  # characters of a text, values of a list
LARGEST = 2**53  # beyond it floats and whole numbers differ
COUNTS = (">=", "<=", ">", "<", "=", "!=")
AMOUNTS = (*COUNTS, "between")
FIGURES = (">=", "<=", ">", "<")
ABOUT = ("is", "is not", *FIGURES, "known", "unknown")
BY = ("sku", "title", "category")
GROUPS = ("all", "any", "none")
PROPERTY = re.compile(r"[^\"\\\x00-\x1f]{1,100}")  # a quote would end the path of SQLite's JSON functions
WHOLE = {Kind.NUMBER, Kind.MONEY, Kind.DAYS}
Data = Mapping[str, Any]


class RuleError(InputError):
    """A rule that cannot be kept: `path` says where, as `language.conditions` does, `message` what to do about it."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message, where=path)
        self.path, self.message = path, message


def read(data: Any) -> Node:
    """The rule of what `language.rule` writes, or of its inner part alone.

    Raises
    ------
    RuleError : it is no rule, too large, or asks for what there is not.
    """
    if isinstance(data, Mapping) and "rule" in data:
        if data.get("version", VERSION) != VERSION:
            raise RuleError("", _("This rule was written by a newer version of Stammkunde."))
        data = data["rule"]
    reader = _Reader()
    return reader.node(data, "", 0)


class _Reader:
    """Counts what it has read: a rule of a file may be made to be too large."""

    def __init__(self) -> None:
        self.left = MOST

    def node(self, data: Any, path: str, depth: int) -> Node:
        if not isinstance(data, Mapping):
            raise RuleError(path, _("Here a condition or a group is expected."))
        kind = next((name for name in GROUPS if name in data), "")
        if kind:
            return self._group(data, kind, path, depth)
        self.left -= 1
        if self.left < 0:
            raise RuleError(path, _("A rule has at most %(most)s conditions.") % {"most": MOST})
        for name, reading in _CONDITIONS.items():
            if name in data:
                return reading(data, path)
        raise RuleError(path, _("Nobody knows what this condition asks for."))

    def _group(self, data: Data, kind: str, path: str, depth: int) -> Group:
        parts = data[kind]
        if len(data) != 1 or not isinstance(parts, list | tuple):
            raise RuleError(path, _("A group is a list of conditions under “all”, “any” or “none”."))
        if depth >= DEEPEST:
            raise RuleError(path, _("Groups lie in each other at most %(most)s deep.") % {"most": DEEPEST})
        inner = (self.node(part, f"{path}.{kind}[{n}]".lstrip("."), depth + 1) for n, part in enumerate(parts))
        return Group(kind, tuple(inner))


def _compare(data: Data, path: str) -> Compare:
    name = _one(data, "fact", tuple(FACTS), path)
    fact = FACTS[name]
    op = _one(data, "op", OPERATORS[fact.kind], path)
    if op in ("known", "unknown"):
        return Compare(name, op)
    return Compare(name, op, _value(fact.kind, op, data.get("value"), path))


def _orders(data: Data, path: str) -> Orders:
    measure = _one(data, "orders", ("count", "revenue"), path)
    op = _one(data, "op", AMOUNTS, path)
    value = _value(Kind.MONEY if measure == "revenue" else Kind.NUMBER, op, data.get("value"), path)
    named = {name: _text(data[name], path) for name in ("channel", "country", "coupon") if data.get(name)}
    return Orders(measure, op, value, _window(data, path), **named)


def _ordered(data: Data, path: str) -> Ordered:
    by = _one(data, "ordered", BY, path)
    op, times = _one({"op": ">="} | dict(data), "op", COUNTS, path), _times(data, path)
    return Ordered(by, _text(data.get("value"), path), op, times, _window(data, path))


def _first(data: Data, path: str) -> FirstOrder:
    return FirstOrder(_one(data, "first_order", BY, path), _text(data.get("value"), path))


def _happened(data: Data, path: str) -> Happened:
    op, times = _one({"op": ">="} | dict(data), "op", COUNTS, path), _times(data, path)
    where = data.get("where", [])
    if not isinstance(where, list | tuple) or len(where) > 10:
        raise RuleError(path, _("Properties are a list of at most ten."))
    return Happened(_text(data["event"], path), op, times, _window(data, path), tuple(_where(w, path) for w in where))


def _where(data: Any, path: str) -> Where:
    if not isinstance(data, Mapping):
        raise RuleError(path, _("A property is named, compared and given a value."))
    name = _text(data.get("property"), path)
    if not PROPERTY.fullmatch(name):
        raise RuleError(path, _("The name of a property has no quotes and no backslashes."))
    op = _one(data, "op", ABOUT, path)
    if op in ("known", "unknown"):
        return Where(name, op)
    value = data.get("value")
    return Where(name, op, _number(value, path) if op in FIGURES else _scalar(value, path))


def _inside(data: Data, path: str) -> InSegment:
    found = data["segment"]
    if isinstance(found, bool) or not isinstance(found, int) or not 0 < found < 2**63:
        raise RuleError(path, _("Choose a segment."))
    return InSegment(found, _one(data, "op", ("in", "not in"), path) == "in")


_CONDITIONS: Mapping[str, Callable[[Data, str], Node]] = {
    "fact": _compare,
    "orders": _orders,
    "ordered": _ordered,
    "first_order": _first,
    "event": _happened,
    "segment": _inside,
}


# --- values -----------------------------------------------------------------------------------------------------------


def _value(kind: Kind, op: str, value: Any, path: str) -> Value:
    if op == "between":
        low, high = (_single(kind, each, path) for each in _list(value, path, least=2, most=2))
        if low > high:  # type: ignore[operator]  # both are of one kind, numbers or days
            raise RuleError(path, _("The first of the two must not be larger than the second."))
        return low, high
    if op in ("in", "not in"):
        return tuple(dict.fromkeys(_single(kind, each, path) for each in _list(value, path, least=1, most=VALUES)))
    return _single(kind, value, path)


def _list(value: Any, path: str, *, least: int, most: int) -> list[Any]:
    if not isinstance(value, list | tuple) or not least <= len(value) <= most:
        raise RuleError(path, _("Name between %(least)s and %(most)s values.") % {"least": least, "most": most})
    return list(value)


def _single(kind: Kind, value: Any, path: str) -> Scalar:
    if kind is Kind.FLAG:
        if not isinstance(value, bool):
            raise RuleError(path, _("The answer is yes or no."))
        return value
    if kind is Kind.DAY:
        _day(value, path)
        return str(value)
    if kind is Kind.TEXT:
        return _text(value, path)
    if kind is Kind.STATE:
        if value not in State.values:
            raise RuleError(path, _("There is no such state."))
        return str(value)
    number = _number(value, path)
    if kind in (Kind.TYPE, Kind.CELL) and (number != int(number) or number < 0):
        raise RuleError(path, _("Choose one of those offered."))
    return int(number) if kind in (Kind.TYPE, Kind.CELL, Kind.MONEY) else number


def _number(value: Any, path: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RuleError(path, _("Here a number is expected."))
    if abs(value) > LARGEST:
        raise RuleError(path, _("This number is too large."))
    return value


def _scalar(value: Any, path: str) -> Scalar:
    return value if isinstance(value, bool) else _text(value, path) if isinstance(value, str) else _number(value, path)


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str) or not value.strip() or "\x00" in value:
        raise RuleError(path, _("Here a text is expected."))
    if len(value) > TEXT:
        raise RuleError(path, _("A text has at most %(most)s characters.") % {"most": TEXT})
    return value


def _times(data: Data, path: str) -> int:
    found = _number(data.get("times", 1), path)
    if found != int(found) or found < 0:
        raise RuleError(path, _("How often is a whole number."))
    return int(found)


def _day(value: Any, path: str) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise RuleError(path, _("A day is written as 2026-01-31.")) from None


def _window(data: Data, path: str) -> Window:
    days, start, end = (data.get(name) for name in ("days", "from", "to"))
    if days is not None:
        number = _number(days, path)
        if number != int(number) or not 1 <= number <= 36_500 or start or end:
            raise RuleError(path, _("Name a whole number of days, or the first and the last day."))
        return Window(days=int(number))
    found = Window(start=_day(start, path) if start else None, end=_day(end, path) if end else None)
    if found.start and found.end and found.start > found.end:
        raise RuleError(path, _("The first day comes after the last."))
    return found


def _one(data: Data, name: str, among: tuple[str, ...], path: str) -> str:
    found = data.get(name)
    if not isinstance(found, str) or found not in among:
        _unknown(found, path)
    return found


def _unknown(found: Any, path: str) -> NoReturn:
    said = str(found)[:40] if isinstance(found, str) else ""
    raise RuleError(path, _("“%(said)s” is nothing a rule can ask for.") % {"said": said})
