"""Rows of many requests in one transaction: each request waits until its own row is committed.

One thread of a process writes. What arrives while it writes waits for the next statement, so the cost of a commit is
shared by all who wait for it: the busier, the better shared. A process killed at any point has acknowledged only what
was committed.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from stammkunde.server.lib.models import Job
from stammkunde.server.lib.work import enqueue
from stammkunde.server.shop.actions.doors import DELIVERIES
from stammkunde.server.shop.models import Delivery

log = structlog.get_logger("stammkunde.collector")

COLUMNS = (
    "source_id", "topic", "key", "digest", "entity", "body", "headers", "received_at", "state", "attempts", "error",
)  # fmt: skip
MOST = 200  # rows of one statement
PATIENCE = 12.0  # seconds a request waits: clients give up after 10 or 15, and send the same events again
LOCKED = 11.0  # seconds somebody else may hold the database
GAP = 0.002  # seconds between two tries to get it: SQLite itself would sleep for up to a tenth of a second
TOLD = 1.0  # seconds between two requests for a job
DELAY = timedelta(seconds=1)  # what arrives within it is understood as one set

Row = Sequence[Any]
Result = TypeVar("Result")


class NotStoredError(Exception):
    """The row is not, or not surely, in the database."""


@dataclass
class Waiting:
    """A row and the request that waits for it."""

    row: Row
    settled: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None


class Writer:
    """Writes rows of deliveries, and asks for the job that understands them."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._due: set[int] = set()
        self._told = 0.0

    def store(self, row: Row) -> None:
        """Return when the row is committed; a row that was there before is the same row.

        Raises
        ------
        NotStoredError : the database did not take it in time.
        """
        if connection.in_atomic_block:  # the caller's transaction is the one that counts
            write([row])
            self._due.add(row[0])
            self._ask()
            return
        self._begin()
        waiting = Waiting(row)
        self._queue.put(waiting)
        if not waiting.settled.wait(PATIENCE):
            raise NotStoredError("The database is busy.")
        if waiting.error is not None:
            raise NotStoredError(str(waiting.error)) from waiting.error

    def stop(self) -> None:
        """Write what waits, then end the thread; the next row begins another."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._queue.put(None)
        if thread is not None:
            thread.join()

    def _begin(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="collector", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        going = True
        while going:
            try:
                found = [self._queue.get(timeout=TOLD if self._due else None)]
                while len(found) < MOST and not self._queue.empty():
                    found.append(self._queue.get_nowait())
            except queue.Empty:
                found = []
            going = None not in found
            self._write([waiting for waiting in found if waiting is not None])
            if self._due and time.monotonic() - self._told >= TOLD:
                self._ask()
        connection.close()

    def _write(self, waiting: list[Waiting]) -> None:
        if not waiting:
            return
        try:
            patiently(partial(write, [each.row for each in waiting]))
            self._due |= {each.row[0] for each in waiting}
        except Exception as error:
            log.exception("deliveries not stored", rows=len(waiting))
            for each in waiting:
                each.error = error
        for each in waiting:
            each.settled.set()

    def _ask(self) -> None:
        """Ask for the job of each source that heard something; again later where one is running, about to end."""
        self._told = time.monotonic()
        for source in list(self._due):
            try:
                waits = self._waits(source) if connection.in_atomic_block else patiently(partial(self._waits, source))
            except DatabaseError:
                log.warning("no job asked for; the next minute's round will find the rows", source=source)
                continue
            if waits:
                self._due.discard(source)

    def _waits(self, source: int) -> bool:
        """Whether a job waits, now at the latest; in a burst it mostly does, and to look costs less than to try."""
        key, now = str(source), self.clock()
        if Job.objects.filter(kind=DELIVERIES, key=key, state=Job.State.WAITING).exists():
            return True
        job = enqueue(DELIVERIES, {"source": source}, key=key, now=now, due_at=now + DELAY)
        return job.state == Job.State.WAITING


def patiently(write_rows: Callable[[], Result]) -> Result:
    """Try again while somebody else holds SQLite, and once with a new connection where the old one broke."""
    until, broken = time.monotonic() + LOCKED, False
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 0")
    while True:
        try:
            return write_rows()
        except (OperationalError, InterfaceError) as error:
            if "locked" not in str(error):
                if broken:
                    raise
                broken = True
                connection.close()
            elif time.monotonic() > until:
                raise
            time.sleep(GAP)


def write(rows: Sequence[Row]) -> None:
    """Rows in one statement, which is one transaction where none was begun."""
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    blanks = ", ".join([f"({', '.join(['%s'] * len(COLUMNS))})"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Delivery._meta.db_table} ({names}) VALUES {blanks} "
            'ON CONFLICT ("source_id", "key", "digest") DO NOTHING',
            [value for row in rows for value in row],
        )


writer = Writer()
