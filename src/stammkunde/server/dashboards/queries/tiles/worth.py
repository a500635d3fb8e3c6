"""The row about money."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stammkunde.server.dashboards.queries.tiles.tile import Figures, Telling, Tile, on, points, versus
from stammkunde.server.ui.templatetags.ui import count, day, money, number, share


def each(of: Telling) -> Tile:
    """What a customer brings within the horizon."""
    found = of.figures.get("value", {})
    meaning = _(
        "What a customer of today will bring until %(end)s, on average over all who have ever ordered. Many of "
        "them will not order again and bring nothing; that is in the average."
    ) % {"end": day(of.run.horizon_end)}
    return _predicted(of, "each", _("A customer brings"), found, meaning)


def equity(of: Telling) -> Tile:
    """What all customers bring within the horizon."""
    found = of.figures.get("value", {})
    meaning = _(
        "Customer equity: what all customers of today together will bring until %(end)s, without customers still "
        "to be won."
    ) % {"end": day(of.run.horizon_end)}
    return _predicted(of, "total", _("All customers bring"), found, meaning)


def _predicted(of: Telling, key: str, label: str, found: Figures, meaning: str) -> Tile:
    link = reverse("value")
    base: dict[str, Any] = {
        "key": key,
        "label": label,
        "meaning": meaning,
        "link": link,
        "basis": of.basis,
        "as_of": of.run.until,
    }
    if not found:
        note = _("not enough data yet: nobody has come back, so nothing can be foretold")
        return Tile(**base, value="–", number=None, note=note, complete=of.completeness)
    told, before = found["total" if key == "total" else "each"], found["before"]
    ends = {"low": money(told["low"]), "high": money(told["high"]), "end": day(of.run.horizon_end)}
    change = (
        _("no computation a quarter ago to compare with")
        if before is None
        else versus(told["value"], before[key], on(before["day"]))
    )
    return Tile(
        **base,
        value=money(told["value"]),
        number=told["value"],
        low=told["low"],
        high=told["high"],
        note=_("between %(low)s and %(high)s with 80%% probability, until %(end)s") % ends,
        change=change,
        history=found["history"][key],
        complete=of.completeness,
    )


def repeat(of: Telling) -> Tile:
    """Who orders again within 90 days, at equal age."""
    found = of.figures.get("repeat", {})
    base: dict[str, Any] = {
        "key": "repeat",
        "label": _("Order again within 90 days"),
        "link": reverse("value") + "#cohorts",
        "as_of": of.run.until,
    }
    meaning = _(
        "Of customers who ordered first in this time, the share who ordered again on a later day within 90 days. "
        "Only customers whose 90 days are over count, so older and younger ones are compared at equal age."
    )
    if not found:
        note = _("nobody first ordered in the time whose 90 days are over")
        return Tile(**base, value="–", number=None, note=note, meaning=meaning)
    now, before = found["now"], found["before"]
    change = "" if before is None else points(now, before)
    ends = {
        "low": share(now["low"]),
        "high": share(now["high"]),
        "start": day(on(found["from"])),
        "end": day(on(found["to"])),
    }
    return Tile(
        **base,
        meaning=meaning,
        value=share(now["share"]),
        number=now["share"],
        low=now["low"],
        high=now["high"],
        note=_("of those who came from %(start)s to %(end)s; %(low)s to %(high)s with 80%% probability") % ends,
        change=change,
        history=found["history"],
        basis=_("customers: %(number)s") % {"number": count(now["customers"])},
        complete=of.orders_known,
    )


def winning(of: Telling) -> Tile:
    """What a customer brings within a year against what winning one costs, and when that is back."""
    found = of.figures.get("winning", {})
    base: dict[str, Any] = {"key": "ratio", "label": _("Value to cost of winning"), "as_of": of.run.until}
    meaning = _(
        "What a customer brings in the first twelve months, divided by what winning one costs: of all channels "
        "and of the months for which spending is stated. Back means the first month of age in which what "
        "customers brought on average reaches that cost."
    )
    if not found or found["ratio"] is None:
        return Tile(**base, **_unspent(found), meaning=meaning)
    note = (
        ngettext("back after %(months)s month", "back after %(months)s months", found["payback"])
        % {"months": found["payback"]}
        if found["payback"]
        else _("not back within %(months)s months") % {"months": found["observed"]}
    )
    note = _("winning one costs %(cac)s") % {"cac": money(found["cac"])} + "; " + note
    value = _("%(ratio)s : 1") % {"ratio": number(found["ratio"], 1)}
    told = {"year": money(found["year"]), "spent": money(found["spent"]), "won": count(found["won"])}
    basis = _("%(year)s in twelve months; %(spent)s spent for %(won)s new customers") % told
    return Tile(
        **base,
        link=reverse("value") + "#acquisition",
        meaning=meaning,
        value=value,
        number=found["ratio"],
        note=note,
        basis=basis,
        complete=of.completeness,
    )


def _unspent(found: Figures) -> dict[str, Any]:
    note = (
        _("not known: nobody has had twelve months yet")
        if found
        else _("not known: it needs what was spent on winning customers, by month and channel")
    )
    return {
        "value": "–",
        "number": None,
        "note": note,
        "link": reverse("value-costs") + "#spend",
        "button": "" if found else _("State what was spent"),
    }
