"""A worker as it runs in a shop, with a point in it at which it is to die."""

import os
import signal
import sys
import threading
from datetime import timedelta

from django.db import connection, connections
from django.utils import timezone

from stammkunde.server.lib.work import bury, enqueue, work
from stammkunde.server.mail.actions.planning import SENDING
from stammkunde.server.mail.sending import claiming, points, settling
from stammkunde.server.mail.sending.letters import Letters
from stammkunde.server.mail.sending.slices import send_due

__all__ = ["Letters", "send_due"]  # loaded once, before anybody is forked


def spawn(said: str) -> int:
    """A worker in a process of its own that dies at `point:n`, or never by itself; its number."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        live(said)
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


def live(said: str) -> None:
    """Work until told to stop, or dead."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if said:
        points.arm(said)
    # What takes minutes in a shop takes seconds here; nothing else differs.
    settling.BACKOFF = (timedelta(seconds=1), timedelta(seconds=2))  # type: ignore[assignment]
    claiming.RETRIED_AFTER = timedelta(seconds=4)
    bury(now=timezone.now())
    alarm = threading.Thread(target=_ask, args=(stop,), daemon=True)
    alarm.start()
    work(stop)
    alarm.join()
    connections.close_all()


def _ask(stop: threading.Event) -> None:
    """The looks that a shop takes every half minute."""
    while not stop.is_set():
        enqueue("mail.sweep", now=timezone.now(), key="chaos")
        enqueue(SENDING, now=timezone.now(), key=f"chaos {os.getpid()}")
        stop.wait(1.0)
    connection.close()
