"""Amounts written as text: 1.234,56 € or $1,234.56, 12,50- or (12.50)."""

import ibis
import ibis.expr.types as ir

from stammkunde.errors import InputError
from stammkunde.facts.parsing.blanks import stripped

#: Currency codes and how amounts are marked with them; a mark may stand before or after the number.
MARKS = {
    "EUR": "€|eur|euro",
    "USD": r"us\$|\$|usd",
    "GBP": "£|gbp",
    "CHF": r"chf|sfr\.?|fr\.",
    "JPY": "¥|jpy",
    "PLN": "zł|pln",
}
LARGEST = 1e12  # beyond any order, in any currency
FINITE = 1.7e308

_EDGES = "(?i)" + "|".join(f"^({mark})|({mark})$" for mark in MARKS.values())
_POINT = r"^([0-9]+|[0-9]{1,3}(,[0-9]{3})+)?(\.[0-9]*)?([eE][+-]?[0-9]+)?$"
_COMMA = r"^([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)?(,[0-9]*)?([eE][+-]?[0-9]+)?$"
_DIGIT = r"[0-9]"


def evidence(text: ir.StringValue) -> dict[str, ir.Value]:
    """Counts over a column: values that can only have a decimal comma or point, may have either, and currency marks."""
    bare, _ = _bare(text)
    counts = {
        "comma": bare.re_search(r",[0-9]{1,2}$|,[0-9]{4,}$|\..*,"),
        "point": bare.re_search(r"\.[0-9]{1,2}$|\.[0-9]{4,}$|,.*\."),
        "either": bare.re_search(r"^[0-9]{1,3}[.,][0-9]{3}$"),
    }
    plain = stripped(text)
    for code, mark in MARKS.items():
        counts[code] = plain.re_search(f"(?i)^[-+(]?\\s*({mark})|({mark})\\s*[-)]?$") & plain.re_search(_DIGIT)
    return {name: found.fill_null(ibis.literal(value=False)).cast("int64").sum() for name, found in counts.items()}


def number(text: ir.StringValue, *, decimal: str) -> ir.FloatingValue:
    """The value, null where there is none. `decimal` decides only what may be read either way.

    A minus may stand before or behind, parentheses mean one; spaces, apostrophes and currency marks are dropped.
    """
    bare, negative = _bare(text)
    first, second = (_COMMA, _POINT) if decimal == "," else (_POINT, _COMMA)
    other = "." if decimal == "," else ","
    usual, unusual = bare.re_search(first), bare.re_search(second)
    chosen = ibis.cases((usual, _american(bare, decimal)), (unusual, _american(bare, other)), else_=ibis.null("string"))
    read = bare.re_search(_DIGIT).ifelse(chosen, ibis.null("string")).cast("float64")
    return negative.ifelse(-read, read)


def amounts(column: ir.Value, decimal: str, *, column_name: str) -> ir.FloatingValue:
    """Numbers of a column of text or numbers; NaN and the infinite are none.

    Raises
    ------
    InputError : the column is of another type.
    """
    kind = column.type()
    if kind.is_string():
        return number(column, decimal=decimal)
    if kind.is_floating():
        return column.between(-FINITE, FINITE).ifelse(column.cast("float64"), ibis.null("float64"))
    if kind.is_integer() or kind.is_decimal() or kind.is_null():
        return column.cast("float64")
    raise InputError(f"A column of type {kind} holds no numbers.", where=f"column {column_name!r}")


def _bare(text: ir.StringValue) -> tuple[ir.StringValue, ir.BooleanValue]:
    """The digits with their marks, and whether a minus was there."""
    packed = text.re_replace("[\\s\u00a0\u202f'’]", "").replace("−", "-").replace("–", "-")
    signed = packed.re_replace(_EDGES, "").re_replace(r"^([-+(])(€|\$|£|¥)", "-")
    negative = packed.re_search(r"^[^0-9]{0,4}-[^0-9]{0,4}[0-9.,]|^\(.*\)$|[0-9]-[^0-9]*$")
    return signed.re_replace(r"^[-+(]+|[-+)]+$", "").re_replace(_EDGES, ""), negative


def _american(bare: ir.StringValue, decimal: str) -> ir.StringValue:
    return bare.replace(".", "").replace(",", ".") if decimal == "," else bare.replace(",", "")
