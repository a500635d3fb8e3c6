"""Customers by what the list filters by: how many they are and what they are worth, summed over shelves."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Q, QuerySet, Sum

from stammkunde.server.dashboards.models import Shelf, Tier
from stammkunde.server.lib.requests import row_number
from stammkunde.server.segments.models import State

NOBODY_KNOWS = "-"  # asks for customers of whom it is not known


@dataclass(frozen=True)
class Filter:
    """What the list of customers is filtered by; empty means all. `email` is "yes" or "no"."""

    state: str = ""
    tier: str = ""
    country: str = ""
    channel: str = ""
    email: str = ""
    segment: int | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Filter":
        """From an address; what makes no sense there is left out."""
        state, tier, email = (asked.get(name, "") for name in ("state", "tier", "email"))
        segment = asked.get("segment", "")
        return cls(
            state=state if state in (*State.values, NOBODY_KNOWS) else "",
            tier=tier if tier in (*Tier.values, NOBODY_KNOWS) else "",
            country=asked.get("country", "").replace("\0", "")[:2],
            channel=asked.get("channel", "").replace("\0", "")[:80],
            email=email if email in ("yes", "no") else "",
            segment=row_number(segment),
        )

    @property
    def asked(self) -> dict[str, str]:
        """What an address says of it."""
        return {each.name: str(v) for each in fields(self) if (v := getattr(self, each.name)) not in ("", None)}

    @property
    def shelved(self) -> bool:
        """Whether shelves matter."""
        return any((self.state, self.tier, self.country, self.channel, self.email))


def shelves(who: Filter) -> QuerySet[Shelf]:
    """The shelves a filter asks for; its segment is no matter of shelves."""
    named = {"state": who.state, "tier": who.tier, "country": who.country, "channel": who.channel}
    wanted = Q(**{name: "" if v == NOBODY_KNOWS else v for name, v in named.items() if v})
    return Shelf.objects.filter(wanted & (Q(has_email=who.email == "yes") if who.email else Q()))


@dataclass(frozen=True)
class Sums:
    """Sums over shelves; see `Shelf`."""

    customers: int = 0
    valued: int = 0
    historic: int = 0
    predicted: int = 0
    variance: float = 0.0


def sums(who: Filter) -> Sums:
    """How many customers a filter finds and what they are worth, as of the last sorting."""
    found = shelves(who).aggregate(**{each.name: Sum(each.name) for each in fields(Sums)})
    return Sums(**{name: value or 0 for name, value in found.items()})


def choices(who: Filter, dimension: str) -> list[tuple[Any, int]]:
    """What can be chosen in one dimension, the others as they are, with how many customers that finds."""
    others = Filter(**{**{f.name: getattr(who, f.name) for f in fields(who)}, dimension: "", "segment": None})
    column = "has_email" if dimension == "email" else dimension
    found = shelves(others).values_list(column).annotate(n=Sum("customers")).order_by("-n", column)
    return [(key, n) for key, n in found if n]
