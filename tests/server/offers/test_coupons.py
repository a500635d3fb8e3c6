"""Codes: in from a file, each to one customer however many ask at once, and back with an order."""

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.offers.conftest import Buy
from stammkunde.errors import InputError
from stammkunde.server.accounts.actions import endpoints
from stammkunde.server.accounts.models import Entry, Outgoing
from stammkunde.server.lib.work import run_due, schedule
from stammkunde.server.offers.actions import coupons, pools
from stammkunde.server.offers.actions.coupons import issue
from stammkunde.server.offers.actions.pools import Terms
from stammkunde.server.offers.models import Coupon, Pool
from stammkunde.server.offers.queries.pools import standings, waiting
from stammkunde.server.shop.models import Customer

pytestmark = pytest.mark.django_db
Person = Callable[[str], Customer]


def test_a_file_of_codes_comes_in_and_says_line_by_line_what_did_not(pool: Pool, now: datetime) -> None:
    lines = ["Code", "TEE-1", "tee-1", "", "TEE 2", "\ufeffTEE-3;20 %", '"TEE-4"', "=1+1", "Tée-5"]
    loaded = coupons.load(pool, lines, now=now, by=None)
    assert loaded.codes == 3
    assert [(each.line, each.code) for each in loaded.rejects] == [
        (3, "tee-1"),
        (5, "TEE 2"),
        (8, "=1+1"),
        (9, "Tée-5"),
    ]
    assert list(Coupon.objects.order_by("pk").values_list("code", flat=True)) == ["TEE-1", "TEE-3", "TEE-4"]
    assert Entry.objects.get(verb="filled").change == {"codes": 3, "rejects": 4}


def test_a_code_of_any_pool_does_not_come_in_again(pool: Pool, now: datetime) -> None:
    other = pools.make("birthday", Terms("Birthday", "amount", 500), source="uploaded", now=now, by=None)
    coupons.load(pool, ["TEE-1"], now=now, by=None)
    loaded = coupons.load(other, ["tee-1", "TEE-2"], now=now, by=None)
    assert (loaded.codes, [each.code for each in loaded.rejects]) == (1, ["tee-1"])
    assert "Second order" in loaded.rejects[0].reason


def test_anna_is_given_the_same_code_for_the_same_thing_and_ben_another(
    pool: Pool, person: Person, now: datetime
) -> None:
    coupons.load(pool, ["TEE-1", "TEE-2", "TEE-3"], now=now, by=None)
    anna, ben = person("Anna").pk, person("Ben").pk
    first = issue(pool.key, [(anna, "flow:1"), (ben, "flow:1")], now=now)
    again = issue(pool.key, [(anna, "flow:1")], now=now + timedelta(days=2))
    other = issue(pool.key, [(anna, "flow:2")], now=now)
    assert first[anna].code == again[anna].code
    assert again[anna].expires_at == now + timedelta(days=30)
    assert len({first[anna].code, first[ben].code, other[anna].code}) == 3


def test_from_an_empty_pool_the_last_gets_nothing_and_the_page_says_so(
    pool: Pool, person: Person, now: datetime
) -> None:
    coupons.load(pool, ["TEE-1"], now=now, by=None)
    given_out = issue(pool.key, [(person("Anna").pk, "a"), (person("Ben").pk, "a")], now=now)
    assert list(given_out) == [person("Anna").pk]
    one = standings(now=now)[0]
    assert (one.left, one.given, one.alarm, one.pool.lacking) == (0, 1, "empty", 1)


@pytest.mark.parametrize("terms", [{"active": False}, {"ends_at": "now"}])
def test_a_pool_that_is_switched_off_or_over_gives_nothing_new(
    terms: dict[str, object], pool: Pool, person: Person, now: datetime
) -> None:
    coupons.load(pool, ["TEE-1", "TEE-2"], now=now, by=None)
    kept = issue(pool.key, [(person("Anna").pk, "a")], now=now - timedelta(days=1))
    Pool.objects.update(**{name: now if value == "now" else value for name, value in terms.items()})
    found = issue(pool.key, [(person("Anna").pk, "a"), (person("Ben").pk, "a")], now=now)
    assert {pk: each.code for pk, each in found.items()} == {pk: each.code for pk, each in kept.items()}
    assert issue("no-such-pool", [(person("Ben").pk, "a")], now=now) == {}


def test_no_code_is_good_beyond_the_last_day_of_its_pool(pool: Pool, person: Person, now: datetime) -> None:
    Pool.objects.update(ends_at=now + timedelta(days=4))
    coupons.load(pool, ["TEE-1"], now=now, by=None)
    found = issue(pool.key, [(person("Anna").pk, "a")], now=now)
    assert found[person("Anna").pk].expires_at == now + timedelta(days=4)


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_never_give_a_code_twice(pool: Pool, person: Person, now: datetime) -> None:
    coupons.load(pool, [f"TEE-{number}" for number in range(150)], now=now, by=None)
    people = [person(f"Customer {number}").pk for number in range(60)]
    found: list[dict[int, Coupon]] = []
    start = threading.Barrier(8)

    def ask(worker: int) -> None:
        try:
            start.wait()
            for each in people:  # every one by all workers, half of them for a thing of their own
                found.append(issue(pool.key, [(each, "shared" if worker % 2 else f"own-{worker}")], now=now))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 8 * 60
    given_out = {coupon.code: (coupon.customer_id, coupon.key) for some in found for coupon in some.values()}
    owners = {(coupon.customer_id, coupon.key): coupon.code for some in found for coupon in some.values()}
    assert len(given_out) == len(owners) == 150
    assert Coupon.objects.exclude(customer=None).count() == 150


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("ab")), max_size=6), max_size=6))
def test_whatever_is_asked_a_code_has_one_owner_and_an_owner_one_code(
    asked: list[list[tuple[int, str]]], person: Person, now: datetime
) -> None:
    Pool.objects.all().delete()
    pool = pools.make("p", Terms("P", "amount", 500), source="uploaded", now=now, by=None)
    coupons.load(pool, [f"TEE-{number}" for number in range(7)], now=now, by=None)
    people = [person(str(number)).pk for number in range(6)]
    kept: dict[tuple[int, str], str] = {}
    for rows in asked:
        wanted = {people[who]: key for who, key in rows}
        for pk, coupon in issue("p", list(wanted.items()), now=now).items():
            assert kept.setdefault((pk, wanted[pk]), coupon.code) == coupon.code
    assert len(set(kept.values())) == len(kept) <= 7


def test_that_codes_run_low_is_told_once(pool: Pool, person: Person, now: datetime) -> None:
    endpoints.add(endpoints.Wish("https://crm.example/in", ["coupon.*"]), now=now, by=None)
    coupons.load(pool, [f"TEE-{number}" for number in range(5)], now=now, by=None)
    for name in ("Anna", "Ben", "Clara", "Deniz"):
        issue(pool.key, [(person(name).pk, "a")], now=now)
    assert json.loads(Outgoing.objects.get().body)["data"]["left"] == 2


def test_a_customer_is_not_given_two_codes_in_one_go(pool: Pool, person: Person, now: datetime) -> None:
    with pytest.raises(ValueError, match="one code"):
        issue(pool.key, [(person("Anna").pk, "a"), (person("Anna").pk, "b")], now=now)


def test_codes_made_here_are_given_once_the_shop_knows_them(pool: Pool, person: Person, now: datetime) -> None:
    coupons.generate(pool, 500, now=now, by=None)
    made = set(Coupon.objects.values_list("code", flat=True))
    assert len(made) == 500
    assert set("".join(made)) <= set("BCDFGHJKMNPQRSTVWXZ23456789")
    assert issue(pool.key, [(person("Anna").pk, "a")], now=now) == {}
    up_to = standings(now=now)[0].waiting_to
    told = list(waiting(pool, up_to=up_to))
    coupons.generate(pool, 5, now=now, by=None)
    assert coupons.confirm(pool, up_to=up_to, now=now, by=None) == 500
    assert issue(pool.key, [(person("Anna").pk, "a")], now=now)[person("Anna").pk].code in told
    assert standings(now=now)[0].waiting == 5


def test_a_code_comes_back_with_the_first_order_that_names_it(
    pool: Pool, person: Person, buy: Buy, now: datetime
) -> None:
    coupons.load(pool, ["TEE-1", "TEE-2"], now=now, by=None)
    issue(pool.key, [(person("Anna").pk, "a")], now=now)
    issue(pool.key, [(person("Ben").pk, "a")], now=now)
    buy("Anna", [], coupon="TEE-1", at=now - timedelta(hours=1))  # before it was given: not this code's doing
    buy("Anna", [], coupon="tee-1 ", at=now + timedelta(hours=2), cancelled=True)
    first = buy("Anna", [], coupon="tee-1", at=now + timedelta(days=1))
    buy("Anna", [], coupon="TEE-1", at=now + timedelta(days=2))
    schedule(now=now)
    run_due(now=now + timedelta(days=3))
    anna, ben = Coupon.objects.order_by("code")
    assert (anna.order_id, anna.redeemed_at, ben.order_id) == (first.pk, first.placed_at, None)
    assert coupons.redeem(now=now + timedelta(days=4)) == 0


@pytest.mark.parametrize("worth", [9, 51, 100])
def test_the_second_purchase_is_worth_ten_to_fifty_per_cent(worth: int, now: datetime) -> None:
    with pytest.raises(InputError, match="second purchase"):
        pools.judge(Terms("Second", "percent", worth, second_purchase=True))
    pools.judge(Terms("Anniversary", "percent", worth))


def test_two_thousand_customers_are_given_codes_in_sets(pool: Pool, now: datetime) -> None:
    coupons.load(pool, (f"TEE-{number}" for number in range(5000)), now=now, by=None)
    Customer.objects.bulk_create([Customer(origin=f"shop:{n}", known_since=now, changed_at=now) for n in range(2000)])
    rows = [(each.pk, "flow:1") for each in Customer.objects.only("pk")]
    with CaptureQueriesContext(connection) as asked:
        assert len(issue(pool.key, rows, now=now)) == 2000
    assert len(asked) < 50
