"""Words for states, tiers and scores."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stammkunde.server.segments.models import State

MEANINGS: Mapping[str, Promise] = {
    State.LEAD: _("Known, but has not ordered yet."),
    State.NEW: _("Has ordered for the first time, not long ago."),
    State.ONE_TIME: _("Has ordered once, longer ago than others take for a second order."),
    State.ACTIVE: _("Orders as regularly as ever."),
    State.DUE: _("By the own rhythm the next order is due about now."),
    State.SLIPPING: _("Silent clearly longer than is usual for this customer."),
    State.LOST: _("Silent so long that a further order is unlikely."),
    State.REACTIVATED: _("Was lost and has ordered again."),
}


TIERS: Mapping[str, Promise] = {
    "top": _("Best tenth"),
    "good": _("Next best 15%"),
    "middle": _("Next best 25%"),
    "low": _("Lower half"),
}


RECENCIES: Mapping[int, Promise | str] = {
    5: _("5 lately"), 4: "4", 3: "3", 2: "2", 1: _("1 long ago"),
}  # fmt: skip
FREQUENCIES: Mapping[int, Promise | str] = {
    5: _("5 often"), 4: "4", 3: "3", 2: "2", 1: _("1 seldom"),
}  # fmt: skip
