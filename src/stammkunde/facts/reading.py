"""How the columns of a source are to be read, found out from all their values at once before any is parsed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from stammkunde.errors import CurrencyError, InputError
from stammkunde.facts.columns import FIELDS, Mapping
from stammkunde.facts.parsing import dates, numbers
from stammkunde.facts.parsing.dates import LAYOUTS, Layout
from stammkunde.facts.sources import Source

LINE_FIELDS = {"product", "quantity", "price"}
_CURRENCIES = 50  # more of them are no currencies


@dataclass(frozen=True)
class Reading:
    """What was decided about a source.

    Parameters
    ----------
    layouts : how its dates are written, the likeliest first; for text only.
    epoch : whether numbers among them count seconds since 1970.
    decimals : field of text -> its decimal mark.
    decimal_ids : whether all customer numbers are written as decimals (17850.0), as some programs do.
    once : whether an order may be counted once only: its rows repeat the same total, or are the same.
    currencies : codes found in the column of currencies, or by their signs beside amounts.
    warnings : what had to be assumed.
    """

    layouts: tuple[Layout, ...] = ()
    epoch: bool = False
    decimals: dict[str, str] | None = None
    decimal_ids: bool = False
    once: bool = False
    currencies: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def look_at(source: Source, mapping: Mapping, *, zone: str | None) -> Reading:
    """Look at all rows of the mapped columns once.

    Raises
    ------
    AmbiguousDateError : day and month cannot be told apart.
    CurrencyError : amounts have signs of several currencies, and there is no column of currencies.
    """
    columns = {name: source.table[column] for name, column in mapping.columns.items()}
    texts = {name: column for name, column in columns.items() if column.type().is_string()}
    seen = _seen(source, texts, mapping)
    layouts, epoch, found = _dates(seen, mapping, zone=zone) if "date" in texts else ((), False, [])
    decimals, more = _decimals(source, seen, texts, mapping)
    currencies = _currencies(source, mapping) if "currency" in mapping else _signs(seen, texts)
    ids, whole = (seen.get(("customer", name), 0) for name in ("ids", "decimal"))
    once = "order" in mapping and _once(source, mapping)
    return Reading(layouts, epoch, decimals, bool(ids) and ids == whole, once, currencies, (*found, *more))


def _seen(source: Source, texts: dict[str, ir.Value], mapping: Mapping) -> dict[tuple[str, str], Any]:
    """Counts of what the columns of text look like, by field and name."""
    asked = dict(_questions(texts, mapping))
    if not asked:
        return {}
    names = {key: f"count_{i}" for i, key in enumerate(asked)}
    row = source.engine.to_arrow(source.table.aggregate(**{names[key]: value for key, value in asked.items()}))
    return {key: row[name][0].as_py() for key, name in names.items()}


def _questions(texts: dict[str, ir.Value], mapping: Mapping) -> Iterator[tuple[tuple[str, str], ir.Value]]:
    for name, column in texts.items():
        if name == "date" and mapping.date_format is None:
            yield from ((("date", what), value) for what, value in dates.evidence(column).items())
        elif FIELDS[name].kind == "number":
            yield from (((name, what), value) for what, value in numbers.evidence(column).items())
        elif name == "customer":
            filled = column.strip().nullif("")
            yield ("customer", "ids"), filled.count()
            yield ("customer", "decimal"), filled.re_search(r"^[0-9]+\.0$").cast("int64").sum()


def _dates(
    seen: dict[tuple[str, str], Any], mapping: Mapping, *, zone: str | None
) -> tuple[tuple[Layout, ...], bool, list[str]]:
    if mapping.date_format is not None:
        return (dates.stated(mapping.date_format),), False, []
    found = {what: value or 0 for (name, what), value in seen.items() if name == "date"}
    names = dates.layouts(found, column=mapping["date"])
    warnings = []
    if found["offset"] and zone is None:
        warnings.append(
            f"{found['offset']:,} times carry an offset from UTC; their days were taken as written. Name the shop's "
            "time zone (timezone='Europe/Berlin') to have them in its days."
        )
    return tuple(LAYOUTS[name] for name in names), bool(found["epoch"]), warnings


def _decimals(
    source: Source, seen: dict[tuple[str, str], Any], texts: dict[str, ir.Value], mapping: Mapping
) -> tuple[dict[str, str], list[str]]:
    """The decimal mark of each column: what most values that can only be read one way have, else the file's."""
    fields = [name for name in texts if FIELDS[name].kind == "number"]
    if mapping.decimal is not None:
        return dict.fromkeys(fields, mapping.decimal), []
    counts = {name: {what: seen[name, what] or 0 for what in ("comma", "point", "either")} for name in fields}
    surplus = sum(count["comma"] - count["point"] for count in counts.values())
    usual = "," if surplus > 0 or (surplus == 0 and source.delimiter == ";") else "."
    found, warnings = {}, []
    for name, count in counts.items():
        lead = count["comma"] - count["point"]
        found[name] = usual if lead == 0 else "," if lead > 0 else "."
        if count["either"] and not count["comma"] and not count["point"]:
            warnings.append(
                f"Column {mapping[name]!r} has numbers such as 1{found[name]}234 that may be read two ways; "
                f"{found[name]!r} was taken for the decimal mark. If that is wrong, set `decimal` in the mapping."
            )
    return found, warnings


def _currencies(source: Source, mapping: Mapping) -> tuple[str, ...]:
    code = currency_code(source.table[mapping["currency"]])
    counted = source.table.select(code=code).group_by("code").aggregate(rows=lambda t: t.count())
    codes = source.engine.to_arrow(counted.order_by(ibis.desc("rows")).limit(_CURRENCIES))["code"].to_pylist()
    return tuple(code for code in codes if code is not None)


def currency_code(column: ir.Value) -> ir.StringValue:
    """The ISO code of a currency, for what a column may say instead: €, Euro, $."""
    text = column.cast("string").strip().upper().nullif("")
    signs = {"€": "EUR", "EURO": "EUR", "$": "USD", "US$": "USD", "£": "GBP", "¥": "JPY", "SFR": "CHF", "FR.": "CHF"}
    return ibis.cases(*((text == sign, code) for sign, code in signs.items()), else_=text)


def _signs(seen: dict[tuple[str, str], Any], texts: dict[str, ir.Value]) -> tuple[str, ...]:
    found = {code for name in ("amount", "price") if name in texts for code in numbers.MARKS if seen.get((name, code))}
    if len(found) > 1:
        raise CurrencyError(
            f"Amounts carry the signs of several currencies: {', '.join(sorted(found))}.",
            advice="Put the currency in a column of its own, and give the exchange rates.",
        )
    return tuple(found)


def _once(source: Source, mapping: Mapping) -> bool:
    """Whether rows of one order with the same amount are one: always without columns of lines; with them, if the amount
    is called a total, and nearly all orders of several rows do repeat one."""
    if not LINE_FIELDS & mapping.columns.keys():
        return True
    if not mapping.order_total:
        return False
    order, amount = (source.table[mapping[name]] for name in ("order", "amount"))
    orders = source.table.select(order=order, amount=amount).group_by("order")
    counted = orders.aggregate(rows=lambda t: t.count(), amounts=lambda t: t.amount.nunique())
    several = counted.filter(counted.rows > 1)
    found = source.engine.to_arrow(several.aggregate(all=several.count(), one=(several.amounts == 1).sum())).to_pylist()
    return bool(found[0]["all"]) and (found[0]["one"] or 0) >= 0.9 * found[0]["all"]


def kept_currency(
    found: tuple[str, ...], currency: str | None, rates: dict[str, float] | None
) -> tuple[str | None, dict[str, float]]:
    """The currency that amounts will be in, and what one unit of each found one is worth in it.

    Raises
    ------
    CurrencyError : there are several, and none to keep or a rate is missing.
    InputError : a rate is not a positive number.
    """
    rates = {code.upper(): float(rate) for code, rate in (rates or {}).items()}
    for code, rate in rates.items():
        if not 0 < rate < float("inf"):
            raise InputError(f"{rate} is no exchange rate.", where=code, advice="Say what one unit is worth: CHF=1.05.")
    kept = currency.upper() if currency else found[0] if len(found) == 1 else None
    if kept is None and len(found) > 1:
        raise CurrencyError(f"Amounts are in {len(found)} currencies: {', '.join(found)}.")
    missing = [code for code in found if code != kept and code not in rates]
    if missing:
        raise CurrencyError(f"There is no exchange rate into {kept} for {', '.join(missing)}.")
    return kept, {code: 1.0 if code == kept else rates[code] for code in found}
