"""Due work: rooms register tasks, anybody enqueues rows, workers claim them by conditional update and settle them.

A worker holds a lease. One that dies leaves a row whose lease runs out; the next claim takes it over, and what the dead
one still writes is refused, since the row names worker and attempt. A task must therefore be safe to begin again.
"""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.db.models import F

from stammkunde.errors import StammkundeError
from stammkunde.server.lib.logs import veiled
from stammkunde.server.lib.models import Job

log = structlog.get_logger("stammkunde.work")

IDLE = 0.5  # seconds between looks at the table when nothing is due
QUIET = 0.5  # seconds between two notes of progress in the row
LOOK = 30  # seconds between looks at what is to run by itself
BY_ITSELF = "by itself"  # the key of such jobs
BACKOFF = (timedelta(seconds=10), timedelta(minutes=2), timedelta(minutes=15))


class LostLeaseError(Exception):
    """Another worker has taken this job over, since its lease had run out."""


class HandedBackError(LostLeaseError):
    """This process is to stop and the job goes back to the queue. A task leaves it alone, as it does its parent."""


@dataclass(frozen=True)
class Task:
    """What a kind of job runs, how often it may be tried, how long one may be silent, and when it runs by itself."""

    kind: str
    function: "Callable[[Running], None]"
    tries: int
    lease: timedelta
    every: timedelta | None = None
    nightly: int | None = None

    def next_run(self, now: datetime) -> datetime | None:
        """When it is due by itself: after an interval, or at an hour of the shop's night."""
        if self.nightly is not None:
            local = now.astimezone(ZoneInfo(settings.SHOP_ZONE))
            tonight = local.replace(hour=self.nightly, minute=0, second=0, microsecond=0, fold=0)
            return (tonight if tonight > local else tonight + timedelta(days=1)).astimezone(UTC)
        return now + self.every if self.every is not None else None


TASKS: dict[str, Task] = {}


def task(
    kind: str,
    *,
    tries: int = 3,
    lease: timedelta = timedelta(minutes=2),
    every: timedelta | None = None,
    nightly: int | None = None,
) -> "Callable[[Callable[[Running], None]], Callable[[Running], None]]":
    """Register a function as the task of a kind of job; `every` or `nightly` (hour, shop's zone) lets it run by itself.

    Modules named `tasks` of all rooms are imported when Django starts.
    """

    def register(function: "Callable[[Running], None]") -> "Callable[[Running], None]":
        TASKS[kind] = Task(kind, function, tries, lease, every, nightly)
        return function

    return register


def enqueue(
    kind: str, payload: Mapping[str, Any] | None = None, *, now: datetime, key: str = "", due_at: datetime | None = None
) -> Job:
    """Ask for work; with a key, the waiting or running job of that key is returned instead of a second one."""
    try:
        with transaction.atomic():
            return Job.objects.create(
                kind=kind, key=key, payload=dict(payload or {}), due_at=due_at or now, created_at=now
            )
    except IntegrityError:
        found = Job.objects.filter(kind=kind, key=key, state__in=[Job.State.WAITING, Job.State.RUNNING]).first()
        return found or enqueue(kind, payload, now=now, key=key, due_at=due_at)  # it ended this very moment


@dataclass
class Running:
    """A claimed job in the hands of its task."""

    job: Job
    lease: timedelta
    now: datetime
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    hurry: threading.Event = field(default_factory=threading.Event)
    _told: float = field(default=0.0, repr=False)

    @property
    def payload(self) -> dict[str, Any]:
        """What was handed to `enqueue`."""
        found: dict[str, Any] = self.job.payload
        return found

    def progress(self, doing: str, done: int | None = None, total: int | None = None, *, force: bool = False) -> None:
        """Note how far it is, and hold the lease. Cheap enough to call in every block of rows.

        Raises
        ------
        LostLeaseError : another worker has the job now, or will have it soon; stop.
        """
        if self.hurry.is_set():
            raise HandedBackError(str(self.job))
        if not force and time.monotonic() - self._told < QUIET and doing == self.job.doing:
            return
        self.job.doing, self.job.total = doing[:200], total if total is not None else self.job.total
        self.job.done = done if done is not None else self.job.done
        self._settle(doing=self.job.doing, done=self.job.done, total=self.job.total)
        self._told = time.monotonic()

    def _settle(self, **values: Any) -> None:
        mine = Job.objects.filter(
            pk=self.job.pk, worker=self.job.worker, attempts=self.job.attempts, state=Job.State.RUNNING
        )
        if not mine.update(**{"lease_until": self.clock() + self.lease, **values}):
            raise LostLeaseError(str(self.job))

    def finish(self) -> None:
        """Settle it as done."""
        self._settle(state=Job.State.DONE, finished_at=self.clock(), lease_until=None, error="", doing="")

    def fail(self, error: BaseException, *, tries: int) -> None:
        """Give up, or try again later. What the user can mend is not tried again."""
        now, left, told = self.clock(), tries - self.job.attempts, said(error)
        if left <= 0 or isinstance(error, StammkundeError):
            self._settle(state=Job.State.FAILED, error=told, finished_at=now, lease_until=None)
            return
        wait = BACKOFF[max(min(self.job.attempts, len(BACKOFF)) - 1, 0)]
        self._settle(state=Job.State.WAITING, error=told, due_at=now + wait, lease_until=None)

    def hand_back(self) -> None:
        """Let another worker begin it again, as if this one had never had it."""
        self._settle(state=Job.State.WAITING, attempts=self.job.attempts - 1, due_at=self.clock(), lease_until=None)


def said(error: BaseException) -> str:
    """What is kept of an error in its row: advice as it is, a fault with its kind, no secrets."""
    text = str(error) if isinstance(error, StammkundeError) else f"{type(error).__name__}: {error}"
    return veiled(text)[:4000].replace("\0", "")


def claim(worker: str, *, now: datetime, most: int = 1) -> list[Job]:
    """Take due jobs of known kinds, and those whose worker has fallen silent.

    One statement: no two workers get the same row. A kind this process does not know waits for one that does.
    """
    if not TASKS:
        return []
    lock = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    lease = now + min(each.lease for each in TASKS.values())
    kinds = ", ".join(["%s"] * len(TASKS))
    sql = f"""
        WITH due AS (
            SELECT id FROM lib_job
            WHERE ((state = 'waiting' AND due_at <= %s) OR (state = 'running' AND lease_until < %s))
                AND kind IN ({kinds})
            ORDER BY due_at, id LIMIT %s {lock}
        )
        UPDATE lib_job SET state = 'running', worker = %s, lease_until = %s, attempts = attempts + 1
        WHERE id IN (SELECT id FROM due) RETURNING id
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [now, now, *TASKS, most, worker, lease])
        ids = [row[0] for row in cursor.fetchall()]
    return list(Job.objects.filter(pk__in=ids).order_by("due_at", "pk"))


def give_back(worker: str, *, now: datetime, tried: bool = True) -> int:
    """Make the jobs of a worker that is known to be gone due at once, without waiting for their leases.

    It counts as an attempt, unless the worker was told to go.
    """
    left = Job.objects.filter(worker=worker, state=Job.State.RUNNING)
    attempts = F("attempts") if tried else F("attempts") - 1
    return left.update(state=Job.State.WAITING, due_at=now, lease_until=None, attempts=attempts)


def bury(*, now: datetime) -> int:
    """Make jobs due at once whose workers' parent is gone from this machine: it was killed, or the power went.

    Called by a process that has no workers yet, so one of its own number is another's, of an earlier container.
    A worker that outlives its parent for a moment is refused what it still writes, as with a lease that ran out.
    """
    running = Job.objects.filter(state=Job.State.RUNNING).values_list("worker", flat=True).distinct()
    here = f"{_machine()}:"
    gone = [name for name in running if name.startswith(here) and _gone(name.removeprefix(here))]
    return sum(give_back(name, now=now) for name in gone)


def _gone(rest: str) -> bool:
    number = int(rest.partition(":")[0])
    if number == os.getpid():
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # somebody else's, so there
        return False
    return False


def run(job: Job, *, now: datetime, hurry: threading.Event | None = None) -> None:
    """Do a claimed job and settle it; an error is kept in its row and logged, never lost."""
    found = TASKS[job.kind]
    running = Running(job, found.lease, now, hurry=hurry or threading.Event())
    with structlog.contextvars.bound_contextvars(job=job.pk, kind=job.kind):
        try:
            _do(found, running)
        except HandedBackError:
            running.hand_back()
            log.info("job handed back")
        except LostLeaseError:
            log.warning("job taken over by another worker")
        except StammkundeError as error:
            log.warning("job failed", attempt=job.attempts, error=said(error))
            _failed(running, error, tries=found.tries)
        except Exception as error:
            log.exception("job failed", attempt=job.attempts)
            _failed(running, error, tries=found.tries)


def _do(found: Task, running: Running) -> None:
    if running.job.attempts > found.tries:  # it ends its workers, each time
        times = running.job.attempts - 1
        raise StammkundeError(f"The worker fell silent or ended {times} times at this.", advice="Read its log.")
    running.progress(running.job.doing, force=True)  # the lease of this kind
    found.function(running)
    running.finish()
    log.info("job done")


def _failed(running: Running, error: Exception, *, tries: int) -> None:
    try:
        running.fail(error, tries=tries)
    except LostLeaseError:
        log.warning("job taken over by another worker")


def schedule(*, now: datetime) -> None:
    """See to it that every task that runs by itself has its next job waiting, no later than it should."""
    open_states = (Job.State.WAITING, Job.State.RUNNING)
    there = {job.kind: job for job in Job.objects.filter(key=BY_ITSELF, state__in=open_states)}
    for each in TASKS.values():
        due_at = each.next_run(now)
        if due_at is None:
            continue
        waiting = there.get(each.kind)
        if waiting is None:
            enqueue(each.kind, now=now, key=BY_ITSELF, due_at=due_at)
        elif waiting.due_at > due_at:  # it was to run less often when this was put down
            Job.objects.filter(pk=waiting.pk, state=Job.State.WAITING).update(due_at=due_at)


def name_of_worker() -> str:
    """A name no other worker has, ever: machine, process, and chance."""
    return f"{_machine()}:{os.getpid()}:{secrets.token_hex(4)}"


def _machine() -> str:
    """This machine since it was started: numbers of processes mean the same ones only here and until then."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return f"{socket.gethostname()[:50]}:{boot.read_text()[:8] if boot.exists() else '-'}"


def work(
    stop: threading.Event,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    name: str = "",
    hurry: threading.Event | None = None,
) -> None:
    """Claim and run until told to stop; a job that has begun is finished first, or handed back when `hurry` is set."""
    worker, looked = name or name_of_worker(), 0.0
    while not stop.is_set():
        close_old_connections()
        try:
            if time.monotonic() - looked > LOOK or not looked:
                schedule(now=clock())
                looked = time.monotonic()
            jobs = claim(worker, now=clock())
            for job in jobs:
                run(job, now=clock(), hurry=hurry)
        except Exception:
            log.exception("the table of work cannot be read or written")
            stop.wait(5)
            continue
        if not jobs:
            stop.wait(IDLE)


def run_due(*, now: datetime, most: int = 1000) -> int:
    """Do everything that is due, in this thread: for tests and for commands that wait. Returns how many jobs."""
    count, worker = 0, name_of_worker()
    while count < most and (jobs := claim(worker, now=now)):
        for job in jobs:
            run(job, now=now)
        count += len(jobs)
    return count
