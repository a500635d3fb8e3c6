"""What is measured of a mail: nothing unless the shop says so, of persons only who agreed; machines are no people."""

import email
import email.policy
import html
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import sends
from stammkunde.server.consent.actions import recording
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.mail.incoming import links
from stammkunde.server.mail.links import view_url
from stammkunde.server.mail.models import Send, Sender, Signal
from stammkunde.server.mail.sending.letters import Letters
from stammkunde.server.shop.models import Customer

pytestmark = pytest.mark.django_db
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BUTTONS = [
    {"kind": "button", "label": {"en": f"Tea {n}", "de": f"Tee {n}"}, "link": f"https://shop.example/tea?n={n}&x=1"}
    for n in range(4)
]
PAGE = (
    '<body><a class="x" href="https://shop.example/?a=1&amp;b=2">Tea</a><a href="mailto:a@b.example">Write</a></body>'
)


def sent(name: str, now: datetime, *, agreed: bool = False) -> Send:
    """A newsletter with four buttons, which left a minute ago."""
    who = sends.customer(name, now - timedelta(days=9), locale="de")
    if agreed:
        made, _ = recording.request_opt_in(
            address=who.email, topic="tracking", customer=who, proof=Proof("form"), now=now - timedelta(days=8)
        )
        recording.confirm(made, proof=Proof("form"), now=now - timedelta(days=8))
    more = {"state": "sent", "planned_at": now, "due_at": now, "settled_at": now - timedelta(minutes=1)}
    return Send.objects.create(
        message=sends.message(now, blocks=BUTTONS), scope="s", customer=who, address=who.email, marketing=True, **more
    )


def follow(url: str, method: str = "get", **headers: str) -> Any:
    """What a browser gets at an address in a mail."""
    said = {"user-agent": BROWSER} | {name.replace("_", "-"): value for name, value in headers.items()}
    return getattr(Client(), method)("/p/" + html.unescape(url).split("/p/", 1)[1], headers=said)


def written(send: Send, level: str, now: datetime) -> str:
    """The mail as it leaves."""
    sender = Sender.objects.create(tracking=level, address="hello@shop.example")
    letters = Letters(sender, now)
    send.message = type(send.message).objects.select_related("version__template").get(pk=send.message_id)
    letters.look([send])
    return letters.write(send).message.decode()


@pytest.fixture
def anna(now: datetime) -> Send:
    Sender.objects.create(tracking="individual")
    return sent("Anna", now, agreed=True)


def hit(send: Send, number: int, **headers: str) -> Any:
    return follow(links.wrap(f"https://shop.example/{number}", send=send, level="individual"), **headers)


def people(kind: str = "clicked") -> int:
    return Signal.objects.filter(kind=kind, machine=False).count()


def test_where_nothing_is_measured_a_mail_leaves_as_it_was_written(now: datetime) -> None:
    send = sent("Anna", now)
    assert links.measured(PAGE, send=send, level="none") == PAGE
    assert "/p/l/" not in written(send, "none", now)


def test_links_lead_where_they_led_and_ways_out_stay_as_they_are(now: datetime, settings: Any) -> None:
    send = sent("Anna", now)
    page = links.measured(PAGE, send=send, level="aggregate")
    (link,) = re.findall(r'href="([^"]*/p/l/[^"]*)"', page)
    assert follow(link).url == "https://shop.example/?a=1&b=2"
    assert 'href="mailto:a@b.example"' in page
    way_out = f"{settings.PUBLIC_URL}/p/u/token"
    assert [links.wrap(each, send=send, level="individual") for each in (way_out, "javascript:alert(1)")] == [
        way_out, "javascript:alert(1)",
    ]  # fmt: skip


def test_no_link_leads_where_nobody_signed_it_for(anna: Send) -> None:
    token = links.wrap("https://shop.example/", send=anna, level="individual").rsplit("/", 1)[1]
    for forged in (token[:-2], "x", token.replace(":", "a:", 1), f"https://evil.example:{token.split(':')[1]}"):
        assert Client().get(f"/p/l/{forged}").status_code == 404
    assert Signal.objects.count() == 0


def test_sums_name_nobody(now: datetime) -> None:
    Sender.objects.create(tracking="aggregate")
    send = sent("Anna", now)
    link = links.wrap("https://shop.example/", send=send, level="aggregate")
    found = links.read(link.rsplit("/", 1)[1])
    assert found is not None
    assert (found.send_id, found.message_id) == (None, send.message_id)
    assert [follow(link).status_code for _ in range(2)] == [302, 302]
    assert [(each.send, each.message) for each in Signal.objects.all()] == [(None, send.message)] * 2


def test_anna_who_agreed_clicks_once_however_often_she_does(anna: Send) -> None:
    for _ in range(3):
        assert hit(anna, 1).status_code == 302
    signal = Signal.objects.get()
    assert (signal.send, signal.machine, signal.url) == (anna, False, "https://shop.example/1")


def test_once_anna_takes_it_back_she_counts_in_sums_at_most(anna: Send, now: datetime) -> None:
    assert anna.customer is not None
    recording.withdraw(anna.customer, topic="tracking", proof=Proof("phone"), now=now)
    hit(anna, 1)
    assert [each.send for each in Signal.objects.all()] == [None]


def test_once_the_shop_measures_nothing_old_links_only_lead(anna: Send) -> None:
    Sender.objects.update(tracking="none")
    assert hit(anna, 1).status_code == 302
    assert follow(links.picture(send=anna, level="individual")).headers["Content-Type"] == "image/gif"
    assert Signal.objects.count() == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"user_agent": "Mozilla/5.0 (compatible; SafeLinks)"}, {"user_agent": "Barracuda Sentinel"},
        {"user_agent": "GoogleImageProxy"}, {"user_agent": "Mozilla/5.0"}, {"user_agent": ""},
        {"sec_purpose": "prefetch;prerender"}, {"purpose": "prefetch"}, {"x_moz": "prefetch"},
    ],
)  # fmt: skip
def test_programs_are_no_people(anna: Send, headers: dict[str, str]) -> None:
    assert hit(anna, 1, **headers).status_code == 302
    assert (people(), Signal.objects.count()) == (0, 1)


def test_head_is_no_click(anna: Send) -> None:
    assert hit(anna, 1, method="head").status_code == 302
    assert Signal.objects.count() == 0


def test_a_click_in_the_moment_of_arrival_is_a_scanner(anna: Send, now: datetime) -> None:
    Send.objects.update(settled_at=timezone.now())
    hit(anna, 1)
    assert (people(), Signal.objects.count()) == (0, 1)


def test_all_links_at_once_are_a_scanner_the_first_of_them_too(anna: Send) -> None:
    for number in range(4):
        hit(anna, number)
    assert (people(), Signal.objects.count()) == (0, 4)


def test_who_falls_into_the_trap_is_a_scanner_and_what_it_did_before_and_after(anna: Send) -> None:
    page = links.measured(PAGE, send=anna, level="individual")
    real, trap = re.findall(r'href="([^"]*/p/l/[^"]*)"', page)
    follow(real)
    assert follow(trap).status_code == 204
    hit(anna, 7)
    assert (people(), Signal.objects.count()) == (0, 3)


def test_a_mail_that_leaves_bears_what_the_shop_measures(now: datetime) -> None:
    send = sent("Anna", now, agreed=True)
    mail = email.message_from_string(written(send, "individual", now), policy=email.policy.default)
    page = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    tokens = re.findall(r'href="[^"]*/p/l/([^"]*)"', page)
    found = [each for each in map(links.read, tokens) if each is not None]
    assert {each.send_id for each in found} == {send.pk}
    assert [each.url for each in found if "tea" in each.url] == [
        f"https://shop.example/tea?n={n}&x=1" for n in range(4)
    ]
    assert found[-1].url == ""  # the trap
    assert "/p/l/" not in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_mail_can_be_read_in_a_browser_as_it_was(now: datetime) -> None:
    send = sent("Anna", now)
    page = follow(view_url(send.pk))
    assert (page.status_code, len(page.cookies), page["X-Robots-Tag"]) == (200, 0, "noindex, nofollow")
    assert "Tee 3" in page.content.decode()
    assert "script-src" not in page["Content-Security-Policy"]
    assert follow(view_url(send.pk)[:-3]).status_code == 404
    Send.objects.update(state="waiting")
    assert follow(view_url(send.pk)).status_code == 404
    Customer.objects.all().delete()
    assert follow(view_url(send.pk)).status_code == 404
