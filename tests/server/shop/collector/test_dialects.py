"""Other makers' words for the same things."""

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from server.shop.collector.conftest import KEY, Send
from stammkunde.server.lib.work import run_due
from stammkunde.server.shop.actions import doors
from stammkunde.server.shop.collecting import collect
from stammkunde.server.shop.collector import names
from stammkunde.server.shop.models import Cart, Customer, Delivery, Event, Identity, Source

pytestmark = pytest.mark.django_db
Found = Callable[[], list[Event]]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Product Added", "Product Added"),
        ("product_added", "Product Added"),
        ("productAdded", "Product Added"),
        ("Added Product", "Product Added"),
        ("Added to Cart", "Product Added"),
        ("Placed Order", "Order Completed"),
        ("  Kettle   Boiled ", "Kettle Boiled"),
        ("Ordered Product", "Ordered Product"),
        ("x" * 500, "x" * 120),
    ],
)
def test_names_are_the_specifications_whatever_their_spelling(said: str, kept: str) -> None:
    assert names.event_name(said) == kept


def test_posthogs_own_signals_say_nothing_and_what_is_known_by_them_is_kept(send: Send, events: Found) -> None:
    batch = [
        {"event": "$pageview", "properties": {"distinct_id": "d1", "$device_id": "d1", "$current_url": "https://a.example/"}},
        {"event": "$autocapture", "properties": {"distinct_id": "d1"}},
        {"event": "$identify", "distinct_id": "anna", "properties": {"$anon_distinct_id": "d1"},
         "$set": {"email": "anna@example.com"}},
        {"event": "Product Viewed", "distinct_id": "anna", "properties": {"$lib": "web", "sku": "T", "price": 3}},
    ]  # fmt: skip
    assert send("/batch/", {"api_key": KEY, "batch": batch}, key=None).json() == {"status": 1}
    found = events()
    assert sorted(each.name for each in found) == ["Page Viewed", "Product Viewed"]
    assert Customer.objects.filter(merged_into=None).get().email == "anna@example.com"
    assert Identity.objects.filter(kind="anonymous").get().value == "d1"
    by_name = {each.name: each.properties for each in found}
    assert by_name["Page Viewed"] == {"url": "https://a.example/"}
    assert by_name["Product Viewed"] == {"sku": "T", "price": 3}


def klaviyo(**more: Any) -> dict[str, Any]:
    profile = {"type": "profile", "attributes": {"email": "anna@example.com", "first_name": "Anna"}}
    metric = {"data": {"type": "metric", "attributes": {"name": "Started Checkout"}}}
    articles = [{"ProductID": 7, "SKU": "TEA-1", "ProductName": "Assam", "Quantity": 2, "ItemPrice": 9.99}]
    properties = {"CheckoutURL": "https://teehaus.example/c", "Items": articles, "$value": 19.98}
    said = {"metric": metric, "profile": {"data": profile}, "properties": properties, **more}
    return {"data": {"type": "event", "attributes": said}}


def test_klaviyos_checkout_is_a_checkout(send: Send, events: Found) -> None:
    headers = {"Authorization": f"Klaviyo-API-Key {KEY}", "revision": "2026-10-15"}
    document = klaviyo(time="2026-03-01T08:00:00+00:00")
    for _ in range(2):  # without an id of its own, one of a kind for a person and a second
        answer = send("/api/events/", document, key=None, content_type="application/vnd.api+json", **headers)
        assert (answer.status_code, answer.content) == (202, b"")
    (event,) = events()
    assert (event.name, event.value, event.at.hour) == ("Checkout Started", 1998, 8)
    cart = Cart.objects.get()
    assert (cart.stage, cart.value, cart.url) == ("checkout", 1998, "https://teehaus.example/c")
    assert cart.lines == [{"sku": "TEA-1", "title": "Assam", "quantity": 2, "price": 999}]


def test_klaviyos_clients_can_read_a_refusal(send: Send) -> None:
    answer = send("/api/events", klaviyo(), key=None, Authorization="Klaviyo-API-Key pk_wrong")
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["detail"]


def test_snowplow_shows_its_key_as_the_name_of_the_app(client: Client, place: Source, events: Found) -> None:
    own = {"schema": "iglu:example.teehaus/product_added/jsonschema/1-0-0", "data": {"sku": "T", "price": 5}}
    wrapped = json.dumps({"schema": "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0", "data": own})
    packed = base64.urlsafe_b64encode(wrapped.encode()).decode().rstrip("=")
    both = {"aid": KEY, "uid": "anna", "dtm": "1772441990000", "stm": "1772441991000"}
    data = [
        {**both, "e": "ue", "ue_pr": wrapped, "eid": "e1"},
        {**both, "e": "ue", "ue_px": packed, "eid": "e2"},
        {**both, "e": "se", "se_ca": "tea", "se_ac": "brewed", "se_va": "3", "eid": "e3"},
        {**both, "e": "tr", "tr_id": "1001", "tr_tt": "29.90", "tr_cu": "EUR", "eid": "e4"},
        {**both, "e": "pp", "eid": "e5"},
        {**both, "e": "ue", "ue_px": "%%%", "eid": "e6"},
    ]
    document = {"schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4", "data": data}
    address = "/com.snowplowanalytics.snowplow/tp2"
    assert client.post(address, json.dumps(document), content_type="application/json; charset=utf-8").status_code == 200
    assert (
        client.get("/i", {**both, "e": "pv", "url": "https://teehaus.example/", "page": "Tea", "eid": "e7"}).status_code
        == 200
    )
    found = {each.key: (each.name, each.value) for each in events()}
    assert found == {
        "e1": ("Product Added", 500),
        "e2": ("Product Added", 500),
        "e3": ("brewed", 300),
        "e4": ("Order Completed", 2990),
        "e7": ("Page Viewed", None),
    }
    assert Delivery.objects.filter(state="failed").count() == 1


def test_another_currency_is_exchanged_or_of_unknown_value(send: Send, place: Source, events: Found) -> None:
    place.options = {"exchange_rates": {"USD": "0.5"}}
    place.save()
    for code in ("USD", "GBP"):
        send("/v1/track", {"event": "Product Viewed", "userId": "a", "properties": {"value": 10, "currency": code}})
    assert sorted((each.currency, each.value) for each in events()) == [("GBP", None), ("USD", 500)]


def test_words_of_ones_own_may_call_anything_a_value(send: Send, events: Found) -> None:
    send("/v1/track", {"event": "Kettle Boiled", "userId": "a", "properties": {"value": "hot", "currency": "cups"}})
    assert [(each.value, each.properties["value"]) for each in events()] == [(None, "hot")]


def test_the_address_of_a_machine_is_not_kept_with_an_event(send: Send, events: Found) -> None:
    context = {"ip": "203.0.113.7", "userAgent": "Mozilla", "page": {"url": "https://a.example/", "title": "Tea"},
               "campaign": {"source": "newsletter"}}  # fmt: skip
    send("/v1/page", {"anonymousId": "a", "name": "Tea", "context": context})
    (event,) = events()
    assert event.properties == {
        "name": "Tea", "url": "https://a.example/", "title": "Tea", "campaign": {"source": "newsletter"},
    }  # fmt: skip


def test_what_failed_is_read_once_more_by_the_job(send: Send, place: Source, now: datetime) -> None:
    bad = {
        "type": "track",
        "event": "Product Added",
        "userId": "a",
        "messageId": "m1",
        "properties": {"price": "?", "sku": "T"},
    }
    send("/v1/batch", {"batch": [bad, {**bad, "messageId": "m2", "properties": {"price": 1, "sku": "T"}}]})
    collect(place, now=now)
    (failed,) = Delivery.objects.filter(state="failed")
    assert Event.objects.count() == 1
    Delivery.objects.filter(pk=failed.pk).update(body=bytes(failed.body).replace(b'"?"', b'"2"'))  # somebody mended it
    assert doors.replay(place, now=now, by=None) == 1
    run_due(now=timezone.now() + timedelta(seconds=5))
    assert dict(Event.objects.values_list("key", "value")) == {"m1": 200, "m2": 100}
    assert not Delivery.objects.filter(state="failed").exists()


def test_a_source_knows_when_it_was_last_heard(send: Send, place: Source, now: datetime) -> None:
    send("/v1/track", {"event": "x", "userId": "a"})
    Delivery.objects.update(received_at=now)
    collect(place, now=now)
    place.refresh_from_db()
    assert place.heard_at == now
