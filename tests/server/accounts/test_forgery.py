"""Forms from elsewhere change nothing: every view that takes a POST asks for the token, in every room."""

import pytest
from django.test import Client
from django.urls import get_resolver

from server.accounts.test_roles import views
from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Role

pytestmark = pytest.mark.django_db
#: Doors for machines: they show a signature or a key, and no cookie counts there.
MACHINES = (
    "/hooks/",
    "/v1/",
    "/batch",
    "/api/",
    "/beacon/",
    "/capture",
    "/e/",
    "/i/",
    "/com.snowplowanalytics.snowplow/",
)


#: Links from mails: signed, and mail programs post to them by themselves (RFC 8058). No cookie counts there either.
LINKS = ("/p/",)


def test_every_post_of_a_page_asks_for_the_token(secured: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = secured.cookies
    pages = [address for address, _ in views() if not address.startswith((*MACHINES, *LINKS, "/static/"))]
    simple = [address for address in pages if not set("^$()\\") & set(address)]
    assert len(simple) > 40
    wrong = [address for address in simple if strict.post(address, {}).status_code != 403]
    assert wrong == []


def test_only_doors_for_machines_go_without_the_token() -> None:
    exempt = [address for address, view in views() if getattr(view, "csrf_exempt", False)]
    assert [address for address in exempt if not address.startswith((*MACHINES, *LINKS))] == []
    assert get_resolver().url_patterns


def test_the_api_asks_a_session_for_the_token_too(secured: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = secured.cookies
    said = {"name": "x", "scopes": ["see"]}
    assert strict.post("/api/v1/keys", said, content_type="application/json").status_code == 403
    assert User.objects.get(role=Role.OWNER).keys.count() == 0
