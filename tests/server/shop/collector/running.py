"""A server that runs beside the tests, and may be killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instances import SOURCE, Instance

PREPARE = """
import django
django.setup()
from django.utils.timezone import now
from stammkunde.server.shop.actions.sources import connect
print(connect("collector", name="Teahouse", now=now(), by=None).token)
"""
SEEN = "import django; django.setup(); from server.shop.collector.seen import main; main()"


@dataclass
class Running:
    """The server of an installation."""

    instance: Instance
    port: int
    key: str = ""
    process: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        """Start it; returns when it answers."""
        log = (self.instance.data / "log").open("a")
        line = [sys.executable, "-m", "stammkunde.cli", "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(
            line, env=self.instance.environment, stdout=log, stderr=log, text=True, start_new_session=True
        )
        log.close()
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.02)
        raise AssertionError((self.instance.data / "log").read_text())

    def prepare(self) -> None:
        """Make the source."""
        self.key = self.inside(PREPARE).strip()

    def inside(self, code: str) -> str:
        """What Python says within the installation."""
        paths = f"{SOURCE}{os.pathsep}{SOURCE.parent / 'tests'}"
        more = {"DJANGO_SETTINGS_MODULE": "stammkunde.server.settings", "PYTHONPATH": paths}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=self.instance.environment | more,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def seen(self) -> dict[str, Any]:
        """What its record says."""
        found: dict[str, Any] = json.loads(self.inside(SEEN))
        return found

    def kill(self) -> None:
        """Kill -9 of every process it has, all at once."""
        for pid in self._family():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert self.process
        self.process.wait()

    def close(self) -> None:
        """Stop it as an operator does, and see that nothing is left."""
        if self.process is None:
            return
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        self.kill()

    def _family(self) -> list[int]:
        """Its children are groups of their own, of one session."""
        assert self.process
        found = []
        for each in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if os.getsid(int(each.name)) == self.process.pid:
                    found.append(int(each.name))
        return found


def running(instance: Instance) -> Running:
    """A server at a port nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return Running(instance, free.getsockname()[1])
