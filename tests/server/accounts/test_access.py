"""Programs ask for staff, keys and the log; every error is a problem that says what to do."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from ninja import NinjaAPI, Schema
from ninja.testing import TestClient

from stammkunde.errors import InputError
from stammkunde.server.accounts import actions
from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.models import Entry, Key, User
from stammkunde.server.accounts.roles import Right, Role
from stammkunde.server.lib.problems import KIND, Problems, install

pytestmark = pytest.mark.django_db


def asking(*scopes: Right, by: User | None = None, now: datetime) -> dict[str, str]:
    return {"Authorization": f"Bearer {actions.make_key(name='Till', scopes=list(scopes), now=now, by=by)}"}


def sent(client: Client, method: str, path: str, said: Any = None, **headers: str) -> Any:
    body = json.dumps(said) if said is not None else ""
    return client.generic(method, f"/api/v1{path}", body, content_type="application/json", headers=headers)


def test_an_owner_does_all_of_it_through_the_api(secured: Client) -> None:
    assert secured.get("/api/v1/me").json()["role"] == "owner"
    assert sent(secured, "PATCH", "/me", {"name": "Olga", "theme": "dark"}).json()["name"] == "Olga"
    made = sent(secured, "POST", "/invitations", {"role": "service", "email": "mia@example.com"})
    assert made.status_code == 201
    link = made.json()["link"].split("/join/")[1]
    Client().post(f"/join/{link}", {"name": "Mia", "password": "four words in a row"})
    mia = next(each for each in secured.get("/api/v1/staff").json() if each["role"] == "service")
    assert (mia["email"], mia["second_factor"]) == ("mia@example.com", False)
    assert sent(secured, "POST", f"/staff/{mia['id']}", {"is_active": False}).json()["is_active"] is False
    assert sent(secured, "POST", "/invitations", {"role": "reader", "email": "mia@example.com"}).status_code == 409
    whole = sent(secured, "POST", "/keys", {"name": "Till", "scopes": ["see"]}).json()["key"]
    assert sent(Client(), "GET", "/me", Authorization=f"Bearer {whole}").json()["kind"] == "key"
    assert whole not in secured.get("/api/v1/keys").content.decode()
    assert sent(secured, "DELETE", f"/keys/{Key.objects.get().pk}").status_code == 204
    assert sent(Client(), "GET", "/me", Authorization=f"Bearer {whole}").status_code == 401
    verbs = [each["verb"] for each in secured.get("/api/v1/log").json()["items"]]
    assert verbs[:2] == ["ended", "made"]


def test_somebody_has_to_stay_owner_here_too(secured: Client, olga: User) -> None:
    assert sent(secured, "POST", f"/staff/{olga.pk}", {"role": "reader"}).status_code == 409
    assert User.objects.get().role == Role.OWNER


def test_a_key_for_settings_alone_gives_nobody_more_than_it_has(olga: User, now: datetime) -> None:
    key, mia = asking(Right.SETTINGS, by=olga, now=now), User.objects.create_user("mia@example.com", role=Role.READER)
    refused = [
        ("POST", "/keys", {"name": "more", "scopes": ["settings", "export"]}),
        ("POST", "/invitations", {"role": "owner"}),
        ("POST", f"/staff/{mia.pk}", {"role": "owner"}),
        ("POST", f"/staff/{olga.pk}/password-link", None),
        ("DELETE", f"/staff/{olga.pk}/factor", None),
    ]
    for method, path, said in refused:
        assert sent(Client(), method, path, said, **key).status_code == 409, path
    assert sent(Client(), "POST", "/keys", {"name": "same", "scopes": ["settings"]}, **key).status_code == 201
    assert Entry.objects.filter(key__name="Till", verb="made", title="same").exists()
    assert Key.objects.count() == 2


def test_only_the_hash_of_a_key_is_kept_and_a_use_is_noted_now_and_then(now: datetime) -> None:
    key = asking(Right.SEE, now=now)
    whole = key["Authorization"].removeprefix("Bearer ")
    row = Key.objects.get()
    assert whole not in str(Key.objects.values())
    assert row.digest == actions.digest(whole)
    assert sent(Client(), "GET", "/me", Authorization=f"Bearer {row.digest}").status_code == 401
    assert sent(Client(), "GET", "/me", Authorization=f"Bearer {whole[:-1]}").status_code == 401
    sent(Client(), "GET", "/me", **key)
    first = Key.objects.get().used_at
    sent(Client(), "GET", "/me", **key)
    assert Key.objects.get().used_at == first
    assert first is not None
    Key.objects.update(used_at=first - timedelta(hours=1))
    sent(Client(), "GET", "/me", **key)
    assert Key.objects.get().used_at >= first
    assert Entry.objects.count() == 1  # uses are not in the log


def test_who_shows_a_wrong_key_is_not_let_in_by_a_session(secured: Client) -> None:
    assert sent(secured, "GET", "/me", Authorization="Bearer stk_wrong").status_code == 401


class Wanted(Schema):
    """What the trial operation takes."""

    number: int


@pytest.fixture
def trial() -> TestClient:
    """An API whose operations fail in every way."""
    api = NinjaAPI(urls_namespace="trial")
    install(api)

    @api.post("/number")
    def number(request: HttpRequest, said: Wanted) -> int:
        return said.number

    @api.get("/fail/{kind}")
    def fail(request: HttpRequest, kind: str) -> None:
        raise {"gone": Http404("secret"), "input": InputError("No file.", advice="Name one."), "bug": KeyError("x")}[
            kind
        ]

    @api.get("/closed", auth=scoped(Right.SEE))
    def closed(request: HttpRequest) -> None:
        """Nobody comes here."""

    return TestClient(api)


def test_every_error_of_the_api_is_a_problem(trial: TestClient) -> None:
    for path, status, word in (
        ("/fail/gone", 404, "no such thing"),
        ("/fail/input", 400, "Name one."),
        ("/fail/bug", 500, "X-Request-Id"),
    ):
        answer = trial.get(path)
        said = answer.json()
        assert (answer.status_code, said["status"], answer["Content-Type"]) == (status, status, KIND)
        assert word in said["detail"]
        assert "secret" not in answer.content.decode()
    unknown = trial.get("/closed", headers={"Authorization": "Bearer stk_wrong"})
    assert (unknown.status_code, unknown["WWW-Authenticate"]) == (401, 'Bearer realm="stammkunde"')
    unfit = trial.post("/number", json={"number": "many"}).json()
    assert unfit["status"] == 422
    assert unfit["errors"][0]["where"] == ["body", "said", "number"]


@pytest.mark.parametrize(("status", "kind"), [(404, "text/html"), (405, "text/html"), (200, "text/html"), (409, KIND)])
def test_what_the_api_does_not_answer_itself_becomes_a_problem_too(status: int, kind: str) -> None:
    def answer(_: HttpRequest) -> HttpResponse:
        return HttpResponse("…", status=status, content_type=kind, headers={"Allow": "GET"})

    api, page = (Problems(answer)(RequestFactory().get(path)) for path in ("/api/v1/nothing", "/nothing"))
    assert page["Content-Type"] == kind
    assert api["Content-Type"] == (KIND if status >= 400 else kind)
    assert api["Allow"] == "GET"
