"""The letters that people get: written for them, with a way out where it is advertising, and a name of their own."""

import email
import email.policy
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from sends import TEXT, agree, customer, message, order, reader
from stammkunde.server.mail.actions.planning import Planned, plan
from stammkunde.server.mail.models import Message, Send, Sender
from stammkunde.server.mail.sending.letters import Letters
from stammkunde.server.mail.sending.slices import send_due
from stammkunde.server.shop.models import Customer, Source

pytestmark = pytest.mark.django_db
OFFER = {
    "kind": "text",
    "text": {"en": "Try our new tea.", "de": "Probieren Sie unseren neuen Tee."},
    "purpose": "offer",
}


@pytest.fixture
def post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where letters are kept before anything is set up."""
    monkeypatch.setattr(settings, "DATA", tmp_path)
    Sender.objects.create(connections=1, address="shop@shop.example", name="Tea Shop")
    return tmp_path / "mail"


def sent(post: Path, hello: Message, *people: Customer, now: datetime, **about: Any) -> list[EmailMessage]:
    plan(hello, [Planned(1, each.pk, now, **about) for each in people], now=now)
    send_due(worker="tests", clock=lambda: now, seconds=60, composing=Letters)
    found = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in post.glob("*.eml")]
    return sorted((each for each in found if isinstance(each, EmailMessage)), key=lambda each: str(each["to"]))


def text(letter: EmailMessage, kind: str = "plain") -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_anna_is_written_to_in_english_and_ben_in_german(post: Path, now: datetime) -> None:
    anna, ben = reader("Anna", now, country="GB", locale="en-GB"), reader("Ben", now)
    first, second = sent(post, message(now), anna, ben, now=now)
    assert (first["subject"], second["subject"]) == ("Hello Anna", "Guten Tag Ben")
    assert "Hello Anna." in text(first)
    assert "Guten Tag Ben." in text(second, "html")
    assert list(Send.objects.order_by("pk").values_list("voice", flat=True)) == ["en", "de-sie"]


def test_advertising_has_a_way_out_and_an_order_mail_has_none(post: Path, now: datetime, source: Source) -> None:
    anna, ben = reader("Anna", now), customer("Ben", now)
    bought = order(ben, source, now)
    sent(post, message(now), anna, now=now)
    first, second = sent(post, message(now, "order", origin_id=2), ben, now=now, order_id=bought.pk)
    assert "/p/u/" in first["list-unsubscribe"]
    assert first["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert second["list-unsubscribe"] is None
    assert second["auto-submitted"] == "auto-generated"


def test_every_letter_has_a_name_of_its_own_that_the_ledger_knows(post: Path, now: datetime) -> None:
    letters = sent(post, message(now), *(reader(name, now) for name in ("Anna", "Ben", "Deniz")), now=now)
    names = {str(each["message-id"]) for each in letters}
    assert len(names) == 3
    assert names == set(Send.objects.values_list("header_id", flat=True))


def test_an_offer_in_an_order_mail_stands_there_only_for_who_agreed(post: Path, now: datetime, source: Source) -> None:
    hello = message(now, "order", blocks=[TEXT, OFFER])
    anna, clara = customer("Anna", now), customer("Clara", now)
    agree(anna, now)
    for each in (anna, clara):
        plan(hello, [Planned(1, each.pk, now, order_id=order(each, source, now, key=each.name).pk)], now=now)
    first, second = sent(post, hello, now=now)
    assert "neuen Tee" in text(first)
    assert "neuen Tee" not in text(second) + text(second, "html")
    row = Send.objects.get(customer=clara)
    assert [(each["block"], each["basis"], each["reason"]) for each in row.bases] == [
        ("", "contract", ""),
        ("b1", "", "no_notice"),
    ]
    assert "/p/u/" in first["list-unsubscribe"]
    assert second["list-unsubscribe"] is None


def test_a_mail_whose_variable_has_no_value_steps_aside(post: Path, now: datetime) -> None:
    odd = {"kind": "text", "text": {"en": "{{ order.number }}", "de": "{{ order.number }}"}}
    sent(post, message(now, blocks=[odd]), reader("Anna", now), now=now)
    row = Send.objects.get()
    assert (row.state, row.reason) == ("refused", "stuck")
    assert "order" in row.detail
