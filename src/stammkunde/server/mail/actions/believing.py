"""What a provider tells of a message, in its webhook. It was looked at by then that it comes from the provider."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from stammkunde.server.mail.actions.hearing import by_header
from stammkunde.server.mail.actions.noting import Known, bounced, complained, left, note
from stammkunde.server.mail.incoming.providers import is_machine, is_program, permanent
from stammkunde.server.mail.incoming.reasons import code_of, command_of, reason_of, status_of
from stammkunde.server.mail.incoming.verdict import HARD, Reason
from stammkunde.server.mail.models import Send, Sender, Signal
from stammkunde.server.mail.queries.measuring import level_of

LATELY = timedelta(days=7)  # a message that a provider names by a name of its own is the last one to that address
#: Words of django-anymail in ours; what is not here tells nothing that is not known.
KINDS: Mapping[str, str] = {
    "delivered": Signal.Kind.DELIVERED,
    "deferred": Signal.Kind.DEFERRED,
    "bounced": Signal.Kind.BOUNCED,
    "rejected": Signal.Kind.BOUNCED,
    "failed": Signal.Kind.BOUNCED,
    "complained": Signal.Kind.COMPLAINED,
    "opened": Signal.Kind.OPENED,
    "clicked": Signal.Kind.CLICKED,
    "unsubscribed": Signal.Kind.UNSUBSCRIBED,
    "autoresponded": Signal.Kind.AUTO_REPLIED,
}
MEASURED = (Signal.Kind.OPENED, Signal.Kind.CLICKED)


@dataclass(frozen=True)
class Told:
    """An event as django-anymail makes them alike; `event` is what the provider sent."""

    provider: str
    kind: str
    recipient: str
    at: datetime
    event_id: str = ""
    message_id: str = ""
    reject_reason: str = ""
    description: str = ""
    response: str = ""
    user_agent: str = ""
    url: str = ""
    event: Mapping[str, Any] = field(default_factory=dict)


def believe(told: Told, *, now: datetime) -> bool:
    """Keep what was told and do what follows; whether it was new and about a message of ours."""
    kind = _kind(told)
    send = about(told) if kind else None
    if kind is None or send is None:
        return False
    known = _known(told, kind)
    if kind == Signal.Kind.BOUNCED:
        return bounced(send, known, now=now)
    if kind == Signal.Kind.COMPLAINED:
        return complained(send, known, now=now)
    if kind == Signal.Kind.UNSUBSCRIBED:
        return left(send, known, now=now)
    return _measured(send, known, now=now) if kind in MEASURED else note(send, known)


def about(told: Told) -> Send | None:
    """The message a provider speaks of: by the name it gave it, else the last one that went to the address lately."""
    found = by_header(told.message_id)
    if found is not None or not told.recipient:
        return found
    rows = Send.objects.filter(address__iexact=told.recipient, settled_at__gt=told.at - LATELY, settled_at__lte=told.at)
    return rows.filter(state=Send.State.SENT).select_related("customer").order_by("-settled_at").first()


def _kind(told: Told) -> str | None:
    """What it is. A message a provider does not take since somebody has left there is somebody who has left."""
    if told.kind in ("rejected", "bounced") and told.reject_reason == "unsubscribed":
        return Signal.Kind.UNSUBSCRIBED
    return KINDS.get(told.kind)


def _known(told: Told, kind: str) -> Known:
    words = f"{told.response} {told.description}".strip()
    status = status_of(told.response, told.description)
    reason = reason_of(words, status=status, command=command_of(words.lower()), formal=True)
    return Known(
        kind=str(kind),
        key=key_of(told, kind),
        source=told.provider,
        at=told.at,
        hard=kind == Signal.Kind.BOUNCED and _hard(told, reason),
        machine=kind in MEASURED and _by_machine(told),
        code=status or code_of(told.response, told.description),
        reason=str(reason) if kind in (Signal.Kind.BOUNCED, Signal.Kind.DEFERRED) else "",
        detail=words,
        url=told.url if kind == Signal.Kind.CLICKED else "",
    )


def _by_machine(told: Told) -> bool:
    """Whether no person did it, as far as is told. Who it was that a provider does not name may be a person."""
    return is_machine(told.event) or bool(told.user_agent and is_program(told.user_agent))


def _hard(told: Told, reason: Reason) -> bool:
    """Whether the address is dead: the provider says so, and what the receiver said to it does not say otherwise; or it
    refuses an address of which it learnt so before."""
    if told.kind == "rejected":
        return told.reject_reason in ("bounced", "invalid")
    for_good = code_of(told.response, told.description).startswith("5")
    if reason in HARD:
        return for_good or permanent(told.provider, told.event)
    return reason in (Reason.UNKNOWN, Reason.SYSTEM) and permanent(told.provider, told.event)


def key_of(told: Told, kind: str) -> str:
    """The same for the same event, however often it is told: the name the provider gave it, or a hash of it all."""
    name = told.event_id or json.dumps(dict(told.event), sort_keys=True, default=str)
    mark = hashlib.sha256(f"{name}\n{told.recipient.lower()}\n{told.url}".encode()).hexdigest()[:40]
    return f"{told.provider}:{kind}:{mark}"


def _measured(send: Send, known: Known, *, now: datetime) -> bool:
    """An opening or a click is kept as far as the shop measures, and as the person agreed to."""
    level = level_of(send, now=now)
    if level == Sender.Tracking.NONE:
        return False
    if level == Sender.Tracking.AGGREGATE:
        return note(None, known, message_id=send.message_id)
    return note(send, known)
