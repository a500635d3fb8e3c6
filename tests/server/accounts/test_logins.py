"""Logging in: by address and password, then a second factor; who guesses learns nothing and is stopped."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.test import Client
from django.utils import timezone

from stammkunde.server.accounts import actions
from stammkunde.server.accounts.models import Entry, User
from stammkunde.server.accounts.roles import Role

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
ELSE = "another horse, another battery"


def code(secret: str) -> str:
    """What the app on the phone shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def tried(address: str, password: str = PASSWORD, browser: Client | None = None) -> Any:
    return (browser or Client()).post("/account/login/", {"login": address, "password": password})


def log() -> list[tuple[str, str, str]]:
    return list(Entry.objects.order_by("pk").values_list("verb", "subject", "title"))


@pytest.fixture
def anna(as_role: Callable[[str], Client]) -> User:
    """Anna, of the service."""
    as_role(Role.SERVICE)
    return User.objects.get()


def test_anna_logs_in_by_address_and_the_log_says_so(anna: User) -> None:
    browser = Client()
    assert tried("Service@Example.com", browser=browser).status_code == 302
    assert browser.get("/customers/").status_code == 200
    assert log() == [("logged in", "staff", anna.email)]
    assert browser.get("/account/logout/").status_code == 200
    assert browser.get("/customers/").status_code == 200  # asking for the page has not logged anybody out
    browser.post("/account/logout/")
    assert browser.get("/customers/").status_code == 302


def test_a_wrong_password_and_an_address_nobody_has_look_the_same(anna: User) -> None:
    answers = [tried(address, "wrong password") for address in (anna.email, "nobody@example.com")]
    pages = [re.sub(r'Token.*?"}|value="[^"]*"', "", each.content.decode()) for each in answers]
    assert pages[0] == pages[1]
    assert [each.status_code for each in answers] == [200, 200]
    assert log() == [("failed", "login", anna.email), ("failed", "login", "nobody@example.com")]
    assert "wrong password" not in str(list(Entry.objects.values()))


def test_who_guesses_is_stopped_after_five_even_with_the_right_one(anna: User) -> None:
    for _ in range(5):
        tried(anna.email, "wrong password")
    browser = Client()
    assert tried(anna.email, browser=browser).status_code == 200
    assert browser.get("/customers/").status_code == 302
    assert len(log()) == 5


def test_a_second_factor_is_asked_for_and_a_code_counts_once(anna: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(anna, secret)
    browser, thief = Client(), Client()
    assert tried(anna.email, browser=browser)["Location"] == "/account/2fa/authenticate/"
    assert browser.get("/customers/").status_code == 302
    browser.post("/account/2fa/authenticate/", {"code": "000000"})
    assert ("failed", "second factor", anna.email) in log()
    shown = code(secret)
    assert browser.post("/account/2fa/authenticate/", {"code": shown}).status_code == 302
    assert browser.get("/customers/").status_code == 200
    tried(anna.email, browser=thief)
    assert thief.post("/account/2fa/authenticate/", {"code": shown}).status_code == 200
    assert thief.get("/customers/").status_code == 302


def test_from_the_link_to_the_second_factor_and_the_codes_for_a_lost_phone(
    django_capture_on_commit_callbacks: Any,
) -> None:
    browser = Client()
    link = f"/join/{actions.first_link(now=timezone.now())}"
    answer = browser.post(link, {"name": "Olga", "email": "olga@example.com", "password": PASSWORD}, follow=True)
    assert answer.redirect_chain == [("/account/2fa/totp/activate/", 302)]  # the password is not asked for again
    secret = browser.session["mfa.totp.secret"]
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post("/account/2fa/totp/activate/", {"code": code(secret)}, follow=True)
    assert answer.redirect_chain[-1][0] == "/account/2fa/recovery-codes/"
    assert [each[:2] for each in log()] == [
        ("invited", "staff"),
        ("joined", "staff"),
        ("added", "second factor"),
        ("added", "second factor"),
    ]
    assert browser.get("/settings/staff/").status_code == 200
    spare = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    other = Client()
    tried("olga@example.com", browser=other)
    assert other.post("/account/2fa/authenticate/", {"code": spare}).status_code == 302
    assert other.get("/settings/staff/").status_code == 200


def test_asking_for_a_new_password_tells_nobody_who_works_here(anna: User) -> None:
    answers = [Client().post("/account/password/reset/", {"email": e}) for e in (anna.email, "nobody@example.com")]
    assert [(each.status_code, each["Location"]) for each in answers] == [(302, "/account/password/reset/done/")] * 2
    assert [each.to for each in mail.outbox] == [[anna.email], ["nobody@example.com"]]
    assert len({each.subject for each in mail.outbox}) == 1
    assert "/password/reset/key/" not in mail.outbox[1].body


def test_the_mail_is_in_annas_language_and_its_link_leads_to_this_installation(anna: User, settings: Any) -> None:
    User.objects.update(language="de")
    settings.ALLOWED_HOSTS = ["evil.example"]
    Client(headers={"host": "evil.example"}).post("/account/password/reset/", {"email": anna.email})
    assert mail.outbox[0].subject == "Stammkunde: Neues Passwort"
    assert f"{settings.PUBLIC_URL}/account/password/reset/key/" in mail.outbox[0].body
    assert "evil.example" not in mail.outbox[0].body


def test_a_new_password_logs_out_every_other_browser(anna: User) -> None:
    here, there = Client(), Client()
    for browser in (here, there):
        tried(anna.email, browser=browser)
        assert browser.get("/customers/").status_code == 200
    here.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": ELSE, "password2": ELSE})
    assert here.get("/customers/").status_code == 200
    assert there.get("/customers/").status_code == 302
    assert ("changed the password of", "staff", anna.email) in log()


def test_who_was_sent_away_cannot_log_in_and_the_log_says_so(anna: User) -> None:
    User.objects.update(is_active=False)
    assert tried(anna.email)["Location"] == "/account/inactive/"
    assert ("refused", "login", anna.email) in log()


@pytest.mark.parametrize(
    "path", ["signup/", "email/", "confirm-email/", "confirm-email/abc/", "login/code/confirm/", "password/set/"]
)
def test_what_this_house_has_no_use_for_is_closed(path: str, owner: Client) -> None:
    for browser in (owner, Client()):
        assert browser.get(f"/account/{path}").status_code == 404
        assert browser.post(f"/account/{path}", {"email": "second@example.com"}).status_code == 404


def test_a_part_of_a_page_leads_the_whole_page_to_the_login() -> None:
    answer = Client().get("/customers/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/account/login/")


def test_second_factors_are_sealed_where_settings_say_so(anna: User, settings: Any) -> None:
    settings.MFA_ADAPTER = "stammkunde.server.accounts.adapter.FactorAdapter"
    secret = generate_totp_secret()
    TOTP.activate(anna, secret)
    assert secret not in str(Authenticator.objects.values_list("data", flat=True))
    browser = Client()
    tried(anna.email, browser=browser)
    browser.post("/account/2fa/authenticate/", {"code": code(secret)})
    assert browser.get("/customers/").status_code == 200
