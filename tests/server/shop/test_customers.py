"""Customers found by what somebody types, their timeline, and both through the API."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from stammkunde.server.accounts.actions import make_key
from stammkunde.server.accounts.roles import Right
from stammkunde.server.lib.work import run_due
from stammkunde.server.shop.actions import take
from stammkunde.server.shop.facts import CartFact, EventFact, OrderFact, ParcelFact, RefundFact, Who
from stammkunde.server.shop.models import Customer, Source
from stammkunde.server.shop.queries import customers
from stammkunde.server.shop.queries.timeline import timeline

NOW = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
pytestmark = pytest.mark.django_db


def order(key: str, who: Who, *, days_ago: int = 1) -> OrderFact:
    """An order of ten euros."""
    at = NOW - timedelta(days=days_ago)
    return OrderFact(key, who, at, "EUR", gross=1000, total=1000, version=1, number=f"#{key}")


@pytest.fixture
def people(source: Source) -> None:
    """Anna, Ben and Deniz have ordered."""
    anna = Who(shop_id="7", email="anna.alt@example.com", name="Anna Älter", company="Teehaus GmbH")
    ben = Who(shop_id="8", email="ben@example.com", name="Ben Bach", phone="+49 30 1234567")
    take(source, [order("1001", anna), order("1002", ben), order("1003", Who(email="deniz@shop.example"))], now=NOW)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("anna", {"Anna Älter"}),
        ("ÄLT", {"Anna Älter"}),
        ("alt", {"Anna Älter"}),
        ("teeh", {"Anna Älter"}),
        ("anna alter", {"Anna Älter"}),
        ("anna bach", set()),
        ("ben@example.com", {"Ben Bach"}),
        ("example", {"Anna Älter", "Ben Bach"}),
        ("#1003", {"deniz@shop.example"}),
        ("1002", {"Ben Bach"}),
        ("8", {"Ben Bach"}),
        ("%", set()),
        ("' OR 1=1 --", set()),
        ("", {"Anna Älter", "Ben Bach", "deniz@shop.example"}),
    ],
)
@pytest.mark.parametrize("few", [20_000, 0])  # gathered, or tried one by one
@pytest.mark.usefixtures("people")
def test_whom_somebody_may_mean(typed: str, meant: set[str], few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customers, "FEW", few)
    assert {str(one) for one in customers.found(typed)} == meant
    meaning = customers.meant(typed)
    assert meaning is None or not meaning.few or len(meant) <= meaning.size
    assert meaning is None or sorted(meaning.listed) == sorted(one.pk for one in customers.found(typed))


@pytest.mark.parametrize("count", [0, 1, 3, 7])
def test_pages_show_everybody_once(source: Source, count: int) -> None:
    take(source, [order(str(k), Who(shop_id=str(k))) for k in range(count)], now=NOW)
    seen, after = [], ""
    while True:
        page = customers.page(customers.living(), after=after, most=3)
        seen += page.rows
        after = page.after
        if not after:
            break
    assert len(seen) == len({one.pk for one in seen}) == count


def test_annas_timeline_tells_all_kinds_newest_first(source: Source) -> None:
    anna = Who(email="anna@example.com")
    facts = [
        CartFact("c", anna, NOW - timedelta(days=9), NOW - timedelta(days=9), "EUR", 1000),
        order("1", anna, days_ago=8),
        ParcelFact("p", "1", shipped_at=NOW - timedelta(days=7), tracking="JD1"),
        EventFact("e", "Product Viewed", NOW - timedelta(days=6), anna, properties={"name": "Teekanne"}),
        RefundFact("r", "1", NOW - timedelta(days=5), 400, "EUR"),
    ]
    take(source, facts, now=NOW)
    found = timeline(Customer.objects.get())
    assert [(each.kind, each.amount) for each in found] == [
        ("refund", -400), ("event", None), ("parcel", None), ("order", 1000), ("cart", None),
    ]  # fmt: skip
    assert [each.kind for each in timeline(Customer.objects.get(), before=found[1].at)] == ["parcel", "order", "cart"]
    assert [each.kind for each in timeline(Customer.objects.get(), most=2)] == ["refund", "event"]


@pytest.fixture
def key(db: None) -> Callable[..., dict[str, str]]:
    """Headers of a request with a key of these scopes."""
    del db

    def headers(*scopes: Right) -> dict[str, str]:
        return {"Authorization": f"Bearer {make_key(name='test', scopes=list(scopes), now=NOW, by=None)}"}

    return headers


@pytest.mark.usefixtures("people")
def test_everything_on_the_pages_is_in_the_api(key: Callable[..., dict[str, str]]) -> None:
    browser, asking = Client(), key(Right.SEE)

    def get(path: str) -> object:
        answer = browser.get(f"/api/v1{path}", headers=asking)
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)

    listed = get("/customers?search=anna&limit=1")
    assert isinstance(listed, dict)
    anna = listed["items"][0]
    assert (anna["name"], listed["after"]) == ("Anna Älter", "")
    whole = get(f"/customers/{anna['id']}")
    assert isinstance(whole, dict)
    assert {one["kind"] for one in whole["identities"]} == {"shop", "email"}
    happened = get(f"/customers/{anna['id']}/timeline")
    assert isinstance(happened, list)
    assert happened[0]["amount"] == 1000
    assert get(f"/customers/{anna['id']}/timeline?kind=order") == happened
    assert get(f"/customers/{anna['id']}/timeline?kind=refund") == []
    orders = get(f"/orders?customer={anna['id']}")
    assert isinstance(orders, dict)
    assert orders["items"][0]["number"] == "#1001"
    assert isinstance(get("/sources"), list)


def test_the_api_asks_who_is_there(key: Callable[..., dict[str, str]]) -> None:
    browser = Client()
    assert browser.get("/api/v1/customers").status_code == 401
    assert browser.get("/api/v1/customers", headers={"Authorization": "Bearer stk_wrong"}).status_code == 401
    assert browser.get("/api/v1/customers", headers=key(Right.DATA)).status_code == 403
    assert browser.post("/api/v1/imports", headers=key(Right.SEE)).status_code == 403


def test_a_file_of_orders_comes_in_through_the_api(key: Callable[..., dict[str, str]]) -> None:
    browser, asking = Client(), key(Right.DATA, Right.SEE)
    file = SimpleUploadedFile("orders.csv", b"order_id;customer_id;date;amount\n1;anna;2026-01-02;10.50\n")
    laid = browser.post("/api/v1/imports", {"file": file}, headers=asking)
    assert (laid.status_code, laid.json()["state"]) == (201, "uploaded"), laid.content
    address = f"/api/v1/imports/{laid.json()['id']}"
    run_due(now=timezone.now())
    assert browser.get(address, headers=asking).json()["state"] == "checked"
    assert browser.post(f"{address}/start", headers=asking).json()["state"] == "running"
    assert browser.post(f"{address}/start", headers=asking).status_code == 400
    run_due(now=timezone.now())
    assert browser.get(address, headers=asking).json()["outcome"]["orders"] == 1


def test_a_customer_who_was_merged_answers_as_the_one_who_stayed(
    source: Source, key: Callable[..., dict[str, str]]
) -> None:
    take(source, [order("1", Who(shop_id="7", name="Anna")), order("2", Who(shop_id="8"))], now=NOW)
    gone = Customer.objects.get(name="").pk
    one, other = (Who(shop_id=number, email="anna@example.com") for number in "78")
    take(source, [order("3", one), order("4", other)], now=NOW)
    answer = Client().get(f"/api/v1/customers/{gone}", headers=key(Right.SEE))
    assert json.loads(answer.content)["name"] == "Anna"
