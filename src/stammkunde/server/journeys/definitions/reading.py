"""A journey from outside, and back: everything in it judged, and what is wrong told with its place.

found = read(data)          # a Definition, or DefinitionError
written(found)              # data again: the same for the same journey, in a stable order
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from stammkunde.server.journeys.definitions import conditions, triggers, values
from stammkunde.server.journeys.definitions.graph import check
from stammkunde.server.journeys.definitions.language import FORMAT, PER, Data, Definition, Happened, Span, Step
from stammkunde.server.journeys.definitions.values import DefinitionError, place
from stammkunde.server.journeys.steps.base import kinds
from stammkunde.server.segments.rules import language as rules

MOST = 60  # steps
PARTS = ("format", "key", "name", "about", "trigger", "audience", "per", "again", "goal", "exit", "steps")


def read(data: Mapping[str, Any]) -> Definition:
    """The journey of its data.

    Raises
    ------
    DefinitionError : it is none; `path` names the place and `message` says what to do.
    """
    given = values.mapping(data, "")
    values.only(given, PARTS, "")
    if given.get("format", FORMAT) != FORMAT:
        raise DefinitionError("format", _("This journey was written by a newer version of Stammkunde."))
    trigger = triggers.trigger(given.get("trigger"), "trigger")
    found = Definition(
        key=values.key(given, "key", ""),
        name=values.texts(given, "name", ""),
        about=values.texts(given, "about", "", needed=False),
        trigger=trigger,
        audience=conditions.rule(given["audience"], "audience") if "audience" in given else None,
        per=_per(given, trigger.on),
        again=_again(given),
        goal=conditions.word(given["goal"], "goal") if "goal" in given else "",
        exits=_exits(given),
        steps=_steps(given),
    )
    check(found)
    return found


def _per(given: Data, on: str) -> str:
    per = values.chosen(given, "per", PER, "", default="customer")
    if (per == "order" and on not in triggers.ORDERS) or (per == "cart" and on != "cart_idle"):
        raise DefinitionError("per", _("What lets people in here tells of no such thing. Choose “customer”."))
    return per


def _again(given: Data) -> Span | None:
    if given.get("again", "never") == "never":
        return None
    if given.get("per", "customer") != "customer":
        raise DefinitionError("again", _("Only where it is per customer: every order and every cart counts once."))
    return values.span(given, "again", "")


def _exits(given: Data) -> tuple[Any, ...]:
    found = values.items(given.get("exit", []), "exit", most=20)
    return tuple(conditions.leaving(each, place("exit", number)) for number, each in enumerate(found))


def _steps(given: Data) -> tuple[Step, ...]:
    found = values.items(given.get("steps"), "steps", most=MOST)
    if not found:
        raise DefinitionError("steps", _("A journey has at least one step."))
    return tuple(_step(each, place("steps", number)) for number, each in enumerate(found))


def _step(value: Any, path: str) -> Step:
    data, known = values.mapping(value, path), kinds()
    kind = known[values.chosen(data, "do", tuple(known), path)]
    values.only(data, ("id", "do", *kind.settings, "next"), path)
    return kind.read(data, path)


# --- and back ---------------------------------------------------------------------------------------------------------


def written(found: Definition) -> dict[str, Any]:
    """A journey as data again, in the order of files."""
    data: dict[str, Any] = {"format": FORMAT, "key": found.key, "name": dict(found.name)}
    data |= {"about": dict(found.about)} if found.about else {}
    data["trigger"] = triggers.written(found.trigger)
    data |= {"audience": rules.written(found.audience)} if found.audience is not None else {}
    data |= {"per": found.per} if found.per != "customer" else {}
    data |= {"again": str(found.again)} if found.again is not None else {}
    data |= {"goal": found.goal} if found.goal else {}
    exits = [written_exit(each) for each in found.exits]
    data |= {"exit": exits} if exits else {}
    data["steps"] = [_written_step(each) for each in found.steps]
    return data


def written_exit(found: Any) -> Any:
    """What ends a journey, as data again: the word alone, or the rule."""
    return found.word if isinstance(found, Happened) else conditions.written(found)


def _written_step(step: Step) -> dict[str, Any]:
    following = {"next": step.next} if step.next else {}
    return {"id": step.id, "do": step.do, **step.written(), **following}
