"""From a sign-up to the second order: the flows of the library, published, switched on, and what really leaves."""

import email
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from stammkunde.server.accounts.actions import make_key
from stammkunde.server.accounts.models import Endpoint, Outgoing, User
from stammkunde.server.accounts.roles import Right
from stammkunde.server.consent.actions import recording, ruling
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.consent.models import Entry
from stammkunde.server.journeys.actions import copying, editing, publishing
from stammkunde.server.journeys.models import Enrolment, Journey
from stammkunde.server.journeys.queries.library import flow
from stammkunde.server.journeys.running.ticking import tick
from stammkunde.server.mail.models import Send, Template
from stammkunde.server.mail.sending.letters import Letters
from stammkunde.server.mail.sending.slices import send_due
from stammkunde.server.offers.actions.coupons import load
from stammkunde.server.offers.models import Pool
from stammkunde.server.segments.actions.recompute import recompute
from stammkunde.server.shop.models import Cart, Customer, Imprint, Order, OrderLine, Source

pytestmark = pytest.mark.django_db(transaction=True)
Post = Callable[[datetime], list[EmailMessage]]


@pytest.fixture
def post(settings: Any, tmp_path: Path) -> Post:
    """Live through a moment: people enter and move, what is due leaves. The letters that left are given back."""
    settings.DATA = tmp_path
    seen: set[str] = set()

    def pass_(now: datetime) -> list[EmailMessage]:
        tick(now)
        send_due(worker="test", clock=lambda: now, seconds=60, composing=Letters)
        files = sorted(path for path in (tmp_path / "mail").glob("*.eml") if path.name not in seen)
        seen.update(path.name for path in files)
        return [email.message_from_bytes(path.read_bytes(), policy=default) for path in files]  # type: ignore[misc]

    return pass_


@pytest.fixture
def on(db: None, now: datetime) -> Callable[[str], Journey]:
    """A flow of the library as a shop uses it: copied, published, switched on."""
    del db
    where = {"address": "Am Markt 1\n20095 Hamburg", "country": "DE", "url": "https://teehaus.example"}
    Imprint.objects.create(name="Teehaus", email="hallo@teehaus.example", **where)

    def switched(key: str) -> Journey:
        found = flow(key)
        assert found is not None
        journey = copying.copy(found, language="de", now=now)
        for template in Template.objects.all():
            fill_in(template)
        publishing.publish(journey, now=now, by=None)
        editing.switch(journey, "on", now=now, by=None)
        return Journey.objects.get(pk=journey.pk)

    return switched


@pytest.fixture
def api(now: datetime) -> Client:
    """A client of the shop with a key."""
    key = make_key(name="Shop", scopes=[Right.CUSTOMERS], now=now, by=None)
    return Client(headers={"Authorization": f"Bearer {key}"})


def fill_in(template: Template) -> None:
    """The links that a shop gives before it publishes."""
    for block in template.draft["blocks"]:
        if block.get("fill") and not block.get("link"):
            block["link"] = "https://teehaus.example/tee"
    template.save()


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def agree(customer: Customer, topic: str, now: datetime) -> None:
    """A confirmed consent."""
    words = ruling.word(topic, "de", "Ja, gern.", now=now, by=None)
    proof = Proof("form", page="https://teehaus.example/", wording=words)
    asked, _ = recording.request_opt_in(address=customer.email, topic=topic, customer=customer, proof=proof, now=now)
    recording.confirm(asked, proof=proof, now=now)


def order(customer: Customer, source: Source, at: datetime, number: str = "1001") -> Order:
    fields = {"placed_at": at, "paid_at": at, "day": at.date(), "currency": "EUR", "gross": 2400, "total": 2890}
    made = Order.objects.create(
        source=source, external_id=number, number=number, customer=customer, shipping=490, country="DE", **fields
    )
    OrderLine.objects.create(
        order=made, external_id="1", title="Assam", category="Tee", quantity=2, price=1200, total=2400, sku="T1"
    )
    return made


def test_a_stranger_signs_up_confirms_and_is_welcomed(
    api: Client, post: Post, on: Callable[[str], Journey], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("opt-in", "welcome"):
        on(key)
    words = ruling.word("marketing", "de", "Ja, gern.", now=now, by=None)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + timedelta(minutes=1))
    body = {
        "address": "Deniz@Example.com",
        "topic": "marketing",
        "page": "https://teehaus.example/",
        "wording": words.pk,
    }
    answer = api.post("/api/v1/sign-ups", json.dumps(body), content_type="application/json")
    assert answer.status_code == 201, answer.content
    (asked,) = post(now + timedelta(minutes=2))
    assert asked["To"] == "deniz@example.com"
    assert "List-Unsubscribe" not in asked
    link = re.search(r"https?://[^\s>]+/p/confirm/[^\s>]+", text_of(asked))
    assert link is not None
    path = "/p/" + link[0].partition("/p/")[2]
    Client().get(path)
    assert post(now + timedelta(minutes=3)) == []
    assert Entry.objects.filter(kind="confirmed").count() == 0
    Client().post(path)
    recompute(now=now + timedelta(minutes=3), full=False)
    (welcome,) = post(now + timedelta(minutes=4))
    assert "One-Click" in welcome["List-Unsubscribe-Post"]
    send = Send.objects.get(scope__contains="journey", message__purpose="welcome", state="sent")
    assert next(each["basis"] for each in send.bases) == "consent"


def test_the_confirmation_of_an_order_offers_only_where_that_is_lawful(
    post: Post, on: Callable[[str], Journey], source: Source, now: datetime
) -> None:
    """Without a basis the clean one goes out (BGH VI ZR 134/15). That somebody bought tea is none for a code that holds
    for everything: § 7 (3) UWG asks for similar goods. A consent is."""
    on("order-confirmation")
    load(Pool.objects.get(), [f"TEE-{number:04}" for number in range(10)], now=now, by=None)
    boss = User.objects.create_user("boss@example.com", role="owner", joined_at=now)
    words = ruling.word("marketing", "de", "Widerspruch jederzeit.", now=now, by=None)
    ruling.state_notice(since=now, wording=words, page="https://teehaus.example/kasse", now=now, by=boss)
    times = {"known_since": now - timedelta(days=1), "changed_at": now, "country": "DE", "locale": "de"}
    clara = Customer.objects.create(origin="email:0:clara", name="Clara", email="clara@example.com", **times)
    order(clara, source, now + timedelta(minutes=1), "1001")
    (clean,) = post(now + timedelta(minutes=2))
    assert "1001" in str(clean["Subject"])
    assert "TEE-" not in text_of(clean)
    deniz = Customer.objects.create(origin="email:0:deniz", name="Deniz", email="deniz@example.com", **times)
    agree(deniz, "marketing", now)
    order(deniz, source, now + timedelta(minutes=3), "1002")
    (offering,) = post(now + timedelta(minutes=4))
    assert "TEE-0000" in text_of(offering)
    assert "One-Click" in offering["List-Unsubscribe-Post"]
    order(deniz, source, now + timedelta(minutes=5), "1003")
    (second,) = post(now + timedelta(minutes=6))
    assert "TEE-" not in text_of(second)


def test_a_cart_is_recovered_until_the_order_comes_even_late(
    post: Post, on: Callable[[str], Journey], source: Source, now: datetime
) -> None:
    journey = on("cart")
    anna = Customer.objects.create(
        origin="email:0:anna",
        name="Anna",
        email="anna@example.com",
        country="DE",
        known_since=now - timedelta(days=400),
        changed_at=now,
    )
    agree(anna, "behaviour", now)
    fields = {"lines": [{"sku": "T1", "title": "Assam", "quantity": 1, "price": 1200}], "value": 1200}
    cart = Cart.objects.create(
        source=source, external_id="c1", customer=anna, url="https://teehaus.example/cart/c1", currency="EUR",
        began_at=now, changed_at=now, **fields,
    )  # fmt: skip
    recompute(now=now, full=True)
    (first,) = post(now + timedelta(hours=2, minutes=5))
    assert "https://teehaus.example/cart/c1" in text_of(first)
    late = order(anna, source, now + timedelta(hours=1))
    Cart.objects.filter(pk=cart.pk).update(order=late)
    for hours in (24, 48, 72, 100, 200):
        assert post(now + timedelta(hours=hours)) == []
    enrolled = Enrolment.objects.get(journey=journey)
    assert enrolled.state == "left"


def test_who_listens_hears_of_it_in_numbers(
    post: Post, on: Callable[[str], Journey], source: Source, now: datetime
) -> None:
    fields = {"url": "https://hear.example/in", "events": ["*"], "created_at": now}
    Endpoint.objects.create(**fields)
    on("order-confirmation")
    times = {"known_since": now - timedelta(days=1), "changed_at": now, "country": "DE", "locale": "de"}
    deniz = Customer.objects.create(origin="email:0:deniz", name="Deniz", email="deniz@example.com", **times)
    agree(deniz, "marketing", now)
    order(deniz, source, now + timedelta(minutes=1))
    post(now + timedelta(minutes=2))
    told = [(each.event, json.loads(each.body)["data"]) for each in Outgoing.objects.order_by("pk")]
    assert [event for event, _data in told] == ["consent.granted", "journey.entered", "journey.left", "message.sent"]
    assert all(data["customer"] == deniz.pk for _event, data in told)
    assert "deniz@example.com" not in str(told)
    post(now + timedelta(minutes=3))
    assert Outgoing.objects.count() == len(told)
