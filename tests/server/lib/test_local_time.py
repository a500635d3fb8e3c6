"""Hours where the customer is, over changes of the clock, in every zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from stammkunde.server.lib.local_time import next_at, outside_quiet, resolve, zone_of

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
DAYS = st.dates(date(1990, 1, 1), date(2036, 12, 31))
MOMENTS = DAYS.map(lambda day: datetime.combine(day, time(), UTC)).flatmap(
    lambda at: st.integers(0, 86_399).map(lambda s: at + timedelta(seconds=s))
)
HOURS = st.times().map(lambda each: each.replace(microsecond=0))


def test_nine_in_the_morning_is_nine_in_summer_and_in_winter() -> None:
    assert resolve(date(2026, 7, 1), time(9), BERLIN) == datetime(2026, 7, 1, 7, tzinfo=UTC)
    assert resolve(date(2026, 12, 1), time(9), BERLIN) == datetime(2026, 12, 1, 8, tzinfo=UTC)


def test_half_past_two_in_the_night_that_has_none_is_three_oclock() -> None:
    assert resolve(date(2026, 3, 29), time(2, 30), BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_half_past_two_in_the_night_that_has_two_is_the_first() -> None:
    assert resolve(date(2026, 10, 25), time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_day_that_samoa_skipped_whole_begins_with_the_next() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert resolve(date(2011, 12, 30), time(9), apia).astimezone(apia) == datetime(2011, 12, 31, tzinfo=apia)


@given(DAYS, HOURS, ZONES)
def test_clocks_show_the_hour_or_it_was_skipped_and_it_is_the_first_after(
    day: date, hour: time, zone: ZoneInfo
) -> None:
    moment = resolve(day, hour, zone)
    shown, wanted = moment.astimezone(zone).replace(tzinfo=None), datetime.combine(day, hour)
    if shown != wanted:
        before = (moment - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)
        assert before < wanted < shown


@given(MOMENTS, HOURS, ZONES, st.none() | st.frozensets(st.integers(0, 6), min_size=1))
def test_the_next_time_is_after_now_and_within_days(
    at: datetime, hour: time, zone: ZoneInfo, on: frozenset[int]
) -> None:
    found = next_at(at, hour, zone, on)
    assert at < found <= at + timedelta(days=9)
    assert next_at(found - timedelta(microseconds=1), hour, zone, on) == found


@given(MOMENTS, HOURS, HOURS, ZONES)
def test_after_quiet_hours_it_is_not_quiet(at: datetime, start: time, end: time, zone: ZoneInfo) -> None:
    found = outside_quiet(at, start, end, zone)
    assert at <= found <= at + timedelta(hours=26)
    assert outside_quiet(found, start, end, zone) == found


def test_quiet_hours_over_midnight_end_in_the_morning() -> None:
    night = datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert outside_quiet(night, time(21), time(8), BERLIN) == datetime(2026, 3, 3, 7, tzinfo=UTC)
    assert outside_quiet(datetime(2026, 3, 2, 12, tzinfo=UTC), time(21), time(8), BERLIN).hour == 12


def test_no_weekday_is_refused() -> None:
    with pytest.raises(ValueError, match="No day"):
        next_at(datetime(2026, 3, 2, tzinfo=UTC), time(9), BERLIN, frozenset())


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../etc/passwd", "Europe", "europe/\0berlin", "W. Europe Standard Time"]
)
def test_a_name_that_is_no_zone_gives_the_countrys_or_the_shops(name: str) -> None:
    assert zone_of(name, "at") == ZoneInfo("Europe/Vienna")
    assert zone_of(name, "??") == ZoneInfo(settings.SHOP_ZONE)


def test_old_names_of_zones_still_hold() -> None:
    assert zone_of("Europe/Kiev").utcoffset(datetime(2026, 1, 1, tzinfo=zone_of("Europe/Kiev"))) == timedelta(hours=2)
