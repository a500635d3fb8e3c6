"""What the filter bar of the list offers: every choice in words, with how many customers it finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from stammkunde.server.dashboards.models import Tier
from stammkunde.server.dashboards.queries.shelves import NOBODY_KNOWS, Filter, choices
from stammkunde.server.segments.models import Segment, State
from stammkunde.server.segments.queries.naming import title

OTHERS = "…"


@dataclass(frozen=True)
class Choice:
    """A choice: what the address says, how it is said, how many customers it finds (None: not counted yet)."""

    value: str
    label: str
    customers: int | None


@dataclass(frozen=True)
class Field:
    """A list of choices in the filter bar, and which one is taken."""

    name: str
    label: str
    every: str
    taken: str
    choices: Sequence[Choice]


def fields(who: Filter) -> list[Field]:
    """The lists that have something to choose from, or in which something is chosen."""
    found = [
        _field(who, "state", pgettext("lifecycle", "State"), _("all states"), _states),
        _segments(who),
        _field(who, "tier", _("Value"), _("all values"), _tiers),
        _field(who, "country", _("Country"), _("all countries"), _plain),
        _field(who, "channel", _("Channel"), _("all channels"), _plain),
        _field(who, "email", _("E-mail"), _("with and without"), _addresses),
    ]
    return [field for field in found if field.taken or len(field.choices) > 1]


def _field(who: Filter, name: str, label: str, every: str, say: Any) -> Field:
    taken = getattr(who, name)
    found = []
    for key, n in choices(who, name):
        value, words = say(key)
        found.append(Choice(value, words, n))
    if taken and taken not in {choice.value for choice in found}:
        found.append(Choice(taken, say(taken)[1], 0))
    return Field(name, label, every, taken, found)


def _segments(who: Filter) -> Field:
    rows = Segment.objects.filter(kind=Segment.Kind.AUDIENCE).order_by("name").only("name", "starter", "size")[:200]
    taken = "" if who.segment is None else str(who.segment)
    found = [Choice(str(each.pk), title(each), each.size) for each in rows]
    if taken and taken not in {choice.value for choice in found}:
        found.append(Choice(taken, _("a segment that is gone"), 0))
    return Field("segment", _("Segment"), _("all segments"), taken, found)


def _states(key: str) -> tuple[str, str]:
    return (key, str(State(key).label)) if key in State.values else (NOBODY_KNOWS, _("not computed"))


def _tiers(key: str) -> tuple[str, str]:
    return (key, str(Tier(key).label)) if key in Tier.values else (NOBODY_KNOWS, _("not computed"))


def _plain(key: str) -> tuple[str, str]:
    if key == OTHERS:
        return key, _("all others")
    return (key, key) if key and key != NOBODY_KNOWS else (NOBODY_KNOWS, _("not known"))


def _addresses(key: bool | str) -> tuple[str, str]:
    yes = key in (True, "yes")
    return ("yes", _("with an address")) if yes else ("no", _("without an address"))
