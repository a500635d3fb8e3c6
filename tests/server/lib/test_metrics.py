"""`/metrics`: figures of rows and requests, for who may see them."""

import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from instances import SOURCE
from stammkunde.server.lib import metrics
from stammkunde.server.lib.environment import Environment
from stammkunde.server.lib.models import Job
from stammkunde.server.shop.models import Delivery, Import, Source


def figures(client: Client) -> dict[str, float]:
    """What the page says: name with labels, and value."""
    text = client.get("/metrics").content.decode()
    return {
        name: float(value) for name, value in re.findall(r"^(stammkunde_\S+(?:\{.*\})?) (\S+)$", text, re.MULTILINE)
    }


def may_see(*, address: str = "127.0.0.1", **headers: str) -> bool:
    return metrics.may_see(RequestFactory().get("/metrics", headers=headers, REMOTE_ADDR=address))


@pytest.fixture
def token(settings: Settings) -> str:
    settings.ENVIRONMENT = Environment.read({"STAMMKUNDE_METRICS_TOKEN": "a long token"})
    return "a long token"


@pytest.mark.django_db
def test_the_work_that_waits_runs_and_failed_is_counted_by_kind(client: Client) -> None:
    now = timezone.now()
    for state, minutes in (("waiting", 10), ("waiting", -60), ("failed", 5), ("done", 3)):
        Job.objects.create(
            kind="import", state=state, due_at=now - timedelta(minutes=minutes), created_at=now, finished_at=now
        )
    found = figures(client)
    assert found['stammkunde_jobs{kind="import",state="waiting"}'] == 2
    assert found['stammkunde_jobs{kind="import",state="failed"}'] == 1
    assert found['stammkunde_job_oldest_seconds{kind="import"}'] == pytest.approx(600, abs=30)
    assert found['stammkunde_job_last_done_seconds{kind="import"}'] == pytest.approx(0, abs=30)
    assert found["stammkunde_database_answers"] == 1


@pytest.mark.django_db
def test_deliveries_that_wait_and_rows_that_were_rejected_are_counted(
    client: Client, source: Source, now: datetime
) -> None:
    for number, state in enumerate(("new", "new", "failed", "done")):
        Delivery.objects.create(
            source=source, topic="t", key=str(number), digest="d", body=b"", state=state, received_at=now
        )
    Import.objects.create(
        source=source, filename="a.csv", path="a", digest="d", state="done", created_at=now,
        outcome={"totals": {"rows_rejected": 7}},
    )  # fmt: skip
    found, of = figures(client), f'name="Orders by hand",source="{source.pk}"'
    assert found[f'stammkunde_deliveries{{{of},state="new"}}'] == 2
    assert found[f'stammkunde_deliveries{{{of},state="failed"}}'] == 1
    assert found["stammkunde_import_rejects"] == 7


@pytest.mark.django_db
def test_requests_are_counted_by_status_and_a_strange_method_is_no_figure_of_its_own(client: Client) -> None:
    before = figures(client)
    client.get("/healthz")
    client.generic("BREW", "/healthz")
    after = figures(client)
    name = 'stammkunde_request_seconds_count{method="%s",status="%s"}'
    assert after[name % ("GET", 200)] - before.get(name % ("GET", 200), 0) == 2  # /metrics itself is one
    assert after[name % ("other", 405)] - before.get(name % ("other", 405), 0) == 1
    assert 'stammkunde_request_seconds_bucket{le="0.15",method="GET",status="200"}' in after


@pytest.mark.parametrize(
    ("address", "local"),
    [("127.0.0.1", True), ("::1", True), ("10.1.2.3", True), ("192.168.0.7", True), ("172.18.0.1", True),
     ("::ffff:10.0.0.1", True), ("::ffff:8.8.8.8", False), ("8.8.8.9", False),
     ("2a00:1450::1", False), ("", False), ("unix", False)],
)  # fmt: skip
def test_the_local_network_may_look(address: str, *, local: bool) -> None:
    assert may_see(address=address) is local


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via"])
def test_through_a_proxy_every_address_is_that_of_the_proxy_and_says_nothing(header: str) -> None:
    assert not may_see(**{header: "127.0.0.1"})


def test_with_the_token_it_can_be_seen_from_everywhere(token: str) -> None:
    assert may_see(address="8.8.8.8", Authorization=f"Bearer {token}")
    assert not may_see(address="8.8.8.8", Authorization=f"Bearer {token}x")
    assert not may_see(address="8.8.8.8", Authorization=f"Basic {token}")


def test_where_there_is_no_token_none_opens() -> None:
    assert not may_see(address="8.8.8.8", Authorization="Bearer ")
    assert not may_see(address="8.8.8.8", Authorization="Bearer None")


@pytest.mark.django_db
def test_who_may_not_see_is_told_what_to_show(client: Client) -> None:
    answer = client.get("/metrics", REMOTE_ADDR="8.8.8.8")
    assert answer.status_code == 403
    assert b"STAMMKUNDE_METRICS_TOKEN" in answer.content


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_a_figure(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(now: datetime) -> list[object]:
        raise DatabaseError("gone")

    monkeypatch.setattr(metrics, "FIGURES", [lost])
    assert figures(client)["stammkunde_database_answers"] == 0


COUNT = """
import django; django.setup()
from stammkunde.server.lib import metrics
metrics.count_request("GET", 200, 0.01)
print(metrics.generate_latest(metrics._requests()).decode())
"""


def test_web_processes_add_up_what_they_count(tmp_path: Path) -> None:
    (tmp_path / "counters").mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(SOURCE),
        "DJANGO_SETTINGS_MODULE": "stammkunde.server.settings",
        "STAMMKUNDE_DATA": str(tmp_path),
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "counters"),
    }
    command = [sys.executable, "-c", COUNT]
    told = [
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout for _ in range(2)
    ]
    assert 'stammkunde_request_seconds_count{method="GET",status="200"} 2.0' in told[1]


def test_a_request_is_answered_where_it_cannot_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_labels: str) -> None:
        raise FileNotFoundError("histogram_1.db")

    monkeypatch.setattr(metrics._seconds, "labels", gone)
    assert Client().get("/healthz").status_code == 200
