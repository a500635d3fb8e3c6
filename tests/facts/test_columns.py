"""Columns found by their headers, named by people, shown, saved and used again."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports import read
from stammkunde.errors import InputError, MappingError
from stammkunde.facts import Engine, Mapping
from stammkunde.facts.columns import FIELDS, NET, ORDER_TOTALS, UNIT_COSTS, plain

EXPORTS = {
    "a German shop": (
        "Bestellnr.;Kundennummer;Bestelldatum;Gesamtbetrag;Währung;Versandkosten;MwSt.;Land;Gutscheincode",
        {
            "customer": "Kundennummer",
            "date": "Bestelldatum",
            "amount": "Gesamtbetrag",
            "order": "Bestellnr.",
            "currency": "Währung",
            "tax": "MwSt.",
            "shipping_charged": "Versandkosten",
            "country": "Land",
            "coupon": "Gutscheincode",
        },
    ),
    "German lines": (
        "Auftrags-Nr.;Kd.-Nr.;Datum;Artikelnummer;Menge;Einzelpreis;Einkaufspreis;Rabatt",
        {
            "customer": "Kd.-Nr.",
            "date": "Datum",
            "order": "Auftrags-Nr.",
            "quantity": "Menge",
            "price": "Einzelpreis",
            "product": "Artikelnummer",
            "discount": "Rabatt",
            "cost": "Einkaufspreis",
        },
    ),
    "Online Retail": (
        "InvoiceNo;StockCode;Description;Quantity;InvoiceDate;UnitPrice;CustomerID;Country",
        {
            "customer": "CustomerID",
            "date": "InvoiceDate",
            "order": "InvoiceNo",
            "quantity": "Quantity",
            "price": "UnitPrice",
            "product": "StockCode",
            "country": "Country",
        },
    ),
    "Shopify": (
        (
            "Name;Email;Financial Status;Paid at;Fulfillment Status;Currency;Subtotal;Shipping;Taxes;Total;"
            "Discount Code;Discount Amount;Created at;Lineitem quantity;Lineitem name;Lineitem price;Lineitem sku;"
            "Billing Name;Billing Country;Refunded Amount;Vendor;Id;Tags;Source"
        ),
        {
            "customer": None,
            "email": "Email",
            "date": "Created at",
            "amount": "Total",
            "order": "Name",
            "quantity": "Lineitem quantity",
            "price": "Lineitem price",
            "product": "Lineitem sku",
            "currency": "Currency",
            "status": "Financial Status",
            "discount": "Discount Amount",
            "tax": "Taxes",
            "shipping_charged": "Shipping",
            "refund": "Refunded Amount",
            "channel": "Source",
            "country": "Billing Country",
            "coupon": "Discount Code",
        },
    ),
    "WooCommerce": (
        (
            "Order Number;Order Status;Order Date;Customer User ID;Email (Billing);Order Total Amount;"
            "Order Refund Amount;Order Shipping Amount;SKU;Item Name;Quantity;Item Cost"
        ),
        {
            "customer": "Customer User ID",
            "email": "Email (Billing)",
            "date": "Order Date",
            "amount": "Order Total Amount",
            "order": "Order Number",
            "quantity": "Quantity",
            "price": "Item Cost",
            "product": "SKU",
            "status": "Order Status",
            "shipping_charged": "Order Shipping Amount",
            "refund": "Order Refund Amount",
        },
    ),
    "Magento": (
        "ID;Purchase Point;Purchase Date;Bill-to Name;Grand Total (Base);Grand Total (Purchased);Status;Customer Email",
        {
            "email": "Customer Email",
            "date": "Purchase Date",
            "amount": "Grand Total (Purchased)",
            "status": "Status",
        },
    ),
    "Shopware": (
        "orderNumber;orderDateTime;amountTotal;amountNet;orderCustomer.customerNumber;orderCustomer.email",
        {
            "customer": "orderCustomer.customerNumber",
            "email": "orderCustomer.email",
            "date": "orderDateTime",
            "amount": "amountTotal",
            "order": "orderNumber",
        },
    ),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_the_headers_of_exports_are_known(name: str) -> None:
    headers, wanted = EXPORTS[name]
    found = Mapping.detect(headers.split(";"))
    assert found.columns == {field: column for field, column in wanted.items() if column}


def test_no_header_stands_for_two_fields() -> None:
    aliases = [alias for field in FIELDS.values() for alias in field.aliases]
    assert len(aliases) == len(set(aliases))
    assert [alias for alias in aliases if alias != plain(alias)] == []
    assert (ORDER_TOTALS | NET).issubset(FIELDS["amount"].aliases)
    assert UNIT_COSTS.issubset(FIELDS["cost"].aliases)


def test_the_mapping_is_shown_field_by_field() -> None:
    shown = str(Mapping.detect(["Kunde", "Datum", "Betrag"]))
    assert shown == "customer  <- Kunde\ndate      <- Datum\namount    <- Betrag"


def test_quantity_and_price_need_no_amount_but_a_named_amount_wins() -> None:
    headers = ["customer", "date", "quantity", "price", "amount"]
    assert Mapping.detect(headers, {"quantity": "quantity", "price": "price"}).columns.keys() == {
        "customer",
        "date",
        "quantity",
        "price",
    }
    assert Mapping.detect(headers)["amount"] == "amount"


def test_columns_that_would_do_as_well_are_told(duckdb: Engine, tmp_path: Path) -> None:
    text = "customer,order date,invoice date,total,subtotal\nAnna,2024-01-03,2024-01-05,11,10\n"
    orders = read(tmp_path, text, duckdb)
    assert "date was read from 'order date'; 'invoice date' would do as well." in orders.warnings
    assert "amount was read from 'total'; 'subtotal' would do as well." in orders.warnings


@pytest.mark.parametrize(
    ("headers", "lacking"),
    [
        (["date", "amount"], "customer"),
        (["customer", "amount"], "date"),
        (["customer", "date", "price"], "amount (or quantity and price)"),
        ([], "customer, date, amount"),
    ],
)
def test_what_was_not_found_is_told_with_the_columns_there_are(headers: list[str], lacking: str) -> None:
    with pytest.raises(MappingError) as refusal:
        Mapping.detect(headers)
    assert f"No column was found for {lacking}" in str(refusal.value)
    assert all(repr(header) in str(refusal.value) for header in headers)


def test_a_named_column_may_be_spelt_freely_but_has_to_be_there(duckdb: Engine, tmp_path: Path) -> None:
    text = "Wer?,wann,Brutto €\nAnna,2024-01-03,10\n"
    assert read(tmp_path, text, duckdb, customer="wer", date="WANN", amount="brutto").rejected == 0
    with pytest.raises(MappingError, match="There is no column 'who' for customer"):
        read(tmp_path, text, duckdb, customer="who", date="wann", amount="brutto")
    with pytest.raises(MappingError, match="'weight' is no field"):
        read(tmp_path, text, duckdb, columns={"weight": "wann"})


def test_a_saved_mapping_is_used_again(duckdb: Engine, tmp_path: Path) -> None:
    text = "wer,wann,brutto,netto\nAnna,03/04/2024,119,100\n"
    named = {"customer": "wer", "date": "wann", "amount": "netto"}
    first = read(tmp_path, text, duckdb, **named, date_format="%d/%m/%Y")
    first.mapping.save(tmp_path / "laden.json")
    for mapping in (tmp_path / "laden.json", str(tmp_path / "laden.json"), first.mapping):
        again = read(tmp_path, text, duckdb, mapping=mapping)
        assert (again.mapping, again.totals, again.period) == (first.mapping, first.totals, first.period)
    assert read(tmp_path, text, duckdb, mapping=first.mapping, amount="brutto").totals["amount_accepted"] == 119.0


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"columns": 5}', '{"columns": {"amount": "x"}, "decimal": ";"}', '{"columns": null}']
)
def test_what_is_no_saved_mapping_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "laden.json").write_text(text)
    with pytest.raises(InputError, match=r"laden\.json: This is no saved mapping"):
        Mapping.load(tmp_path / "laden.json")


def test_a_mapping_that_is_not_there_is_refused(duckdb: Engine, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no saved mapping"):
        read(tmp_path, "customer,date,amount\nAnna,2024-01-03,10\n", duckdb, mapping="nowhere.json")


@given(st.lists(st.one_of(st.text(max_size=12), st.sampled_from([a for f in FIELDS.values() for a in f.aliases]))))
def test_any_headers_give_a_mapping_to_themselves_or_advice(headers: list[str]) -> None:
    try:
        found = Mapping.detect(headers)
    except MappingError:
        return
    assert set(found.columns.values()) <= set(headers)
    kept = json.loads(json.dumps(found.columns))
    assert Mapping.detect(headers, kept).columns == found.columns
