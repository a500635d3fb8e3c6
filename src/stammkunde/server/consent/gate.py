"""May this message, or this block of one, go to this person now? Decided from what was true at a moment, nothing else:
the same function decides about mail that leaves today and about mail that would have left last year.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from stammkunde.server.consent.bases import Basis, Topic, topic_of
from stammkunde.server.consent.packs import Pack, Row, pack_of
from stammkunde.server.consent.purposes import TRANSACTIONAL

YEAR = timedelta(days=365.25)
OPT_IN_OPEN = timedelta(days=30)  # a sign-up that nobody confirms has run out
ANSWERED = ("confirmed", "granted", "withdrawn", "objected")
NO = ("withdrawn", "objected")


@dataclass(frozen=True)
class Asked:
    """What is to go out: `categories` are those of the goods it advertises, `request` the key of what was asked for."""

    customer_id: int
    purpose: str
    categories: frozenset[str] = frozenset()
    request: str = ""
    channel: str = "email"


@dataclass(frozen=True)
class Said:
    """An entry of the ledger, as the gate reads it. `own`: it was said for the address that is written to today."""

    id: int
    at: datetime
    kind: str
    topic: str
    own: bool = True
    proven: bool = True
    request: str = ""
    channel: str = "email"


@dataclass(frozen=True)
class Bought:
    """An order: when it was placed, possibly cancelled, and in which categories of the shop."""

    id: int
    at: datetime
    categories: frozenset[str]
    cancelled_at: datetime | None = None


@dataclass(frozen=True)
class Block:
    """A suppression: of the address as a whole (`dead`), of all advertising, or of a topic."""

    id: int
    since: datetime
    scope: str
    reason: str
    until: datetime | None = None


@dataclass(frozen=True)
class Person:
    """What is known of somebody that bears on whether they may be written to; all of it sorted by time."""

    customer_id: int
    address: str = ""
    country: str = ""
    said: tuple[Said, ...] = ()
    bought: tuple[Bought, ...] = ()
    blocks: tuple[Block, ...] = ()
    listed: bool = False
    used: Mapping[str, datetime] = field(default_factory=dict)
    topics_off: frozenset[str] = frozenset()
    paused_until: datetime | None = None
    rhythm_gap: timedelta = timedelta(0)


@dataclass(frozen=True)
class Rules:
    """The packs with what the owner made of them. `changed` holds the bases of a pack's purpose where they differ;
    `notices` are the times during which the checkout told that one may object (§ 7 (3) no. 4 UWG)."""

    home: str = "DE"
    changed: Mapping[tuple[str, str], tuple[Basis, ...]] = field(default_factory=dict)
    notices: tuple[tuple[datetime, datetime | None], ...] = ()
    all_similar: bool = False
    fades_after: float = 4.0
    warns_after: float = 2.0

    def row(self, pack: Pack, purpose: str) -> Row:
        """What may carry a purpose here."""
        row = pack.rows[purpose]
        bases = self.changed.get((pack.key, purpose))
        return row if bases is None else Row(bases, f"{row.source}; changed by the owner")


@dataclass(frozen=True)
class Decision:
    """On which basis, or for which reason not; by which rule, and the rows that prove it."""

    reason: str
    pack: str
    source: str
    basis: str = ""
    entry_id: int | None = None
    order_id: int | None = None
    fading: bool = False

    @property
    def allowed(self) -> bool:
        """Whether it may go out."""
        return bool(self.basis)


@dataclass(frozen=True)
class _Case:
    asked: Asked
    person: Person
    rules: Rules
    pack: Pack
    at: datetime

    def said(self, *topics: str) -> list[Said]:
        """What was said about these topics up to the moment, oldest first."""
        return [each for each in self.person.said if each.at <= self.at and each.topic in topics]

    @property
    def topic(self) -> Topic:
        return topic_of(self.asked.purpose)


@dataclass(frozen=True)
class _Found:
    """What looking for one basis found: `reason` is empty where it carries."""

    reason: str = ""
    entry: int | None = None
    order: int | None = None
    fading: bool = False


def decide(asked: Asked, person: Person, rules: Rules, *, at: datetime) -> Decision:
    """Look for a basis, in the order of the matrix; the first that holds at `at` carries it.

    Advertising is refused unless a basis is found; what stops all of it is looked at first.
    """
    pack = pack_of(person.country, rules.home)
    row = rules.row(pack, asked.purpose)
    case = _Case(asked, person, rules, pack, at)
    stopped = _stopped(case)
    if stopped:
        return Decision(stopped, pack.key, row.source)
    nearest = "forbidden"
    for basis in row.bases:
        found = _LOOK[basis](case)
        if not found.reason:
            return Decision(str(basis), pack.key, row.source, basis, found.entry, found.order, found.fading)
        if nearest in ("forbidden", "no_consent"):
            nearest = found.reason
    return Decision(nearest, pack.key, row.source)


def _stopped(case: _Case) -> str:
    """What stops a message whatever carries it: no address, a dead one, and for advertising any standing no."""
    if not case.person.address:
        return "no_address"
    scopes = {"dead"} if case.asked.purpose in TRANSACTIONAL else {"dead", "all", case.topic}
    for block in case.person.blocks:
        if block.scope in scopes and block.since <= case.at and (block.until is None or case.at < block.until):
            return f"suppressed_{block.reason}"
    if case.asked.purpose in TRANSACTIONAL:
        return ""
    if case.person.paused_until and case.at < case.person.paused_until:
        return "paused"
    return "topic_off" if case.asked.purpose in case.person.topics_off else ""


def _contract(case: _Case) -> _Found:
    """An order of theirs, cancelled or not: its cancellation, too, is told under the contract."""
    orders = [each for each in case.person.bought if each.at <= case.at]
    return _Found(order=orders[-1].id) if orders else _Found("no_contract")


def _request(case: _Case) -> _Found:
    """Something they asked for: to be signed up, lately and not answered yet; or one thing, not yet given."""
    if case.asked.purpose == "opt_in":
        asked = [each for each in case.person.said if each.at <= case.at and each.kind in ("requested", *ANSWERED)]
        if asked and asked[-1].kind == "requested" and asked[-1].own and case.at - asked[-1].at <= OPT_IN_OPEN:
            return _Found(entry=asked[-1].id)
        return _Found("no_open_request")
    named = [each for each in case.person.said if each.at <= case.at and each.request == case.asked.request != ""]
    if named and named[-1].kind == "asked" and named[-1].own:
        return _Found(entry=named[-1].id)
    return _Found("no_open_request")


def _last_word(case: _Case, topic: str) -> Said | None:
    """The latest answer about a topic. A no to anything of it ends every earlier yes; a later yes stands again."""
    words = [each for each in case.said(topic, Topic.ALL) if each.kind in ANSWERED and (each.own or each.kind in NO)]
    return words[-1] if words else None


def _consent(case: _Case) -> _Found:
    """Given for this address, confirmed where the law of the place wants it proven, and not faded.

    A consent does not end by time alone (BGH III ZR 196/17), but four years without use were too long for AG Munich
    (161 C 12736/22).
    """
    word = _last_word(case, case.topic)
    if word is None:
        return _Found("no_consent")
    if word.kind in NO:
        return _Found("objected")
    if case.pack.double_opt_in and word.kind != "confirmed" and not word.proven:
        return _Found("not_confirmed")
    used = case.person.used.get(case.topic, word.at)
    unused = (case.at - max(word.at, used if used <= case.at else word.at)) / YEAR
    if unused >= case.rules.fades_after:
        return _Found("faded")
    return _Found(entry=word.id, fading=unused >= case.rules.warns_after)


def _existing(case: _Case) -> _Found:
    """§ 7 (3) UWG, Art. 13 (2) ePrivacy, § 174 (4) TKG, Art. 3 (1) o UWG (CH): all conditions together."""
    word = _last_word(case, case.topic)
    if word is not None and word.kind in NO:
        return _Found("objected")
    if case.pack.listed and case.person.listed:
        return _Found("listed")
    placed = [each for each in case.person.bought if each.at <= case.at]
    orders = [each for each in placed if each.cancelled_at is None or each.cancelled_at > case.at]
    if not orders:
        return _Found("never_bought" if placed else "no_consent")
    told = [each for each in orders if _told(case, each)]
    if not told:
        return _Found("no_notice")
    similar = [each for each in told if case.rules.all_similar or each.categories & case.asked.categories]
    return _Found(order=similar[-1].id) if similar else _Found("not_similar")


def _told(case: _Case, order: Bought) -> bool:
    """Whether this order's checkout told of the right to object: a statement of the shop since then, or an entry."""
    if any(since <= order.at and (until is None or order.at < until) for since, until in case.rules.notices):
        return True
    return any(each.kind == "notice_shown" and each.request == str(order.id) for each in case.said(Topic.MARKETING))


def _opt_out(case: _Case) -> _Found:
    word = _last_word(case, case.topic)
    return _Found("objected") if word is not None and word.kind in NO else _Found()


_LOOK = {
    Basis.CONTRACT: _contract,
    Basis.REQUEST: _request,
    Basis.CONSENT: _consent,
    Basis.EXISTING: _existing,
    Basis.OPT_OUT: _opt_out,
}


def may_score(person: Person, *, at: datetime) -> bool:
    """Whether forecasts about the person may be used for advertising: not after an objection (Art. 21 (3) GDPR)."""
    words = [each for each in person.said if each.at <= at and each.topic == Topic.SCORES]
    return not words or words[-1].kind not in NO


def may_track(person: Person, *, at: datetime) -> bool:
    """Whether somebody agreed to being measured as a person, and has not changed their mind (§ 25 TDDDG)."""
    words = [each for each in person.said if each.at <= at and each.topic in (Topic.TRACKING, Topic.ALL)]
    words = [each for each in words if each.kind in ANSWERED and (each.own or each.kind in NO)]
    return bool(words) and words[-1].kind not in NO
