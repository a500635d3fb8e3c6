"""A file of orders as facts: the library reads and judges it, here its rows become orders and refunds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings

from stammkunde.progress import Progress
from stammkunde.server.lib.money import places
from stammkunde.server.shop import countries
from stammkunde.server.shop.facts import LineFact, OrderFact, RefundFact, Who

if TYPE_CHECKING:
    from stammkunde.facts import Orders

Row = Mapping[str, Any]
Order = OrderFact | RefundFact

MEMORY = "1GB"  # of one file; beyond, orders are laid down on disk, and what cannot be is refused


def open_orders(path: str, mapping: Mapping[str, Any], *, today: date, progress: Progress) -> "Orders":
    """Read the file by a saved mapping: columns by field, date_format, decimal, currency, timezone.

    Raises
    ------
    StammkundeError : the file cannot be read as orders; it says why, and what to try.
    """
    from stammkunde.facts import Mapping as Columns  # brings DuckDB, for which web processes have no use
    from stammkunde.facts import read_orders
    from stammkunde.facts.engines.duckdb import DuckDB  # as above

    columns = {name: column for name, column in mapping.get("columns", {}).items() if column}
    given = Columns(columns, mapping.get("date_format") or None, mapping.get("decimal") or None)
    return read_orders(
        path,
        mapping=given,
        currency=mapping.get("currency") or None,
        timezone=mapping.get("timezone") or settings.SHOP_ZONE,  # read only where times have an offset
        today=today,
        progress=progress,
        engine=DuckDB(memory_limit=MEMORY),
    )


def facts(orders: "Orders", *, version: int, currency: str) -> Iterator[list[Order]]:
    """Sets of orders with their lines and refunds, in the order of their numbers."""
    lines = {"product", "quantity"}
    reading = _Reading(version, currency, 10 ** places(currency), lines=bool(lines & orders.mapping.columns.keys()))
    left: list[Row] = []
    for batch in orders.details():
        rows = left + batch.to_pylist()
        last = _key(rows[-1])
        cut = next(i for i, row in enumerate(rows) if _key(row) == last)  # its order may go on in the next block
        left = rows[cut:]
        yield reading.facts(rows[:cut])
    yield reading.facts(left)


def _key(row: Row) -> str:
    """The number of the order; where there is none, a customer's day is one."""
    number = row.get("order_id")
    return str(number) if number is not None else f"{row['customer_id']}|{row['day']}"


@dataclass(frozen=True)
class _Reading:
    version: int
    currency: str
    scale: int
    lines: bool

    def facts(self, rows: list[Row]) -> list[Order]:
        found: list[Order] = []
        for key, group in groupby(rows, _key):
            of_order = list(group)
            sales = [row for row in of_order if not row["is_refund"] or (row.get("refunded") or 0) > 0]
            if sales:
                found.append(self._order(key, sales))
            found += self._refunds(key, of_order)
        return found

    def _order(self, key: str, rows: list[Row]) -> OrderFact:
        total, shipping, discount = (self._sum(rows, part) for part in (_charged, _shipping, _discount))
        first = rows[0]
        return OrderFact(
            external_id=key[:120],
            who=_who(first),
            placed_at=_at(first["day"]),
            currency=self.currency,
            gross=total - shipping + discount,
            total=total,
            discount=discount,
            shipping=shipping,
            tax=self._known(rows, "tax"),
            lines=tuple(self._line(number, row) for number, row in enumerate(rows)) if self._told(rows) else (),
            version=self.version,
            number=key[:120],
            paid_at=_at(first["day"]),
            shipping_cost=self._known(rows, "shipping_cost"),
            payment_fee=self._known(rows, "fee"),
            coupon=str(first.get("coupon") or ""),
            channel=str(first.get("channel") or ""),
            country=countries.code(str(first.get("country") or "")),
        )

    def _told(self, rows: list[Row]) -> bool:
        return self.lines or any(row.get("cost") is not None for row in rows)

    def _line(self, number: int, row: Row) -> LineFact:
        pieces = row.get("quantity")
        quantity = round(pieces) if pieces is not None and pieces >= 1 else 1
        total = self._minor(_charged(row) - _shipping(row))
        discount = self._minor(_discount(row))
        whole = pieces is not None and pieces == quantity and row.get("price") is not None
        return LineFact(
            external_id=str(number),
            quantity=quantity,
            price=self._minor(row["price"]) if whole else (total + discount) // quantity,
            total=total,
            discount=discount,
            tax=self._one(_whole(row, "tax")),
            cost=self._one(_whole(row, "cost")),
            sku=str(row.get("product") or ""),
            title=str(row.get("product") or ""),
        )

    def _refunds(self, key: str, rows: list[Row]) -> Iterator[RefundFact]:
        """What a column took back, at the order's day; and rows that are refunds, at their own."""
        taken_back = [row for row in rows if (row.get("refunded") or 0) > 0]
        if taken_back:
            amount = sum(self._minor(row["refunded"]) for row in taken_back)
            yield self._refund(key, taken_back[0], f"{key}/refund", amount, dated=False)
        given = [row for row in rows if row["is_refund"] and not (row.get("refunded") or 0) > 0]
        for day, group in groupby(sorted(given, key=lambda row: row["day"]), lambda row: row["day"]):
            of_day = list(group)
            amount = sum(self._minor(-row["charged"]) for row in of_day)
            back = {"tax": self._known(of_day, "tax"), "goods_back": self._known(of_day, "cost")}
            positive = {name: None if value is None else abs(value) for name, value in back.items()}
            yield self._refund(key, of_day[0], f"{key}/{day}", amount, **positive)

    def _refund(self, key: str, row: Row, external_id: str, amount: int, **more: Any) -> RefundFact:
        return RefundFact(
            external_id=external_id[:120],
            order_id=key[:120],
            at=_at(row["day"]),
            amount=amount,
            currency=self.currency,
            version=self.version,
            who=_who(row),
            **more,
        )

    def _sum(self, rows: list[Row], part: Any) -> int:
        return sum(self._minor(part(row)) for row in rows)

    def _known(self, rows: list[Row], name: str) -> int | None:
        """The sum of a cost, where any row knows it."""
        known = [value for row in rows if (value := _whole(row, name)) is not None]
        return sum(map(self._minor, known)) if known else None

    def _one(self, amount: float | None) -> int | None:
        return None if amount is None else self._minor(amount)

    def _minor(self, amount: float) -> int:
        return round(amount * self.scale)


def _charged(row: Row) -> float:
    """What was charged in a row before anything was given back."""
    return float(row["charged"]) + float(row.get("refunded") or 0.0)


def _shipping(row: Row) -> float:
    return abs(float(row.get("shipping_charged") or 0.0))


def _discount(row: Row) -> float:
    return abs(float(row.get("discount") or 0.0))


def _whole(row: Row, name: str) -> float | None:
    """A cost as it was before a refund of the same row took its share of it back."""
    value = row.get(name)
    if value is None or name not in {"tax", "cost"} or not row.get("refunded"):
        return None if value is None else float(value)
    kept = float(row["charged"]) / _charged(row) if _charged(row) else 0.0
    return float(value) / kept if kept > 0 else None


def _who(row: Row) -> Who:
    number, mail = str(row["customer_id"]), str(row.get("email") or "")
    as_mail, country = "@" in number, countries.code(str(row.get("country") or ""))
    return Who(shop_id="" if as_mail else number, email=number if as_mail else mail, country=country)


def _at(day: date) -> datetime:
    """Midday in the shop: a file tells days, and no change of zone makes another day of it."""
    return datetime.combine(day, time(12), ZoneInfo(settings.SHOP_ZONE)).astimezone(UTC)
