"""A month of mail: which newsletters go out when, which days journeys begin by themselves, how much left and is due."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from stammkunde.server.campaigns.models import Campaign
from stammkunde.server.journeys.definitions.reading import read
from stammkunde.server.journeys.definitions.values import DefinitionError
from stammkunde.server.journeys.models import Journey
from stammkunde.server.lib.local_time import resolve
from stammkunde.server.mail.models import Send

OPEN = [Send.State.WAITING, Send.State.CLAIMED, Send.State.HANDING]
SENT, DUE, HELD = range(3)
#: Where mails that ended are counted; those not known to have left are on a page of their own.
PLACE = {Send.State.SENT: SENT, Send.State.SUPPRESSED: HELD, Send.State.REFUSED: HELD}


@dataclass(frozen=True)
class Entry:
    """Something of a day: a newsletter, or a journey that lets people in on it."""

    title: str
    path: str
    kind: str
    note: str = ""


@dataclass
class Day:
    """A day of the month, or beside it."""

    day: date
    inside: bool
    today: bool
    entries: list[Entry] = field(default_factory=list)
    sent: int = 0
    due: int = 0
    held: int = 0


@dataclass(frozen=True)
class Month:
    """Weeks of seven days from a Monday on, and the months beside it."""

    first: date
    weeks: list[list[Day]]

    @property
    def before(self) -> date:
        """The first day of the month before."""
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def after(self) -> date:
        """The first day of the month after."""
        return (self.first + timedelta(days=32)).replace(day=1)


def month(first: date, *, today: date) -> Month:
    """The month that begins on a day."""
    begin = first - timedelta(days=first.weekday())
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    end = last + timedelta(days=6 - last.weekday())
    days = {each: Day(each, each.month == first.month, each == today) for each in _from(begin, end)}
    for day, entry in (*_newsletters(begin, end), *_journeys(begin, end)):
        if day in days:
            days[day].entries.append(entry)
    for day, numbers in _mails(begin, end).items():
        if day in days:
            days[day].sent, days[day].due, days[day].held = numbers
    rows = list(days.values())
    return Month(first, [rows[place : place + 7] for place in range(0, len(rows), 7)])


def _from(begin: date, end: date) -> Iterator[date]:
    return (begin + timedelta(days=number) for number in range((end - begin).days + 1))


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.SHOP_ZONE)


def _span(begin: date, end: date) -> tuple[datetime, datetime]:
    return resolve(begin, time(0), _zone()), resolve(end + timedelta(days=1), time(0), _zone())


def _newsletters(begin: date, end: date) -> Iterator[tuple[date, Entry]]:
    low, high = _span(begin, end)
    timed = Q(at__gte=low, at__lt=high) | Q(day__gte=begin, day__lte=end) | Q(started_at__gte=low, started_at__lt=high)
    for each in Campaign.objects.filter(timed).order_by("pk"):
        moment = each.at or each.started_at
        day = each.day or (moment.astimezone(_zone()).date() if moment else None)
        if day is not None:
            yield day, Entry(each.name, f"/newsletter/{each.pk}/", "newsletter", str(each.get_state_display()))


def _journeys(begin: date, end: date) -> Iterator[tuple[date, Entry]]:
    """Days of the calendar on which journeys that are on let people in."""
    for each in Journey.objects.filter(state=Journey.State.ON).select_related("live").order_by("pk"):
        if each.live is None:
            continue
        try:
            trigger = read(each.live.definition).trigger
        except DefinitionError:  # another version of Stammkunde wrote it; its own page says so
            continue
        if trigger.on == "date":
            for day in _from(begin, end):
                if _falls(trigger.every, trigger.day, day):
                    yield day, Entry(each.name, f"/journeys/{each.pk}/", "journey", _("begins"))


def _falls(every: str, wanted: int, day: date) -> bool:
    """As `journeys.triggers.days.every` has it: the last day, where there is none of that number."""
    if every == "week":
        return day.isoweekday() == wanted
    months = 3 if every == "quarter" else 1
    first = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    following = (first + timedelta(days=31 * months)).replace(day=1)
    return day == min(first + timedelta(days=wanted - 1), following - timedelta(days=1))


def _mails(begin: date, end: date) -> Mapping[date, tuple[int, int, int]]:
    """For each day how many left on it, are due on it, and were held back on it."""
    low, high = _span(begin, end)
    found: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
    ended = Send.objects.filter(settled_at__gte=low, settled_at__lt=high, state__in=PLACE)
    waiting = Send.objects.filter(due_at__gte=low, due_at__lt=high, state__in=OPEN)
    for rows, column in ((ended, "settled_at"), (waiting, "due_at")):
        days = rows.annotate(day=TruncDate(column, tzinfo=_zone())).values_list("day", "state")
        for day, state, number in days.annotate(number=Count("pk")).order_by():
            found[day][PLACE.get(Send.State(state), DUE)] += number
    return {day: (sent, due, held) for day, (sent, due, held) in found.items()}
