"""Due work: rooms register tasks, anybody enqueues rows, workers claim them by conditional update and settle them.

A worker holds a lease. One that dies leaves a row whose lease runs out; the next claim takes it over, and what the dead
one still writes is refused, since each claim counts an attempt. A task must therefore be safe to begin again.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import IntegrityError, close_old_connections, connection, transaction

from stammkunde.errors import StammkundeError
from stammkunde.server.lib.models import Job

log = structlog.get_logger("stammkunde.work")

IDLE = 0.5  # seconds between looks at the table when nothing is due
QUIET = 0.5  # seconds between two notes of progress in the row
BACKOFF = (timedelta(seconds=10), timedelta(minutes=2), timedelta(minutes=15))


class LostLeaseError(Exception):
    """Another worker has taken this job over, since its lease had run out."""


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
            tonight = local.replace(hour=self.nightly, minute=0, second=0, microsecond=0)
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
    _told: float = field(default=0.0, repr=False)

    @property
    def payload(self) -> dict[str, Any]:
        found: dict[str, Any] = self.job.payload
        return found

    def progress(self, doing: str, done: int | None = None, total: int | None = None, *, force: bool = False) -> None:
        """Note how far it is, and hold the lease. Cheap enough to call in every block of rows.

        Raises
        ------
        LostLeaseError : another worker has the job now; stop.
        """
        if not force and time.monotonic() - self._told < QUIET and doing == self.job.doing:
            return
        self.job.doing, self.job.total = doing[:200], total if total is not None else self.job.total
        self.job.done = done if done is not None else self.job.done
        self._settle(doing=self.job.doing, done=self.job.done, total=self.job.total)
        self._told = time.monotonic()

    def _settle(self, **values: Any) -> None:
        mine = Job.objects.filter(pk=self.job.pk, attempts=self.job.attempts, state=Job.State.RUNNING)
        if not mine.update(**{"lease_until": self.clock() + self.lease, **values}):
            raise LostLeaseError(str(self.job))

    def finish(self) -> None:
        self._settle(state=Job.State.DONE, finished_at=self.clock(), lease_until=None, error="", doing="")

    def fail(self, error: BaseException, *, tries: int) -> None:
        """Give up, or try again later. What the user can mend is not tried again."""
        now, left = self.clock(), tries - self.job.attempts
        if left <= 0 or isinstance(error, StammkundeError):
            self._settle(state=Job.State.FAILED, error=str(error)[:4000], finished_at=now, lease_until=None)
            return
        wait = BACKOFF[min(self.job.attempts, len(BACKOFF)) - 1]
        self._settle(state=Job.State.WAITING, error=str(error)[:4000], due_at=now + wait, lease_until=None)


def claim(worker: str, *, now: datetime, most: int = 1) -> list[Job]:
    """Take due jobs, and those whose worker has fallen silent. One statement: no two workers get the same row."""
    lock = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    lease = now + min((t.lease for t in TASKS.values()), default=timedelta(minutes=2))
    sql = f"""
        UPDATE lib_job SET state = 'running', worker = %s, lease_until = %s, attempts = attempts + 1 WHERE id IN (
            SELECT id FROM lib_job
            WHERE (state = 'waiting' AND due_at <= %s) OR (state = 'running' AND lease_until < %s)
            ORDER BY due_at, id LIMIT %s {lock}
        ) RETURNING id
    """  # noqa: S608  nothing of a user is in it
    with connection.cursor() as cursor:
        cursor.execute(sql, [worker, lease, now, now, most])
        ids = [row[0] for row in cursor.fetchall()]
    return list(Job.objects.filter(pk__in=ids).order_by("due_at", "pk"))


def run(job: Job, *, now: datetime) -> None:
    """Do a claimed job and settle it; an error is kept in its row and logged, never lost."""
    found = TASKS.get(job.kind)
    running = Running(job, found.lease if found else timedelta(minutes=1), now)
    structlog.contextvars.bind_contextvars(job=job.pk, kind=job.kind)
    try:
        if found is None:
            raise StammkundeError(f"No task is named {job.kind!r}.")
        running.progress(job.doing, force=True)  # the lease of this kind
        found.function(running)
        running.finish()
        log.info("job done")
    except LostLeaseError:
        log.warning("job taken over by another worker")
    except Exception as error:
        log.exception("job failed", attempt=job.attempts)
        try:
            running.fail(error, tries=found.tries if found else 1)
        except LostLeaseError:
            log.warning("job taken over by another worker")
    finally:
        structlog.contextvars.unbind_contextvars("job", "kind")


def schedule(*, now: datetime) -> None:
    """See to it that every task that runs by itself has its next job waiting."""
    for each in TASKS.values():
        due_at = each.next_run(now)
        if due_at is not None:
            enqueue(each.kind, now=now, key="by itself", due_at=due_at)


def work(stop: threading.Event, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Claim and run until told to stop; a job that has begun is finished first."""
    worker, looked = f"{socket.gethostname()}:{os.getpid()}:{threading.get_native_id()}", 0.0
    while not stop.is_set():
        close_old_connections()
        try:
            if time.monotonic() - looked > 30 or not looked:
                schedule(now=clock())
                looked = time.monotonic()
            jobs = claim(worker, now=clock())
        except Exception:
            log.exception("the table of work cannot be read")
            stop.wait(5)
            continue
        for job in jobs:
            run(job, now=clock())
        if not jobs:
            stop.wait(IDLE)


def run_due(*, now: datetime, most: int = 1000) -> int:
    """Do everything that is due, in this thread: for tests and for commands that wait. Returns how many jobs."""
    count = 0
    while count < most and (jobs := claim(f"here:{os.getpid()}", now=now)):
        for job in jobs:
            run(job, now=now)
        count += len(jobs)
    return count
