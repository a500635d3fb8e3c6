"""Taking deliveries in: in the order they came, some hundred in one transaction, none holding up another."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from django.db import OperationalError, transaction

from stammkunde.server.lib.work import said
from stammkunde.server.shop.actions import doors, take
from stammkunde.server.shop.facts import CustomerFact, Fact, RefundFact
from stammkunde.server.shop.models import Delivery, Source
from stammkunde.server.shop.queries.doors import Named, remembered, versions, without_strangers
from stammkunde.server.shop.sources import kind_of
from stammkunde.server.shop.sources.base import Kind, dated, parsed
from stammkunde.server.shop.sources.payloads import PayloadError, milliseconds

log = structlog.get_logger("stammkunde.hearing")
SET = 300  # deliveries of one transaction: what other writers wait for


@dataclass
class Group:
    """Facts that belong together: if one of them cannot be taken in, none is, and why stands in `error`."""

    facts: list[Fact] = field(default_factory=list)
    error: str = ""


@dataclass
class Heard(Group):
    """What one delivery says."""

    delivery: Delivery = field(default_factory=Delivery)
    deleted: list[str] = field(default_factory=list)
    asks: bool = False
    ends: str = ""
    warns: str = ""

    @property
    def version(self) -> int:
        """When it was so, as far as it is known."""
        return self.delivery.version or milliseconds(self.delivery.received_at)


def hear(source: Source, *, now: datetime, beat: Callable[[int], None] = lambda _: None) -> int:
    """Take in what a source delivered and nobody has looked at yet. Returns how many deliveries."""
    kind, count = kind_of(source.kind), 0
    new = source.deliveries.filter(state=Delivery.State.NEW).order_by("pk")
    while rows := list(new[:SET]):
        beat(count)
        _settle(source, [_read(kind, source, each) for each in rows], now)
        count += len(rows)
    return count


def _read(kind: Kind, source: Source, delivery: Delivery) -> Heard:
    """What a delivery says, or why it cannot be understood."""
    heard = Heard(delivery=delivery)
    try:
        payload = parsed(bytes(delivery.body))
        heard.facts = [dated(fact, heard.version) for fact in kind.facts(delivery.topic, payload, source)]
        heard.deleted = kind.deleted(delivery.topic, payload)
        heard.asks = kind.asks(delivery.topic, payload)
        heard.ends, heard.warns = kind.ends(delivery.topic, payload), kind.warns(delivery.topic, payload)
    except PayloadError as error:
        return Heard(delivery=delivery, error=str(error))
    except Exception as error:
        log.exception("a payload broke its reader", kind=kind.name, topic=delivery.topic, delivery=delivery.pk)
        return Heard(delivery=delivery, error=f"Stammkunde cannot read this: {said(error)}")
    return heard


def _settle(source: Source, heard: Sequence[Heard], now: datetime) -> None:
    """Facts into the record and deliveries into their states, together or not at all."""
    good = [each for each in heard if not each.error]
    with transaction.atomic():
        old = stale(source, good)
        take_in(source, good, now=now)
        deleted = {key: each.version for each in good if not each.error for key in each.deleted}
        if deleted:
            doors.cancel_deleted(source, deleted, now=now)
        states: dict[str, list[int]] = defaultdict(list)
        for each in heard:
            states[_state(each, old)].append(each.delivery.pk)
        errors = {each.delivery.pk: each.error for each in heard if each.error}
        doors.settle_deliveries(states, errors, now=now)
        doors.forget_payloads(source, gone(fact for each in good for fact in each.facts))
        _act(source, good, now)


def _state(heard: Heard, old: set[int]) -> str:
    if heard.error:
        return Delivery.State.FAILED
    if heard.delivery.pk in old:
        return Delivery.State.STALE
    means = heard.facts or heard.deleted or heard.asks or heard.ends or heard.warns
    return Delivery.State.DONE if means else Delivery.State.IGNORED


def _act(source: Source, heard: Iterable[Heard], now: datetime) -> None:
    """What deliveries ask for beside their facts."""
    for each in heard:
        if each.warns:
            doors.note(source, each.warns, now=now)
        if each.ends:
            doors.end(source, each.ends, now=now)
    if any(each.asks for each in heard) and kind_of(source.kind).ready(source):
        doors.pull_soon(source, now=now)


def stale(source: Source, heard: Sequence[Heard]) -> set[int]:
    """Deliveries that say nothing newer than the record, or than those before them in the set."""
    known = versions(source, (fact for each in heard for fact in each.facts))
    return {each.delivery.pk for each in heard if each.facts and not _news(each.facts, known)}


def _news(facts: Iterable[Fact], known: dict[Named, int]) -> bool:
    news = False
    for fact in facts:
        version, name = getattr(fact, "version", None), (type(fact), getattr(fact, "external_id", ""))
        if version is None or not name[1]:  # customers and events have no version in the record
            news = True
        elif name not in known or version > known[name]:
            known[name], news = version, True
    return news


def take_in(source: Source, groups: Sequence[Group], *, now: datetime) -> None:
    """Take groups of facts in as one set; what the record refuses is found by halving, and told in its `error`."""
    groups = [group for group in groups if not group.error]
    facts = [fact for group in groups for fact in group.facts]
    if not facts:
        return
    try:
        taken = take(source, remembered(source, without_strangers(source, facts)), now=now)
    except OperationalError:  # the database is not there, or busy: no payload's fault
        raise
    except Exception as error:
        if len(groups) == 1:
            log.exception("facts cannot be taken in", source=source.pk)
            groups[0].error = f"The record refuses this: {said(error)}"
            return
        middle = len(groups) // 2
        take_in(source, groups[:middle], now=now)
        take_in(source, groups[middle:], now=now)
        return
    _refuse(groups, dict(taken.refused))
    doors.forget_undated(source, {fact.order_id for fact in facts if isinstance(fact, RefundFact) and fact.dated})


def _refuse(groups: Iterable[Group], refused: dict[str, str]) -> None:
    for group in groups if refused else ():
        named: list[Any] = [getattr(fact, "external_id", "") for fact in group.facts]
        group.error = next((f"{key}: {refused[key]}" for key in named if key in refused), group.error)


def gone(facts: Iterable[Fact]) -> list[str]:
    """Ids of customers whom the shop erased."""
    return [fact.who.shop_id for fact in facts if isinstance(fact, CustomerFact) and fact.gone and fact.who.shop_id]
