"""What happened with a customer, of all kinds or one: the record of the shop, the messages, and what they said."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stammkunde.server.consent.models import Entry
from stammkunde.server.mail.models import Send
from stammkunde.server.mail.words import reason
from stammkunde.server.shop.models import Customer
from stammkunde.server.shop.queries.timeline import PAGE, Happening, timeline

KINDS: dict[str, Promise] = {
    "order": _("Orders"),
    "refund": _("Refunds"),
    "parcel": _("Parcels"),
    "cart": _("Baskets"),
    "message": _("Messages"),
    "consent": _("Consents"),
    "event": _("Events"),
    "merge": _("Merges"),
}


def happened(customer: Customer, *, kind: str = "", before: datetime | None = None) -> tuple[list[Happening], str]:
    """A page of happenings, newest first, and the moment before which the next one looks; empty at the end."""
    kind = kind if kind in KINDS else ""
    streams: list[Iterable[Happening]] = [
        read(customer, before) for name, read in _STREAMS.items() if kind in (name, "")
    ]
    if kind not in _STREAMS:
        streams.append(timeline(customer, kind=kind, before=before))
    found = list(islice(merge(*streams, key=lambda each: (each.at, each.kind, each.pk), reverse=True), PAGE))
    return found, found[-1].at.isoformat() if len(found) == PAGE else ""


def _messages(customer: Customer, before: datetime | None) -> Iterator[Happening]:
    """Messages, also those that did not go, with the reason; those to come stand at the moment they are due."""
    rows = Send.objects.filter(customer=customer).select_related("message__version__template")
    for row in _latest(rows, "due_at", before):
        about = {"name": row.message.version.template.name, "subject": row.subject, "state": row.get_state_display()}
        about |= {"code": row.state, "why": reason(row.reason) if row.reason else ""}
        yield Happening(row.due_at, "message", row.pk, None, about)


def _consents(customer: Customer, before: datetime | None) -> Iterator[Happening]:
    for row in _latest(Entry.objects.filter(customer=customer), "at", before):
        about = {"what": row.get_kind_display(), "topic": row.get_topic_display(), "source": row.source}
        yield Happening(row.at, "consent", row.pk, None, about)


def _latest(rows: Any, moment: str, before: datetime | None) -> Iterable[Any]:
    rows = rows.filter(**{f"{moment}__lt": before}) if before is not None else rows
    found: Iterable[Any] = rows.order_by(f"-{moment}", "-pk")[:PAGE]
    return found


_STREAMS = {"message": _messages, "consent": _consents}
