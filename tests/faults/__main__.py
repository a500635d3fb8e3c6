"""Kill -9 of web, workers or everything at random points of imports, value runs and webhooks, many times over.

`python tests/faults [--rounds 100] [--seed 1]`, on SQLite; on PostgreSQL by `python tests/on_postgres.py --run
tests/faults`. Afterwards everything that was acknowledged must be there once, and every ledger must sum to the value
shown: each fault found is printed, and the exit code is 1.
"""

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "src")]

from faults.shop import SECRET, Place, Shop  # noqa: E402  # the folder of the tests is on the path only now
from instances import SERVER, Instance, instances  # noqa: E402

QUIET = 240.0  # seconds the work that is left may take
PREPARE = """
import django, json
django.setup()
from django.utils.timezone import now
from stammkunde.server.accounts.actions import make_key
from stammkunde.server.accounts.roles import Right
from stammkunde.server.shop.actions.sources import configure, connect
shop = connect("woocommerce", name="Faults", now=now(), by=None)
configure(shop, name="Faults", options={}, given={"webhook_secrets": %r}, now=now(), by=None)
print(json.dumps([f"/hooks/{shop.token}/", make_key(name="faults", scopes=list(Right), now=now(), by=None)]))
"""
IDLE = """
import django
django.setup()
from stammkunde.server.lib.models import Job
from stammkunde.server.shop.models import Delivery
busy = Job.objects.filter(state__in=["waiting", "running"]).exclude(key="by itself").count()
print(busy + Delivery.objects.filter(state="new").count())
"""


class Server:
    """The server, whose processes may be killed."""

    def __init__(self, instance: Instance, port: int) -> None:
        self.instance, self.port = instance, port
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it; returns when it answers."""
        log = (self.instance.data.parent / "log").open("a")
        command = [sys.executable, "-m", "stammkunde.cli", "serve", "--port", str(self.port), "--worker-processes", "2"]
        self.process = subprocess.Popen(
            command, env=self.instance.environment, stdout=log, stderr=log, text=True, start_new_session=True
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise SystemExit(f"The server does not start: see {self.instance.data.parent / 'log'}")

    def family(self) -> dict[int, str]:
        """Its processes, and what each is."""
        assert self.process
        found = {}
        for each in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, ProcessLookupError):
                if os.getpgid(int(each.name)) == self.process.pid or os.getsid(int(each.name)) == self.process.pid:
                    found[int(each.name)] = (each / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def kill(self, chance: random.Random) -> str:
        """Kill one of its processes or all of them, and wait until none is left. Returns what was killed."""
        # Python's own keeper of shared memory is nobody's process: nothing depends on it.
        family = {pid: what for pid, what in self.family().items() if "resource_tracker" not in what}
        assert self.process
        if chance.random() < 0.4:
            victims, what = list(family), "everything"
        else:
            victims = [chance.choice(sorted(family))]
            what = "the parent" if victims == [self.process.pid] else "one of the children"
        for pid in victims:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.gone()
        return what

    def gone(self) -> None:
        """Wait until all have ended, and see to it after a while."""
        assert self.process
        until = time.monotonic() + 30
        with suppress(subprocess.TimeoutExpired):  # what was killed may have been a process that was about to end
            self.process.wait(20)
        while (left := self.family()) and time.monotonic() < until:
            time.sleep(0.05)
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Stop it as an operator does."""
        assert self.process
        self.process.terminate()
        self.gone()


def inside(instance: Instance, code: str) -> str:
    """What Python says within the installation."""
    environment = instance.environment | {"DJANGO_SETTINGS_MODULE": "stammkunde.server.settings"}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout


def rounds(server: Server, *, count: int, chance: random.Random) -> Counter[str]:
    """Start and kill, over and over; the last start lives."""
    killed: Counter[str] = Counter()
    for number in range(count):
        server.start()
        time.sleep(chance.uniform(0.2, 5.0))
        killed[server.kill(chance)] += 1
        print(f"\r{number + 1} of {count} rounds", end="", file=sys.stderr, flush=True)
    server.start()
    print(file=sys.stderr)
    return killed


def settled(instance: Instance) -> bool:
    """Wait until nothing is left to do."""
    until = time.monotonic() + QUIET
    while time.monotonic() < until:
        if int(inside(instance, IDLE)) == 0:
            return True
        time.sleep(2)
    return False


def trial(instance: Instance, *, count: int, seed: int) -> list[str]:
    """All of it on one installation; every sentence is a fault."""
    migrated = instance.stammkunde("migrate")
    assert migrated.returncode == 0, migrated.stderr
    hook, key = json.loads(inside(instance, PREPARE % SECRET))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    shop, server = Shop(Place(port, hook, key), seed), Server(instance, port)
    begun, threads = time.monotonic(), shop.open()
    try:
        killed = rounds(server, count=count, chance=random.Random(seed))
        shop.stop.set()
        for each in threads:
            each.join(QUIET)
        faults = ["somebody still waits for an answer"] if any(each.is_alive() for each in threads) else []
        faults += [] if settled(instance) else ["work is left that does not end"]
        shop.place.ask("/api/v1/value/runs", b"", Content_Type="application/json")
        faults += [] if settled(instance) else ["the last value run does not end"]
    finally:
        server.stop()
    told = {"hooks": shop.hooks, "files": shop.files, "rows": shop.rows}
    faults += shop.given_up + audited(instance, told)
    of_what = ", ".join(f"{n} of {what}" for what, n in killed.items())
    print(
        f"{count} kills ({of_what}) in {time.monotonic() - begun:.0f} s: "
        f"{len(shop.hooks)} webhooks acknowledged ({shop.repeated} sent again), {len(shop.files)} files with "
        f"{shop.rows} orders, {len(faults)} faults"
    )
    return faults


def audited(instance: Instance, told: dict[str, object]) -> list[str]:
    """What the audit finds within the installation."""
    environment = instance.environment | {"DJANGO_SETTINGS_MODULE": "stammkunde.server.settings"}
    command = [sys.executable, str(HERE / "audit.py")]
    done = subprocess.run(command, input=json.dumps(told), env=environment, capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else [f"the audit broke: {done.stderr[-2000:]}"]


def main() -> int:
    """Run it; the exit code."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--rounds", type=int, default=100)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--keep", type=Path, help="leave installation and log in this folder")
    chosen = reader.parse_args()
    with tempfile.TemporaryDirectory(prefix="stammkunde-faults-") as folder:
        where = chosen.keep or Path(folder)
        where.mkdir(parents=True, exist_ok=True)
        with instances(where) as fresh:
            faults = trial(fresh("postgresql" if SERVER else "sqlite"), count=chosen.rounds, seed=chosen.seed)
    for fault in faults:
        print(f"FAULT {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
