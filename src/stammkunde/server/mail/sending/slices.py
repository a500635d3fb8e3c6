"""A slice of sending: claim, check, write, hand over, again and again, for some seconds; then others have a turn."""

import secrets
import time
from collections.abc import Callable
from datetime import datetime

from stammkunde.server.consent.actions import recording
from stammkunde.server.consent.purposes import Purpose
from stammkunde.server.mail.attention.choosing import release
from stammkunde.server.mail.models import Send, Sender
from stammkunde.server.mail.sending import bases, breaker, claiming, settling, telling
from stammkunde.server.mail.sending.handing import Crew, Done
from stammkunde.server.mail.sending.points import crossing
from stammkunde.server.mail.sending.preparing import Composing, prepare
from stammkunde.server.mail.sending.transports import open_session
from stammkunde.server.mail.sending.transports.base import Session

FIRST, LARGEST = 64, 1000  # rows of a claim, before and after its pace is known
AHEAD = 10.0  # seconds of work that a claim may hold: far less than its lease
Clock = Callable[[], datetime]


def send_due(
    *,
    worker: str,
    clock: Clock,
    seconds: float,
    composing: Composing,
    beat: Callable[[int], None] = lambda _handed: None,
    opening: Callable[[Sender], Session] = open_session,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[int, bool]:
    """Send what is due for some seconds. Returns how many were handed over, and whether more is due and could leave.

    `beat` is told how many were handed over, between two claims; it may raise to have it end. `stop` is asked before
    each message; once it says so, what was claimed waits again.
    """
    sender, ends = Sender.now(), time.monotonic() + seconds
    # A claim is known by a name of its own: what a sweep took from this worker and gave it again is another claim.
    name = f"{worker[:60]}#{secrets.token_hex(6)}"
    handed, size = 0, FIRST
    with Crew(sender, name, clock=clock, opening=opening) as crew:
        while time.monotonic() < ends and not stop():
            if not breaker.open_for(sender, now=clock()):
                return handed, False
            began = time.monotonic()
            rows = claiming.claim(name, sender=sender, now=clock(), most=size)
            if not rows:
                return handed, False
            done = _one_set(rows, crew, composing, clock, stop)
            handed += done.handed
            if done.trouble is not None:
                breaker.trip(sender, done.trouble, now=clock())
                return handed, False
            beat(handed)
            size = _next_size(len(rows), time.monotonic() - began, ends - time.monotonic())
            crew.sender = sender = Sender.now()
    return handed, claiming.due(now=clock())


def _one_set(rows: list[Send], crew: Crew, composing: Composing, clock: Clock, stop: Callable[[], bool]) -> Done:
    """Rows from their claim to their end. Whatever happens, what was not begun waits again at once."""
    done, worker = Done(), crew.worker
    try:
        prepared = prepare(rows, sender=crew.sender, composing=composing, now=clock())
        settling.stop(prepared.stopped, worker=worker, now=clock())
        crossing("checked")
        settling.prepare([each.send for each in prepared.letters], worker=worker)
        crossing("rendered")
        done = crew.hand_over(prepared.letters, stop=stop)
        return done
    finally:
        _put_back(rows, done, worker)
        _after(done.sent, crew.sender, clock())
        telling.ended([each.pk for each in rows], now=clock())


def _put_back(rows: list[Send], done: Done, worker: str) -> None:
    """Rows that are still only claimed: the provider failed, or something broke before they were handed over."""
    if done.left or not done.handed:
        claiming.give_back([each.pk for each in rows], worker)
        release(each.pk for each in rows if each.marketing and each not in done.sent)


def _after(sent: list[Send], sender: Sender, now: datetime) -> None:
    """What is noted of messages that left: consents that were used, requests that were answered."""
    if not sent:
        return
    breaker.recovered(sender)
    recording.used([pair for each in sent for pair in bases.used(each)], now=now)
    answered = [
        (each.customer_id, each.address.strip().lower(), bases.answers(each))
        for each in sent
        if each.message.purpose == Purpose.REQUESTED and each.customer_id is not None
    ]
    if answered:
        recording.given(answered, now=now)


def _next_size(count: int, took: float, left: float) -> int:
    """As many as are handed over in a few seconds: a slow server must not make a claim outlive its lease, nor a slice
    its time."""
    return max(8, min(LARGEST, int(count / max(took, 0.01) * min(AHEAD, max(left, 0.0)))))
