"""Words for states, tiers and scores."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stammkunde.server.segments.models import State

MEANINGS: Mapping[str, Promise] = {
    State.LEAD: _("Known, but has not ordered yet."),
    State.NEW: _("Has ordered on one day, within one and a half times the usual time to the next order."),
    State.ONE_TIME: _("Has ordered on one day, longer ago than one and a half times the usual time to the next order."),
    State.ACTIVE: _("Not silent for longer than the own rhythm."),
    State.DUE: _("Silent for longer than the own rhythm."),
    State.SLIPPING: _("Silent for more than twice the own rhythm."),
    State.LOST: _("Silent for more than four times the own rhythm: hardly anybody comes back from that."),
    State.REACTIVATED: _("Was lost, has ordered again, and has not been silent for longer than the own rhythm since."),
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
