"""Letters handed over: each thread has a session of its own, and takes one letter after another.

A letter is marked, handed over and settled by itself, never with others: what goes wrong with one is about that one.
The ledger knows of every moment what may have left: before a letter is marked nothing has, after it is settled all is
known.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

import structlog
from django.db import connection

from stammkunde.server.lib.logs import veiled
from stammkunde.server.mail.models import Send, Sender
from stammkunde.server.mail.sending.breaker import Trouble
from stammkunde.server.mail.sending.points import crossing
from stammkunde.server.mail.sending.settling import Settled, backoff, settle_and_mark, settled
from stammkunde.server.mail.sending.transports import open_session
from stammkunde.server.mail.sending.transports.base import (
    ConfigurationError,
    Outcome,
    ProviderError,
    Receipt,
    Session,
)
from stammkunde.server.mail.sending.transports.smtp import ANSWER, TIMEOUT

log = structlog.get_logger("stammkunde.mail")

IN_A_ROW = 10  # messages refused for what they say, one after another: then it is about us


@dataclass(frozen=True)
class Letter:
    """A message as it leaves, from where what cannot be delivered comes back to."""

    send: Send
    return_path: str
    to: str
    message: bytes


@dataclass
class Done:
    """What became of a set: messages sent, those not begun, and what stopped it."""

    sent: list[Send] = field(default_factory=list)
    left: list[Send] = field(default_factory=list)
    handed: int = 0
    trouble: Trouble | None = None


class Crew:
    """Threads with a session each, kept from one set of letters to the next. Use it in a `with` statement."""

    def __init__(
        self,
        sender: Sender,
        worker: str,
        *,
        clock: Callable[[], datetime],
        opening: Callable[[Sender], Session] = open_session,
    ) -> None:
        self.sender, self.worker, self.clock, self.opening = sender, worker, clock, opening
        self.size = max(sender.connections, 1)
        self.patience = _patience(sender)
        self._own = threading.local()
        self._sessions: list[Session] = []
        self._pool = ThreadPoolExecutor(self.size, "mail") if self.size > 1 else None
        self._lock = threading.Lock()
        self._refused = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            all_there = threading.Barrier(self.size)  # so that each thread gets one of them
            closing = [self._pool.submit(_close_connection, all_there) for _ in range(self.size)]
            for each in closing:
                each.result()
            self._pool.shutdown()
        for session in self._sessions:
            session.close()

    def hand_over(self, letters: Iterable[Letter], *, stop: Callable[[], bool] = lambda: False) -> Done:
        """Hand over what there is, in its order; returns when all is settled. With one connection it does so itself."""
        queue, done = deque(letters), Done()
        if self._pool is None:
            self._take(queue, done, stop)
        else:
            tasks = [self._pool.submit(self._take, queue, done, stop) for _ in range(min(self.size, len(queue)))]
            for each in tasks:
                each.result()
        done.left += [each.send for each in queue]
        return done

    def _take(self, queue: "deque[Letter]", done: Done, stop: Callable[[], bool]) -> None:
        """One thread: the statement that settles a letter marks the next."""
        last: Settled | None = None
        while not stop() and done.trouble is None:
            letter = _next(queue)
            mine = self._mark(last, letter)
            last = None
            if letter is None:
                return
            if not mine:  # somebody took it from us, thinking that we were gone
                continue
            last = self._hand(letter, done)
            crossing("handed")
        self._mark(last, None)

    def _mark(self, last: Settled | None, letter: Letter | None) -> bool:
        if last is None and letter is None:
            return False
        now = self.clock()
        send_id = letter.send.pk if letter else None
        mine = settle_and_mark(last, send_id, worker=self.worker, now=now, until=now + self.patience)
        crossing("marked" if mine else "settled")
        return mine

    def _hand(self, letter: Letter, done: Done) -> Settled:
        try:
            session = self._session()
            receipt = session.send(letter.return_path, letter.to, letter.message)
        except ProviderError as error:
            return self._stopped(letter, done, Trouble("provider", veiled(str(error))))
        except ConfigurationError as error:
            return self._stopped(letter, done, Trouble("configuration", veiled(str(error))))
        self._note(letter, receipt, done)
        return settled(letter.send, receipt, provider=session.provider, now=self.clock())

    def _stopped(self, letter: Letter, done: Done, trouble: Trouble) -> Settled:
        """It was not taken, and no other would be: it waits with the others. One that it keeps happening to waits
        longer each time, so that it cannot stand in the way of the others for ever."""
        done.trouble = done.trouble or trouble
        receipt = Receipt(Outcome.LATER, trouble.why, trouble.kind)
        return Settled(letter.send.pk, Send.State.WAITING, receipt, "", self.clock() + _after(letter.send))

    def _note(self, letter: Letter, receipt: Receipt, done: Done) -> None:
        with self._lock:
            done.handed += 1
            self._refused = self._refused + 1 if receipt.reason == "content" else 0
            if receipt.outcome == Outcome.SENT:
                done.sent.append(letter.send)
            if self._refused >= IN_A_ROW:
                done.trouble = done.trouble or Trouble("configuration", veiled(receipt.response))

    def _session(self) -> Session:
        session: Session | None = getattr(self._own, "session", None)
        if session is None:
            session = self.opening(self.sender)
            self._own.session = session
            with self._lock:
                self._sessions.append(session)
        return session


def _next(queue: "deque[Letter]") -> Letter | None:
    try:
        return queue.popleft()
    except IndexError:
        return None


def _after(send: Send) -> timedelta:
    return timedelta(0) if send.attempts < 2 else backoff(send.attempts - 1)


def _patience(sender: Sender) -> timedelta:
    """How long a message may be in hand: every answer as late as it may be, and some more."""
    answer = float(sender.options.get("answer_timeout") or ANSWER)
    timeout = float(sender.options.get("timeout") or TIMEOUT)
    return timedelta(seconds=answer + 6 * timeout + 30)


def _close_connection(all_there: threading.Barrier) -> None:
    all_there.wait()
    connection.close()
