"""Whoever listens by webhook hears what became of messages and consents, each once."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from post_offices import PostOffice, post_office
from sends import customer, go, message, reader
from stammkunde.server.accounts.actions import endpoints
from stammkunde.server.accounts.models import Outgoing
from stammkunde.server.consent.actions import recording
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.mail.actions.noting import Known, bounced, complained
from stammkunde.server.mail.actions.planning import Planned, plan
from stammkunde.server.mail.models import Send, Sender, Signal
from stammkunde.server.mail.sending import claiming

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A server that takes everything."""
    with post_office() as found:
        yield found


@pytest.fixture
def heard(now: datetime) -> None:
    """Somebody listens to mails and consents."""
    wish = endpoints.Wish("https://crm.example/in", ["message.*", "consent.*"])
    endpoints.add(wish, now=now - timedelta(days=90), by=None)


def told(prefix: str) -> Counter[str]:
    return Counter(Outgoing.objects.filter(event__startswith=prefix).values_list("event", flat=True))


def test_what_became_of_each_message_is_told_once(heard: None, office: PostOffice, now: datetime) -> None:
    Sender.objects.create(transport="smtp", options=office.host, connections=1, address="shop@example.com")
    people = [reader("Anna", now), reader("Ben", now), customer("Clara", now)]  # Clara agreed to nothing
    plan(message(now), [Planned(1, each.pk, now) for each in people], now=now)
    go(now)
    go(now)
    assert told("message") == {"message.sent": 2, "message.suppressed": 1}
    body = json.loads(Outgoing.objects.get(event="message.suppressed").body)["data"]
    assert (body["customer"], bool(body["reason"]), "clara" in str(body)) == (people[2].pk, True, False)


def test_a_worker_that_died_leaves_a_message_of_which_it_is_told_that_nobody_knows(heard: None, now: datetime) -> None:
    plan(message(now), [Planned(1, reader("Anna", now).pk, now)], now=now)
    Send.objects.update(state=Send.State.HANDING, worker="gone", lease_until=now - timedelta(minutes=1))
    assert claiming.sweep(now=now)[1] == 1
    assert claiming.sweep(now=now)[1] == 0
    assert told("message") == {"message.unknown": 1}


def test_what_comes_back_is_told_once_however_often_it_is_reported(heard: None, now: datetime) -> None:
    plan(message(now), [Planned(1, reader("Anna", now).pk, now)], now=now)
    send = Send.objects.get()
    for _ in range(2):
        bounced(send, Known(Signal.Kind.BOUNCED, "b1", "dsn", now, hard=True, reason="no_user"), now=now)
        complained(send, Known(Signal.Kind.COMPLAINED, "c1", "arf", now), now=now)
    assert told("message") == {"message.bounced": 1, "message.complained": 1}
    assert json.loads(Outgoing.objects.get(event="message.bounced").body)["data"]["kind"] == "hard"


def test_consents_are_told_as_they_are_given_and_taken_back(heard: None, now: datetime) -> None:
    anna = reader("Anna", now)
    recording.withdraw(anna, topic="marketing", proof=Proof("telephone"), now=now)
    recording.object_to(anna, topic="all", proof=Proof("telephone"), now=now)
    assert told("consent") == {"consent.granted": 1, "consent.withdrawn": 2}


def test_where_nobody_listens_nothing_is_written(office: PostOffice, now: datetime) -> None:
    Sender.objects.create(transport="smtp", options=office.host, connections=1, address="shop@example.com")
    plan(message(now), [Planned(1, reader("Anna", now).pk, now)], now=now)
    go(now)
    assert not Outgoing.objects.exists()
