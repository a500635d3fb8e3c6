"""Around every request: its id, its line, and the policy of what a page may load."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from stammkunde.server.lib.requests import POLICY, ContentSecurity, RequestLog


def answered(status: int = 200) -> Callable[[HttpRequest], HttpResponse]:
    return lambda request: HttpResponse("", status=status)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/account/login/", "/nowhere", "/healthz", "/api/v1/nowhere", "/openapi.json"])
def test_every_page_says_that_it_runs_no_script_of_others(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer["Content-Security-Policy"] == POLICY
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Permissions-Policy"]
    assert len(answer["X-Request-Id"]) == 32


@pytest.mark.django_db
def test_a_strangers_browser_finds_the_icon_and_gets_no_cookie(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert answer["Location"].endswith("ui/icon.svg")
    assert not client.cookies


def test_a_page_with_a_policy_of_its_own_keeps_it() -> None:
    def strict(request: HttpRequest) -> HttpResponse:
        return HttpResponse("", headers={"Content-Security-Policy": "sandbox"})

    assert ContentSecurity(strict)(RequestFactory().get("/"))["Content-Security-Policy"] == "sandbox"


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abc-DEF_12345678", True), ("short", False), ('x", "level": "error', False), ("a" * 65, False), ("", False)],
)
def test_the_id_of_a_proxy_is_kept_where_it_can_be_no_line_of_its_own(given: str, *, kept: bool) -> None:
    answer = RequestLog(answered())(RequestFactory().get("/", headers={"X-Request-Id": given}))
    assert (answer["X-Request-Id"] == given) is kept


def test_the_line_of_a_request_has_neither_query_nor_the_secret_of_a_link(caplog: pytest.LogCaptureFixture) -> None:
    with structlog.testing.capture_logs() as lines:
        RequestLog(answered(404))(RequestFactory().get("/join/s3cret?token=abc"))
    (line,) = lines
    assert (line["event"], line["method"], line["path"], line["status"]) == ("request", "GET", "/join/***", 404)
    assert "s3cret" not in json.dumps(line)


def test_the_watchers_are_heard_only_when_something_is_wrong() -> None:
    def levels(path: str, status: int) -> list[Any]:
        with structlog.testing.capture_logs() as lines:
            RequestLog(answered(status))(RequestFactory().get(path))
        return [line["log_level"] for line in lines]

    assert levels("/healthz", 200) == ["debug"]
    assert levels("/readyz", 503) == ["info"]
    assert levels("/customers/", 200) == ["info"]
