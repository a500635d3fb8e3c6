"""Pulling: what changed in a shop is asked for, which repairs what webhooks lost, and completes what they leave out."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from stammkunde.errors import StammkundeError
from stammkunde.server.lib.work import LostLeaseError, said
from stammkunde.server.shop.actions import doors
from stammkunde.server.shop.facts import Fact
from stammkunde.server.shop.fetching import Guarded
from stammkunde.server.shop.hearing import SET, Group, take_in
from stammkunde.server.shop.models import Source
from stammkunde.server.shop.sources import kind_of
from stammkunde.server.shop.sources.base import Client, Page, Piece, SealedError, changed, dated
from stammkunde.server.shop.sources.payloads import milliseconds

OVERLAP = timedelta(minutes=10)  # clocks differ, and a shop may show an order later than it is dated
SHOWN = 3  # refusals told at the source
Beat = Callable[[str, int], None]


@dataclass
class Pulled:
    """What a pull brought: facts, and entities that could not be used with the reason; `lost` were not even kept."""

    facts: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    lost: int = 0


def pull(
    source: Source,
    *,
    now: datetime,
    clock: Callable[[], datetime],
    beat: Beat = lambda _doing, _done: None,
    client: Client | None = None,
) -> Pulled:
    """Ask a shop for everything since the last pull. How it went is kept at the source; a refusal of the shop is no
    failure of the work, it is tried again a quarter of an hour later.

    `clock` tells when a page was read, `beat` is told what is being done and how many facts came.
    """
    pulled = Pulled()
    since = source.pulled_to - OVERLAP if source.pulled_to else None
    try:
        if client is None:
            with _client(source, lambda: beat("", pulled.facts)) as guarded:
                _pages(source, since, guarded, pulled, clock=clock, beat=beat)
        else:
            _pages(source, since, client, pulled, clock=clock, beat=beat)
    except LostLeaseError:
        raise
    except StammkundeError as error:
        doors.note(source, str(error), now=clock())
        return pulled
    except Exception as error:
        doors.note(source, said(error), now=clock())
        raise
    Source.objects.filter(pk=source.pk).update(pulled_to=now, pulled_at=clock())
    doors.note(source, _told(pulled), now=clock())
    return pulled


def _client(source: Source, beat: Callable[[], None]) -> Guarded:
    return Guarded(allow_private=source.options.get("allow_private") is True, beat=beat)


def _pages(
    source: Source,
    since: datetime | None,
    client: Client,
    pulled: Pulled,
    *,
    clock: Callable[[], datetime],
    beat: Beat,
) -> None:
    reached = source.pulled_to
    for page in kind_of(source.kind).pull(source, since, client):
        beat(page.doing, pulled.facts)
        read_at = clock()
        pieces = page.pieces or _alone(page)
        groups = [_group(piece, read_at) for piece in pieces]
        for start in range(0, len(groups), SET):
            take_in(source, groups[start : start + SET], now=read_at)
        pulled.facts += sum(len(group.facts) for group in groups)
        _refused(source, zip(pieces, groups, strict=True), pulled, read_at)
        if page.watermark and (reached is None or page.watermark > reached):
            reached = min(page.watermark, read_at)
            Source.objects.filter(pk=source.pk).update(pulled_to=reached)


def _alone(page: Page) -> list[Piece]:
    """The facts of a page one by one, where nothing tells which of them belong together."""
    told = [Piece({"id": name}, error=error) for name, error in page.refused]
    return [*told, *(Piece({"id": _name(fact)}, facts=[fact]) for fact in page.facts)]


def _group(piece: Piece, read_at: datetime) -> Group:
    return Group([settled(dated(fact, milliseconds(read_at)), read_at) for fact in piece.facts], piece.error)


def _refused(source: Source, read: Iterable[tuple[Piece, Group]], pulled: Pulled, read_at: datetime) -> None:
    """Keep entities that could not be used as failed deliveries; tell of those of which there is nothing to keep."""
    for piece, group in read:
        if not group.error:
            continue
        pulled.refused.append((piece.name, group.error))
        if piece.topic:
            body = json.dumps(piece.item, default=str).encode()
            doors.keep_refused(source, topic=piece.topic, entity=piece.name, body=body, error=group.error, now=read_at)
        else:
            pulled.lost += 1


def settled(fact: Fact, read_at: datetime) -> Fact:
    """The fact with a version that tells how long after its second it was read, up to a second.

    Shops write the time of a change to the second. Two changes of one second have one version, of which the later is
    taken for known; the pull, which reads what it came to, has the last word on such a second.
    """
    version = getattr(fact, "version", 0)
    if not version or version % 1000:
        return fact
    later = min(max(milliseconds(read_at) - version, 1), 999)
    return changed(fact, version=version + later)


def _name(fact: Fact) -> str:
    return str(getattr(fact, "external_id", "") or getattr(fact, "key", "") or type(fact).__name__)


def _told(pulled: Pulled) -> str:
    """What stands at the source: what could not be used and was not kept either, or nothing."""
    if not pulled.lost:
        return ""
    some = "; ".join(f"{what}: {why}" for what, why in pulled.refused[:SHOWN])
    return f"{pulled.lost} entities of the last pull could not be used. {some}"


def readable(source: Source) -> bool:
    """Whether a source can be pulled: switched on, of a kind that pulls, with what that needs."""
    try:
        return source.active and kind_of(source.kind).ready(source)
    except SealedError:
        return False
