"""What all transports have in common: a session takes a message at a time, and says what became of it.

Errors come in three classes, and only the first is about the message. What a server says of a recipient is a `Receipt`;
trouble of the provider is a `ProviderError`, after which all messages wait; what staff must mend is a
`ConfigurationError`. A session may raise them only as long as it is certain that the message was not taken.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """What became of a message."""

    SENT = "sent"  # taken by the server, which answers for it from here on
    REFUSED = "refused"  # for good
    LATER = "later"  # not now: greylisted, a full mailbox
    UNKNOWN = "unknown"  # handed over whole, and no answer came


@dataclass(frozen=True)
class Receipt:
    """The answer to one message. `broken`: the session can take no more. `header_id` where the provider gave the
    message a name of its own, under which it will speak of it."""

    outcome: Outcome
    response: str = ""
    reason: str = ""
    broken: bool = False
    header_id: str = ""


class Session(Protocol):
    """A connection of one thread. Used for one message after another."""

    provider: str

    def send(self, envelope_from: str, to: str, message: bytes) -> Receipt:
        """Hand a message over.

        Raises
        ------
        ProviderError, ConfigurationError : it was not taken, and no other would be.
        """

    def close(self) -> None:
        """Say goodbye. Never raises."""


class ProviderError(Exception):
    """The provider cannot take messages just now: unreachable, overloaded, asking to wait. Nothing was taken."""


class ConfigurationError(Exception):
    """No message can leave before somebody changes something: a password, a certificate, the address of the sender."""
