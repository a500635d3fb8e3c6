"""What became known of a message, as a row, and what follows of it for the address. However it came to be known: by a
mail that came back, a provider's webhook, a link."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from stammkunde.server.consent.actions import answering
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.consent.actions.suppressing import suppress
from stammkunde.server.mail.incoming.verdict import Reason
from stammkunde.server.mail.models import Send, Signal
from stammkunde.server.mail.sending.telling import came_back
from stammkunde.server.shop.models import Customer

#: Softly come back: what is about the mailbox, and not about us, the mail or the way to it.
OF_THE_MAILBOX = frozenset(map(str, (Reason.FULL, Reason.DISABLED, Reason.FILTERED, Reason.EXPIRED, Reason.NETWORK)))
#: An address is taken for dead after so many messages in a row came back softly, over at least so long a time.
SOFT_MESSAGES, SOFT_TIME = 5, timedelta(days=14)
#: What shows that somebody is there.
ALIVE = (Signal.Kind.OPENED, Signal.Kind.CLICKED, Signal.Kind.REPLIED, Signal.Kind.DELIVERED)


@dataclass(frozen=True)
class Known:
    """Something that became known; `key` is the same whenever the same is told."""

    kind: str
    key: str
    source: str
    at: datetime
    hard: bool = False
    machine: bool = False
    code: str = ""
    reason: str = ""
    detail: str = ""
    url: str = ""


def note(send: Send | None, known: Known, *, message_id: int | None = None) -> bool:
    """Keep it; whether it was new."""
    values = {
        "send": send,
        "message_id": send.message_id if send else message_id,
        "kind": known.kind,
        "at": known.at,
        "source": known.source[:30],
        "hard": known.hard,
        "machine": known.machine,
        "code": known.code[:20],
        "reason": known.reason[:40],
        "detail": known.detail.replace("\0", "")[:500],
        "url": known.url.replace("\0", "")[:1000],
    }
    return Signal.objects.get_or_create(key=known.key[:200], defaults=values)[1]


@transaction.atomic
def bounced(send: Send, known: Known, *, now: datetime) -> bool:
    """A message came back. For good: its address is dead. Not for good: dead, too, once it happened again and again."""
    new = note(send, known)
    where = address_of(send)
    if new and where and (known.hard or _again_and_again(where, now=now)):
        detail = known.detail if known.hard else f"{SOFT_MESSAGES}× {known.reason}"
        suppress(where, scope="dead", reason="bounced", now=now, detail=detail)
    if new:
        came_back(send, "message.bounced", now=now, kind="hard" if known.hard else "soft", reason=known.reason)
    return new


@transaction.atomic
def complained(send: Send, known: Known, *, now: datetime) -> bool:
    """Somebody called a message spam: no advertising goes to the address any more."""
    new = note(send, known)
    if new and address_of(send):
        suppress(address_of(send), scope="all", reason="complained", now=now, detail=known.detail)
    if new:
        came_back(send, "message.complained", now=now)
    return new


@transaction.atomic
def left(send: Send, known: Known, *, now: datetime) -> bool:
    """Somebody left by way of their mail program or provider: an objection to all advertising."""
    new = note(send, known)
    if new and send.customer is not None:
        objects(send.customer, source=known.source, note_=known.detail, now=now)
    return new


def objects(customer: Customer, *, source: str, note_: str, now: datetime) -> None:
    """Put down that somebody wants no advertising, in their own words."""
    found = answering.whom(customer.pk)
    if found is not None and found.email:
        proof = Proof(source[:40], note=note_)
        answering.leave(found, purpose="newsletter", everything=True, proof=proof, now=now)


def address_of(send: Send) -> str:
    """Where a message went."""
    return send.address or (send.customer.email if send.customer else "")


def _again_and_again(address: str, *, now: datetime) -> bool:
    """Whether the latest messages to an address came back, and nothing between shows that anybody is there."""
    rows = Signal.objects.filter(send__address__iexact=address, at__lte=now, machine=False).order_by("-at", "-pk")
    messages: dict[int | None, datetime] = {}
    for kind, reason, send_id, at in rows.values_list("kind", "reason", "send_id", "at")[:200]:
        if kind in ALIVE:
            break
        if kind == Signal.Kind.BOUNCED and reason in OF_THE_MAILBOX:
            messages[send_id] = at
    return len(messages) >= SOFT_MESSAGES and max(messages.values()) - min(messages.values()) >= SOFT_TIME
