"""Does a newsletter speak to new and to long-standing customers alike? Who of them is left out, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from stammkunde.server.campaigns.models import Campaign, Tenure, Variant
from stammkunde.server.campaigns.queries import audience
from stammkunde.server.segments.queries import days

FAR_LESS = 0.5  # the one is reached less than half as often as the other
ENOUGH = 20  # customers, before a share says anything


@dataclass(frozen=True)
class Line:
    """The customers of a tenure: how many there are, how many the audience has, and which texts are for them."""

    tenure: Tenure
    customers: int
    audience: int
    keys: tuple[str, ...]

    @property
    def share(self) -> float:
        """Which part of them the audience has."""
        return self.audience / self.customers if self.customers else 0.0

    @property
    def left_out(self) -> int:
        """How many of the audience get nothing, since no text is for them."""
        return 0 if self.keys else self.audience


@dataclass(frozen=True)
class Check:
    """Both tenures, and the one of which far fewer are reached, if there is one."""

    lines: tuple[Line, ...]
    behind: Tenure | None

    @property
    def left_out(self) -> int:
        """How many of the audience get nothing."""
        return sum(line.left_out for line in self.lines)


def fitting(variants: Sequence[Variant], tenure: str) -> list[Variant]:
    """The texts for customers of a tenure: those made for it, else those for everybody; in the order of their keys."""
    own = [each for each in variants if each.tenure == tenure]
    chosen = own or [each for each in variants if each.tenure == Tenure.ALL]
    return sorted(chosen, key=lambda each: each.key)


def check(campaign: Campaign, *, now: datetime) -> Check:
    """Look at a newsletter as it stands."""
    today = days.number(now)
    there, meant = audience.everybody(today=today), audience.sizes(campaign, today=today)
    variants = list(campaign.variants.all())
    lines = tuple(
        Line(Tenure(each), there[each], meant[each], tuple(v.key for v in fitting(variants, each)))
        for each in (Tenure.NEW, Tenure.LONG)
    )
    return Check(lines, _behind(lines))


def _behind(lines: Sequence[Line]) -> Tenure | None:
    """Whoever is reached less than half as often as the other, where both are enough to tell."""
    if any(line.customers < ENOUGH for line in lines):
        return None
    low, high = sorted(lines, key=lambda line: line.share)
    return low.tenure if low.share < FAR_LESS * high.share else None
