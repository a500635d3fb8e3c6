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


def happened(customer: Customer, *, kind: str = "", before: datetime | None = None) -> tuple[list[Happening], str]:
    """A page of happenings, newest first, and the moment before which the next one looks; empty at the end."""
    found = timeline(customer, kind=kind if kind in KINDS else "", before=before)
    return found, found[-1].at.isoformat() if len(found) == PAGE else ""
