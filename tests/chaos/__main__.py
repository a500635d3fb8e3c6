"""Workers that send to a real server, killed with SIGKILL at every change of state and at random, many times over.

`python tests/chaos [--kills 1000] [--seed 1] [--connections 1]`, on SQLite; on PostgreSQL by `python
tests/on_postgres.py --run tests/chaos`. Afterwards the server's own book is laid beside the ledger: nothing may have
come twice (an order mail whose end was unknown may, under the same Message-ID), everything must have ended as sent,
refused, suppressed or unknown, and kills may have left less unknown than there were. Each fault is printed; the exit
code is 1.
"""

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "src")]

from instances import SERVER, instances  # noqa: E402  # the folder of the tests is on the path only now

WORKERS = 3
EACH = 30  # messages a kill, so that there is always something to die of
PATIENCE = 180.0  # seconds in which nothing ends, while messages are left
#: How often a point may be passed before it is the one; some are passed once a set, some once a message.
PASSED = {"claimed": 2, "checked": 2, "rendered": 2, "marked": 40, "handed": 40, "settled": 2}


def in_child(work: Callable[[], None]) -> None:
    """Do something with the database in a process of its own: no connection may be open where workers are forked."""
    pid = os.fork()
    if not pid:
        code = 1
        try:
            work()
            code = 0
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    if status:
        raise SystemExit(f"A part of the trial broke: {os.waitstatus_to_exitcode(status)}.")


class Crowd:
    """The workers that are alive, and how they died."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.alive, self.deaths = chance, dict[int, str](), Counter[str]()

    def fill(self, *, armed: bool = True) -> None:
        """See that there are enough; most have a point to die at, some are killed by chance."""
        from chaos.worker import spawn  # Django has to be ready

        while len(self.alive) < WORKERS:
            point = self.chance.choice([*PASSED, ""]) if armed else ""
            said = f"{point}:{self.chance.randint(1, PASSED[point])}" if point else ""
            self.alive[spawn(said)] = point

    def bury(self) -> int:
        """Count those that died; how many."""
        count = 0
        while self.alive:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            point = self.alive.pop(pid, None)
            if point is None:
                continue
            code = os.waitstatus_to_exitcode(status)
            if code != -signal.SIGKILL:
                raise SystemExit(f"A worker ended by itself, with {code}.")
            self.deaths[point or "anywhere"] += 1
            count += 1
        return count

    def strike(self) -> None:
        """Kill one by chance."""
        pid = self.chance.choice(sorted(self.alive))
        self.alive[pid] = ""
        os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """Let all finish what they are at."""
        for pid in self.alive:
            os.kill(pid, signal.SIGTERM)
        for pid in self.alive:
            os.waitpid(pid, 0)
        self.alive.clear()


def rampage(kills: int, *, chance: random.Random) -> Counter[str]:
    """Kill so often; how they died. Afterwards some live on until all is done."""
    crowd, count, strike = Crowd(chance), 0, time.monotonic() + 1
    while count < kills:
        crowd.fill()
        if time.monotonic() > strike:
            crowd.strike()
            strike = time.monotonic() + chance.uniform(0.2, 2.5)
        time.sleep(0.02)
        if died := crowd.bury():
            count += died
            print(f"{count} of {kills} kills", end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)
    until, left = time.monotonic() + PATIENCE, -1
    while time.monotonic() < until and left:
        crowd.fill(armed=False)
        time.sleep(2)
        crowd.bury()
        before, left = left, _left()
        until = time.monotonic() + PATIENCE if left != before else until
    crowd.stop()
    return crowd.deaths


def _left() -> int:
    """How many have not ended; order mails that are to be handed over once more have not."""
    here, there = os.pipe()

    def look() -> None:
        from chaos.audit import ENDED
        from stammkunde.server.mail.models import Send

        again = Send.objects.filter(state="unknown", marketing=False, attempts__lt=2)
        os.write(there, str(Send.objects.exclude(state__in=ENDED).count() + again.count()).encode())

    in_child(look)
    os.close(there)
    with os.fdopen(here) as told:
        return int(told.read())


def trial(folder: Path, *, kills: int, seed: int, connections: int) -> None:
    """All of it, within an installation that is named in the environment."""
    import django  # only now is the environment what it is to be

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from chaos import audit, shop

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    book, begun = folder / "book", time.monotonic()
    office = subprocess.Popen([sys.executable, str(HERE / "office.py"), str(port), str(book)])
    try:
        in_child(lambda: call_command("migrate", verbosity=0))
        people = max(kills * EACH, 200)
        in_child(lambda: shop.open_shop(people, port=port, connections=connections, now=timezone.now()))
        deaths = rampage(kills, chance=random.Random(seed))
    finally:
        office.kill()
        office.wait()
    found = audit.audit(book, deaths=sum(deaths.values()) * connections)
    told = ", ".join(f"{count} {state}" for state, count in sorted(found.states.items()))
    print(f"{sum(deaths.values())} kills in {time.monotonic() - begun:.0f} s ({dict(sorted(deaths.items()))}), {told};")
    print(f"{found.silent} unknown by kills, {found.again} order mails came once more, {len(found.faults)} faults")
    for fault in found.faults[:50]:
        print(f"FAULT {fault}")
    sys.exit(1 if found.faults else 0)


def main() -> None:
    """Run it; ends with the exit code."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--kills", type=int, default=1000)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--connections", type=int, default=1)
    chosen = reader.parse_args()
    with tempfile.TemporaryDirectory(prefix="stammkunde-chaos-") as name, instances(Path(name)) as fresh:
        instance = fresh("postgresql" if SERVER else "sqlite")
        os.environ.update(instance.environment | {"DJANGO_SETTINGS_MODULE": "stammkunde.server.settings"})
        os.environ["STAMMKUNDE_LOG_LEVEL"] = "ERROR"
        os.environ.pop("STAMMKUNDE_TEST_DATABASE", None)
        trial(Path(name), kills=chosen.kills, seed=chosen.seed, connections=chosen.connections)


if __name__ == "__main__":
    main()
