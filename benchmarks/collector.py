"""The collector under load: clients send at a steady rate, and everything that was acknowledged must be there once.

    python benchmarks/collector.py --rate 1000 --seconds 60
    python benchmarks/collector.py --rate 3000 --seconds 60 --database postgresql://user:password@host:5432/name

Starts `stammkunde serve`, web and worker, on a database of its own (on PostgreSQL it is made beside the one that is
named, and dropped). Requests of `--batch` events leave at their appointed times, whether or not the ones
before were answered; what one waits for its turn counts as its latency. Afterwards every acknowledged event is looked
up in the record. The exit code is 1 where something was lost, refused, or slower than `--p99` milliseconds.
"""

import argparse
import asyncio
import base64
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
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import shop_database

SOURCE = Path(__file__).resolve().parents[1] / "src"
CONNECTIONS = 32
PREPARE = """
import django
django.setup()
from django.utils.timezone import now
from stammkunde.server.shop.actions.sources import connect
print(connect("collector", name="Load", now=now(), by=None).token)
"""
WAITING = """
import django
django.setup()
from stammkunde.server.shop.models import Delivery
print(Delivery.objects.filter(state="new").count())
"""
KEYS = """
import django
django.setup()
from stammkunde.server.shop.models import Cart, Delivery, Event
failed = Delivery.objects.filter(state="failed").count()
print(failed, Cart.objects.count(), *Event.objects.values_list("key", flat=True))
"""


@dataclass
class Load:
    """What is sent, and what became of it. Latencies in seconds from the appointed time to the last byte."""

    rate: float
    seconds: float
    batch: int
    people: int
    key: str
    port: int
    seed: int = 1
    latencies: list[float] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    took: float = 0.0

    def run(self) -> None:
        """Send all of it."""
        requests = round(self.rate * self.seconds / self.batch)
        asyncio.run(self._run(requests))

    async def _run(self, requests: int) -> None:
        work: asyncio.Queue[tuple[float, int] | None] = asyncio.Queue()
        senders = [asyncio.create_task(self._sender(work)) for _ in range(CONNECTIONS)]
        began, gap = time.perf_counter(), self.batch / self.rate
        for number in range(requests):
            due = began + number * gap
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            work.put_nowait((due, number))
        for _ in senders:
            work.put_nowait(None)
        await asyncio.gather(*senders)
        self.took = time.perf_counter() - began

    async def _sender(self, work: "asyncio.Queue[tuple[float, int] | None]") -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while (turn := await work.get()) is not None:
            due, number = turn
            try:
                writer.write(self._request(number))
                status = await _answer(reader)
            except (OSError, asyncio.IncompleteReadError, ValueError):
                status = 0
                with suppress(OSError):
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            self.latencies.append(time.perf_counter() - due)
            self.statuses[status] += 1
            if status == 200:
                self.acknowledged.append(number)
        writer.close()

    def _request(self, number: int) -> bytes:
        chance = random.Random(f"{self.seed} {number}")
        now = datetime.now(UTC).isoformat()
        events = [self._event(f"{self.seed}-{number}-{each}", now, chance) for each in range(self.batch)]
        body = json.dumps({"batch": events, "sentAt": now}).encode()
        key = base64.b64encode(f"{self.key}:".encode()).decode()
        head = f"POST /v1/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {key}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def _event(self, key: str, now: str, chance: random.Random) -> dict[str, object]:
        """A visit of a shop as it is: pages and products mostly, some carts, few orders and few names."""
        who, article = f"a{chance.randrange(self.people)}", f"TEA-{chance.randrange(500)}"
        event: dict[str, object] = {
            "messageId": f"load-{key}",
            "anonymousId": who,
            "timestamp": now,
            "context": {
                "library": {"name": "load", "version": "1"},
                "page": {"url": f"https://shop.example/{article}"},
            },
        }
        product = {
            "product_id": article,
            "sku": article,
            "name": "Tea",
            "price": 12.5,
            "quantity": 1,
            "currency": "EUR",
        }
        share = chance.random()
        if share < 0.45:
            return event | {"type": "page", "name": "Product"}
        if share < 0.80:
            return event | {"type": "track", "event": "Product Viewed", "properties": product}
        if share < 0.92:
            return event | {"type": "track", "event": "Product Added", "properties": product}
        if share < 0.95:
            return event | {"type": "track", "event": "Checkout Started", "properties": {"products": [product]}}
        if share < 0.96:
            ordered = {"order_id": key, "total": 12.5, "currency": "EUR", "products": [product]}
            return event | {"type": "track", "event": "Order Completed", "properties": ordered}
        named = {"userId": f"u{who}", "traits": {"email": f"{who}@example.com", "name": "Anna Alt"}}
        return event | {"type": "track", "event": "Signed In", "properties": {}, "context": {"traits": named["traits"]}}


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
    length = next(
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    )
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


@contextmanager
def server(folder: Path, address: str, *, web: int):  # type: ignore[no-untyped-def]
    """The server, web and worker; yields its environment and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "STAMMKUNDE_DATA": str(folder)}
    environment |= {"STAMMKUNDE_DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "stammkunde.server.settings"}
    command = [sys.executable, "-m", "stammkunde.cli", "serve", "--port", str(port), "--web-processes", str(web)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            _listening(port, process)
            yield environment, port
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _listening(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise SystemExit("The server does not start.")


def inside(environment: dict[str, str], code: str) -> list[str]:
    """What Python says within the installation, word by word."""
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def drained(environment: dict[str, str], *, patience: float = 600) -> float:
    """Seconds until everything that was stored is understood, too."""
    began = time.perf_counter()
    while int(inside(environment, WAITING)[0]) and time.perf_counter() - began < patience:
        time.sleep(0.5)
    return time.perf_counter() - began


def told(load: Load, keys: list[str], lag: float) -> dict[str, object]:
    """The figures."""
    times = sorted(load.latencies)
    expected = {f"load-{load.seed}-{number}-{each}" for number in load.acknowledged for each in range(load.batch)}
    return {
        "events": len(expected),
        "achieved_per_second": round(len(expected) / load.took, 1),
        "p50_ms": round(1000 * times[len(times) // 2], 1),
        "p99_ms": round(1000 * times[int(len(times) * 0.99)], 1),
        "max_ms": round(1000 * times[-1], 1),
        "statuses": dict(load.statuses),
        "lost": len(expected - set(keys)),
        "twice": len(keys) - len(set(keys)),
        "understood_after_s": round(lag, 1),
        "load_average": round(os.getloadavg()[0], 1),
    }


def main() -> int:
    """Run it; the exit code."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--rate", type=float, default=1000, help="events a second")
    reader.add_argument("--seconds", type=float, default=60)
    reader.add_argument("--batch", type=int, default=10, help="events of a request")
    reader.add_argument("--people", type=int, default=20_000)
    reader.add_argument("--database", default="", help="an address of PostgreSQL; none: SQLite")
    reader.add_argument("--web-processes", type=int, default=1)
    reader.add_argument("--p99", type=float, default=250, help="milliseconds that are slow")
    chosen = reader.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="stammkunde-load-") as folder,
        shop_database.beside(chosen.database) as address,
        server(Path(folder), address, web=chosen.web_processes) as (environment, port),
    ):
        key = inside(environment, PREPARE)[0]
        Load(200, 2, 10, 100, key, port, seed=0).run()  # threads and connections begin
        load = Load(chosen.rate, chosen.seconds, chosen.batch, chosen.people, key, port)
        load.run()
        lag = drained(environment)
        failed, carts, *keys = inside(environment, KEYS)
    found = told(load, keys, lag) | {"failed": int(failed), "carts": int(carts)}
    print(json.dumps(found))
    good = (
        found["lost"] == found["twice"] == 0
        and load.statuses.keys() == {200}
        and float(str(found["p99_ms"])) < chosen.p99
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
