"""Who moves: lot by lot, first whoever is to leave leaves, the rest take the step they stand on."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial

import structlog
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from stammkunde.server.journeys.definitions.language import END, Definition, Fits
from stammkunde.server.journeys.definitions.reading import read
from stammkunde.server.journeys.definitions.values import DefinitionError
from stammkunde.server.journeys.models import Enrolment, JourneyVersion
from stammkunde.server.journeys.running import lots
from stammkunde.server.journeys.running.asking import Asker
from stammkunde.server.journeys.running.lots import LEFT, STUCK, Lot, settle, take
from stammkunde.server.journeys.running.moments import later, stamp
from stammkunde.server.journeys.running.words import happened
from stammkunde.server.journeys.steps.base import Step
from stammkunde.server.lib.work import LostLeaseError
from stammkunde.server.segments.rules.compiling import Sql

log = structlog.get_logger("stammkunde.journeys")
MOST_ROUNDS = 200  # of one tick: no journey has as many steps that take no time
Beat = Callable[[], None]


@dataclass(frozen=True)
class Line:
    """Enrolments of a version that stand on one step and are due."""

    version: JourneyVersion
    definition: Definition
    step: str


@dataclass
class Faults:
    """What went wrong with one journey does not hold up the others: it is logged, kept, and raised at the end."""

    found: list[Exception] = field(default_factory=list)

    def apart(self, work: Callable[[], int], **about: object) -> int:
        """Do it; 0 where it failed. Who has lost the lease of the job stops at once."""
        try:
            return work()
        except LostLeaseError:
            raise
        except Exception as error:
            log.exception("a journey cannot go on", **about)
            self.found.append(error)
            return 0

    def raised(self) -> None:
        """Raise the first, so that the job that did this is shown as failed."""
        if self.found:
            raise self.found[0]


def advance(now: datetime, beat: Beat = lambda: None, faults: Faults | None = None) -> int:
    """Take steps until nobody is due. Returns how many were taken."""
    count, kept = 0, faults or Faults()
    for _ in range(MOST_ROUNDS):
        taken = 0
        for line in due(now):
            taken += kept.apart(partial(advance_line, line, now, beat), version=line.version.pk, step=line.step)
        count += taken
        if not taken:
            break
    if faults is None:
        kept.raised()
    return count


def due(now: datetime) -> Iterator[Line]:
    """Where people are due, of journeys that are not off."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT n.version_id, n.step FROM journeys_enrolment n JOIN journeys_journey j ON j.id = n.journey_id
                WHERE n.state = 'active' AND n.due_at <= %s AND j.state <> 'off' GROUP BY n.version_id, n.step
                ORDER BY n.version_id, n.step""",
            [stamp(now)],
        )
        rows = cursor.fetchall()
    versions = JourneyVersion.objects.select_related("journey").in_bulk({row[0] for row in rows})
    read_once = {pk: readable(version) for pk, version in versions.items()}
    for pk, step in rows:
        definition = read_once[pk]
        if definition is not None:
            yield Line(versions[pk], definition, step)


def readable(version: JourneyVersion) -> Definition | None:
    """Its definition; None, and a line in the log, where this process cannot read it: the others go on."""
    try:
        return _once(json.dumps(version.definition))
    except DefinitionError as error:
        log.warning("a journey cannot be read", version=version.pk, path=error.path, error=error.message)
        return None


@lru_cache(maxsize=256)  # by what it says: journeys are many times as long read as they are looked up
def _once(text: str) -> Definition:
    return read(json.loads(text))


def advance_line(line: Line, now: datetime, beat: Beat = lambda: None) -> int:
    """Everybody of a line, lot by lot. Returns how many steps were taken."""
    count = 0
    while True:
        beat()
        taken, moved = _lot(line, now)
        count += moved
        if taken < lots.SIZE or not moved:
            return count


@transaction.atomic
def _lot(line: Line, now: datetime) -> tuple[int, int]:
    """One lot: how many were taken, how many moved."""
    where = Sql(f"n.version_id = {line.version.pk} AND n.step = %s AND n.due_at <= %s", (line.step, stamp(now)))
    taken = take(where, line.definition, now=now)
    if not taken:
        return 0, 0
    lot = Lot(line.version, line.definition, line.step, now)
    leave(lot)
    step = line.definition.step(line.step)
    if isinstance(step, Step):
        step.run(lot)
    else:
        lot.end(STUCK, "no such step")
    return taken, settle(now)


def leave(lot: Lot) -> None:
    """End the way of those of the lot of whom the goal or an exit holds."""
    for word in lot.definition.words():
        lot.end(LEFT, "goal" if word == lot.definition.goal else word, where=happened(word, now=lot.now))
    for each in lot.definition.exits:
        if isinstance(each, Fits):
            lot.end(LEFT, "rule", where=lot.asker.rule(each.rule))


# --- those who wait ---------------------------------------------------------------------------------------------------


def sweep(now: datetime, *, everybody: bool, beat: Beat = lambda: None, faults: Faults | None = None) -> int:
    """Let those leave at once, in the midst of a wait, of whom the goal or an exit holds: everybody, or those of whom
    something came in. Returns how many left."""
    somebody = Exists(Enrolment.objects.filter(version=OuterRef("pk"), state=Enrolment.State.ACTIVE))
    versions = JourneyVersion.objects.exclude(journey__state="off").filter(somebody)
    only = "" if everybody else " AND n.customer_id IN (SELECT h.customer_id FROM shop_changed h)"
    count = 0
    kept = faults or Faults()
    for version in versions.select_related("journey").order_by("pk"):
        definition = readable(version)
        if definition is not None:
            line = Line(version, definition, END)
            count += kept.apart(partial(_swept, line, now, only, beat), version=version.pk)
    if faults is None:
        kept.raised()
    return count


def _swept(line: Line, now: datetime, only: str, beat: Beat) -> int:
    """Everybody of a version who is to leave."""
    count = 0
    for condition in _endings(line.definition, now):
        taken = lots.SIZE
        while taken >= lots.SIZE:
            beat()
            taken = _left(line, condition, now, only)
            count += taken
    return count


def _endings(definition: Definition, now: datetime) -> Iterator[Sql]:
    """What ends it, on the row of an enrolment `n`, where `n.since` is not there yet."""
    silence = definition.trigger.silence.seconds
    since = later("n.entered_at", -silence) if silence else "n.entered_at"
    for word in definition.words():
        found = happened(word, now=now)
        yield Sql(found.text.replace("n.since", since), found.values)
    for each in definition.exits:
        if isinstance(each, Fits):
            yield Asker(now).rule(each.rule)


@transaction.atomic
def _left(line: Line, ending: Sql, now: datetime, only: str) -> int:
    where = Sql(f"n.version_id = {line.version.pk}{only} AND {ending.text}", ending.values)
    if not take(where, line.definition, now=now, order="n.id"):
        return 0
    leave(Lot(line.version, line.definition, line.step, now))
    return settle(now)
