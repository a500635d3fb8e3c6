"""Which column is what: fields of an order, the German and English headers they come under, and the mapping of both.

An example::

    mapping = Mapping.detect(["Bestellnr.", "Kundennummer", "Bestelldatum", "Gesamtbetrag"])
    mapping.save("shop.json")
    read_orders("next_month.csv", mapping="shop.json")
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from stammkunde.errors import InputError, MappingError

Kind = Literal["text", "date", "number"]


@dataclass(frozen=True)
class Field:
    """A field of an order: its kind, and headers it is known under, the likeliest first (letters and digits only)."""

    kind: Kind
    aliases: tuple[str, ...]


def _field(kind: Kind, aliases: str) -> Field:
    return Field(kind, tuple(aliases.split()))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FIELDS: dict[str, Field] = {
    "customer": _field(
        "text",
        "customerid customernumber customerno customernr customer custid custno cust clientid clientnumber client"
        " kundennummer kundennr kundenid kundeid kdnr kunde debitornr debitorennummer debitor userid user buyerid buyer"
        " customeruserid customeruser ordercustomercustomernumber memberid member householdid householdkey"
        " household accountid visitorid personid shopperid",
    ),
    "email": _field(
        "text",
        "email emailaddress customeremail billingemail buyeremail mail emailadresse mailadresse emailbilling"
        " ordercustomeremail",
    ),
    "date": _field(
        "date",
        "orderdate orderdatetime purchasedate invoicedate createdat orderedat purchasedat processedat paidat"
        " datecreated transactiondate transactiontimestamp saledate date day datetime timestamp time bestelldatum"
        " auftragsdatum rechnungsdatum kaufdatum belegdatum verkaufsdatum bestelltam datum zeitpunkt tag",
    ),
    "amount": _field(
        "number",
        "amount totalamount orderamount total ordertotal totalprice grandtotal ordervalue orderprice totalpaid"
        " purchaseamount invoiceamount transactionamount lineamount linetotal amountpaid revenue sales salesvalue"
        " ordertotalamount grandtotalpurchased grandtotalbase amounttotal salesamount spend spent value"
        " gesamtbetrag gesamtsumme bestellsumme bestellwert auftragswert auftragssumme"
        " rechnungsbetrag rechnungssumme endbetrag bruttobetrag betrag summe umsatz warenwert kaufbetrag gesamt"
        " gesamtbetragbrutto gesamtpreis positionswert zeilensumme monetaryvalue"
        " netsales netamount nettobetrag netto nettoumsatz amountnet nettosumme subtotal zwischensumme",
    ),
    "order": _field(
        "text",
        "orderid ordernumber orderno ordernr order invoiceno invoicenumber invoiceid invoice transactionid basketid"
        " receiptid receiptnumber bestellnummer bestellnr bestellid bestellung auftragsnummer auftragsnr auftrag"
        " rechnungsnummer rechnungsnr rechnung belegnummer belegnr bonnummer vorgang",
    ),
    "quantity": _field(
        "number", "quantity qty lineitemquantity itemquantity units pieces cds menge anzahl stueckzahl stueck stk"
    ),
    "price": _field(
        "number",
        "unitprice price lineitemprice itemprice itemcost priceperunit preis einzelpreis stueckpreis preisprostueck vk",
    ),
    "product": _field(
        "text",
        "productid sku stockcode itemid articleid articlenumber lineitemsku product item article lineitemname"
        " productname artikelnummer artikelnr artikelid artikel produktnummer produktid produkt warengruppe",
    ),
    "currency": _field("text", "currency currencycode ordercurrency waehrung waehrungscode whg"),
    "status": _field(
        "text",
        "orderstatus financialstatus paymentstatus status state bestellstatus auftragsstatus zahlungsstatus zahlstatus"
        " bezahlstatus",
    ),
    "discount": _field(
        "number", "discount discountamount totaldiscounts discounttotal cartdiscountamount rabatt rabattbetrag nachlass"
    ),
    "tax": _field(
        "number",
        "vat vatamount tax taxes taxamount totaltax taxtotal ordertotaltaxamount mwst mwstbetrag ust"
        " ustbetrag umsatzsteuer steuer",
    ),
    "shipping_charged": _field(
        "number",
        "shippingcharged shippingamount shippingprice shippingtotal ordershippingamount shipping"
        " versandkosten versandgebuehr versand porto",
    ),
    "shipping_cost": _field(
        "number", "shippingcost shippingcosts fulfilmentcost fulfillmentcost versandaufwand frachtkosten"
    ),
    "cost": _field(
        "number",
        "cost costs cogs costofgoods goodscost purchasecost unitcost costperunit costperitem einkaufspreis ek ekpreis"
        " wareneinsatz warenkosten",
    ),
    "fee": _field("number", "fee fees paymentfee transactionfee gebuehr gebuehren zahlungsgebuehr transaktionsgebuehr"),
    "refund": _field(
        "number",
        "refund refunded refundamount refundedamount amountrefunded totalrefunded orderrefundamount"
        " erstattung erstattet",
    ),
    "channel": _field(
        "text", "channel saleschannel acquisitionchannel utmsource source kanal vertriebskanal verkaufskanal quelle"
    ),
    "country": _field("text", "country countrycode shippingcountry billingcountry land lieferland landescode region"),
    "coupon": _field("text", "coupon couponcode discountcode voucher vouchercode gutschein gutscheincode rabattcode"),
}

#: Headers that name the total of a whole order; where such an order has several rows, it is repeated on each.
ORDER_TOTALS = _words(
    "ordertotal ordertotalamount amounttotal totalprice grandtotal grandtotalpurchased grandtotalbase ordervalue"
    " orderamount total gesamtbetrag gesamtbetragbrutto gesamtsumme bestellsumme bestellwert auftragswert"
    " auftragssumme rechnungsbetrag rechnungssumme endbetrag"
)
#: Headers that name the cost of one piece.
UNIT_COSTS = frozenset(["einkaufspreis", "ek", "ekpreis", "unitcost", "costperunit", "costperitem"])
#: Headers by which an export of Shopify is told, where the number of the order is called its name.
SHOPIFY = frozenset(["name", "financialstatus", "lineitemname"])
#: Headers of amounts without VAT: none is taken off them.
NET = frozenset(["netsales", "netamount", "nettobetrag", "netto", "nettoumsatz", "amountnet", "nettosumme"])
#: Headers of a status that tells how far an order is paid, not whether it is one.
PAYMENT_STATUS = frozenset(["financialstatus", "paymentstatus", "zahlungsstatus", "zahlstatus", "bezahlstatus"])
_SPELLING = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e"})


def plain(header: str) -> str:
    """A header as aliases are written: lower case letters and digits, umlauts spelt out.

    >>> plain("Bestell-Nr. (Shop)"), plain("WÄHRUNG")
    ('bestellnrshop', 'waehrung')
    """
    return re.sub(r"[^a-z0-9]", "", header.casefold().translate(_SPELLING))


@dataclass(frozen=True)
class Mapping:
    """Which column holds which field, and what else was decided about the file.

    Parameters
    ----------
    columns : field -> column.
    date_format : such as "%d.%m.%Y"; None where it is found out.
    decimal : "," or "."; None where it is found out.
    passed_over : columns that would do for a field as well, by field.
    """

    columns: dict[str, str]
    date_format: str | None = None
    decimal: str | None = None
    passed_over: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False)

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> str:
        return self.columns[name]

    def __str__(self) -> str:
        """One line a field, for people."""
        width = max((len(name) for name in self.columns), default=0)
        return "\n".join(f"{name:<{width}}  <- {column}" for name, column in self.columns.items())

    @classmethod
    def detect(
        cls, headers: Iterable[str], given: "dict[str, str] | Mapping | None" = None, *, refunds: bool = False
    ) -> Self:
        """Find the fields among `headers`; what is `given` is not looked for.

        Where quantity and price are given and no amount is, none is looked for: it is their product. In a file of
        `refunds` an amount may be called a refund, and an order may stand for its customer.

        Raises
        ------
        MappingError : a given column is not there, or customer, date or amount were not found.
        """
        names = list(headers)
        known = given if isinstance(given, Mapping) else cls(dict(given or {}))
        columns = {name: _existing(name, column, names) for name, column in known.columns.items()}
        if set(map(plain, names)) >= SHOPIFY and "order" not in columns:
            columns["order"] = next(name for name in names if plain(name) == "name")
        unnamed = [name for name in names if name not in columns.values()]
        passed_over: dict[str, tuple[str, ...]] = {}
        for name, wanted in FIELDS.items():
            if name in columns or (name == "amount" and {"quantity", "price"} <= columns.keys()):
                continue
            found = sorted((wanted.aliases.index(plain(h)), h) for h in unnamed if plain(h) in wanted.aliases)
            if found:
                columns[name] = found[0][1]
                unnamed.remove(found[0][1])
                passed_over |= {name: tuple(h for _, h in found[1:])} if found[1:] else {}
        _needed(columns, names, refunds=refunds)
        ordered = {name: columns[name] for name in FIELDS if name in columns}
        return cls(ordered, known.date_format, known.decimal, passed_over)

    def save(self, path: str | Path) -> None:
        """Write the mapping as JSON, for `load` and `read_orders(mapping=path)`."""
        kept = {"columns": self.columns, "date_format": self.date_format, "decimal": self.decimal}
        Path(path).write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The mapping that `save` wrote.

        Raises
        ------
        InputError : the file is not there, or is no mapping.
        """
        try:
            kept = json.loads(Path(path).read_text(encoding="utf-8"))
            columns = {str(name): str(column) for name, column in kept["columns"].items()}
            date_format, decimal = kept.get("date_format"), kept.get("decimal")
            if decimal not in (None, ",", ".") or not isinstance(date_format, str | None):
                raise ValueError(decimal, date_format)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            advice = 'It looks like {"columns": {"customer": "Kundennummer", "date": "Datum", "amount": "Betrag"}}.'
            raise InputError("This is no saved mapping.", where=str(path), advice=advice) from error
        return cls(columns, date_format, decimal)

    @classmethod
    def of(cls, given: Any) -> Self:
        """A mapping from one, a dict of columns, or the path of a saved one; empty from None."""
        if given is None:
            return cls({})
        if isinstance(given, cls):
            return given
        return cls(dict(given)) if isinstance(given, dict) else cls.load(given)

    def naming(self, columns: dict[str, str]) -> Self:
        """This mapping with further columns; they win."""
        return type(self)({**self.columns, **columns}, self.date_format, self.decimal)

    @property
    def order_total(self) -> bool:
        """Whether the amount is, by its header, the total of a whole order."""
        return plain(self.columns.get("amount", "")) in ORDER_TOTALS

    @property
    def paid_later(self) -> bool:
        """Whether a status of "pending" is, by its header, an order whose payment is still to come (on account)."""
        return plain(self.columns.get("status", "")) in PAYMENT_STATUS

    @property
    def net(self) -> bool:
        """Whether the amount is, by its header, without VAT."""
        return plain(self.columns.get("amount", "")) in NET

    @property
    def unit_cost(self) -> bool:
        """Whether the cost is, by its header, that of one piece."""
        return plain(self.columns.get("cost", "")) in UNIT_COSTS


def _existing(name: str, column: str, headers: list[str]) -> str:
    if name not in FIELDS:
        raise MappingError(f"{name!r} is no field of an order.", advice=f"Fields are: {', '.join(FIELDS)}.")
    if column in headers:
        return column
    alike = [h for h in headers if plain(h) == plain(column) or h.strip() == column.strip()]
    if len(alike) == 1:
        return alike[0]
    raise MappingError(f"There is no column {column!r} for {name}.", advice=f"Columns are: {_listed(headers)}.")


def _needed(columns: dict[str, str], headers: list[str], *, refunds: bool) -> None:
    who = {"customer", "email", "order"} if refunds else {"customer", "email"}
    money = {"quantity", "price"} <= columns.keys() or "amount" in columns or (refunds and "refund" in columns)
    missing = [] if who & columns.keys() else ["customer"]
    missing += [] if "date" in columns else ["date"]
    missing += [] if money else ["amount (or quantity and price)"]
    if missing:
        raise MappingError(
            f"No column was found for {', '.join(missing)}.",
            advice=f"{MappingError.advice} Columns are: {_listed(headers)}.",
        )


def _listed(headers: list[str], most: int = 40) -> str:
    return ", ".join(repr(h) for h in headers[:most]) + (" …" if len(headers) > most else "")
