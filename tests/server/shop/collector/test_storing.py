"""A request is thanked when its row is committed, not before; what is busy is told so."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError
from django.test import Client
from django.utils import timezone

from server.shop.collector.conftest import KEY, Send, basic
from stammkunde.server.lib.models import Job
from stammkunde.server.lib.work import run_due
from stammkunde.server.shop.actions import doors
from stammkunde.server.shop.collector import writer as writing
from stammkunde.server.shop.collector.writer import NotStoredError, Writer, writer
from stammkunde.server.shop.models import Delivery, Event, Source


def row(source: Source, number: int) -> tuple[Any, ...]:
    when = timezone.now()
    return (source.pk, "segment/track", f"k{number}", "d", "", b"{}", "{}", when, "new", 0, "")


@pytest.mark.django_db(transaction=True)
def test_many_requests_share_a_commit_and_each_waits_for_its_own(place: Source) -> None:
    threads = [threading.Thread(target=writer.store, args=(row(place, number),)) for number in range(40)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert Delivery.objects.count() == 40
    writer.store(row(place, 7))
    assert Delivery.objects.count() == 40


@pytest.mark.django_db(transaction=True)
def test_what_was_sent_is_understood_without_anybody_asking(send: Send) -> None:
    assert send("/v1/track", {"event": "Kettle Boiled", "userId": "anna", "messageId": "m"}).status_code == 200
    for _ in range(50):
        if Job.objects.filter(kind=doors.DELIVERIES, state="waiting").exists():
            break
        threading.Event().wait(0.1)
    writer.stop()
    run_due(now=timezone.now() + timedelta(seconds=5))
    assert Event.objects.get().key == "m"


@pytest.mark.django_db(transaction=True)
def test_while_a_job_runs_another_is_asked_for_later(place: Source) -> None:
    Job.objects.create(
        kind=doors.DELIVERIES, key=str(place.pk), state="running", due_at=timezone.now(), created_at=timezone.now()
    )
    own = Writer()
    own.store(row(place, 1))
    own.stop()
    assert own._due == {place.pk}
    Job.objects.update(state="done")
    own._ask()
    assert Job.objects.filter(kind=doors.DELIVERIES, state="waiting").count() == 1
    assert own._due == set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [DatabaseError("disk full"), OperationalError("database is locked")])
def test_what_is_not_stored_is_not_thanked_for(
    place: Source, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(_: Any) -> None:
        raise error

    monkeypatch.setattr(writing, "write", refuse)
    monkeypatch.setattr(writing, "LOCKED", 0.01)
    document = b'{"event": "x", "userId": "a"}'
    answer = Client().post(
        "/v1/track", document, content_type="application/json", headers={"Authorization": basic(KEY)}
    )
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert {"code", "message"} <= answer.json().keys()
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_without_a_database_clients_are_told_to_come_again(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(Source.objects, "filter", gone)
    answer = send("/v1/track", {"event": "x", "userId": "a"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


@pytest.mark.django_db(transaction=True)
def test_a_lock_is_waited_for_and_a_broken_connection_replaced(place: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[Exception] = [OperationalError("database is locked"), OperationalError("server closed the connection")]
    write = writing.write

    def later(rows: Any) -> None:
        if tries:
            raise tries.pop(0)
        write(rows)

    monkeypatch.setattr(writing, "write", later)
    writer.store(row(place, 1))
    assert Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_ever(place: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "PATIENCE", 0.05)
    held = threading.Event()
    monkeypatch.setattr(writing, "write", lambda _: held.wait(5))
    own = Writer()
    with pytest.raises(NotStoredError):
        own.store(row(place, 1))
    held.set()
    own.stop()


@pytest.mark.django_db
def test_the_round_of_every_minute_finds_what_no_job_was_asked_for(send: Send, now: datetime) -> None:
    send("/v1/track", {"event": "x", "userId": "a"})
    Job.objects.all().delete()
    Job.objects.create(kind=doors.DELIVERIES, key="by itself", due_at=now, created_at=now)
    run_due(now=timezone.now() + timedelta(seconds=5))
    assert Event.objects.count() == 1
