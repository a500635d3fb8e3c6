"""Pulling: how far it came, what it repairs, what it leaves as it was."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from server.shop.sources.case import Told
from server.shop.sources.case_shopify import CASE
from server.shop.sources.conftest import place_of
from server.shop.sources.shops import Shop
from stammkunde.server.accounts.models import Entry
from stammkunde.server.lib.models import Job
from stammkunde.server.lib.work import enqueue, run_due
from stammkunde.server.shop import pulling
from stammkunde.server.shop.actions import doors, take
from stammkunde.server.shop.facts import Fact, OrderFact, RefundFact
from stammkunde.server.shop.hearing import hear
from stammkunde.server.shop.models import Delivery, Order, Refund, Source
from stammkunde.server.shop.sources.base import Client, Page, SourceError, page
from stammkunde.server.shop.sources.payloads import Node
from stammkunde.server.shop.sources.shopify import KIND
from stammkunde.server.shop.sources.shopify_orders import order

pytestmark = pytest.mark.django_db
Pages = Callable[[Source, datetime | None, Client], Iterator[Page]]


@pytest.fixture
def shop(now: datetime) -> Source:
    """Anna's tea house."""
    return place_of(CASE, now)


def told(key: int = 1001, **changes: Any) -> list[Fact]:
    return order(Node(CASE.order(Told(key=str(key), email=f"{key}@example.com", account=str(key))) | changes))


def pull(shop: Source, pages: Pages, now: datetime) -> pulling.Pulled:
    with patch.object(KIND, "pull", pages):
        found = pulling.pull(shop, now=now, clock=lambda: now, client=Shop(lambda _: {}))
    shop.refresh_from_db()
    return found


def test_a_pull_notes_how_far_it_came(shop: Source, now: datetime) -> None:
    asked: list[datetime | None] = []

    def pages(_: Source, since: datetime | None, __: Client) -> Iterator[Page]:
        asked.append(since)
        yield Page(told())

    assert pull(shop, pages, now).facts == 1
    assert (shop.pulled_to, shop.pulled_at, shop.error) == (now, now, "")
    pull(shop, pages, now + timedelta(hours=1))
    assert asked == [None, now - pulling.OVERLAP]
    assert Order.objects.count() == 1


def test_a_pull_that_breaks_off_goes_on_where_it_was(shop: Source, now: datetime) -> None:
    reached = now - timedelta(days=30)

    def pages(*_: Any) -> Iterator[Page]:
        yield Page(told(), watermark=reached)
        raise SourceError("The shop answers 502.")

    pull(shop, pages, now)
    assert (shop.pulled_to, shop.pulled_at, shop.error_at) == (reached, None, now)
    assert shop.error.startswith("The shop answers 502.")
    assert Order.objects.count() == 1


def test_a_fault_of_the_program_is_noted_and_tried_again_by_the_queue(shop: Source, now: datetime) -> None:
    def pages(*_: Any) -> Iterator[Page]:
        raise KeyError("nodes")
        yield Page([])

    with pytest.raises(KeyError):
        pull(shop, pages, now)
    shop.refresh_from_db()
    assert "nodes" in shop.error


def test_what_could_not_be_used_is_told_and_the_rest_is_in(shop: Source, now: datetime) -> None:
    def pages(*_: Any) -> Iterator[Page]:
        yield Page([*told(1001), *told(1002, currency="CHF")], refused=[("1003", "total_price: 'a' is no amount")])

    found = pull(shop, pages, now)
    assert [name for name, _ in found.refused] == ["1003", "1002"]
    assert shop.error.startswith("2 entities")
    assert Order.objects.get().external_id == "1001"


def test_an_entity_that_could_not_be_used_is_kept_and_replayed(shop: Source, now: datetime) -> None:
    chf = CASE.order(Told(currency="CHF"))
    broken = CASE.order(Told(key="1002")) | {"total_price": "a lot"}

    def pages(*_: Any) -> Iterator[Page]:
        yield page([chf, broken], order, topic="orders/updated")

    for _ in range(2):
        assert len(pull(shop, pages, now).refused) == 2
    kept = Delivery.objects.order_by("entity")
    assert [(each.entity, each.state) for each in kept] == [("1001", "failed"), ("1002", "failed")]
    assert shop.error == ""
    Source.objects.filter(pk=shop.pk).update(options={**shop.options, "exchange_rates": {"CHF": "1.05"}})
    doors.replay(shop, now=now, by=None)
    hear(Source.objects.get(pk=shop.pk), now=now)
    assert Order.objects.get().total == round(2990 * 1.05)
    assert "a lot" in Delivery.objects.get(state="failed").error


def test_the_pull_has_the_last_word_on_a_second_with_two_changes(shop: Source, now: datetime) -> None:
    take(shop, told(financial_status="pending"), now=now)
    take(shop, told(financial_status="paid"), now=now)  # the same second: taken for known
    assert Order.objects.get().paid_at is None
    pull(shop, lambda *_: iter([Page(told(financial_status="paid"))]), now)
    assert Order.objects.get().paid_at is not None
    before = Order.objects.get().version
    pull(shop, lambda *_: iter([Page(told(financial_status="voided"))]), now)
    assert (Order.objects.get().version, Order.objects.get().cancelled_at) == (before, None)
    later = Told().changed + timedelta(seconds=1)
    take(shop, told(updated_at=later.isoformat(), financial_status="voided"), now=now)
    assert Order.objects.get().cancelled_at is not None


def test_the_pull_keeps_what_only_webhooks_tell_and_they_keep_its_fees(shop: Source, now: datetime) -> None:
    take(shop, told(cart_token="c1"), now=now)
    pull(shop, lambda *_: iter([Page(told(payment_fee="0.67"))]), now)
    found = Order.objects.get()
    assert (found.cart_token, found.payment_fee) == ("c1", 67)


def test_the_undated_sum_of_a_file_goes_when_refunds_are_known_by_their_days(shop: Source, now: datetime) -> None:
    fact = told()[0]
    assert isinstance(fact, OrderFact)
    undated = RefundFact("1001/refund", "1001", fact.placed_at, 900, "EUR", version=1, dated=False)
    take(shop, [fact, undated], now=now)
    dated = RefundFact("5", "1001", now, 900, "EUR", version=2000)
    pull(shop, lambda *_: iter([Page([dated])]), now)
    assert Refund.objects.get().external_id == "5"
    assert Order.objects.get().refunded == 900


def test_every_source_with_credentials_is_pulled_by_itself(shop: Source, now: datetime) -> None:
    Source.objects.create(kind="shopify", name="without a key", token="x", created_at=now)
    Source.objects.create(kind="csv", name="a file", token="y", created_at=now)
    Source.objects.create(kind="shopify", name="off", token="z", created_at=now, active=False, sealed=shop.sealed,
                          options=shop.options)  # fmt: skip
    Source.objects.create(kind="shopify", name="sealed elsewhere", token="w", created_at=now, sealed="nonsense",
                          options=shop.options)  # fmt: skip
    enqueue(doors.PULL, now=now, key="by itself")
    seen: list[int] = []
    with patch.object(pulling, "pull", lambda source, **_: seen.append(source.pk)):
        run_due(now=now)
    assert seen == [shop.pk]
    assert not Job.objects.filter(state=Job.State.FAILED).exists()


def test_the_address_of_a_source_is_guarded_unless_an_owner_allows_it(shop: Source, now: datetime) -> None:
    Source.objects.filter(pk=shop.pk).update(options={"shop": "http://127.0.0.1:9"})
    shop.refresh_from_db()
    pulling.pull(shop, now=now, clock=lambda: now)
    shop.refresh_from_db()
    assert "own network" in shop.error


def test_everything_can_be_pulled_once_more(shop: Source, now: datetime) -> None:
    Source.objects.filter(pk=shop.pk).update(pulled_to=now)
    doors.pull_again(shop, now=now, by=None)
    shop.refresh_from_db()
    assert shop.pulled_to is None
    assert Job.objects.get(kind=doors.PULL).payload == {"source": shop.pk}
    assert Entry.objects.get(verb="pulled").change == {"since": "the beginning"}
