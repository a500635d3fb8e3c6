"""plentymarkets: returns and credit notes are orders that point back, logins end, asking too often is waited for."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from server.shop.sources.apis import network
from server.shop.sources.case import MORNING, Told
from server.shop.sources.case_plenty import CASE, amount, item
from server.shop.sources.conftest import place_of
from stammkunde.server.shop.actions import take
from stammkunde.server.shop.facts import CustomerFact, Fact, OrderFact, ParcelFact, ProductFact, RefundFact
from stammkunde.server.shop.models import Order, OrderLine, Source
from stammkunde.server.shop.sources.base import Page, SourceError, parsed
from stammkunde.server.shop.sources.payloads import Node, PayloadError
from stammkunde.server.shop.sources.plenty import KIND
from stammkunde.server.shop.sources.plenty_orders import order

#: The example of the vendor's tutorial "Order data", shortened.
TUTORIAL: dict[str, Any] = {
    "id": 630, "typeId": 1, "plentyId": 1000, "statusId": 3, "createdAt": "2017-12-13T14:19:37+01:00",
    "updatedAt": "2017-12-13T14:19:37+01:00",
    "amounts": [{"isSystemCurrency": True, "isNet": False, "currency": "EUR", "exchangeRate": 1, "netTotal": 129.4,
                 "grossTotal": 153.99, "vatTotal": 24.59, "invoiceTotal": 153.99, "paidAmount": 0}],
    "properties": [{"typeId": 3, "value": "4"}, {"typeId": 4, "value": "unpaid"}],
    "dates": [{"typeId": 2, "date": "2017-12-13T14:19:37+01:00"}, {"typeId": 4, "date": "2017-12-13T14:19:37+01:00"}],
    "addressRelations": [{"typeId": 1, "addressId": 33}, {"typeId": 2, "addressId": 33}],
    "relations": [{"referenceType": "warehouse", "referenceId": 1, "relation": "sender"},
                  {"referenceType": "contact", "referenceId": 104, "relation": "receiver"}],
    "orderReferences": [],
    "orderItems": [
        {"id": 744, "typeId": 1, "itemVariationId": 1012, "quantity": 1, "orderItemName": "Design Sessel Black&White",
         "vatRate": 19, "references": [],
         "amounts": [{"isSystemCurrency": True, "currency": "EUR", "purchasePrice": 143.16, "priceOriginalGross": 149,
                      "priceOriginalNet": 125.2101, "priceGross": 149, "priceNet": 125.2101, "discount": 0}]},
        {"id": 0, "typeId": 6, "itemVariationId": 0, "quantity": 1, "orderItemName": "Shipping Costs", "vatRate": 19,
         "amounts": [{"currency": "EUR", "isSystemCurrency": True, "priceOriginalGross": 4.99,
                      "priceOriginalNet": 4.1933, "priceGross": 4.99, "priceNet": 4.1933}]},
    ],
}  # fmt: skip


def read(told: dict[str, Any]) -> list[Fact]:
    return order(Node(parsed(json.dumps(told, default=str))))


def sold(told: dict[str, Any]) -> OrderFact:
    return next(fact for fact in read(told) if isinstance(fact, OrderFact))


def given_back(told: dict[str, Any]) -> RefundFact:
    (found,) = read(told)
    assert isinstance(found, RefundFact)
    return found


def an_order(**more: Any) -> dict[str, Any]:
    return CASE.order(Told()) | more


def test_the_order_of_the_vendors_tutorial() -> None:
    found = sold(TUTORIAL)
    assert (found.gross, found.shipping, found.total, found.tax, found.currency) == (14900, 499, 15399, 2459, "EUR")
    (line,) = found.lines
    assert (line.external_id, line.variant_id, line.total, line.cost, line.tax) == ("744", "1012", 14900, 14316, 2379)
    assert found.who.shop_id == "104"
    assert found.paid_at is None
    assert found.placed_at == datetime(2017, 12, 13, 13, 19, 37, tzinfo=UTC)


def test_discounts_and_coupons() -> None:
    reduced = item(1, 1, Decimal("18.00"), quantity=2)
    reduced["amounts"][0] |= {"priceOriginalGross": "20.00", "discount": 10, "isPercentage": True}
    items = [reduced, item(2, 4, Decimal("-3.60"), name="TEE10"), item(3, 6, Decimal("4.90"))]
    found = sold(an_order(orderItems=items, amounts=[amount(Decimal("37.30"))]))
    assert (found.gross, found.discount, found.shipping, found.total, found.coupon) == (4000, 760, 490, 3730, "TEE10")
    assert [(line.price, line.discount, line.total) for line in found.lines] == [(2000, 760, 3240)]


def test_amounts_are_those_of_the_system() -> None:
    dollars = amount(Decimal("35.00"), currency="USD") | {"isSystemCurrency": False}
    found = sold(an_order(amounts=[dollars, amount(Decimal("29.90"))]))
    assert (found.currency, found.total) == ("EUR", 2990)


def test_a_net_order_has_no_vat() -> None:
    net = amount(Decimal("35.58"), vat="5.68") | {"isNet": True, "invoiceTotal": "29.90"}
    sessel = item(1, 1, Decimal("29.75"), vatRate=19)
    sessel["amounts"][0] |= {"priceNet": "25.00", "priceOriginalNet": "25.00"}
    found = sold(an_order(amounts=[net], orderItems=[sessel]))
    assert (found.total, found.tax, found.lines[0].total, found.lines[0].tax) == (2990, 0, 2500, 0)


def test_bundles_and_sets_count_once() -> None:
    def part(key: int, kind: int, gross: str, of: str) -> dict[str, Any]:
        return item(key, kind, Decimal(gross), references=[{"referenceType": of, "referenceOrderItemId": 1}])

    bundle = [item(1, 2, Decimal("25.00")), part(2, 3, "0", "bundle"), part(3, 3, "0", "bundle")]
    assert [line.external_id for line in sold(an_order(orderItems=bundle)).lines] == ["1"]
    parts = [item(1, 13, Decimal("25.00")), part(2, 14, "10.00", "set"), part(3, 14, "15.00", "set")]
    assert [line.external_id for line in sold(an_order(orderItems=parts)).lines] == ["2", "3"]


@pytest.mark.parametrize(
    ("status", "cancelled"), [(1, False), (3.0, False), (5.0, False), (7, False), (8.0, True), (8.1, True), (9, False)]
)
def test_status_eight_and_its_kind_are_cancelled(status: float, cancelled: bool) -> None:
    assert (sold(an_order(statusId=status)).cancelled_at is not None) is cancelled


def test_a_deleted_order_is_cancelled() -> None:
    assert sold(an_order(dates=[{"typeId": 1, "date": MORNING.isoformat()}])).cancelled_at == MORNING


@pytest.mark.parametrize(
    ("more", "paid"),
    [
        ({"dates": [], "properties": [{"typeId": 4, "value": "unpaid"}]}, False),
        ({"dates": [], "properties": [{"typeId": 4, "value": "partlyPaid"}]}, False),
        ({"dates": [], "properties": [{"typeId": 4, "value": "overpaid"}]}, True),
        ({"dates": [], "properties": [], "amounts": [amount(Decimal("29.90"), paidAmount="29.90")]}, True),
    ],
)
def test_paid_is_what_was_paid(more: dict[str, Any], paid: bool) -> None:
    assert (sold(an_order(**more)).paid_at is not None) is paid


@pytest.mark.parametrize("kind", [2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
def test_other_types_say_nothing(kind: int) -> None:
    assert read(an_order(typeId=kind)) == []


def back(key: int, kind: int, total: str, *, origin: int = 1001, parent: int = 1001, **more: Any) -> dict[str, Any]:
    """A return or credit note of one piece of the first item of an order."""
    piece = item(900 + key, 1, Decimal(total), references=[{"referenceType": "parent", "referenceOrderItemId": 744}])
    told = [{"referenceType": "parent", "originOrderId": origin, "referenceOrderId": parent}]
    return an_order(id=key, typeId=kind, orderItems=[piece], orderReferences=told,
                    amounts=[amount(Decimal(total), vat="3.99", **more)], dates=[], statusId=11.0)  # fmt: skip


def test_a_credit_note_of_a_sale_is_its_refund() -> None:
    found = given_back(back(203, 4, "25.00"))
    assert (found.external_id, found.order_id, found.amount, found.tax) == ("203", "1001", 2500, 399)
    assert found.returned == (("744", 1),)


def test_a_return_and_its_credit_note_count_once() -> None:
    returned, credited = given_back(back(202, 3, "25.00")), given_back(back(203, 4, "25.00", parent=202))
    assert (returned.amount, returned.returned, returned.order_id) == (0, (("744", 1),), "1001")
    assert (credited.amount, credited.returned, credited.order_id) == (2500, (), "1001")


def test_what_was_paid_out_on_a_return_is_given_back() -> None:
    assert given_back(back(202, 3, "25.00", paidAmount="-25.00")).amount == 2500


def test_a_cancelled_credit_note_gives_nothing_back() -> None:
    found = given_back(back(203, 4, "25.00") | {"statusId": 8.0})
    assert (found.amount, found.returned) == (0, ())


@pytest.mark.django_db
def test_they_meet_in_the_record_in_any_order(place: Source, now: datetime) -> None:
    take(place, [*read(back(203, 4, "25.00", parent=202)), *read(back(202, 3, "25.00"))], now=now)
    take(place, read(an_order()), now=now)
    assert Order.objects.get().refunded == 2500
    assert OrderLine.objects.get(external_id="744").returned == 1


def test_packages() -> None:
    told = an_order(shippingPackages=[{"id": 1, "packageNumber": "JD1"}, {"id": 2, "packageNumber": ""}])
    (parcel,) = (fact for fact in read(told) if isinstance(fact, ParcelFact))
    assert (parcel.order_id, parcel.tracking) == ("1001", "JD1")


@pytest.mark.parametrize("bad", [{"amounts": []}, {"typeId": None}, {"createdAt": "gestern"}, {"orderItems": 7}])
def test_nonsense_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(PayloadError):
        read(an_order(**bad))


class System:
    """A system that lets few in, for a while, and not too often."""

    def __init__(self, orders: list[dict[str, Any]], *, lives: int = 10**9) -> None:
        self.orders, self.lives, self.left, self.logins, self.busy = orders, lives, 0, 0, 0
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/rest/")
        if path == "login":
            told = json.loads(request.content)
            if told != {"username": "api", "password": "p"}:
                return httpx.Response(401, json={"error": "invalid_credentials"})
            self.logins, self.left = self.logins + 1, self.lives
            return httpx.Response(
                200, json={"token_type": "Bearer", "expires_in": 86400, "access_token": f"t{self.logins}"}
            )
        if self.busy:
            self.busy -= 1
            return httpx.Response(429, headers={"Retry-After": "11"}, json={"error": "too_many_concurrent_sessions"})
        if request.headers["authorization"] != f"Bearer t{self.logins}" or not self.left:
            return httpx.Response(401, json={"error": "access_denied"})
        self.left -= 1
        self.asked.append(request)
        return self.answer(path, request.url.params)

    def answer(self, path: str, params: httpx.QueryParams) -> httpx.Response:
        if path == "orders/shipping/countries":
            return httpx.Response(200, json=[{"id": 1, "isoCode2": "DE"}, {"id": 2, "isoCode2": "AT"}])
        if path == "orders/referrers":
            return httpx.Response(200, json=[{"id": 4, "backendName": "Amazon"}, {"id": "2.06", "name": "eBay"}])
        found: list[dict[str, Any]] = []
        if path == "orders":
            since = datetime.fromisoformat(params.get("updatedAtFrom", "2000-01-01T00:00:00+00:00"))
            found = [each for each in self.orders if datetime.fromisoformat(each["updatedAt"]) >= since]
        if path == "accounts/contacts":
            found = [{"id": 104, "typeId": 1, "email": "clara@example.com", "firstName": "Clara", "lastName": "Cho",
                      "createdAt": "2026-01-01T00:00:00+01:00", "lang": "de"},
                     {"id": 105, "typeId": 4, "createdAt": "2026-01-01T00:00:00+01:00"}]  # fmt: skip
        if path == "items/variations":
            found = [{"id": 1012, "number": "TEE", "purchasePrice": 4.25, "isActive": True, "stock": [{"netStock": 3}],
                      "updatedAt": "2026-01-01T00:00:00+01:00",
                      "item": {"texts": [{"lang": "de", "name1": "Teekanne"}]}}]  # fmt: skip
        page, size = int(params["page"]), int(params["itemsPerPage"])
        last = max(-(-len(found) // size), 1)
        body = {"page": page, "totalsCount": len(found), "isLastPage": page >= last, "lastPageNumber": last,
                "entries": found[(page - 1) * size : page * size]}  # fmt: skip
        return httpx.Response(200, content=json.dumps(body, default=str))


def orders(many: int) -> list[dict[str, Any]]:
    moments = ((n, MORNING + timedelta(minutes=n)) for n in range(1, many + 1))
    found = (CASE.order(replace(Told(), key=str(n), placed=at, changed=at)) for n, at in moments)
    return [{name: value for name, value in each.items() if name != "countries"} for each in found]


@pytest.fixture
def place(db: None, now: datetime) -> Source:
    """A system with all that it asks for."""
    del db
    return place_of(CASE, now)


def pages(
    place: Source, system: System, since: datetime | None = None, waited: list[float] | None = None
) -> list[Page]:
    with network(system, waited) as client:
        return list(KIND.pull(place, since, client))


def found_in(told: list[Page]) -> list[Fact]:
    return [fact for page in told for fact in page.facts]


@pytest.mark.parametrize("many", [0, 1, 250, 251, 600])
def test_every_page_is_read_and_none_too_many(place: Source, many: int) -> None:
    system = System(orders(many))
    found = [fact for fact in found_in(pages(place, system)) if isinstance(fact, OrderFact)]
    assert [fact.external_id for fact in found] == [str(n) for n in range(1, many + 1)]
    assert len([r for r in system.asked if r.url.path == "/rest/orders"]) == max(-(-many // 250), 1)
    assert system.logins == 1


def test_numbers_get_their_names(place: Source) -> None:
    told = [each | {"referrerId": 4.01} for each in orders(1)]
    told[0]["addresses"][0]["countryId"] = 2
    (found,) = (fact for fact in found_in(pages(place, System(told))) if isinstance(fact, OrderFact))
    assert (found.channel, found.country, found.who.country) == ("Amazon", "AT", "AT")


def test_only_what_changed_is_asked_for(place: Source) -> None:
    since = MORNING + timedelta(minutes=7)
    found = found_in(pages(place, System(orders(9)), since))
    assert [fact.external_id for fact in found if isinstance(fact, OrderFact)] == ["7", "8", "9"]


def test_a_login_that_ended_is_renewed(place: Source) -> None:
    system = System(orders(900), lives=5)
    assert len([fact for fact in found_in(pages(place, system)) if isinstance(fact, OrderFact)]) == 900
    assert system.logins == 2


def test_asking_too_often_is_waited_for_as_it_says(place: Source) -> None:
    system, waited = System(orders(1)), list[float]()
    system.busy = 2
    assert found_in(pages(place, system, waited=waited))
    assert sum(waited) == 22


def test_a_wrong_password_is_tried_once(place: Source) -> None:
    place.options = {**place.options, "user": "somebody"}
    with pytest.raises(SourceError, match="401"):
        pages(place, System([]))


def test_contacts_and_variations(place: Source) -> None:
    found = found_in(pages(place, System([])))
    (clara,) = (fact for fact in found if isinstance(fact, CustomerFact))
    (product,) = (fact for fact in found if isinstance(fact, ProductFact))
    variant = product.variants[0]
    assert (clara.who.shop_id, clara.who.email, clara.who.name) == ("104", "clara@example.com", "Clara Cho")
    assert (product.title, variant.external_id, variant.sku, variant.cost, variant.stock) == (
        "Teekanne", "1012", "TEE", 425, 3,
    )  # fmt: skip


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b"{}", b'{"access_token": "t", "entries": 5}'])
def test_an_answer_that_is_no_api_is_told(place: Source, answer: bytes) -> None:
    with network(lambda _request: httpx.Response(200, content=answer)) as client, pytest.raises(SourceError):
        list(KIND.pull(place, None, client))
