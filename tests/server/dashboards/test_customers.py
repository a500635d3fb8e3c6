"""Staff find a customer and see everything that happened with her."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from stammkunde.server.clv.models import Prediction, Run
from stammkunde.server.dashboards.queries import customers as queries
from stammkunde.server.shop.actions import take
from stammkunde.server.shop.facts import EventFact, LineFact, OrderFact, RefundFact, Who
from stammkunde.server.shop.models import Customer, Merge, Source

NOW = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
HOSTILE = "<script>alert('Anna')</script>"
ANNA = Who(
    email="anna@example.com", name=HOSTILE, company='"><img src=x onerror=alert(1)>', postcode="<b>", country="de"
)


def order(key: str, who: Who, *, days_ago: int = 1) -> OrderFact:
    """An order of ten euros, with an article of a hostile name."""
    lines = (LineFact("1", 1, 1000, 1000, title=HOSTILE, sku=HOSTILE),)
    at = NOW - timedelta(days=days_ago)
    return OrderFact(
        key, who, at, "EUR", gross=1000, total=1000, version=1, lines=lines, number=HOSTILE, channel=HOSTILE
    )


def test_an_empty_house_tells_what_to_bring(owner: Client) -> None:
    for page in ("/", "/customers/"):
        assert "/imports/new" in owner.get(page).content.decode()


def test_the_list_shows_what_each_bought_and_the_search_narrows_it(owner: Client, source: Source) -> None:
    ben = Who(email="ben@example.com", name="Ben Bach")
    facts = [order("1", ben), order("2", ben), RefundFact("r", "2", NOW, 250, "EUR"), order("3", ANNA)]
    take(source, facts, now=NOW)
    page = owner.get("/customers/?search=bach").content.decode()
    assert "Ben Bach" in page
    assert "€17.50" in page
    assert "anna@example.com" not in page
    assert "Nobody is found" in owner.get("/customers/?search=zzz").content.decode()
    part = owner.get("/customers/?search=bach", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Ben Bach" in part


def test_what_customers_write_stays_text_on_every_page(owner: Client, source: Source) -> None:
    event = EventFact("e", HOSTILE, NOW, ANNA, properties={"name": HOSTILE})
    refund = RefundFact("r", "1", NOW, 5, "EUR", reason=HOSTILE)
    take(source, [order("1", ANNA), event, refund], now=NOW)
    for address in ("/customers/", f"/customers/{Customer.objects.get().pk}/"):
        page = owner.get(address).content.decode()
        assert "alert(&#x27;Anna&#x27;)" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_a_long_history_is_read_page_by_page_without_gap(owner: Client, source: Source) -> None:
    deniz = Who(email="deniz@example.com")
    events = [EventFact(f"e{k}", f"Seen {k:03}", NOW - timedelta(hours=k), deniz) for k in range(120)]
    take(source, events, now=NOW)
    address, seen = f"/customers/{Customer.objects.get().pk}/", []
    query = ""
    while True:
        page = owner.get(address + query, headers={"HX-Request": "true"} if query else {}).content.decode()
        seen += [name for name in (f"Seen {k:03}" for k in range(120)) if name in page]
        if 'href="?before=' not in page:
            break
        query = page.split('href="', 1)[1].split('"')[0] if query else page.rsplit('href="?before=', 1)[1].split('"')[0]
        query = query if query.startswith("?") else f"?before={query}"
    assert seen == [f"Seen {k:03}" for k in range(120)]


def test_two_are_found_to_be_one_and_two_again(owner: Client, source: Source) -> None:
    take(source, [order("1", Who(email="anna@example.com")), order("2", Who(email="a.alt@example.com"))], now=NOW)
    anna = Customer.objects.get(email="anna@example.com")
    owner.post(f"/customers/{anna.pk}/merge", {"other": "a.alt@example.com", "reason": "she said so"})
    assert "2 orders" in owner.get(f"/customers/{anna.pk}/").content.decode()
    gone = Customer.objects.get(email="a.alt@example.com")
    assert owner.get(f"/customers/{gone.pk}/").headers["Location"] == f"/customers/{anna.pk}/"
    owner.post(f"/customers/{anna.pk}/merges/{Merge.objects.get().pk}/undo")
    assert "One order" in owner.get(f"/customers/{anna.pk}/").content.decode()


@pytest.mark.parametrize("other", ["", "nobody@example.com", "example.com"])
def test_whom_is_meant_has_to_be_clear(owner: Client, source: Source, other: str) -> None:
    whos = [Who(email=f"{name}@example.com") for name in ("anna", "ben", "clara")]
    take(source, [order(str(k), who) for k, who in enumerate(whos)], now=NOW)
    anna = Customer.objects.get(email="anna@example.com")
    owner.post(f"/customers/{anna.pk}/merge", {"other": other})
    assert Merge.objects.count() == 0


@pytest.mark.parametrize(("role", "status"), [("service", 302), ("marketing", 302), ("analyst", 403), ("reader", 403)])
def test_who_may_merge(as_role: Callable[[str], Client], source: Source, role: str, status: int) -> None:
    take(source, [order("1", Who(email="anna@example.com"))], now=NOW)
    answer = as_role(role).post(f"/customers/{Customer.objects.get().pk}/merge", {"other": "x"})
    assert answer.status_code == status


def test_nobody_sees_a_customer_without_a_login(source: Source) -> None:
    take(source, [order("1", ANNA)], now=NOW)
    answer = Client().get(f"/customers/{Customer.objects.get().pk}/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")


def test_the_most_valuable_come_first_page_by_page(owner: Client, source: Source) -> None:
    take(source, [order(str(k), Who(shop_id=str(k), name=f"Customer {k:02}")) for k in range(7)], now=NOW)
    run = Run.objects.create(started_at=NOW, until=NOW.date(), horizon="12m", discount=0.1, currency="EUR")
    worth = [500, 900, 900, 900, 100, -50, 700]
    rows = [
        Prediction(
            customer=one,
            run=run,
            first_day=NOW.date(),
            last_day=NOW.date(),
            orders=1,
            historic=0,
            clv=clv,
            predicted=clv,
        )
        for one, clv in zip(Customer.objects.order_by("pk"), worth, strict=True)
    ]
    Prediction.objects.bulk_create(rows)
    seen, after = [], ""
    while True:
        page = queries.customers(sort="value", after=after, most=2)
        seen += [row.prediction.clv for row in page.rows if row.prediction]
        after = page.after
        if not after:
            break
    assert seen == sorted(worth, reverse=True)
    assert "Customer value" in owner.get("/customers/?sort=value").content.decode()
    assert owner.get("/customers/?sort=value&after=x.y").status_code == 200
