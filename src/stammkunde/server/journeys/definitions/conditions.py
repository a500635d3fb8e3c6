"""Conditions from outside and back: what happened since entry, rules of the segments, and how they are put together."""

from typing import Any

from django.utils.translation import gettext as _

from stammkunde.server.journeys.definitions.language import (
    EVENT,
    WORDS,
    Condition,
    Data,
    Fits,
    Happened,
    Not,
    Several,
)
from stammkunde.server.journeys.definitions.values import DefinitionError, items, mapping, only, place
from stammkunde.server.segments.rules import language as rules
from stammkunde.server.segments.rules.reading import RuleError
from stammkunde.server.segments.rules.reading import read as read_rule

DEEPEST, MOST = 6, 30
KINDS = ("happened", "rule", "not", "all", "any")


def word(value: Any, path: str) -> str:
    """A word for something that happens: one of ours, or "event:" and the name of an event."""
    named = isinstance(value, str) and value.startswith(EVENT) and 0 < len(value.removeprefix(EVENT).strip()) <= 120
    if value not in WORDS and not (named and "\x00" not in value):
        known = ", ".join((*WORDS, f"{EVENT}NAME"))
        raise DefinitionError(path, _("What happens is one of: %(known)s.") % {"known": known})
    return str(value)


def rule(value: Any, path: str) -> rules.Node:
    """A rule of the segments.

    Raises
    ------
    DefinitionError : it is none, with the place within it.
    """
    try:
        return read_rule(value)
    except RuleError as error:
        raise DefinitionError(f"{path}.{error.path}".rstrip("."), error.message) from error


def condition(value: Any, path: str, depth: int = 0) -> Condition:
    """A condition of a branch or of a wait."""
    data = mapping(value, path)
    kind = next((each for each in KINDS if each in data), "")
    if not kind or len(data) != 1:
        raise DefinitionError(path, _("A condition is one of: %(kinds)s.") % {"kinds": ", ".join(KINDS)})
    if depth >= DEEPEST:
        raise DefinitionError(path, _("Conditions lie in each other at most %(most)s deep.") % {"most": DEEPEST})
    inner, where = data[kind], place(path, kind)
    if kind == "happened":
        return Happened(word(inner, where))
    if kind == "rule":
        return Fits(rule(inner, where))
    if kind == "not":
        return Not(condition(inner, where, depth + 1))
    parts = items(inner, where, most=MOST)
    return Several(kind, tuple(condition(part, place(where, n), depth + 1) for n, part in enumerate(parts)))


def leaving(value: Any, path: str) -> Happened | Fits:
    """What ends a journey: a word, or a rule."""
    if isinstance(value, str):
        return Happened(word(value, path))
    data: Data = mapping(value, path)
    only(data, ("rule",), path)
    return Fits(rule(data.get("rule"), place(path, "rule")))


def written(found: Condition) -> dict[str, Any]:
    """A condition as data again."""
    if isinstance(found, Happened):
        return {"happened": found.word}
    if isinstance(found, Fits):
        return {"rule": rules.written(found.rule)}
    if isinstance(found, Not):
        return {"not": written(found.part)}
    return {found.kind: [written(part) for part in found.parts]}
