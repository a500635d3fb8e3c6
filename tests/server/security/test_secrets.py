"""Secrets are entered once and then found nowhere: no page, log, answer, entry or backup has them in plain text."""

import io
import json
import logging
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from server.accounts.test_roles import operations
from server.security.pages import models_of_ours, pages
from server.shop.sources.apis import network
from stammkunde.server.accounts import actions
from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Right, Role
from stammkunde.server.lib import backup
from stammkunde.server.lib.logs import formatter
from stammkunde.server.shop import pulling
from stammkunde.server.shop.actions import sources as connecting
from stammkunde.server.shop.models import Source
from stammkunde.server.shop.sources import kinds

pytestmark = [pytest.mark.thorough, pytest.mark.django_db(transaction=True)]
PASSWORD, WRONG = "correct horse battery", "wrong donkey battery"
ENDS = ("", "\nx", "é")  # as it should be, and as somebody pastes it who is in a hurry


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, down to the last detail."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter())
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def olga(as_role: Callable[[str], Client]) -> Client:
    """A browser of an owner with a second factor."""
    cache.clear()
    browser = as_role(Role.OWNER)
    TOTP.activate(User.objects.get(), generate_totp_secret())
    return browser


def connected(end: str, now: datetime) -> list[str]:
    """A source of every kind, with secrets whose form nothing can tell. Returns those secrets."""
    secrets = []
    for kind in kinds().values():
        source = connecting.connect(kind.name, name=kind.title, now=now, by=None)
        given = {each.name: f"Zq7.{kind.name}.{each.name}.4mQ{end}" for each in kind.fields if each.secret}
        options = {each.name: "https://shop.example" for each in kind.fields if not each.secret}
        connecting.configure(source, name=kind.title, options=options, given=given, now=now, by=None)
        secrets += [secret.split("\n")[0].removesuffix("é") for secret in given.values()]
    return secrets


def echo(request: httpx.Request) -> httpx.Response:
    """A shop that refuses, and says what with: all that it was shown."""
    shown = f"{request.url} {dict(request.headers)} {request.content!r}"
    return httpx.Response(403, text=f"No entry for {shown}"[-280:], headers={"location": str(request.url)})


def odd(request: httpx.Request) -> httpx.Response:
    """A shop that lets in and then answers what nobody can read, with what it was shown."""
    return httpx.Response(200, text=json.dumps({"data": str(dict(request.headers)), "access_token": 5, "errors": [
        {"message": f"{request.url} {dict(request.headers)} {request.content!r}"}]}))  # fmt: skip


def gone(request: httpx.Request) -> httpx.Response:
    """A network that fails and tells what it was asked."""
    raise httpx.ReadError(f"while sending {dict(request.headers)} {request.content!r} to {request.url}")


def everything(browser: Client, key: str, tmp_path: Path, now: datetime) -> Iterator[tuple[str, str]]:
    """Every page, answer of the API, row and file of a backup."""
    for shown in pages(browser):
        yield shown.address, shown.body.decode("utf-8", "replace")
    for method, address, _ in operations():
        if method == "GET":
            yield address, Client().get(address, headers={"Authorization": f"Bearer {key}"}).content.decode()
    for model in models_of_ours():
        yield (
            model.__name__,
            str([{name: str(value) for name, value in row.items()} for row in model._default_manager.values()]),
        )
    made = tmp_path / "backup.zip"
    backup.write(made, now=now)
    with zipfile.ZipFile(made) as archive:
        for name in archive.namelist():
            yield f"backup: {name}", archive.read(name).decode("utf-8", "replace")


def found(secrets: list[str], told: Iterator[tuple[str, str]]) -> list[str]:
    return [f"{secret} in {where}" for where, text in told for secret in secrets if secret in text]


@pytest.mark.parametrize("end", ENDS, ids=["plain", "two lines", "accent"])
def test_no_credential_of_a_shop_is_told_to_anybody_but_the_shop(
    end: str, olga: Client, logged: io.StringIO, tmp_path: Path, now: datetime
) -> None:
    secrets = connected(end, now)
    assert len(secrets) > 8
    key = actions.make_key(name="Till", scopes=[Right.SEE, Right.SETTINGS], now=now, by=None)
    for answers in (echo, odd, gone):
        for source in Source.objects.filter(kind__in=kinds()):
            with network(answers) as client:
                try:
                    pulling.pull(source, now=now, clock=timezone.now, client=client)
                except Exception:  # as the worker does
                    logging.getLogger("stammkunde.work").exception("a job failed")
            for rest in ("", "confirm", "register?shop-id=1"):
                headers = {"x-shopify-hmac-sha256": "x", "shopware-app-signature": "x", "x-wc-webhook-signature": "x"}
                Client().post(f"/hooks/{source.token}/{rest}", b"{}", content_type="application/json", headers=headers)
        assert found(secrets, everything(olga, key, tmp_path, now)) == []
    assert found(secrets, iter([("the log", logged.getvalue())])) == []
    assert logged.getvalue()


def test_what_staff_type_and_are_given_stays_between_them_and_the_server(
    olga: Client, logged: io.StringIO, tmp_path: Path, now: datetime
) -> None:
    user = User.objects.get()
    spare = RecoveryCodes.activate(user).generate_codes()
    totp = TOTP.activate(User.objects.create_user("mia@example.com", PASSWORD), generate_totp_secret())
    codes = [totp.instance.wrap().instance.data["secret"], *spare]
    secret = actions.invite(role=Role.READER, now=now, by=user)
    reset = actions.password_link(user, now=now, by=user)
    key = actions.make_key(name="Till", scopes=list(Right), now=now, by=user)
    for login, password in ((user.email, WRONG), (user.email, PASSWORD), ("nobody@example.com", WRONG)):
        Client().post("/account/login/", {"login": login, "password": password})
    Client().post("/account/login/", {"login": WRONG, "password": PASSWORD})
    Client().post(f"/join/{secret}", {"name": "Mia", "email": "mia2@example.com", "password": "short"})
    Client().get(f"/account/password/reset/key/{reset}/")
    Client().get("/api/v1/me", headers={"Authorization": f"Bearer {key}x"})
    Client().get(f"/api/v1/me?key={key}&password={PASSWORD}")
    olga.post("/account/reauthenticate/", {"password": WRONG})
    secrets = [PASSWORD, secret, reset, key, settings.SECRET_KEY, olga.cookies["sessionid"].value, *codes[1:]]
    rows = (each for each in everything(olga, key, tmp_path, now) if each[0] != "backup: secret-key")
    sessions = ("backup: tables/django_session", "/account/2fa/recovery-codes/")  # whose business they are
    assert found(secrets, (each for each in rows if not each[0].startswith(sessions))) == []
    assert found(secrets, iter([("the log", logged.getvalue())])) == []


def test_a_backup_without_secrets_has_no_key_and_its_manifest_none_at_all(tmp_path: Path, now: datetime) -> None:
    secrets = connected("", now)
    for with_secrets in (True, False):
        made = tmp_path / f"{with_secrets}.zip"
        backup.write(made, now=now, with_secrets=with_secrets)
        with zipfile.ZipFile(made) as archive:
            manifest = archive.read("manifest.json").decode()
            assert found([*secrets, settings.SECRET_KEY], iter([("manifest", manifest)])) == []
            assert ("secret-key" in archive.namelist()) is with_secrets


def test_doctor_says_what_is_set_and_no_secret(capsys: Any, logged: io.StringIO) -> None:
    call_command("check")
    told = capsys.readouterr()
    assert settings.SECRET_KEY not in told.out + told.err + logged.getvalue()
