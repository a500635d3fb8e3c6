"""What the Start page shows: the newest overview, read as one row."""

from dataclasses import dataclass
from datetime import date

from stammkunde.server.clv.models import Run
from stammkunde.server.clv.queries import runs
from stammkunde.server.dashboards.models import Overview, PutOff
from stammkunde.server.dashboards.queries import advice, tiles
from stammkunde.server.shop.models import Order


@dataclass(frozen=True)
class Start:
    """The page: `run` is the one the rows are of; `newer` says that another has been computed since; `later` are cards
    that were put off, and until when."""

    known: bool
    run: Run | None = None
    overview: Overview | None = None
    rows: tuple[tiles.Row, ...] = ()
    cards: tuple[advice.Advice, ...] = ()
    later: tuple[tuple[advice.Advice, date], ...] = ()
    newer: bool = False


def start(*, today: date) -> Start:
    """What is good, what is bad, what to do."""
    current = runs.current()
    overview = Overview.objects.select_related("run").order_by("-day").first()
    if overview is None or overview.run is None:
        return Start(known=Order.objects.exists(), run=current)
    rows = tuple(tiles.rows(overview.run, overview.figures, overview.day))
    later = dict(PutOff.objects.filter(until__gt=today).values_list("card", "until"))
    told = advice.told(overview.cards)
    cards = tuple(card for card in told if card.key not in later)
    put_off = tuple((card, later[card.key]) for card in told if card.key in later)
    newer = current is not None and current.pk != overview.run.pk
    return Start(known=True, run=overview.run, overview=overview, rows=rows, cards=cards, later=put_off, newer=newer)
