"""What to do this week, as far as the shop's own data say: for whom, how much money, between which bounds.

Every card about customers is a filter of the list, and its figures are sums over the shelves of that filter: the card
and the list it leads to are the same customers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from math import sqrt
from typing import Any

from stammkunde.server.clv.models import Run
from stammkunde.server.clv.queries import value
from stammkunde.server.dashboards.models import Tier
from stammkunde.server.dashboards.queries.shelves import Filter, Sums, sums
from stammkunde.server.segments.models import State

MOST = 5
Z, REACH = 1.2816, 2.5631


@dataclass(frozen=True)
class Card:
    """A card: what it is about, the filter of its customers, how many they are, and money of a kind.

    `measure` is "expected" (what they will bring within the horizon, and will not where they do not come back), "gain"
    (what a change is worth a year), "loss" (what they cost beyond what they bring), or "": no money is said.
    """

    key: str
    filter: Mapping[str, Any] = field(default_factory=dict)
    customers: int | None = None
    measure: str = ""
    amount: int | None = None
    low: int | None = None
    high: int | None = None
    historic: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


#: Whose next order hangs on something: key of the card, and who they are.
KEPT = (
    ("slipping", Filter(state=State.SLIPPING)),
    ("due", Filter(state=State.DUE)),
    ("lost", Filter(state=State.LOST, tier=Tier.TOP)),
    ("welcome", Filter(state=State.NEW, tier=Tier.TOP)),
    ("nameless", Filter(tier=Tier.TOP, email="no")),
)


def cards(run: Run, figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The cards the data support, the most money first, what is lacking last."""
    found, lacking = [*_kept(run), *_once(run), *_below(figures)], [*_costs(run, figures)]
    found.sort(key=lambda card: -(card.amount or 0))
    return [asdict(card) for card in (*found[: MOST - len(lacking)], *lacking)]


def _kept(run: Run) -> Iterator[Card]:
    reachable = sums(Filter(email="yes")).customers
    for key, who in KEPT:
        if key == "nameless" and not reachable:
            continue  # no address is known of anybody: that says something of the data, not of these customers
        found = sums(who)
        if found.valued and found.predicted > 0:
            money: dict[str, Any] = _expected(run, found)
            yield Card(key, who.asked, found.customers, "expected", **money, historic=found.historic)


def _expected(run: Run, found: Sums) -> dict[str, int]:
    """What is expected of them, with bounds from the customers themselves and from how sure the whole run is."""
    off = 0.0
    if run.predicted and run.predicted_low is not None and run.predicted_high is not None:
        off = (run.predicted_high - run.predicted_low) / REACH / run.predicted
    reach = Z * sqrt(found.variance + (off * found.predicted) ** 2)
    return {
        "amount": found.predicted,
        "low": round(max(found.predicted - reach, 0.0)),
        "high": round(found.predicted + reach),
    }


def _once(run: Run) -> Iterator[Card]:
    """Who ordered once, and what one point more of new customers who come back is worth, by the fitted model."""
    told = value.what_if(run)
    if told is None or told.gain <= 0 or not run.customers > run.repeaters:
        return
    who = Filter(state=State.ONE_TIME)
    found = sums(who)
    money: dict[str, Any] = {"amount": told.gain, "low": told.gain_low, "high": told.gain_high}
    more = {"share": told.told["repeat_share"], "days": told.told["span_days"]}
    if found.customers:
        yield Card("once", who.asked, found.customers, "gain", **money, historic=found.historic, more=more)
    else:
        yield Card("once", {}, run.customers - run.repeaters, "gain", **money, more=more)


def _below(figures: Mapping[str, Any]) -> Iterator[Card]:
    """Who costs more than they bring."""
    below = figures.get("below")
    if below:
        yield Card("below", Filter(tier=Tier.BELOW).asked, below["customers"], "loss", -below["sum"])


def _costs(run: Run, figures: Mapping[str, Any]) -> Iterator[Card]:
    """Costs that nobody knows: until they are stated, every figure here is too high."""
    missing = figures.get("complete", {}).get("missing", {})
    if missing:
        more = {"names": sorted(missing), "share": max(missing.values()), "basis": run.basis}
        yield Card("costs", more=more)
