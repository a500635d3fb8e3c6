"""A reply goes to a person of the shop, once: as it came, in its thread, and so that their answer goes to the customer.

Nothing a machine wrote is passed on (RFC 3834), nor what this house has passed on before, nor what the person has in
their mailbox already.
"""

from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, make_msgid

from stammkunde.server.mail.incoming.mime import Headers, opened
from stammkunde.server.mail.incoming.verdict import Kind
from stammkunde.server.mail.models import Arrival, Sender
from stammkunde.server.mail.sending.transports import open_session
from stammkunde.server.mail.sending.transports.base import ConfigurationError, Outcome, ProviderError, Session

MARK = "X-Stammkunde-Forwarded"
LARGEST = 10_000_000  # bytes of a reply that are sent on whole; of a larger one, its text


def forward(arrival: Arrival, *, now: datetime, opening: Callable[[Sender], Session] = open_session) -> bool:
    """Hand a reply to whoever reads replies; whether it left. It is never handed over twice: when no answer came, it
    stays in the tray, where it is anyway.

    Raises
    ------
    ProviderError, ConfigurationError : it was not taken, and may be tried again.
    """
    sender = Sender.now()
    headers = opened(bytes(arrival.raw)).headers
    if not _goes_on(arrival, headers, sender):
        return False
    if not Arrival.objects.filter(pk=arrival.pk, forwarded_at=None).update(forwarded_at=now):
        return False
    session: Session | None = None
    try:
        session = opening(sender)
        receipt = session.send(sender.address, sender.reply_to, letter(arrival, headers, sender, now=now))
    except (ProviderError, ConfigurationError):
        Arrival.objects.filter(pk=arrival.pk).update(forwarded_at=None)
        raise
    finally:
        if session is not None:
            session.close()
    return receipt.outcome == Outcome.SENT


def _goes_on(arrival: Arrival, headers: Headers, sender: Sender) -> bool:
    """Whether somebody is to read it who has not got it, and a person wrote it."""
    if arrival.kind != Kind.REPLY or not (sender.reply_to and sender.address) or MARK.lower() in headers:
        return False
    there = {str(each).lower() for each in arrival.verdict.get("to", ())}
    wrote = str(arrival.verdict.get("sender", "")).lower()
    return sender.reply_to.lower() not in {*there, wrote} and not arrival.verdict.get("automatic")


def letter(arrival: Arrival, headers: Headers, sender: Sender, *, now: datetime) -> bytes:
    """The reply as it is passed on: from the shop, since nobody may write in another's name, to be answered to whoever
    wrote."""
    wrote = _line(str(arrival.verdict.get("sender", "")))
    named = _line(headers.get("message-id"))
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((_line(f"{wrote} ({sender.name})"), sender.address))
    mail["To"] = sender.reply_to
    mail["Reply-To"] = wrote or sender.reply_to
    mail["Subject"] = _line(str(arrival.verdict.get("subject", ""))) or "-"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(domain=sender.address.rpartition("@")[2])
    if named:
        mail["In-Reply-To"] = named
        mail["References"] = f"{_line(headers.get('references'))[-1500:]} {named}".strip()
    mail["Auto-Submitted"] = "auto-generated"
    mail[MARK] = str(arrival.pk)
    mail.set_content(str(arrival.verdict.get("text", "")) or "-")
    raw = bytes(arrival.raw)
    if len(raw) <= LARGEST:
        mail.add_attachment(raw, maintype="application", subtype="octet-stream", filename="reply.eml")
    return mail.as_bytes()


def _line(text: str) -> str:
    """Text of a field: one line, nothing that ends it."""
    return "".join(each if each.isprintable() else " " for each in text)[:900].strip()
