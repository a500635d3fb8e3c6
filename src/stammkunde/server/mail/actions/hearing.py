"""A mail that came back: kept as it came, read, matched with the message it is about, heeded. Taken twice, it is one.

It is heeded only where it is certain which message it is about: by the signed return path, or by the Message-ID, which
nobody knows but who got the message. Anybody can write a report that somebody else's address is dead; such a one, like
whatever cannot be read, stays in the tray for a person to look at, and changes nothing.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from stammkunde.server.lib.work import enqueue
from stammkunde.server.mail.actions.noting import Known, bounced, complained, left, note, objects
from stammkunde.server.mail.attention.holds import hold
from stammkunde.server.mail.incoming import Recipient, Verdict, read
from stammkunde.server.mail.incoming.replies import wants_out
from stammkunde.server.mail.incoming.return_path import send_of
from stammkunde.server.mail.incoming.verdict import Kind
from stammkunde.server.mail.models import Arrival, Send, Sender, Signal
from stammkunde.server.shop.models import Customer

FORWARD = "mail.forward"  # the job that hands replies to a person of the shop
SOURCE = "mail"
LARGEST = 30_000_000  # bytes of a mail that are kept
#: Reports of feedback loops that are no complaint (RFC 6591: a check of authentication; "not-spam": the contrary).
NO_COMPLAINTS = frozenset(("auth-failure", "not-spam", "dmarc"))


@dataclass(frozen=True)
class Match:
    """Which message a mail is about, and who wrote it or was written to."""

    send: Send | None
    customer: Customer | None


def take(raw: bytes, *, now: datetime, to: str = "") -> Arrival:
    """Keep a mail and heed it. `to` is the address it was delivered to, where whoever hands it over knows."""
    if to and "\n" not in to:
        raw = b"Delivered-To: " + to.encode("utf-8", "replace") + b"\n" + raw
    kept = raw[:LARGEST]
    values = {"raw": kept, "received_at": now}
    arrival, _ = Arrival.objects.get_or_create(digest=hashlib.sha256(raw).hexdigest(), defaults=values)
    if not arrival.kind:  # new, or whoever had it fell silent before it was read
        hear(arrival, now=now)
    return arrival


def hear(arrival: Arrival, *, now: datetime) -> None:
    """Read a mail that is kept, and do what follows; once."""
    verdict = read(bytes(arrival.raw))
    with transaction.atomic():
        if not Arrival.objects.filter(pk=arrival.pk, kind="").update(kind=verdict.kind):
            arrival.refresh_from_db()
            return
        found = matched(verdict)
        arrival.kind, arrival.verdict, arrival.send, arrival.customer = (
            str(verdict.kind),
            _kept(verdict),
            found.send,
            found.customer,
        )
        arrival.handled_at = now if _heeded(arrival, verdict, found, now=now) else None
        arrival.save(update_fields=["verdict", "send", "customer", "handled_at"])


def matched(verdict: Verdict) -> Match:
    """The message a mail is about: by its return path, else by the Message-ID it names. Without one, a reply is still
    of the customer with that address."""
    found = by_return_path(verdict.to) or by_header(verdict.original_message_id)
    if found is not None:
        return Match(found, found.customer)
    wrote = verdict.sender if verdict.kind in (Kind.REPLY, Kind.AUTO_REPLY, Kind.COMPLAINT) else ""
    return Match(None, Customer.objects.filter(email__iexact=wrote, merged_into=None).first() if wrote else None)


def by_return_path(addresses: Iterable[str]) -> Send | None:
    """The message whose signed return path is among these addresses."""
    own = Sender.now().return_address
    for address in addresses:
        number = send_of(address, return_address=own)
        if number is not None:
            return Send.objects.filter(pk=number).select_related("customer").first()
    return None


def by_header(name: str) -> Send | None:
    """The message of a Message-ID, with or without its brackets."""
    bare = name.strip().strip("<>")
    if not bare:
        return None
    return Send.objects.filter(header_id__in=(f"<{bare}>", bare)).select_related("customer").first()


def _heeded(arrival: Arrival, verdict: Verdict, found: Match, *, now: datetime) -> bool:
    """Do what follows of it; whether nobody has to look at it any more."""
    if verdict.kind == Kind.REPLY:
        return _answered(arrival, verdict, found, now=now)
    if verdict.kind == Kind.UNKNOWN:
        return False
    if found.send is None:
        return verdict.kind not in (Kind.BOUNCE, Kind.COMPLAINT) or verdict.feedback_type in NO_COMPLAINTS
    if verdict.kind == Kind.COMPLAINT:
        _complaint(arrival, verdict, found.send, now=now)
    elif verdict.kind == Kind.AUTO_REPLY:
        note(found.send, _known(arrival, Signal.Kind.AUTO_REPLIED, now=now))
    else:
        for number, each in enumerate(concerned(verdict, found.send)):
            _delivery(arrival, each, found.send, number=number, now=now)
    return True


def concerned(verdict: Verdict, send: Send) -> list[Recipient]:
    """What of a report is about a message: what names its address, or all of it where it names one, another one, to
    which the mail was sent on."""
    own = {send.address.lower(), send.customer.email.lower() if send.customer else ""} - {""}
    named = [each for each in verdict.recipients if each.address.lower() in own]
    return named or [*verdict.recipients[:1]] if len(verdict.recipients) <= 1 or named else []


def _delivery(arrival: Arrival, said: Recipient, send: Send, *, number: int, now: datetime) -> None:
    kind = _KINDS.get(said.action)
    if kind is None:
        return
    known = Known(
        kind=str(kind),
        key=f"{SOURCE}:{arrival.digest}:{kind}:{number}",
        source=SOURCE,
        at=now,
        hard=said.hard,
        code=said.status or said.code,
        reason=str(said.reason),
        detail=said.text,
    )
    if kind == Signal.Kind.BOUNCED:
        bounced(send, known, now=now)
    else:
        note(send, known)


_KINDS = {
    "failed": Signal.Kind.BOUNCED,
    "delayed": Signal.Kind.DEFERRED,
    "delivered": Signal.Kind.DELIVERED,
    "relayed": Signal.Kind.DELIVERED,
}


def _complaint(arrival: Arrival, verdict: Verdict, send: Send, *, now: datetime) -> None:
    if verdict.feedback_type in NO_COMPLAINTS:
        return
    said = verdict.feedback_type
    if said.startswith("opt-out"):
        left(send, _known(arrival, Signal.Kind.UNSUBSCRIBED, now=now, reason=said), now=now)
    else:
        complained(send, _known(arrival, Signal.Kind.COMPLAINED, now=now, reason=said), now=now)


def _answered(arrival: Arrival, verdict: Verdict, found: Match, *, now: datetime) -> bool:
    """A person wrote. All they want may be to be left alone; else advertising stops until somebody has answered."""
    if found.customer is not None and wants_out(verdict.text or verdict.subject) and _wrote(found, verdict):
        if found.send is not None:
            note(found.send, _known(arrival, Signal.Kind.UNSUBSCRIBED, now=now, detail=verdict.text))
        objects(found.customer, source="reply", note_=verdict.text or verdict.subject, now=now)
        return True
    if found.send is not None:
        note(found.send, _known(arrival, Signal.Kind.REPLIED, now=now))
    if found.customer is not None:
        hold(found.customer, "reply", ref_of(arrival), now=now, note=verdict.subject)
    enqueue(FORWARD, {"arrival": arrival.pk}, now=now, key=ref_of(arrival))
    return False


def _wrote(found: Match, verdict: Verdict) -> bool:
    """Whether a reply came from the address that the message had gone to."""
    own = {found.customer.email.lower() if found.customer else "", found.send.address.lower() if found.send else ""}
    return verdict.sender.lower() in own - {""}


def ref_of(arrival: Arrival) -> str:
    """How a hold names the mail that nobody has answered yet."""
    return f"arrival:{arrival.pk}"


def _known(arrival: Arrival, kind: str, *, now: datetime, detail: str = "", reason: str = "") -> Known:
    return Known(str(kind), f"{SOURCE}:{arrival.digest}:{kind}", SOURCE, now, detail=detail, reason=reason)


def _kept(verdict: Verdict) -> dict[str, object]:
    """A verdict as it is kept: PostgreSQL takes no NUL in JSON."""
    return _clean(verdict.as_json)  # type: ignore[return-value]  # an object stays one


def _clean(said: object) -> object:
    if isinstance(said, str):
        return said.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(said, dict):
        return {key: _clean(value) for key, value in said.items()}
    return [_clean(each) for each in said] if isinstance(said, (list, tuple)) else said
