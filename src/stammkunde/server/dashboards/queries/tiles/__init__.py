"""The numbers of the Start page as a reader sees them, row by row."""

from datetime import date

from django.utils.translation import gettext as _

from stammkunde.server.clv.models import Run
from stammkunde.server.dashboards.queries.tiles import behind, life, worth
from stammkunde.server.dashboards.queries.tiles.tile import Figures, Row, Telling, Tile

__all__ = ["Row", "Tile", "rows"]


def rows(run: Run, figures: Figures, made: date) -> list[Row]:
    """The three rows of the page."""
    of = Telling(run, figures, made)
    money_row = [worth.each(of), worth.equity(of), worth.repeat(of), worth.winning(of)]
    moods = life.states(of)
    lacking = _(
        "In which state of their life with the shop customers are is not computed yet. It comes with the next "
        "computation of segments, at night at the latest."
    )
    below = [behind.newcomers(of), behind.once(of), behind.best(of), behind.returns(of)]
    return [
        Row("money", _("Money"), money_row),
        Row("life", _("Relationship"), moods, "" if moods else lacking),
        Row("behind", _("What it rests on"), [tile for tile in below if tile is not None]),
    ]
