"""Rules in the reader's words: as a sentence, why somebody fits, condition by condition, and why somebody moved."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stammkunde.server.segments.models import Move, Segment, State
from stammkunde.server.segments.queries import audiences, days
from stammkunde.server.segments.queries.naming import titles
from stammkunde.server.segments.rules.catalogue import FACTS, Kind
from stammkunde.server.segments.rules.language import (
    Compare,
    Condition,
    Group,
    Happened,
    Node,
    Ordered,
    Orders,
    conditions,
)
from stammkunde.server.segments.rules.reading import RuleError, read
from stammkunde.server.segments.rules.sentence import said, sentence, shown
from stammkunde.server.shop.models import Customer
from stammkunde.server.ui.templatetags.ui import count, day, number


def words_of(segment: Segment, named: Mapping[int, str]) -> str:
    """The rule of a segment as a sentence; what this version cannot read is said so."""
    try:
        return sentence(read(segment.rule), segments=named)
    except RuleError as error:
        return _("This rule cannot be read: %(why)s") % {"why": error.message}


def alarm(segment: Segment) -> str:
    """What is unusual about its size, in a sentence; nothing where nothing is."""
    found = segment.alarm
    if not found:
        return ""
    low, high = found["usual"]
    told = {"change": number(found["change"]), "low": number(low), "high": number(high)}
    return _("In a day it changed by %(change)s customers; between %(low)s and %(high)s is usual.") % told


@dataclass(frozen=True)
class Answer:
    """A condition with what is known, or a group with its parts; and whether it holds."""

    holds: bool
    said: str = ""
    known: str = ""
    kind: str = ""
    parts: "Sequence[Answer]" = field(default_factory=tuple)


def because(node: Node, customer: Customer, *, today: int) -> Answer | None:
    """Every part of a rule, asked of one customer; None where nothing is known of them yet."""
    reasons = {each.path: each for each in audiences.why(node, customer=customer.pk, today=today)}
    return _answer(node, "", reasons, titles()) if reasons else None


def _answer(node: Node, path: str, reasons: Mapping[str, audiences.Reason], named: Mapping[int, str]) -> Answer:
    if not isinstance(node, Group):
        reason = reasons[path]
        return Answer(reason.holds, said(node, segments=named), known(node, reason.known, named))
    places = [f"{path}.{node.kind}[{number}]".lstrip(".") for number in range(len(node.parts))]
    parts = [_answer(part, place, reasons, named) for part, place in zip(node.parts, places, strict=True)]
    return Answer(HOLDS[node.kind](each.holds for each in parts), kind=node.kind, parts=parts)


def _none(held: Iterable[bool]) -> bool:
    return not any(held)


HOLDS: Mapping[str, Callable[[Iterable[bool]], bool]] = {"all": all, "any": any, "none": _none}


def known(asked: Condition, found: Any, named: Mapping[int, str]) -> str:
    """What the record says, as a reader expects it; nothing where the condition says all there is."""
    if isinstance(asked, Compare):
        return _fact(FACTS[asked.fact].kind, found, named)
    if found is None:
        return ""
    if isinstance(asked, Orders):
        return shown(Kind.MONEY, found) if asked.measure == "revenue" else _orders(found)
    if isinstance(asked, Ordered):
        return _orders(found)
    if isinstance(asked, Happened):
        return ngettext("%(count)s time", "%(count)s times", found) % {"count": count(found)}
    return ""


def _orders(found: int) -> str:
    return ngettext("%(count)s order", "%(count)s orders", found) % {"count": count(found)}


def _fact(kind: Kind, found: Any, named: Mapping[int, str]) -> str:
    if found is None or found == "":
        return _("not known")
    if kind is Kind.DAY:
        return day(days.day(int(found)))
    if kind is Kind.STATE:
        return str(State(found).label)
    if kind is Kind.TYPE:
        return named.get(int(found), "–")
    if kind is Kind.FLAG:
        return _("yes") if found else _("no")
    return shown(kind, found)


# --- who came and went ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moved:
    """A move with its reasons in words."""

    move: Move
    said: Sequence[str]


def moved(segment: Segment, moves: Sequence[Move]) -> list[Moved]:
    """Moves with their reasons; a condition is named as the rule has it today."""
    asked, named = dict(conditions(read(segment.rule))), titles()
    return [Moved(move, [_turned(each, asked, named) for each in move.why]) for move in moves]


def _turned(why: Mapping[str, Any], asked: Mapping[str, Condition], named: Mapping[int, str]) -> str:
    """One reason: what is asked, what was known before and what after."""
    if "because" in why:
        return str(BECAUSE.get(why["because"], why["because"]))
    condition = asked.get(why.get("path", ""))
    if condition is None:
        return _("by a condition that the rule has no more")
    asked_for, after = said(condition, segments=named), known(condition, why.get("after"), named)
    if "before" not in why:  # what is counted from orders and events is not kept from before
        return _("%(asked)s: now %(after)s") % {"asked": asked_for, "after": after} if after else asked_for
    told = {"asked": asked_for, "before": known(condition, why["before"], named), "after": after}
    return _("%(asked)s: before %(before)s, then %(after)s") % told


BECAUSE: Mapping[str, Promise] = {
    "many": gettext_lazy("So many moved at once that it is not told for each of them."),
    "rule": gettext_lazy("The rule was changed."),
    "merged": gettext_lazy("The customer was found to be one with another."),
}
