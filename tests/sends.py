"""Mails and people for tests of what sends them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from stammkunde.server.consent.actions import recording
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.mail.actions.planning import message_for
from stammkunde.server.mail.models import Message, Send, Sender, Template, Version
from stammkunde.server.mail.rendering.compiling import compiled
from stammkunde.server.mail.rendering.documents import digest, read
from stammkunde.server.mail.sending.handing import Letter
from stammkunde.server.mail.sending.names import header_ids
from stammkunde.server.mail.sending.slices import send_due
from stammkunde.server.shop.models import Customer, Order, Source

TEXT = {"kind": "text", "text": {"en": "Hello {{ customer.name }}.", "de": "Guten Tag {{ customer.name }}."}}


def version(now: datetime, purpose: str = "newsletter", key: str = "hello", blocks: Any = (TEXT,)) -> Version:
    """A mail that says hello, in its first version."""
    found = Template.objects.filter(key=key).first() or Template.objects.create(
        key=key, name=key, purpose=purpose, changed_at=now, created_at=now
    )
    subject = {"en": "Hello {{ customer.name }}", "de": "Guten Tag {{ customer.name }}"}
    document = {"key": key, "name": {"en": key, "de": key}, "purpose": purpose, "subject": subject, "blocks": [*blocks]}
    said = {
        "document": document,
        "compiled": compiled(read(document)),
        "digest": digest(read(document)),
        "created_at": now,
    }
    return Version.objects.create(template=found, number=found.versions.count() + 1, **said)


def message(
    now: datetime, purpose: str = "newsletter", *, origin_id: int = 1, blocks: Any = (TEXT,), **rules: Any
) -> Message:
    """A message of a campaign that says hello."""
    made = version(now, purpose, key=f"hello-{purpose}-{origin_id}", blocks=blocks)
    return message_for("campaign", origin_id, step="", version=made, now=now, rules=rules)


def customer(name: str, now: datetime, **more: Any) -> Customer:
    """Somebody with an address, in Germany."""
    said = {"email": f"{name.lower()}@example.com", "country": "DE", "known_since": now, "changed_at": now} | more
    return Customer.objects.create(origin=f"email:0:{name}", name=name, **said)


def agree(person: Customer, at: datetime, topic: str = "marketing") -> None:
    """Let somebody sign up for a topic and confirm it."""
    proof = Proof("form", page="https://shop.example/newsletter", ip="192.0.2.7")
    asked, _ = recording.request_opt_in(address=person.email, topic=topic, customer=person, proof=proof, now=at)
    recording.confirm(asked, proof=proof, now=at)


def reader(name: str, now: datetime, **more: Any) -> Customer:
    """Somebody who agreed to advertising a month ago."""
    found = customer(name, now, **more)
    agree(found, now - timedelta(days=30))
    return found


def order(person: Customer, source: Source, at: datetime, key: str = "1", **more: Any) -> Order:
    """An order of somebody."""
    said = {"day": at.date(), "currency": "EUR", "gross": 1000, "total": 1000} | more
    return Order.objects.create(source=source, external_id=key, customer=person, placed_at=at, **said)


class Plain:
    """Who writes letters of a few lines, for tests of everything around them."""

    def __init__(self, sender: Sender, now: datetime) -> None:
        self.sender, self.now = sender, now

    def look(self, sends: Sequence[Send]) -> dict[int, frozenset[str]]:
        """Show no goods."""
        self.names = header_ids([each.pk for each in sends], sender=self.sender)
        return {}

    def keep(self, sends: Sequence[Send]) -> None:
        """All are kept."""

    def write(self, send: Send) -> Letter:
        """A letter that bears its name."""
        if "cannot" in send.refs:
            raise ValueError("This mail cannot be written.")
        send.header_id, send.subject, send.voice = self.names[send.pk], "Hello", "en"
        lines = (f"To: {send.address}", "Subject: Hello", f"Message-ID: {send.header_id}", "", "Hello.", "")
        return Letter(send, "shop@example.com", send.address, "\r\n".join(lines).encode())


def go(now: datetime, *, seconds: float = 60.0, **more: Any) -> tuple[int, bool]:
    """A slice of sending at a moment, by a worker of its own; with one connection, within the transaction of the
    test."""
    if not Sender.objects.exists():
        Sender.objects.create(connections=1)
    return send_due(worker="tests", clock=lambda: now, seconds=seconds, composing=Plain, **more)
