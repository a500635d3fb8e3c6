"""Magento's orders as they count: rows with a price once, VAT inside, in the currency the books are kept in."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from server.shop.sources.case import Told
from server.shop.sources.case_magento import CASE
from stammkunde.server.shop.facts import LineFact, OrderFact, ParcelFact, RefundFact
from stammkunde.server.shop.sources.base import parsed
from stammkunde.server.shop.sources.magento_orders import credit_memo, customer, order, shipment
from stammkunde.server.shop.sources.payloads import Node, PayloadError

PARENTS = {6: 5, 7: 5, 8: 5, 9: 5, 11: 10}  # of the vendor's example: a kit priced by its parts, a hoodie in a size


def sold(told: dict[str, Any]) -> OrderFact:
    (found,) = order(Node(parsed(json.dumps(told, default=str))))
    assert isinstance(found, OrderFact)
    return found


def an_order(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return CASE.order(Told()) | ({"items": list(items)} if items else {}) | more


def item(key: int, row: str, **more: Any) -> dict[str, Any]:
    """A row; amounts of `more` are in the base currency."""
    base = {f"base_{name}": value for name, value in more.items() if name not in PLAIN}
    return {"item_id": key, "product_id": 100 + key, "sku": f"S{key}", "name": "Tee", "qty_ordered": 1,
            "base_price": row, "base_row_total": row, "base_row_total_incl_tax": row, "base_tax_amount": 0,
            **{name: value for name, value in more.items() if name in PLAIN}, **base}  # fmt: skip


PLAIN = {"parent_item_id", "qty_ordered", "qty_canceled", "product_type"}


def test_a_configurable_article_counts_once_and_costs_what_its_variant_costs() -> None:
    rows = item(1, "52.0000", qty_ordered=2), item(2, "0", parent_item_id=1, cost="20.00", qty_ordered=2)
    (line,) = sold(an_order(*rows)).lines
    assert (line.external_id, line.quantity, line.total, line.price, line.cost) == ("1", 2, 5200, 2600, 4000)
    assert (line.product_id, line.variant_id) == ("101", "102")


def test_a_bundle_counts_by_whichever_has_the_price() -> None:
    parts = item(2, "27.00", parent_item_id=1), item(3, "41.00", parent_item_id=1)
    assert [line.external_id for line in sold(an_order(item(1, "68.00"), *parts)).lines] == ["2", "3"]
    free = item(2, "0", parent_item_id=1, cost="5.00"), item(3, "0", parent_item_id=1, cost="6.00", qty_ordered=2)
    (line,) = sold(an_order(item(1, "68.00"), *free)).lines
    assert (line.external_id, line.total, line.cost) == ("1", 6800, 1700)


@pytest.mark.parametrize(
    "taxed",
    [
        {"discount_amount": "10.00", "tax_amount": "17.10", "discount_tax_compensation_amount": "0"},  # prices without
        {"discount_amount": "11.90", "tax_amount": "17.10", "discount_tax_compensation_amount": "1.90"},  # with VAT
    ],
)
def test_vat_is_inside_however_the_shop_shows_prices(taxed: dict[str, str]) -> None:
    row = item(1, "100.00", **taxed) | {"base_row_total_incl_tax": "119.00"}
    more = {"base_grand_total": "112.00", "base_tax_amount": "17.88", "base_shipping_amount": "4.12",
            "base_shipping_tax_amount": "0.78", "base_discount_amount": f"-{taxed['discount_amount']}"}  # fmt: skip
    found = sold(an_order(row, **more))
    assert (found.gross, found.discount, found.shipping, found.total, found.tax) == (11900, 1190, 490, 11200, 1788)
    assert found.lines == (
        LineFact("1", 1, 11900, 10710, 1190, tax=1710, sku="S1", title="Tee", product_id="101", variant_id="101"),
    )


def test_amounts_are_those_of_the_books() -> None:
    found = sold(an_order(order_currency_code="USD", grand_total="35.00"))
    assert (found.currency, found.total) == ("EUR", 2990)
    bare = {"entity_id": 1, "created_at": "2026-03-01 08:00:00", "order_currency_code": "CHF", "grand_total": "3.00"}
    assert (sold(bare).currency, sold(bare).total) == ("CHF", 300)


@pytest.mark.parametrize(
    ("state", "paid", "is_paid"),
    [
        ("new", 0, False),
        ("pending_payment", 0, False),
        ("payment_review", 0, False),
        ("holded", None, False),
        ("processing", 0, False),
        ("processing", "10.00", False),
        ("processing", "29.9000", True),
        ("closed", "29.90", True),
    ],
)
def test_paid_is_what_was_paid(state: str, paid: Any, is_paid: bool) -> None:
    found = sold(an_order(state=state, base_total_paid=paid))
    assert (found.paid_at is not None) is is_paid
    assert found.cancelled_at is None


def test_what_costs_nothing_is_paid_when_it_goes_on() -> None:
    free = {"base_grand_total": 0, "base_shipping_amount": 0, "base_total_paid": None}
    assert sold(an_order(**free, state="processing")).paid_at is not None
    assert sold(an_order(**free, state="new")).paid_at is None


def test_what_was_cancelled_of_an_order_is_no_part_of_it() -> None:
    rows = item(1, "20.00", qty_ordered=4, qty_canceled=1), item(2, "5.00", qty_canceled=1)
    found = sold(an_order(*rows, base_total_canceled="10.00", base_shipping_amount="4.90"))
    assert [(line.external_id, line.quantity, line.total) for line in found.lines] == [("1", 3, 1500)]
    assert (found.total, found.gross) == (1990, 1500)


def test_a_cancelled_order_keeps_its_amounts() -> None:
    found = sold(an_order(item(1, "25.00", qty_canceled=1), state="canceled", base_total_canceled="29.90"))
    assert (found.total, len(found.lines)) == (2990, 1)
    assert found.cancelled_at is not None


MEMO = {"entity_id": 5, "order_id": 1001, "created_at": "2026-03-03 09:00:00", "updated_at": "2026-03-03 09:00:00",
        "base_currency_code": "EUR", "base_grand_total": "12.5000", "base_tax_amount": "2.0000", "state": 2,
        "comments": [{"comment": "broken"}],
        "items": [{"order_item_id": 1, "qty": "1.0000"}, {"order_item_id": 2, "qty": 0}]}  # fmt: skip


def test_credit_memos_are_refunds_with_their_pieces() -> None:
    (found,) = credit_memo(Node(MEMO))
    assert found == RefundFact(
        "5", "1001", datetime(2026, 3, 3, 9, tzinfo=UTC), 1250, "EUR", tax=200, version=found.version,  # type: ignore[union-attr]
        reason="broken", returned=(("1", 1),),
    )  # fmt: skip


def test_a_cancelled_credit_memo_gives_nothing_back() -> None:
    (found,) = credit_memo(Node(MEMO | {"state": 3}))
    assert isinstance(found, RefundFact)
    assert (found.amount, found.returned) == (0, ())


def test_shipments_are_parcels() -> None:
    tracks = [{"track_number": "JD1", "title": "DHL"}, {"track_number": "JD2"}]
    (found,) = shipment(Node({"entity_id": 3, "order_id": 1001, "created_at": "2026-03-02 08:00:00", "tracks": tracks}))
    assert isinstance(found, ParcelFact)
    assert (found.order_id, found.carrier, found.tracking, found.state) == ("1001", "DHL", "JD1, JD2", "shipped")


@pytest.mark.parametrize("bad", [{"base_grand_total": "much"}, {"created_at": None}, {"items": 7}, {"entity_id": None}])
def test_nonsense_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(PayloadError):
        order(Node(an_order(**bad)))


def vendor(shared_data: Path, name: str) -> dict[str, Any]:
    """An example of the vendor: an invoice, whose rows are written as an order's are."""
    path = shared_data / "shop_payloads/magento2/rest" / name
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    rows = [
        each | {"item_id": each["order_item_id"], "qty_ordered": each["qty"],
                "parent_item_id": PARENTS.get(each["order_item_id"]) if "create-invoice_1" in f"order-{name}" else None}
        for each in found["items"]
    ]  # fmt: skip
    return found | {"items": rows}


def test_the_vendors_order_of_all_types_adds_up(shared_data: Path) -> None:
    found = sold(vendor(shared_data, "order-create-invoice_1.json"))
    assert (found.gross, found.shipping, found.total, found.currency) == (16000, 500, 16500, "USD")
    assert sum(line.total for line in found.lines) == 16000
    assert [line.sku for line in found.lines][-1] == "MH01-S-Gray"
    assert len(found.lines) == 7  # of nine rows


def test_the_vendors_order_with_a_discount_adds_up(shared_data: Path) -> None:
    told = vendor(shared_data, "create-invoice_1.json")
    found = sold(told | {"items": [each | {"parent_item_id": None} for each in told["items"]]})
    assert (found.gross, found.discount, found.shipping, found.total) == (202200, 40440, 30000, 191760)
    assert sum(line.total for line in found.lines) == 202200 - 40440


def test_the_vendors_customer(shared_data: Path) -> None:
    path = shared_data / "shop_payloads/magento2/rest/order-create-customer_1.json"
    (found,) = customer(Node(json.loads(path.read_text(encoding="utf-8"))))
    assert (found.who.shop_id, found.who.name, found.who.country) == ("2", "Jane Doe", "US")  # type: ignore[union-attr]


def test_amounts_of_the_vendors_event_are_numbers_and_texts_alike(shared_data: Path) -> None:
    path = shared_data / "shop_payloads/magento2/events/nested-event_1.json"
    told = json.loads(path.read_text(encoding="utf-8"))["event"]["data"]["value"]
    rows = [each | {"item_id": each["order_item_id"], "qty_ordered": each["qty"]} for each in told["items"]]
    found = sold(told | {"items": rows})
    assert (found.total, [(line.quantity, line.price) for line in found.lines]) == (110000, [(3, 20000), (5, 10000)])
