"""What the Value page shows: the run, its figures in the reader's language, groups, what-if, completeness."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from stammkunde.notices import Notice
from stammkunde.server.clv.models import Picture, Run
from stammkunde.server.clv.queries import acquisition
from stammkunde.server.clv.queries.contribution import ESTIMATED, KNOWN, MISSING
from stammkunde.server.clv.queries.kinds import DIMENSIONS, NAMES
from stammkunde.server.lib.models import Job
from stammkunde.server.lib.money import places

if TYPE_CHECKING:
    from stammkunde.clv.report.words import Words

CLOSE = 0.10  # off by less than a tenth
SHOWN = {"vat": "vat", "goods_estimated": "goods", "shipping_cost": "shipping_cost", "payment_fee": "payment_fee"}


def job() -> Job | None:
    """The last job that computed, or is to: nothing of one that only waits for the night."""
    found = Job.objects.filter(kind="value").exclude(state=Job.State.WAITING, attempts=0, key="by itself")
    return found.order_by("-pk").first()


def pictures(run: Run, language: str) -> dict[str, Picture]:
    """The figures of a run by name."""
    code = "de" if language.startswith("de") else "en"
    return {picture.name: picture for picture in run.pictures.filter(language=code)}


@dataclass(frozen=True)
class Completeness:
    """Of how many orders a cost was known, estimated from a stated rate, or neither."""

    name: str
    known: float
    estimated: float
    missing: float


def completeness(run: Run) -> list[Completeness]:
    """The costs that are not known of every order, in the order of the ledger."""
    states: Mapping[str, Sequence[int]] = run.completeness.get("states", {})
    found = []
    for kind, named in SHOWN.items():
        told = states.get(kind)
        if told and sum(told):
            parts = [told[state] / sum(told) for state in (KNOWN, ESTIMATED, MISSING)]
            found.append(Completeness(str(NAMES[named]), *parts))
    return found


def groups(run: Run, dimension: str) -> dict[str, Any]:
    """Customers by channel, first product or country; no rows where nobody's is known."""
    found: dict[str, Any] = run.groups.get(dimension, {"rows": []})
    return found if any(row["name"] for row in found["rows"]) else found | {"rows": []}


def telling(run: Run) -> str:
    """The first dimension of which anything is known."""
    return next((name for name in DIMENSIONS if groups(run, name)["rows"]), "channel")


@dataclass(frozen=True)
class WhatIf:
    """One point more of repeat buyers against a tenth less cost of acquisition, in money a year; None is not known."""

    told: Mapping[str, Any]
    gain: int
    gain_low: int
    gain_high: int
    spent: int | None
    saving: int | None

    @property
    def better(self) -> str:
        """Which of the two is worth more: "repeat", "cac", or "" where their difference is not proven."""
        if self.saving is None:
            return ""
        return "repeat" if self.gain_low > self.saving else "cac" if self.gain_high < self.saving else ""


def what_if(run: Run) -> WhatIf | None:
    """None where the model cannot say."""
    told = run.what_if
    if not told:
        return None
    new, spent = told["new_a_year"], acquisition.last_year(run)
    saving = None if spent is None else round(spent / 10)
    return WhatIf(told, told["gain"] * new, told["gain_low"] * new, told["gain_high"] * new, spent, saving)


def tested(run: Run) -> dict[str, Any] | None:
    """How far off the same way of computing was in total, asked on an earlier day; None where it could not be tried."""
    found = run.quality.get("tested")
    if not found or found["error"] is None:
        return None
    days = {name: date.fromisoformat(found[name]) for name in ("origin", "end")}
    return {**days, "error": found["error"], "off": abs(found["error"]), "close": abs(found["error"]) <= CLOSE}


def cohorts(run: Run, language: str) -> dict[str, Any]:
    """Cohorts with their mean value by age; cells of periods that are not over for all of them are marked young."""
    from stammkunde.clv.report.figures.cohorts import period_name  # the library's words: not needed to start

    told: Mapping[str, Any] = run.cohorts
    if not told:
        return {}
    rows = [
        {
            "name": period_name(date.fromisoformat(each["start"]), told["period"], _words(run, language)),
            "start": each["start"],
            "customers": each["customers"],
            "cells": [
                {"value": value, "active": active, "young": age >= each["complete"]}
                for age, (value, active) in enumerate(zip(each["value"], each["active"], strict=True))
            ],
        }
        for each in told["cohorts"]
    ]
    ages = range(max((len(row["cells"]) for row in rows), default=0))
    return {"period": told["period"], "rows": rows, "ages": list(ages), "places": min(places(run.currency), 2)}


def notices(run: Run, language: str) -> list[str]:
    """What a run had to assume, as sentences."""
    return [_words(run, language).tell(Notice.from_dict(_dated(saved))) for saved in run.warnings]


def _words(run: Run, language: str) -> "Words":
    from stammkunde.clv.report.words import Words  # the library's words: not needed to start

    return Words.of("de" if language.startswith("de") else "en", currency=run.currency)


def _dated(saved: Mapping[str, Any]) -> dict[str, Any]:
    """With dates where JSON has their text."""
    return {name: _moment(value) for name, value in saved.items()}


def _moment(value: Any) -> Any:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else value
    except ValueError:
        return value
