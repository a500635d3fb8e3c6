"""`/healthz` and `/readyz`, and the checks behind them and behind `doctor`."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.checks import CheckMessage
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from stammkunde.server.lib import checks, health
from stammkunde.server.lib.environment import Environment
from stammkunde.server.lib.models import Job


@pytest.fixture(autouse=True)
def just_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has not looked yet."""
    monkeypatch.setattr(health.Tables, "right", False)


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that does not answer, and says where it is."""

    def refuse(*_: object) -> None:
        raise OperationalError("connection to 10.0.0.7 failed: password of stammkunde")

    monkeypatch.setattr(connection, "cursor", refuse)


def ids(found: list[CheckMessage]) -> list[str]:
    return [str(each.id).removeprefix("stammkunde.") for each in found]


def job(now: datetime, **values: Any) -> Job:
    return Job.objects.create(**({"kind": "score", "due_at": now, "created_at": now} | values))


@pytest.mark.django_db
def test_a_process_that_can_serve_says_so_and_looks_at_the_disk_only_once(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    assert client.get("/readyz").json() == {"status": "ok", "problems": [], "queue": []}
    with django_assert_max_num_queries(5):
        assert client.get("/readyz").status_code == 200


@pytest.mark.usefixtures("no_database")
def test_without_a_database_it_lives_but_is_not_ready_and_tells_strangers_no_host(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["problems"] == [{"id": "stammkunde.E010", "what": "The database does not answer"}]
    assert b"10.0.0.7" not in answer.content


@pytest.mark.django_db
def test_tables_of_an_earlier_or_a_newer_version_are_told_apart(client: Client) -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("lib", "0002_job_kind")
    assert ids(checks.database()) == ["E011"]
    assert client.get("/readyz").status_code == 503
    recorder.record_applied("lib", "0002_job_kind")
    recorder.record_applied("lib", "0099_future")
    assert ids(checks.database()) == ["E014"]
    recorder.record_unapplied("lib", "0099_future")
    recorder.record_applied("gone", "0001_initial")  # of a package that was removed: nobody's business
    assert checks.database() == []


@pytest.mark.django_db
def test_a_queue_that_stands_still_is_told_but_pages_are_still_served(client: Client, now: datetime) -> None:
    job(now - timedelta(hours=1))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "behind"
    assert answer.json()["queue"][0]["id"] == "stammkunde.W010"


@pytest.mark.django_db
def test_work_that_waits_was_left_or_failed_is_found(now: datetime) -> None:
    job(now - timedelta(minutes=5))
    assert checks.queue(now=now) == []
    job(now - timedelta(minutes=20))
    job(now, state="running", lease_until=now - timedelta(seconds=1))
    job(now, state="failed", finished_at=now - timedelta(hours=2), error="No column of dates.")
    job(now, state="failed", finished_at=now - timedelta(days=2))
    found = checks.queue(now=now)
    assert ids(found) == ["W010", "W011", "W012"]
    assert "No column of dates." in str(found[2].hint)


@pytest.mark.django_db
def test_a_clock_that_is_wrong_is_found(now: datetime) -> None:
    job(now + timedelta(hours=1), created_at=now + timedelta(hours=1))
    found = ids(checks.clock(now=now))
    assert found == ["E012" if connection.vendor == "postgresql" else "E013"]


def test_addresses_without_encryption_are_warned_of_and_tracebacks_for_all_refused(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://shop.example"
    assert ids(checks.values()) == ["W001"]
    settings.DEBUG = True
    assert ids(checks.values()) == ["E005", "W001"]
    settings.PUBLIC_URL = "http://127.0.0.1.evil.example"
    assert ids(checks.values()) == ["E005", "W001"]
    settings.PUBLIC_URL = "http://localhost:8000"
    assert checks.values() == []


def test_faults_of_settings_have_a_number_and_a_hint(settings: Settings) -> None:
    settings.ENVIRONMENT = Environment.read({"STAMMKUNDE_DEBUG": "perhaps"})
    settings.SHOP_ZONE, settings.SECRET_KEY, settings.CURRENCY = "Mars/Olympus", "short", "€"
    found = [*checks.variables(), *checks.values()]
    assert ids(found) == ["E001", "E002", "E003", "E004"]
    assert [each for each in found if not each.hint] == []


def test_little_space_and_open_folders_are_warned_of(
    settings: Settings, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA = tmp_path
    tmp_path.chmod(0o755)
    monkeypatch.setattr(checks, "LITTLE_SPACE", 10**18)
    assert ids(checks.folder()) == ["W002", "W003"]
    tmp_path.chmod(0o700)
    monkeypatch.setattr(checks, "LITTLE_SPACE", 0)
    assert checks.folder() == []


@pytest.mark.usefixtures("no_database")
def test_doctor_asks_the_tables_only_where_there_are_some(now: datetime) -> None:
    found = checks.everything(now=now)
    assert [each.name for each in found] == ["settings", "values", "data folder", "database"]
    assert found[-1].worst == "error"
