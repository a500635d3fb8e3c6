"""What every answer says to browsers and proxies, whose name the server answers to, and where it sends people."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from instances import SOURCE
from server.security.pages import addresses
from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Role

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ELSEWHERE = (
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "https:evil.example", "https:///evil.example", "javascript:alert(1)", "data:text/html,x", "http:\\\\evil.example",
    "/\t/evil.example", "https://testserver@evil.example/", "https://testserver.evil.example/", "\x00//evil.example",
)  # fmt: skip


@pytest.fixture
def olga(as_role: Callable[[str], Client]) -> Client:
    """A browser of an owner with a second factor."""
    browser = as_role(Role.OWNER)
    TOTP.activate(User.objects.get(), generate_totp_secret())
    return browser


def test_every_answer_says_how_strictly_it_is_to_be_taken(olga: Client) -> None:
    wrong = []
    for address in [*addresses(), "/nowhere", "/api/v1/nowhere", "/static/report/figures.css", "/static/ui/ui.css"]:
        answer = olga.get(address)
        said = {name: answer.headers.get(name) for name in EVERYWHERE}
        if said != EVERYWHERE or "frame-ancestors 'none'" not in answer.headers.get("Content-Security-Policy", ""):
            wrong.append(f"{address}: {said}")
        _ = b"".join(answer) if answer.streaming else b""
    assert wrong == []


AS_HTTPS = """
import json, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.test import Client
from stammkunde.server.accounts.models import User
User.objects.create_user("olga@example.com", "correct horse battery", role="owner")
here = Client(headers={"host": "shop.example", "x-forwarded-proto": "https"})
page = here.get("/account/login/")
came = here.post("/account/login/", {"login": "olga@example.com", "password": "correct horse battery"})
forged = Client(headers={"host": "shop.example", "x-forwarded-host": "evil.example"}).get("/account/login/")
flags = {name: [bool(one["secure"]), bool(one["httponly"]), one["samesite"]] for name, one in came.cookies.items()}
flags |= {name: [bool(one["secure"]), bool(one["httponly"]), one["samesite"]] for name, one in page.cookies.items()}
print(json.dumps([page.headers.get("Strict-Transport-Security", ""), flags, "evil" in forged.content.decode()]))
"""


@pytest.mark.thorough
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_under_https_browsers_stay_there_and_cookies_too(scheme: str, tmp_path: Path) -> None:
    environment = {
        "PYTHONPATH": str(SOURCE), "PATH": os.environ["PATH"], "STAMMKUNDE_DATA": str(tmp_path),
        "STAMMKUNDE_URL": f"{scheme}://shop.example", "DJANGO_SETTINGS_MODULE": "stammkunde.server.settings",
    }  # fmt: skip
    command = [sys.executable, "-c", AS_HTTPS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    transport, flags, reflected = json.loads(done.stdout)
    secure = scheme == "https"
    assert (transport == "max-age=31536000") is secure
    assert flags.keys() >= {"sessionid", "csrftoken"}
    assert [name for name, said in flags.items() if said != [secure, True, "Lax"]] == []
    assert not reflected


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "evil.example:80", "testserver@evil.example"]
)
def test_a_name_that_is_not_ours_is_not_answered_to(host: str) -> None:
    for address in ("/", "/account/login/", "/api/v1/me", "/openapi.json", "/hooks/x/"):
        answer = Client(headers={"host": host}).get(address)
        assert answer.status_code == 400, address
        assert "evil" not in answer.content.decode()
        assert answer.headers["Content-Security-Policy"]


def test_another_host_in_a_header_of_proxies_is_not_believed(olga: Client) -> None:
    told = {"x-forwarded-host": "evil.example", "x-host": "evil.example", "forwarded": "host=evil.example"}
    made = olga.post("/settings/staff/", {"role": "reader", "email": ""}, headers=told).content.decode()
    assert "/join/" in made
    assert "evil.example" not in made
    for address in ("/", "/settings/staff/", "/openapi.json"):
        assert "evil.example" not in olga.get(address, headers=told).content.decode()


def away(answer: Any) -> bool:
    """Whether an answer leads a browser to another host, or a page offers to."""
    there = answer.headers.get("Location", "")
    ours = there == "" or (there.startswith("/") and not there.startswith(("//", "/\\", "/\t")))
    return not ours or "evil" in there


@pytest.mark.parametrize("there", ELSEWHERE)
def test_nobody_is_sent_elsewhere(there: str, olga: Client) -> None:
    User.objects.create_user("anna@example.com", PASSWORD, role=Role.READER)
    said = {"login": "anna@example.com", "password": PASSWORD, "next": there}
    for name in ("next", "redirect_to", "url", "return_to"):
        fresh = Client()
        assert not away(fresh.post(f"/account/login/?{name}={there}", said))
        for address in ("/account/logout/", "/account/reauthenticate/", "/me/language", "/me/theme", "/account/login/"):
            asked = {"next": there, "language": "de", "theme": "dark", "password": PASSWORD}
            assert not away(olga.post(f"{address}?{name}={there}", asked, headers={"referer": there.strip("\x00")}))
            olga.force_login(
                User.objects.get(role=Role.OWNER), backend="allauth.account.auth_backends.AuthenticationBackend"
            )
