"""Strangers at every door: forged, replayed and misdirected deliveries, guesses, and shops that are none."""

import http.server
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from server.security.pages import addresses
from server.security.test_scripts import NAMES, hostile_shop
from server.shop.sources.case import Case, Told, case_of
from server.shop.sources.conftest import place_of
from stammkunde.server.accounts import actions
from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Right, Role
from stammkunde.server.lib.seal import seal
from stammkunde.server.shop import pulling
from stammkunde.server.shop.fetching import Guarded
from stammkunde.server.shop.hearing import hear
from stammkunde.server.shop.hooks import receive
from stammkunde.server.shop.models import Delivery, Order, Source
from stammkunde.server.shop.sources import kinds
from thorough import sampled

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
HEARS = sorted(name for name, kind in kinds().items() if kind.hears)
PULLS = sorted(name for name, kind in kinds().items() if kind.pulls)
SIGNS = ("hmac-sha256", "signature")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def cased(name: str) -> Case:
    case = case_of(name)
    assert case is not None
    return case


def sent(source: Source, headers: dict[str, str], body: bytes) -> int:
    path = f"/hooks/{source.token}/orders"
    return Client().post(path, body, content_type="application/json", headers=headers).status_code


def altered(headers: dict[str, str], change: Callable[[str], str]) -> dict[str, str]:
    """The headers with another signature."""
    return {name: change(value) if name.lower().endswith(SIGNS) else value for name, value in headers.items()}


FORGED: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "", "cut": lambda given: given[:-2], "longer": lambda given: f"{given}a",
    "other case": str.swapcase, "blank": lambda _: " ", "none": lambda _: "none", "odd": lambda _: "\u00e9" * 44,
}  # fmt: skip


@pytest.mark.parametrize("name", HEARS)
def test_no_other_signature_or_body_comes_in(name: str, now: datetime) -> None:
    case = cased(name)
    source = place_of(case, now)
    headers, body = case.send(case.topic, case.order(Told()), key="d1")
    for how, change in FORGED.items():
        if altered(headers, change) != headers:
            assert sent(source, altered(headers, change), body) == 401, how
    assert sent(source, {n: v for n, v in headers.items() if not n.lower().endswith(SIGNS)}, body) == 401
    assert sent(source, headers, body.replace(b"Anna", b"Bert")) == 401
    assert sent(source, headers, body + b" ") == 401
    assert not Delivery.objects.exists()
    assert sent(source, headers, body) == 200


@pytest.mark.parametrize("name", HEARS)
def test_a_signature_of_one_shop_opens_no_other_nor_one_without_a_secret(name: str, now: datetime) -> None:
    case = cased(name)
    place_of(case, now)
    other = {each: f"{secret}-of-another" for each, secret in case.secrets.items()}
    more = [
        Source.objects.create(kind=name, name=n, token=n, created_at=now, options=dict(case.options), sealed=sealed)
        for n, sealed in (("other", seal(other)), ("blank", seal({})), ("never", ""))
    ]
    for secret in (None, "", "none"):
        headers, body = case.send(case.topic, case.order(Told()), key="d1", secret=secret)
        for source in more:
            assert sent(source, headers, body) == 401, f"{source.name} with {secret!r}"
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("name", HEARS)
def test_a_delivery_that_is_played_back_changes_nothing(name: str, now: datetime) -> None:
    case = cased(name)
    source = place_of(case, now)
    old = case.send(case.topic, case.order(Told()), key="d1")
    later = Told(changed=Told().changed + timedelta(hours=1), cancelled=True)
    for headers, body in (old, case.send(case.topic, case.order(later), key="d2")):
        assert sent(source, headers, body) == 200
    hear(source, now=now)
    before = list(Order.objects.values())
    assert before[0]["cancelled_at"] is not None
    again = {n: "d9" if v == "d1" else v for n, v in old[0].items()}  # the id of a delivery is not signed
    for headers in (old[0], again):
        sent(source, headers, old[1])
    hear(source, now=now)
    assert list(Order.objects.values()) == before


def test_an_address_of_nobody_costs_and_says_what_a_wrong_signature_does(now: datetime) -> None:
    case = cased("shopify")
    source, off = place_of(case, now), Source.objects.create(kind="shopify", name="off", token="off", created_at=now,
                                                             active=False)  # fmt: skip
    headers, body = case.send(case.topic, case.order(Told()), key="d1", secret="guessed")
    said = []
    for token in (source.token, off.token, "nobody", "x" * 500):
        asked = RequestFactory().post(f"/hooks/{token}/", body, content_type="application/json", headers=headers)
        with CaptureQueriesContext(connection) as queries:  # until the answer is sent; staff are told afterwards
            answer = receive(asked, token)
        said.append((answer.status_code, answer.content, len(queries)))
    assert said == said[:1] * 4
    assert said[0][0] == 401


def tried(login: str, password: str, **headers: str) -> Any:
    return Client(headers=headers).post("/account/login/", {"login": login, "password": password})


def test_a_login_of_nobody_takes_as_much_work_as_a_wrong_password() -> None:
    User.objects.create_user("anna@example.com", PASSWORD)
    User.objects.create_user("gone@example.com", PASSWORD, is_active=False)
    work, real = [], MD5PasswordHasher.encode
    for login in ("anna@example.com", "nobody@example.com", "gone@example.com"):
        count: list[int] = []

        def counted(self: Any, *args: Any, count: list[int] = count, **more: Any) -> str:
            count.append(1)
            return str(real(self, *args, **more))

        with patch.object(MD5PasswordHasher, "encode", counted):
            tried(login, "wrong donkey battery")
        work.append(len(count))
    assert work == work[:1] * 3
    assert work[0] > 0


def test_guessing_is_stopped_whoever_is_guessed_and_whatever_a_header_says() -> None:
    """One address of the network, many of staff, and a header that claims another address each time."""
    User.objects.create_user("anna@example.com", PASSWORD, role=Role.READER)
    for n in range(12):
        tried(f"nobody{n}@example.com", "wrong donkey battery", **{"x-forwarded-for": f"203.0.114.{n}"})
    answer = tried("anna@example.com", PASSWORD, **{"x-forwarded-for": "203.0.114.99"})
    assert (answer.status_code, answer.headers.get("Location")) in {(200, None), (429, None)}


def test_codes_of_the_second_factor_cannot_be_guessed_through() -> None:
    anna = User.objects.create_user("anna@example.com", PASSWORD, role=Role.READER)
    TOTP.activate(anna, generate_totp_secret())
    browser, statuses = Client(), []
    browser.post("/account/login/", {"login": anna.email, "password": PASSWORD})
    with patch("allauth.mfa.totp.internal.auth.TOTP.validate_code", lambda _, code: code == "123456"):
        for n in range(12):
            statuses.append(browser.post("/account/2fa/authenticate/", {"code": f"{n:06}"}).status_code)
        last = browser.post("/account/2fa/authenticate/", {"code": "123456"})
    assert last.status_code != 302 or "login" in last.headers["Location"]
    assert browser.get("/customers/").status_code == 302


def test_keys_that_are_unknown_ended_or_of_somebody_gone_answer_alike(now: datetime) -> None:
    anna = User.objects.create_user("anna@example.com", PASSWORD, role=Role.OWNER)
    ended, orphan = (actions.make_key(name="k", scopes=[Right.SEE], now=now, by=anna) for _ in range(2))
    actions.end_key(anna.keys.first(), now=timezone.now(), by=anna)
    User.objects.update(is_active=False)
    said = set()
    for key in (ended, orphan, "stk_nobody", "", "x" * 9000, "\u00e9"):
        answer = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {key}"})
        said.add((answer.status_code, answer.content))
    assert len(said) == 1
    assert next(iter(said))[0] == 401


@pytest.fixture
def inside() -> Iterator[tuple[int, list[str]]]:
    """A service on this machine that only this machine should reach: its port, and who came."""
    came: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            came.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_POST = do_GET  # noqa: N815  its name

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1], came
    server.shutdown()
    server.server_close()


HOSTS = (
    "127.0.0.1", "localhost", "localhost.", "127.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "017700000001",
    "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]", "[::]", "[64:ff9b::7f00:1]",
    "127\u30020\u30020\u30021", "\u2460\u2461\u2466.0.0.1", "shop.example@127.0.0.1", "127.0.0.1#.myshopify.com",
    "[::1", "[::g]", "127.0.0.1:99999", "127.0.0.1/?.myshopify.com", "127.0.0.1\\@shop.example", "169.254.169.254",
)  # fmt: skip
SCHEMES = (
    "http://{}:{}",
    "https://{}:{}",
    "{}:{}",
    "http://{}:{}/admin/../",
    "file:///etc/passwd?{}{}",
    "gopher://{}:{}",
)


@pytest.mark.parametrize("name", sampled(each for each in PULLS if each != "billbee"))  # whose address is no setting
def test_no_way_of_writing_an_address_leads_a_pull_to_this_machine(
    name: str, inside: tuple[int, list[str]], now: datetime
) -> None:
    port, came = inside
    case = cased(name)
    where = next(field.name for field in kinds()[name].fields if field.name in {"shop", "shop_url", "url"})
    source = place_of(case, now)
    for host in HOSTS:
        for scheme in SCHEMES:
            source.options = {**case.options, where: scheme.format(host, port)}
            source.save()
            with Guarded(sleep=lambda _: None) as client:
                pulling.pull(source, now=now, clock=timezone.now, client=client)
            source.refresh_from_db()
            assert source.error, f"{host} by {scheme}"
    assert came == []


def test_staff_cannot_allow_their_own_network_by_a_page(as_role: Callable[[str], Client], now: datetime) -> None:
    browser = as_role(Role.OWNER)
    TOTP.activate(User.objects.get(), generate_totp_secret())
    source = place_of(cased("magento"), now)
    said = {"name": "x", "of_shop_url": "http://127.0.0.1", "of_access_token": "x", "of_allow_private": "true",
            "allow_private": "true", "options": '{"allow_private": true}'}  # fmt: skip
    browser.post(f"/sources/{source.pk}/settings", said)
    source.refresh_from_db()
    assert source.options["shop_url"] == "http://127.0.0.1"
    assert source.options.get("allow_private") is not True


ODD = (
    "\x00",
    "\u00b2",
    "9" * 40,
    "-1",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "\u202e' OR 1=1 --",
    "a" * 5000,
)


@pytest.mark.parametrize("text", sampled(ODD, named=lambda text: ascii(text[:8])))
def test_no_text_in_a_question_breaks_a_page(text: str, as_role: Callable[[str], Client], now: datetime) -> None:
    browser = as_role(Role.OWNER)
    TOTP.activate(User.objects.get(), generate_totp_secret())
    hostile_shop("Anna", now)
    asked = urlencode(dict.fromkeys(NAMES, text))
    wrong = []
    for name in ("", *NAMES):
        query = asked if not name else urlencode({name: text})
        for address in addresses() if not name else ("/customers/", "/customers/1/", "/sources/1/", "/settings/log/"):
            answer = browser.get(f"{address}?{query}")
            _ = b"".join(answer) if answer.streaming else b""
            wrong += [f"{address}?{name}: {answer.status_code}"] if answer.status_code >= 500 else []
    assert wrong == []
