"""The numbers of the Start page as a reader sees them: with interval, change, definition, basis, date, completeness."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from stammkunde.server.clv.models import Run
from stammkunde.server.clv.queries.kinds import NAMES
from stammkunde.server.ui.templatetags.ui import day, money, share

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Tile:
    """A number with all it rests on. Where `number` is None, `note` says what is missing and `link` leads to it."""

    key: str
    label: str
    value: str
    number: float | None
    note: str
    meaning: str
    link: str
    low: float | None = None
    high: float | None = None
    change: str = ""
    history: Sequence[float | None] = ()
    basis: str = ""
    as_of: date | None = None
    complete: str = ""
    button: str = ""


@dataclass(frozen=True)
class Row:
    """A row of numbers under its name; `lacking` is said in place of numbers that are not there yet."""

    key: str
    name: str
    tiles: Sequence[Tile]
    lacking: str = ""


@dataclass(frozen=True)
class Telling:
    """Tells each number of a run and of the figures put together with it."""

    run: Run
    figures: Figures
    made: date

    @property
    def basis(self) -> str:
        """What the values are made of."""
        if self.run.basis == "contribution":
            return _("contribution: after VAT, goods, shipping, fees and refunds")
        return _("revenue less refunds, VAT inside: no costs are stated")

    @property
    def completeness(self) -> str:
        """How many orders have a customer, how much of the costs is estimated, what is not known of how many orders."""
        told = self.figures.get("complete", {})
        said = [self.orders_known] if self.orders_known else []
        if told.get("estimated"):
            said.append(_("%(share)s of the costs are estimated from rates") % {"share": share(told["estimated"])})
        for name, part in sorted(told.get("missing", {}).items()):
            lacking = {"name": NAMES[name], "share": share(part)}
            said.append(_("%(name)s is not known of %(share)s of the orders") % lacking)
        return "; ".join(said)

    @property
    def orders_known(self) -> str:
        """Completeness of what rests on orders alone."""
        part = self.figures.get("complete", {}).get("with_customer")
        return "" if part is None else _("%(share)s of the orders have a customer") % {"share": share(part)}


def on(text: str) -> date:
    """A day of the figures."""
    return date.fromisoformat(text)


def versus(now: float, before: float, when: date) -> str:
    """A change against an earlier day, in words."""
    told = {"before": money(int(before)), "day": day(when)}
    if not before:
        return _("%(before)s on %(day)s") % told
    change = now / before - 1
    told["change"] = share(abs(change))
    return (
        _("%(change)s more than on %(day)s (%(before)s)")
        if change >= 0
        else _("%(change)s less than on %(day)s (%(before)s)")
    ) % told


def points(now: Figures, before: Figures) -> str:
    """A change of a share against the cohorts before; what lies within the intervals is not called a change."""
    told = {"before": share(before["share"])}
    if now["low"] <= before["high"] and before["low"] <= now["high"]:
        return _("%(before)s of those who came a quarter earlier; a difference is not proven") % told
    return (
        _("up from %(before)s of those who came a quarter earlier")
        if now["share"] > before["share"]
        else _("down from %(before)s of those who came a quarter earlier")
    ) % told
