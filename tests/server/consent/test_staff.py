"""Pages for staff: what may go out and why, what was said, and the rules."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.actions import make_key
from stammkunde.server.accounts.models import Entry as LogEntry
from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Right
from stammkunde.server.consent.actions import recording, ruling, suppressing
from stammkunde.server.consent.actions.recording import Brought, Proof
from stammkunde.server.consent.gate import Asked
from stammkunde.server.consent.models import AppendOnlyError, Entry, Suppression
from stammkunde.server.consent.queries.gate import gate
from stammkunde.server.consent.queries.people import people
from stammkunde.server.shop.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def clara(now: datetime) -> Customer:
    """Clara, who said nothing."""
    fields = {"known_since": now, "changed_at": now}
    return Customer.objects.create(origin="email:0:clara", name="Clara", email="clara@example.com", **fields)


@pytest.fixture
def settled(settings: Any) -> None:
    """No second factor is asked for, as in the demo."""
    settings.DEMO = True


@pytest.fixture
def boss(now: datetime) -> User:
    """The owner."""
    return User.objects.create_user("boss@example.com", role="owner", joined_at=now)


def test_the_page_of_clara_says_for_every_mail_why_not(owner: Client, clara: Customer) -> None:
    page = owner.get(f"/consent/customers/{clara.pk}/").content.decode()
    assert "They have not agreed to it." in page
    assert page.count('class="tag good"') == 0


def test_service_records_what_clara_said_on_the_telephone(as_role: Callable[[str], Client], clara: Customer) -> None:
    said = {"kind": "objected", "topic": "all", "source": "telephone", "note": "Rang at noon."}
    as_role("service").post(f"/consent/customers/{clara.pk}/said", said)
    written = Entry.objects.get()
    assert (written.kind, written.topic, str(written.user)) == ("objected", "all", "service@example.com")


def test_readers_see_and_record_nothing(as_role: Callable[[str], Client], clara: Customer) -> None:
    reader = as_role("reader")
    assert reader.get(f"/consent/customers/{clara.pk}/").status_code == 200
    assert reader.post(f"/consent/customers/{clara.pk}/said", {}).status_code == 403
    assert reader.post(f"/consent/customers/{clara.pk}/evidence.pdf").status_code == 403


def test_a_consent_without_its_words_is_not_proven_and_carries_nothing(owner: Client, clara: Customer) -> None:
    owner.post(f"/consent/customers/{clara.pk}/said", {"kind": "granted", "topic": "marketing", "source": "counter"})
    assert not Entry.objects.get().proven
    assert gate([Asked(clara.pk, "newsletter")], now=timezone.now())[0].reason == "not_confirmed"


def test_the_evidence_is_a_paper_with_the_words_times_and_places(owner: Client, clara: Customer, now: datetime) -> None:
    words = ruling.word("marketing", "de", "Ja <b>bitte</b> & gern.", now=now, by=None)
    proof = Proof("form", page="https://shop.example/", ip="192.0.2.7", wording=words)
    made, _ = recording.request_opt_in(address=clara.email, customer=clara, proof=proof, now=now)
    recording.confirm(made, proof=proof, now=now)
    answer = owner.post(f"/consent/customers/{clara.pk}/evidence.pdf")
    assert answer.content.startswith(b"%PDF-")
    assert len(answer.content) > 3000
    assert LogEntry.objects.filter(verb="took out", subject="evidence").exists()


def test_entries_are_never_changed_nor_deleted(clara: Customer, now: datetime) -> None:
    entry = recording.object_to(clara, topic="all", proof=Proof("form"), now=now)
    entry.kind = "granted"
    with pytest.raises(AppendOnlyError):
        entry.save()
    with pytest.raises(AppendOnlyError):
        entry.delete()


@pytest.mark.usefixtures("settled")
def test_loosening_the_law_needs_a_reason_and_is_logged(
    owner: Client, clara: Customer, boss: User, now: datetime
) -> None:
    with pytest.raises(StammkundeError, match="looser"):
        ruling.change_row("DE", "cart", ["opt_out"], now=now, by=boss)
    assert "looser" in owner.post("/consent/rules/DE/cart", {"bases": ["opt_out"], "reason": ""}).content.decode()
    owner.post("/consent/rules/DE/cart", {"bases": ["opt_out"], "reason": "Counsel said so."})
    logged = LogEntry.objects.get(verb="loosened")
    assert logged.change["reason"] == "Counsel said so."
    found = gate([Asked(clara.pk, "cart")], now=timezone.now())[0]
    assert (found.reason, found.source.endswith("changed by the owner")) == ("opt_out", True)


def test_tightening_needs_none(boss: User, clara: Customer, now: datetime) -> None:
    ruling.change_row("DE", "newsletter", [], now=now, by=boss)
    recording.grant(clara, topic="marketing", proof=Proof("form"), now=now)
    assert gate([Asked(clara.pk, "newsletter")], now=now)[0].reason == "forbidden"
    assert LogEntry.objects.filter(verb="changed", subject="rule").exists()


def test_an_erased_person_is_not_written_to_after_a_new_import(clara: Customer, now: datetime) -> None:
    recording.grant(clara, topic="marketing", proof=Proof("form"), now=now)
    suppressing.forget(clara, now=now)
    assert not Entry.objects.exclude(address="").exists()
    assert not Suppression.objects.filter(digest__contains="clara").exists()
    clara.delete()
    again = Customer.objects.create(origin="again", email="CLARA@example.com", known_since=now, changed_at=now)
    taken, refused = recording.bring([Brought(again.pk, again.email, "marketing", now, now)], source="file", now=now)
    assert (taken, refused) == (1, [])
    assert gate([Asked(again.pk, "newsletter")], now=now)[0].reason == "suppressed_erased"


def test_a_consent_from_the_future_or_without_an_address_is_refused_and_told(clara: Customer, now: datetime) -> None:
    rows = [
        Brought(clara.pk, clara.email, "marketing", now + timedelta(days=1)),
        Brought(clara.pk, "", "marketing", now),
    ]
    assert recording.bring(rows, source="file", now=now) == (0, rows)


def test_a_block_can_be_lifted_with_a_reason(clara: Customer, boss: User, now: datetime) -> None:
    recording.confirm(
        recording.request_opt_in(address=clara.email, proof=Proof("form"), now=now)[0], proof=Proof("form"), now=now
    )
    suppressing.suppress(clara.email, scope="dead", reason="bounced", now=now)
    assert gate([Asked(clara.pk, "newsletter")], now=now)[0].reason == "suppressed_bounced"
    suppressing.lift(clara.email, scope="dead", now=now, by=boss, why="The mailbox works again.")
    assert gate([Asked(clara.pk, "newsletter")], now=now)[0].allowed


def test_three_thousand_people_are_asked_in_a_handful_of_statements(
    now: datetime, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    rows = [Customer(origin=f"x{n}", email=f"x{n}@example.com", known_since=now, changed_at=now) for n in range(3000)]
    made = Customer.objects.bulk_create(rows)
    numbers = [each.pk for each in made]
    recording.bring([Brought(each.pk, each.email, "marketing", now, now) for each in made], source="file", now=now)
    with django_assert_max_num_queries(60):  # type: ignore[attr-defined]
        found = people(numbers, until=now)
    assert len(found) == 3000
    assert all(decision.allowed for decision in gate([Asked(n, "newsletter") for n in numbers], now=now, known=found))


def test_programs_ask_and_tell_with_a_key(clara: Customer, boss: User, now: datetime) -> None:
    key = make_key(name="shop", scopes=[Right.SEE, Right.CUSTOMERS], now=now, by=boss)
    client = Client(headers={"Authorization": f"Bearer {key}"})
    told = {"kind": "objected", "topic": "surveys", "ip": "192.0.2.7"}
    answer = client.post(f"/api/v1/customers/{clara.pk}/consent", told, content_type="application/json")
    assert (answer.status_code, answer.json()["kind"]) == (201, "objected")
    signed = {"address": "new@example.com", "page": "https://shop.example/"}
    first = client.post("/api/v1/sign-ups", signed, content_type="application/json")
    again = client.post("/api/v1/sign-ups", signed, content_type="application/json")
    assert (first.status_code, first.json()["again"], again.json()["again"]) == (201, False, True)
    assert again.json()["confirm_url"] == first.json()["confirm_url"]
    found = client.get(f"/api/v1/customers/{clara.pk}/consent").json()
    assert {each["purpose"]: each["reason"] for each in found["decisions"]}["survey"] == "objected"
    assert len(client.get("/api/v1/consent/rules").json()) == 100
    bad = client.post(f"/api/v1/customers/{clara.pk}/consent", told | {"ip": "x"}, content_type="application/json")
    assert bad.status_code == 422


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(
    "where", ["/consent/", "/consent/?search=clara", "/consent/rules", "/consent/rules?pack=AT", "/consent/words"]
)
def test_pages_open_empty_and_with_people(owner: Client, clara: Customer, where: str, now: datetime) -> None:
    assert owner.get(where).status_code == 200
    words = ruling.word("marketing", "en", "Yes.", now=now, by=None)
    recording.request_opt_in(address=clara.email, customer=clara, proof=Proof("form", wording=words), now=now)
    assert owner.get(where).status_code == 200


@pytest.mark.usefixtures("settled")
def test_the_owner_states_the_notice_and_takes_it_back(owner: Client, now: datetime) -> None:
    words = ruling.word("marketing", "de", "Sie können jederzeit widersprechen.", now=now, by=None)
    owner.post("/consent/words", {"what": "state", "since": "2026-01-01", "wording": words.pk, "page": ""})
    page = owner.get("/consent/words").content.decode()
    assert "It does not any more" in page
