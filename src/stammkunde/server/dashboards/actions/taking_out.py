"""Customers' data leave the house: the log says whose, when, and by whom."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.dashboards.queries import taking_out
from stammkunde.server.dashboards.queries.shelves import Filter


def take_out(who: Filter, *, search: str, sort: str, now: datetime, by: User | Key | None) -> Iterator[str]:
    """The lines of a list as CSV, after it was noted who took it."""
    told = {**who.asked, **({"search": search} if search else {})}
    record("took out", "customers", now=now, by=by, change=told)
    return taking_out.lines(who, search=search, sort=sort, currency=settings.CURRENCY)
