"""A collector is made on the page of sources, shows what to paste, and how it is doing."""

from collections.abc import Callable
from datetime import datetime

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from server.shop.collector.conftest import Send
from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Role
from stammkunde.server.shop.collecting import collect
from stammkunde.server.shop.models import Delivery, Source

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(owner: Client) -> Client:
    """A browser of an owner with a second factor."""
    TOTP.activate(User.objects.get(role=Role.OWNER), "A" * 32)
    return owner


def test_a_collector_is_made_and_its_key_works_at_once(boss: Client) -> None:
    answer = boss.post("/sources/new", {"kind": "collector", "name": "Teahouse"})
    key = Source.objects.get().token
    page = boss.get(answer["Location"]).content.decode()
    assert f'value="{key}"' in page
    assert "/v1/track" in page
    assert "/hooks/" not in page
    document = b'{"event": "x", "userId": "a", "writeKey": "%s"}' % key.encode()
    assert Client().post("/v1/track", document, content_type="text/plain").status_code == 200


def test_its_page_says_what_came_last_and_what_could_not_be_used(
    boss: Client, send: Send, place: Source, now: datetime
) -> None:
    address = f"/sources/{place.pk}/"
    assert place.token in boss.get(address).content.decode()  # nothing came yet: this is how it begins
    send(
        "/v1/batch",
        {"batch": [{"type": "track", "event": "Kettle <b>", "userId": "a"}, {"type": "track", "event": "x"}]},
    )
    Delivery.objects.update(received_at=now)
    collect(place, now=now)
    page = boss.get(address).content.decode()
    assert "Kettle &lt;b&gt;" in page
    assert "Nobody is named" in page
    assert place.token not in page
    assert boss.get("/sources/").status_code == 200
    assert boss.post(f"{address}replay").status_code == 302
    assert Delivery.objects.filter(state="new").count() == 1


def test_its_key_is_shown_to_who_may_connect_sources(as_role: Callable[[str], Client], place: Source) -> None:
    assert place.token not in as_role("reader").get(f"/sources/{place.pk}/").content.decode()
