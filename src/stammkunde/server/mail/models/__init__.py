"""The tables of the room, by what they are about."""

from stammkunde.server.mail.models.ledger import Send
from stammkunde.server.mail.models.templates import Template, Version

__all__ = ["Send", "Template", "Version"]
