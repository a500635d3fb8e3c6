"""Pages and API of pools."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from server.offers.conftest import Buy
from stammkunde.server.accounts.actions import make_key
from stammkunde.server.accounts.models import Entry
from stammkunde.server.accounts.roles import Right
from stammkunde.server.offers.actions import counting, coupons
from stammkunde.server.offers.models import Coupon, Pool
from stammkunde.server.shop.models import Customer

pytestmark = pytest.mark.django_db
NEW = {
    "name": "Zweite Bestellung", "key": "zweite", "source": "uploaded", "kind": "percent", "worth": "20",
    "second_purchase": "on", "valid_days": "30", "alarm_below": "10", "active": "on", "minimum_order": "40,00",
    "last_day": "2026-12-31",
}  # fmt: skip


@pytest.fixture
def marketing(as_role: Callable[[str], Client]) -> Client:
    """A browser of somebody who writes mails."""
    return as_role("marketing")


def test_without_pools_the_page_says_what_one_is(marketing: Client) -> None:
    page = marketing.get("/offers/").content.decode()
    assert "No pool of coupons yet" in page
    assert "/offers/pools/new" in page


def test_a_pool_is_made_filled_and_changed(marketing: Client) -> None:
    said = NEW | {"minimum_order": "40.00"}
    where = marketing.post("/offers/pools/new", said).headers["Location"]
    pool = Pool.objects.get()
    assert (pool.worth, pool.minimum_order, str(pool.ends_at)) == (20, 4000, "2026-12-31 23:00:00+00:00")
    file = SimpleUploadedFile("codes.csv", b"code\nTEE-1\nTEE-2\nTEE 3\n")
    page = marketing.post(f"{where}upload", {"file": file}).content.decode()
    assert "2 codes came in" in page
    assert "TEE 3" in page
    marketing.post(f"{where}change", said | {"worth": "25"})
    assert Pool.objects.get().worth == 25
    assert Entry.objects.get(verb="changed", subject="pool").change["to"]["worth"] == 25


def test_sixty_per_cent_for_the_second_purchase_are_refused_with_the_reason(marketing: Client) -> None:
    page = marketing.post("/offers/pools/new", NEW | {"worth": "60", "minimum_order": ""}).content.decode()
    assert "10 to 50 per cent" in page
    assert not Pool.objects.exists()


def test_codes_made_here_leave_as_a_file_and_are_confirmed(marketing: Client, pool: Pool) -> None:
    Pool.objects.update(source="generated")
    where = f"/offers/pools/{pool.pk}/"
    marketing.post(f"{where}generate", {"number": "12"})
    last = Coupon.objects.order_by("-pk")[0].pk
    answer = marketing.post(f"{where}codes.csv", {"up_to": last})
    assert len(b"".join(answer.streaming_content).splitlines()) == 13  # type: ignore[attr-defined]
    marketing.post(f"{where}confirm", {"up_to": last})
    assert Coupon.objects.filter(ready=True).count() == 12


def test_readers_see_the_numbers_and_no_form(as_role: Callable[[str], Client], pool: Pool, now: datetime) -> None:
    coupons.load(pool, ["TEE-1"], now=now, by=None)
    reader = as_role("reader")
    page = reader.get(f"/offers/pools/{pool.pk}/").content.decode()
    assert "Only 1 codes are left." in page
    assert 'action="/offers' not in page
    assert reader.post(f"/offers/pools/{pool.pk}/upload", {"lines": "A-1"}).status_code == 403


def test_the_page_speaks_german(marketing: Client, pool: Pool) -> None:
    page = marketing.get(f"/offers/pools/{pool.pk}/", headers={"Accept-Language": "de"}).content.decode()
    assert "Kein Code ist übrig" in page


def test_a_program_makes_fills_and_asks(now: datetime, buy: Buy) -> None:
    key = make_key(name="Shop", scopes=[Right.SEE, Right.MESSAGES], now=now, by=None)
    ask = Client(headers={"Authorization": f"Bearer {key}"})
    body = {"key": "p", "name": "P", "kind": "amount", "worth": 500}
    made = ask.post("/api/v1/coupon-pools", body, content_type="application/json").json()
    assert made["alarm"] == "empty"
    again = ask.post("/api/v1/coupon-pools", body, content_type="application/json")
    assert again.status_code == 422
    told = ask.post(
        f"/api/v1/coupon-pools/{made['id']}/codes", {"codes": ["A-1", "?"]}, content_type="application/json"
    )
    assert (told.json()["codes"], len(told.json()["rejects"])) == (1, 1)
    buy("Anna", ["Sencha"], at=now - timedelta(days=1))
    counting.count(now=now)
    anna = Customer.objects.get(name="Anna").pk
    assert ask.get(f"/api/v1/customers/{anna}/picks?pick=popular").json()[0]["sku"] == "Sencha"
