"""Everything on Start, the list and a customer's page, through the API."""

import json

import pytest
from django.test import Client

from stammkunde.server.accounts.actions import make_key
from stammkunde.server.accounts.roles import Right
from stammkunde.server.dashboards.actions.overview import renew
from stammkunde.server.segments.models import CustomerFacts, State

from .conftest import NOW, Make


@pytest.fixture
def asking(db: None) -> Client:
    """A program with a key that may see and take out."""
    del db
    secret = make_key(name="till", scopes=[Right.SEE, Right.EXPORT], now=NOW, by=None)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_start_says_every_number_with_what_it_rests_on(asking: Client, buyer: Make) -> None:
    assert asking.get("/api/v1/start").json()["rows"] == []
    buyer("Anna", 100, 50, state=State.SLIPPING)
    renew(now=NOW)
    told = asking.get("/api/v1/start").json()
    tiles = {tile["key"]: tile for row in told["rows"] for tile in row["tiles"]}
    assert {"each", "total", "repeat", "ratio", "slipping", "once", "best", "returns"} - tiles.keys() <= {
        "best",
        "once",
    }
    assert tiles["total"]["number"] == 100_000
    assert (tiles["total"]["low"], tiles["total"]["high"]) == (80_000, 130_000)
    assert all(tile["meaning"] for tile in tiles.values())
    assert tiles["ratio"]["number"] is None
    assert [card["key"] for card in told["cards"]] == ["slipping", "costs"]
    assert told["cards"][0]["filter"] == {"state": "slipping"}


def test_the_list_and_its_filters_are_the_page_s(asking: Client, buyer: Make) -> None:
    buyer("Anna", 100, 50, state=State.SLIPPING, country="DE")
    buyer("Ben", 100, state=State.LOST, country="AT")
    renew(now=NOW)
    found = asking.get("/api/v1/customer-list?country=DE").json()
    assert [row["name"] for row in found["items"]] == ["Anna"]
    assert (found["count"], found["items"][0]["state"], found["items"][0]["clv"]) == (1, "slipping", 3_000)
    fields = {field["name"]: field for field in asking.get("/api/v1/customer-list/filters").json()}
    assert {"value": "DE", "label": "DE", "customers": 1} in fields["country"]["choices"]
    lines = b"".join(asking.post("/api/v1/customer-list/export?country=AT").streaming_content)  # type: ignore[attr-defined]
    assert b"Ben" in lines
    assert b"Anna" not in lines


def test_a_profile_sums_to_the_value(asking: Client, buyer: Make) -> None:
    anna = buyer("Anna", 100, 50, state=State.SLIPPING)
    told = asking.get(f"/api/v1/customers/{anna.pk}/profile").json()
    parts = told["sum"]
    assert told["customer_type"] is None
    CustomerFacts.objects.filter(pk=anna.pk).update(customer_type=7)
    assert asking.get(f"/api/v1/customers/{anna.pk}/profile").json()["customer_type"] == 7
    assert parts["total"] + parts["changed"] + parts["expected"] == parts["clv"]
    assert told["curve"][-1]["brought"] == parts["total"]
    assert told["life"]["state"] == "slipping"
    assert asking.get("/api/v1/customers/999999/profile").status_code == 404
    assert json.dumps(told)


def test_a_key_that_may_only_see_takes_nothing_out(buyer: Make) -> None:
    secret = make_key(name="eye", scopes=[Right.SEE], now=NOW, by=None)
    answer = Client(headers={"Authorization": f"Bearer {secret}"}).post("/api/v1/customer-list/export")
    assert answer.status_code in (401, 403)


def test_the_calendar_is_whole_weeks_of_a_month(asking: Client) -> None:
    told = asking.get("/api/v1/calendar?month=2026-03").json()
    days = [day["day"] for day in told["days"]]
    assert (told["first"], days[0], days[-1]) == ("2026-03-01", "2026-02-23", "2026-04-05")
    assert {(day["sent"], day["due"], day["held"]) for day in told["days"]} == {(0, 0, 0)}
    assert asking.get("/api/v1/calendar?month=2026-13").status_code == 422
    assert len(asking.get("/api/v1/calendar").json()["days"]) % 7 == 0
