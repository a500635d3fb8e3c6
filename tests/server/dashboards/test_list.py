"""The list of customers: filtered, searched, sorted, counted, taken out."""

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client

from stammkunde.server.accounts.models import Entry
from stammkunde.server.dashboards.actions.overview import renew
from stammkunde.server.dashboards.queries import finding
from stammkunde.server.dashboards.queries.customers import customers
from stammkunde.server.dashboards.queries.shelves import Filter
from stammkunde.server.lib.sheets import harmless
from stammkunde.server.segments.models import Member, Segment, State
from stammkunde.server.shop.models import Customer

from .conftest import NOW, Make


@pytest.fixture
def shop(buyer: Make) -> dict[str, Customer]:
    """Anna is loyal, Ben has lapsed, Clara never ordered, Deniz ordered once and left no address."""
    found = {
        "anna": buyer("Anna", 100, 50, 5, worth=30_000, state=State.ACTIVE, country="DE", channel="web"),
        "ben": buyer("Ben", 300, 280, worth=6_000, state=State.LOST, country="AT", channel="web"),
        "clara": buyer("Clara", state=State.LEAD, country="DE"),
        "deniz": buyer("Deniz", 40, worth=1_500, state=State.ONE_TIME, country="DE", email=""),
    }
    Customer.objects.filter(pk=found["ben"].pk).update(name="=Ben()")
    renew(now=NOW)
    return found


def names(who: Filter, **ways: str) -> list[str]:
    return [row.customer.name for row in customers(who=who, **ways).rows]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["Anna", "=Ben()", "Deniz"]),
        ({"state": "lost"}, ["=Ben()"]),
        ({"country": "DE"}, ["Anna", "Deniz", "Clara"]),
        ({"country": "DE", "email": "yes"}, ["Anna", "Clara"]),
        ({"tier": "top"}, ["Anna"]),
        ({"channel": "-"}, ["Deniz", "Clara"]),
        ({"channel": "web", "state": "active"}, ["Anna"]),
        ({"state": "due"}, []),
        ({"state": "nonsense", "segment": "x"}, ["Anna", "=Ben()", "Deniz"]),
    ],
)
def test_filters_leave_whom_they_name(shop: dict[str, Customer], asked: dict[str, str], expected: list[str]) -> None:
    who = Filter.read(asked)
    assert names(who) == expected
    assert customers(who=who).count == len(expected)


def test_many_are_read_along_the_order_with_the_same_result(
    shop: dict[str, Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "FEW", 0)
    assert names(Filter(country="DE")) == ["Anna", "Deniz"]
    assert names(Filter(country="DE"), sort="new") == ["Deniz", "Clara", "Anna"]
    assert customers(who=Filter(country="DE")).count == 2
    assert customers(who=Filter(country="DE"), sort="new").count == 3


def test_the_search_finds_whom_it_means_also_without_an_order(shop: dict[str, Customer]) -> None:
    assert names(Filter(), search="clara@example.com") == []  # words are written when facts come in
    one = shop["clara"]
    one.words.create(word="clara")
    shop["anna"].words.create(word="clara")
    assert names(Filter(), search="clar") == ["Anna", "Clara"]
    assert names(Filter(state="lead"), search="clar") == ["Clara"]
    assert names(Filter(email="no"), search="clar") == []


def test_a_segment_is_a_filter_like_others(shop: dict[str, Customer], owner: Client) -> None:
    best = Segment.objects.create(name="Best", rule={}, rule_changed_at=NOW, created_at=NOW, size=2)
    for name in ("anna", "clara"):
        Member.objects.create(segment=best, customer=shop[name], since=NOW)
    assert names(Filter(segment=best.pk)) == ["Anna", "Clara"]
    assert names(Filter(segment=best.pk, state="lead")) == ["Clara"]
    assert customers(who=Filter(segment=best.pk)).count == 2
    page = owner.get(f"/customers/?segment={best.pk}&state=lead").content.decode()
    assert "Clara" in page
    assert "Anna" not in page.split("<table")[1]
    assert "Best (2)" in page


@pytest.mark.parametrize("sort", ["value", "new"])
@pytest.mark.parametrize("few", [0, 20_000])
def test_pages_follow_each_other_without_gap(
    shop: dict[str, Customer], monkeypatch: pytest.MonkeyPatch, sort: str, few: int
) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    seen, after = [], ""
    while True:
        page = customers(who=Filter(country="DE"), sort=sort, after=after, most=1)
        seen += [row.customer.name for row in page.rows]
        if not page.after:
            break
        after = page.after
    assert seen == names(Filter(country="DE"), sort=sort)


@pytest.mark.parametrize("few", [0, 20_000])
@pytest.mark.parametrize("after", ["²", "².1", "--5.1", "9" * 40, "9" * 40 + ".1", "."])
def test_a_key_that_is_none_begins_at_the_first_customer(
    shop: dict[str, Customer], monkeypatch: pytest.MonkeyPatch, few: int, after: str
) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    for sort in ("value", "new"):
        page = customers(who=Filter(country="DE"), sort=sort, after=after, most=50)
        assert [row.customer.name for row in page.rows] == names(Filter(country="DE"), sort=sort)


def test_the_page_offers_what_there_is_with_how_many_it_finds(shop: dict[str, Customer], owner: Client) -> None:
    page = owner.get("/customers/?country=DE").content.decode()
    assert "Lead (1)" in page
    assert "Lost" not in page.split("</form>")[1].split("</select>")[0]
    assert "AT (1)" in page
    assert "Without filter" in page
    assert "No customer fits all of this" in owner.get("/customers/?country=DE&state=due").content.decode()


def test_a_list_is_taken_out_with_its_filter_without_formulas_and_is_logged(
    shop: dict[str, Customer], owner: Client
) -> None:
    answer = owner.post("/customers/export", {"channel": "web", "sort": "value"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["name"] for row in rows] == ["Anna", "'=Ben()"]
    assert rows[0]["customer_value"] == "300.00"
    assert rows[0]["state"] == "active"
    assert Entry.objects.get(verb="took out").change == {"channel": "web"}


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-1", "@cmd", "\t=1", " =1", "＝1"])
def test_what_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("Anna") == "Anna"


@pytest.mark.parametrize(("role", "status"), [("marketing", 200), ("analyst", 200), ("service", 403), ("reader", 403)])
def test_who_may_take_data_out(as_role: Callable[[str], Client], role: str, status: int) -> None:
    assert as_role(role).post("/customers/export").status_code == status
