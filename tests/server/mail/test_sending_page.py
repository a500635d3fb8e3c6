"""The page of how mail leaves the house."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from post_offices import PostOffice, post_office
from server.mail.zones import BACK, OFFICE, TEA, Zones
from stammkunde.server.accounts.actions import make_key
from stammkunde.server.accounts.roles import Right
from stammkunde.server.lib.seal import unseal
from stammkunde.server.mail.actions import ways
from stammkunde.server.mail.actions.gating import gate
from stammkunde.server.mail.models import Checkup, Sender, Trial
from stammkunde.server.mail.views import sending

pytestmark = pytest.mark.django_db
FROM = {"name": "Tea", "address": "tee@tea.example", "reply_to": "", "return_address": "bounce@tea.example"}
SMTP = {"host": "mail.tea.example", "port": "587", "security": "starttls", "user": "tee", "password": "geheim 1"}


@pytest.fixture
def boss(settings: Any, owner: Client) -> Client:
    """The owner, of whom no second factor is asked."""
    settings.DEMO = True
    return owner


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A server that takes everything."""
    with post_office() as found:
        yield found


def test_before_anything_is_set_the_page_says_what_a_check_is_for(boss: Client) -> None:
    page = boss.get("/settings/sending/").content.decode()
    assert "mail is kept as files" in page
    assert "refuse or hide mail to many" in page


def test_sender_server_and_secret_are_set_and_the_secret_is_sealed(boss: Client) -> None:
    boss.post("/settings/sending/from", FROM)
    boss.post("/settings/sending/way/smtp", SMTP | {"dkim_selector": "2026", "outgoing": "8.8.8.8"})
    sender = Sender.objects.get()
    assert (sender.address, sender.transport, sender.options["port"]) == ("tee@tea.example", "smtp", 587)
    assert unseal(sender.secrets) == {"password": "geheim 1"}
    page = boss.get("/settings/sending/").content.decode()
    assert "geheim" not in page
    boss.post("/settings/sending/way/smtp", SMTP | {"password": "", "port": "465"})
    assert unseal(Sender.objects.get().secrets) == {"password": "geheim 1"}
    assert Sender.objects.get().options["port"] == 465


def test_another_way_out_forgets_the_password_and_keeps_mailbox_and_webhooks(boss: Client) -> None:
    boss.post("/settings/sending/way/smtp", SMTP)
    box = {"mailbox-host": "imap.tea.example", "mailbox-port": "993", "mailbox-security": "tls", "mailbox-user": "b"}
    boss.post("/settings/sending/mailbox", box | {"mailbox-password": "drei"})
    boss.post("/settings/sending/way/postmark", {"server_token": "abc", "message_stream": "broadcast"})
    page = boss.post("/settings/sending/hook").content.decode()
    sender = Sender.objects.get()
    hidden = unseal(sender.secrets)
    assert sender.options["imap"]["host"] == "imap.tea.example"
    assert (hidden["server_token"], hidden["imap_password"], "password" in hidden) == ("abc", "drei", False)
    assert f"{hidden['hooks']['postmark']['webhook_secret']}@" in page
    boss.post("/settings/sending/way/brevo", {"api_key": "k"})
    assert "postmark" in unseal(Sender.objects.get().secrets)["hooks"]


def test_a_provider_without_its_key_is_not_taken(boss: Client) -> None:
    assert "id_server_token" in boss.get("/settings/sending/?way=postmark").content.decode()
    page = boss.post("/settings/sending/way/postmark", {"server_token": ""}).content.decode()
    assert 'aria-invalid="true"' in page
    assert not Sender.objects.exists()
    assert boss.post("/settings/sending/way/carrier-pigeon", {}).status_code == 404


def test_habits_and_pace_are_set(boss: Client) -> None:
    habits = {
        "form": "du",
        "tracking": "none",
        "quiet_from": "21:00",
        "quiet_to": "07:30",
        "cap": "3",
        "cap_days": "14",
    }
    days = {"look_ahead_hours": "6", "late_days": "5", "refund_days": "10"}
    boss.post("/settings/sending/habits", habits | {"gap_hours": "72", **days})
    boss.post("/settings/sending/pace", {"connections": "8", "per_minute": "600"})
    boss.post("/settings/sending/warm-up", {"first": "100"})
    sender = Sender.objects.get()
    assert (sender.form, str(sender.quiet_to), sender.cap_days, sender.connections) == ("du", "07:30:00", 14, 8)
    assert sender.warm_up_first == 100
    assert "Today 100 messages may leave" in boss.get("/settings/sending/").content.decode()


def test_a_test_mail_leaves_by_what_is_set_and_is_remembered(boss: Client, office: PostOffice) -> None:
    boss.post("/settings/sending/from", FROM)
    way = {"host": office.host["host"], "port": office.host["port"], "security": "none"}
    boss.post("/settings/sending/way/smtp", way)
    boss.post("/settings/sending/trial", {"to": "olga@tea.example"})
    assert [to for to, _name in office.came] == ["olga@tea.example"]
    assert Trial.objects.get().response.startswith("250")
    assert "The last one left on" in boss.get("/settings/sending/").content.decode()
    boss.post("/settings/sending/way/smtp", way | {"user": "other"})
    assert "None has left by what is set now" in boss.get("/settings/sending/").content.decode()


def test_a_server_that_is_not_there_is_told_in_its_own_words(boss: Client) -> None:
    boss.post("/settings/sending/from", FROM)
    boss.post("/settings/sending/way/smtp", {"host": "127.0.0.1", "port": "1", "security": "none"})
    page = boss.post("/settings/sending/trial", {"to": "olga@tea.example"}).content.decode()
    assert "refused" in page
    assert not Trial.objects.exists()


def test_the_check_lists_what_to_mend_with_the_record_to_copy(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "Live", lambda: Zones(TEA.replace("_dmarc", "dmarc"), OFFICE, BACK))
    boss.post("/settings/sending/from", FROM)
    boss.post("/settings/sending/way/smtp", SMTP | {"dkim_selector": "2026"})
    boss.post("/settings/sending/check")
    page = boss.get("/settings/sending/").content.decode()
    assert 'value="v=DMARC1; p=none"' in page
    assert "_dmarc.tea.example" in page
    german = boss.get("/settings/sending/", headers={"Accept-Language": "de"}).content.decode()
    assert "DMARC: tea.example sagt nicht" in german
    assert "zu beheben" in german


def test_what_is_changed_shuts_the_gate_until_it_was_looked_at_again(boss: Client, now: datetime) -> None:
    boss.post("/settings/sending/from", FROM)
    for part, said in (("from", FROM | {"reply_to": "hallo@tea.example"}), ("way/smtp", SMTP)):
        Sender.objects.update(bulk_ready_at=now)
        boss.post(f"/settings/sending/{part}", said)
        assert Sender.objects.get().bulk_ready_at is None
    Sender.objects.update(bulk_ready_at=now)
    boss.post("/settings/sending/pace", {"connections": "2", "per_minute": "0"})
    assert Sender.objects.get().bulk_ready_at == now


def test_sending_is_paused_with_a_reason_and_goes_on(boss: Client) -> None:
    boss.post("/settings/sending/halt", {"why": "Wrong prices in the newsletter"})
    assert "Wrong prices" in boss.get("/settings/sending/").content.decode()
    boss.post("/settings/sending/halt")
    assert Sender.objects.get().paused_at is None


def test_marketing_does_not_see_the_settings_of_sending(as_role: Callable[[str], Client]) -> None:
    assert as_role("marketing").get("/settings/sending/").status_code == 403


def test_secrets_under_a_lost_key_do_not_break_the_page(boss: Client, settings: Any, now: datetime) -> None:
    ways.choose("brevo", {}, {"api_key": "k"}, now=now, by=None)
    Sender.objects.update(secrets="gAAAAA-of-another-key")
    assert boss.get("/settings/sending/").status_code == 200
    gate(Zones(), now=now, by=None)
    assert not Checkup.objects.get().passed
    boss.post("/settings/sending/from", FROM)
    boss.post("/settings/sending/way/brevo", {"api_key": "anew"})
    assert unseal(Sender.objects.get().secrets) == {"api_key": "anew"}


def test_a_program_sets_tries_pauses_and_reads_what_was_found(office: PostOffice, now: datetime) -> None:
    key = make_key(name="Shop", scopes=[Right.SEE, Right.SEND, Right.SETTINGS], now=now, by=None)
    ask = Client(headers={"Authorization": f"Bearer {key}"})

    def tell(verb: str, where: str, body: object) -> Any:
        return ask.generic(verb, f"/api/v1/sending{where}", json.dumps(body), content_type="application/json")

    tell("PATCH", "", {"address": "tee@tea.example", "quiet_to": "07:30"})
    options = {"host": office.host["host"], "port": office.host["port"], "security": "none"}
    told = tell("PUT", "/way", {"transport": "smtp", "options": options, "secrets": {"password": "geheim"}}).json()
    assert (told["quiet_to"], told["secrets"], "geheim" in json.dumps(told)) == ("07:30", ["password"], False)
    assert tell("POST", "/trial", {"to": "olga@tea.example"}).json()["response"].startswith("250")
    assert tell("POST", "/pause", {"why": "Stock"}).json()["paused_why"] == "Stock"
    assert tell("POST", "/resume", {}).json()["paused_at"] is None
    assert tell("PATCH", "", {"connections": 51}).status_code == 422
    assert tell("PUT", "/way", {"transport": "Pigeon"}).status_code == 422
    assert ask.get("/api/v1/sending/check").status_code == 404
    gate(Zones(TEA, OFFICE, BACK), now=now, by=None)
    found = ask.get("/api/v1/sending/check").json()
    assert {each["code"]: each["level"] for each in found["findings"]}["no_imprint"] == "bad"
