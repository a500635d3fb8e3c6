"""How long pages take with a million customers: asked of `stammkunde serve` by somebody who is logged in.

    python benchmarks/pages.py [--customers 1000000] [--database postgresql://user:password@host:5432/name] [--keep DIR]

The database is that of `shop_database.py`, after everything that runs by itself has run once (the value run among it).
Each page is asked for by a hundred different addresses (other customers, other words, other places in the list), one
after the other and then four at a time, over connections that stay open. Milliseconds until the last byte; the load
comes from the same machine. The first round of each page warms up what a server that runs has warm, and is not counted.
"""

import argparse
import http.client
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import shop_database
from phases import Stopwatch

EACH = 100
SERVE = "from stammkunde.cli import main; main()"
LIMIT = 150.0  # milliseconds at the 95th percentile


def ready() -> None:
    """Run once what runs by itself."""
    shop_database.started()
    from django.utils import timezone

    from stammkunde.server.lib.work import TASKS, enqueue, run_due
    from stammkunde.server.segments.actions import audiences

    audiences.starters(now=timezone.now(), by=None)
    watch = Stopwatch()
    with watch.phase("by itself"):
        for task in TASKS.values():
            if task.every is not None or task.nightly is not None:
                enqueue(task.kind, now=timezone.now(), key="asked")
        watch.facts = {"jobs": run_due(now=timezone.now())}
    watch.report()


def visitor() -> None:
    """Somebody logged in, and what they may ask for."""
    shop_database.started()
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from stammkunde.server.accounts.models import User
    from stammkunde.server.clv.models import Prediction
    from stammkunde.server.segments.models import Segment, State
    from stammkunde.server.shop.models import Customer

    owner, _ = User.objects.get_or_create(email="owner@shop.example", defaults={"role": "owner", "joined_at": NOW})
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(owner.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = owner.get_session_auth_hash()
    session.save()
    chosen = random.Random(1).sample(range(1, Customer.objects.order_by("-pk")[0].pk + 1), EACH)
    people = Customer.objects.in_bulk(chosen).values()
    watch = Stopwatch()
    watch.facts = {
        "cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}",
        "customers": [each.pk for each in people],
        "busiest": [each.pk for each in Prediction.objects.order_by("-orders")[:EACH]] if EACH else [],
        "names": [each.name for each in people],
        "mails": [each.email for each in people],
        "segments": (list(Segment.objects.values_list("pk", flat=True)) * EACH)[:EACH],
        "states": ([*State.values] * EACH)[:EACH],
        "keys": [f"{each.clv}.{each.pk}" for each in Prediction.objects.filter(pk__in=chosen)],
    }
    watch.report()


NOW = shop_database.NOW


def pages(known: dict[str, Any]) -> dict[str, list[str]]:
    """Addresses by what they are."""

    def searched(words: Sequence[str], **more: str) -> list[str]:
        return [f"/customers/?{urlencode({'search': word, **more})}" for word in words]

    names: list[list[str]] = [name.split() for name in known["names"]]
    return {
        "Start": ["/"] * EACH,
        "Customer": [f"/customers/{pk}/" for pk in known["customers"]],
        "Customer with most orders": [f"/customers/{pk}/" for pk in known["busiest"]],
        "Ledger": [f"/value/customers/{pk}/" for pk in known["customers"]],
        "Value": ["/value/"] * EACH,
        "Segments": ["/segments/"] * EACH,
        "Segment": [f"/segments/{pk}/" for pk in known["segments"]],
        "List of a segment": [f"/customers/?segment={pk}" for pk in known["segments"]],
        "List of a state": [f"/segments/people/?state={state}" for state in known["states"]],
        "List by value": [f"/customers/?{urlencode({'sort': 'value', 'after': key})}" for key in known["keys"]],
        "List, newest first": [f"/customers/?{urlencode({'sort': 'new', 'after': pk})}" for pk in known["customers"]],
        "Search: first name": searched([first for first, _ in names]),
        "Search: beginnings": searched([f"{first[:2]} {last[:3]}" for first, last in names]),
        "Search: whole name": searched([" ".join(name) for name in names]),
        "Search: one letter": searched([first[0] for first, _ in names]),
        "Search: address": searched(known["mails"]),
        "Search: provider": searched([mail.split("@")[1] for mail in known["mails"]]),
        "Search: order": searched([f"#{5 * pk}" for pk in known["customers"]]),
        "Search: nobody": searched([f"{last}{first}q" for first, last in names]),
    }


@contextmanager
def served(place: Path) -> Iterator[int]:
    """A server on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", SERVE, "serve", "--no-worker", "--port", str(port)]
    with (place / "serve.log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            _wait(port)
            yield port
        finally:
            process.terminate()


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    sys.exit("The server does not answer.")


class Browser:
    """Connections that stay open, one a thread."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie, self.kept = port, cookie, threading.local()

    def milliseconds(self, address: str) -> float:
        """How long a page takes to its last byte; anything but 200 ends the measurement."""
        if not hasattr(self.kept, "connection"):
            self.kept.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        began = time.perf_counter()
        self.kept.connection.request("GET", address, headers={"Cookie": self.cookie})
        answer = self.kept.connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{address} answered {answer.status} {answer.headers.get('Location', '')}")
        return 1000 * (time.perf_counter() - began)


def measured(browser: Browser, addresses: Sequence[str], at_once: int) -> list[float]:
    """Milliseconds of all, in order."""
    with ThreadPoolExecutor(at_once) as threads:
        return sorted(threads.map(browser.milliseconds, addresses))


def main() -> None:
    """Fill, compute, serve, ask."""
    options = shop_database.asked(__doc__)
    options.add_argument("--only", default="", help="pages whose name begins so")
    given = options.parse_args()
    with shop_database.prepared(given) as place:
        computed = place / "computed"
        if not computed.exists():
            print(f"by itself: {shop_database.done(__file__, 'ready').phases['by itself'].wall:.0f} s", flush=True)
            computed.touch()
        known = shop_database.done(__file__, "visitor").facts
        with served(place) as port:
            _ask(Browser(port, known["cookie"]), pages(known), given)


def _ask(browser: Browser, asked: dict[str, list[str]], given: argparse.Namespace) -> None:
    print(f"{'milliseconds':<28}{'one by one':>16}{'four at once':>22}")
    print(f"{'':<28}{'p50':>8}{'p95':>8}{'p50':>14}{'p95':>8}")
    slow = []
    for name, addresses in asked.items():
        if not name.startswith(given.only):
            continue
        measured(browser, addresses[::10], 1)
        found = [measured(browser, addresses, at_once) for at_once in (1, 4)]
        (one, worst), (four, worse) = ((times[len(times) // 2], times[int(0.95 * len(times))]) for times in found)
        print(f"{name:<28}{one:8.0f}{worst:8.0f}{four:14.0f}{worse:8.0f}", flush=True)
        slow += [name] if max(worst, worse) > LIMIT else []
    print(f"Over {LIMIT:.0f} ms: {', '.join(slow) or 'none'}")


if __name__ == "__main__":
    {"ready": ready, "visitor": visitor}.get(sys.argv[1] if len(sys.argv) > 1 else "", main)()
