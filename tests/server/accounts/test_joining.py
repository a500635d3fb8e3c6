"""Staff come in by a link, once, and reach the settings with a second factor."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils import timezone

from stammkunde.server.accounts import actions
from stammkunde.server.accounts.models import Entry, Invitation, Key, User
from stammkunde.server.accounts.roles import Role

SAID = {"name": "Olga Owner", "email": "olga@example.com", "password": "four words in a row"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def secured(owner: Client) -> Client:
    """A browser of an owner with a second factor."""
    TOTP.activate(User.objects.get(role=Role.OWNER), generate_totp_secret())
    return owner


def test_the_first_owner_comes_in_by_the_printed_link_once() -> None:
    secret = actions.first_link(now=timezone.now())
    browser = Client()
    assert "Owner" in browser.get(f"/join/{secret}").content.decode()
    assert User.objects.count() == 0  # looking changes nothing
    answer = browser.post(f"/join/{secret}", SAID)
    assert answer.status_code == 302
    assert User.objects.get().role == Role.OWNER
    assert browser.get("/customers/").status_code == 200
    assert Client().post(f"/join/{secret}", SAID | {"email": "other@example.com"}).status_code == 404
    assert actions.first_link(now=timezone.now()) is None


def test_a_closed_link_and_one_that_never_was_look_the_same() -> None:
    secret = actions.invite(role=Role.READER, now=timezone.now() - timedelta(days=8))
    expired, unknown = (Client().get(f"/join/{link}") for link in (secret, "never-given"))
    assert (expired.status_code, unknown.status_code) == (404, 404)
    without = [re.sub(r'Token.*?"}|value="\w{64}"', "", page.content.decode()) for page in (expired, unknown)]
    assert without[0] == without[1]


def test_of_two_who_use_one_link_one_comes_in(now: datetime) -> None:
    found = actions.invitation(actions.invite(role=Role.READER, now=now), now=now)
    assert found is not None
    one = actions.join(found, email="a@example.com", name="A", password="x" * 12, now=now)
    other = actions.join(found, email="b@example.com", name="B", password="x" * 12, now=now)
    assert one is not None
    assert other is None


@pytest.mark.parametrize("password", ["short", "olga@example.com", "password1234"])
def test_a_guessable_password_is_refused_with_a_reason(password: str) -> None:
    secret = actions.first_link(now=timezone.now())
    answer = Client().post(f"/join/{secret}", SAID | {"password": password})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert User.objects.count() == 0
    assert Invitation.objects.get().used_at is None


def test_settings_ask_for_a_second_factor(owner: Client) -> None:
    answer = owner.get("/settings/staff/")
    assert answer.status_code == 302
    assert "/second-factor/" in answer["Location"]
    assert owner.get("/settings/me/").status_code == 200


def test_an_invitation_is_shown_once_and_written_down(secured: Client) -> None:
    page = secured.post("/settings/staff/", {"email": "mia@example.com", "role": "marketing"}).content.decode()
    assert "/join/" in page
    assert "/join/" not in secured.get("/settings/staff/").content.decode()
    assert Entry.objects.filter(verb="invited", title="mia@example.com").exists()
    log = secured.get("/settings/log/").content.decode()
    assert "mia@example.com" in log
    assert "/join/" not in log


def test_somebody_has_to_stay_owner(secured: Client) -> None:
    olga = User.objects.get(role=Role.OWNER)
    for change in ({"role": "reader", "active": "1"}, {"role": "owner", "active": "0"}):
        secured.post(f"/settings/staff/{olga.pk}/", change)
        olga.refresh_from_db()
        assert (olga.role, olga.is_active) == (Role.OWNER, True)


def test_who_is_sent_away_is_away_at_once(secured: Client, as_role: Callable[[str], Client]) -> None:
    mia = as_role("marketing")
    assert mia.get("/customers/").status_code == 200
    user = User.objects.get(role="marketing")
    secured.post(f"/settings/staff/{user.pk}/", {"role": "marketing", "active": "0"})
    assert mia.get("/customers/").status_code == 302


def test_a_key_is_shown_once_works_and_ends_at_once(secured: Client) -> None:
    page = secured.post("/settings/keys/", {"name": "Reporting", "scopes": ["see"]}).content.decode()
    whole = page.split('value="stk_')[1].split('"')[0]
    asking = {"Authorization": f"Bearer stk_{whole}"}
    assert Client().get("/api/v1/customers", headers=asking).status_code == 200
    assert whole not in secured.get("/settings/keys/").content.decode()
    assert Key.objects.get().digest not in page
    secured.post(f"/settings/keys/{Key.objects.get().pk}/end")
    assert Client().get("/api/v1/customers", headers=asking).status_code == 401


def test_the_language_somebody_chose_counts_on_every_browser(as_role: Callable[[str], Client]) -> None:
    reader = as_role("reader")
    assert "Customers" in reader.get("/customers/").content.decode()
    reader.post("/me/language", {"language": "de"}, headers={"Referer": "http://testserver/customers/"})
    again = Client(headers={"Accept-Language": "en"})
    again.force_login(User.objects.get(), backend="allauth.account.auth_backends.AuthenticationBackend")
    page = again.get("/customers/")
    assert "Kunden" in page.content.decode()
    assert page.headers["Content-Language"] == "de"
    reader.post("/me/theme", {"theme": "dark"})
    assert 'data-theme="dark"' in reader.get("/customers/").content.decode()


@pytest.mark.parametrize("came", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_nobody_is_led_elsewhere(came: str) -> None:
    answer = Client().post("/me/language", {"language": "de"}, headers={"Referer": came} if came else {})
    assert answer["Location"] == "/"


@pytest.mark.parametrize("path", ["/me/language", "/me/theme", "/settings/keys/", "/settings/staff/", "/imports/new"])
def test_a_form_from_elsewhere_changes_nothing(owner: Client, path: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = owner.cookies
    assert strict.post(path, {}).status_code == 403


def test_nobody_signs_up_by_themselves() -> None:
    answer = Client().post("/account/signup/", {"email": "x@example.com", "password1": "four words in a row"})
    assert User.objects.count() == 0
    assert answer.status_code == 404
