"""Acknowledged means stored: the server is killed with -9 in the middle of a burst, over and over."""

import http.client
import json
import threading
import time
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import pytest

from instances import SERVER, instances
from server.shop.collector.conftest import basic
from server.shop.collector.running import Running, running

ROUNDS, SENDERS = 5, 4
KEYS = "import django; django.setup(); from server.shop.collector.seen import keys; keys()"


class Burst:
    """Clients that send as fast as they are answered, and remember what they were thanked for."""

    def __init__(self, server: Running) -> None:
        self.server = server
        self.acknowledged: list[str] = []
        self.numbers = count()
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._send, daemon=True) for _ in range(SENDERS)]

    def _send(self) -> None:
        while not self.stop.is_set():
            keys = [f"k{next(self.numbers)}" for _ in range(3)]
            with suppress(OSError, http.client.HTTPException):
                if self._post(keys) == 200:
                    self.acknowledged += keys
                    continue
            time.sleep(0.02)

    def _post(self, keys: list[str]) -> int:
        events = [{"type": "track", "event": "Kettle Boiled", "userId": "anna", "messageId": key} for key in keys]
        with closing(http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=15)) as line:
            headers = {"Authorization": basic(self.server.key), "Content-Type": "application/json"}
            line.request("POST", "/v1/batch", json.dumps({"batch": events}), headers)
            return line.getresponse().status


@pytest.mark.thorough
@pytest.mark.xdist_group("collector-server")
def test_what_was_acknowledged_is_there_once_whenever_the_server_is_killed(tmp_path: Path) -> None:
    with instances(tmp_path) as fresh, closing(running(fresh("postgresql" if SERVER else "sqlite"))) as server:
        server.start()
        server.prepare()
        burst = Burst(server)
        for each in burst.threads:
            each.start()
        for number in range(ROUNDS):
            before, until = len(burst.acknowledged), time.monotonic() + 30
            while len(burst.acknowledged) < before + 60 and time.monotonic() < until:
                time.sleep(0.01)
            assert len(burst.acknowledged) > before, "the server does not answer any more"
            time.sleep(0.23 * number)  # each in another moment of the burst
            server.kill()
            server.start()
        burst.stop.set()
        for each in burst.threads:
            each.join(20)
        server.kill()
        stored = json.loads(server.inside(KEYS))
    assert set(burst.acknowledged) - set(stored) == set()
    assert len(stored) == len(set(stored))
