"""Where a customer is in their life with the shop, and why, in words: by their own rhythm."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stammkunde.server.dashboards.queries.customers import EPOCH, day_of
from stammkunde.server.segments.models import CustomerFacts, Recompute, State
from stammkunde.server.ui.templatetags.ui import count


@dataclass(frozen=True)
class Life:
    """The state, since when, the reason in a sentence, and the day of which it is."""

    state: State
    since: date | None
    reason: str
    as_of: date | None


def life(customer: int, *, today: date) -> Life | None:
    """Where a customer is; None where it has not been computed."""
    facts = CustomerFacts.objects.filter(customer=customer).exclude(state="").first()
    if facts is None:
        return None
    last = Recompute.objects.filter(ended_at__isnull=False).order_by("-pk").values("day", "typical_gap").first()
    typical = last["typical_gap"] if last else None
    reason = _reason(facts, (today - EPOCH).days, typical)
    return Life(State(facts.state), day_of(facts.state_since), reason, day_of(last["day"]) if last else None)


def _reason(facts: CustomerFacts, today: int, typical: float | None) -> str:
    if facts.last_on is None:
        return _("Is known, and has not ordered yet.")
    silent = max(today - facts.last_on, 0)
    if not facts.median_gap:
        return _first(silent, typical)
    usual = _days(max(round(facts.median_gap), 1))
    told = {"usual": usual, "silent": _days(silent)}
    if facts.state == State.REACTIVATED and facts.last_gap:
        told["gap"] = _days(facts.last_gap)
        return _("Came back %(silent)s ago after a silence of %(gap)s; usually orders every %(usual)s.") % told
    said = _("Usually orders every %(usual)s, silent for %(silent)s.") % told
    return f"{said} {_taken(facts)}".strip()


def _taken(facts: CustomerFacts) -> str:
    """What the own rhythm was taken to be, where few orders made it lean on the shop's."""
    if facts.rhythm is None or facts.median_gap is None or abs(facts.rhythm - facts.median_gap) < 1:
        return ""
    told = {"rhythm": _days(max(round(facts.rhythm), 1)), "gaps": count(facts.gaps)}
    return (
        ngettext(
            "From only %(gaps)s gap between orders that is unsure: with what is usual in the shop, %(rhythm)s are "
            "counted on.",
            "From %(gaps)s gaps between orders that is unsure: with what is usual in the shop, %(rhythm)s are "
            "counted on.",
            facts.gaps,
        )
        % told
    )


def _first(silent: int, typical: float | None) -> str:
    said = _("Has ordered on one day only, %(silent)s ago.") % {"silent": _days(silent)}
    if not typical:
        return said
    usual = _("Usual in this shop are %(usual)s between two orders.") % {"usual": _days(max(round(typical), 1))}
    return f"{said} {usual}"


def _days(number: int) -> str:
    return ngettext("%(days)s day", "%(days)s days", number) % {"days": count(number)}
