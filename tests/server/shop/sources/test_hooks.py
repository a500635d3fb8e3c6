"""At the door: what comes in, what is turned away and how, and that nothing is lost on the way to the record."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from server.shop.sources.case import Told
from server.shop.sources.case_shopify import CASE
from server.shop.sources.conftest import place_of
from stammkunde.server.accounts.models import Entry
from stammkunde.server.lib.models import Job
from stammkunde.server.lib.seal import unseal
from stammkunde.server.lib.work import enqueue, run_due
from stammkunde.server.shop import hearing, hooks
from stammkunde.server.shop.actions import doors
from stammkunde.server.shop.models import Customer, Delivery, Order, Product, Source, Variant
from stammkunde.server.shop.queries import doors as asked
from stammkunde.server.shop.sources.base import Asked, Reply, base64_hmac
from stammkunde.server.shop.sources.shopify import KIND

pytestmark = [pytest.mark.django_db, pytest.mark.urls("stammkunde.server.shop.hooks")]
Post = Callable[..., Any]


@pytest.fixture
def shop(now: datetime) -> Source:
    """Anna's tea house."""
    return place_of(CASE, now)


@pytest.fixture
def post(shop: Source, client: Client) -> Post:
    """Post an order of a number to an address."""

    def posted(number: int = 1001, *, token: str = "", secret: str | None = None, **changes: Any) -> Any:
        payload = CASE.order(Told(key=str(number), email=f"{number}@example.com", account=str(number))) | changes
        headers, body = CASE.send("orders/create", payload, key=f"k{number}", secret=secret)
        address = f"/hooks/{token or shop.token}/orders"
        return client.post(address, body, content_type="application/json", headers=headers)

    return posted


def test_no_address_a_closed_one_and_a_wrong_signature_are_answered_alike(post: Post, shop: Source) -> None:
    forged, nobody = post(secret="guessed"), post(token="of-nobody")
    Source.objects.filter(pk=shop.pk).update(active=False)
    closed = post()
    Source.objects.filter(pk=shop.pk).update(active=True, kind="collector")
    other = post()
    answers = {(each.status_code, each.content) for each in (forged, nobody, closed, other)}
    assert [status for status, _ in answers] == [401]
    assert not Delivery.objects.exists()


def test_a_wrong_secret_is_told_to_staff_and_not_with_every_delivery(post: Post, shop: Source) -> None:
    post(secret="mistyped")
    told = Source.objects.get(pk=shop.pk)
    assert "its signature does not fit" in told.error
    post(1002, secret="mistyped")
    assert Source.objects.get(pk=shop.pk).error_at == told.error_at


def test_nobody_costs_a_signature_too(post: Post) -> None:
    with patch.object(type(KIND), "signature", autospec=True, return_value=True) as judged:
        assert post(token="of-nobody").status_code == 401
    assert judged.call_count == 1


def test_the_door_needs_no_login_no_csrf_token_and_no_second_look(shop: Source) -> None:
    headers, body = CASE.send("orders/create", CASE.order(Told()), key="k")
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(f"/hooks/{shop.token}/", body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.content) == (200, b"{}")


def test_a_large_body_is_turned_away_before_it_is_read(shop: Source, client: Client) -> None:
    large = b"x" * (hooks.LARGEST + 1)
    answer = client.post(f"/hooks/{shop.token}/", large, content_type="application/json")
    assert answer.status_code == 413
    assert not Delivery.objects.exists()


def test_looking_at_the_address_tells_nothing(shop: Source, client: Client) -> None:
    assert client.get(f"/hooks/{shop.token}/").status_code == 401
    assert client.get("/hooks/of-nobody/").status_code == 401
    assert client.put(f"/hooks/{shop.token}/", b"{}").status_code == 405


def test_raw_bytes_are_kept_as_they_came(shop: Source, client: Client) -> None:
    body = b'{"id": 5,\r\n  "name": "\xc3\x85se \\u00e5" , "x":1.10}'
    headers, _ = CASE.send("weather/changed", {}, key="k")
    headers["X-Shopify-Hmac-Sha256"] = base64_hmac("topsecret", body)
    answer = client.post(f"/hooks/{shop.token}/", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200
    kept = Delivery.objects.get()
    assert bytes(kept.body) == body
    assert kept.headers["x-shopify-topic"] == "weather/changed"
    assert not any("hmac" in name or name in {"cookie", "authorization"} for name in kept.headers)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"null", b"[1]", b'{"id": 1e999}', b"[" * 3000])
def test_signed_nonsense_is_kept_and_told(shop: Source, client: Client, now: datetime, body: bytes) -> None:
    headers = {"X-Shopify-Topic": "orders/create", "X-Shopify-Webhook-Id": "k"}
    headers["X-Shopify-Hmac-Sha256"] = base64_hmac("topsecret", body)
    answer = client.post(f"/hooks/{shop.token}/", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200
    hearing.hear(shop, now=now)
    found = Delivery.objects.get()
    assert (found.state, bool(found.error)) == (Delivery.State.FAILED, True)


def test_a_delivery_without_a_topic_is_kept_as_failed(shop: Source, client: Client) -> None:
    body = b"{}"
    headers = {"X-Shopify-Hmac-Sha256": base64_hmac("topsecret", body)}
    answer = client.post(f"/hooks/{shop.token}/", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200
    assert "X-Shopify-Topic" in Delivery.objects.get().error


def test_a_burst_is_one_job_and_every_delivery_is_done(post: Post, now: datetime) -> None:
    for number in range(1001, 1021):
        assert post(number).status_code == 200
    assert Job.objects.filter(kind=doors.DELIVERIES, state=Job.State.WAITING).count() == 1
    with patch.object(hearing, "SET", 7):
        run_due(now=datetime.now(now.tzinfo))
    assert Order.objects.count() == 20
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.DONE}


def test_a_delivery_left_behind_by_a_job_that_ended_is_found(post: Post, now: datetime) -> None:
    post()
    Job.objects.all().delete()  # it came as the running job looked for the last time
    enqueue(doors.DELIVERIES, now=now, key="by itself")
    run_due(now=datetime.now(now.tzinfo))
    assert Order.objects.count() == 1


def test_facts_the_record_cannot_hold_fail_alone(post: Post, shop: Source, now: datetime) -> None:
    for number in (1001, 1002, 1003, 1004, 1005):
        post(number, name="#9" if number != 1003 else "poison")
    real = hearing.take

    def picky(source: Source, facts: Any, *, now: datetime) -> Any:
        if any(getattr(fact, "number", "") == "poison" for fact in facts):
            raise ValueError("this cannot be held")
        return real(source, facts, now=now)

    with patch.object(hearing, "take", picky):
        assert hearing.hear(shop, now=now) == 5
    failed = Delivery.objects.get(state=Delivery.State.FAILED)
    assert failed.entity == "1003"
    assert "this cannot be held" in failed.error
    assert Order.objects.count() == 4


def test_an_order_without_a_rate_is_told_and_taken_in_on_replay(post: Post, shop: Source, now: datetime) -> None:
    post(1001, currency="CHF")
    hearing.hear(shop, now=now)
    failed = Delivery.objects.get()
    assert "CHF" in failed.error
    Source.objects.filter(pk=shop.pk).update(options={**shop.options, "exchange_rates": {"CHF": "1.05"}})
    assert doors.replay(shop, now=now, by=None) == 1
    hearing.hear(Source.objects.get(pk=shop.pk), now=now)
    done = Delivery.objects.get()
    assert (done.state, done.error, done.attempts) == (Delivery.State.DONE, "", 2)
    assert Entry.objects.get(verb="replayed").change == {"deliveries": 1}


def test_only_chosen_deliveries_are_replayed(post: Post, shop: Source, now: datetime) -> None:
    for number in (1001, 1002):
        post(number, currency="CHF")
    hearing.hear(shop, now=now)
    first = Delivery.objects.order_by("pk")[0]
    assert doors.replay(shop, now=now, by=None, only=[first.pk]) == 1
    assert Delivery.objects.filter(state=Delivery.State.FAILED).count() == 1


def test_the_doors_tell_lag_waiting_and_the_last_error(post: Post, shop: Source, now: datetime) -> None:
    post(1001)
    post(1002, currency="CHF")
    hearing.hear(shop, now=now)
    post(1003)
    later = datetime.now(now.tzinfo) + timedelta(minutes=5)
    found = next(door for door in asked.doors(now=later) if door.source.pk == shop.pk)
    assert (found.waiting, found.failed, found.done) == (1, 1, 1)
    assert found.lag is not None
    assert timedelta(minutes=4) < found.lag < timedelta(minutes=7)
    assert "CHF" in found.last_error
    assert found.oldest_waiting is not None
    assert [each.entity for each in asked.rejects(shop)] == ["1002"]
    assert not asked.rejects(shop, before=asked.rejects(shop)[0].pk)


def test_raw_payloads_are_forgotten_when_their_time_is_over(post: Post, shop: Source, now: datetime) -> None:
    post(1001)
    post(1002, currency="CHF")
    hearing.hear(shop, now=now)
    assert doors.forget_old(now=now) == 0
    assert doors.forget_old(now=now + doors.KEPT + timedelta(days=1)) == 1
    assert Delivery.objects.get().state == Delivery.State.FAILED
    assert Order.objects.count() == 1


def test_what_the_pull_knows_of_costs_a_webhook_does_not_wipe_out(shop: Source, client: Client, now: datetime) -> None:
    product = Product.objects.create(source=shop, external_id="9", version=1)
    Variant.objects.create(product=product, external_id="91", sku="T1", price=1250, cost=320, currency="EUR")
    told = {"id": 9, "title": "Tee", "updated_at": "2026-03-01T08:00:00Z", "variants": [{"id": 91, "price": "13.50"}]}
    headers, body = CASE.send("products/update", told, key="p")
    client.post(f"/hooks/{shop.token}/", body, content_type="application/json", headers=headers)
    hearing.hear(shop, now=now)
    variant = Variant.objects.get()
    assert (variant.price, variant.cost, variant.currency) == (1350, 320, "EUR")


def test_a_handshake_is_answered_and_its_secrets_are_kept(shop: Source, client: Client) -> None:
    asked_for: list[Asked] = []

    def handshake(source: Source, asked: Asked) -> Reply | None:
        asked_for.append(asked)
        return Reply({"proof": "p"}, keep={"api_key": "k"}) if asked.path == "register" else None

    with patch.object(KIND, "handshake", handshake):
        answer = client.get(f"/hooks/{shop.token}/register?shop-id=1&x=%20")
        assert client.get("/hooks/of-nobody/register").status_code == 401
    assert json.loads(answer.content) == {"proof": "p"}
    assert asked_for[0].query == "shop-id=1&x=%20"
    shop.refresh_from_db()
    kept = unseal(shop.sealed)
    assert (kept["api_key"], kept["webhook_secrets"]) == ("k", "topsecret")
    assert "topsecret" not in json.dumps(list(Entry.objects.values("title", "change")))


def test_secrets_nobody_can_open_any_more_let_the_shop_try_again(post: Post, shop: Source) -> None:
    Source.objects.filter(pk=shop.pk).update(sealed="sealed with another key")
    assert post().status_code == 503
    shop.refresh_from_db()
    assert "STAMMKUNDE_OLD_SECRET_KEYS" in shop.error
    assert not Delivery.objects.exists()


def test_the_erasure_of_a_stranger_makes_no_customer(shop: Source, client: Client, now: datetime) -> None:
    headers, body = CASE.send("customers/redact", {"customer": {"id": 999}}, key="r")
    answer = client.post(f"/hooks/{shop.token}/", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200
    hearing.hear(shop, now=now)
    assert Delivery.objects.get().state == Delivery.State.DONE
    assert not Customer.objects.exists()
