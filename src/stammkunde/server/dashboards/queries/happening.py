"""What happened with a customer, of one kind only."""

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stammkunde.server.shop.models import Customer
from stammkunde.server.shop.queries.timeline import PAGE, Happening, timeline

KINDS: dict[str, Promise] = {
    "order": _("Orders"),
    "refund": _("Refunds"),
    "parcel": _("Parcels"),
    "cart": _("Baskets"),
    "event": _("Events"),
    "merge": _("Merges"),
}
BLOCK, MOST = 200, 10  # happenings read at once, and how often for one page


def happened(customer: Customer, *, kind: str = "", before: datetime | None = None) -> tuple[list[Happening], str]:
    """A page of happenings, newest first, and the moment before which the next one looks; empty at the end."""
    if kind not in KINDS:
        found = timeline(customer, before=before)
        return found, found[-1].at.isoformat() if len(found) == PAGE else ""
    kept: list[Happening] = []
    for _turn in range(MOST):
        block = timeline(customer, before=before, most=BLOCK)
        kept += [each for each in block if each.kind == kind]
        if len(block) < BLOCK:
            return kept[:PAGE], kept[PAGE - 1].at.isoformat() if len(kept) > PAGE else ""
        before = block[-1].at
        if len(kept) >= PAGE:
            break
    return kept[:PAGE], (kept[PAGE - 1].at if len(kept) > PAGE else before).isoformat() if before else ""
