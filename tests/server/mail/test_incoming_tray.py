"""The tray: whoever serves customers sees what waits, reads it safely, and says what it is."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

import sends
from server.mail import letters
from stammkunde.server.accounts.models import Entry
from stammkunde.server.consent.models import Suppression
from stammkunde.server.mail.actions.hearing import take
from stammkunde.server.mail.models import Arrival, Hold, Send

pytestmark = pytest.mark.django_db


def letter_to(name: str, now: datetime, header: str = "") -> Send:
    """A newsletter that went to somebody."""
    more = {"state": "sent", "planned_at": now, "due_at": now, "settled_at": now, "marketing": True}
    who = sends.customer(name, now)
    return Send.objects.create(
        message=sends.message(now), scope="s", customer=who, address=who.email, header_id=header, **more
    )


def test_a_reply_waits_and_is_answered(as_role: Callable[[str], Client], now: datetime) -> None:
    letter_to("Anna", now, header="<s80.1a2b@shop.example>")
    take(letters.reply("Where is my parcel?"), now=now)
    service, pk = as_role("service"), Arrival.objects.get().pk
    page = service.get("/messages/tray/").content.decode()
    assert "Re: Your tea" in page
    assert "Where is my parcel?" in service.get(f"/messages/tray/{pk}/").content.decode()
    assert service.post(f"/messages/tray/{pk}/done").status_code == 302
    assert (Hold.objects.count(), Entry.objects.get(verb="cleared").subject) == (0, "arrival")
    assert "Re: Your tea" not in service.get("/messages/tray/").content.decode()
    assert "Re: Your tea" in service.get("/messages/tray/?handled=yes").content.decode()


def test_somebody_says_which_message_an_unsigned_report_is_about(
    as_role: Callable[[str], Client], now: datetime
) -> None:
    send = letter_to("Ben", now)
    take(letters.POSTFIX.replace("ben@example.org", "ben@example.com").encode(), now=now)
    service, pk = as_role("service"), Arrival.objects.get().pk
    assert f'<option value="{send.pk}">' in service.get(f"/messages/tray/{pk}/").content.decode()
    assert service.post(f"/messages/tray/{pk}/bounce", {"message": "99999999999999999999"}).status_code == 302
    assert not Suppression.objects.exists()
    service.post(f"/messages/tray/{pk}/bounce", {"message": str(send.pk)})
    assert Suppression.objects.get().scope == "dead"


def test_what_stands_in_a_mail_does_nothing_on_its_page(owner: Client, now: datetime) -> None:
    raw = b'From: Mallory <m@example.com>\nSubject: <script>alert(1)</script>\n\n<img src="https://evil.example/x">'
    pk = take(raw, now=now).pk
    page = owner.get(f"/messages/tray/{pk}/").content.decode()
    assert "<script>alert" not in page
    assert '<img src="https://evil' not in page


def test_who_only_reads_clears_nothing(as_role: Callable[[str], Client], now: datetime) -> None:
    pk = take(letters.reply("Hello?"), now=now).pk
    reader = as_role("reader")
    assert "/done" not in reader.get(f"/messages/tray/{pk}/").content.decode()
    assert reader.post(f"/messages/tray/{pk}/done").status_code == 403


@pytest.mark.parametrize("count", [0, 1, 3, 53])
def test_the_tray_of_many_has_pages(owner: Client, now: datetime, count: int) -> None:
    rows = [Arrival(received_at=now, digest=str(n), raw=b"?", kind="unknown") for n in range(count)]
    Arrival.objects.bulk_create(rows)
    page = owner.get("/messages/tray/").content.decode()
    assert page.count("/messages/tray/") >= min(count, 50)
    assert ("after=" in page) == (count > 50)
