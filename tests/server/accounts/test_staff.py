"""An owner looks after the staff: roles, ended access, lost phones, links that somebody should not have."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from threading import Barrier, Thread

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import connection
from django.test import Client
from django.utils import timezone

from stammkunde.server.accounts import actions
from stammkunde.server.accounts.models import Entry, Invitation, Key, User
from stammkunde.server.accounts.roles import Right, Role

pytestmark = pytest.mark.django_db
SAID = {"name": "Mia", "email": "mia@example.com", "password": "four words in a row"}
BAD = '<script>alert("x")</script>'


def test_another_role_holds_from_the_next_request_on(secured: Client, as_role: Callable[[str], Client]) -> None:
    mia = as_role(Role.MARKETING)
    user = User.objects.get(role=Role.MARKETING)
    assert mia.get("/imports/new").status_code == 200
    secured.post(f"/settings/staff/{user.pk}/", {"role": Role.SERVICE})
    assert mia.get("/imports/new").status_code == 403
    entry = Entry.objects.get(verb="changed")
    assert entry.change == {"from": {"role": "marketing", "active": True}, "to": {"role": "service", "active": True}}
    page = secured.get(f"/settings/log/?who={User.objects.get(role=Role.OWNER).pk}&subject=staff").content.decode()
    assert "<del>marketing</del> → <ins>service</ins>" in page


def test_the_keys_of_who_was_sent_away_end_and_those_of_a_lower_role_can_less(now: datetime) -> None:
    mia = User.objects.create_user("mia@example.com", role=Role.MARKETING)
    whole = actions.make_key(name="Export", scopes=[Right.SEE, Right.EXPORT], now=now, by=mia)
    asking = {"Authorization": f"Bearer {whole}"}
    assert Client().get("/api/v1/me", headers=asking).json()["rights"] == ["see", "export"]
    User.objects.update(role=Role.READER)
    assert Client().get("/api/v1/me", headers=asking).json()["rights"] == ["see"]
    User.objects.update(is_active=False)
    assert Client().get("/api/v1/me", headers=asking).status_code == 401


def test_a_lost_phone_and_a_forgotten_password(secured: Client, as_role: Callable[[str], Client]) -> None:
    as_role(Role.SERVICE)
    mia = User.objects.get(role=Role.SERVICE)
    TOTP.activate(mia, generate_totp_secret())
    secured.post(f"/settings/staff/{mia.pk}/factor")
    page = secured.post(f"/settings/staff/{mia.pk}/password").content.decode()
    link = page.split('id="once" readonly autofocus value="')[1].split('"')[0]
    browser = Client()
    form = browser.get(link.replace("http://127.0.0.1:8000", ""))
    answer = browser.post(
        form["Location"], {"password1": "another long one here", "password2": "another long one here"}
    )
    assert answer.status_code == 302
    browser.post("/account/login/", {"login": mia.email, "password": "another long one here"})
    assert browser.get("/customers/").status_code == 200
    assert set(Entry.objects.values_list("verb", flat=True)) >= {
        "made a password link for",
        "removed the second factor of",
        "changed the password of",
    }


def test_a_link_in_the_wrong_hands_is_ended(secured: Client) -> None:
    secured.post("/settings/staff/", {"email": "", "role": "reader"})
    secret = actions.invite(role=Role.READER, now=timezone.now())
    for found in Invitation.objects.all():
        secured.post(f"/settings/invitations/{found.pk}/end")
    assert Client().get(f"/join/{secret}").status_code == 404
    assert Client().post(f"/join/{secret}", SAID).status_code == 404
    assert User.objects.filter(email=SAID["email"]).count() == 0


def test_an_invitation_for_an_address_is_for_that_address() -> None:
    secret = actions.invite(role=Role.READER, email="Mia@example.com", now=timezone.now())
    Client().post(f"/join/{secret}", SAID | {"email": "else@example.com"})
    assert User.objects.get().email == "mia@example.com"


def test_an_address_that_is_in_already_leaves_the_link_open(owner: Client) -> None:
    secret = actions.invite(role=Role.READER, now=timezone.now())
    answer = Client().post(f"/join/{secret}", SAID | {"email": "owner@example.com"})
    assert "Log in instead." in answer.content.decode()
    assert Client().post(f"/join/{secret}", SAID).status_code == 302
    assert owner.get("/customers/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_one_link_at_once_one_comes_in() -> None:
    secret = actions.invite(role=Role.READER, now=timezone.now())
    start, statuses = Barrier(2), []

    def come(email: str) -> None:
        start.wait()
        statuses.append(Client().post(f"/join/{secret}", SAID | {"email": email}).status_code)
        connection.close()

    people = [Thread(target=come, args=(f"{name}@example.com",)) for name in ("anna", "ben")]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert sorted(statuses) == [302, 404]
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_demote_each_other_at_once_leave_one() -> None:
    pair = [User.objects.create_user(f"{name}@example.com", role=Role.OWNER) for name in ("anna", "ben")]
    start = Barrier(2)

    def demote(one: User, other: User) -> None:
        start.wait()
        with suppress(actions.RefusedError):
            actions.change_staff(other, role=Role.READER, is_active=True, now=timezone.now(), by=one)
        connection.close()

    both = [Thread(target=demote, args=(pair[0], pair[1])), Thread(target=demote, args=(pair[1], pair[0]))]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert User.objects.filter(role=Role.OWNER, is_active=True).count() == 1


def test_what_people_call_themselves_and_their_keys_is_text_and_no_program(secured: Client, now: datetime) -> None:
    secured.post("/settings/me/", {"name": BAD, "language": "", "theme": ""})
    secured.post("/settings/keys/", {"name": BAD, "scopes": ["see"]})
    User.objects.create_user(f"{BAD}@example.com", name=BAD, joined_at=now)
    actions.invite(role=Role.READER, email=f"{BAD}@else.example", now=timezone.now())
    Client().post("/account/login/", {"login": '"<script>alert(1)</script>"@example.com', "password": "wrong"})
    olga = User.objects.get(role=Role.OWNER)
    for path in ("me/", "staff/", f"staff/{olga.pk}/", "keys/", "log/", ""):
        page = secured.get(f"/settings/{path}").content.decode()
        assert "<script>alert" not in page, path
    assert Key.objects.get().name == BAD


def test_the_log_goes_on_page_by_page_and_by_person(secured: Client, olga: User, now: datetime) -> None:
    for number in range(120):
        actions.record("set", "source", now=now, by=olga if number % 2 else None, title=f"source {number:03}")
    seen, path = [], "/settings/log/?subject=source"
    while path:
        page = secured.get(path).content.decode()
        seen += [f"source {n:03}" for n in range(120) if f"source {n:03}<" in page]
        following = page.split('rel="next" href="')[1:]
        path = following[0].split('"')[0].replace("&amp;", "&") if following else ""
    assert sorted(seen) == [f"source {n:03}" for n in range(120)]
    mine = secured.get("/api/v1/log", {"who": olga.pk, "subject": "source", "limit": 200}).json()
    assert len(mine["items"]) == 60
    assert mine["after"] == ""


@pytest.mark.parametrize("query", ["after=x", "after=99999999999999999999999", "who=abc", "who=²", "subject=none"])
def test_a_crooked_address_of_the_log_is_still_a_page(secured: Client, query: str) -> None:
    assert secured.get(f"/settings/log/?{query}").status_code == 200
