"""`read_orders`: orders from whatever people have, checked, with an account of every row."""

import datetime as dt
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Named
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from stammkunde.errors import InputError, NotEnoughDataError
from stammkunde.facts import cleaning
from stammkunde.facts.cleaning import ATTRIBUTES, LATER, REASONS, Rules
from stammkunde.facts.columns import FIELDS, Mapping
from stammkunde.facts.engines import ROW, Engine
from stammkunde.facts.parsing import zones
from stammkunde.facts.parsing.dates import Layout
from stammkunde.facts.parsing.numbers import LARGEST
from stammkunde.facts.rates import Rates
from stammkunde.facts.reading import Reading, kept_currency, look_at
from stammkunde.facts.sources import Source, open_source
from stammkunde.notices import Notice
from stammkunde.progress import Progress, silent

#: Rejected rows that are kept as examples; all are counted.
KEPT_REJECTS = 10_000
QUIET = 30  # days without any order before the stated last day that are worth a word


@dataclass(frozen=True, eq=False)
class Orders:
    """Orders as they were read.

    Parameters
    ----------
    judged : every row with its `reason` not to use it, null where it is used; a table of the engine.
    mapping : which column was taken for what.
    until : the last day looked at, at whose end customers are judged.
    period : first and last day with an order or refund.
    totals : rows_read, rows_accepted, rows_rejected, amount_read, amount_accepted, amount_rejected (sums of amounts net
        of refunds, of all rows whose amount could be read), refunds (positive), rows_later (after `until`, not in the
        others) and by_reason: reason -> (rows, amount or None).
    currency : code of all amounts, if it is known.
    basis : "contribution" if any cost is known, else "revenue".
    estimated_share : share of the costs that came from stated rates.
    warnings : what had to be assumed, in sentences.
    headers : all columns of the source.
    """

    judged: ir.Table
    engine: Engine
    mapping: Mapping
    until: dt.date
    period: tuple[dt.date, dt.date]
    totals: dict[str, Any]
    currency: str | None
    basis: str
    estimated_share: float
    warnings: tuple[Notice, ...] = ()
    headers: tuple[str, ...] = ()
    again: Callable[[], ir.Table] | None = field(default=None, repr=False)

    def details(self) -> Iterator[pa.RecordBatch]:
        """The accepted rows in blocks, those of an order together: what `lines` has, and what their amounts are made
        of, as far as there are columns: email, amount, charged (shipping inside), quantity, price, discount,
        tax, shipping_charged, cost (of all pieces), shipping_cost, fee, refunded, coupon. A source of refunds alone is
        not in it."""
        whole = self.again() if self.again is not None else self.judged
        accepted = whole.filter(whole.accepted).drop("accepted", "code", "reason", "column", "value")
        by = [name for name in ("order_id", "customer_id", "day", ROW) if name in accepted.columns]
        yield from self.engine.batches(accepted.order_by(by))

    @property
    def lines(self) -> ir.Table:
        """One row an accepted order line or refund: customer_id, order_id, day (date), revenue and contribution (money,
        negative in refunds), is_refund, and product, channel, country where there are columns of them."""
        names = ("customer_id", "order_id", "day", "revenue", "contribution", "is_refund", *ATTRIBUTES)
        accepted = self.judged.filter(self.judged.accepted)
        return accepted.select(*(name for name in names if name in accepted.columns))

    @property
    def rejected(self) -> int:
        """How many rows were not used."""
        return int(self.totals["rows_rejected"])

    @cached_property
    def rejects(self) -> pa.Table:
        """The first 10,000 rejected rows: row (int64, 1 for the first after the header; null where rows have no order),
        column, reason, value (text)."""
        bad = self.judged.filter(~self.judged.accepted & (self.judged.reason != LATER))
        row = bad[ROW].cast("int64") if ROW in bad.columns else ibis.null("int64")
        listed = bad.select(row=row, column=bad.column, reason=bad.reason, value=bad.value)
        ordered = listed.order_by("row") if ROW in bad.columns else listed
        return self.engine.to_arrow(ordered.limit(KEPT_REJECTS))


def read_orders(
    source: Any,
    *,
    customer: str | None = None,
    date: str | None = None,
    amount: str | None = None,
    order: str | None = None,
    quantity: str | None = None,
    price: str | None = None,
    product: str | None = None,
    columns: Named[str, str] | None = None,
    mapping: Any = None,
    date_format: str | None = None,
    currency: str | None = None,
    exchange_rates: Named[str, float] | None = None,
    timezone: str | None = None,
    until: dt.date | None = None,
    refunds: Any = None,
    rates: Named[str, Any] | Rates | None = None,
    engine: str | Engine = "duckdb",
    today: dt.date | None = None,
    progress: Progress = silent,
) -> Orders:
    """Read orders, or the lines of orders.

    Parameters
    ----------
    source : a CSV or Parquet file, a folder of Parquet files, a table (`sqlite:///shop.db::orders`, or one that the
        engine knows by name), or a dataframe of pandas, polars, PyArrow, DuckDB, Ibis or Spark.
    customer, date, amount, order, quantity, price, product : names of columns; what is not named is looked for.
    columns : names of further columns by field, such as {"cost": "EK", "country": "Land"}.
    mapping : a `Mapping`, or the path of a saved one.
    date_format : such as "%d/%m/%Y", where dates may be read two ways.
    currency : code of the currency to keep, or that all amounts are in.
    exchange_rates : what one unit of each other currency is worth in it.
    timezone : the shop's zone, such as "Europe/Berlin", for times in UTC or with an offset.
    until : the last day to look at; later rows are not.
    refunds : a second source, of refunds alone.
    rates : costs that no column tells, such as {"vat": "19%", "goods": "40%", "shipping": 4.90}.
    engine : "duckdb", "spark", or an engine.
    today : orders after this day are rejected.
    progress : is told what is being done.

    Raises
    ------
    InputError : the source cannot be read, or an argument does not fit; MappingError, AmbiguousDateError and
        CurrencyError are kinds of it.
    NotEnoughDataError : no row can be used.
    EngineError : the engine refuses.
    """
    named = {"customer": customer, "date": date, "amount": amount, "order": order, "quantity": quantity,
             "price": price, "product": product} | dict(columns or {})  # fmt: skip
    if timezone is not None:
        zones.zone(timezone)
    stated = Rates.of(rates)
    until, today = _day(until, "until"), _day(today, "today")
    progress("Opening the orders", None)
    found = open_source(source, engine, moments=timezone is not None)
    given = Mapping.of(mapping).naming({name: column for name, column in named.items() if column is not None})
    if date_format is not None:
        given = replace(given, date_format=date_format)
    progress("Looking at the columns", None)
    sales = _Part.of(found, Mapping.detect(found.headers, given), zone=timezone)
    back = None if refunds is None else _refunds(refunds, sales, given, zone=timezone)
    parts = [sales, *([back] if back else [])]
    seen = tuple(dict.fromkeys(code for part in parts for code in part.reading.currencies))
    kept, worth = kept_currency(seen, currency, dict(exchange_rates or {}))
    rules = Rules(timezone, worth, stated, until, today)
    progress("Reading the orders", None)
    judged = sales.judged(rules)
    swift = sales.swift(rules)
    if not swift or back:
        judged = found.engine.keep(judged)
    if back:
        judged = found.engine.keep(_together(judged, back.judged_as_refunds(rules, judged)))
    return _accounted(judged, parts, rules, kept)


def _day(stated: Any, name: str) -> dt.date | None:
    """A day, from a date, a moment or text such as 2024-12-31."""
    if isinstance(stated, dt.datetime):
        return stated.date()
    if stated is None or isinstance(stated, dt.date):
        return stated
    try:
        return dt.date.fromisoformat(stated)
    except (TypeError, ValueError) as error:
        advice = "Give a date, such as datetime.date(2024, 12, 31)."
        raise InputError(f"{stated!r} is no day.", where=name, advice=advice) from error


@dataclass(frozen=True)
class _Part:
    """A source, and how to read it."""

    source: Source
    mapping: Mapping
    reading: Reading

    @classmethod
    def of(cls, source: Source, mapping: Mapping, *, zone: str | None, otherwise: tuple[Layout, ...] = ()) -> "_Part":
        return cls(source, mapping, look_at(source, mapping, zone=zone, otherwise=otherwise))

    def judged(self, rules: Rules, *, whole: bool = False) -> ir.Table:
        return cleaning.judged(self.source.table, self.mapping, self.reading, rules, whole=whole)

    def judged_as_refunds(self, rules: Rules, sales: ir.Table) -> ir.Table:
        """Its rows, all of them refunds. Where one names no customer, it is that of the order."""
        table, mapping = self.source.table, self.mapping
        if "order" in mapping and "customer" not in mapping and "order_id" in sales.columns:
            who = cleaning.text(table[mapping["email"]]) if "email" in mapping else ibis.null("string")
            known = sales.filter(sales.reason.isnull() & sales.order_id.notnull())
            known = known.group_by(order_of_sale=_key(known.order_id)).aggregate(
                customer_of_sale=known.customer_id.cast("string").max()
            )
            table = table.mutate(order_of_refund=_key(cleaning.identity(table[mapping["order"]])))
            table = table.left_join(known, table.order_of_refund == known.order_of_sale)
            table = table.mutate(customer_of_sale=ibis.coalesce(table.customer_of_sale, who))
            mapping = mapping.naming({"customer": "customer_of_sale"})
        found = cleaning.judged(table, mapping, self.reading, rules, refunds=True)
        if "customer_of_sale" in table.columns:
            value = (found.column == "customer_of_sale").ifelse(found.order_id.cast("string"), found.value)
            found = found.mutate(value=value, column=found.column.replace("customer_of_sale", mapping["order"]))
        return found.mutate(column=ibis.literal(f"{self.source.name}: ") + found.column)

    def swift(self, rules: Rules) -> bool:
        """Whether its rows may be judged again each time, instead of being kept."""
        parsed = (self.source.table[c] for name, c in self.mapping.columns.items() if FIELDS[name].kind != "text")
        typed = not any(column.type().is_string() for column in parsed)
        return self.source.swift and typed and not self.reading.once and not rules.rates.per_order


def _key(order: ir.Value) -> ir.StringValue:
    """An order number to find it by, whether it was typed as 1001, "1001" or 1001.0."""
    return order.cast("string").re_replace(r"\.0$", "")


def _refunds(refunds: Any, sales: _Part, given: Mapping, *, zone: str | None) -> _Part:
    """A source of refunds, read as the orders are where it does not say otherwise itself."""
    source = open_source(refunds, sales.source.engine, moments=zone is not None)
    shared = {name: column for name, column in given.columns.items() if column in source.headers}
    mapping = Mapping.detect(source.headers, Mapping(shared, None, given.decimal), refunds=True)
    part = _Part.of(source, mapping, zone=zone, otherwise=sales.reading.layouts)
    return replace(part, reading=replace(part.reading, once=False))  # the same sum may be given back twice


def _together(sales: ir.Table, refunds: ir.Table) -> ir.Table:
    """Both, one below the other, with the columns of the first; engines may have stored its numbers as other kinds."""
    columns = {
        name: refunds[name] if name in refunds.columns else ibis.null(sales[name].type()) for name in sales.columns
    }
    differing = {name: column.type() for name, column in columns.items() if column.type() != sales[name].type()}
    kinds = {name: "string" if name in ("customer_id", "order_id") else kind for name, kind in differing.items()}
    return sales.cast(kinds).union(refunds.select(**columns).cast(kinds))


def _accounted(judged: ir.Table, parts: list[_Part], rules: Rules, currency: str | None) -> Orders:
    """Orders with the account of all rows: one pass over them."""
    sales = parts[0]
    costs = bool(rules.rates) or bool({"tax", "cost", "shipping_cost", "fee"} & sales.mapping.columns.keys())
    counted = sales.source.engine.to_arrow(_account(judged, costs=costs)).to_pylist()
    used = next((row for row in counted if row["code"] is None), None)
    rows = {list(REASONS)[row["code"]]: row for row in counted if row["code"] is not None}
    later = rows.pop(LATER, None)
    if used is None:
        raise _nothing(rows, later, sales, rules)
    reasons = {reason: (row["rows"], row["amount"]) for reason, row in rows.items()}
    known, estimated = (used.get(name) or 0.0 for name in ("known", "estimated"))
    warnings = [warning for part in parts for warning in part.reading.warnings]
    return Orders(
        judged=judged,
        engine=sales.source.engine,
        mapping=sales.mapping,
        until=rules.until or used["last"],
        period=(used["first"], used["last"]),
        totals=_totals(used, reasons, later),
        currency=currency,
        basis="contribution" if costs else "revenue",
        estimated_share=estimated / (known + estimated) if estimated else 0.0,
        warnings=(*warnings, *_remarks(parts, used, rules, currency)),
        headers=tuple(sales.source.headers),
        again=lambda: sales.judged(rules, whole=True),
    )


def _account(judged: ir.Table, *, costs: bool) -> ir.Table:
    """One row a reason (its number; null for accepted rows) with its rows and sums; what is always 0 is not summed."""
    amount = judged.revenue
    stated = amount + judged.refunded.fill_null(0.0) if "refunded" in judged.columns else amount
    asked = {
        "rows": judged.count(),
        "amount": amount.sum(where=amount.abs() < LARGEST),
        "refunds": stated.sum(where=(stated < 0) & (stated > -LARGEST)),
        "first": judged.day.min(),
        "last": judged.day.max(),
    }
    if costs:
        asked |= {name: judged[name].cast("float64").sum() for name in ("known", "estimated", "lacking")}
    if "refunded" in judged.columns:
        asked["refunded"] = judged.refunded.sum()
    return judged.group_by("code").aggregate(**asked)


def _totals(used: dict[str, Any], reasons: dict[str, tuple[int, float | None]], later: Any) -> dict[str, Any]:
    rejected, amount = (sum(row[i] or 0 for row in reasons.values()) for i in (0, 1))
    return {
        "rows_read": used["rows"] + rejected,
        "rows_accepted": used["rows"],
        "rows_rejected": rejected,
        "amount_read": used["amount"] + amount,
        "amount_accepted": used["amount"],
        "amount_rejected": float(amount),
        "refunds": (used.get("refunded") or 0.0) - (used["refunds"] or 0.0),
        "rows_later": later["rows"] if later else 0,
        "by_reason": dict(sorted(reasons.items(), key=lambda item: -item[1][0])),
    }


def _remarks(parts: list[_Part], used: dict[str, Any], rules: Rules, currency: str | None) -> list[Notice]:
    found = [
        Notice("passed_over", field=name, column=part.mapping[name], others=", ".join(map(repr, others)))
        for part in parts
        for name, others in part.mapping.passed_over.items()
    ]
    if parts[0].mapping.net and "tax" in parts[0].mapping:
        found.append(Notice("net_by_name", column=parts[0].mapping["amount"]))
    for part in parts[1:]:
        lacking = [n for n in ("tax", "cost") if n in parts[0].mapping and n not in part.mapping]
        found += [Notice(f"refunds_without_{name}", file=part.source.name) for name in lacking]
        if len(rules.worth) > 1 and not part.reading.currencies:
            found.append(Notice("refunds_without_currency", file=part.source.name, currency=str(currency)))
    if used.get("lacking"):
        found.append(Notice("cost_lacking", rows=int(used["lacking"])))
    if rules.until and (rules.until - used["last"]).days > QUIET:
        days = (rules.until - used["last"]).days
        found.append(Notice("quiet_end", days=days, until=rules.until, last=used["last"]))
    return found


def _nothing(rows: dict[str, Any], later: Any, part: _Part, rules: Rules) -> NotEnoughDataError:
    where = part.source.name
    if not rows and later:
        return NotEnoughDataError(
            f"There are no orders until {rules.until}.", where=where, advice="Choose a later day."
        )
    if not rows:
        return NotEnoughDataError("There are no orders.", where=where)
    told = ", ".join(f"{row['rows']:,} {reason}" for reason, row in rows.items())
    taken = ", ".join(f"{name} from {column!r}" for name, column in part.mapping.columns.items())
    return NotEnoughDataError(f"No row can be used: {told}.", where=where, advice=f"Check the columns: {taken}.")
