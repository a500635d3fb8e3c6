"""What real clients do, and what the collector has to bear: the tables of research, row by row."""

import base64
import gzip
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from server.shop.collector.conftest import KEY, Send, basic
from stammkunde.server.shop.collecting import collect
from stammkunde.server.shop.collector import keys, limits
from stammkunde.server.shop.models import Customer, Delivery, Event, Identity, Source

pytestmark = pytest.mark.django_db
Found = Callable[[], list[Event]]


def track(number: int = 1, **more: Any) -> dict[str, Any]:
    """An event of Anna's browser."""
    return {"type": "track", "event": "Kettle Boiled", "anonymousId": "anna-1", "messageId": f"m{number}", **more}


# Where the key stands


@pytest.mark.parametrize("place_of_key", ["basic", "body", "event", "query", "bearer", "header"])
def test_the_key_is_found_wherever_a_client_puts_it(send: Send, events: Found, place_of_key: str) -> None:
    document: dict[str, Any] = {"batch": [track()]}
    address, headers = "/v1/batch", {}
    match place_of_key:
        case "basic":
            headers = {"Authorization": basic()}
        case "body":
            document["writeKey"] = KEY
        case "event":
            document["batch"][0]["writeKey"] = KEY
        case "query":
            address += f"?writeKey={KEY}"
        case "bearer":
            headers = {"Authorization": f"Bearer {KEY}"}
        case "header":
            headers = {"X-Write-Key": KEY}
    assert send(address, document, key=None, **headers).status_code == 200
    assert len(events()) == 1


def test_a_wrong_header_does_not_hide_the_right_key_in_the_body(send: Send) -> None:
    assert send("/v1/batch", {"batch": [track()], "writeKey": KEY}, key="old-key").status_code == 200


@pytest.mark.parametrize("header", ["Basic", "Basic %%%", "Basic /w==", "Bearer", "Digest x"])
def test_strange_headers_are_answered_with_words(send: Send, header: str) -> None:
    answer = send("/v1/track", track(), key=None, Authorization=header)
    assert answer.status_code == 401
    assert {"code", "message"} <= answer.json().keys()  # without both, RudderStack's Python client goes on for ever
    assert not Delivery.objects.exists()


def test_a_source_that_is_switched_off_takes_nothing(send: Send, place: Source) -> None:
    Source.objects.update(active=False)
    assert send("/v1/track", track()).status_code == 401
    keys.forget()
    Source.objects.update(active=True)
    assert send("/v1/track", track()).status_code == 200
    assert Client().post(f"/hooks/{KEY}/", b"{}", content_type="application/json").status_code == 401


# How the body is written


@pytest.mark.parametrize(
    ("kind", "encoding", "packed"),
    [
        ("application/json", "", False),
        ("text/plain", "", False),  # browsers: it saves them the preflight
        ("text/plain;charset=UTF-8", "", False),  # sendBeacon
        ("application/vnd.api+json", "", False),
        ("application/x-www-form-urlencoded", "", False),
        ("application/json", "gzip", True),
        ("application/json", "", True),  # packed, and nobody says so
        ("application/json", "gzip", False),  # said, and not packed
        ("application/x-www-form-urlencoded", "gzip", True),  # RudderStack's Node client
        ("application/x-www-form-urlencoded", "", True),
        ("application/octet-stream", "GZIP", True),
    ],
)
def test_bytes_decide_not_labels(send: Send, events: Found, kind: str, encoding: str, packed: bool) -> None:
    text = json.dumps({"batch": [track()]}).encode()
    headers = {"Content-Encoding": encoding} if encoding else {}
    body = gzip.compress(text) if packed else text
    assert send("/v1/batch", body=body, content_type=kind, **headers).status_code == 200
    assert [each.name for each in events()] == ["Kettle Boiled"]


@pytest.mark.parametrize("as_base64", [True, False])
def test_a_form_may_hold_the_event_in_its_field_data(send: Send, events: Found, as_base64: bool) -> None:
    text = json.dumps({"event": "Kettle Boiled", "properties": {"distinct_id": "anna", "token": KEY}}).encode()
    data = base64.b64encode(text).decode().replace("+", "%2B") if as_base64 else text.decode().replace("+", "%2B")
    answer = send("/e/", body=f"data={data}".encode(), key=None, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert [each.name for each in events()] == ["Kettle Boiled"]


@pytest.mark.parametrize(
    "body",
    [b"", b"[", b"hello", b"5", b'"x"', b"\xff\xfe", gzip.compress(b"{}", mtime=0)[:-3], b"\x1f\x8bno", b"[" * 9999],
)
def test_what_is_no_json_is_refused_once_and_for_all(send: Send, body: bytes) -> None:
    answer = send("/v1/batch", body=body)
    assert answer.status_code == 400
    assert {"code", "message"} <= answer.json().keys()


def test_what_no_database_takes_is_left_out(send: Send, events: Found) -> None:
    text = b'{"batch": [{"type": "track", "event": "Kettle\\u0000 Boiled", "userId": "anna\\u0000", "messageId": "m",'
    text += b'"properties": {"heat": 1e999, "odd": NaN, "half": "\\ud83c", "whole": "\\ud83e\\uded6"}}]}'
    assert send("/v1/batch", body=text).status_code == 200
    (event,) = events()
    assert event.name == "Kettle Boiled"
    assert event.properties == {"heat": None, "odd": None, "half": "?", "whole": "🫖"}


# Limits


def test_more_than_a_batch_may_be_is_refused_as_too_large(send: Send) -> None:
    assert (
        send("/v1/batch", {"batch": [track(n, properties={"x": "y" * 30_000}) for n in range(18)]}).status_code == 413
    )
    assert (
        send("/v1/batch", {"batch": [track(n, properties={"x": "y" * 30_000}) for n in range(16)]}).status_code == 200
    )


def test_an_event_that_is_too_large_holds_up_no_other(send: Send, events: Found) -> None:
    large = track(1, properties={"x": "y" * 33_000})
    assert send("/v1/batch", {"batch": [large, track(2)]}).status_code == 200
    assert [each.key for each in events()] == ["m2"]
    assert "32 KB" in Delivery.objects.get(state="failed").error
    assert send("/v1/track", large).status_code == 413


def test_a_bomb_is_not_unpacked(send: Send) -> None:
    assert send("/v1/batch", body=gzip.compress(b" " * 300_000_000, 9)).status_code == 413


def test_posthog_may_send_what_its_client_thinks_it_may(send: Send) -> None:
    batch = [{"event": "x", "distinct_id": "a", "properties": {"x": "y" * 90_000}} for _ in range(40)]
    assert send("/batch/", {"api_key": KEY, "batch": batch}, key=None).status_code == 200


def test_too_many_requests_are_told_when_to_come_again(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.buckets, "rate", 0.4)  # two at once
    answers = [send("/v1/track", track(n)) for n in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "1"
    assert int(answers[2]["X-RateLimit-Reset"]) > 1_700_000_000
    assert {"code", "message"} <= answers[2].json().keys()


def test_a_bucket_fills_itself() -> None:
    now = [0.0]
    bucket = limits.Buckets(rate=1.0, clock=lambda: now[0])
    for _ in range(5):
        bucket.take(1)
    with pytest.raises(limits.RefusedError):
        bucket.take(1)
    bucket.take(2)
    now[0] = 1.5
    bucket.take(1)


# Addresses


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(("address", "kind"), [("track", "track"), ("t", "track"), ("page", "page"), ("p", "page"),
    ("identify", "identify"), ("i", "identify"), ("screen", "screen"), ("s", "screen"), ("group", "group"),
    ("g", "group"), ("alias", "alias"), ("a", "alias"), ("batch", ""), ("b", ""), ("import", "")])  # fmt: skip
def test_every_address_with_and_without_a_slash(send: Send, place: Source, address: str, kind: str, slash: str) -> None:
    one = {"userId": "anna", "event": "Kettle Boiled", "previousId": "a", "groupId": "g", "messageId": "m"}
    document = one if kind else {"batch": [{**one, "type": "track"}]}
    answer = send(f"/v1/{address}{slash}", document)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    collect(place, now=place.created_at)
    assert [each.state for each in Delivery.objects.all()] == ["done"]


def test_what_nobody_sends_to_is_not_found(send: Send) -> None:
    assert send("/v1/teleport", {}).status_code == 404
    assert send("/v1/m", {"series": []}).status_code == 200  # browser clients' word of themselves
    assert not Delivery.objects.exists()


def test_events_are_sent_not_fetched(place: Source, client: Client) -> None:
    assert client.get("/v1/track").status_code == 405
    assert client.get("/batch/").status_code == 405


@pytest.mark.parametrize("address", ["/v1/batch", "/v1/t", "/beacon/v1/batch", "/batch/", "/api/events", "/e/"])
def test_a_preflight_is_allowed_what_clients_send(client: Client, db: None, address: str) -> None:
    asked = {"Origin": "https://teehaus.example", "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "authorization,sentat,x-new-of-next-year, b\u00e4d"}  # fmt: skip
    answer = client.options(address, headers=asked)
    allowed = {each.strip().lower() for each in answer["Access-Control-Allow-Headers"].split(",")}
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert {"authorization", "content-type", "anonymousid", "x-retry-count", "sentat", "x-new-of-next-year"} <= allowed


def test_answers_and_refusals_may_be_read_by_any_page(send: Send) -> None:
    assert send("/v1/track", track())["Access-Control-Allow-Origin"] == "*"
    assert send("/v1/track", track(), key="wrong")["Access-Control-Allow-Origin"] == "*"


def test_browsers_get_the_settings_they_ask_for_first(client: Client, db: None) -> None:
    told = client.get(f"/v1/projects/{KEY}/settings")
    assert told.json()["integrations"]["Segment.io"]["apiKey"] == KEY
    assert told["Access-Control-Allow-Origin"] == "*"
    config = client.get(f"/sourceConfig/?p=cdn&v=3&writeKey={KEY}").json()["source"]
    assert (config["writeKey"], config["enabled"], config["destinations"]) == (KEY, True, [])


def test_a_beacon_of_rudderstack_shows_its_key_in_the_query(send: Send, events: Found) -> None:
    body = json.dumps({"batch": [track()], "sentAt": "2026-01-01T00:00:00Z"}).encode()
    for address in ("/beacon/v1/batch", "/batch"):
        answer = send(f"{address}?writeKey={KEY}", body=body, key=None, content_type="text/plain;charset=UTF-8")
        assert answer.status_code == 200
    assert [each.key for each in events()] == ["m1"]


def test_an_image_is_an_event(client: Client, place: Source, events: Found) -> None:
    data = base64.urlsafe_b64encode(json.dumps({**track(), "writeKey": KEY}).encode()).decode().rstrip("=")
    answer = client.get(f"/v1/pixel/track?data={data}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/gif")
    assert [each.key for each in events()] == ["m1"]
    assert client.get("/v1/pixel/track?data=%%%").status_code == 400


# What events say


def test_nulls_and_words_for_nobody_are_no_ids(send: Send, events: Found) -> None:
    nobodies = [None, "", "null", "undefined", "[object Object]", 0]
    batch = [track(n, userId=word, anonymousId=f"b{n}") for n, word in enumerate(nobodies)]
    assert send("/v1/batch", {"batch": batch}).status_code == 200
    assert len(events()) == len(nobodies)
    assert Customer.objects.count() == len(nobodies)
    assert not Identity.objects.filter(kind="user").exists()


@pytest.mark.parametrize("where", ["traits", "context", "both"])
def test_traits_stand_here_or_there(send: Send, place: Source, now: datetime, where: str) -> None:
    traits = {"email": "Anna@Example.com", "firstName": "Anna", "lastName": "Alt"}
    event: dict[str, Any] = {"type": "identify", "userId": "7", "messageId": "m"}
    event |= {"traits": traits} if where != "context" else {}
    event |= {"context": {"traits": traits}} if where != "traits" else {}
    send("/v1/batch", {"batch": [event]})
    collect(place, now=now)
    anna = Customer.objects.get()
    assert (anna.name, anna.email) == ("Anna Alt", "anna@example.com")


def test_what_stands_beside_a_batch_holds_for_each_event(send: Send, place: Source, now: datetime) -> None:
    beside = {"traits": {"email": "anna@example.com"}, "locale": "de-DE"}
    own = {"context": {"locale": "en-GB"}}
    batch = [{"type": "identify", "userId": "7"}, {"type": "identify", "userId": "8", **own}]
    send("/v1/batch", {"batch": batch, "context": beside})
    collect(place, now=now)
    assert Customer.objects.filter(merged_into=None).get().email == "anna@example.com"
    assert Identity.objects.filter(kind="user").count() == 2


@pytest.mark.parametrize(
    ("said", "kept"), [("Europe/Berlin", "Europe/Berlin"), ("Mars/Olympus", ""), ("<b>", ""), (7, "")]
)
def test_the_time_zone_of_a_browser_is_kept_where_it_is_one(
    send: Send, place: Source, now: datetime, said: object, kept: str
) -> None:
    send("/v1/identify", {"userId": "7", "traits": {"name": "Anna"}, "context": {"timezone": said}})
    collect(place, now=now)
    assert Customer.objects.get().zone == kept


def test_a_retried_batch_counts_once_though_its_bytes_differ(send: Send, events: Found) -> None:
    for sent in ("2026-03-02T08:00:00Z", "2026-03-02T08:00:09Z"):
        send("/v1/batch", {"batch": [track(1), track(2)], "sentAt": sent}, **{"X-Retry-Count": "1"})
    assert [each.key for each in events()] == ["m1", "m2"]
    send("/v1/batch", {"batch": [track(2), track(3)]})
    assert len(events()) == 3


def test_without_an_id_each_request_is_an_event(send: Send, events: Found, place: Source, now: datetime) -> None:
    for _ in range(2):
        send("/v1/track", {"event": "Kettle Boiled", "userId": "7"})
    assert len(events()) == 2
    Delivery.objects.update(state="new")  # read once more
    assert len(events()) == 2


@pytest.mark.parametrize(
    ("said", "sent", "happened"),
    [
        ({"timestamp": -4000}, -3600, -400),  # its clock is an hour behind
        ({"timestamp": 7200}, 7210, -10),  # two hours ahead
        ({"originalTimestamp": -60, "timestamp": -30}, None, -60),  # RudderStack's Node client
        ({"timestamp": -86_400}, 1, -86_400),  # the second is the way
        ({}, -3600, 0),
        ({"timestamp": -90, "originalTimestamp": 500, "receivedAt": -80}, -5000, -90),  # corrected by another server
        ({"timestamp": 50_000}, None, 0),  # nothing happens later than it is received
    ],
)
def test_a_wrong_clock_is_set_right(
    send: Send, place: Source, now: datetime, said: dict[str, int], sent: int | None, happened: int
) -> None:
    stamps = {name: (now + timedelta(seconds=each)).isoformat() for name, each in said.items()}
    beside = {} if sent is None else {"sentAt": (now + timedelta(seconds=sent)).isoformat()}
    send("/v1/batch", {"batch": [track(**stamps)], **beside})
    Delivery.objects.update(received_at=now)
    collect(place, now=now)
    assert (Event.objects.get().at - now).total_seconds() == happened


@pytest.mark.parametrize("stamp", ["2026-03-02T08:59:59.123456Z", "2026-03-02T09:59:59.123+01:00", 1772441999.123456,
    1772441999123])  # fmt: skip
def test_moments_as_clients_write_them(send: Send, place: Source, now: datetime, stamp: Any) -> None:
    send("/v1/batch", {"batch": [track(timestamp=stamp)]})
    Delivery.objects.update(received_at=now)
    collect(place, now=now)
    assert (now - Event.objects.get().at) < timedelta(seconds=1)


def test_a_bad_event_is_kept_with_its_reason_and_holds_up_no_other(send: Send, events: Found, place: Source) -> None:
    bad = [
        track(2, event=""),
        track(3, anonymousId=None),
        track(4, timestamp="yesterday"),
        {"type": "teleport", "userId": "7"},
        {"type": "alias", "userId": "7"},
        track(6, event="Product Added", properties={"sku": "T", "price": "dear"}),
        "text",
        None,
    ]
    answer = send("/v1/batch", {"batch": [track(1), *bad, track(9)]})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert [each.key for each in events()] == ["m1", "m9"]
    kept = Delivery.objects.filter(state="failed").order_by("pk")
    assert len(kept) == len(bad)
    assert all(each.error for each in kept)
    assert json.loads(bytes(kept[0].body)) == {"batch": [bad[0]]}


def test_a_single_bad_event_fails_alone(send: Send, events: Found) -> None:
    assert send("/v1/track", {"event": "Kettle Boiled"}).status_code == 200
    assert events() == []
    assert "Nobody is named" in Delivery.objects.get(state="failed").error


def test_an_empty_batch_says_nothing(send: Send, events: Found) -> None:
    assert send("/v1/batch", {"batch": []}).status_code == 200
    assert events() == []
    assert Delivery.objects.get().state == "ignored"
    send("/v1/batch", {"batch": 5})
    events()
    assert Delivery.objects.filter(state="failed").count() == 1
