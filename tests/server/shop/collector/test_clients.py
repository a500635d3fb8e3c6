"""The real clients, pointed at a running server; and their very bytes, recorded, where they are not installed.

Python clients are looked for beside the tests. Node's, and Python's in a place of their own, in the folder that
COLLECTOR_CLIENTS names: `py/bin/python` and `node/node_modules`.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from instances import SERVER, instances
from server.shop.collector.running import Running, running
from server.shop.collector.seen import seen
from stammkunde.server.shop.collecting import collect
from stammkunde.server.shop.models import Source

HERE = Path(__file__).parent
FOLDER = Path(os.environ.get("COLLECTOR_CLIENTS", "/nowhere"))
#: A client's script, the module it needs, and whom it speaks of.
CLIENTS = {
    "segment_python": ("segment.analytics", ["segment-python-False", "segment-python-True"]),
    "rudder_python": ("rudderstack.analytics", ["rudder-python"]),
    "posthog_python": ("posthog", ["posthog-python-False", "posthog-python-True"]),
    "klaviyo_python": ("klaviyo_api", ["klaviyo-python"]),
    "snowplow_python": ("snowplow_tracker", [f"snowplow-python-{number}" for number in range(3)]),
    "segment_node": ("@segment/analytics-node", ["segment-node"]),
    "rudder_node": ("@rudderstack/rudder-sdk-node", ["rudder-node"]),
    "posthog_node": ("posthog-node", ["posthog-node"]),
    "klaviyo_node": ("klaviyo-api", ["klaviyo-node"]),
    "snowplow_node": ("@snowplow/node-tracker", ["snowplow-node"]),
}


def hold(client: str, found: dict[str, Any]) -> None:
    """What a client tells of Anna's visit has to be in the record, once, with her name and what is in the cart."""
    maker = client.partition("_")[0]
    views = {"segment": ["Page Viewed", "Screen Viewed"], "rudder": ["Page Viewed", "Screen Viewed"], "klaviyo": []}
    assert found["wrong"] == []
    for who in CLIENTS[client][1]:
        mail = f"{who}@example.com".lower()
        told = found["events"].get(mail if maker == "klaviyo" else who, [])
        assert sorted(told) == sorted(["Product Added", *views.get(maker, ["Page Viewed"])]), who
        assert found["carts"][who.replace("snowplow-python", "snowplow")] == 2500
        if maker != "snowplow":  # it knows no names
            assert found["people"][mail] == "Anna Ält"


@pytest.mark.django_db
@pytest.mark.parametrize("client_name", CLIENTS)
def test_the_bytes_of_real_clients_are_understood(
    client_name: str, place: Source, client: Client, now: datetime
) -> None:
    for request in json.loads((HERE / "wire" / f"{client_name}.json").read_text(encoding="utf-8")):
        headers = request["headers"]
        kind = headers.pop("Content-Type", headers.pop("content-type", ""))
        body = base64.b64decode(request["body"])
        answer = client.generic(request["method"], request["path"], body, content_type=kind, headers=headers)
        assert answer.status_code in {200, 202}, answer.content
    collect(place, now=now)
    hold(client_name, seen())


def command(client_name: str) -> list[str]:
    """How a client is started; skips where it is not installed."""
    module = CLIENTS[client_name][0]
    if client_name.endswith("_node"):
        if not shutil.which("node") or not (FOLDER / "node" / "node_modules" / module).exists():
            pytest.skip(f"{module} is not installed: COLLECTOR_CLIENTS names no folder with it")
        return ["node", str(HERE / "clients" / f"{client_name}.cjs")]
    if (FOLDER / "py" / "bin" / "python").exists():
        return [str(FOLDER / "py" / "bin" / "python"), str(HERE / "clients" / f"{client_name}.py")]
    if find_spec(module.partition(".")[0]) is None:
        pytest.skip(f"{module} is not installed here")
    return [sys.executable, str(HERE / "clients" / f"{client_name}.py")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of its own, started as `stammkunde serve` for the first client that is installed."""
    folder = tmp_path_factory.mktemp("clients")
    with instances(folder) as fresh, closing(running(fresh("postgresql" if SERVER else "sqlite"))) as found:
        yield found


def settled(server: Running) -> dict[str, Any]:
    """What the record says as soon as everything that was sent is understood."""
    until = time.monotonic() + 30
    while (found := server.seen())["waiting"] and time.monotonic() < until:
        time.sleep(0.2)
    return found


Speak = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def speak(server: Running) -> Speak:
    """Let a client tell of Anna's visit, with the key of the source or another."""

    def spoken(client_name: str, key: str = "") -> "subprocess.CompletedProcess[str]":
        program = command(client_name)
        if server.process is None:
            server.start()
            server.prepare()
        environment = {"PATH": os.environ["PATH"], "NODE_PATH": str(FOLDER / "node" / "node_modules")}
        line = [*program, f"http://127.0.0.1:{server.port}", key or server.key]
        return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60, check=False)

    return spoken


@pytest.mark.xdist_group("collector-server")
@pytest.mark.parametrize("client_name", CLIENTS)
def test_a_real_client_speaks_to_a_running_server(server: Running, speak: Speak, client_name: str) -> None:
    done = speak(client_name)
    assert done.returncode == 0, done.stdout + done.stderr
    hold(client_name, settled(server))


@pytest.mark.xdist_group("collector-server")
def test_a_client_that_retries_what_it_does_not_understand_stops_at_once(server: Running, speak: Speak) -> None:
    began = time.monotonic()
    done = speak("rudder_python", "wrong-key")
    assert done.returncode != 0
    assert "unknown_key" in done.stderr
    assert time.monotonic() - began < 8  # ten tries would take half a minute
