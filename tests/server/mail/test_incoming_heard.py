"""What comes back has consequences: a dead address is left alone, a complaint ends advertising, a reply waits for a
person; and what nobody can vouch for changes nothing."""

from datetime import UTC, datetime, timedelta

import pytest

import sends
from server.mail import letters
from stammkunde.server.accounts.models import User
from stammkunde.server.consent.gate import Asked
from stammkunde.server.consent.models import Entry, Suppression
from stammkunde.server.consent.queries.gate import gate
from stammkunde.server.lib.models import Job
from stammkunde.server.mail.actions.clearing import done, is_bounce_of
from stammkunde.server.mail.actions.forwarding import forward
from stammkunde.server.mail.actions.hearing import take
from stammkunde.server.mail.incoming.return_path import address_for, send_of
from stammkunde.server.mail.models import Arrival, Hold, Send, Sender, Signal
from stammkunde.server.mail.sending.transports.base import Outcome, ProviderError, Receipt
from stammkunde.server.shop.models import Customer

pytestmark = pytest.mark.django_db
OWN = "bounce@shop.example"


@pytest.fixture
def sender() -> Sender:
    return Sender.objects.create(
        name="Tea Shop", address="hello@shop.example", reply_to="olga@shop.example", return_address=OWN
    )


def sent(name: str, now: datetime, *, run: int = 0, header: str = "") -> Send:
    """A newsletter that went to somebody."""
    who = Customer.objects.filter(name=name).first() or sends.customer(name, now)
    message = sends.message(now, origin_id=run + 1)
    more = {"state": "sent", "planned_at": now, "due_at": now, "settled_at": now, "marketing": True}
    return Send.objects.create(
        message=message, scope=f"campaign:{run}:", run=run, customer=who, address=who.email, header_id=header, **more
    )


def about(letter: str, send: Send) -> bytes:
    """A letter about a message: it comes to its return path, and speaks of its address."""
    own = address_for(send.pk, return_address=OWN)
    return letter.replace("bounce+77.abc@shop.example", own).replace("ben@example.org", send.address).encode()


def dead(address: str) -> bool:
    """Whether not even a word about an order goes there."""
    asked = Asked(Customer.objects.get(email=address).pk, "order")
    return gate([asked], now=datetime(2030, 1, 1, tzinfo=UTC))[0].reason == "suppressed_bounced"


def test_the_return_path_of_a_message_is_its_own() -> None:
    own = address_for(4711, return_address=OWN)
    assert (own[:7], len(own.split("@")[0]) <= 64) == ("bounce+", True)
    assert send_of(own, return_address=OWN) == send_of(own.upper(), return_address=OWN) == 4711
    forged = [
        own.replace("+", "+1"),
        own.replace(".", "x.", 1),
        own[:20] + own[21:],
        OWN,
        "",
        own.replace("shop", "other"),
    ]
    assert [send_of(each, return_address=OWN) for each in forged] == [None] * 6


def test_nothing_goes_to_bens_dead_address_any_more(sender: Sender, now: datetime) -> None:
    send = sent("Ben", now)
    arrival = take(about(letters.POSTFIX, send), now=now)
    signal = Signal.objects.get()
    assert (arrival.kind, arrival.send, arrival.customer, arrival.handled_at) == ("bounce", send, send.customer, now)
    assert (signal.kind, signal.hard, signal.code, signal.reason, signal.message) == (
        "bounced", True, "5.1.1", "no_user", send.message,
    )  # fmt: skip
    assert dead("ben@example.com")


def test_the_same_mail_taken_three_times_is_one(sender: Sender, now: datetime) -> None:
    raw = about(letters.POSTFIX, sent("Ben", now))
    assert len({take(raw, now=now).pk for _ in range(3)}) == 1
    assert (Arrival.objects.count(), Signal.objects.count(), Suppression.objects.count()) == (1, 1, 1)


def test_a_report_that_somebody_made_up_kills_nobodys_address(sender: Sender, now: datetime) -> None:
    sent("Ben", now)
    raw = letters.POSTFIX.replace("ben@example.org", "ben@example.com").encode()  # its return path is not signed
    arrival = take(raw, now=now)
    assert (arrival.kind, arrival.send, arrival.handled_at) == ("bounce", None, None)
    assert not (Suppression.objects.exists())
    assert not (Signal.objects.exists())


def test_a_report_without_the_return_path_is_known_by_the_name_of_its_mail(sender: Sender, now: datetime) -> None:
    send = sent("Ben", now, header="<s77.1a2b@shop.example>")
    take(letters.POSTFIX.encode(), now=now)
    assert Signal.objects.get().send == send
    assert dead("ben@example.com")


def test_a_full_mailbox_five_times_over_two_weeks_is_dead_and_a_click_between_is_life(
    sender: Sender, now: datetime
) -> None:
    for run in range(4):
        take(about(letters.FULL, sent("Deniz", now, run=run)), now=now + timedelta(days=5 * run))
    assert not dead("deniz@example.com")
    clicked = {"kind": "clicked", "key": "c", "source": "x"}
    Signal.objects.create(send=Send.objects.first(), at=now + timedelta(days=16), **clicked)
    take(about(letters.FULL, sent("Deniz", now, run=5)), now=now + timedelta(days=20))
    assert not dead("deniz@example.com")
    for run in range(6, 10):
        take(about(letters.FULL, sent("Deniz", now, run=run)), now=now + timedelta(days=5 * run))
    assert dead("deniz@example.com")


def test_who_complains_gets_order_mails_and_no_advertising(sender: Sender, now: datetime) -> None:
    ben = sent("Ben", now, header="<s79.1a2b@shop.example>").customer
    take(letters.ARF.encode(), now=now)
    assert ben is not None
    assert gate([Asked(ben.pk, "newsletter")], now=now)[0].reason == "suppressed_complained"
    assert not gate([Asked(ben.pk, "order")], now=now)[0].reason.startswith("suppressed")
    assert Signal.objects.get().kind == "complained"


def test_a_report_on_authentication_is_no_complaint(sender: Sender, now: datetime) -> None:
    sent("Ben", now, header="<s79.1a2b@shop.example>")
    take(letters.ARF.replace("Type: abuse", "Type: auth-failure").encode(), now=now)
    assert not (Suppression.objects.exists())
    assert not (Signal.objects.exists())


def test_somebody_away_changes_nothing(sender: Sender, now: datetime) -> None:
    sent("Anna", now, header="<s80.1a2b@shop.example>")
    arrival = take(letters.AWAY.encode(), now=now)
    assert (arrival.handled_at, Signal.objects.get().kind) == (now, "auto_replied")
    assert not (Hold.objects.exists())
    assert not (Suppression.objects.exists())
    assert not (Entry.objects.exists())
    assert not (Job.objects.filter(kind="mail.forward").exists())


def test_annas_reply_stops_advertising_until_somebody_has_answered(sender: Sender, now: datetime) -> None:
    send = sent("Anna", now, header="<s80.1a2b@shop.example>")
    arrival = take(letters.reply("Where is my parcel?"), now=now)
    assert (arrival.customer, arrival.handled_at) == (send.customer, None)
    assert (Hold.objects.get().kind, Signal.objects.get().kind) == ("reply", "replied")
    olga = User.objects.create_user("olga@example.com", "correct horse battery", role="owner", joined_at=now)
    assert [done(arrival, now=now, by=olga) for _ in range(2)] == [True, False]
    assert not Hold.objects.exists()


@pytest.mark.parametrize("text", ["unsubscribe", "Bitte abmelden!"])
def test_a_reply_that_asks_to_be_left_alone_is_an_objection_in_those_words(
    sender: Sender, now: datetime, text: str
) -> None:
    sent("Anna", now, header="<s80.1a2b@shop.example>")
    take(letters.reply(text), now=now)
    entry = Entry.objects.get()
    assert (entry.kind, entry.topic, entry.source, entry.note) == ("objected", "all", "reply", text)
    assert not Hold.objects.exists()


def test_somebody_else_cannot_leave_for_anna(sender: Sender, now: datetime) -> None:
    sent("Anna", now, header="<s80.1a2b@shop.example>")
    raw = letters.reply("unsubscribe").replace(b"anna@example.com", b"mallory@example.net")
    assert take(raw, now=now).handled_at is None
    assert not Entry.objects.exists()


class Post:
    """A session that keeps what it is given, after failing as often as it was told to."""

    provider = "post"

    def __init__(self, failing: int = 0) -> None:
        self.failing, self.got = failing, list[tuple[str, str, bytes]]()

    def send(self, envelope_from: str, to: str, message: bytes) -> Receipt:
        if self.failing:
            self.failing -= 1
            raise ProviderError("away")
        self.got.append((envelope_from, to, message))
        return Receipt(Outcome.SENT)

    def close(self) -> None:
        """Nothing is open."""


def test_a_reply_is_handed_to_a_person_once_and_in_its_thread(sender: Sender, now: datetime) -> None:
    arrival, post = take(letters.reply("Where is my parcel?"), now=now), Post(failing=1)
    with pytest.raises(ProviderError):
        forward(arrival, now=now, opening=lambda _: post)
    assert forward(arrival, now=now, opening=lambda _: post)
    assert not forward(arrival, now=now, opening=lambda _: post)
    ((_, to, message),) = post.got
    assert to == "olga@shop.example"
    for line in (
        b"Reply-To: anna@example.com",
        b"In-Reply-To: <reply-1@example.com>",
        b"Auto-Submitted: auto-generated",
    ):
        assert line in message
    assert b"References: <s80.1a2b@shop.example> <reply-1@example.com>" in message


@pytest.mark.parametrize(
    ("was", "now_is"),
    [
        ("To: hello@shop.example", "To: hello@shop.example, olga@shop.example"),
        ("Subject: Re", "X-Stammkunde-Forwarded: 7\nSubject: Re"),
        ("Subject: Re", "Precedence: bulk\nSubject: Re"),
        ("anna@example.com", "olga@shop.example"),
    ],
)
def test_no_loop_begins_here(sender: Sender, now: datetime, was: str, now_is: str) -> None:
    raw = letters.reply("Where?").replace(was.encode(), now_is.encode())
    post = Post()
    assert not forward(take(raw, now=now), now=now, opening=lambda _: post)
    assert post.got == []


def test_what_nobody_can_read_stays_in_the_tray_until_somebody_says_what_it_is(sender: Sender, now: datetime) -> None:
    send = sent("Ben", now)
    arrival = take(b"From: <>\nSubject: hm\n\nzzz", now=now)
    assert (arrival.kind, arrival.handled_at, bytes(arrival.raw)[:4]) == ("unknown", None, b"From")
    olga = User.objects.create_user("olga@example.com", "correct horse battery", role="owner", joined_at=now)
    assert is_bounce_of(arrival, send, now=now, by=olga)
    assert dead("ben@example.com")


def test_a_mail_kept_by_a_worker_who_died_is_read_by_the_next(sender: Sender, now: datetime) -> None:
    send = sent("Ben", now)
    raw = about(letters.POSTFIX, send)
    take(raw, now=now)
    Arrival.objects.update(kind="", handled_at=None, send=None)  # as it was before it was read
    take(raw, now=now)
    assert (Arrival.objects.get().send, Signal.objects.count()) == (send, 1)
