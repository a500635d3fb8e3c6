"""A shop is connected, watched, asked again, and switched off; what is secret stays so."""

import json
from collections.abc import Callable
from datetime import datetime

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from stammkunde.server.accounts.models import Entry, User
from stammkunde.server.accounts.roles import Role
from stammkunde.server.lib.seal import unseal
from stammkunde.server.shop.models import Delivery, Source
from stammkunde.server.shop.sources import kinds
from stammkunde.server.shop.sources.base import base64_hmac

SECRET = "shpss_very-secret"


@pytest.fixture
def boss(owner: Client) -> Client:
    """A browser of an owner with a second factor."""
    TOTP.activate(User.objects.get(role=Role.OWNER), generate_totp_secret())
    return owner


@pytest.fixture
def shop(boss: Client) -> Source:
    """A shop that was connected by its pages."""
    answer = boss.post("/sources/new", {"kind": "shopify", "name": "<b>German shop</b>"})
    found = Source.objects.get()
    assert answer["Location"] == f"/sources/{found.pk}/settings"
    said = {f"of_{each.name}": SECRET if each.secret else "shop.example" for each in kinds()["shopify"].fields}
    boss.post(f"/sources/{found.pk}/settings", {"name": "<b>German shop</b>", **said})
    found.refresh_from_db()
    return found


def test_credentials_are_sealed_and_never_shown_or_written_down(boss: Client, shop: Source) -> None:
    assert SECRET in unseal(shop.sealed).values()
    assert SECRET not in shop.sealed
    for page in (f"/sources/{shop.pk}/settings", f"/sources/{shop.pk}/", "/sources/", "/settings/log/"):
        assert SECRET not in boss.get(page).content.decode()
    assert SECRET not in json.dumps(list(Entry.objects.values_list("change", flat=True)))


def test_an_empty_secret_keeps_the_one_that_is_there(boss: Client, shop: Source) -> None:
    before = unseal(shop.sealed)
    said = {f"of_{each.name}": "" if each.secret else "other.example" for each in kinds()["shopify"].fields}
    assert boss.post(f"/sources/{shop.pk}/settings", {"name": "Shop", **said}).status_code == 302
    shop.refresh_from_db()
    assert unseal(shop.sealed) == before
    assert "other.example" in shop.options.values()


def test_what_the_shop_sends_is_kept_and_what_is_not_understood_is_shown(boss: Client, shop: Source) -> None:
    body = b'{"id": "<script>"}'
    signature = base64_hmac(SECRET, body)
    headers = {
        "X-Shopify-Topic": "orders/create", "X-Shopify-Hmac-Sha256": signature, "X-Shopify-Webhook-Id": "1",
        "X-Shopify-Shop-Domain": "shop.example", "X-Shopify-API-Version": "2026-04",
    }  # fmt: skip
    answer = Client().post(f"/hooks/{shop.token}/", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200
    Delivery.objects.update(state=Delivery.State.FAILED, error="<script>alert(1)</script> is no number")
    page = boss.get(f"/sources/{shop.pk}/").content.decode()
    assert "is no number" in page
    assert "<script>alert" not in page
    boss.post(f"/sources/{shop.pk}/replay")
    assert Delivery.objects.get().state == Delivery.State.NEW


def test_a_source_that_is_switched_off_hears_nothing(boss: Client, shop: Source) -> None:
    boss.post(f"/sources/{shop.pk}/switch", {"on": "0"})
    assert Client().post(f"/hooks/{shop.token}/", b"{}", content_type="application/json").status_code == 401
    assert "off" in boss.get("/sources/").content.decode()


def test_every_kind_can_be_connected(boss: Client) -> None:
    for name in kinds():
        answer = boss.post("/sources/new", {"kind": name, "name": name})
        assert boss.get(answer["Location"]).status_code == 200
    assert boss.post("/sources/new", {"kind": "nothing", "name": "x"}).status_code == 400


@pytest.mark.parametrize("role", ["marketing", "service", "analyst", "reader"])
def test_credentials_are_the_owners(as_role: Callable[[str], Client], source: Source, role: str) -> None:
    browser = as_role(role)
    for page in ("/sources/new", f"/sources/{source.pk}/settings"):
        assert browser.get(page).status_code == 403
    assert browser.get(f"/sources/{source.pk}/").status_code == 200


def test_looking_at_a_source_changes_nothing(boss: Client, shop: Source, now: datetime) -> None:
    del now
    before = list(Source.objects.values())
    for verb in ("replay", "pull", "switch"):
        assert boss.get(f"/sources/{shop.pk}/{verb}").status_code == 405
    boss.get(f"/sources/{shop.pk}/settings")
    assert list(Source.objects.values()) == before
