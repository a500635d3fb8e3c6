"""Slots: the places of a condition that are filled in, and what several kinds of conditions share of them."""

import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stammkunde.server.segments.forms import typed as reading
from stammkunde.server.segments.forms.typed import TypedError
from stammkunde.server.segments.rules.catalogue import Kind
from stammkunde.server.segments.rules.language import Window

Said = str | Promise
Typed = Mapping[str, Sequence[str]]
Wrong = MutableMapping[str, str]
Choices = Sequence[tuple[str, Said]]


@dataclass(frozen=True)
class World:
    """What there is to choose from besides facts: other segments, and types of customers, by id and name."""

    segments: Sequence[tuple[str, str]] = ()
    types: Sequence[tuple[str, str]] = ()


class Shape(StrEnum):
    """How a slot looks."""

    SELECT = "select"
    TEXT = "text"
    FIGURE = "figure"
    DAY = "day"
    CHECKS = "checks"


@dataclass(frozen=True)
class Slot:
    """A place to fill in. `redraws`: other slots depend on it. `suggests`: what the shop's own values are asked by.
    `drops`: the number of the property that a button behind it takes away."""

    name: str
    label: Said
    shape: Shape = Shape.TEXT
    values: Sequence[str] = ()
    choices: Choices = ()
    unit: Said = ""
    hint: Said = ""
    suggests: str = ""
    redraws: bool = False
    drops: int | None = None

    @property
    def more(self) -> bool:
        """Whether it narrows further what is said already without it."""
        return self.name in MORE

    @property
    def begins(self) -> bool:
        """Whether a line of its own begins with it."""
        return bool(re.fullmatch(r"property_\d+", self.name))

    @property
    def quiet(self) -> bool:
        """Whether the sentence says what belongs here, so that its label is for screen readers alone."""
        return self.name in QUIET or self.name.startswith(("property_op_", "property_value_"))

    @property
    def value(self) -> str:
        """What stands in it, where it holds one thing."""
        return self.values[0] if self.values else ""


MEASURES: Mapping[str, Said] = {
    ">=": pgettext_lazy("rule editor", "at least"),
    "<=": pgettext_lazy("rule editor", "at most"),
    ">": pgettext_lazy("rule editor", "more than"),
    "<": pgettext_lazy("rule editor", "less than"),
    "=": pgettext_lazy("rule editor", "exactly"),
    "!=": pgettext_lazy("rule editor", "other than"),
    "between": pgettext_lazy("rule editor", "between"),
    "known": pgettext_lazy("rule editor", "known"),
    "unknown": pgettext_lazy("rule editor", "not known"),
}
DAYS: Mapping[str, Said] = {
    **MEASURES,
    ">=": pgettext_lazy("rule editor", "on or after"),
    "<=": pgettext_lazy("rule editor", "on or before"),
    "=": pgettext_lazy("rule editor", "on"),
}
WORDS: Mapping[str, Said] = {
    "is": pgettext_lazy("rule editor", "is"),
    "is not": pgettext_lazy("rule editor", "is not"),
    "in": pgettext_lazy("rule editor", "is one of"),
    "not in": pgettext_lazy("rule editor", "is none of"),
    "starts": pgettext_lazy("rule editor", "begins with"),
    "contains": pgettext_lazy("rule editor", "contains"),
    "known": pgettext_lazy("rule editor", "known"),
    "unknown": pgettext_lazy("rule editor", "not known"),
}
UNITS: Mapping[Kind, Said] = {Kind.SHARE: "%", Kind.DAYS: pgettext_lazy("rule editor", "days")}
WINDOWS: Choices = (
    ("", pgettext_lazy("rule editor", "ever")),
    ("days", pgettext_lazy("rule editor", "in the last")),
    ("range", pgettext_lazy("rule editor", "in a period")),
)
MORE = ("channel", "country", "coupon")
QUIET = ("op", "value", "measure", "window", "by", "segment", "times", "days")


def first(typed: Typed, name: str, default: str = "") -> str:
    """The one value of a slot."""
    found = typed.get(name) or (default,)
    return found[0].replace("\0", "").strip()


def select(name: str, label: Said, choices: Choices, typed: Typed, *, redraws: bool = False) -> Slot:
    """A slot with a choice; what was chosen and is no longer offered becomes the first."""
    value = chosen(typed, name, choices)
    return Slot(name, label, Shape.SELECT, (value,), choices, redraws=redraws)


def chosen(typed: Typed, name: str, choices: Choices) -> str:
    """What is chosen among those offered."""
    value = first(typed, name)
    return value if value in {key for key, _said in choices} else choices[0][0]


def text(name: str, label: Said, typed: Typed, *, hint: Said = "", suggests: str = "") -> Slot:
    """A slot with text."""
    return Slot(name, label, Shape.TEXT, (first(typed, name),), hint=hint, suggests=suggests)


def figure(name: str, label: Said, typed: Typed, *, unit: Said = "", default: str = "") -> Slot:
    """A slot with a number."""
    value = first(typed, name) if name in typed else default
    return Slot(name, label, Shape.FIGURE, (value,), unit=unit)


def answers(kind: Kind, op: str, typed: Typed) -> Iterator[Slot]:
    """The slots for what a number or a day is compared with: none, one or two."""
    if op in ("known", "unknown"):
        return
    ends = (("value", _("Value")), ("value2", pgettext_lazy("rule editor", "and")))[: 2 if op == "between" else 1]
    shape = Shape.DAY if kind == Kind.DAY else Shape.FIGURE
    for name, label in ends:
        yield Slot(name, label, shape, (first(typed, name),), unit=unit_of(kind))


def unit_of(kind: Kind) -> Said:
    """The unit behind a number."""
    return settings.CURRENCY if kind == Kind.MONEY else UNITS.get(kind, "")


def compared(kind: Kind, op: str, typed: Typed, wrong: Wrong) -> dict[str, Any]:
    """What a number or a day is compared with, as data."""
    if op in ("known", "unknown"):
        return {}
    low = value(kind, "value", typed, wrong)
    return {"value": [low, value(kind, "value2", typed, wrong)] if op == "between" else low}


def value(kind: Kind, name: str, typed: Typed, wrong: Wrong) -> Any:
    """What stands in a slot, read; None with a word in `wrong` where it cannot be."""
    try:
        return reading.read(kind, first(typed, name))
    except TypedError as error:
        wrong[name] = str(error)
        return None


def times(typed: Typed, wrong: Wrong) -> int | None:
    """How often, as a whole number."""
    try:
        return reading.whole(first(typed, "times", "1"))
    except TypedError as error:
        wrong["times"] = str(error)
        return None


# --- within which time ------------------------------------------------------------------------------------------------


def window(typed: Typed) -> Iterator[Slot]:
    """The slots of a time: ever, the last so many days, or from a day to another."""
    yield select("window", _("When"), WINDOWS, typed, redraws=True)
    within = chosen(typed, "window", WINDOWS)
    if within == "days":
        yield figure("days", _("Days"), typed, unit=pgettext_lazy("rule editor", "days"), default="365")
    elif within == "range":
        for name, label in (("from", pgettext_lazy("rule editor", "from")), ("to", pgettext_lazy("rule editor", "to"))):
            yield Slot(name, label, Shape.DAY, (first(typed, name),))


def within(typed: Typed, wrong: Wrong) -> dict[str, Any]:
    """The time as data."""
    kind = chosen(typed, "window", WINDOWS)
    if kind == "days":
        try:
            return {"days": reading.whole(first(typed, "days", "365"), least=1)}
        except TypedError as error:
            wrong["days"] = str(error)
    if kind == "range":
        found = {name: value(Kind.DAY, name, typed, wrong) for name in ("from", "to") if first(typed, name)}
        if not found:
            wrong["from"] = str(_("Name the first day, the last one, or both."))
        return found
    return {}


def of_window(found: Window) -> dict[str, list[str]]:
    """A time of a rule as somebody would type it."""
    if found.days is not None:
        return {"window": ["days"], "days": [str(found.days)]}
    ends: dict[str, date | None] = {"from": found.start, "to": found.end}
    told = {name: [end.isoformat()] for name, end in ends.items() if end}
    return {"window": ["range"], **told} if told else {"window": [""]}
