"""What the API takes and gives of how the shop sends."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from stammkunde.server.lib.bodies import Body
from stammkunde.server.mail.actions.ways import known_secrets
from stammkunde.server.mail.models import Checkup, Sender

WayName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")]
Short = Annotated[str, Field(max_length=500)]


Mailbox = Annotated[str, Field(max_length=254, pattern=r"^$|^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class SenderOut(Schema):
    """How the shop sends. Hours are those of the customer; of secrets the names are told; `bulk_ready_at` is when the
    last check passed."""

    name: str
    address: str
    reply_to: str
    return_address: str
    transport: str
    options: dict[str, Any]
    secrets: list[str]
    connections: int
    per_minute: int
    warm_up_since: date | None
    warm_up_first: int
    tracking: str
    form: str
    quiet_from: str
    quiet_to: str
    cap: int
    cap_days: int
    gap_hours: int
    look_ahead_hours: int
    late_days: int
    refund_days: int
    paused_at: datetime | None
    paused_why: str
    rests_until: datetime | None
    bulk_ready_at: datetime | None

    @staticmethod
    def of(sender: Sender) -> "SenderOut":
        """The row, without what is sealed."""
        made = {"secrets", "quiet_from", "quiet_to"}
        told: dict[str, Any] = {name: getattr(sender, name) for name in SenderOut.model_fields if name not in made}
        told |= {name: f"{getattr(sender, name):%H:%M}" for name in ("quiet_from", "quiet_to")}
        return SenderOut(**told, secrets=known_secrets(sender))


class SenderIn(Body):
    """What is to be set; what is left out stays."""

    name: str | None = Field(None, max_length=120)
    address: Mailbox | None = None
    reply_to: Mailbox | None = None
    return_address: Mailbox | None = None
    connections: int | None = Field(None, ge=1, le=50)
    per_minute: int | None = Field(None, ge=0, le=1_000_000)
    tracking: Literal["none", "aggregate", "individual"] | None = None
    form: Literal["du", "sie"] | None = None
    quiet_from: Clock | None = None
    quiet_to: Clock | None = None
    cap: int | None = Field(None, ge=0, le=1000)
    cap_days: int | None = Field(None, ge=1, le=365)
    gap_hours: int | None = Field(None, ge=0, le=10_000)
    look_ahead_hours: int | None = Field(None, ge=0, le=240)
    late_days: int | None = Field(None, ge=1, le=365)
    refund_days: int | None = Field(None, ge=0, le=365)


class WayIn(Body):
    """The way out. Options of SMTP: host, port, security (starttls, tls, none), user, outgoing; of a provider those of
    django-anymail; `dkim_selector` of all. Secrets that are left out stay, as long as the way is the same."""

    transport: WayName
    options: dict[str, Short | int] = Field(default_factory=dict, max_length=20)
    secrets: dict[str, Short] = Field(default_factory=dict, max_length=20)


class DnsRecordOut(Schema):
    """A record to be put into the name system."""

    name: str
    type: str
    value: str


class FindingOut(Schema):
    """One thing that was looked at; `level` is good, warn, bad or unknown, of which bad shuts the gate."""

    code: str
    level: str
    about: dict[str, str | int]
    record: DnsRecordOut | None


class CheckupOut(Schema):
    """A check of deliverability; `passed` opens the gate for mail to many."""

    at: datetime
    passed: bool
    findings: list[FindingOut]

    @staticmethod
    def of(found: Checkup) -> "CheckupOut":
        """A check as it was kept."""
        return CheckupOut(at=found.at, passed=found.passed, findings=[FindingOut(**each) for each in found.findings])


class TrialIn(Body):
    """Whom a test mail goes to."""

    to: str = Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


class TrialOut(Schema):
    """What the server said to it."""

    response: str


class PauseIn(Body):
    """Why nothing is to leave."""

    why: str = Field("", max_length=500)


class WarmUpIn(Body):
    """How many messages leave on the first day."""

    first: int = Field(200, ge=1, le=200_000)
