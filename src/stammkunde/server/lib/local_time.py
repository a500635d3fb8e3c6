"""Hours as people live them: "nine o'clock where the customer is", over changes of the clock and odd names of zones.

A zone is kept by its name and asked late: laws on summer time change, and what was "09:00" stays it. Where an hour does
not exist (the clock was put forward) the first moment after the gap is meant; where it comes twice, the first.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings

#: Where a country lies in one zone, or nearly all of its people do. For customers whose own zone is not known.
OF_COUNTRY = {
    "DE": "Europe/Berlin",
    "AT": "Europe/Vienna",
    "CH": "Europe/Zurich",
    "LI": "Europe/Vaduz",
    "LU": "Europe/Luxembourg",
    "FR": "Europe/Paris",
    "BE": "Europe/Brussels",
    "NL": "Europe/Amsterdam",
    "IT": "Europe/Rome",
    "PL": "Europe/Warsaw",
    "ES": "Europe/Madrid",
    "PT": "Europe/Lisbon",
    "GB": "Europe/London",
    "IE": "Europe/Dublin",
    "DK": "Europe/Copenhagen",
    "SE": "Europe/Stockholm",
    "NO": "Europe/Oslo",
    "FI": "Europe/Helsinki",
    "EE": "Europe/Tallinn",
    "LV": "Europe/Riga",
    "LT": "Europe/Vilnius",
    "CZ": "Europe/Prague",
    "SK": "Europe/Bratislava",
    "HU": "Europe/Budapest",
    "SI": "Europe/Ljubljana",
    "HR": "Europe/Zagreb",
    "RO": "Europe/Bucharest",
    "BG": "Europe/Sofia",
    "GR": "Europe/Athens",
    "CY": "Asia/Nicosia",
    "MT": "Europe/Malta",
    "IS": "Atlantic/Reykjavik",
    "TR": "Europe/Istanbul",
    "JP": "Asia/Tokyo",
    "IN": "Asia/Kolkata",
    "CN": "Asia/Shanghai",
    "NZ": "Pacific/Auckland",
    "US": "America/New_York",
    "CA": "America/Toronto",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
}


@lru_cache(maxsize=2048)
def zone_of(name: str, country: str = "") -> ZoneInfo:
    """The zone of that name; else that of the country (ISO 3166, two letters); else the shop's. Never fails."""
    for each in (name, OF_COUNTRY.get(country.upper(), ""), settings.SHOP_ZONE):
        found = _known(each)
        if found is not None:
            return found
    return ZoneInfo("UTC")


def _known(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # unknown; a path; the name of a folder
        return None


def resolve(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """The moment (UTC) at which clocks of a zone show an hour of a day."""
    local = datetime.combine(day, hour.replace(tzinfo=None, fold=0), tzinfo=zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    return _after_gap(local, zone)


def _after_gap(local: datetime, zone: ZoneInfo) -> datetime:
    """The first moment after the hours that were skipped. Of the two readings of such an hour, the one with the offset
    from before the gap (fold 0) lies after it by exactly as far as the hour lies within."""
    before, after = local.utcoffset(), local.replace(fold=1).utcoffset()
    if before is None or after is None:  # a zone always says
        raise ValueError(f"{zone} has no offset.")
    low, high = local.astimezone(UTC) - (after - before), local.astimezone(UTC)
    while high - low > timedelta(seconds=1):  # where in between the offset changes
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high.replace(microsecond=0)


def next_at(after: datetime, hour: time, zone: ZoneInfo, weekdays: frozenset[int] | None = None) -> datetime:
    """The first moment strictly after another at which it is that hour there, on one of the weekdays (0 is Monday).

    Raises
    ------
    ValueError : no weekday is left.
    """
    if weekdays is not None and not weekdays & set(range(7)):
        raise ValueError("No day of the week is left.")
    day = after.astimezone(zone).date() - timedelta(days=1)  # a gap may push an hour of yesterday into today
    while True:
        if weekdays is None or day.weekday() in weekdays:
            moment = resolve(day, hour, zone)
            if moment > after:
                return moment
        day += timedelta(days=1)


def outside_quiet(at: datetime, start: time, end: time, zone: ZoneInfo) -> datetime:
    """The moment itself, or the end of the quiet hours it lies in; they may go over midnight. Equal ends: none."""
    if start == end:
        return at
    today = at.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        begins, ends = resolve(day, start, zone), resolve(day + timedelta(days=end < start), end, zone)
        if begins <= at < ends:
            return ends
    return at
