"""What the room says and takes through the API."""

from datetime import datetime

from ninja import Schema

from stammkunde.server.consent.models import Entry
from stammkunde.server.consent.queries.evidence import Line
from stammkunde.server.consent.words import reason


class DecisionOut(Schema):
    """Whether mail of a purpose may go to somebody now, and what proves it."""

    purpose: str
    allowed: bool
    basis: str
    reason: str
    words: str
    pack: str
    source: str
    entry: int | None
    order: int | None
    fading: bool

    @staticmethod
    def of(line: Line) -> "DecisionOut":
        """A line of the evidence."""
        said = line.decision
        return DecisionOut(
            purpose=str(line.purpose),
            allowed=said.allowed,
            basis=str(said.basis),
            reason=said.reason,
            words=reason(said.reason),
            pack=said.pack,
            source=said.source,
            entry=said.entry_id,
            order=said.order_id,
            fading=said.fading,
        )


class ConsentEntryOut(Schema):
    """An entry of the ledger."""

    id: int
    at: datetime
    kind: str
    topic: str
    address: str
    source: str
    page: str
    ip: str | None
    proven: bool
    words: str

    @staticmethod
    def of(row: Entry) -> "ConsentEntryOut":
        """A row of the ledger."""
        return ConsentEntryOut(
            id=row.pk,
            at=row.at,
            kind=row.kind,
            topic=row.topic,
            address=row.address,
            source=row.source,
            page=row.page,
            ip=row.ip,
            proven=row.proven,
            words=row.wording.text if row.wording else "",
        )


class EvidenceOut(Schema):
    """What may go to a customer, and the ledger, newest first."""

    customer: int
    address: str
    at: datetime
    decisions: list[DecisionOut]
    entries: list[ConsentEntryOut]


class SaidIn(Schema):
    """Something a customer said: `kind` is granted, withdrawn or objected; `wording` the number of a version;
    `address` where it is about another one than that which is known."""

    kind: str
    address: str = ""
    topic: str
    source: str = "api"
    page: str = ""
    ip: str | None = None
    wording: int | None = None
    note: str = ""


class SignUpIn(Schema):
    """An address that was typed into a form of the shop's own site."""

    address: str
    topic: str = "marketing"
    page: str = ""
    ip: str | None = None
    wording: int | None = None


class SignUpOut(Schema):
    """The request, and the link by which the address confirms it."""

    entry: int
    confirm_url: str
    again: bool


class RuleOut(Schema):
    """What may carry a purpose in a country."""

    pack: str
    purpose: str
    bases: list[str]
    source: str
    changed: bool
