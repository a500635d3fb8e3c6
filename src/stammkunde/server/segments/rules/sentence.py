"""A rule in words, in the reader's language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from stammkunde.server.segments.models import State
from stammkunde.server.segments.rules.catalogue import FACTS, Fact, Kind
from stammkunde.server.segments.rules.language import (
    Compare,
    Condition,
    FirstOrder,
    Group,
    InSegment,
    Node,
    Ordered,
    Orders,
    Value,
    Where,
    Window,
)
from stammkunde.server.ui.templatetags.ui import day, exact, number, share

Names = Mapping[int, str]
AMOUNTS: Mapping[str, str | Promise] = {
    ">=": pgettext_lazy("rule", "at least %(value)s"),
    "<=": pgettext_lazy("rule", "at most %(value)s"),
    ">": pgettext_lazy("rule", "more than %(value)s"),
    "<": pgettext_lazy("rule", "less than %(value)s"),
    "=": pgettext_lazy("rule", "exactly %(value)s"),
    "!=": pgettext_lazy("rule", "other than %(value)s"),
    "between": pgettext_lazy("rule", "between %(low)s and %(high)s"),
}
DAYS: Mapping[str, str | Promise] = {
    ">=": pgettext_lazy("rule", "on %(value)s or later"),
    "<=": pgettext_lazy("rule", "on %(value)s or earlier"),
    "=": pgettext_lazy("rule", "on %(value)s"),
    "between": pgettext_lazy("rule", "between %(low)s and %(high)s"),
}
TEXTS: Mapping[str, str | Promise] = {
    "is": pgettext_lazy("rule", "is %(value)s"),
    "is not": pgettext_lazy("rule", "is not %(value)s"),
    "in": pgettext_lazy("rule", "is one of %(value)s"),
    "not in": pgettext_lazy("rule", "is none of %(value)s"),
    "starts": pgettext_lazy("rule", "begins with %(value)s"),
    "contains": pgettext_lazy("rule", "contains %(value)s"),
}
BY: Mapping[str, str | Promise] = {
    "sku": pgettext_lazy("rule", "the article number %(value)s"),
    "title": pgettext_lazy("rule", "the article %(value)s"),
    "category": pgettext_lazy("rule", "something of the category %(value)s"),
}


def sentence(node: Node, *, segments: Names) -> str:
    """The rule as a sentence about a customer. `segments` are the names of those it may ask for, and of types."""
    if isinstance(node, Group) and not node.parts:
        return _("Nobody.") if node.kind == "any" else _("Every customer.")
    return _("Whoever %(does)s.") % {"does": _clause(node, segments)}


def _clause(node: Node, names: Names) -> str:
    if not isinstance(node, Group):
        return said(node, segments=names)
    if not node.parts:
        return pgettext("rule", "is nobody") if node.kind == "any" else pgettext("rule", "is any customer")
    parts = [_clause(part, names) for part in node.parts]
    inner = [f"({each})" if isinstance(part, Group) and len(part.parts) > 1 else each
             for each, part in zip(parts, node.parts, strict=True)]  # fmt: skip
    if node.kind == "none":
        either = _or().join(inner)
        return pgettext("rule", "fits none of this: %(parts)s") % {"parts": either}
    return (pgettext("rule", " and ") if node.kind == "all" else _or()).join(inner)


def _or() -> str:
    return pgettext("rule", " or ")


def said(node: Condition, *, segments: Names) -> str:
    """One condition in words that follow "whoever"."""
    if isinstance(node, Compare):
        return _fact(FACTS[node.fact], node.op, node.value, segments)
    if isinstance(node, Orders):
        return _orders(node)
    if isinstance(node, Ordered):
        what = BY[node.by] % {"value": _quoted(node.value)}
        told = {"what": what, "times": _amount(Kind.NUMBER, node.op, node.times), "when": _when(node.window)}
        plural = "has ordered %(what)s in %(times)s orders%(when)s"
        return ngettext("has ordered %(what)s in %(times)s order%(when)s", plural, node.times) % told
    if isinstance(node, FirstOrder):
        return _("had %(what)s in the first order") % {"what": BY[node.by] % {"value": _quoted(node.value)}}
    if isinstance(node, InSegment):
        name = _quoted(segments.get(node.segment, f"#{node.segment}"))
        return (_("is in the segment %(name)s") if node.inside else _("is not in the segment %(name)s")) % {
            "name": name
        }
    told = {
        "event": _quoted(node.event),
        "times": _amount(Kind.NUMBER, node.op, node.times),
        "when": _when(node.window),
    }
    plural = "caused the event %(event)s %(times)s times%(when)s"
    found = ngettext("caused the event %(event)s %(times)s time%(when)s", plural, node.times) % told
    return found + "".join(_(", where %(property)s") % {"property": _property(each)} for each in node.where)


def _fact(fact: Fact, op: str, value: Value, names: Names) -> str:
    if op in ("known", "unknown"):
        told = {"fact": _quoted(str(fact.label))}
        return (_("is somebody whose %(fact)s is known") if op == "known" else
                _("is somebody whose %(fact)s is not known")) % told  # fmt: skip
    one, many = fact.words
    if fact.kind is Kind.FLAG:
        return _(one) if value else _(many)
    if fact.kind is Kind.STATE:
        return _in_state(op, value)
    if fact.kind in (Kind.TEXT, Kind.CELL, Kind.TYPE):
        return _(one) % {"is": _listed(fact.kind, op, value, names)}
    last = value[-1] if isinstance(value, tuple) else value
    whole = last if isinstance(last, int) else 2
    return ngettext(one, many, whole) % {"is": _amount(fact.kind, op, value)}


def _in_state(op: str, value: Value) -> str:
    *some, last = (_quoted(str(State(str(each)).label)) for each in (value if isinstance(value, tuple) else (value,)))
    told = {"some": ", ".join(some), "last": last}
    state = (pgettext("rule", "%(some)s or %(last)s") if some else "%(last)s") % told
    found = _("is not in the state %(state)s") if op in ("is not", "not in") else _("is in the state %(state)s")
    return found % {"state": state}


def _listed(kind: Kind, op: str, value: Value, names: Names) -> str:
    values = value if isinstance(value, tuple) else (value,)
    return TEXTS[op] % {"value": ", ".join(_name(kind, each, names) for each in values)}


def _name(kind: Kind, value: Any, names: Names) -> str:
    return _quoted(names.get(value, f"#{value}") if kind is Kind.TYPE else str(value))


def _amount(kind: Kind, op: str, value: Value) -> str:
    words = DAYS if kind is Kind.DAY else AMOUNTS
    if isinstance(value, tuple):
        return words[op] % {"low": shown(kind, value[0]), "high": shown(kind, value[1])}
    return words[op] % {"value": shown(kind, value)}


def shown(kind: Kind, value: Any) -> str:
    """A value as a reader expects it."""
    if value is None:
        return _("not known")
    if kind is Kind.MONEY:
        return exact(value, settings.CURRENCY)
    if kind is Kind.SHARE:
        return share(value)
    if kind is Kind.DAY:
        return day(date.fromisoformat(value) if isinstance(value, str) else value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return number(value, 0 if value == int(value) else 1) if isinstance(value, int | float) else str(value)


def _orders(node: Orders) -> str:
    kind = Kind.MONEY if node.measure == "revenue" else Kind.NUMBER
    told = {"is": _amount(kind, node.op, node.value), "when": _when(node.window)}
    last = node.value[-1] if isinstance(node.value, tuple) else node.value
    if node.measure == "revenue":
        found = _("has brought %(is)s%(when)s") % told
    else:
        plural = "has placed %(is)s orders%(when)s"
        found = ngettext("has placed %(is)s order%(when)s", plural, last if isinstance(last, int) else 2) % told
    more = {
        "channel": _(" by the channel %(value)s"),
        "country": _(" to the country %(value)s"),
        "coupon": _(" with the coupon %(value)s"),
    }
    return found + "".join(words % {"value": _quoted(v)} for name, words in more.items() if (v := getattr(node, name)))


def _when(window: Window) -> str:
    if window.days is not None:
        return ngettext(" in the last day", " in the last %(days)s days", window.days) % {"days": number(window.days)}
    told = {"start": day(window.start) if window.start else "", "end": day(window.end) if window.end else ""}
    if window.start and window.end:
        return _(" from %(start)s to %(end)s") % told
    return _(" since %(start)s") % told if window.start else _(" until %(end)s") % told if window.end else ""


def _property(where: Where) -> str:
    name = _quoted(where.property)
    if where.op in ("known", "unknown"):
        return (_("%(name)s is known") if where.op == "known" else _("%(name)s is not known")) % {"name": name}
    if isinstance(where.value, bool):
        is_yes = where.value == (where.op == "is")
        return (_("%(name)s is yes") if is_yes else _("%(name)s is no")) % {"name": name}
    if where.op in AMOUNTS:
        return _("%(name)s is %(amount)s") % {"name": name, "amount": _amount(Kind.NUMBER, where.op, where.value)}
    return f"{name} {TEXTS[where.op] % {'value': _quoted(str(where.value))}}"


def _quoted(text: str) -> str:
    return pgettext("rule", "“%(text)s”") % {"text": text}
