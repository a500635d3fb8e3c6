"""Ways in for what came back: from the mail server, through the API, out of a mailbox. None loses one, none takes it
for two."""

from datetime import datetime
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from typer.testing import CliRunner

import sends
from server.mail import letters
from server.mail.mailbox import mailbox
from stammkunde.cli.app import app
from stammkunde.errors import StammkundeError
from stammkunde.server.lib.seal import seal
from stammkunde.server.mail import fetching
from stammkunde.server.mail.actions import hearing
from stammkunde.server.mail.models import Arrival, Send, Sender, Signal
from stammkunde.server.mail.queries.signals import counts

pytestmark = pytest.mark.django_db


def boxed(port: int, password: str = "secret", **more: Any) -> Sender:
    """A shop that fetches what comes back."""
    said = {"host": "127.0.0.1", "port": port, "user": "shop", "security": "none"} | more
    return Sender.objects.create(options={"imap": said}, secrets=seal({"imap_password": password}))


def test_a_mail_server_hands_a_mail_to_the_command() -> None:
    told = CliRunner().invoke(app, ["mail", "receive", "--to", "bounce+1.x@shop.example"], input=letters.POSTFIX)
    arrival = Arrival.objects.get()
    assert (told.exit_code, told.stdout.split()) == (0, [str(arrival.pk), "bounce"])
    assert bytes(arrival.raw).startswith(b"Delivered-To: bounce+1.x@shop.example\n")


def test_when_the_database_is_away_the_mail_server_keeps_the_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> Arrival:
        raise OperationalError("away")

    monkeypatch.setattr(hearing, "take", away)
    told = CliRunner().invoke(app, ["mail", "receive"], input=letters.POSTFIX)
    assert told.exit_code == 75


def test_what_is_unread_is_fetched_and_marked_and_fetched_no_more(now: datetime) -> None:
    with mailbox([letters.POSTFIX.encode(), letters.reply("Where is it?")]) as box:
        boxed(box.port)
        assert [fetching.fetch(now=now) for _ in range(2)] == [2, 0]
    assert box.seen == {1, 2}
    assert sorted(Arrival.objects.values_list("kind", flat=True)) == ["bounce", "reply"]


def test_a_mailbox_that_breaks_before_the_mark_is_taken_gives_the_mail_twice_and_it_is_one(now: datetime) -> None:
    with mailbox([letters.POSTFIX.encode()], breaks=True) as box:
        boxed(box.port)
        with pytest.raises((OSError, fetching.imaplib.IMAP4.error)):
            fetching.fetch(now=now)
        box.breaks = False
        assert fetching.fetch(now=now) == 1
    assert Arrival.objects.count() == 1


def test_a_wrong_password_is_advice(now: datetime) -> None:
    with mailbox([]) as box:
        boxed(box.port, password="wrong")
        with pytest.raises(StammkundeError, match="let us in"):
            fetching.fetch(now=now)


def test_a_shop_without_a_mailbox_fetches_nothing(now: datetime) -> None:
    assert fetching.fetch(now=now) == 0


def test_the_api_takes_a_mail_and_shows_the_tray(owner: Client) -> None:
    answer = owner.post("/api/v1/mail/arrivals", letters.POSTFIX.encode(), content_type="message/rfc822")
    assert (answer.status_code, answer.json()["kind"]) == (201, "bounce")
    found = owner.get("/api/v1/mail/arrivals").json()["arrivals"]
    assert [each["verdict"]["recipients"][0]["address"] for each in found] == ["ben@example.org"]
    assert owner.post(f"/api/v1/mail/arrivals/{found[0]['id']}/done").json()["handled_at"]
    assert owner.get("/api/v1/mail/arrivals").json() == {"arrivals": [], "after": ""}
    assert len(owner.get("/api/v1/mail/arrivals?handled=true").json()["arrivals"]) == 1


def test_an_empty_mail_is_none(owner: Client) -> None:
    assert owner.post("/api/v1/mail/arrivals", b"", content_type="message/rfc822").status_code == 422


def test_counts_are_of_people_and_not_of_machines(owner: Client, now: datetime) -> None:
    message = sends.message(now)
    more = {"message": message, "scope": "s", "marketing": True, "planned_at": now, "due_at": now}
    anna, ben = (Send.objects.create(customer=sends.customer(n, now), **more) for n in ("Anna", "Ben"))
    for number, (send, kind, machine) in enumerate(
        [(anna, "clicked", False), (anna, "clicked", False), (ben, "clicked", True), (None, "opened", False)]
    ):
        about = {"send": send, "message": message, "kind": kind, "machine": machine}
        Signal.objects.create(key=str(number), at=now, source="x", **about)
    Signal.objects.create(key="b", at=now, source="x", send=ben, message=message, kind="bounced", hard=True)
    found = counts([message.pk])[message.pk]
    assert (found.clicked, found.opened, found.bounced, found.hard) == (1, 1, 1, 1)
    told = owner.get("/api/v1/mail/signals?kind=bounced").json()["signals"]
    assert [(each["message"], each["hard"]) for each in told] == [(ben.pk, True)]
