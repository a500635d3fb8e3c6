"""Events leave the house: signed, tried until thanked for, to nobody in the own network, and to no one who is gone."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from server.accounts.ears import Ear, listening
from stammkunde.server.accounts.actions import RefusedError, endpoints
from stammkunde.server.accounts.actions.delivering import DELAYS, LONG, Postman, deliver, signature
from stammkunde.server.accounts.actions.endpoints import Wish
from stammkunde.server.accounts.actions.outgoing import replay, tell, tell_many
from stammkunde.server.accounts.events import FAMILIES, fits
from stammkunde.server.accounts.models import Dispatch, Endpoint, Entry, Outgoing, User
from stammkunde.server.lib.work import run_due

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
SENT = {"customer": 7, "about": "Grüße aus Köln", "at": datetime(2026, 3, 2, 9, tzinfo=UTC)}


@pytest.fixture
def today() -> datetime:
    """Signatures are good for five minutes of the real clock."""
    return datetime.now(UTC)


@pytest.fixture
def listen(today: datetime) -> Callable[..., tuple[Endpoint, str]]:
    """Somebody in the own network who listens: `listen(ear, "message.*")`."""

    def made(ear: Ear, *events: str) -> tuple[Endpoint, str]:
        wish = Wish(ear.url, events or ("*",), about="CRM", private=True)
        return endpoints.add(wish, now=today, by=None)

    return made


Listen = Callable[..., tuple[Endpoint, str]]


def go(now: datetime) -> int:
    with Postman(patience=2.0) as postman:
        return deliver(worker="w", clock=lambda: now, postman=postman)


def test_what_leaves_is_accepted_by_the_standards_own_verifier(listen: Listen, today: datetime) -> None:
    with listening() as ear:
        _, secret = listen(ear, "message.*")
        tell("message.sent", SENT, now=today)
        assert run_due(now=today) == 1
    (headers, body) = ear.heard[0]
    assert Webhook(secret).verify(body, headers) == {
        "type": "message.sent", "timestamp": json.loads(json.dumps(today.isoformat()[:23] + "Z")),
        "data": {"customer": 7, "about": "Grüße aus Köln", "at": "2026-03-02T09:00:00Z"},
    }  # fmt: skip
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body.replace(b"7", b"8", 1), headers)
    assert Dispatch.objects.get().state == "done"


@given(data=st.dictionaries(st.text(max_size=9), st.one_of(st.text(), st.integers(), st.none(), st.booleans())))
def test_every_body_is_signed_as_the_standards_own_library_signs_it(data: dict[str, object]) -> None:
    secret, at = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", datetime(2026, 3, 2, 9, tzinfo=UTC)
    body = json.dumps(data, ensure_ascii=False)
    if not any(0xD800 <= ord(letter) <= 0xDFFF for letter in body):
        ours = signature([secret], "msg_1", int(at.timestamp()), body.encode())
        assert ours == Webhook(secret).sign("msg_1", at, body)


def test_where_nobody_listens_one_look_is_all_it_costs(now: datetime) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert tell_many("message.sent", ({"customer": n} for n in range(10_000)), now=now) == 0
    assert len(asked) == 1
    assert not Outgoing.objects.exists()


def test_who_listens_to_consent_hears_nothing_of_mails(listen: Listen, today: datetime) -> None:
    with listening() as crm, listening() as office:
        listen(crm, "consent.*", "journey.cart.stalled")
        listen(office, "*")
        for event in ("consent.granted", "message.sent", "journey.cart.stalled", "journey.entered"):
            tell(event, {}, now=today)
        assert go(today) == 6
    assert sorted(json.loads(body)["type"] for _, body in crm.heard) == ["consent.granted", "journey.cart.stalled"]
    assert len(office.heard) == 4


def test_what_was_rolled_back_is_not_told(listen: Listen, today: datetime) -> None:
    with listening() as ear:
        listen(ear)

        def change_of_mind() -> None:
            with transaction.atomic():
                tell("message.sent", {}, now=today)
                raise InterruptedError

        with pytest.raises(InterruptedError):
            change_of_mind()
        assert go(today) == 0
    assert not Dispatch.objects.exists()


def test_who_does_not_thank_is_told_again_for_days_under_the_same_number(listen: Listen, today: datetime) -> None:
    with listening(answers=(500, 503, 302, 200), more={"Location": "http://127.0.0.1:1/"}) as ear:
        listen(ear)
        tell("message.sent", SENT, now=today)
        due = today
        for delay in DELAYS[:3]:
            assert go(due) == 1
            assert go(due) == 0
            due += delay
            assert Dispatch.objects.get().due_at == due
        assert Endpoint.objects.get().failing_since == today
        assert go(due) == 1
    assert len(set(ear.uids)) == 1
    assert len({body for _, body in ear.heard}) == 1
    dispatch, endpoint = Dispatch.objects.get(), Endpoint.objects.get()
    assert (dispatch.state, dispatch.attempts, dispatch.status, dispatch.response) == ("done", 4, 200, "thanks")
    assert (endpoint.failing_since, endpoint.told_at) == (None, due)


def test_an_endpoint_that_asks_for_time_is_given_it(listen: Listen, today: datetime) -> None:
    with listening(answers=(429,), more={"Retry-After": "3600"}) as ear:
        listen(ear)
        tell("message.sent", SENT, now=today)
        go(today)
    assert Dispatch.objects.get().due_at == today + timedelta(hours=1)


def test_after_three_days_it_is_given_up_and_after_five_the_endpoint_is_switched_off(
    listen: Listen, today: datetime
) -> None:
    with listening(answers=(500,)) as ear:
        listen(ear)
        tell("message.sent", SENT, now=today)
        due = today
        for delay in DELAYS:
            go(due)
            due += delay
        go(due)
        assert Dispatch.objects.get().state == "failed"
        assert timedelta(days=3) < due - today < timedelta(days=4)
        assert Endpoint.objects.get().active
        tell("message.sent", SENT, now=today + LONG)
        go(today + LONG)
    endpoint = Endpoint.objects.get()
    assert (endpoint.active, endpoint.disabled_at, endpoint.disabled_why) == (False, today + LONG, "500: thanks")
    assert Entry.objects.get(verb="disabled").title == "CRM"
    assert tell("message.sent", SENT, now=today + LONG) == 0


def test_one_that_says_it_is_gone_is_switched_off_at_once(listen: Listen, today: datetime) -> None:
    with listening(answers=(410, 200)) as ear:
        endpoint, _ = listen(ear)
        tell("message.sent", SENT, now=today)
        go(today)
        assert not Endpoint.objects.get().active
        wish = Wish(ear.url, ["*"], private=True)
        endpoints.change(endpoint, wish, active=True, now=today + MINUTE, by=None)
        assert go(today + MINUTE) == 1
    assert Dispatch.objects.get().state == "done"


def test_a_dead_endpoint_holds_up_no_other_and_is_asked_once_a_turn(listen: Listen, today: datetime) -> None:
    with listening(answers=(0,)) as dead, listening() as well:
        listen(dead)
        listen(well)
        tell_many("message.sent", [{"customer": n} for n in range(5)], now=today)
        assert go(today) == 6
        assert (len(dead.heard), len(well.heard)) == (1, 5)
        assert Dispatch.objects.filter(state="waiting", attempts=0).count() == 4
    assert [json.loads(body)["data"]["customer"] for _, body in well.heard] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("there", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "::ffff:192.168.1.1"])
def test_nothing_goes_to_the_own_network_whatever_the_name_server_says(there: str, today: datetime) -> None:
    endpoints.add(Wish("https://crm.example/in", ["*"]), now=today, by=None)
    tell("message.sent", SENT, now=today)
    with Postman(lookup=lambda *_: ["93.184.216.34", there]) as postman:
        deliver(worker="w", clock=lambda: today, postman=postman)
    told = Dispatch.objects.get()
    assert (told.state, told.status) == ("waiting", None)
    assert "own network" in told.response


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example/",
        "https://",
        "https://u:p@crm.example/",
        "ftp://crm.example",
        "https://[::1",
        "https://a b/",
    ],
)
def test_an_address_that_is_none_is_refused_with_the_reason(url: str, now: datetime) -> None:
    with pytest.raises(RefusedError, match="https"):
        endpoints.add(Wish(url, ["*"]), now=now, by=None)


def test_a_long_answer_is_not_read_to_its_end(listen: Listen, today: datetime) -> None:
    with listening(body=b"x" * 5_000_000) as ear:
        listen(ear)
        tell("message.sent", SENT, now=today)
        go(today)
    assert Dispatch.objects.get().response == "x" * 300


def test_the_secret_before_signs_along_for_a_day(listen: Listen, today: datetime) -> None:
    with listening() as ear:
        endpoint, old = listen(ear)
        new = endpoints.rotate(endpoint, now=today, by=None)
        tell("message.sent", SENT, now=today)
        go(today)
        headers, body = ear.heard[0]
        assert Webhook(old).verify(body, headers) == Webhook(new).verify(body, headers)
        endpoint.refresh_from_db()
        assert endpoints.signing(endpoint, now=today + timedelta(hours=25)) == [new]
        assert old not in endpoint.sealed


def test_what_was_told_can_be_told_again_under_the_same_number(listen: Listen, today: datetime) -> None:
    with listening() as ear:
        listen(ear)
        tell("message.sent", SENT, now=today)
        go(today)
        assert replay(Dispatch.objects.get(), now=today, by=None)
        assert not replay(Dispatch.objects.get(), now=today, by=None)
        go(today)
    assert len(ear.uids) == 2
    assert len(set(ear.uids)) == 1


def test_a_worker_that_died_leaves_nothing_untold(listen: Listen, today: datetime) -> None:
    with listening() as ear:
        listen(ear)
        tell("message.sent", SENT, now=today)
        Dispatch.objects.update(state="claimed", worker="gone", lease_until=today + MINUTE, attempts=1)
        assert go(today) == 0
        assert go(today + 2 * MINUTE) == 1
    assert Dispatch.objects.get().state == "done"


@pytest.mark.django_db(transaction=True)
def test_four_workers_tell_each_thing_once(listen: Listen, today: datetime) -> None:
    with listening() as ear:
        listen(ear)
        tell_many("message.sent", [{"customer": n} for n in range(200)], now=today)

        def work(name: str) -> None:
            try:
                with Postman() as postman:
                    deliver(worker=name, clock=lambda: today, postman=postman)
            finally:
                connection.close()

        workers = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
        for each in workers:
            each.start()
        for each in workers:
            each.join()
        assert len(ear.uids) == len(set(ear.uids)) == 200
    assert Dispatch.objects.filter(state="done").count() == 200


@pytest.mark.parametrize("event", ["Sent", "message", "message sent", "message.", "m." + "x" * 200])
def test_a_name_that_is_none_is_a_fault_of_the_caller(event: str, now: datetime) -> None:
    with pytest.raises(ValueError, match="name of an event"):
        tell(event, {}, now=now)


def test_families_and_names_may_be_listened_to() -> None:
    assert all(fits(name) for name, _ in FAMILIES)
    assert fits("journey.cart.stalled")
    assert not any(map(fits, ("", "message", "message.*.sent", "**", "Message.sent")))


def test_the_page_adds_shows_the_secret_once_and_tells_how_it_went(secured: Client, olga: User) -> None:
    assert "Add an endpoint" in secured.get("/settings/webhooks/").content.decode()
    said = {"url": "https://crm.example/in", "events": ["message.*"], "own": "journey.cart.stalled", "about": "CRM"}
    page = secured.post("/settings/webhooks/", said).content.decode()
    endpoint = Endpoint.objects.get()
    assert endpoint.events == ["message.*", "journey.cart.stalled"]
    assert "whsec_" in page
    where = f"/settings/webhooks/{endpoint.pk}/"
    assert "whsec_" not in secured.get(where).content.decode()
    secured.post(f"{where}test")
    Dispatch.objects.update(state="done", status=204, attempts=1)
    page = secured.get(where).content.decode()
    assert "webhook.test" in page
    assert "204" in page
    secured.post(f"{where}{Dispatch.objects.get().pk}/replay")
    assert Dispatch.objects.get().state == "waiting"
    assert [each.verb for each in Entry.objects.filter(subject="webhook", user=olga)] == ["added", "tested", "replayed"]


def test_the_page_says_why_an_endpoint_is_off_and_switches_it_on(secured: Client, now: datetime) -> None:
    endpoint, _ = endpoints.add(Wish("https://crm.example/in", ["*"]), now=now, by=None)
    endpoints.disable(endpoint, "500: out of order", now=now)
    where = f"/settings/webhooks/{endpoint.pk}/"
    page = secured.get(where).content.decode()
    assert "out of order" in page
    assert "nobody has thanked" in page
    secured.post(f"{where}change", {"active": "1"})
    secured.post(f"{where}change", {"url": "http://crm.example", "events": ["*"]})
    kept = Endpoint.objects.get()
    assert (kept.active, kept.disabled_why, kept.url) == (True, "", "https://crm.example/in")
    secured.post(f"{where}remove")
    assert not Endpoint.objects.exists()


def test_the_page_speaks_german(secured: Client) -> None:
    page = secured.get("/settings/webhooks/", headers={"Accept-Language": "de"}).content.decode()
    assert "Wer erfährt, was hier geschieht" in page
