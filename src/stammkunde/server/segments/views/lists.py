"""All segments and types; where customers stand in their life with the shop, what they are worth, how they moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.lib.models import Job
from stammkunde.server.segments.actions import audiences as actions
from stammkunde.server.segments.models import Recompute, Segment, State
from stammkunde.server.segments.queries import days, lists, naming, standing
from stammkunde.server.segments.views.because import alarm, words_of
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
    context: dict[str, object] = {"known": Customer.objects.exists(), "may": staff(request).may(Right.SEGMENTS)}
    if context["known"]:
        context |= _saved(now) | _life(now) | working()
    return render(request, "segments/segments.html", context)


@needs(Right.SEE)
@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """How far the computation is; the page is fetched anew when it is done."""
    found = working()
    response = render(request, "segments/_progress.html", found)
    if not found["busy"]:
        response["HX-Refresh"] = "true"
    return response


@needs(Right.SEGMENTS)
@require_POST
def compute(request: HttpRequest) -> HttpResponse:
    """Compute all of it now."""
    actions.ask(now=timezone.now(), by=staff(request))
    return redirect("segments")


@needs(Right.SEGMENTS)
@require_POST
def starters(request: HttpRequest) -> HttpResponse:
    """Begin with segments and types that have proven useful."""
    actions.starters(now=timezone.now(), by=staff(request))
    messages.success(request, _("They are there; who belongs to them is computed in a moment."))
    return redirect("segments")


def working() -> dict[str, object]:
    """Whether a computation that somebody asked for waits or runs."""
    job = (
        Job.objects.filter(kind=actions.ALL)
        .exclude(state=Job.State.WAITING, attempts=0, key="by itself")
        .order_by("-pk")
        .first()
    )
    return {"job": job, "busy": job is not None and job.state in (Job.State.WAITING, Job.State.RUNNING)}


@dataclass(frozen=True)
class Row:
    """A line of the list: the segment, its rule as a sentence, its sizes, who came and went, what is unusual."""

    segment: Segment
    said: str
    history: Sequence[int]
    week: lists.Week
    alarm: str


def _saved(now: datetime) -> dict[str, object]:
    named, today = naming.titles(), days.number(now)
    found = {
        kind: [
            Row(each.segment, words_of(each.segment, named), each.history, each.week, alarm(each.segment))
            for each in lists.rows(kind, today=today)
        ]
        for kind in Segment.Kind.values
    }
    return {"segments": found[Segment.Kind.AUDIENCE], "types": found[Segment.Kind.TYPE]}


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
