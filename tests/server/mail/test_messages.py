"""The ledger as staff read it: who got what, who did not, and what proves it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from stammkunde.server.accounts.models import Entry as LogEntry
from stammkunde.server.consent.actions import recording, ruling
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.mail.models import Message, Passed, Send, Signal, Template, Version
from stammkunde.server.mail.queries.messages import Filter, page
from stammkunde.server.shop.models import Customer

pytestmark = pytest.mark.django_db
Make = Callable[..., Send]


@pytest.fixture
def make(now: datetime) -> Make:
    """A message to somebody: `make("Anna", state="sent")`."""
    times = {"created_at": now, "changed_at": now}
    template = Template.objects.create(key="second", name="Second order", purpose="offer", **times)
    version = Version.objects.create(template=template, number=1, document={}, digest="d", created_at=now)
    fields = {"origin": "journey", "origin_id": 7, "step": "m1", "version": version, "purpose": "offer"}
    message = Message.objects.create(**fields, marketing=True, created_at=now)

    def made(name: str, **values: Any) -> Send:
        where = {"name": name, "email": f"{name.lower()}@example.com", "known_since": now, "changed_at": now}
        customer, _ = Customer.objects.get_or_create(origin=f"email:0:{name}", defaults=where)
        usual = {"planned_at": now, "due_at": now, "marketing": True, "run": Send.objects.count()}
        return Send.objects.create(message=message, scope="journey:7:m1", customer=customer, **usual | values)

    return made


def ground(customer: Customer, now: datetime) -> dict[str, Any]:
    words = ruling.word("marketing", "de", "Ja, gern.", now=now, by=None)
    proof = Proof("form", page="https://shop.example/", ip="192.0.2.7", wording=words)
    made, _ = recording.request_opt_in(address=customer.email, customer=customer, proof=proof, now=now)
    entry = recording.confirm(made, proof=proof, now=now)
    source = "§ 7 (2) no. 2 UWG"
    return {"block": "", "purpose": "offer", "basis": "consent", "entry": entry.pk, "order": None, "source": source}


def test_the_page_says_on_which_basis_anna_got_it(owner: Client, make: Make, now: datetime) -> None:
    send = make("Anna", state="sent", settled_at=now, subject="Für Sie")
    assert send.customer is not None
    Send.objects.filter(pk=send.pk).update(bases=[ground(send.customer, now)])
    shown = owner.get(f"/messages/{send.pk}/").content.decode()
    assert "Why Anna got “Second order”" in shown
    assert "§ 7 (2) no. 2 UWG" in shown
    assert "They agreed, and have not changed their mind." in shown


def test_the_page_says_why_clara_did_not_get_it(owner: Client, make: Make, now: datetime) -> None:
    reason = {"block": "", "purpose": "offer", "basis": "", "reason": "no_consent", "source": "§ 7 UWG"}
    send = make("Clara", state="suppressed", reason="no_consent", settled_at=now, bases=[reason])
    shown = owner.get(f"/messages/{send.pk}/").content.decode()
    assert "Why Clara did not get “Second order”" in shown
    assert "They have not agreed to it." in shown


def test_what_happened_is_told_in_its_order(owner: Client, make: Make, now: datetime) -> None:
    send, winner = make("Ben", state="sent", settled_at=now + timedelta(days=2)), make("Ben", subject="Better")
    Passed.objects.create(send=send, winner=winner, reason="outbid", at=now + timedelta(hours=1))
    Signal.objects.create(send=send, kind="bounced", at=now + timedelta(days=3), key="k", source="dsn", code="5.1.1")
    shown = owner.get(f"/messages/{send.pk}/").content.decode()
    places = [shown.index(word) for word in ("Planned", "Put off", "Sent", "Came back")]
    assert places == sorted(places)
    assert "Better" in shown


def test_an_end_nobody_saw_is_stated_once_and_logged(owner: Client, make: Make, now: datetime) -> None:
    send = make("Deniz", state="unknown", reason="worker_died")
    assert "Of one message nobody knows" in owner.get("/messages/").content.decode()
    owner.post(f"/messages/{send.pk}/end", {"arrived": "yes"})
    owner.post(f"/messages/{send.pk}/end", {"arrived": "no"})
    send.refresh_from_db()
    assert (send.state, send.reason) == ("sent", "stated")
    assert LogEntry.objects.filter(verb="stated", subject="message").count() == 1


def test_the_proof_is_a_paper_and_the_log_knows_who_took_it(
    owner: Client, as_role: Callable[[str], Client], make: Make, now: datetime
) -> None:
    send = make("Anna", state="sent", settled_at=now)
    assert send.customer is not None
    Send.objects.filter(pk=send.pk).update(bases=[ground(send.customer, now)])
    answer = owner.post(f"/messages/{send.pk}/proof.pdf")
    assert answer.content.startswith(b"%PDF-")
    assert len(answer.content) > 2500
    assert LogEntry.objects.filter(verb="took out", subject="evidence").exists()
    assert as_role("reader").post(f"/messages/{send.pk}/proof.pdf").status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_pages_follow_one_another_without_gap_or_repetition(make: Make, number: int) -> None:
    made = [make(f"Customer{k}", state="sent").pk for k in range(number)]
    found, after = list[int](), ""
    while True:
        shown = page(Filter(), after=after, most=1)
        found += [row.pk for row in shown.rows]
        if shown.after is None:
            break
        after = str(shown.after)
    assert found == made[::-1]


def test_the_ledger_is_found_by_state_by_purpose_and_by_customer(owner: Client, make: Make) -> None:
    make("Anna", state="sent", subject="Mail for Anna")
    make("Clara", state="suppressed", reason="no_consent", subject="Mail for Clara")
    for asked, there, not_there in (
        ("state=sent", "Mail for Anna", "Mail for Clara"),
        ("search=clara@example.com", "Mail for Clara", "Mail for Anna"),
    ):
        shown = owner.get(f"/messages/?{asked}").content.decode()
        assert there in shown
        assert not_there not in shown
    assert "No message fits" in owner.get("/messages/?purpose=order").content.decode()
    assert owner.get("/messages/?state=x&of=99999999999999999999&after=x").status_code == 200


def test_without_messages_the_page_says_when_there_will_be_some(owner: Client) -> None:
    assert "No message yet" in owner.get("/messages/").content.decode()
