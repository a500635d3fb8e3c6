"""Days that come by themselves: birthdays, anniversaries, the first of a quarter, a rhythm that is passed."""

from calendar import isleap
from collections.abc import Callable
from datetime import date, timedelta

from django.db import connection

from stammkunde.server.journeys.definitions.language import Trigger
from stammkunde.server.journeys.running.moments import stamp
from stammkunde.server.journeys.triggers.base import NONE, Window, source, union
from stammkunde.server.segments.queries import days
from stammkunde.server.segments.rules.compiling import Sql
from stammkunde.server.shop.models import Customer

YEARS = 60  # back: no shop's record is older


def _by_day(window: Window, rows: str, customer: str, where: Callable[[date], tuple[str, str] | None]) -> Sql:
    """For each day of the window the customers of a condition; `where` gives it, and what the day is called."""
    parts = []
    at = "CAST(%s AS TIMESTAMPTZ)" if connection.vendor == "postgresql" else "%s"
    for day, moment in window.days():
        found = where(day)
        if found is not None:
            text = f"""SELECT {customer} AS customer_id, {at} AS moment, {NONE} AS order_id, {NONE} AS cart_id,
                '{{}}' AS refs, '{found[1]}' AS what FROM {rows} WHERE {found[0]}"""
            parts.append(Sql(text, (stamp(moment),)))
    return union(parts)


@source("birthday", by_day=True, named=True)
def birthday(trigger: Trigger, window: Window) -> Sql:
    """A birthday, so many days after (or, negative, before) it; who was born on 29 February has it on the 28th in years
    without one. Once a year. Where the record keeps no birthdays, nobody has one."""
    if not any(field.name == "born_on" for field in Customer._meta.fields):
        return union([])

    def where(day: date) -> tuple[str, str]:
        born = day - timedelta(days=trigger.days)
        names = [f"{born:%m-%d}"]
        if (born.month, born.day) == (2, 28) and not isleap(born.year):
            names.append("02-29")
        among = ", ".join(f"'{each}'" for each in names)
        return f"c.merged_into_id IS NULL AND SUBSTR(CAST(c.born_on AS TEXT), 6, 5) IN ({among})", str(born.year)

    return _by_day(window, "shop_customer c", "c.id", where)


@source("anniversary", by_day=True, named=True)
def anniversary(trigger: Trigger, window: Window) -> Sql:
    """A year, or several, since the first order. Once a year."""

    def where(day: date) -> tuple[str, str]:
        then = day - timedelta(days=trigger.days)
        dates = {each for years in range(1, YEARS) for each in _same_day(then, then.year - years)}
        numbers = ", ".join(str(days.count(each)) for each in sorted(dates))
        return f"f.first_on IN ({numbers})", str(then.year)

    return _by_day(window, "segments_customerfacts f", "f.customer_id", where)


def _same_day(day: date, year: int) -> list[date]:
    """The days of a year whose anniversary is on a day: in years without a 29 February that one's is on the 28th."""
    found = [] if (day.month, day.day) == (2, 29) and not isleap(year) else [day.replace(year=year)]
    if (day.month, day.day) == (2, 28) and not isleap(day.year) and isleap(year):
        found.append(date(year, 2, 29))
    return found


@source("overdue", by_day=True)
def overdue(trigger: Trigger, window: Window) -> Sql:
    """The day on which the silence since the last order became longer than so many times the own rhythm, and `days`
    more. The rhythm is that of the segments: of one order alone, the shop's."""
    times = f"{float(trigger.factor)} * f.rhythm"
    whole = f"CAST({f'FLOOR({times})' if connection.vendor == 'postgresql' else times} AS INTEGER)"

    def where(day: date) -> tuple[str, str]:
        number = days.count(day)
        return f"f.orders > 0 AND f.last_on + {whole} + 1 + {trigger.days} = {number}", f"day:{number}"

    return _by_day(window, "segments_customerfacts f", "f.customer_id", where)


@source("date", by_day=True, named=True)
def every(trigger: Trigger, window: Window) -> Sql:
    """A day of each week (1 is Monday), month or quarter; the last one where it has none of that number."""
    return _by_day(window, "shop_customer c", "c.id", lambda day: _named(trigger, day, "c.merged_into_id IS NULL"))


def _named(trigger: Trigger, day: date, whom: str) -> tuple[str, str] | None:
    if trigger.every == "week":
        year, week, weekday = day.isocalendar()
        return (whom, f"{year}-W{week:02}") if weekday == trigger.day else None
    months = 3 if trigger.every == "quarter" else 1
    first = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    following = (first + timedelta(days=31 * months)).replace(day=1)
    wanted = min(first + timedelta(days=trigger.day - 1), following - timedelta(days=1))
    name = f"{day.year}-Q{(day.month + 2) // 3}" if months == 3 else f"{day:%Y-%m}"
    return (whom, name) if day == wanted else None
