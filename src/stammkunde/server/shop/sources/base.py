"""What every kind of source answers: which settings it asks for, who signed, what came, what it means, what was missed.

A kind is one module of this package with a `KIND`. Understanding is pure (`facts`), only `pull` speaks to a shop, and
only through the client it is handed, which retries, limits and refuses addresses of the own network.
"""

import base64
import hashlib
import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from django.utils.functional import Promise

from stammkunde.errors import StammkundeError
from stammkunde.server.lib.seal import same, unseal
from stammkunde.server.shop.facts import Fact
from stammkunde.server.shop.models import Source
from stammkunde.server.shop.sources.payloads import Node, PayloadError, clean

Headers = Mapping[str, str]
#: Stands for a moment that a payload does not tell; facts with it get the moment of their delivery.
UNTOLD = datetime(1970, 1, 1, tzinfo=UTC)


class SourceError(StammkundeError):
    """A shop refused, did not answer, or answered what cannot be read."""

    advice = "Check the address and the credentials of this source, then pull again."


class SealedError(SourceError):
    """The credentials of a source were sealed with a secret key that is no longer known."""

    advice = "Name the former secret key in STAMMKUNDE_OLD_SECRET_KEYS, or enter the credentials again."


@dataclass(frozen=True)
class Field:
    """A setting a kind asks for; secrets are sealed and never shown again, the others stand in `Source.options`."""

    name: str
    label: str | Promise
    secret: bool = False
    required: bool = False
    hint: str | Promise = ""


@dataclass(frozen=True)
class Delivered:
    """What a delivery is called: the sender's id of it, its topic, the entity it is about and that one's version."""

    key: str
    topic: str
    entity: str = ""
    version: int | None = None


@dataclass(frozen=True)
class Asked:
    """A request at the door that is no delivery: a handshake. `query` is unparsed, `path` what follows the token."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class Reply:
    """The answer to a handshake, and secrets to be kept from it."""

    document: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    keep: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Piece:
    """One entity of a page, as the shop told it, with what it says or why it was not understood.

    With a `topic` under which `Kind.facts` reads it too, one that cannot be used is kept, to be replayed.
    """

    item: Any
    topic: str = ""
    facts: Sequence[Fact] = ()
    error: str = ""

    @property
    def name(self) -> str:
        """Its id, as far as it has one."""
        known = self.item if isinstance(self.item, Mapping) else {}
        return str(known.get("id") or known.get("name") or "?")[:120]


@dataclass(frozen=True)
class Page:
    """Facts of one answer of a shop; `watermark` says up to when nothing is missing, where that is known by then.

    `refused` are entities that were not understood, with the reason; they hold up nothing else. `pieces` are the same
    facts and refusals by entity, where the page was made by `page`.
    """

    facts: Sequence[Fact]
    watermark: datetime | None = None
    doing: str = ""
    refused: Sequence[tuple[str, str]] = ()
    pieces: Sequence[Piece] = ()


@dataclass(frozen=True)
class Answer:
    """What a shop answered; header names are in small letters."""

    status: int
    headers: Headers
    body: bytes

    def document(self) -> Any:
        """The body as JSON, with fractions as decimals, so that money stays exact.

        Raises
        ------
        SourceError : it is no JSON.
        """
        try:
            return parsed(self.body)
        except PayloadError as error:
            raise SourceError("The shop answered with something that is not JSON.", where=str(error)) from error


class Client(Protocol):
    """How a kind asks its shop; everything else than 2xx raises `SourceError`."""

    def wait(self, seconds: float) -> None:
        """Sleep, where the shop says in its answer that it is asked too often; 429 is waited for by itself."""
        ...

    def ask(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str | int] | Sequence[tuple[str, str | int]] | None = None,
        document: Any = None,
        headers: Headers | None = None,
        auth: tuple[str, str] | None = None,
    ) -> Answer:
        """One answer. `document` is sent as JSON, `auth` as Basic."""
        ...


@dataclass(frozen=True)
class Preset:
    """A file that a kind of shop exports, told by its header: `needs` are column names it always has.

    `read` makes facts of its rows, of which it is told the version; `knows` says which columns mean something or are
    known to mean nothing here.
    """

    name: str
    title: str
    needs: frozenset[str]
    knows: Callable[[str], bool]
    read: Callable[[Iterable[Mapping[str, str]], int], Iterator[Page]]


class Kind(ABC):
    """One kind of source. Subclass it, set the class variables, and put an instance into the module as `KIND`."""

    name: ClassVar[str]
    title: ClassVar[str]
    fields: ClassVar[Sequence[Field]] = ()
    #: Beginnings of the names of headers that are kept with a delivery, in small letters.
    kept_headers: ClassVar[Sequence[str]] = ()
    presets: ClassVar[Sequence[Preset]] = ()
    pulls: ClassVar[bool] = True
    hears: ClassVar[bool] = True

    def signature(self, source: Source, headers: Headers, body: bytes) -> bool:
        """Whether the sender holds one of the secrets of this source. In constant time, and False by default."""
        del source, headers, body
        return False

    def ping(self, headers: Headers, body: bytes) -> bool:
        """Whether this is an unsigned call that says nothing and only wants to be answered with 200."""
        del headers, body
        return False

    def handshake(self, source: Source, asked: Asked) -> Reply | None:
        """The answer to a request that is no delivery; None where it is one. Must verify by itself."""
        del source, asked
        return None

    def delivery(self, headers: Headers, body: bytes) -> Delivered:
        """How a delivery is called. Its body need not be understood for it.

        Raises
        ------
        PayloadError : it does not say what it is; it is kept all the same, as failed.
        """
        del headers, body
        raise PayloadError(f"{self.title} sends no webhooks.")

    @abstractmethod
    def facts(self, topic: str, payload: Any, source: Source) -> list[Fact]:
        """What a payload says. Pure; an unknown topic says nothing. A fact of version 0 gets that of its delivery.

        Raises
        ------
        PayloadError : it says something that cannot be, and where.
        """

    def asks(self, topic: str, payload: Any) -> bool:
        """Whether a payload only says that something changed: the source is then pulled soon."""
        del topic, payload
        return False

    def ends(self, topic: str, payload: Any) -> str:
        """Why nothing more may be taken from this source and its credentials are to be forgotten; mostly empty."""
        del topic, payload
        return ""

    def deleted(self, topic: str, payload: Any) -> list[str]:
        """Ids of orders that the shop threw away: they are kept as cancelled, also where they come only later."""
        del topic, payload
        return []

    def warns(self, topic: str, payload: Any) -> str:
        """What staff should know of a delivery, to be shown at the source; mostly empty."""
        del topic, payload
        return ""

    def ready(self, source: Source) -> bool:
        """Whether everything is there that a pull needs."""
        told = settings_of(source)
        return self.pulls and all(told.get(each.name) for each in self.fields if each.required)

    def pull(self, source: Source, since: datetime | None, client: Client) -> Iterator[Page]:
        """What changed since a moment (everything where there is none), oldest first, page by page.

        Raises
        ------
        SourceError : the shop refuses or cannot be understood at all.
        """
        del source, since, client
        return iter(())


def settings_of(source: Source) -> dict[str, Any]:
    """Options and secrets of a source, by the names of the fields of its kind.

    Raises
    ------
    SealedError : the secrets cannot be opened.
    """
    try:
        return dict(source.options) | unseal(source.sealed)
    except ValueError as error:
        raise SealedError("The credentials of this source cannot be opened.") from error


def parsed(body: bytes | str) -> Any:
    """JSON with exact fractions, and without characters that no database takes.

    Raises
    ------
    PayloadError : it is no JSON.
    """
    try:
        return clean(json.loads(body, parse_float=Decimal, parse_constant=lambda _: None))
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"This is no JSON: {error}"[:300]) from error


def base64_hmac(key: str, body: bytes) -> str:
    """Base64 of the HMAC-SHA256, as Shopify and WooCommerce sign."""
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()


def hex_hmac(key: str, body: bytes) -> str:
    """Hexadecimal HMAC-SHA256, as Shopware signs."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def signed(given: str, keys: Iterable[str], body: bytes, sign: Callable[[str, bytes], str] = base64_hmac) -> bool:
    """Whether one of the keys made the signature: all are tried, each compared in constant time."""
    found = False
    for key in keys:
        found |= same(given, sign(key, body)) if key else False
    return found and bool(given)


def dated(fact: Fact, version: int) -> Fact:
    """The fact with the version and moment of what brought it, where the payload tells none."""
    moment = datetime.fromtimestamp(version / 1000, UTC)
    told: dict[str, Any] = {each.name: moment for each in fields(fact) if getattr(fact, each.name) == UNTOLD}
    if getattr(fact, "version", None) == 0:
        told["version"] = version
    return changed(fact, **told) if told else fact


def changed(fact: Fact, **values: Any) -> Fact:
    """The fact with other values; which of them it has, the caller knows."""
    found: Fact = replace(fact, **values)
    return found


def keys(text: str) -> list[str]:
    """Several secrets of one field: separated by spaces or lines, during a rotation."""
    return text.split()


def page(
    items: Iterable[Any],
    read: Callable[[Node], Iterable[Fact]],
    *,
    watermark: datetime | None = None,
    doing: str = "",
    topic: str = "",
) -> Page:
    """A page of entities, each understood by itself: what cannot be is told in `refused`.

    Name the `topic` under which `Kind.facts` reads such an item, and those that cannot be used are kept for a replay.
    """
    pieces = [_piece(item, read, topic) for item in items]
    facts = [fact for piece in pieces for fact in piece.facts]
    refused = [(piece.name, piece.error) for piece in pieces if piece.error]
    return Page(facts, watermark, doing, refused, pieces)


def _piece(item: Any, read: Callable[[Node], Iterable[Fact]], topic: str) -> Piece:
    try:
        return Piece(item, topic, list(read(Node(item))))
    except PayloadError as error:
        return Piece(item, topic, error=str(error))
