"""Whatever customers, shops and staff write: in no page does it become an element, an attribute or a program."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, models, transaction
from django.test import Client
from django.utils import timezone

from server.clv.shops import NOW, shop
from server.security.pages import Reader, Shown, addresses, models_of_ours, pages
from server.shop.sources.case_shopify import CASE
from server.shop.sources.conftest import place_of
from stammkunde.server.accounts import actions
from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Right, Role
from stammkunde.server.clv.computing.run import compute
from stammkunde.server.lib.requests import POLICY
from stammkunde.server.lib.work import run_due
from stammkunde.server.shop.actions import importing, merge, take
from stammkunde.server.shop.facts import (
    CartFact,
    EventFact,
    LineFact,
    OrderFact,
    ParcelFact,
    ProductFact,
    RefundFact,
    VariantFact,
    Who,
)
from stammkunde.server.shop.models import Customer, Delivery, Import, Source

pytestmark = [pytest.mark.thorough, pytest.mark.django_db(transaction=True)]

MARK = "xss-was-here"
#: Out of a text, an attribute in either quotes, a script, a title, a comment; the short one fits a country.
BREAKS = (
    f"""'"><xss onxss=1>{MARK}<script>xss()</script></title></textarea></svg>--><img src=x onerror=xss()>{{{{xss}}}}""",
    f"javascript:xss('{MARK}')",
    f"\x01java\nscript:xss()//{MARK}&lt;xss&gt;",
)
#: Columns that programs write for programs: another text in them breaks the shop before anybody sees it.
OURS = {
    "kind", "token", "digest", "path", "state", "sealed", "password", "currency", "language", "html", "basis", "model",
    "timing", "horizon", "saved", "key", "verb", "subject", "origin", "email", "stage", "worker", "starter",
}  # fmt: skip


def hostile_shop(payload: str, now: datetime) -> Source:
    """Everything that a shop can tell, told by somebody who means harm."""
    source = place_of(CASE, now)
    short, country = payload[:40], payload[2:4]
    who = Who(
        shop_id=payload[:100], email=f"{payload[:60]}@x.example", phone=short, name=payload, company=payload,
        postcode=payload[:20], country=country, locale=payload[:16], user_id=payload[:90], anonymous_id=payload[:80],
    )  # fmt: skip
    line = LineFact(payload[:100], 2, 1250, 2500, sku=payload[:120], title=payload, category=payload[:200])
    order = OrderFact(
        payload[:110], who, now - timedelta(days=400), "EUR", 2500, 2500, lines=(line,), version=1,
        coupon=payload[:120], number=payload[:120], channel=payload[:80], country=country, cart_token=payload[:100],
    )  # fmt: skip
    refund = RefundFact(payload[:100], payload[:110], now, 500, "EUR", version=1, reason=payload)
    parcel = ParcelFact(payload[:100], payload[:110], state=short, carrier=payload[:80], tracking=payload, version=1,
                        shipped_at=now)  # fmt: skip
    product = ProductFact(payload[:100], payload, payload[:200], payload[:120], payload, payload, "EUR", version=1,
                          variants=(VariantFact(payload[:100], payload[:120], payload),))  # fmt: skip
    cart = CartFact(payload[:100], who, now, now, "EUR", 900, url=payload, version=1,
                    lines=({"sku": payload, "title": payload, "quantity": 1, "price": 900},))  # fmt: skip
    about = {"url": payload, "title": payload, "name": payload}
    names = (payload[:120], "Product Viewed", "Page Viewed", "Order Completed")
    events = [EventFact(f"{payload[:90]}{n}", name, now, who, 900, "EUR", about) for n, name in enumerate(names)]
    take(source, [product, order, refund, parcel, cart, *events], now=now)
    return source


def delivered(source: Source, payload: str, now: datetime) -> None:
    """Webhooks that are signed and cannot be understood."""
    for topic, body in (
        (payload[:60].replace("\n", "").replace("\x01", ""), {"id": payload}),
        ("orders/updated", {"id": 7, "name": payload}),
    ):
        headers, sent = CASE.send(topic, body, key=payload[:40].replace("\n", "").replace("\x01", ""))
        Client().post(f"/hooks/{source.token}/", sent, content_type="application/json", headers=headers)
    assert Delivery.objects.count() == 2
    Delivery.objects.update(state="failed", error=payload, entity=payload[:120], received_at=now)


def imported(payload: str, now: datetime) -> None:
    """A file whose name, columns and cells are hostile, and one whose columns nobody can tell."""
    cell = payload.replace('"', '""')
    rows = f'"{cell}","2026-01-03","1{cell}"\n"Ben","{cell}","5"\n"Anna","2026-01-03","9"\n'
    for header in (f'customer,date,amount,"{cell}"', f'"{cell} 1","{cell} 2",c'):
        file = SimpleUploadedFile(f"{payload.replace('/', '')}.csv", f"{header}\n{rows}".encode())
        importing.lay_down(file, now=now, by=None)
    run_due(now=timezone.now())
    Import.objects.filter(error="").update(error=payload)


def fill(payload: str) -> int:
    """The payload in every column of text, as long as the column is. Returns how many columns took it."""
    filled = 0
    for model in models_of_ours():
        for column in model._meta.concrete_fields:
            if (
                column.name in OURS
                or not isinstance(column, models.CharField | models.TextField)
                or column.choices
                or column.unique
            ):
                continue
            rows = model._default_manager.all()
            first = rows.filter(pk__in=list(rows.order_by("pk").values_list("pk", flat=True)[:1]))
            for some in (rows, first):  # where a table wants different ones, one row has to do
                with suppress(IntegrityError), transaction.atomic():
                    filled += bool(some.update(**{column.name: payload[: column.max_length or 500]}))
                    break
    return filled


def staffed(payload: str, now: datetime) -> Client:
    """An owner with a hostile name, keys, invitations and entries in the log."""
    olga = User.objects.create_user("olga@example.com", "correct horse battery", name=payload[:120], role=Role.OWNER,
                                    joined_at=now)  # fmt: skip
    TOTP.activate(olga, generate_totp_secret())
    actions.make_key(name=payload[:120], scopes=[Right.SEE], now=now, by=olga)
    actions.invite(role=Role.READER, email=f"{payload[:40]}@x.example", now=now, by=olga)
    change = {"from": {payload: payload}, "to": {payload: [payload, {payload: payload}]}, payload: payload}
    actions.record(payload[:60], payload[:60], now=now, by=olga, subject_id=payload[:60], title=payload, change=change)
    browser = Client(headers={"user-agent": payload.replace("\n", "").replace("\x01", "")})
    browser.force_login(olga, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


@pytest.fixture(autouse=True)
def _calm() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Client]:
    """A shop, computed and on show, in which every text is a payload; and its owner's browser."""
    monkeypatch.setattr("stammkunde.server.clv.computing.scoring.MODEL", "bg-nbd")

    def made(payload: str) -> Client:
        source = hostile_shop(payload, NOW)
        shop(source, customers=120)
        _, second, third = Customer.objects.order_by("pk")[:3]
        merge(second, third, reason=payload[:300], now=NOW, by=None)
        fill(payload)
        assert compute(now=NOW) is not None
        browser = staffed(payload, NOW)
        delivered(source, payload, NOW)
        imported(payload, NOW)
        assert fill(payload) > 40
        Source.objects.update(options={"shop": payload, "shop_url": payload, payload: payload}, error_at=NOW)
        return browser

    return made


def wrong_with(shown: Shown) -> list[str]:
    """What is wrong with an answer."""
    if shown.answer.status_code >= 500:
        return [f"{shown.address}: {shown.answer.status_code}"]
    if shown.answer.headers["Content-Security-Policy"] != POLICY:
        return [f"{shown.address}: another policy"]
    if not shown.is_page:
        return []
    return [f"{shown.address}: {fault}" for fault in Reader(shown.html).faults]


def submitted(browser: Client, payload: str) -> Iterator[Shown]:
    """Every form of every page, with the payload in every field that can be typed into."""
    seen = set()
    for shown in [each for each in pages(browser) if each.is_page]:
        for form in Reader(shown.html).forms:
            to = form.action or shown.address
            if (form.method, to) in seen or "logout" in to or "/factor" in to or "/deactivate" in to:
                continue
            seen.add((form.method, to))
            said = form.fields | dict.fromkeys(form.typed, payload)
            send = browser.post if form.method == "post" else browser.get
            yield Shown.of(f"{form.method} {to}", send(to, said, follow=True))


NAMES = (
    "search",
    "sort",
    "after",
    "before",
    "by",
    "until",
    "subject",
    "who",
    "next",
    "from",
    "q",
    "page",
    "kind",
    "tab",
)


@pytest.mark.parametrize("payload", BREAKS, ids=["markup", "address", "folded"])
def test_nothing_that_anybody_writes_becomes_a_part_of_a_page(told: Callable[[str], Client], payload: str) -> None:
    browser = told(payload)
    asked = "?" + "&".join(f"{name}={json.dumps(payload)}" for name in NAMES).replace("&lt;", "%26lt;")
    found = [*pages(browser), *pages(browser, asked)]
    wrong = [fault for shown in found for fault in wrong_with(shown)]
    wrong += [fault for shown in submitted(browser, payload) for fault in wrong_with(shown)]
    assert wrong == []
    assert len([each for each in found if each.is_page and each.answer.status_code == 200]) > 30
    carry = {each.address for each in found if each.is_page and MARK in each.html}
    assert len(carry) > 12, "the payload has to be on the pages for this to prove anything"


@pytest.mark.parametrize("role", ["owner", None])
def test_every_address_answers_under_the_strict_policy(role: str | None, as_role: Callable[[str], Client]) -> None:
    browser = as_role(role) if role else Client()
    for address in [*addresses(), "/nowhere", "/api/v1/customers", "/static/ui/nothing.js", "/openapi.json"]:
        for answer in (browser.get(address), browser.post(address), browser.head(address)):
            policy = answer.headers["Content-Security-Policy"]
            assert "unsafe" not in policy, address
            assert "default-src 'none'" in policy, address
            assert "frame-ancestors 'none'" in policy, address
            assert answer.headers["X-Content-Type-Options"] == "nosniff", address


def test_the_reader_of_pages_finds_what_it_is_for() -> None:
    bad: list[Any] = [
        '<p onclick="x()">', '<a href="javascript:x()">', '<a href=" java\nscript:x()">', "<script>x()</script>",
        '<script src="https://evil.example/x.js"></script>', '<p style="color:red">', "<style>p{}</style>", "<xss>",
        '<p hx-on:click="x()">', '<p hx-vals="js:{a:1}">', "<iframe>", '<base href="/">', '<form action="data:x">',
        '<svg><a xlink:href="javascript:x()">', '<meta http-equiv="refresh" content="0;url=//evil.example">',
    ]  # fmt: skip
    assert [each for each in bad if not Reader(each).faults] == []
    assert (
        Reader('<p class="a"><a href="/x?javascript:1">javascript:x()</a><script src="/static/a.js"></script>').faults
        == []
    )
