"""What becomes of a message at servers of every temper: sent, refused, put off, unknown; never twice, never lost."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from post_offices import PostOffice, post_office
from sends import customer, go, message, order, reader
from stammkunde.server.consent.models import Use
from stammkunde.server.mail.actions.planning import Planned, plan
from stammkunde.server.mail.models import Send, Sender
from stammkunde.server.mail.sending import claiming

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A server that takes everything."""
    with post_office() as found:
        yield found


def sender(office: PostOffice, **more: Any) -> Sender:
    said = {"transport": "smtp", "options": office.host, "connections": 1, "address": "shop@example.com"} | more
    return Sender.objects.create(**said)


def planned(now: datetime, *names: str, **rules: Any) -> None:
    hello = message(now, **rules)
    plan(hello, [Planned(1, reader(name, now).pk, now) for name in names], now=now)


def states() -> dict[str, tuple[str, str]]:
    rows = Send.objects.order_by("pk").values_list("customer__name", "state", "reason")
    return {name: (state, reason) for name, state, reason in rows}


def test_anna_and_ben_get_their_mail_once_and_the_ledger_says_why(office: PostOffice, now: datetime) -> None:
    sender(office)
    planned(now, "Anna", "Ben")
    assert go(now) == (2, False)
    assert go(now) == (0, False)
    assert [to for to, _name in office.came] == ["anna@example.com", "ben@example.com"]
    anna = Send.objects.get(customer__name="Anna")
    assert (anna.state, anna.address, anna.provider, anna.attempts) == ("sent", "anna@example.com", "smtp", 1)
    assert anna.response.startswith("250")
    assert anna.header_id == office.came[0][1]
    assert [(each["purpose"], each["basis"]) for each in anna.bases] == [("newsletter", "consent")]
    assert Use.objects.filter(at=now).count() == 2


def test_one_connection_serves_many(office: PostOffice, now: datetime) -> None:
    sender(office)
    planned(now, *(f"Person {n}".replace(" ", "") for n in range(20)))
    go(now)
    assert (len(office.came), office.hello) == (20, 1)


def test_clara_who_never_agreed_gets_nothing_and_the_ledger_says_why(office: PostOffice, now: datetime) -> None:
    sender(office)
    plan(message(now), [Planned(1, customer("Clara", now).pk, now)], now=now)
    go(now)
    assert states() == {"Clara": ("suppressed", "no_consent")}
    assert office.came == []


def test_an_address_that_does_not_exist_is_refused_for_good_and_the_others_go_on(
    office: PostOffice, now: datetime
) -> None:
    sender(office)
    office.at_rcpt["ben@example.com"] = "550 5.1.1 no such user"
    planned(now, "Anna", "Ben", "Deniz")
    go(now)
    assert states()["Ben"] == ("refused", "recipient")
    assert [states()[name][0] for name in ("Anna", "Deniz")] == ["sent", "sent"]
    assert not Sender.now().failures


def test_a_greylisted_address_is_tried_again_later_and_then_has_it_once(office: PostOffice, now: datetime) -> None:
    sender(office)
    office.at_rcpt["anna@example.com"] = "451 4.7.1 try again"
    planned(now, "Anna")
    go(now)
    assert states()["Anna"] == ("waiting", "put_off")
    office.at_rcpt.clear()
    assert go(now + timedelta(minutes=4)) == (0, False)
    go(now + timedelta(minutes=6))
    assert states()["Anna"] == ("sent", "")
    assert len(office.came) == 1


def test_who_is_greylisted_for_ever_is_refused_when_the_message_is_too_old(office: PostOffice, now: datetime) -> None:
    sender(office)
    office.at_rcpt["anna@example.com"] = "452 mailbox full"
    planned(now, "Anna", max_age="24h")
    for hours in range(30):
        go(now + timedelta(hours=hours))
    assert states()["Anna"][0] in ("refused", "suppressed")
    assert Send.objects.get().attempts >= 4


def test_a_line_that_breaks_after_the_message_leaves_it_unknown_and_it_is_never_sent_again(
    office: PostOffice, now: datetime
) -> None:
    sender(office)
    office.at_data["anna@example.com"] = "keep and drop"
    planned(now, "Anna", "Ben")
    for minutes in (0, 30, 90):
        claiming.sweep(now=now + timedelta(minutes=minutes))
        go(now + timedelta(minutes=minutes))
    assert states() == {"Anna": ("unknown", "no_answer"), "Ben": ("sent", "")}
    assert [to for to, _name in office.came] == ["anna@example.com", "ben@example.com"]


def test_an_order_mail_whose_end_is_unknown_goes_once_more_under_its_name(
    office: PostOffice, now: datetime, source: Any
) -> None:
    sender(office)
    anna = reader("Anna", now)
    bought = order(anna, source, now)
    plan(message(now, "order"), [Planned(1, anna.pk, now, order_id=bought.pk)], now=now)
    office.at_data["anna@example.com"] = "keep and drop"
    for minutes in range(0, 120, 5):
        claiming.sweep(now=now + timedelta(minutes=minutes))
        go(now + timedelta(minutes=minutes))
    assert len(office.came) == 2
    assert office.came[0] == office.came[1]
    assert (Send.objects.get().state, Send.objects.get().attempts) == ("unknown", 2)


def test_a_line_that_breaks_before_the_message_leaves_it_waiting_and_the_provider_rests(
    office: PostOffice, now: datetime
) -> None:
    sender(office)
    office.at_rcpt["anna@example.com"] = "drop"
    planned(now, "Anna", "Ben")
    go(now)
    assert {state for state, _reason in states().values()} == {"waiting"}
    found = Sender.now()
    assert found.failures == 1
    assert found.rests_until == now + timedelta(minutes=1)
    assert go(now + timedelta(seconds=30)) == (0, False)
    office.at_rcpt.clear()
    go(now + timedelta(minutes=2))
    assert {state for state, _reason in states().values()} == {"sent"}
    assert (Sender.now().failures, Sender.now().rests_until) == (0, None)


def test_a_provider_that_is_down_is_tried_less_and_less_often(now: datetime) -> None:
    with post_office() as gone:
        options = gone.host
    Sender.objects.create(transport="smtp", options=options, connections=1)
    planned(now, "Anna")
    waits, at = [], now
    for _ in range(4):
        go(at)
        rests = Sender.now().rests_until
        assert rests is not None
        waits.append(rests - at)
        at = rests + timedelta(seconds=1)
        Send.objects.update(due_at=now)
    assert waits == [timedelta(minutes=each) for each in (1, 2, 5, 15)]
    assert states()["Anna"][0] == "waiting"


def test_a_quota_is_trouble_of_the_provider_and_loses_nobody(office: PostOffice, now: datetime) -> None:
    sender(office)
    office.at_mail = "452 4.3.1 quota exceeded"
    planned(now, "Anna", "Ben", "Deniz")
    go(now)
    assert {state for state, _reason in states().values()} == {"waiting"}
    assert "quota" in Sender.now().rests_why


@pytest.mark.parametrize("where", ["at_mail", "at_rcpt"])
def test_what_staff_must_mend_pauses_sending_and_says_why(office: PostOffice, now: datetime, where: str) -> None:
    sender(office)
    planned(now, "Anna")
    if where == "at_mail":
        office.at_mail = "550 5.7.60 you may not send as this sender"
    else:
        office.at_rcpt["anna@example.com"] = "554 5.7.1 relay access denied"
    go(now)
    assert Sender.now().paused_at == now
    assert "5.7" in Sender.now().paused_why
    assert states()["Anna"][0] == "waiting"
    assert go(now + timedelta(hours=1)) == (0, False)


def test_a_server_that_refuses_every_text_is_about_us_and_pauses(office: PostOffice, now: datetime) -> None:
    sender(office)
    names = [f"Person{n}" for n in range(30)]
    office.at_data.update({f"person{n}@example.com": "554 5.7.1 message refused" for n in range(30)})
    planned(now, *names)
    go(now)
    assert sum(state == "refused" for state, _reason in states().values()) == 10
    assert Sender.now().paused_at == now


def test_a_server_that_stalls_leaves_it_unknown_after_a_while(now: datetime) -> None:
    with post_office(stalls=2.0, at_data={"anna@example.com": "stall"}) as office:
        sender(office)
        planned(now, "Anna", "Ben")
        go(now)
        assert states() == {"Anna": ("unknown", "no_answer"), "Ben": ("sent", "")}


def test_a_mail_that_cannot_be_written_steps_aside_with_its_error(office: PostOffice, now: datetime) -> None:
    sender(office)
    planned(now, "Anna", "Ben", "Deniz")
    Send.objects.filter(customer__name="Ben").update(refs={"cannot": True})
    go(now)
    assert states() == {"Anna": ("sent", ""), "Ben": ("refused", "stuck"), "Deniz": ("sent", "")}
    assert "cannot be written" in Send.objects.get(customer__name="Ben").detail


def test_a_worker_that_is_told_to_go_leaves_the_rest_to_others_at_once(office: PostOffice, now: datetime) -> None:
    sender(office)
    planned(now, *(f"Person{n}" for n in range(9)))
    go(now, stop=lambda: len(office.came) >= 3)
    assert sorted(state for state, _reason in states().values()) == ["sent"] * 3 + ["waiting"] * 6
    go(now)
    assert len(set(office.came)) == len(office.came) == 9


@pytest.mark.django_db(transaction=True)
def test_several_connections_share_a_set(office: PostOffice, now: datetime) -> None:
    sender(office, connections=4)
    planned(now, *(f"Person{n}" for n in range(60)))
    assert go(now) == (60, False)
    assert len(set(office.came)) == len(office.came) == 60
    assert 1 < office.hello <= 4
