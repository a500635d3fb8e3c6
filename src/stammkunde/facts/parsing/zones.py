"""Moments to days of a time zone, as arithmetic that every engine does alike."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import ibis
import ibis.expr.types as ir

from stammkunde.errors import InputError

FIRST, LAST = 1990, 2050
DAY = 86_400


def zone(name: str) -> ZoneInfo:
    """The zone called `name`, such as Europe/Berlin.

    Raises
    ------
    InputError : there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(f"There is no time zone {name!r}.", advice="Name one such as Europe/Berlin or UTC.") from error


@cache
def transitions(name: str) -> tuple[tuple[int, int], ...]:
    """Moments (seconds since 1970, UTC) from which an offset (seconds) holds in the zone; the first from the start."""
    here = zone(name)
    found: list[tuple[int, int]] = []
    moment, end = datetime(FIRST, 1, 1, tzinfo=UTC), datetime(LAST, 1, 1, tzinfo=UTC)
    while moment < end:
        offset = _offset(moment, here)
        if not found or offset != found[-1][1]:
            found.append((int((_first_with(offset, moment, here) if found else moment).timestamp()), offset))
        moment += timedelta(days=1)
    return tuple(found)


def day_number(seconds: ir.NumericValue, name: str | None) -> ir.IntegerValue:
    """Days since 1970 in the zone, of moments given in seconds since 1970 (UTC); without a zone in UTC."""
    if name is None:
        return (seconds / DAY).floor().cast("int64")
    shift = _offset_at(seconds, transitions(name))
    return ((seconds + shift) / DAY).floor().cast("int64")


def _offset_at(seconds: ir.NumericValue, steps: tuple[tuple[int, int], ...]) -> ir.IntegerValue:
    """The offset that holds, found by halving: seven comparisons a row instead of a hundred."""
    if len(steps) == 1:
        return ibis.literal(steps[0][1], "int64")
    middle = len(steps) // 2
    later = seconds >= steps[middle][0]
    return later.ifelse(_offset_at(seconds, steps[middle:]), _offset_at(seconds, steps[:middle]))


def _offset(moment: datetime, here: ZoneInfo) -> int:
    shift = moment.astimezone(here).utcoffset()
    return 0 if shift is None else int(shift.total_seconds())


def _first_with(offset: int, moment: datetime, here: ZoneInfo) -> datetime:
    """The first second within the day before `moment` with this offset."""
    low, high = 0, DAY
    while low < high:
        middle = (low + high) // 2
        at = moment - timedelta(seconds=DAY - middle)
        low, high = (low, middle) if _offset(at, here) == offset else (middle + 1, high)
    return moment - timedelta(seconds=DAY - high)
