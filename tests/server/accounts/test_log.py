"""The log of every change: whatever changes something through the API leaves an entry that says who did it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

import sends
from newsletters import newsletters
from stammkunde.server.accounts import actions
from stammkunde.server.accounts.actions import endpoints, outgoing
from stammkunde.server.accounts.models import Dispatch, Entry, Invitation, Key, User
from stammkunde.server.accounts.roles import Right, Role
from stammkunde.server.clv.models import Rates
from stammkunde.server.dashboards.actions.putting_off import put_off
from stammkunde.server.journeys.actions import editing
from stammkunde.server.journeys.actions.publishing import publish
from stammkunde.server.journeys.models import Enrolment
from stammkunde.server.mail.actions import templates
from stammkunde.server.mail.models import Arrival, Send, Sender
from stammkunde.server.offers.actions import coupons, pools
from stammkunde.server.segments.models import Segment
from stammkunde.server.segments.rules.language import VERSION
from stammkunde.server.shop.actions import merge
from stammkunde.server.shop.models import Customer, Import, Source

pytestmark = pytest.mark.django_db
RULE = {"version": VERSION, "rule": {"all": []}}
FLOW: dict[str, Any] = {
    "key": "flow", "name": {"en": "Flow"}, "trigger": {"on": "order"},
    "steps": [{"id": "rest", "do": "wait", "for": "1d"}],
}  # fmt: skip

MAIL: dict[str, Any] = {
    "key": "thanks", "name": {"en": "Thanks", "de": "Danke"}, "purpose": "vip",
    "subject": {"en": "Thanks", "de": "Danke"},
    "blocks": [{"kind": "text", "text": {"en": "Thank you.", "de": "Danke."}}],
}  # fmt: skip

#: These change nothing: they answer, with a question too long for an address.
ANSWERS = {
    ("POST", "/segments/count"),
    ("POST", "/value/rates/effect"),
    ("POST", "/newsletters/subject"),
    ("POST", "/mails/{pk}/preview"),
}
#: Changes nobody but oneself, and keys cannot: how pages look. A new name is in the log (test_staff).
OWN = {("PATCH", "/me")}


@dataclass
class Shop:
    """Ids of what is there, by name, as they stand in addresses."""

    ids: dict[str, int]

    def __getitem__(self, name: str) -> int:
        return self.ids[name]


@pytest.fixture
def shop(db: None) -> Shop:
    """Anna twice, Ben, who works here, an open invitation, a key, a segment, rates, a shop, and a file."""
    del db
    now = timezone.now()
    known = [
        Customer.objects.create(origin=f"shop:{n}", name=n, known_since=now, changed_at=now)
        for n in ("Anna", "Anna Alt", "Anna Neu")
    ]
    olga = User.objects.create_user("olga@example.com", "correct horse battery", role=Role.OWNER, joined_at=now)
    ben = User.objects.create_user("ben@example.com", "correct horse battery", role=Role.SERVICE, joined_at=now)
    actions.invite(role=Role.READER, now=now, by=olga)
    actions.make_key(name="Till", scopes=[Right.SEE], now=now, by=olga)
    segment = Segment.objects.create(name="All", rule=RULE, rule_changed_at=now, created_at=now)
    source = Source.objects.create(kind="woocommerce", name="Tea", token="t" * 32, created_at=now)
    states = (Import.State.CHECKED, Import.State.DONE)
    ready, done = (
        Import.objects.create(source=source, filename=s, path=f"imports/{s}", digest=s, state=s, created_at=now)
        for s in states
    )
    pool = pools.make("second", pools.Terms("Second", "percent", 20), source="generated", now=now, by=olga)
    coupons.generate(pool, 2, now=now, by=olga)
    webhook, _ = endpoints.add(endpoints.Wish("https://crm.example/in", ["*"]), now=now, by=olga)
    outgoing.tell("message.sent", {}, now=now)
    Dispatch.objects.update(state=Dispatch.State.DONE)
    news = sends.message(now)
    letter = Send.objects.create(
        message=news, scope="campaign:1:", customer=known[0], marketing=True, planned_at=now, due_at=now, state="sent"
    )
    journey = editing.create(FLOW, now=now, by=olga)
    on = {"version": publish(journey, now=now, by=olga), "customer": known[0], "step": "rest", "state": "stuck"}
    stuck = Enrolment.objects.create(journey=journey, due_at=now, entered_at=now, stepped_at=now, draw=1, **on)
    editing.save_draft(journey, FLOW | {"exit": ["returned"]}, now=now, by=olga)
    publish(journey, now=now, by=olga)
    editing.save_draft(journey, FLOW | {"exit": ["ordered"]}, now=now, by=olga)
    mail = templates.create(MAIL | {"key": "old"}, language="en", now=now, by=olga)
    return Shop(newsletters(now, olga) | {
        "journey": journey.pk, "enrolment": stuck.pk, "mail": mail.pk,
        "arrival": Arrival.objects.create(received_at=now, digest="d", raw=b"?", kind="unknown").pk, "send": letter.pk,
        "anna": known[0].pk, "alt": known[1].pk, "neu": known[2].pk, "ben": ben.pk, "olga": olga.pk,
        "merge": merge(known[0], known[2], reason="", now=now, by=olga).pk,
        "invitation": Invitation.objects.get().pk, "key": Key.objects.get().pk, "segment": segment.pk,
        "rates": Rates.objects.create(valid_from=now.date() - timedelta(9), created_at=now).pk,
        "pool": pool.pk, "webhook": webhook.pk, "dispatch": Dispatch.objects.get().pk,
        "source": source.pk, "ready": ready.pk, "done": done.pk,
    })  # fmt: skip


#: What is asked, by method and address of the description: the address with names of what is there, and the body.
ASKED: dict[tuple[str, str], tuple[str, Any]] = {
    ("POST", "/imports"): ("/imports", None),
    ("PUT", "/imports/{pk}/columns"): ("/imports/{ready}/columns", {}),
    ("POST", "/imports/{pk}/start"): ("/imports/{ready}/start", {}),
    ("POST", "/imports/{pk}/undo"): ("/imports/{done}/undo", {}),
    ("PATCH", "/customers/{pk}/stated"): ("/customers/{anna}/stated", {"type": "club", "acquisition_cost": 1250}),
    ("POST", "/customers/{pk}/merges"): ("/customers/{anna}/merges", {"customer": "{alt}"}),
    ("POST", "/customers/{pk}/merges/{merged}/undo"): ("/customers/{anna}/merges/{merge}/undo", {}),
    ("POST", "/customers/{pk}/consent"): (
        "/customers/{anna}/consent", {"kind": "objected", "topic": "all", "address": "anna@example.com"}
    ),
    ("POST", "/sign-ups"): ("/sign-ups", {"address": "deniz@example.com"}),
    ("POST", "/customers/{pk}/bookings"): (
        "/customers/{anna}/bookings", {"day": "2026-01-05", "kind": "service", "minutes": 5}
    ),
    ("POST", "/sources"): ("/sources", {"kind": "woocommerce", "name": "Second"}),
    ("PUT", "/sources/{pk}/settings"): (
        "/sources/{source}/settings",
        {"name": "Tea", "values": {"url": "https://tea.example", "consumer_key": "k", "consumer_secret": "s"}},
    ),
    ("POST", "/sources/{pk}/switch"): ("/sources/{source}/switch", {"active": False}),
    ("POST", "/sources/{pk}/pull"): ("/sources/{source}/pull", {}),
    ("POST", "/sources/{pk}/replay"): ("/sources/{source}/replay", {}),
    ("POST", "/value/runs"): ("/value/runs", {}),
    ("POST", "/value/rates"): ("/value/rates", {"valid_from": "2026-01-01", "vat": 1900}),
    ("DELETE", "/value/rates/{pk}"): ("/value/rates/{rates}", {}),
    ("PUT", "/value/spend"): ("/value/spend", {"channel": "web", "month": "2026-01-01", "amount": 900}),
    ("POST", "/segments"): ("/segments", {"name": "New", "rule": RULE}),
    ("PUT", "/segments/{pk}"): ("/segments/{segment}", {"name": "Everybody", "rule": RULE}),
    ("DELETE", "/segments/{pk}"): ("/segments/{segment}", {}),
    ("POST", "/segments/file"): (
        "/segments/file?keep=true",
        {"format": "stammkunde segments", "version": 1, "segments": [{"kind": "audience", "name": "F", "rule": RULE}]},
    ),
    ("POST", "/segments/starters"): ("/segments/starters", {}),
    ("POST", "/segments/compute"): ("/segments/compute", {}),
    ("POST", "/segments/{pk}/members/export"): ("/segments/{segment}/members/export", {}),
    ("POST", "/start/{card}/later"): ("/start/{card}/later", {}),
    ("POST", "/start/{card}/again"): ("/start/{card}/again", {}),
    ("POST", "/customer-list/export"): ("/customer-list/export", {}),
    ("POST", "/coupon-pools"): ("/coupon-pools", {"key": "new", "name": "New", "kind": "percent", "worth": 20}),
    ("PUT", "/coupon-pools/{pk}"): ("/coupon-pools/{pool}", {"name": "New", "kind": "percent", "worth": 25}),
    ("POST", "/coupon-pools/{pk}/codes"): ("/coupon-pools/{pool}/codes", {"codes": ["TEE-1"]}),
    ("POST", "/coupon-pools/{pk}/generate"): ("/coupon-pools/{pool}/generate", {"number": 3}),
    ("POST", "/coupon-pools/{pk}/confirm"): ("/coupon-pools/{pool}/confirm", {"up_to": 10**9}),
    ("POST", "/newsletters"): ("/newsletters", {"name": "New"}),
    ("PUT", "/newsletters/{pk}"): ("/newsletters/{draft}", {"name": "New"}),
    ("DELETE", "/newsletters/{pk}"): ("/newsletters/{draft}", {}),
    ("POST", "/newsletters/{pk}/copy"): ("/newsletters/{stopped}/copy", {}),
    ("POST", "/newsletters/{pk}/approve"): ("/newsletters/{draft}/approve", {}),
    ("POST", "/newsletters/{pk}/draft"): ("/newsletters/{approved}/draft", {}),
    ("POST", "/newsletters/{pk}/schedule"): ("/newsletters/{approved}/schedule", {}),
    ("POST", "/newsletters/{pk}/stop"): ("/newsletters/{scheduled}/stop", {}),
    ("POST", "/newsletters/{pk}/resume"): ("/newsletters/{stopped}/resume", {}),
    ("POST", "/mail/arrivals"): ("/mail/arrivals", {"no": "mail"}),
    ("POST", "/mail/arrivals/{pk}/done"): ("/mail/arrivals/{arrival}/done", {}),
    ("POST", "/mail/arrivals/{pk}/bounce"): ("/mail/arrivals/{arrival}/bounce", {"message": "{send}"}),
    ("POST", "/staff/{pk}"): ("/staff/{ben}", {"role": "analyst"}),
    ("POST", "/staff/{pk}/password-link"): ("/staff/{ben}/password-link", {}),
    ("DELETE", "/staff/{pk}/factor"): ("/staff/{ben}/factor", {}),
    ("POST", "/webhooks"): ("/webhooks", {"url": "https://crm.example/in", "events": ["*"]}),
    ("PUT", "/webhooks/{pk}"): ("/webhooks/{webhook}", {"url": "https://crm.example/in", "events": ["message.sent"]}),
    ("DELETE", "/webhooks/{pk}"): ("/webhooks/{webhook}", {}),
    ("POST", "/webhooks/{pk}/secret"): ("/webhooks/{webhook}/secret", {}),
    ("POST", "/webhooks/{pk}/test"): ("/webhooks/{webhook}/test", {}),
    ("POST", "/webhooks/{pk}/deliveries/{dispatch}/replay"): (
        "/webhooks/{webhook}/deliveries/{dispatch}/replay", {}
    ),
    ("PATCH", "/sending"): ("/sending", {"address": "tee@tea.example"}),
    ("PUT", "/sending/way"): ("/sending/way", {"transport": "captured"}),
    ("POST", "/sending/check"): ("/sending/check", {}),
    ("POST", "/sending/trial"): ("/sending/trial", {"to": "olga@example.com"}),
    ("POST", "/sending/pause"): ("/sending/pause", {"why": "Stock"}),
    ("POST", "/sending/resume"): ("/sending/resume", {}),
    ("POST", "/sending/warm-up"): ("/sending/warm-up", {"first": 100}),
    ("POST", "/journeys"): ("/journeys", {"definition": FLOW | {"key": "other"}}),
    ("POST", "/journeys/file"): ("/journeys/file", {"text": f"# A file.\n{json.dumps(FLOW)}"}),
    ("PUT", "/journeys/{pk}/draft"): ("/journeys/{journey}/draft", {"definition": FLOW | {"exit": ["paid"]}}),
    ("POST", "/journeys/{pk}/publish"): ("/journeys/{journey}/publish", {}),
    ("POST", "/journeys/{pk}/switch"): ("/journeys/{journey}/switch", {"state": "on"}),
    ("POST", "/journeys/{pk}/copy"): ("/journeys/{journey}/copy", {}),
    ("POST", "/journeys/{pk}/move"): ("/journeys/{journey}/move", {"old": 1, "new": 2, "really": True}),
    ("POST", "/journeys/{pk}/retry"): ("/journeys/{journey}/retry", {}),
    ("POST", "/enrolments/{pk}"): ("/enrolments/{enrolment}", {"step": "rest"}),
    ("POST", "/journeys/{pk}/simulations"): (
        "/journeys/{journey}/simulations", {"begin": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z"}
    ),
    ("POST", "/flows/{key}/copies"): ("/flows/cart/copies", {}),
    ("POST", "/mails"): ("/mails", {"document": MAIL}),
    ("PUT", "/mails/{pk}"): ("/mails/{mail}", {"document": MAIL | {"purpose": "offer"}}),
    ("POST", "/mails/{pk}/publish"): ("/mails/{mail}/publish", {}),
    ("POST", "/invitations"): ("/invitations", {"role": "reader"}),
    ("DELETE", "/invitations/{pk}"): ("/invitations/{invitation}", {}),
    ("POST", "/keys"): ("/keys", {"name": "New", "scopes": ["see"]}),
    ("DELETE", "/keys/{pk}"): ("/keys/{key}", {}),
}  # fmt: skip


def test_every_operation_that_may_change_something_is_tried_here() -> None:
    described = Client().get("/openapi.json").json()["paths"]
    changing = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in described.items()
        for method in methods
        if method != "get"
    }
    assert changing == ASKED.keys() | ANSWERS | OWN


@pytest.mark.parametrize(("method", "path"), list(ASKED), ids=[f"{m} {p}" for m, p in ASKED])
def test_a_change_leaves_an_entry_of_who_made_it(
    shop: Shop, method: str, path: str, tmp_path: Any, settings: Any, now: datetime
) -> None:
    settings.MEDIA_ROOT = tmp_path
    address, body = ASKED[method, path]
    before_asking(path, shop)
    whole = actions.make_key(name="Office", scopes=list(Right), now=now, by=User.objects.get(pk=shop["olga"]))
    office, last = Client(headers={"authorization": f"Bearer {whole}"}), Entry.objects.latest("pk").pk
    there = f"/api/v1{address.format(**shop.ids, card='slipping')}"
    answer = send(office, method, there, body, shop)
    assert 200 <= answer.status_code < 300, answer.content
    entries = list(Entry.objects.filter(pk__gt=last))
    assert [each.key.name if each.key else None for each in entries] == ["Office"] * len(entries)
    assert entries


def send(office: Client, method: str, address: str, body: Any, shop: Shop) -> Any:
    if body is None:
        file = SimpleUploadedFile("orders.csv", b"customer,date,amount\nAnna,2026-01-03,10\n")
        return office.post(address, {"file": file})
    filled = {n: shop[v[1:-1]] if isinstance(v, str) and v.startswith("{") else v for n, v in body.items()}
    return office.generic(method, address, json.dumps(filled), content_type="application/json")


def before_asking(path: str, shop: Shop) -> None:
    """What can be taken away has to be there."""
    if path == "/staff/{pk}/factor":
        TOTP.activate(User.objects.get(pk=shop["ben"]), generate_totp_secret())
    if path in {"/sending/trial", "/sending/resume"}:
        Sender.objects.create(address="tee@tea.example")
    if path == "/start/{card}/again":
        put_off("slipping", now=timezone.now(), by=None)
