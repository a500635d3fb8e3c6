"""The tables of the room, by what they are about."""

from stammkunde.server.mail.models.answers import Arrival, Signal
from stammkunde.server.mail.models.attention import Attention, Hold, Passed, Response
from stammkunde.server.mail.models.deliverability import Checkup, Trial
from stammkunde.server.mail.models.ledger import Message, Send
from stammkunde.server.mail.models.sender import Sender
from stammkunde.server.mail.models.templates import Template, Version

__all__ = [
    "Arrival",
    "Attention",
    "Checkup",
    "Hold",
    "Message",
    "Passed",
    "Response",
    "Send",
    "Sender",
    "Signal",
    "Template",
    "Trial",
    "Version",
]
