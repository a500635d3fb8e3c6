"""Days written as text or numbers: ISO, 31.12.2024, 12/31/2024, 20241231, 31 Dec 2024, seconds since 1970."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from stammkunde.errors import AmbiguousDateError, InputError
from stammkunde.facts.parsing.blanks import stripped
from stammkunde.facts.parsing.zones import DAY, day_number

SECONDS = 1e8  # numbers from here on count seconds since 1970, or parts of them
_TIME = r"(?:[T ,]+[0-9]{1,2}:[0-9]{2}.*)?$"
_MONTHS = ("jan", "feb", "mar|mär|mae|mrz", "apr", "may|mai", "jun", "jul", "aug", "sep", "oct|okt", "nov", "dec|dez")
_OFFSET = r"(Z|z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})"
_CLOCK = rf"[T ,]+([0-9]{{1,2}}):([0-9]{{2}})(?::([0-9]{{2}}))?(?:[.,][0-9]+)?\s*(?i:(am|pm))?\s*{_OFFSET}?\s*$"
_TEXTS = {
    "%Y": "([0-9]{4})", "%y": "([0-9]{2})", "%m": "([0-9]{1,2})", "%d": "([0-9]{1,2})", "%b": "([^0-9 ./-]{3,9})",
    "%B": "([^0-9 ./-]{3,9})", "%H": "[0-9]{1,2}", "%I": "[0-9]{1,2}", "%M": "[0-9]{2}", "%S": "[0-9]{2}",
    "%f": "[0-9]+", "%z": "(?:Z|[+-][0-9:]+)", "%Z": "[A-Za-z]+", "%p": "(?:AM|PM|am|pm)", "%a": "[^ ,]+",
    "%A": "[^ ,]+",
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """A way to write a day: a pattern, and which of its groups are year, month and day, such as "ymd"."""

    pattern: str
    groups: str

    def place(self, part: str) -> int:
        """Which group of the pattern is the year ("y"), month ("m") or day ("d")."""
        return self.groups.index(part) + 1


LAYOUTS: dict[str, Layout] = {
    "iso": Layout(r"^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})" + _TIME, "ymd"),
    "dotted": Layout(r"^([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4}|[0-9]{2})" + _TIME, "dmy"),
    "compact": Layout(r"^((?:19|20)[0-9]{2})([01][0-9])([0-3][0-9])" + _TIME, "ymd"),
    "day first": Layout(r"^([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4}|[0-9]{2})" + _TIME, "dmy"),
    "month first": Layout(r"^([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4}|[0-9]{2})" + _TIME, "mdy"),
    "day, month name": Layout(r"^([0-9]{1,2})[. -]+([^0-9 .-]{3,9})[., -]+([0-9]{4})" + _TIME, "dmy"),
    "month name, day": Layout(r"^([^0-9 .-]{3,9})[. ]+([0-9]{1,2})(?:st|nd|rd|th)?[, ]+([0-9]{4})" + _TIME, "mdy"),
}
_SLASHED = LAYOUTS["day first"].pattern
_EPOCH = r"^[0-9]{9,10}(\.[0-9]+)?$|^[0-9]{12,13}$|^[0-9]{15,16}$|^[0-9]{18,19}$"


def evidence(text: ir.StringValue) -> dict[str, ir.Value]:
    """Counts over a column: of each layout, slashed ones that can only be day or month first, times with offset."""
    plain = stripped(text)
    first, second = (plain.re_extract(_SLASHED, group).nullif("").cast("int64") for group in (1, 2))
    counts = {name: plain.re_search(layout.pattern) for name, layout in LAYOUTS.items() if not name.endswith(" first")}
    counts |= {
        "slashed": plain.re_search(_SLASHED),
        "day first": (first > 12) & (second <= 12),
        "month first": (second > 12) & (first <= 12),
        "epoch": plain.re_search(_EPOCH),
        "offset": plain.re_search(rf":[0-9.]+\s*{_OFFSET}$"),
    }
    found = {name: one.fill_null(ibis.literal(value=False)).cast("int64").sum() for name, one in counts.items()}
    example = counts["slashed"].ifelse(plain, ibis.null("string")).max()
    return found | {"example": example}


def layouts(seen: dict[str, int | str | None], *, column: str) -> list[str]:
    """The layouts to try on each value, in this order.

    Raises
    ------
    AmbiguousDateError : nothing in the column says whether day or month comes first, or one value says one, another
        the other.
    """
    used = [name for name in LAYOUTS if seen.get(name) and not name.endswith(" first")]
    if not seen["slashed"]:
        return used
    day, month = bool(seen["day first"]), bool(seen["month first"])
    if day == month:
        why = "some rows can only be day first, others only month first" if day else "no row says which comes first"
        raise AmbiguousDateError(
            f"Dates such as {seen['example']!r} may be read day first or month first; {why}.",
            where=f"column {column!r}",
        )
    return [*used, "day first" if day else "month first"]


def stated(date_format: str) -> Layout:
    """The layout of a format such as "%d/%m/%Y %H:%M".

    Raises
    ------
    InputError : it has not each of day, month and year, or a sign that is not known here.
    """
    pattern, order = "", ""
    for part in re.split(r"(%[A-Za-z])", date_format.strip()):
        if not part.startswith("%"):
            pattern += re.escape(part).replace(r"\ ", r"\s+")
            continue
        if part not in _TEXTS:
            raise InputError(f"{part} is not known in a date format.", where=repr(date_format), advice=_FORMATS)
        pattern += _TEXTS[part]
        order += {"%y": "y", "%Y": "y", "%m": "m", "%b": "m", "%B": "m", "%d": "d"}.get(part, "")
    if sorted(order) != ["d", "m", "y"]:
        raise InputError("A date format needs day, month and year.", where=repr(date_format), advice=_FORMATS)
    packed = bool(re.fullmatch(r"(%[yYmd])+", date_format.strip()))  # %d%m%Y: without signs between, two digits each
    return Layout("^" + (pattern.replace("{1,2}", "{2}") if packed else pattern) + r"(?:[T ]+.*)?$", order)


_FORMATS = 'Such as "%d/%m/%Y", "%m/%d/%Y %H:%M" or "%Y%m%d".'


def with_day_of_text(
    table: ir.Table, column: str, into: str, *, tried: Sequence[Layout], epoch: bool, zone: str | None
) -> ir.Table:
    """The table with the day that a column of text names, null where it names none, or one that does not exist.

    With `zone`, moments with an offset are brought there; without it days are as written. A time without offset is
    taken to be local in either case. All goes step by step, since an expression is written out as often as it is used.
    """
    t = table.mutate(d_text=stripped(table[column]))
    which = [(t.d_text.re_search(layout.pattern), i) for i, layout in enumerate(tried)]
    t = t.mutate(d_layout=ibis.cases(*which, (t.d_text.re_search(_EPOCH) & epoch, -1)))
    t = t.mutate(d_year=_part(t, tried, "y"), d_month=_part(t, tried, "m"), d_day=_part(t, tried, "d"))
    t = t.mutate(d_year=_year(t.d_year), d_month=_month(t.d_month), d_day=t.d_day.nullif("").cast("int64"))
    t = _with_date(t, into)
    if epoch:
        number = (t.d_layout == -1).ifelse(t.d_text, ibis.null("string")).cast("float64")
        t = t.mutate(d_epoch=_seconds(number))
    if zone is not None:
        t = _with_moment(t, into)
    moments = [t[name] for name in ("d_epoch", "d_moment") if name in t.columns]
    if moments:
        t = _with_shifted(t.mutate(d_moment=ibis.coalesce(*moments)), into, zone)
    return _tidy(t)


def with_day_of_typed(table: ir.Table, column: str, into: str, *, zone: str | None) -> ir.Table:
    """The table with the day of a date, a moment (with a zone: brought there; without one: as it is) or a number, which
    is 20241231 or counts seconds, milli-, micro- or nanoseconds since 1970.

    Raises
    ------
    InputError : the column is of another type.
    """
    value = table[column]
    kind = value.type()
    if isinstance(kind, dt.Date):
        return table.mutate(**{into: value})
    if isinstance(kind, dt.Timestamp) and kind.timezone is None:
        return table.mutate(**{into: value.date()})
    if isinstance(kind, dt.Timestamp):
        t = table.mutate(d_moment=value.epoch_seconds().cast("float64"), **{into: ibis.null("date")})
        return _tidy(_with_shifted(t, into, zone))
    if isinstance(kind, dt.Integer | dt.Floating | dt.Decimal):
        t = table.mutate(d_number=value.cast("float64"))
        t = t.mutate(d_packed=_where(t.d_number.between(1.9e7, 2.1e7), t.d_number).cast("int64"))
        t = t.mutate(
            d_year=(t.d_packed / 10_000).floor().cast("int64"),
            d_month=(t.d_packed / 100).floor().cast("int64") % 100,
            d_day=t.d_packed % 100,
            d_moment=_seconds(_where(t.d_number.between(SECONDS, 1e19), t.d_number)),  # NaN counts as large
        )
        return _tidy(_with_shifted(_with_date(t, into), into, zone))
    raise InputError(
        f"A column of type {kind} holds no dates.",
        where=f"column {column!r}",
        advice="Use dates, timestamps, text or seconds since 1970.",
    )


def _part(t: ir.Table, tried: Sequence[Layout], part: str) -> ir.StringValue:
    """The text of year, month or day, by the layout of the row."""
    found = [(t.d_layout == i, t.d_text.re_extract(way.pattern, way.place(part))) for i, way in enumerate(tried)]
    return ibis.cases(*found) if found else ibis.null("string")


def _year(text: ir.StringValue) -> ir.IntegerValue:
    number = text.nullif("").cast("int64")
    return (text.length() <= 2).ifelse(number + (number < 69).ifelse(2000, 1900), number)  # the century as in POSIX


def _month(text: ir.StringValue) -> ir.IntegerValue:
    named = [(text.lower().re_search(f"^({name})"), ibis.literal(n, "int64")) for n, name in enumerate(_MONTHS, 1)]
    return ibis.cases(*named, else_=_where(text.re_search("^[0-9]+$"), text).cast("int64"))


def _with_date(t: ir.Table, into: str) -> ir.Table:
    """The day of d_year, d_month, d_day."""
    year, month, day = t.d_year, t.d_month, t.d_day
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    last = ibis.cases((month == 2, leap.ifelse(29, 28)), (month.isin([4, 6, 9, 11]), 30), else_=31)
    t = t.mutate(d_exists=month.between(1, 12) & (day >= 1) & (day <= last) & year.between(1, 9999))
    parts = (_where(t.d_exists, part).cast("int32") for part in (t.d_year, t.d_month, t.d_day))
    return t.mutate(**{into: ibis.date(*parts)})


def _with_moment(t: ir.Table, day: str) -> ir.Table:
    """Seconds since 1970 of what is written with an offset, as d_moment; null for other rows."""
    names = ("hour", "minute", "second", "half", "offset")
    t = t.mutate(**{f"d_{n}": t.d_text.re_extract(_CLOCK, i).nullif("") for i, n in enumerate(names, 1)})
    t = t.mutate(d_hour=t.d_hour.cast("int64"), d_half=t.d_half.lower())
    hour = ibis.cases((t.d_half == "pm", t.d_hour % 12 + 12), (t.d_half == "am", t.d_hour % 12), else_=t.d_hour)
    digits = t.d_offset.re_replace("[^0-9]", "").nullif("")
    ahead = (digits.substr(0, 2).cast("int64") * 60 + digits.substr(2, 2).cast("int64")) * 60
    ahead = t.d_offset.startswith("-").ifelse(-ahead, ahead).fill_null(0)  # Z, UTC and GMT have no digits
    seconds = hour * 3600 + t.d_minute.cast("int64") * 60 + t.d_second.cast("int64").fill_null(0)
    midnight = t[day].delta(ibis.date("1970-01-01"), unit="day").cast("int64") * DAY
    return t.mutate(d_moment=_where(t.d_offset.notnull(), midnight + seconds - ahead).cast("float64"))


def _with_shifted(t: ir.Table, into: str, zone: str | None) -> ir.Table:
    """The day of d_moment in `zone`; where there is no moment, the day there is."""
    t = t.mutate(d_number=day_number(t.d_moment, zone))
    t = t.mutate(d_number=_where(t.d_number.between(-25_567, 2_932_896), t.d_number))  # 1900 to 9999
    moved = ibis.date("1970-01-01") + t.d_number.as_interval("D")  # a date to Ibis, a moment to DuckDB
    moved = moved.cast("timestamp").cast("date")
    return t.mutate(**{into: ibis.coalesce(moved, t[into])})


def _seconds(number: ir.FloatingValue) -> ir.FloatingValue:
    """Seconds since 1970, of a number that may count seconds, milli-, micro- or nanoseconds."""
    return ibis.cases(
        (number < 1e11, number), (number < 1e14, number / 1e3), (number < 1e17, number / 1e6), else_=number / 1e9
    )


def _where(condition: ir.BooleanValue, value: ir.Value) -> ir.Value:
    return condition.ifelse(value, ibis.null(value.type()))


def _tidy(t: ir.Table) -> ir.Table:
    return t.drop(*(name for name in t.columns if name.startswith("d_")))
