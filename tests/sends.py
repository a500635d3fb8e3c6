"""Mails and people for tests of what sends them."""

from datetime import datetime
from typing import Any

from stammkunde.server.mail.actions.planning import message_for
from stammkunde.server.mail.models import Message, Template, Version
from stammkunde.server.shop.models import Customer

TEXT = {"kind": "text", "text": {"en": "Hello {{ customer.name }}.", "de": "Guten Tag {{ customer.name }}."}}


def version(now: datetime, purpose: str = "newsletter", key: str = "hello", blocks: Any = (TEXT,)) -> Version:
    """A mail that says hello, in its first version."""
    found = Template.objects.filter(key=key).first() or Template.objects.create(
        key=key, name=key, purpose=purpose, changed_at=now, created_at=now
    )
    subject = {"en": "Hello {{ customer.name }}", "de": "Guten Tag {{ customer.name }}"}
    document = {"key": key, "name": {"en": key, "de": key}, "purpose": purpose, "subject": subject, "blocks": [*blocks]}
    return Version.objects.create(
        template=found, number=found.versions.count() + 1, document=document, digest=key, created_at=now
    )


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
