"""What the Start page shows: the newest overview, read as one row."""

from dataclasses import dataclass

from stammkunde.server.clv.models import Run
from stammkunde.server.clv.queries import runs
from stammkunde.server.dashboards.models import Overview
from stammkunde.server.dashboards.queries import advice, tiles
from stammkunde.server.shop.models import Order


@dataclass(frozen=True)
class Start:
    """The page: `run` is the one the rows are of; `newer` says that another has been computed since."""

    known: bool
    run: Run | None = None
    overview: Overview | None = None
    rows: tuple[tiles.Row, ...] = ()
    cards: tuple[advice.Advice, ...] = ()
    newer: bool = False


def start() -> Start:
    """What is good, what is bad, what to do."""
    current = runs.current()
    overview = Overview.objects.select_related("run").order_by("-day").first()
    if overview is None or overview.run is None:
        return Start(known=Order.objects.exists(), run=current)
    rows = tuple(tiles.rows(overview.run, overview.figures, overview.day))
    cards = tuple(advice.told(overview.cards))
    newer = current is not None and current.pk != overview.run.pk
    return Start(known=True, run=overview.run, overview=overview, rows=rows, cards=cards, newer=newer)
