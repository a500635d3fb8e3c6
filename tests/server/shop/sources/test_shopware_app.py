"""A Shopware shop registers its app, and what is forged, old or meant for another is refused."""

import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client

from server.shop.sources.case_shopware import SECRET, event
from stammkunde.server.lib.seal import seal, unseal
from stammkunde.server.shop.models import Delivery, Source
from stammkunde.server.shop.sources.base import hex_hmac
from stammkunde.server.shop.sources.shopware import KIND

pytestmark = [pytest.mark.django_db, pytest.mark.urls("stammkunde.server.shop.hooks")]
APP = "appsecret"
URL = "https://teehaus.example/a b?x=ä"  # to be signed as it is written, not as it is read
BODY = b'{"id":1001,"email":"a@example.com","total_price":"12.50"}'


@pytest.fixture
def shop(source: Source) -> Source:
    """A source whose app is entered and not registered yet."""
    source.kind, source.options = "shopware", {"shop_url": "https://teehaus.example", "app_name": "Stammkunde"}
    source.sealed = seal({"app_secret": APP})
    source.save()
    return source


def register(client: Client, shop: Source, *, secret: str = APP, query: str = "", **headers: str) -> Any:
    """The shop's first call, as `PrivateHandshake` of Shopware puts it together."""
    told = {"shop-id": "s1", "shop-url": URL, "timestamp": str(int(time.time()))}
    query = query or urlencode(told)
    headers = {"shopware-app-signature": hex_hmac(secret, query.encode()), **headers}
    return client.get(f"/hooks/{shop.token}/?{query}", headers=headers)


def confirm(client: Client, shop: Source, secret: str, **more: str) -> Any:
    """The shop's second call, with the credentials of its API."""
    told = {"apiKey": "SWIA", "secretKey": "sk", "timestamp": str(int(time.time())), "shopUrl": URL, "shopId": "s1"}
    body = json.dumps(told | more).encode()
    headers = {"shopware-shop-signature": hex_hmac(secret, body)}
    return client.post(f"/hooks/{shop.token}/confirm", body, content_type="application/json", headers=headers)


def told_by(shop: Source) -> dict[str, Any]:
    shop.refresh_from_db()
    return unseal(shop.sealed)


def test_the_published_vector() -> None:
    assert hex_hmac("topsecret", BODY) == "213e2da531e26bb3e6f7d1d8dabac38866f1e317e9aebdabb779545864479bed"


def test_a_shop_registers_and_confirms(client: Client, shop: Source) -> None:
    answer = register(client, shop)
    told = answer.json()
    assert answer.status_code == 200
    assert told["proof"] == hex_hmac(APP, f"s1{URL}Stammkunde".encode())
    assert told["confirmation_url"] == f"{settings.PUBLIC_URL}/hooks/{shop.token}/confirm"
    assert not KIND.ready(shop)
    assert confirm(client, shop, told["secret"]).status_code == 200
    known = told_by(shop)
    assert (known["shop_secret"], known["client_id"], known["client_secret"]) == (told["secret"], "SWIA", "sk")
    assert KIND.ready(shop)


def test_until_it_is_confirmed_the_secret_before_counts(client: Client, shop: Source) -> None:
    first = register(client, shop).json()["secret"]
    confirm(client, shop, first)
    second = register(client, shop).json()["secret"]
    assert first != second
    assert told_by(shop)["shop_secret"] == first
    assert confirm(client, shop, first).status_code == 401
    assert confirm(client, shop, second).status_code == 200
    assert told_by(shop)["shop_secret"] == second
    assert confirm(client, shop, second).status_code == 401  # once


def test_registering_again_is_signed_by_the_shop_too(client: Client, shop: Source) -> None:
    confirm(client, shop, register(client, shop).json()["secret"])
    assert register(client, shop, **{"shopware-shop-signature": "0" * 64}).status_code == 401
    assert "pending_secret" not in told_by(shop) or not told_by(shop)["pending_secret"]


@pytest.mark.parametrize("secret", ["guessed", ""])
def test_who_does_not_know_the_app_is_refused(client: Client, shop: Source, secret: str) -> None:
    assert register(client, shop, secret=secret).status_code == 401
    assert confirm(client, shop, secret).status_code == 401
    assert "shop_secret" not in told_by(shop)


def test_an_app_without_a_secret_registers_nobody(client: Client, shop: Source) -> None:
    Source.objects.update(sealed=seal({}))
    assert register(client, shop, secret="").status_code == 401


@pytest.mark.parametrize("query", ["shop-id=s1&shop-url=x&timestamp=1767323045", "shop-id=s1", "timestamp=nan"])
def test_an_old_registration_is_refused(client: Client, shop: Source, query: str) -> None:
    assert register(client, shop, query=query).status_code == 400


def test_a_confirmation_of_another_shop_is_refused(client: Client, shop: Source) -> None:
    secret = register(client, shop).json()["secret"]
    assert confirm(client, shop, secret, shopId="s2").status_code == 400
    assert confirm(client, shop, secret, timestamp="1767323045").status_code == 400


def send(client: Client, shop: Source, **more: Any) -> int:
    Source.objects.update(sealed=seal({"shop_secret": SECRET}))
    body = json.dumps(event("app.deleted", {}) | more).encode()
    headers = {"shopware-shop-signature": hex_hmac(SECRET, body)}
    return client.post(f"/hooks/{shop.token}/", body, content_type="application/json", headers=headers).status_code


@pytest.mark.parametrize("timestamp", [1767323045, None, "soon", True, [1]])
def test_what_was_sent_long_ago_is_refused(client: Client, shop: Source, timestamp: Any) -> None:
    assert send(client, shop, timestamp=timestamp) == 401
    assert not Delivery.objects.exists()


def test_what_will_be_sent_later_is_refused(client: Client, shop: Source) -> None:
    assert send(client, shop, timestamp=time.time() + 7200) == 401
    assert not Delivery.objects.exists()


def test_a_retry_is_stamped_anew_and_has_the_key_of_the_event(client: Client, shop: Source) -> None:
    assert send(client, shop, timestamp=int(time.time()) - 60) == 200
    assert send(client, shop, timestamp=int(time.time())) == 200
    assert {each.key for each in Delivery.objects.all()} == {"e1"}
    assert {each.topic for each in Delivery.objects.all()} == {"app.deleted"}
    assert "removed" in KIND.warns("app.deleted", {})
