"""Who may open what: every address of the server, for every role. Rooms that come later are looked at by themselves."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import get_resolver
from ninja.operation import Operation

from stammkunde.server.accounts.actions import make_key
from stammkunde.server.accounts.gate import OPEN
from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import RIGHTS, Right, Role
from stammkunde.server.accounts.views import own
from stammkunde.server.api import api
from stammkunde.server.shop.collector import receiving

pytestmark = pytest.mark.django_db

#: Opened on purpose, beside what `gate.OPEN` names: joining and closed pages, how a page looks, and the collector.
PUBLIC = {own.join, own.language, own.theme, own.closed, *(each.callback for each in receiving.urlpatterns)}
SAMPLES = {"int": "999999", "str": "nobody", "slug": "nobody", "path": "nobody", "uuid": f"{0:032x}"}
View = Callable[..., Any]


def views(patterns: Any = None, before: str = "/", *, fill: bool = True) -> Iterator[tuple[str, View]]:
    """Every address with its view, parts of addresses filled in with what nobody has."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        address = before + str(each.pattern)
        if hasattr(each, "url_patterns"):
            yield from views(each.url_patterns, address, fill=fill)
        else:
            yield filled(address) if fill else address, each.callback


def filled(address: str) -> str:
    return re.sub(r"<(?:(\w+):)?\w+>", lambda part: SAMPLES[part[1] or "str"], address)


def gated() -> dict[str, Right]:
    """Pages of the house and what they ask for."""
    return {address: view.needs for address, view in views() if hasattr(view, "needs")}


def operations() -> list[tuple[str, str, Operation]]:
    """Method, address and operation of the whole API."""
    return [
        (method, filled(f"/api/v1{prefix}{path}".replace("{", "<").replace("}", ">")).replace("nobody", "999999"), each)
        for prefix, router in api._routers
        for path, found in router.path_operations.items()
        for each in found.operations
        for method in each.methods
    ]


def test_every_address_is_open_on_purpose_or_asks_for_a_right() -> None:
    strange = [
        f"{address}: {view}"
        for address, view in views()
        if not hasattr(view, "needs")
        and not address.startswith(OPEN)
        and view not in PUBLIC
        and not getattr(view, "__module__", "").startswith("allauth.")
    ]
    assert strange == []
    assert len(gated()) > 30


def test_nobody_without_a_login_sees_a_page() -> None:
    visitor = Client()
    for address in gated():
        answer = visitor.get(address)
        assert (answer.status_code, "/account/login/" in answer.headers.get("Location", "")) == (302, True), address


@pytest.mark.parametrize("role", Role.values)
def test_a_role_opens_the_pages_it_has_the_right_for_and_no_other(role: str, as_role: Callable[[str], Client]) -> None:
    browser = as_role(role)
    TOTP.activate(User.objects.get(role=role), generate_totp_secret())
    wrong = []
    for address, right in gated().items():
        status = browser.get(address).status_code
        expected = {200, 302, 400, 404, 405} if right in RIGHTS[role] else {403}
        if status not in expected:
            wrong.append(f"{address} needs {right}: {status}")
    assert wrong == []


def test_without_a_second_factor_the_settings_lead_to_one_and_the_api_says_so(owner: Client) -> None:
    for address in (address for address, right in gated().items() if right == Right.SETTINGS):
        answer = owner.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/settings/second-factor/"), address
    assert owner.get("/settings/second-factor/").status_code == 200
    assert owner.get("/api/v1/keys").status_code == 403
    assert owner.get("/api/v1/me").json()["second_factor"] is False


def test_every_operation_of_the_api_asks_who_it_is() -> None:
    described = Client().get("/openapi.json").json()["paths"]
    assert len(operations()) == sum(len(methods) for methods in described.values())
    assert [address for _, address, each in operations() if not each.auth_callbacks] == []
    for method, address, _ in operations():
        answer = Client().generic(method, address)
        assert answer.status_code == 401, f"{method} {address}"


def test_a_key_that_has_every_scope_but_one_is_refused_just_there(db: None, now: Any) -> None:
    for right in Right:
        scopes = [each for each in Right if each != right]
        asking = {"Authorization": f"Bearer {make_key(name='x', scopes=scopes, now=now, by=None)}"}
        for method, address, each in operations():
            if {auth.right for auth in each.auth_callbacks} == {right}:
                assert Client().generic(method, address, headers=asking).status_code == 403, f"{method} {address}"


@pytest.mark.parametrize("role", Role.values)
def test_a_role_reads_through_the_api_what_it_has_the_right_for(role: str, as_role: Callable[[str], Client]) -> None:
    browser = as_role(role)
    TOTP.activate(User.objects.get(role=role), generate_totp_secret())
    for method, address, each in operations():
        if method != "GET":
            continue
        right = each.auth_callbacks[0].right
        status = browser.get(address).status_code
        assert (status == 403) == (right not in RIGHTS[role]), f"{address} needs {right}: {status}"
        assert status < 500, address
