"""Days as facts count them: whole numbers from 1 January 1970, in the shop's zone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

EPOCH = date(1970, 1, 1)


def number(now: datetime) -> int:
    """The shop's day of a moment."""
    return count(now.astimezone(ZoneInfo(settings.SHOP_ZONE)).date())


def count(day: date) -> int:
    """A day as a number."""
    return (day - EPOCH).days


def day(number: int) -> date:
    """The day of a number."""
    return EPOCH + timedelta(days=number)
