"""Who is on a journey, page by page."""

from dataclasses import dataclass

from stammkunde.server.journeys.models import Enrolment, Journey

PAGE = 50


@dataclass(frozen=True)
class Page:
    """Enrolments, the latest first, and the key after which the next page begins; None where there is none."""

    rows: list[Enrolment]
    after: int | None


def page(journey: Journey, *, step: str = "", state: str = "", after: int | None = None, most: int = PAGE) -> Page:
    """Those of a step, in a state, after a key."""
    rows = Enrolment.objects.filter(journey=journey).select_related("customer", "version").order_by("-pk")
    rows = rows.filter(step=step) if step else rows
    rows = rows.filter(state=state) if state in Enrolment.State.values else rows
    found = list((rows.filter(pk__lt=after) if after else rows)[: most + 1])
    return Page(found[:most], found[most - 1].pk if len(found) > most else None)
