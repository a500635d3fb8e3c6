"""What a mail that came back says: what kind it is, whom it is about, and why."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a mail is. `delayed`: still being tried; `unknown`: nobody could read it, it stays in the tray."""

    BOUNCE = "bounce"
    DELAYED = "delayed"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto_reply"
    REPLY = "reply"
    REPORT = "report"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why something did not arrive, as far as it was said. The first four are about an address that is no more."""

    NO_USER = "no_user"
    NO_HOST = "no_host"
    MOVED = "moved"
    NO_MAIL_HERE = "no_mail_here"
    DISABLED = "disabled"
    FILTERED = "filtered"
    FULL = "full"
    TOO_BIG = "too_big"
    SENDER = "sender"
    BLOCKED = "blocked"
    AUTHENTICATION = "authentication"
    POLICY = "policy"
    SPAM = "spam"
    VIRUS = "virus"
    CONTENT = "content"
    RELAY = "relay"
    SECURITY = "security"
    TOO_MANY = "too_many"
    EXPIRED = "expired"
    NETWORK = "network"
    SYSTEM = "system"
    SYNTAX = "syntax"
    DELIVERED = "delivered"
    UNKNOWN = "unknown"


#: The address is dead: nothing that is sent there again will arrive.
HARD = frozenset((Reason.NO_USER, Reason.NO_HOST, Reason.MOVED, Reason.NO_MAIL_HERE))


@dataclass(frozen=True)
class Recipient:
    """An address that something was said about. `status` is an enhanced code (RFC 3463), `code` that of SMTP, `action`
    what the system did (failed, delayed, delivered, relayed, expanded), `text` its own words."""

    address: str
    status: str = ""
    code: str = ""
    reason: Reason = Reason.UNKNOWN
    action: str = "failed"
    text: str = ""
    hard: bool = False


@dataclass(frozen=True)
class Verdict:
    """A mail that came back. `original_message_id` and `original_recipient` are those of the mail it answers,
    `sender` who wrote this one and `to` the addresses it came to, `text` what a person wrote or a system said."""

    kind: Kind
    recipients: tuple[Recipient, ...] = ()
    original_message_id: str = ""
    original_recipient: str = ""
    feedback_type: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    subject: str = ""
    automatic: bool = False
    text: str = ""

    @property
    def as_json(self) -> dict[str, Any]:
        """As it is kept beside the mail."""
        return asdict(self)
