"""An event as a condition: its name, how often, within which time, and what its properties must be."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stammkunde.server.segments.forms import slots as fill
from stammkunde.server.segments.forms import typed as reading
from stammkunde.server.segments.forms.slots import Choices, Slot, Typed, World, Wrong, chosen, first
from stammkunde.server.segments.rules.catalogue import Kind
from stammkunde.server.segments.rules.language import Happened, Scalar

COUNTS: Choices = [(op, said) for op, said in fill.MEASURES.items() if op not in ("known", "unknown", "between")]
FIGURES = (">=", "<=", ">", "<")  # compared as numbers
BOOLEANS = {"true": True, "false": False}
PROPERTIES: Choices = [
    *((op, fill.WORDS[op]) for op in ("is", "is not")),
    *((op, fill.MEASURES[op]) for op in FIGURES),
    *((op, fill.WORDS[op]) for op in ("known", "unknown")),
]


def event_slots(about: str, typed: Typed, world: World) -> Iterator[Slot]:
    """Its places to fill in."""
    del about, world
    yield fill.text("value", _("Event"), typed, suggests="event")
    yield fill.select("op", _("Comparison"), COUNTS, typed)
    yield fill.figure("times", _("How often"), typed, unit=pgettext_lazy("rule editor", "times"), default="1")
    yield from fill.window(typed)
    for number in numbers(typed):
        yield from _property(number, typed)


def _property(number: int, typed: Typed) -> Iterator[Slot]:
    yield fill.text(f"property_{number}", pgettext_lazy("rule editor", "with property"), typed)
    operator = fill.select(f"property_op_{number}", _("Comparison"), PROPERTIES, typed, redraws=True)
    if operator.value in ("known", "unknown"):
        yield replace(operator, drops=number)
        return
    yield operator
    yield replace(fill.text(f"property_value_{number}", _("Value"), typed), drops=number)


def numbers(typed: Typed) -> list[int]:
    """The numbers of the properties that somebody asks for."""
    found = (re.fullmatch(r"property_(\d{1,3})", name) for name in typed)
    return sorted(int(match[1]) for match in found if match)


def event_data(about: str, typed: Typed, wrong: Wrong) -> dict[str, Any]:
    """It as data; a property without a name is passed over."""
    del about
    where = [_where(number, typed, wrong) for number in numbers(typed) if first(typed, f"property_{number}")]
    found = {"event": fill.value(Kind.TEXT, "value", typed, wrong), "op": chosen(typed, "op", COUNTS)}
    found |= {"times": fill.times(typed, wrong)} | ({"where": where} if where else {})
    return found | fill.within(typed, wrong)


def _where(number: int, typed: Typed, wrong: Wrong) -> dict[str, Any]:
    op, slot = chosen(typed, f"property_op_{number}", PROPERTIES), f"property_value_{number}"
    found: dict[str, Any] = {"property": first(typed, f"property_{number}"), "op": op}
    if op in ("known", "unknown"):
        return found
    if op in FIGURES:
        return found | {"value": fill.value(Kind.NUMBER, slot, typed, wrong)}
    text = fill.value(Kind.TEXT, slot, typed, wrong)
    return found | {"value": None if text is None else meant(text)}


def meant(text: str) -> Scalar:
    """What a property has to be: a number or yes or no where it reads like one, unless it stands in quotes."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    if text in BOOLEANS:
        return BOOLEANS[text]
    try:
        return reading.read(Kind.NUMBER, text)
    except reading.TypedError:
        return text


def as_typed(value: Scalar | None) -> str:
    """It again, as somebody would type it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if meant(value) == value else f'"{value}"'
    return reading.show(Kind.NUMBER, value)


def event_of(condition: Happened) -> dict[str, list[str]]:
    """An event of a rule as somebody would type it."""
    found = {"value": [condition.event], "op": [condition.op], "times": [str(condition.times)]}
    for number, where in enumerate(condition.where):
        found[f"property_{number}"] = [where.property]
        found[f"property_op_{number}"] = [where.op]
        found[f"property_value_{number}"] = [as_typed(where.value)]
    return found | fill.of_window(condition.window)
