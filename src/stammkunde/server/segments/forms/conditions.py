"""The kinds of conditions as somebody fills them in: which slots each has, and what they become as data."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stammkunde.server.segments.forms import slots as fill
from stammkunde.server.segments.forms import typed as reading
from stammkunde.server.segments.forms.events import event_data, event_of, event_slots
from stammkunde.server.segments.forms.slots import Choices, Shape, Slot, Typed, World, Wrong, chosen, first
from stammkunde.server.segments.models import State
from stammkunde.server.segments.rules.catalogue import FACTS, GROUPS, OPERATORS, Fact, Kind
from stammkunde.server.segments.rules.language import (
    Compare,
    Condition,
    FirstOrder,
    Happened,
    InSegment,
    Ordered,
    Orders,
)

BEGINS = "fact:orders"  # what a new condition asks
DID: Choices = (
    ("orders", _("Orders within a time")),
    ("ordered", _("An article ordered")),
    ("first_order", _("An article in the first order")),
    ("event", _("An event")),
)
BELONGS: Choices = (("segment", _("Another segment")),)
MEASURES: Choices = (
    ("count", pgettext_lazy("rule editor", "number of orders")),
    ("revenue", pgettext_lazy("rule editor", "revenue")),
)
BY: Choices = (
    ("sku", pgettext_lazy("rule editor", "article number")),
    ("title", pgettext_lazy("rule editor", "title")),
    ("category", pgettext_lazy("rule editor", "category")),
)
INSIDE: Choices = (("in", pgettext_lazy("rule editor", "is in")), ("not in", pgettext_lazy("rule editor", "is not in")))
LISTS = (Kind.STATE, Kind.TYPE)  # chosen by ticking; "is" and "in" are one there
ONE_OF: Choices = (
    ("in", pgettext_lazy("rule editor", "is one of")),
    ("not in", pgettext_lazy("rule editor", "is none of")),
)
SUGGESTED = ("country", "locale", "channel", "shop_type", "first_channel")


@dataclass(frozen=True)
class Family:
    """A kind of condition: its slots, and its data."""

    slots: Callable[[str, Typed, World], Iterator[Slot]]
    data: Callable[[str, Typed, Wrong], dict[str, Any]]


def family(about: str) -> Family:
    """The kind of condition that is about this."""
    return FACT if about.startswith("fact:") else FAMILIES[about]


def known(about: str) -> bool:
    """Whether there is such a condition."""
    return about in FAMILIES or (about.startswith("fact:") and about.removeprefix("fact:") in FACTS)


def abouts() -> list[tuple[str | Promise, Choices]]:
    """All that can be asked, in groups."""
    facts = [
        (said, [(f"fact:{fact.name}", fact.label) for fact in FACTS.values() if fact.group == name])
        for name, said in GROUPS.items()
    ]
    return [(_("What they did"), DID), *facts, (_("Segments"), BELONGS)]


def filled(condition: Condition) -> tuple[str, dict[str, list[str]]]:
    """A condition of a rule as somebody would fill it in: what it is about, and what stands in its slots."""
    if isinstance(condition, Compare):
        return f"fact:{condition.fact}", _compared(FACTS[condition.fact], condition.op, condition.value)
    if isinstance(condition, Orders):
        named = {name: [getattr(condition, name)] for name in ("channel", "country", "coupon")}
        kind = Kind.MONEY if condition.measure == "revenue" else Kind.NUMBER
        found = _ends(kind, condition.op, condition.value) | {"measure": [condition.measure]} | named
        return "orders", found | fill.of_window(condition.window)
    if isinstance(condition, Ordered):
        found = {"by": [condition.by], "value": [condition.value], "op": [condition.op]}
        return "ordered", found | {"times": [str(condition.times)]} | fill.of_window(condition.window)
    if isinstance(condition, FirstOrder):
        return "first_order", {"by": [condition.by], "value": [condition.value]}
    if isinstance(condition, Happened):
        return "event", event_of(condition)
    return "segment", _belongs(condition)


def _belongs(condition: InSegment) -> dict[str, list[str]]:
    return {"segment": [str(condition.segment)], "op": ["in" if condition.inside else "not in"]}


# --- a fact -----------------------------------------------------------------------------------------------------------


def _fact_slots(about: str, typed: Typed, world: World) -> Iterator[Slot]:
    fact = FACTS[about.removeprefix("fact:")]
    if fact.kind == Kind.FLAG:
        yield fill.select("value", _("Answer"), YES, typed)
        return
    operators = _operators(fact.kind)
    yield fill.select("op", _("Comparison"), operators, typed, redraws=True)
    op = chosen(typed, "op", operators)
    if fact.kind in LISTS:
        choices = list(State.choices) if fact.kind == Kind.STATE else world.types
        yield Slot("value", fact.label, Shape.CHECKS, list(typed.get("value", ())), choices)
    elif fact.kind in (Kind.TEXT, Kind.CELL):
        yield from _text_slots(fact, op, typed)
    else:
        yield from fill.answers(fact.kind, op, typed)


YES: Choices = (("yes", pgettext_lazy("rule editor", "yes")), ("no", pgettext_lazy("rule editor", "no")))


def _text_slots(fact: Fact, op: str, typed: Typed) -> Iterator[Slot]:
    if op in ("known", "unknown"):
        return
    hint = _("Several, separated by commas.") if op in ("in", "not in") else ""
    suggests = f"fact:{fact.name}" if fact.name in SUGGESTED and not hint else ""
    yield fill.text("value", _("Value"), typed, hint=hint, suggests=suggests)


def _operators(kind: Kind) -> Choices:
    if kind in LISTS:
        several = [("in", ONE_OF[0][1]), ("not in", ONE_OF[1][1])]
        return several + [(op, fill.WORDS[op]) for op in OPERATORS[kind] if op in ("known", "unknown")]
    words = fill.DAYS if kind == Kind.DAY else fill.WORDS if kind in (Kind.TEXT, Kind.CELL) else fill.MEASURES
    return [(op, words[op]) for op in OPERATORS[kind]]


def _fact_data(about: str, typed: Typed, wrong: Wrong) -> dict[str, Any]:
    fact = FACTS[about.removeprefix("fact:")]
    if fact.kind == Kind.FLAG:
        return {"fact": fact.name, "op": "is", "value": chosen(typed, "value", YES) == "yes"}
    op = chosen(typed, "op", _operators(fact.kind))
    found: dict[str, Any] = {"fact": fact.name, "op": op}
    if op in ("known", "unknown"):
        return found
    if fact.kind in LISTS or op in ("in", "not in"):
        return found | _several(fact.kind, op, typed, wrong)
    if fact.kind in (Kind.TEXT, Kind.CELL):
        return found | {"value": fill.value(fact.kind, "value", typed, wrong)}
    return found | fill.compared(fact.kind, op, typed, wrong)


def _several(kind: Kind, op: str, typed: Typed, wrong: Wrong) -> dict[str, Any]:
    """One or several values; of one, "in" is "is"."""
    texts = typed.get("value", ()) if kind in LISTS else first(typed, "value").split(",")
    found = []
    for each in filter(None, (text.replace("\0", "").strip() for text in texts)):
        try:
            found.append(reading.read(kind, each))
        except reading.TypedError as error:
            wrong["value"] = str(error)
    if not found:
        wrong.setdefault("value", reading.none())
        return {}
    if len(found) == 1:
        return {"op": "is" if op == "in" else "is not", "value": found[0]}
    return {"value": list(dict.fromkeys(found))}


def _compared(fact: Fact, op: str, value: Any) -> dict[str, list[str]]:
    if fact.kind == Kind.FLAG:
        return {"value": ["yes" if value else "no"]}
    if fact.kind in LISTS:
        several = value if isinstance(value, tuple) else () if value is None else (value,)
        return {"op": [{"is": "in", "is not": "not in"}.get(op, op)], "value": [str(each) for each in several]}
    if op in ("in", "not in") and isinstance(value, tuple):
        return {"op": [op], "value": [", ".join(reading.show(fact.kind, each) for each in value)]}
    return _ends(fact.kind, op, value)


def _ends(kind: Kind, op: str, value: Any) -> dict[str, list[str]]:
    if isinstance(value, tuple) and len(value) == 2:
        low, high = (reading.show(kind, each) for each in value)
        return {"op": [op], "value": [low], "value2": [high]}
    return {"op": [op], "value": [reading.show(kind, value)]}


# --- what they did ----------------------------------------------------------------------------------------------------

AMOUNTS: Choices = [(op, said) for op, said in fill.MEASURES.items() if op not in ("known", "unknown")]
COUNTS: Choices = [(op, said) for op, said in fill.MEASURES.items() if op not in ("known", "unknown", "between")]


def _orders_slots(about: str, typed: Typed, world: World) -> Iterator[Slot]:
    del about, world
    yield fill.select("measure", _("What of them"), MEASURES, typed, redraws=True)
    yield fill.select("op", _("Comparison"), AMOUNTS, typed, redraws=True)
    yield from fill.answers(_measured(typed), chosen(typed, "op", AMOUNTS), typed)
    yield from fill.window(typed)
    yield fill.text("channel", pgettext_lazy("rule editor", "by channel"), typed, suggests="channel")
    yield fill.text("country", pgettext_lazy("rule editor", "to country"), typed, suggests="country")
    yield fill.text("coupon", pgettext_lazy("rule editor", "with coupon"), typed, suggests="coupon")


def _orders_data(about: str, typed: Typed, wrong: Wrong) -> dict[str, Any]:
    del about
    op = chosen(typed, "op", AMOUNTS)
    found: dict[str, Any] = {"orders": chosen(typed, "measure", MEASURES), "op": op}
    found |= fill.compared(_measured(typed), op, typed, wrong) | fill.within(typed, wrong)
    return found | {name: said for name in ("channel", "country", "coupon") if (said := first(typed, name))}


def _measured(typed: Typed) -> Kind:
    return Kind.MONEY if chosen(typed, "measure", MEASURES) == "revenue" else Kind.NUMBER


def _article(typed: Typed) -> Iterator[Slot]:
    yield fill.select("by", _("Article by"), BY, typed, redraws=True)
    yield fill.text("value", _("Article"), typed, suggests=chosen(typed, "by", BY))


def _ordered_slots(about: str, typed: Typed, world: World) -> Iterator[Slot]:
    del about, world
    yield from _article(typed)
    yield fill.select("op", _("Comparison"), COUNTS, typed)
    yield fill.figure("times", _("In how many orders"), typed, unit=pgettext_lazy("rule editor", "orders"), default="1")
    yield from fill.window(typed)


def _ordered_data(about: str, typed: Typed, wrong: Wrong) -> dict[str, Any]:
    del about
    found = {"ordered": chosen(typed, "by", BY), "value": fill.value(Kind.TEXT, "value", typed, wrong)}
    found |= {"op": chosen(typed, "op", COUNTS), "times": fill.times(typed, wrong)}
    return found | fill.within(typed, wrong)


def _first_slots(about: str, typed: Typed, world: World) -> Iterator[Slot]:
    del about, world
    yield from _article(typed)


def _first_data(about: str, typed: Typed, wrong: Wrong) -> dict[str, Any]:
    del about
    return {"first_order": chosen(typed, "by", BY), "value": fill.value(Kind.TEXT, "value", typed, wrong)}


def _segment_slots(about: str, typed: Typed, world: World) -> Iterator[Slot]:
    del about
    yield fill.select("op", _("Comparison"), INSIDE, typed)
    choices: Choices = world.segments or [("", _("There is no other segment yet."))]
    yield fill.select("segment", _("Segment"), choices, typed)


def _segment_data(about: str, typed: Typed, wrong: Wrong) -> dict[str, Any]:
    del about
    return {"segment": fill.value(Kind.TYPE, "segment", typed, wrong), "op": chosen(typed, "op", INSIDE)}


FACT = Family(_fact_slots, _fact_data)
FAMILIES: Mapping[str, Family] = {
    "orders": Family(_orders_slots, _orders_data),
    "ordered": Family(_ordered_slots, _ordered_data),
    "first_order": Family(_first_slots, _first_data),
    "event": Family(event_slots, event_data),
    "segment": Family(_segment_slots, _segment_data),
}
