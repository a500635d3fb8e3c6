"""How the columns of a source are to be read, found out from all their values at once before any is parsed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from stammkunde.errors import AmbiguousDateError, CurrencyError, InputError
from stammkunde.facts.columns import FIELDS, Mapping
from stammkunde.facts.engines import ROW
from stammkunde.facts.parsing import dates, numbers
from stammkunde.facts.parsing.blanks import stripped
from stammkunde.facts.parsing.dates import LAYOUTS, Layout
from stammkunde.facts.sources import Source
from stammkunde.notices import Notice

LINE_FIELDS = {"product", "quantity", "price"}
NEARLY_ALL = 0.9
_CURRENCIES = 50  # more of them are no currencies
_MOST_REPEATS = 900  # of a part of a pattern: engines take 1,000


@dataclass(frozen=True)
class Reading:
    """What was decided about a source.

    Parameters
    ----------
    layouts : how its dates are written, the likeliest first; for text only.
    epoch : whether numbers among them count seconds since 1970.
    decimals : field of text -> its decimal mark.
    whole_ids : whether customer numbers such as 17850.0 are 17850, as some programs write it; none is 17850.5.
    zero_is_guest : whether customer 0 stands for guests, as in WooCommerce: it has several e-mail addresses.
    once : whether an order may be counted once only: its rows repeat the same total, or are the same.
    currencies : codes found in the column of currencies, or by their signs beside amounts.
    warnings : what had to be assumed.
    """

    layouts: tuple[Layout, ...] = ()
    epoch: bool = False
    decimals: dict[str, str] | None = None
    whole_ids: bool = False
    zero_is_guest: bool = False
    once: bool = False
    currencies: tuple[str, ...] = ()
    warnings: tuple[Notice, ...] = ()


def look_at(source: Source, mapping: Mapping, *, zone: str | None, otherwise: tuple[Layout, ...] = ()) -> Reading:
    """Look at all rows of the mapped columns once.

    `otherwise` are the layouts of another source, for dates that do not say how they are to be read.

    Raises
    ------
    AmbiguousDateError : day and month cannot be told apart.
    CurrencyError : amounts have signs of several currencies, and there is no column of currencies.
    InputError : a quotation mark is not closed, so that a value holds further rows.
    """
    columns = {name: source.table[column] for name, column in mapping.columns.items()}
    texts = {name: column for name, column in columns.items() if column.type().is_string()}
    seen = _seen(source, columns, mapping, zone=zone)
    if source.lines > (seen.get(("rows", "all")) or 0) + 1:
        _refuse_unclosed(source, mapping)
    layouts, epoch = _dates(seen, mapping, otherwise) if "date" in texts else ((), False)
    decimals, warnings = _decimals(source, seen, texts, mapping)
    currencies = _currencies(source, mapping) if "currency" in mapping else _signs(seen, texts)
    whole = "customer" in texts and not seen["customer", "fractions"]
    guests = (seen.get(("customer", "addresses of 0")) or 0) > 1
    once = "order" in mapping and _once(source, mapping, decimals)
    warnings += [*_zoneless(seen, columns["date"], mapping, zone=zone), *([Notice("guests")] if guests else [])]
    return Reading(layouts, epoch, decimals, whole, guests, once, currencies, tuple(warnings))


_CLEAR = {layout for name, layout in LAYOUTS.items() if not name.endswith(" first")}  # of themselves


def _seen(
    source: Source, columns: dict[str, ir.Value], mapping: Mapping, *, zone: str | None
) -> dict[tuple[str, str], Any]:
    """Counts of what the columns look like, by field and name."""
    asked = dict(_questions(source, columns, mapping, zone=zone))
    if not asked:
        return {}
    names = {key: f"count_{i}" for i, key in enumerate(asked)}
    row = source.engine.to_arrow(source.table.aggregate(**{names[key]: value for key, value in asked.items()}))
    return {key: row[name][0].as_py() for key, name in names.items()}


def _questions(
    source: Source, columns: dict[str, ir.Value], mapping: Mapping, *, zone: str | None
) -> Iterator[tuple[tuple[str, str], ir.Value]]:
    if source.lines:
        yield ("rows", "all"), source.table.count()
    if {"customer", "email"} <= columns.keys():
        nobody = stripped(columns["customer"].cast("string")).isin(["0", "0.0"])
        addresses = stripped(columns["email"].cast("string")).lower().nullif("")
        yield ("customer", "addresses of 0"), addresses.nunique(where=nobody)
    if columns["date"].type().is_numeric() and zone is None:
        yield ("date", "largest"), columns["date"].max()
    for name, column in columns.items():
        if not column.type().is_string():
            continue
        if name == "date" and mapping.date_format is None:
            yield from ((("date", what), value) for what, value in dates.evidence(column).items())
        elif FIELDS[name].kind == "number":
            yield from (((name, what), value) for what, value in numbers.evidence(column).items())
        elif name == "customer":
            yield ("customer", "fractions"), stripped(column).re_search(r"^[0-9]+\.0*[1-9]").cast("int64").sum()


def _refuse_unclosed(source: Source, mapping: Mapping) -> None:
    """Refuse a file in which a value goes on over line breaks into what looks like a further row, up to the last of the
    mapped columns, with a date where dates are."""
    places = [source.headers.index(column) for column in mapping.columns.values()]
    before, further = source.headers.index(mapping["date"]), max(places)
    if further > _MOST_REPEATS:
        return
    other = f"[^{re.escape(source.delimiter or ',')}\n]"
    pattern = (
        rf"\n(?:{other}*{re.escape(source.delimiter or ',')}){{{before}}}{other}*[0-9]{{2}}{other}*[0-9]{{2}}{other}*"
        rf"(?:{re.escape(source.delimiter or ',')}{other}*){{{further - before}}}"
    )
    going_on = [(source.table[name].re_search(pattern), name) for name in source.headers]
    found = source.table.mutate(at=ibis.cases(*going_on)).filter(lambda t: t["at"].notnull())
    row = source.engine.to_arrow((found.order_by(ROW) if ROW in found.columns else found).limit(1)).to_pylist()
    if row:
        raise InputError(
            f"A quotation mark is not closed: column {row[0]['at']!r} goes on over what look like further rows.",
            where=f"{source.name}, row {row[0][ROW]}" if ROW in row[0] else source.name,
            advice='Correct the quotation mark there (within a value it is written ""), or save the file again as CSV.',
        )


def _dates(
    seen: dict[tuple[str, str], Any], mapping: Mapping, otherwise: tuple[Layout, ...]
) -> tuple[tuple[Layout, ...], bool]:
    if mapping.date_format is not None:
        return (dates.stated(mapping.date_format),), False
    found = {what: value or 0 for (name, what), value in seen.items() if name == "date"}
    try:
        names = dates.layouts(found, column=mapping["date"])
    except AmbiguousDateError:
        if set(otherwise) <= _CLEAR:
            raise
        names = dates.layouts(found | {"slashed": 0}, column=mapping["date"])
    return (*(LAYOUTS[name] for name in names), *otherwise), bool(found["epoch"])


def _zoneless(seen: dict[tuple[str, str], Any], date: ir.Value, mapping: Mapping, *, zone: str | None) -> list[Notice]:
    """What to say of moments without the shop's zone."""
    moments = date.type().is_timestamp() and date.type().timezone is not None
    if zone is not None or not (moments or seen.get(("date", "offset")) or _counts_seconds(seen)):
        return []
    taken = "moments_as_written" if seen.get(("date", "offset")) else "moments_in_utc"
    return [Notice(taken, column=mapping["date"])]


def _counts_seconds(seen: dict[tuple[str, str], Any]) -> bool:
    return bool(seen.get(("date", "epoch"))) or (seen.get(("date", "largest")) or 0) >= dates.SECONDS


def _decimals(
    source: Source, seen: dict[tuple[str, str], Any], texts: dict[str, ir.Value], mapping: Mapping
) -> tuple[dict[str, str], list[Notice]]:
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
                Notice("decimal_mark", column=mapping[name], example=f"1{found[name]}234", mark=found[name])
            )
    return found, warnings


def _currencies(source: Source, mapping: Mapping) -> tuple[str, ...]:
    code = currency_code(source.table[mapping["currency"]])
    counted = source.table.select(code=code).group_by("code").aggregate(rows=lambda t: t.count())
    codes = source.engine.to_arrow(counted.order_by(ibis.desc("rows")).limit(_CURRENCIES))["code"].to_pylist()
    return tuple(code for code in codes if code is not None)


def currency_code(column: ir.Value) -> ir.StringValue:
    """The ISO code of a currency, for what a column may say instead: €, Euro, $."""
    text = stripped(column.cast("string")).upper().nullif("")
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


def _once(source: Source, mapping: Mapping, decimals: dict[str, str]) -> bool:
    """Whether rows of one order with the same amount are one: nearly all orders of several rows repeat one amount.

    Where there are columns of lines the amount has to be called a total as well, and to be no product of them.
    """
    lines = LINE_FIELDS & mapping.columns.keys()
    if "amount" not in mapping or (lines and not mapping.order_total):
        return False

    def read(name: str) -> ir.FloatingValue:
        return numbers.amounts(source.table[mapping[name]], decimals.get(name, "."), column_name=mapping[name])

    lined = read("quantity") * read("price") if {"quantity", "price"} <= lines else ibis.null("float64")
    rows = source.table.select(order=source.table[mapping["order"]], amount=read("amount"), line=lined)
    rows = rows.filter(rows.order.notnull() & (rows.amount.isnull() | (rows.amount > 0)))
    orders = rows.group_by("order").aggregate(
        rows=rows.count(),
        amounts=rows.amount.nunique(),
        lines=((rows.line - rows.amount).abs() < 0.01 * rows.amount).cast("int64").sum(),
    )
    several = orders.filter(orders.rows > 1)
    repeated = (several.amounts == 1) & (several.lines.fill_null(0) < several.rows)
    found = source.engine.to_arrow(several.aggregate(all=several.count(), one=repeated.cast("int64").sum()))
    every, one = found["all"][0].as_py(), found["one"][0].as_py() or 0
    return bool(every) and one >= NEARLY_ALL * every


def kept_currency(
    found: tuple[str, ...], currency: str | None, rates: dict[str, float] | None
) -> tuple[str | None, dict[str, float]]:
    """The currency that amounts will be in, and what one unit of each found one is worth in it.

    Raises
    ------
    CurrencyError : there are several, and none to keep or a rate is missing.
    InputError : a rate is not a positive number.
    """
    rates = {code.upper(): _exchange_rate(code, rate) for code, rate in (rates or {}).items()}
    kept = currency.upper() if currency else found[0] if len(found) == 1 else None
    if kept is None and len(found) > 1:
        raise CurrencyError(f"Amounts are in {len(found)} currencies: {', '.join(found)}.")
    missing = [code for code in found if code != kept and code not in rates]
    if missing:
        raise CurrencyError(f"There is no exchange rate into {kept} for {', '.join(missing)}.")
    return kept, {code: 1.0 if code == kept else rates[code] for code in found}


def _exchange_rate(code: str, stated: Any) -> float:
    try:
        rate = float(stated)
    except (TypeError, ValueError):
        rate = 0.0
    if not 0 < rate < float("inf"):
        raise InputError(f"{stated!r} is no exchange rate.", where=code, advice="Say what one unit is worth: CHF=1.05.")
    return rate
