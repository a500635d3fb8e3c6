"""What the collector took is understood: some hundred events in one transaction, none holding up another.

Events know themselves by their ids, so it does not matter how often or in which order they come, nor where this was
interrupted. An event that cannot be used is kept alone, as a failed delivery with its reason, to be replayed.
"""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from django.db import connection, transaction

from stammkunde.server.lib import bulk
from stammkunde.server.lib.work import said
from stammkunde.server.shop.actions import doors
from stammkunde.server.shop.collector import carts, dialects, meaning, names, reading
from stammkunde.server.shop.facts import EventFact
from stammkunde.server.shop.hearing import Group, take_in
from stammkunde.server.shop.models import Delivery, Event, Source
from stammkunde.server.shop.queries.people import in_sets
from stammkunde.server.shop.sources.payloads import PayloadError

log = structlog.get_logger("stammkunde.collector")
DELIVERIES = 100  # read at once
EVENTS = {"sqlite": 75, "postgresql": 1000}  # of one transaction: on SQLite the next request waits for it
TURN = 0.01  # seconds in which others may write; SQLite lets one write at a time, and tells nobody when it is free
#: What is understood may be lost when the machine fails, for it is understood again: requests need the disk more.
_UNHURRIED = "SET LOCAL synchronous_commit = off"
_REFUSED = ("source_id", "topic", "key", "digest", "entity", "body", "headers", "received_at", "state", "attempts",
            "error", "settled_at")  # fmt: skip


@dataclass
class Told(Group):
    """What one event of a delivery says: `raw` as it was sent, `alone` in a document of its own; `last` ends it."""

    delivery: Delivery = field(default_factory=Delivery)
    number: int = 0
    raw: Any = None
    alone: reading.Document = field(default_factory=dict)
    last: bool = False

    @property
    def key(self) -> str:
        """Its own id, where its sender gave it none."""
        return f"{self.delivery.key}:{self.number}"

    @property
    def about(self) -> str:
        """What staff are told it was: the event's name, or its kind."""
        raw = self.raw if isinstance(self.raw, dict) else {}
        return next((str(raw[name])[:120] for name in ("event", "type", "e") if raw.get(name)), "")


def collect(source: Source, *, now: datetime, beat: Callable[[int], None] = lambda _: None) -> int:
    """Take in what a source's clients sent and nobody has looked at yet. Returns how many requests."""
    count = 0
    new = source.deliveries.filter(state=Delivery.State.NEW).order_by("pk")
    while rows := list(new[:DELIVERIES]):
        beat(count)
        for some in _sets(told for row in rows for told in _read(row)):
            _settle(source, some, now)
            beat(count)
            if connection.vendor == "sqlite" and not connection.in_atomic_block:
                time.sleep(TURN)
        count += len(rows)
    return count


def _sets(told: Iterable[Told]) -> Iterator[list[Told]]:
    found: list[Told] = []
    for each in told:
        found.append(each)
        if len(found) >= EVENTS[connection.vendor]:
            yield found
            found = []
    if found:
        yield found


def _read(delivery: Delivery) -> list[Told]:
    """The events of a delivery, each with its facts or why it has none; at least one, to settle it by."""
    try:
        text = bytes(delivery.body)
        document = reading.stored(text)
        dialect = dialects.dialect_of(delivery.topic, document)
        pieces = list(dialects.pieces(document, dialect.LIST))
    except PayloadError as error:
        return [Told(error=str(error), delivery=delivery, last=True)]
    large = len(text) > dialect.EVENT
    found = [_told(delivery, dialect, number, each, large=large) for number, each in enumerate(pieces)]
    found = found or [Told(delivery=delivery)]
    found[-1].last = True
    return found


def _told(delivery: Delivery, dialect: dialects.Dialect, number: int, piece: dialects.Piece, *, large: bool) -> Told:
    told = Told(delivery=delivery, number=number, raw=piece.raw, alone=piece.alone)
    call = delivery.topic.partition("/")[2]
    try:
        if large and len(json.dumps(piece.raw)) > dialect.EVENT:
            raise PayloadError(f"The event has more than {dialect.EVENT // 1024} KB.")
        item = dialect.item(piece.raw, piece.alone, call=call, received=delivery.received_at)
        told.facts = meaning.facts(item, key=told.key) if item else []
    except PayloadError as error:
        told.error = str(error)
    except Exception as error:
        log.exception("an event broke its reader", topic=delivery.topic, delivery=delivery.pk)
        told.error = f"Stammkunde cannot read this: {said(error)}"
    return told


def _settle(source: Source, told: Sequence[Told], now: datetime) -> None:
    """Facts into the record, carts anew, deliveries into their states: together or not at all."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(_UNHURRIED)
        take_in(source, told, now=now)
        facts = [fact for each in told if not each.error for fact in each.facts]
        changed = [fact.key[:200] for fact in facts if isinstance(fact, EventFact) and fact.name in names.OF_CARTS]
        if changed:
            of_events = {pk for some in in_sets(changed) for pk in _customers(source, some)}
            carts.put_together(source, of_events, now=now)
        _keep_refused(source, told, now)
        _states(told, now)
        heard = max(each.delivery.received_at for each in told)
        Source.objects.filter(pk=source.pk).exclude(heard_at__gte=heard).update(heard_at=heard)


def _customers(source: Source, keys: Sequence[str]) -> Iterable[int]:
    found = Event.objects.filter(source=source, key__in=keys, customer__isnull=False)
    return found.values_list("customer", flat=True).distinct()


def _states(told: Sequence[Told], now: datetime) -> None:
    """Deliveries whose last event was in this set are settled; one whose only event failed has failed itself."""
    states: dict[str, list[int]] = defaultdict(list)
    errors: dict[int, str] = {}
    for each in told:
        if not each.last:
            continue
        alone = each.number == 0
        if alone and each.error:
            errors[each.delivery.pk] = each.error
            states[Delivery.State.FAILED].append(each.delivery.pk)
        else:
            means = each.facts or not alone
            states[Delivery.State.DONE if means else Delivery.State.IGNORED].append(each.delivery.pk)
    doors.settle_deliveries(states, errors, now=now)


def _keep_refused(source: Source, told: Sequence[Told], now: datetime) -> None:
    """Events of larger deliveries that cannot be used, each as a delivery of its own."""
    rows = []
    for each in told:
        if each.error and not (each.last and each.number == 0):
            body = json.dumps(each.alone).encode()
            digest = hashlib.sha256(body).hexdigest()
            rows.append((
                source.pk, each.delivery.topic, each.key[:200], digest, each.about, body, "{}",
                each.delivery.received_at, Delivery.State.FAILED, 1, each.error[:4000], now,
            ))  # fmt: skip
    bulk.insert(Delivery, _REFUSED, rows, key=("source_id", "key", "digest"))
