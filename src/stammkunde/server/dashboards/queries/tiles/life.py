"""The row about where customers are in their life with the shop."""

from django.urls import reverse
from django.utils.translation import gettext as _

from stammkunde.server.dashboards.queries.tiles.tile import Figures, Telling, Tile
from stammkunde.server.segments.models import State
from stammkunde.server.ui.templatetags.ui import count, share

AT_REST = ("active", "due", "slipping", "lost")
MEANINGS = {
    State.ACTIVE: lambda: _(
        "Has ordered more than once, and the last order is not longer ago than this customer usually takes."
    ),
    State.DUE: lambda: _("By this customer's own rhythm the next order is due about now."),
    State.SLIPPING: lambda: _(
        "Has been silent clearly longer than is usual for this customer, but may still come back."
    ),
    State.LOST: lambda: _("Has been silent so much longer than usual that a next order is unlikely."),
}


def states(of: Telling) -> list[Tile]:
    """How many customers are in the states that tell of loyalty and loss, and who moved this week."""
    found = of.figures.get("states", {})
    if not found:
        return []
    known = sum(found["customers"].values()) - found["customers"].get("lead", 0)
    return [_state(of, State(key), found, known) for key in AT_REST]


def _state(of: Telling, state: State, found: Figures, known: int) -> Tile:
    here, into, out = (found[name].get(state, 0) for name in ("customers", "into", "out"))
    moved = {"into": count(into), "out": count(out)}
    return Tile(
        key=state.value,
        label=str(state.label),
        value=count(here),
        number=here,
        meaning=MEANINGS[state](),
        link=f"{reverse('customers')}?state={state}",
        note=_("%(share)s of %(known)s customers who have ordered")
        % {"share": share(here / known if known else 0.0), "known": count(known)},
        change=_("this week %(into)s came and %(out)s left") % moved if into or out else _("no moves this week"),
        as_of=of.made,
        basis=_("each customer's own rhythm"),
        complete=of.orders_known,
    )
