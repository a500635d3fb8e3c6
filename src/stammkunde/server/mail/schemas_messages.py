"""The ledger of messages as the API writes it."""

from datetime import datetime
from typing import Any, Self

from ninja import Schema

from stammkunde.server.mail.models import Send
from stammkunde.server.mail.queries.messages import Story


class MessagesAsked(Schema):
    """What of the ledger is asked for; `of` is the number of the journey or newsletter, `after` the key of a page."""

    state: str = ""
    purpose: str = ""
    origin: str = ""
    of: str = ""
    customer: str = ""
    search: str = ""
    after: str = ""


class MessageOut(Schema):
    """A message to one customer."""

    id: int
    customer: int | None
    address: str
    mail: str
    version: int
    subject: str
    purpose: str
    origin: str
    origin_id: int
    step: str
    state: str
    reason: str
    due_at: datetime
    settled_at: datetime | None
    message_id: str

    @classmethod
    def fields_of(cls, row: Send) -> dict[str, Any]:
        """The fields of a row."""
        message = row.message
        own = ("id", "address", "subject", "state", "reason", "due_at", "settled_at")
        wanted = {name: getattr(message, name) for name in ("purpose", "origin", "origin_id", "step")}
        mail = {"mail": message.version.template.key, "version": message.version.number}
        about = {"customer": row.customer_id, "message_id": row.header_id}
        return {name: getattr(row, name) for name in own} | wanted | mail | about

    @classmethod
    def of(cls, row: Send) -> Self:
        """A row."""
        return cls(**cls.fields_of(row))


class MessagesOut(Schema):
    """A page of the ledger; `after` is empty at the end."""

    messages: list[MessageOut]
    after: str


class GroundOut(Schema):
    """Why the message (`block` empty) or a block of it was allowed or left out, by which law, proven by what."""

    block: str
    purpose: str
    allowed: bool
    why: str
    source: str
    entry: int | None
    order: int | None


class MessageHappenedOut(Schema):
    """Something in the life of a message; `other` is the message it lost to."""

    at: datetime
    what: str
    about: str
    other: int | None


class MessageStoryOut(MessageOut):
    """One message with its grounds and what happened."""

    grounds: list[GroundOut]
    happened: list[MessageHappenedOut]

    @classmethod
    def of_story(cls, story: Story) -> Self:
        """A message with everything about it."""
        grounds = [
            GroundOut(
                block=each.block,
                purpose=each.purpose,
                allowed=each.allowed,
                why=each.why,
                source=each.source,
                entry=each.entry.pk if each.entry else None,
                order=each.order.pk if each.order else None,
            )
            for each in story.grounds
        ]
        happened = [
            MessageHappenedOut(at=e.at, what=e.what, about=e.about, other=e.send.pk if e.send else None)
            for e in story.happened
        ]
        return cls(**cls.fields_of(story.send), grounds=grounds, happened=happened)
