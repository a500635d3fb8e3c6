"""Mails as the API says and takes them."""

from datetime import datetime
from typing import Any, Literal, Self

from ninja import Schema

from stammkunde.server.lib.bodies import Body
from stammkunde.server.mail.models import Template, Version
from stammkunde.server.mail.rendering.previewing import Previewed


class MailDocumentIn(Body):
    """A mail as a document: key, name, purpose, subject, blocks."""

    document: dict[str, Any]


class MailOut(Schema):
    """A mail: `document` is its draft, `versions` how many were published, `sent` how often it went out (in lists)."""

    id: int
    key: str
    name: str
    purpose: str
    origin: str
    document: dict[str, Any]
    changed_at: datetime
    retired_at: datetime | None
    versions: int | None = None
    sent: int | None = None

    @classmethod
    def of(cls, row: Template, *, versions: int | None = None, sent: int | None = None) -> Self:
        """Put together."""
        own = ("key", "name", "purpose", "origin", "changed_at", "retired_at")
        values: dict[str, Any] = {name: getattr(row, name) for name in own}
        return cls(id=row.pk, document=row.draft, versions=versions, sent=sent, **values)


class MailVersionOut(Schema):
    """A version of a mail, which never changes."""

    id: int
    number: int
    document: dict[str, Any]
    created_at: datetime

    @classmethod
    def of(cls, row: Version) -> Self:
        """Put together."""
        return cls(id=row.pk, number=row.number, document=row.document, created_at=row.created_at)


class MailPreviewIn(Body):
    """As whom (nobody: somebody made up), and in which voice (theirs, where none is named)."""

    customer: int | None = None
    voice: Literal["en", "de-du", "de-sie"] | None = None


class MailPreviewOut(Schema):
    """A mail as it would look. `samples` names what is an example, `left_out` the parts that have no basis with the
    gate's reason, `refused` why the whole may not go to this customer (empty: it may)."""

    voice: str
    subject: str
    preheader: str
    html: str
    text: str
    samples: list[str]
    left_out: dict[str, str]
    refused: str

    @classmethod
    def of(cls, found: Previewed) -> Self:
        """Put together."""
        mail = found.rendered
        return cls(
            voice=found.voice,
            subject=mail.subject,
            preheader=mail.preheader,
            html=mail.html,
            text=mail.text,
            samples=list(found.samples),
            left_out=dict(found.left_out),
            refused=found.refused,
        )


class MailFindingOut(Schema):
    """Something to look at: error, warning or hint, and where."""

    level: str
    where: str
    text: str
