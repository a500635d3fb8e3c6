"""Web and worker as child processes of one parent, which starts, watches and stops them.

A child that ends ends the whole, with a code: whoever started it (a container engine, systemd) starts it again.
Children whose parent is gone end too. Nothing heavy is imported here: every child begins by importing this.
"""

import multiprocessing
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from typing import Any

from stammkunde.errors import InputError

THREADS = 8  # of a web process; each has a connection to the database
FINISH = 4.0  # seconds a running job has to come to its end before it is handed back
GRACE = 8.0  # seconds until those who do not stop are stopped; container engines wait for ten
SIGNALS = (signal.SIGTERM, signal.SIGINT)
_processes = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Plan:
    """What to start: an address, how many web processes and how many workers."""

    host: str = "127.0.0.1"
    port: int = 8000
    web: int = 1
    workers: int = 1


@dataclass
class Family:
    """The children, and how it ends with them."""

    plan: Plan
    children: list[SpawnProcess] = field(default_factory=list)
    workers: dict[str, SpawnProcess] = field(default_factory=dict)

    def start(self) -> None:
        """Start all of them."""
        from django.utils import timezone  # the parent has loaded Django to judge and migrate

        from stammkunde.server.lib.work import bury, name_of_worker  # models, which children load by themselves

        if self.plan.workers:
            bury(now=timezone.now())
        if self.plan.web:
            of_web = (self.plan.host, self.plan.port, self.plan.web)
            self.children.append(_processes.Process(target=web, args=of_web, name="web"))
        for _ in range(self.plan.workers):
            name = name_of_worker()
            self.workers[name] = _processes.Process(target=worker, args=(name,), name="worker")
        self.children += self.workers.values()
        for child in self.children:
            child.start()

    def watch(self, signals: Any) -> int:
        """Wait for a signal (0) or the end of a child (1), then stop all."""
        while True:
            ready = wait([signals, *(child.sentinel for child in self.children)])
            if signals in ready:
                os.read(signals.fileno(), 1)
                self.stop(signals, told=True)
                return 0
            dead = [child for child in self.children if not child.is_alive()]
            if dead:
                _say("a process has ended by itself: all stop", name=dead[0].name, code=dead[0].exitcode)
                self.stop(signals, told=False)
                return 1

    def stop(self, signals: Any, *, told: bool) -> None:
        """Ask all to stop; those who have not after a while, or at a second signal, are stopped."""
        until = time.monotonic() + GRACE
        for child in self._alive():
            child.terminate()
        while (alive := self._alive()) and time.monotonic() < until:
            ready = wait([signals, *(child.sentinel for child in alive)], timeout=until - time.monotonic())
            if signals in ready:
                break
        for child in self._alive():
            _kill(child)
            child.join()
        self._give_back(tried=not told)

    def _alive(self) -> list[SpawnProcess]:
        return [child for child in self.children if child.is_alive()]

    def _give_back(self, *, tried: bool) -> None:
        """The jobs of workers that are gone need not wait for the end of their leases."""
        from django.db import DatabaseError, connection  # the parent has loaded Django to judge and migrate
        from django.utils import timezone

        from stammkunde.server.lib.work import give_back

        try:
            for name, child in self.workers.items():
                # One that was told to go and went has nothing; one that fell counts as a try of what it was at.
                give_back(name, now=timezone.now(), tried=tried and child.exitcode != 0)
        except DatabaseError as error:
            _say("jobs wait for the end of their leases", error=str(error))
        finally:
            connection.close()


def serve(plan: Plan, *, announce: Callable[[], None] = lambda: None) -> int:
    """Start, watch, stop; `announce` is called once the web answers. Returns the exit code.

    Raises
    ------
    InputError : the port is taken.
    """
    free(plan)
    family = Family(plan)
    with _signals() as signals, _counters():
        family.start()
        threading.Thread(target=_announce, args=(plan, announce), daemon=True).start()
        return family.watch(signals)


def web(host: str, port: int, processes: int) -> None:
    """The web server, until SIGTERM; it has processes of its own."""
    _apart()
    from granian import Granian  # type: ignore[attr-defined,unused-ignore]  # only this child needs it
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from stammkunde.server.lib.logs import FOR_GRANIAN

    Granian(
        "stammkunde.server.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=THREADS,
        websockets=False,
        workers_kill_timeout=int(GRACE) - 2,
        log_level=LogLevels.error,  # what it says beside is of threads and starts, and the parent tells how it ends
        log_dictconfig=FOR_GRANIAN,
    ).serve(target_loader=_application, wrap_loader=False)


def worker(name: str) -> None:
    """A worker, until SIGTERM: it claims nothing more, and has some seconds to finish what it is at."""
    stop, hurry = threading.Event(), threading.Event()

    def told(*_: object) -> None:
        stop.set()
        later = threading.Timer(FINISH, hurry.set)
        later.daemon = True
        later.start()

    signal.signal(signal.SIGTERM, told)
    _apart()
    _django()
    from django.db import connections  # Django has to be ready

    from stammkunde.server.lib.work import work

    work(stop, name=name, hurry=hurry)
    connections.close_all()


def _application() -> Any:
    """What a web process answers with."""
    _end_with_parent()
    from stammkunde.server.wsgi import application  # loads all of it, in the process that needs it

    return application


def _django() -> None:
    import django  # only children that work need it

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stammkunde.server.settings")
    django.setup()


def _apart() -> None:
    """Make this child a group of its own: Ctrl-C in a terminal then reaches only the parent, who stops all in order."""
    if hasattr(os, "setpgrp"):
        os.setpgrp()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with_parent()


def _end_with_parent() -> None:
    """Stop as if told to, when the parent is gone without having said so."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _kill(child: SpawnProcess) -> None:
    """End a child and, since it is a group of its own, what it has started."""
    if child.pid is not None and hasattr(os, "killpg"):
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            child.kill()  # it has not become a group yet
        except PermissionError:
            child.kill()
    else:
        child.kill()


@contextmanager
def _signals() -> Iterator[socket.socket]:
    """A socket with a byte in it for each signal to stop."""
    here, there = socket.socketpair()
    there.settimeout(0)

    def noted(*_: object) -> None:
        there.send(b"!")

    before = {each: signal.signal(each, noted) for each in SIGNALS}
    try:
        yield here
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        here.close()
        there.close()


@contextmanager
def _counters() -> Iterator[None]:
    """A folder in which web processes add up what they count; `lib.metrics` reads it."""
    with tempfile.TemporaryDirectory(prefix="stammkunde-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        try:
            yield
        finally:
            del os.environ["PROMETHEUS_MULTIPROC_DIR"]


def free(plan: Plan) -> None:
    """See that nobody listens there: granian would share the port with another granian, and nobody would notice.

    Raises
    ------
    InputError : somebody does.
    """
    if not plan.web:
        return
    host, port = plan.host, plan.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except (OSError, OverflowError) as error:
            what = f"The address {host}:{port} cannot be used: {error}."
            raise InputError(what, advice="Choose another one with --port, or stop what listens there.") from error


def _announce(plan: Plan, announce: Callable[[], None]) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(plan.host, plan.host)  # noqa: S104  compared, not bound
    for _ in range(300 if plan.web else 0):
        try:
            socket.create_connection((host, plan.port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    announce()


def _say(event: str, **more: Any) -> None:
    import structlog  # with the extra `server`, as all that calls this

    structlog.get_logger("stammkunde.serve").error(event, **more)
