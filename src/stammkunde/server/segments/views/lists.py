"""All segments and types; where customers stand in their life with the shop, what they are worth, how they moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from stammkunde.server.accounts.gate import needs
from stammkunde.server.accounts.roles import Right
from stammkunde.server.segments.models import Recompute, State
from stammkunde.server.segments.queries import days, standing
from stammkunde.server.segments.views.wording import FREQUENCIES, MEANINGS, RECENCIES, TIERS
from stammkunde.server.shop.models import Customer

SINCE = 28  # days of moves that are drawn
SHADES = 8


@dataclass(frozen=True)
class Standing:
    """A state with its customers, and who came into it and left it in the last weeks."""

    name: str
    label: str
    meaning: str
    customers: int
    share: float
    entered: int
    left: int


@dataclass(frozen=True)
class Cell:
    """Customers of one recency and one frequency: how many, what they are worth each, and how dark they are drawn."""

    r: int
    f: int
    customers: int
    each: int | None
    shade: int


@dataclass(frozen=True)
class GridRow:
    """The cells of a recency."""

    said: str
    cells: Sequence[Cell]


@needs(Right.SEE)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Everything at a glance."""
    now = timezone.now()
    context: dict[str, object] = {"known": Customer.objects.exists()}
    if context["known"]:
        context |= _life(now)
    return render(request, "segments/segments.html", context)


def _life(now: datetime) -> dict[str, object]:
    """States, tiers and the grid; nothing before the first computation."""
    found = standing.states()
    if not found:
        return {}
    today = days.number(now)
    flows = standing.flow(since=today - SINCE + 1, until=today)
    late, told = (State.DUE, State.SLIPPING), {state: found[state].customers for state in found}
    return {
        "computed": Recompute.objects.exclude(ended_at=None).order_by("-pk").first(),
        "states": states(found, flows),
        "late": sum(told[state] for state in late),
        "due": told[State.DUE],
        "slipping": told[State.SLIPPING],
        "lost": told[State.LOST],
        "tiers": tiers(),
        "grid": grid(),
    } | _drawn(told, flows, today)


def _drawn(told: Mapping[str, int], flows: Sequence[standing.Flow], today: int) -> dict[str, object]:
    from stammkunde.server.segments.views import pictures  # brings the library, which is slow to load

    first, last = days.day(today - SINCE + 1), days.day(today)
    bar = mark_safe(pictures.standing(told))  # noqa: S308  the library escapes every text
    return {"bar": bar, "flow": pictures.flow(flows, since=first, until=last)}


def states(found: Mapping[str, standing.Known], flows: Sequence[standing.Flow]) -> list[Standing]:
    """States in the order of a customer's life."""
    total = sum(each.customers for each in found.values()) or 1
    return [
        Standing(
            name,
            str(State(name).label),
            str(MEANINGS[State(name)]),
            each.customers,
            each.customers / total,
            sum(one.customers for one in flows if one.after == name),
            sum(one.customers for one in flows if one.before == name),
        )
        for name, each in found.items()
    ]


@dataclass(frozen=True)
class Tier:
    """A tier of value."""

    name: str
    said: str
    customers: int
    clv: int | None
    each: int | None
    part: float | None


def tiers() -> list[Tier]:
    """Customers by tier of value, with their part of the whole value; nothing before the first values."""
    found = standing.tiers()
    total = sum(each.clv or 0 for each in found.values())
    return [
        Tier(
            name,
            str(TIERS[name]),
            each.customers,
            each.clv,
            round(each.clv / each.customers) if each.customers and each.clv is not None else None,
            each.clv / total if total > 0 and each.clv is not None else None,
        )
        for name, each in found.items()
    ]


def grid() -> dict[str, object] | None:
    """Cells from the latest and most frequent on; None before the first scores."""
    found = standing.grid()
    if not found:
        return None
    most = max(each.customers for each in found.values())
    scores = range(5, 0, -1)
    return {"columns": [FREQUENCIES[f] for f in scores], "rows": [_row(r, scores, found, most) for r in scores]}


def _row(r: int, scores: Sequence[int], found: Mapping[tuple[int, int], standing.Known], most: int) -> GridRow:
    cells = []
    for f in scores:
        known = found.get((r, f), standing.Known(0, None))
        each = round(known.clv / known.customers) if known.customers and known.clv is not None else None
        shade = min(SHADES - 1, int(known.customers / most * SHADES)) if known.customers else 0
        cells.append(Cell(r, f, known.customers, each, shade))
    return GridRow(str(RECENCIES[r]), cells)
