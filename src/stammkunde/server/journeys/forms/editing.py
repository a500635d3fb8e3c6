"""A journey as a form, and what somebody did with it as a definition again.

Nothing here judges: what is wrong is said by `definitions`, beside its field.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stammkunde.server.journeys.definitions.language import END, WORDS
from stammkunde.server.journeys.definitions.triggers import SETTINGS
from stammkunde.server.journeys.forms.naming import LABELS, PER, STEPS, TRIGGERS
from stammkunde.server.journeys.forms.slots import Choices, Data, Slot, as_data, slot, typed
from stammkunde.server.journeys.steps.base import kinds
from stammkunde.server.journeys.words import HAPPENINGS

HIDDEN = frozenset({"of"})  # settings with one possible value


@dataclass(frozen=True)
class Card:
    """A step in the form."""

    place: int
    id: str
    kind: str
    name: Promise | str
    slots: tuple[Slot, ...]
    error: str = ""

    @property
    def wrong(self) -> bool:
        """Whether something in it is."""
        return bool(self.error or any(each.error for each in self.slots))


@dataclass(frozen=True)
class Sheet:
    """The whole form: how it is called, who enters, what ends it, its steps."""

    names: tuple[Slot, ...]
    trigger: tuple[Slot, ...]
    audience: tuple[Slot, ...]
    ends: tuple[Slot, ...]
    cards: tuple[Card, ...]
    error: str = ""
    where: str = ""
    kinds: tuple[tuple[str, Promise | str], ...] = field(default_factory=lambda: tuple(STEPS.items()))


@dataclass
class _Fault:
    """What is wrong, and whether it was said beside its field."""

    where: str
    error: str
    told: bool = False

    def at(self, path: str) -> str:
        """What is to be said at a path, once."""
        if self.told or not self.error or not self.where.startswith(path):
            return ""
        self.told = True
        return self.error


def sheet(data: Mapping[str, Any], choices: Choices, *, error: str = "", where: str = "") -> Sheet:
    """The form of a definition, with the one thing that is wrong at its place."""
    fault = _Fault(where, error)
    cards = tuple(_card(place, each, choices, fault) for place, each in enumerate(_list(data.get("steps"))))
    made = Sheet(
        tuple(_names(data, fault)),
        tuple(_trigger(_mapping(data.get("trigger")), choices, fault)),
        tuple(_audience(data, choices, fault)),
        tuple(_ends(data, choices, fault)),
        cards,
    )
    return made if fault.told or not error else Sheet(**{**vars(made), "error": error, "where": where})


def _names(data: Mapping[str, Any], fault: _Fault) -> Iterator[Slot]:
    name = _mapping(data.get("name"))
    for language, label in (("de", _("Name, German")), ("en", _("Name, English"))):
        yield Slot(f"name.{language}", label, name.get(language, ""), error=fault.at(f"name.{language}"))


def _trigger(said: Mapping[str, Any], choices: Choices, fault: _Fault) -> Iterator[Slot]:
    on = str(said.get("on", ""))
    yield Slot("trigger.on", _("People enter when"), on, "trigger", list(TRIGGERS.items()), fault.at("trigger.on"))
    for name in (*SETTINGS.get(on, ()), "max_age"):
        if name not in HIDDEN:
            yield from slot(f"trigger.{name}", name, said.get(name), choices, fault.at(f"trigger.{name}"))


def _audience(data: Mapping[str, Any], choices: Choices, fault: _Fault) -> Iterator[Slot]:
    rule = data.get("audience")
    only = _segment(rule)
    segments = [("", _("everybody whom it happens to")), *(s for s in choices.segments if s[0])]
    segments.append(("own", _("a rule of its own")))
    value = only if only is not None else "own" if rule else ""
    yield Slot("audience.segment", _("Only who is in this segment"), value, "choice", segments, fault.at("audience"))
    if value == "own":
        from json import dumps  # only where a file has a rule of its own

        yield Slot("audience.own", _("The rule, as a file has it"), dumps(rule, ensure_ascii=False), "json")
    yield Slot("per", _("Once for"), data.get("per", "customer"), "choice", list(PER.items()), fault.at("per"))
    again, hint = data.get("again", ""), _("As 90d. Empty: never.")
    yield Slot(
        "again",
        _("The same customer again after"),
        again if again != "never" else "",
        error=fault.at("again"),
        hint=hint,
    )


def _segment(rule: Any) -> str | None:
    parts = rule.get("all") if isinstance(rule, Mapping) and set(rule) == {"all"} else None
    only = parts[0] if isinstance(parts, list) and len(parts) == 1 else rule
    if isinstance(only, Mapping) and set(only) == {"segment", "op"} and only["op"] == "in":
        return str(only["segment"])
    return None


def _ends(data: Mapping[str, Any], choices: Choices, fault: _Fault) -> Iterator[Slot]:
    goal = [("", _("none")), *(each for each in choices.words if each[0])]
    yield Slot("goal", _("The goal, at which it ends well"), data.get("goal", ""), "choice", goal, fault.at("goal"))
    words = [str(each) for each in _list(data.get("exit")) if isinstance(each, str)]
    options = [*choices.words, *((each, each) for each in words if each not in WORDS)]
    yield Slot("exit", _("It also ends when"), words, "several", options, fault.at("exit"))


def words() -> list[tuple[str, Promise | str]]:
    """What may happen, in words."""
    return [(word, HAPPENINGS[word]) for word in WORDS]


def _card(place: int, step: Any, choices: Choices, fault: _Fault) -> Card:
    said, path = _mapping(step), f"steps[{place}]"
    kind = str(said.get("do", ""))
    found: list[Slot] = []
    for name in kinds()[kind].settings if kind in kinds() else ():
        found += slot(f"{path}.{name}", name, said.get(name), choices, fault.at(f"{path}.{name}"))
    if kind != "split":
        following = [("", _("the step below")), *choices.targets]
        found.append(
            Slot(f"{path}.next", LABELS["next"], said.get("next", ""), "choice", following, fault.at(f"{path}.next"))
        )
    return Card(place, str(said.get("id", "")), kind, STEPS.get(kind, kind), tuple(found), fault.at(path))


# --- back again -------------------------------------------------------------------------------------------------------


def definition(draft: Mapping[str, Any], posted: Mapping[str, Any]) -> Data:
    """The draft with what was typed in its place, then with the one thing that was pressed done: a step added, moved or
    taken away (`do` = "add:wait", "up:2", "down:2", "remove:2")."""
    found: Data = {name: draft[name] for name in ("format", "key", "about") if name in draft}
    found["name"] = {each: text for each in ("de", "en") if (text := str(posted.get(f"name.{each}", "")).strip())}
    found["trigger"] = _typed_trigger(posted)
    found |= {name: value for name, value in _typed_rest(draft, posted).items() if value not in ("", [], None)}
    found["steps"] = list(_typed_steps(posted))
    _done(found["steps"], str(posted.get("do", "")))
    return found


def _typed_trigger(posted: Mapping[str, Any]) -> Data:
    on = str(posted.get("trigger.on", ""))
    values = {name: typed(posted, f"trigger.{name}", name) for name in (*SETTINGS.get(on, ()), "max_age")}
    return {"on": on} | {name: value for name, value in values.items() if value not in ("", [], None)}


def _typed_rest(draft: Mapping[str, Any], posted: Mapping[str, Any]) -> Data:
    chosen = str(posted.get("audience.segment", ""))
    audience: Any = ""
    if chosen.isdecimal():
        audience = {"all": [{"segment": int(chosen), "op": "in"}]}
    elif chosen == "own":
        audience = as_data(str(posted.get("audience.own", ""))) or draft.get("audience", "")
    rules = [each for each in _list(draft.get("exit")) if not isinstance(each, str)]
    per = str(posted.get("per", "customer"))
    return {
        "audience": audience,
        "per": per if per != "customer" else "",
        "again": str(posted.get("again", "")).strip(),
        "goal": str(posted.get("goal", "")),
        "exit": [*typed(posted, "exit", "weekdays"), *rules],
    }


def _typed_steps(posted: Mapping[str, Any]) -> Iterator[Data]:
    place = 0
    while (kind := posted.get(f"steps[{place}].do")) is not None:
        path = f"steps[{place}]"
        if kind in kinds():
            settings = (*kinds()[kind].settings, "next")
            values = {name: typed(posted, f"{path}.{name}", name) for name in settings}
            kept = {name: value for name, value in values.items() if value not in ("", [], None)}
            yield {"id": str(posted.get(f"{path}.id", "")), "do": kind, **kept}
        place += 1


def _done(steps: list[Data], do: str) -> None:
    verb, _colon, rest = do.partition(":")
    if verb == "add" and rest in kinds():
        steps.append({"id": _free({each["id"] for each in steps}, rest), "do": rest})
    if not rest.isdecimal() or not 0 <= (place := int(rest)) < len(steps):
        return
    if verb == "remove":
        _forget(steps, steps.pop(place)["id"])
    elif verb in ("up", "down"):
        other = place + (1 if verb == "down" else -1)
        if 0 <= other < len(steps):
            steps[place], steps[other] = steps[other], steps[place]


def _free(taken: set[str], kind: str) -> str:
    begin = {"send": "mail", "wait_until": "until"}.get(kind, kind)
    return next(name for name in (f"{begin}{number}" for number in range(1, 1000)) if name not in taken)


def _forget(steps: list[Data], gone: str) -> None:
    """What led to a step that was taken away leads to the end, where that must be said, or to what follows."""
    for step in steps:
        for name in ("then", "else", "next"):
            if step.get(name) == gone:
                step[name] = END if name != "next" else ""
        step["ways"] = [way | {"to": END} if way["to"] == gone else way for way in step.get("ways", ())]
        if not step["ways"]:
            del step["ways"]
        if step.get("next") == "":
            del step["next"]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
