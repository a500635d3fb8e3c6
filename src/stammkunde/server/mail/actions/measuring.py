"""Clicks and openings, kept as far as the shop measures and the person agreed, and those of machines told apart.

Programs open mails and follow their links before a person sees them: privacy proxies, scanners of mailboxes. They are
known by their names, by their haste, by following all links at once, and by following one that no person sees.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from stammkunde.server.mail.actions.noting import Known, note
from stammkunde.server.mail.incoming.links import Measured
from stammkunde.server.mail.incoming.providers import is_program
from stammkunde.server.mail.models import Message, Send, Sender, Signal
from stammkunde.server.mail.queries.measuring import level_of

HASTE = timedelta(seconds=10)  # from hand-over to a click: no person is so fast
AT_ONCE, TOGETHER = 3, timedelta(seconds=5)  # so many different links within so short a time
SCAN = timedelta(minutes=2)  # how long a program that fell into the trap is at it


@dataclass(frozen=True)
class Visitor:
    """What is looked at of who asks, and kept nowhere."""

    user_agent: str
    prefetch: bool = False

    @property
    def program(self) -> bool:
        """Whether it says so itself."""
        return self.prefetch or is_program(self.user_agent)


def clicked(about: Measured, visitor: Visitor, *, now: datetime) -> None:
    """Somebody, or something, followed a link."""
    _seen(Signal.Kind.CLICKED, about, visitor, now=now)


def opened(about: Measured, visitor: Visitor, *, now: datetime) -> None:
    """Somebody, or something, looked at the picture."""
    _seen(Signal.Kind.OPENED, about, visitor, now=now)


@transaction.atomic
def _seen(kind: str, about: Measured, visitor: Visitor, *, now: datetime) -> None:
    if about.send_id is None:
        _sum(kind, about.message_id, about.url, machine=visitor.program, now=now)
        return
    send = Send.objects.filter(pk=about.send_id).first()
    level = level_of(send, now=now) if send else Sender.Tracking.NONE
    if send is None or level == Sender.Tracking.NONE:
        return
    if level == Sender.Tracking.AGGREGATE:  # agreed when it was sent, and not any more
        _sum(kind, send.message_id, about.url, machine=visitor.program, now=now)
        return
    trap = kind == Signal.Kind.CLICKED and not about.url
    machine = trap or visitor.program or _hasty(send, kind, now=now) or _many(send, kind, about.url, now=now)
    mark = hashlib.sha256(about.url.encode()).hexdigest()[:24]
    key = f"link:{send.pk}:{kind}:{'machine' if machine else 'person'}:{mark}"
    note(send, Known(kind, key, "link", now, machine=machine, reason="trap" if trap else "", url=about.url))
    if trap:
        _of(send, now=now, within=SCAN).update(machine=True)


def _sum(kind: str, message_id: int | None, url: str, *, machine: bool, now: datetime) -> None:
    """One more for the message: nothing in the row tells of whom."""
    if url or kind == Signal.Kind.OPENED:
        known = Known(kind, f"sum:{secrets.token_hex(16)}", "link", now, machine=machine, url=url)
        if Sender.now().tracking != Sender.Tracking.NONE and Message.objects.filter(pk=message_id or 0).exists():
            note(None, known, message_id=message_id)


def _hasty(send: Send, kind: str, *, now: datetime) -> bool:
    """Whether it came too soon after the message had left, or something is in the trap just now."""
    if send.settled_at is not None and now - send.settled_at < HASTE:
        return True
    caught = Signal.objects.filter(send=send, reason="trap", at__gt=now - SCAN)
    return kind == Signal.Kind.CLICKED and caught.exists()


def _many(send: Send, kind: str, url: str, *, now: datetime) -> bool:
    """Whether one link after another is followed; then those before were not followed by a person either."""
    if kind != Signal.Kind.CLICKED:
        return False
    lately = _of(send, now=now, within=TOGETHER).exclude(url=url)
    if len(set(lately.values_list("url", flat=True))) < AT_ONCE - 1:
        return False
    lately.update(machine=True)
    return True


def _of(send: Send, *, now: datetime, within: timedelta) -> QuerySet[Signal]:
    """The clicks on a message within this time."""
    return Signal.objects.filter(send=send, kind=Signal.Kind.CLICKED, source="link", at__gt=now - within)
