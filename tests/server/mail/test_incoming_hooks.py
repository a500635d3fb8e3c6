"""What providers tell is believed when it is signed, kept once, and has the consequences of mail that came back."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from django.test import Client

import sends
from server.mail.providers import HOOKS, payloads, post
from stammkunde.server.consent.models import Entry, Suppression
from stammkunde.server.lib.seal import seal
from stammkunde.server.mail.actions.believing import KINDS, Told, believe
from stammkunde.server.mail.incoming.providers import is_program
from stammkunde.server.mail.models import Arrival, Send, Sender, Signal
from stammkunde.server.mail.views import hooks

pytestmark = pytest.mark.django_db

#: What a payload is by the word of its provider: part of its name, and what we call it. "!" is for good.
NAMED: Final = [
    (r"aws_lambda/|inbound|sns_|ignore_incoming|resubscribe|initial_open", ""),
    (
        r"queued|injection|processed|(?<!mailjet/)(?<!mailtrap/)(?:sent|send)_event|old_tracking_url|error_includes_project",
        "",
    ),
    (
        r"mail(jet|trap)/sent_event|non_grouped|delivered|delivery_event|metadata_message|sisimai_sendgrid/13",
        "delivered",
    ),
    (r"sisimai_amazonses/0[45]|multiple_event_option", "delivered"),
    (r"greylist|deferred|delay|failed_temporary|suspension", "deferred"),
    (r"(mailtrap|unisender_go)/soft_bounce", "deferred"),
    (r"dropped_(bounced?|invalid)|invalid_email|invalid_mailbox|failed_permanent|mailjet/blocked", "bounced!"),
    (r"hard_bounce|(amazon_ses|mailjet|mailtrap|postmark|sendgrid|sparkpost)/(multiple_)?bounce_event", "bounced!"),
    (r"sisimai_amazonses/0[126]", "bounced!"),
    (r"soft_bounce|blocked|reject|rendering|error_email|dropped_(spam|timed_out)|suppressed|generation", "bounced"),
    (r"postal/(bounce|failed)|subscription_change_bounce|sisimai_sendgrid/1[24]", "bounced"),
    (r"sisimai_amazonses/03|sisimai_sendgrid/1[567]|complain|spam", "complained"),
    (r"unsub", "unsubscribed"),
    (r"challenge", "auto_replied"),
    (r"mailjet/click_event|open|amp_events", "opened"),  # Mailjet's example of a click says "open"
    (r"click", "clicked"),
    (r"sisimai_sendgrid/", "bounced"),
]


def expected(name: str) -> str:
    return next(kind for pattern, kind in NAMED if re.search(pattern, name))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Told]:
    """What was told, in place of what follows of it."""
    found: list[Told] = []

    def hear(what: Told, *, now: datetime) -> bool:
        found.append(what)
        return believe(what, now=now)

    monkeypatch.setattr(hooks, "believe", hear)
    return found


@pytest.fixture
def shop() -> Sender:
    return Sender.objects.create(secrets=seal({"hooks": HOOKS}), tracking="aggregate")


def test_every_documented_payload_is_the_event_it_is_called(
    shared_data: Path, told: list[Told], shop: Sender, now: datetime
) -> None:
    wrong, count = [], 0
    folder = shared_data / "esp_webhooks"
    for name, provider, kind in payloads(folder):
        told.clear()
        where = "inbound/" if "inbound" in name else ""
        status = post(provider, json.loads((folder / name).read_text()), kind, now=now).to(Client(), where)
        kinds = {str(KINDS[each.kind]) for each in told if each.kind in KINDS}
        if any(each.reject_reason == "unsubscribed" for each in told):
            kinds = {"unsubscribed"}
        wanted = expected(name).rstrip("!") if not where else ""
        if status != 200 or not ({wanted} <= kinds or (not wanted and not kinds)):
            wrong.append((name, status, kinds, wanted))
        count += 1
    assert (wrong, count) == ([], 149)
    assert Arrival.objects.count() == 2  # Postmark's two examples of mail that came in


def test_for_good_and_for_now_are_told_apart_as_the_provider_means_it(
    shared_data: Path, told: list[Told], shop: Sender, now: datetime
) -> None:
    message, folder, wrong = sends.message(now), shared_data / "esp_webhooks", []
    who = sends.customer("Ben", now)
    about = {"message": message, "customer": who, "marketing": True, "planned_at": now, "due_at": now, "state": "sent"}
    for number, (name, provider, kind) in enumerate(payloads(folder)):
        if not expected(name).startswith("bounced") or "sisimai_sendgrid" in name:
            continue
        told.clear()
        Signal.objects.all().delete()
        Send.objects.all().delete()
        payload = json.loads((folder / name).read_text())
        post(provider, payload, kind, now=now).to(Client())
        sent = {"run": number, "address": told[0].recipient, "settled_at": told[0].at - timedelta(hours=1)}
        Send.objects.create(scope="s", **sent, **about)
        post(provider, payload, kind, now=now).to(Client())
        if (Signal.objects.first() or Signal()).hard != expected(name).endswith("!"):
            wrong.append(name)
    assert wrong == []


@pytest.mark.parametrize("provider", sorted(HOOKS))
def test_what_is_not_signed_or_signed_by_somebody_else_is_refused(
    provider: str, told: list[Told], shop: Sender, now: datetime
) -> None:
    forged = post(provider, {"Type": "Notification", "MessageId": "1", "Message": "{}"}, "application/json", now=now)
    forged.headers = {name: value[:-3] + "AAA" for name, value in forged.headers.items() if "sns" not in name}
    forged.body = forged.body.replace(b"sig", b"gis").replace(b'"auth": "', b'"auth": "0')
    assert forged.to(Client()) in (401, 403)
    forged.headers = {}
    assert forged.to(Client()) in (401, 403)
    assert told == []


def test_a_provider_nobody_has_set_anything_for_is_not_listened_to(now: datetime) -> None:
    made = post("postmark", {}, "application/json", now=now)
    assert made.to(Client()) == 404
    Sender.objects.create(secrets=seal({"hooks": {"postmark": {"webhook_secret": ""}, "mailgun": {}}}))
    assert made.to(Client()) == 404
    assert post("nobody", {}, "application/json", now=now).to(Client()) == 404


def test_nonsense_that_is_signed_is_told_to_the_provider(shop: Sender, now: datetime) -> None:
    made = post("postmark", {}, "application/json", now=now)
    for body in (b"[]", b"{", b'{"RecordType": 7}', b"\xff"):
        made.body = body
        assert made.to(Client()) in (200, 422)


BOUNCE: Final = {
    "RecordType": "Bounce",
    "ID": 42,
    "Type": "HardBounce",
    "TypeCode": 1,
    "MessageID": "pm-1",
    "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
    "Email": "ben@example.com",
    "BouncedAt": "2026-03-02T08:59:00Z",
}


def sent(now: datetime, header: str = "pm-1") -> Send:
    """A newsletter that Postmark took."""
    more = {
        "state": "sent",
        "planned_at": now,
        "due_at": now,
        "settled_at": now - timedelta(hours=1),
        "marketing": True,
    }
    who = sends.customer("Ben", now, email="ben@example.com")
    return Send.objects.create(
        message=sends.message(now), scope="s", customer=who, address=who.email, header_id=header, **more
    )


def tell(payload: dict[str, Any], now: datetime) -> None:
    assert post("postmark", payload, "application/json", now=now).to(Client()) == 200


def test_a_bounce_told_three_times_is_one_and_the_address_is_dead(shop: Sender, now: datetime) -> None:
    send = sent(now)
    for _ in range(3):
        tell(BOUNCE, now)
    signal = Signal.objects.get()
    assert (signal.send, signal.kind, signal.hard, signal.source) == (send, "bounced", True, "postmark")
    assert Suppression.objects.get().scope == "dead"


def test_a_complaint_ends_advertising_and_leaving_is_an_objection(shop: Sender, now: datetime) -> None:
    sent(now)
    tell(BOUNCE | {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "TypeCode": 512, "ID": 43}, now)
    assert Suppression.objects.get().scope == "all"
    left = {"RecordType": "SubscriptionChange", "MessageID": "pm-1", "Recipient": "ben@example.com"}
    left |= {"SuppressSending": True, "SuppressionReason": "ManualSuppression", "ChangedAt": "2026-03-02T08:59:00Z"}
    tell(left, now)
    assert [(each.kind, each.topic) for each in Entry.objects.all()] == [("objected", "all")]


def test_what_is_about_nobodys_message_changes_nothing(shop: Sender, now: datetime) -> None:
    tell(BOUNCE, now)
    assert (Signal.objects.count(), Suppression.objects.count()) == (0, 0)


OPEN: Final = {
    "RecordType": "Open",
    "MessageID": "pm-1",
    "Recipient": "ben@example.com",
    "ReceivedAt": "2026-03-02T08:59:00Z",
}


@pytest.mark.parametrize(("level", "kept"), [("none", []), ("aggregate", [None]), ("individual", [None])])
def test_openings_are_kept_as_far_as_the_shop_measures_and_ben_agreed(
    shop: Sender, now: datetime, level: str, kept: list[None]
) -> None:
    Sender.objects.update(tracking=level)
    sent(now)
    tell(OPEN | {"UserAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}, now)
    assert [each.send for each in Signal.objects.all()] == kept


def test_programs_are_told_from_browsers() -> None:
    machines = ["Mozilla/5.0", "GoogleImageProxy", "", "python-requests/2.32", "Barracuda Link Scanner", "SomeBot/1.0"]
    people = [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
    ]
    assert [is_program(each) for each in machines] == [True] * 6
    assert not any(is_program(each) for each in people)
