"""Days written as text or numbers: ISO, 31.12.2024, 12/31/2024, 20241231, 31 Dec 2024, seconds since 1970."""

import re
from dataclasses import dataclass

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from stammkunde.errors import AmbiguousDateError, InputError
from stammkunde.facts.parsing.zones import DAY, day_number

_TIME = r"(?:[T ,]+[0-9]{1,2}:[0-9]{2}.*)?$"
_MONTHS = ("jan", "feb", "mar|mär|mae|mrz", "apr", "may|mai", "jun", "jul", "aug", "sep", "oct|okt", "nov", "dec|dez")
_CLOCK = r"[T ,]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?:[.,][0-9]+)?\s*(?i:(am|pm))?\s*(Z|z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?\s*$"
_TEXTS = {
    "%Y": "([0-9]{4})", "%y": "([0-9]{2})", "%m": "([0-9]{1,2})", "%d": "([0-9]{1,2})", "%b": "([^0-9 ./-]{3,9})",
    "%B": "([^0-9 ./-]{3,9})", "%H": "[0-9]{1,2}", "%I": "[0-9]{1,2}", "%M": "[0-9]{2}", "%S": "[0-9]{2}", "%f": "[0-9]+",
    "%z": "(?:Z|[+-][0-9:]+)", "%Z": "[A-Za-z]+", "%p": "(?:AM|PM|am|pm)", "%a": "[^ ,]+", "%A": "[^ ,]+", "%j": None,
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """A way to write a day: a pattern, and which of its groups are year, month and day, such as "ymd"."""

    pattern: str
    groups: str


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
    """Counts over a column: values of each layout, which slashed ones can only be day or month first, times with offset."""
    plain = text.strip()
    first, second = (plain.re_extract(_SLASHED, group).nullif("").cast("int64") for group in (1, 2))
    counts = {name: plain.re_search(layout.pattern) for name, layout in LAYOUTS.items() if not name.endswith(" first")}
    counts |= {
        "slashed": plain.re_search(_SLASHED),
        "day first": (first > 12) & (second <= 12),
        "month first": (second > 12) & (first <= 12),
        "epoch": plain.re_search(_EPOCH),
        "offset": plain.re_search(r":[0-9.]+\s*(Z|z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})$"),
    }
    found = {name: one.fill_null(False).cast("int64").sum() for name, one in counts.items()}
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
            f"Dates such as {seen['example']!r} may be read day first or month first; {why}.", where=f"column {column!r}"
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
        if _TEXTS.get(part) is None:
            raise InputError(f"{part} is not known in a date format.", where=repr(date_format), advice=_FORMATS)
        pattern += str(_TEXTS[part])
        order += {"%y": "y", "%Y": "y", "%m": "m", "%b": "m", "%B": "m", "%d": "d"}.get(part, "")
    if sorted(order) != ["d", "m", "y"]:
        raise InputError("A date format needs day, month and year.", where=repr(date_format), advice=_FORMATS)
    packed = bool(re.fullmatch(r"(%[yYmd])+", date_format.strip()))  # %d%m%Y: without signs between, two digits each
    return Layout("^" + (pattern.replace("{1,2}", "{2}") if packed else pattern) + r"(?:[T ]+.*)?$", order)


_FORMATS = 'Such as "%d/%m/%Y", "%m/%d/%Y %H:%M" or "%Y%m%d".'


def day_of_text(text: ir.StringValue, tried: list[Layout], *, epoch: bool, zone: str | None) -> ir.DateValue:
    """The day, null where there is none or it does not exist (30 February).

    With `zone`, moments with an offset are brought there; without it days are as written. A time without offset is taken
    to be local in either case.
    """
    plain = text.strip()
    found: list[tuple[ir.BooleanValue, ir.DateValue]] = []
    for layout in tried:
        matches = plain.re_search(layout.pattern)
        day = _calendar(*(_group(plain, layout, part) for part in "ymd"))
        found.append((matches, day if zone is None else _moved(plain, day, zone)))
    if epoch:
        number = plain.re_search(_EPOCH).ifelse(plain, ibis.null("string")).cast("float64")
        found.append((plain.re_search(_EPOCH), _from_number(day_number(_seconds(number), zone))))
    nothing = ibis.null("date")
    return ibis.cases(*found, else_=nothing) if found else nothing


def day_of_typed(column: ir.Value, *, zone: str | None) -> ir.DateValue:
    """The day of a date, a moment (with a zone: brought there; without one: as it is) or a number (20241231, or epoch).

    Raises
    ------
    InputError : the column is of another type.
    """
    kind = column.type()
    if isinstance(kind, dt.Date):
        return column
    if isinstance(kind, dt.Timestamp):
        if kind.timezone is None:
            return column.date()
        return _from_number(day_number(column.epoch_seconds(), zone))
    if isinstance(kind, dt.Integer | dt.Floating | dt.Decimal):
        number = column.cast("float64")
        written = number.between(1.9e7, 2.1e7)
        whole = written.ifelse(number, ibis.null("float64")).cast("int64")
        day = _calendar((whole / 10_000).floor().cast("int64"), (whole / 100).floor().cast("int64") % 100, whole % 100)
        return ibis.cases(
            (written, day), (number >= 1e8, _from_number(day_number(_seconds(number), zone))), else_=ibis.null("date")
        )
    raise InputError(f"A column of type {kind} holds no dates.", advice="Use dates, timestamps, text or seconds since 1970.")


def _group(plain: ir.StringValue, layout: Layout, part: str) -> ir.IntegerValue:
    text = plain.re_extract(layout.pattern, layout.groups.index(part) + 1)
    if part == "m":
        named = [(text.lower().re_search(f"^({name})"), number) for number, name in enumerate(_MONTHS, 1)]
        digits = text.re_search("^[0-9]+$").ifelse(text, ibis.null("string")).cast("int64")
        return ibis.cases(*named, else_=digits)
    number = text.nullif("").cast("int64")
    if part == "y":
        century = (number < 69).ifelse(2000, 1900)  # POSIX
        return (text.length() <= 2).ifelse(number + century, number)
    return number


def _calendar(year: ir.IntegerValue, month: ir.IntegerValue, day: ir.IntegerValue) -> ir.DateValue:
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    last = ibis.cases(
        (month == 2, leap.ifelse(29, 28)), (month.isin([4, 6, 9, 11]), ibis.literal(30, "int8")), else_=ibis.literal(31, "int8")
    )
    exists = month.between(1, 12) & (day >= 1) & (day <= last) & year.between(1, 9999)
    year, month, day = (exists.ifelse(part, ibis.null("int64")) for part in (year, month, day))
    return ibis.date(year.cast("int32"), month.cast("int32"), day.cast("int32"))


def _moved(plain: ir.StringValue, day: ir.DateValue, zone: str) -> ir.DateValue:
    """The day in `zone` of what is written with an offset; other days as they are."""
    hour, minute, second, half, offset = (plain.re_extract(_CLOCK, group).nullif("") for group in (1, 2, 3, 4, 5))
    hours = hour.cast("int64")
    hours = ibis.cases((half.lower() == "pm", hours % 12 + 12), (half.lower() == "am", hours % 12), else_=hours)
    seconds = hours * 3600 + minute.cast("int64") * 60 + second.cast("int64").fill_null(0)
    digits = offset.re_replace("[^0-9]", "").nullif("")
    ahead = (digits.substr(0, 2).cast("int64") * 60 + digits.substr(2, 2).cast("int64")) * 60
    ahead = offset.startswith("-").ifelse(-ahead, ahead).fill_null(0)
    midnight = day.delta(ibis.date("1970-01-01"), unit="day").cast("int64") * DAY
    return offset.isnull().ifelse(day, _from_number(day_number(midnight + seconds - ahead, zone)))


def _seconds(number: ir.FloatingValue) -> ir.FloatingValue:
    """Seconds since 1970, of a number that may count seconds, milli-, micro- or nanoseconds."""
    return ibis.cases(
        (number < 1e11, number), (number < 1e14, number / 1e3), (number < 1e17, number / 1e6), else_=number / 1e9
    )


def _from_number(days: ir.IntegerValue) -> ir.DateValue:
    inside = days.between(-25_567, 2_932_896)  # 1900 to 9999
    return (ibis.date("1970-01-01") + inside.ifelse(days, ibis.null("int64")).as_interval("D")).cast("date")
