"""What people say about being written to, as new entries of the ledger. Nothing here changes or deletes one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.actions.outgoing import tell
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.consent.actions.suppressing import resume
from stammkunde.server.consent.bases import Topic
from stammkunde.server.consent.models import Entry, Use, Wording
from stammkunde.server.lib import bulk
from stammkunde.server.shop.models import Customer

#: What other programs hear of it; requests and notices are nobody's business.
TOLD = {
    Entry.Kind.CONFIRMED: "consent.granted",
    Entry.Kind.GRANTED: "consent.granted",
    Entry.Kind.WITHDRAWN: "consent.withdrawn",
    Entry.Kind.OBJECTED: "consent.withdrawn",
}
AGAIN = timedelta(days=1)  # who signs up twice within a day gets one mail


@dataclass(frozen=True)
class Proof:
    """How it was said: through which door, on which page, from where, and to which words."""

    source: str
    page: str = ""
    ip: str | None = None
    wording: Wording | None = None
    note: str = ""
    by: User | Key | None = None


def _write(
    kind: Entry.Kind,
    topic: str,
    *,
    address: str,
    customer: Customer | None,
    proof: Proof,
    now: datetime,
    request: str = "",
    about: Entry | None = None,
    proven: bool = True,
) -> Entry:
    if not address:
        advice = _("Give them an e-mail address first.")
        raise StammkundeError(_("There is no address that this could be about."), advice=advice)
    if proof.by is not None:  # what people say themselves is told by the ledger alone
        about_whom, change = customer.pk if customer else "", {"topic": str(topic), "source": proof.source}
        record(str(kind), "consent", now=now, by=proof.by, subject_id=about_whom, title=address, change=change)
    made = Entry.objects.create(
        customer=customer,
        address=address.strip().lower(),
        kind=kind,
        topic=topic,
        request=request,
        wording=proof.wording,
        source=proof.source,
        page=proof.page[:500],
        ip=proof.ip,
        at=now,
        proven=proven,
        note=proof.note[:500],
        about=about,
        user=proof.by if isinstance(proof.by, User) else proof.by.by if proof.by else None,
        key=proof.by if isinstance(proof.by, Key) else None,
    )
    if kind in TOLD:
        whom = customer.pk if customer else None
        data = {"entry": made.pk, "customer": whom, "topic": str(topic), "kind": str(kind), "at": now}
        tell(TOLD[kind], data, now=now)
    return made


@transaction.atomic
def request_opt_in(
    *, address: str, topic: str = Topic.MARKETING, customer: Customer | None = None, proof: Proof, now: datetime
) -> tuple[Entry, bool]:
    """Somebody signed an address up; it counts once the address confirms it. Returns the entry, and whether it is new:
    a second request within a day is the first one, so that nobody can have strangers flooded.

    Raises
    ------
    StammkundeError : the address is empty.
    """
    same = Entry.objects.filter(address=address.strip().lower(), topic=topic, kind=Entry.Kind.REQUESTED)
    latest = same.filter(at__gt=now - AGAIN).order_by("-at").first()
    if latest is not None:
        return latest, False
    written = _write(Entry.Kind.REQUESTED, topic, address=address, customer=customer, proof=proof, now=now)
    return written, True


@transaction.atomic
def confirm(requested: Entry, *, proof: Proof, now: datetime) -> Entry:
    """The address said yes to its request; said again, it is the same entry."""
    there = requested.answers.filter(kind=Entry.Kind.CONFIRMED).order_by("at").first()
    if there is not None:
        return there
    resume(requested.address, now=now)
    words = Proof(proof.source, proof.page, proof.ip, proof.wording or requested.wording, proof.note, proof.by)
    return _write(
        Entry.Kind.CONFIRMED,
        requested.topic,
        address=requested.address,
        customer=requested.customer,
        proof=words,
        now=now,
        about=requested,
    )


@transaction.atomic
def grant(
    customer: Customer, *, topic: str, proof: Proof, now: datetime, proven: bool = False, address: str = ""
) -> Entry:
    """Somebody agreed, at the counter or on paper; `proven` where its time, page or paper and exact words are known.

    Raises
    ------
    StammkundeError : there is no address, or it is said to be proven without the words that were agreed to.
    """
    if proven and proof.wording is None:
        advice = _("Choose the wording they agreed to, or record it without proof.")
        raise StammkundeError(_("A proven consent names the exact words (BGH I ZR 164/09)."), advice=advice)
    where = address or customer.email
    resume(where, now=now)
    return _write(Entry.Kind.GRANTED, topic, address=where, customer=customer, proof=proof, now=now, proven=proven)


@transaction.atomic
def withdraw(customer: Customer, *, topic: str, proof: Proof, now: datetime, address: str = "") -> Entry:
    """Somebody takes a consent back: as easy as it was given (Art. 7 (3) GDPR)."""
    where = address or customer.email
    return _write(Entry.Kind.WITHDRAWN, topic, address=where, customer=customer, proof=proof, now=now)


@transaction.atomic
def object_to(customer: Customer, *, topic: str, proof: Proof, now: datetime, address: str = "") -> Entry:
    """Somebody objects to a topic, or to all advertising, or to forecasts (Art. 21 (2) and (3) GDPR)."""
    where = address or customer.email
    return _write(Entry.Kind.OBJECTED, topic, address=where, customer=customer, proof=proof, now=now)


@transaction.atomic
def ask(customer: Customer, *, request: str, proof: Proof, now: datetime) -> Entry:
    """Somebody wants to be told one thing: that an article is back. `request` is its key, e.g. `variant:12`."""
    return _write(
        Entry.Kind.ASKED, Topic.ALL, address=customer.email, customer=customer, proof=proof, now=now, request=request
    )


def given(pairs: Iterable[tuple[int, str, str]], *, now: datetime) -> int:
    """What was asked for was told: (customer, address, request), in sets. The request is used up by it."""
    rows = [(pk, where, "given", "all", now, None, True, "mail", "", "", "email", what) for pk, where, what in pairs]
    return bulk.insert(Entry, _COLUMNS, rows)


@transaction.atomic
def notice_shown(customer: Customer, *, order: str, proof: Proof, now: datetime) -> Entry:
    """The checkout of an order told of the right to object (§ 7 (3) no. 4 UWG). `order` is the order's row."""
    return _write(
        Entry.Kind.NOTICE,
        Topic.MARKETING,
        address=customer.email,
        customer=customer,
        proof=proof,
        now=now,
        request=order,
    )


#: Of a row written in sets: all that may not be null, since no default of the model fills it in there.
_COLUMNS = (
    *("customer_id", "address", "kind", "topic", "at", "ip", "proven"),
    *("source", "page", "note", "channel", "request"),
)


@dataclass(frozen=True)
class Brought:
    """A consent that another system kept: `confirmed_at` where the address confirmed it there."""

    customer_id: int
    address: str
    topic: str
    at: datetime
    confirmed_at: datetime | None = None
    page: str = ""
    ip: str | None = None
    words: str = ""


def bring(rows: Iterable[Brought], *, source: str, now: datetime) -> tuple[int, list[Brought]]:
    """Take over consents from another system, with what it knows of them. Returns how many came in, and those refused:
    without an address, or given in the future. One that no address confirmed counts as proven only with the words and
    the page it was given on; where the law wants a confirmation, it carries nothing without."""
    taken, refused = [], []
    for row in rows:
        at, where = row.confirmed_at or row.at, row.address.strip().lower()
        if at > now or "@" not in where:
            refused.append(row)
            continue
        kind, proven = "confirmed" if row.confirmed_at else "granted", bool(row.words and row.page)
        about = (source, row.page[:500], row.words[:500], "email", "")
        taken.append((row.customer_id, where, kind, row.topic, at, row.ip, proven, *about))
    return bulk.insert(Entry, _COLUMNS, taken), refused


def used(pairs: Iterable[tuple[str, str]], *, now: datetime) -> int:
    """Consents that were made use of just now: (address, topic), in sets."""
    rows = [(where, topic, now) for where, topic in dict.fromkeys(pairs)]
    return bulk.insert(Use, ("address", "topic", "at"), rows, key=("address", "topic"), update=("at",), newer="at")
