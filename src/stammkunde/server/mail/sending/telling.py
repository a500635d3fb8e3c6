"""Other programs hear what became of messages. Rows are read only where somebody listens."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from stammkunde.server.accounts.actions.outgoing import tell, tell_many
from stammkunde.server.mail.models import Send

#: What is told of which end.
ENDS: Mapping[str, str] = {
    Send.State.SENT: "message.sent",
    Send.State.SUPPRESSED: "message.suppressed",
    Send.State.REFUSED: "message.refused",
    Send.State.UNKNOWN: "message.unknown",
}


def ended(ids: Collection[int], *, now: datetime) -> None:
    """Tell of those of these messages that have ended; each ends once, so each is told once."""
    if ids:
        for state, event in ENDS.items():
            tell_many(event, _rows(ids, state), now=now)


def _rows(ids: Collection[int], state: str) -> Iterator[dict[str, Any]]:
    rows = Send.objects.filter(pk__in=list(ids), state=state).select_related("message__version__template")
    return (about(row) for row in rows.order_by("pk").iterator(chunk_size=500))


def about(row: Send) -> dict[str, Any]:
    """What is told of a message: numbers, no address and no text."""
    return {
        "send": row.pk,
        "customer": row.customer_id,
        "message": row.message_id,
        "template": row.message.version.template.key,
        "purpose": row.message.purpose,
        "at": row.settled_at,
        **({"reason": row.reason} if row.reason else {}),
    }


def came_back(row: Send, event: str, *, now: datetime, **more: str) -> None:
    """Tell that a message came back, or was called spam."""
    tell(event, about(row) | more, now=now)
