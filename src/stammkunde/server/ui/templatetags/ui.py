"""Quantities as the reader's language writes them, and charts; available in every template without loading.

Amounts come in the smallest unit of a currency; days as dates; moments are shown in the shop's zone.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.utils.translation import get_language, gettext

from stammkunde.server.lib.money import major
from stammkunde.server.ui import figures

if TYPE_CHECKING:
    from stammkunde.clv.report.figures import Figure
    from stammkunde.clv.report.format import Locale

register = template.Library()
NOTHING = "–"
Missing = str | None  # templates have an empty text for what is not there


def locale() -> "Locale":
    """The habits of the language the page is in."""
    from stammkunde.clv.report.format import ENGLISH, GERMAN  # brings the library and scipy: not before a page needs it

    return GERMAN if (get_language() or "en").startswith("de") else ENGLISH


@register.filter
def money(amount: int | Missing, currency: str | None = None) -> str:
    """An amount of the smallest unit as a reader needs it: cents below 100, whole units above, millions in words."""
    code = currency or settings.CURRENCY
    return NOTHING if amount is None or isinstance(amount, str) else locale().money(float(major(amount, code)), code)


@register.filter
def exact(amount: int | Missing, currency: str | None = None) -> str:
    """An amount to the cent, for ledgers that must add up."""
    code = currency or settings.CURRENCY
    return NOTHING if amount is None or isinstance(amount, str) else locale().exact(float(major(amount, code)), code)


@register.filter
def count(number: float | Missing) -> str:
    """A whole number."""
    return NOTHING if number is None or isinstance(number, str) else locale().count(number)


@register.filter
def number(value: float | Missing, places: int = 0) -> str:
    """A number with decimal places."""
    return NOTHING if value is None or isinstance(value, str) else locale().number(value, places)


@register.filter
def share(part: float | Missing) -> str:
    """A part of a whole as a percentage."""
    return NOTHING if part is None or isinstance(part, str) else locale().share(part)


@register.filter
def day(when: date | datetime | Missing) -> str:
    """A day; of a moment, the day it was in the shop."""
    if when is None or isinstance(when, str):
        return NOTHING
    return locale().day(_there(when).date() if isinstance(when, datetime) else when)


@register.filter
def moment(when: datetime | Missing) -> str:
    """A day and a time of day in the shop."""
    if when is None or isinstance(when, str):
        return NOTHING
    there = _there(when)
    return f"{locale().day(there.date())}, {there:%H:%M}"


def _there(when: datetime) -> datetime:
    return when.astimezone(ZoneInfo(settings.SHOP_ZONE))


@register.simple_tag
def figure(content: "Figure | None", about: str = "", currency: str | None = None) -> str:
    """A chart of the library: `{% figure curve about %}`; `about` names basis and period."""
    return figures.markup(content, about=about, currency=currency)


@register.simple_tag
def sparkline(values: Sequence[float | None], label: str = "") -> str:
    """A number's history, oldest first: `{% sparkline values %}`."""
    return figures.sparkline(values, label=label)


@register.simple_tag
def interval(low: int | Missing, middle: int | Missing, high: int | Missing, **ways: Any) -> str:
    """Amounts as a bar with the expected one on it: `{% interval low predicted high %}`.

    `most` is the right end for rows to be compared, `currency` if not the shop's. Nothing where an end is not known.
    """
    if not (isinstance(low, int) and isinstance(middle, int) and isinstance(high, int)):
        return ""
    ends = {"low": money(low, ways.get("currency")), "high": money(high, ways.get("currency"))}
    label = gettext("%(low)s to %(high)s") % ends
    return figures.interval(low, middle, high, label=label, most=ways.get("most"))
