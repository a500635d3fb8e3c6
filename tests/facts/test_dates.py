"""Days as they are written, in any layout, with offsets and as numbers, alike on both engines."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from exports import accepted, read, rejected
from stammkunde.errors import AmbiguousDateError, InputError
from stammkunde.facts import Engine, read_orders
from stammkunde.facts.parsing.dates import LAYOUTS, stated, with_day_of_text, with_day_of_typed
from stammkunde.facts.parsing.zones import day_number, transitions

_NAMES = count(1)
BERLIN = "Europe/Berlin"

#: What is written -> the day it names without a zone, and in Berlin.
WRITTEN: dict[str, tuple[str | None, str | None]] = {
    "2024-12-31": ("2024-12-31", "2024-12-31"),
    "2024/1/3": ("2024-01-03", "2024-01-03"),
    "2024-02-29": ("2024-02-29", "2024-02-29"),
    "2023-02-29": (None, None),
    "2024-13-01": (None, None),
    "31.12.2024": ("2024-12-31", "2024-12-31"),
    "3.1.24": ("2024-01-03", "2024-01-03"),
    "03. 01. 2024 18:05": ("2024-01-03", "2024-01-03"),
    "31.04.2024": (None, None),
    "3.1.98": ("1998-01-03", "1998-01-03"),
    "20240103": ("2024-01-03", "2024-01-03"),
    "3 Jan 2024": ("2024-01-03", "2024-01-03"),
    "31. Dezember 2024": ("2024-12-31", "2024-12-31"),
    "1. März 2024": ("2024-03-01", "2024-03-01"),
    "1 Mrz 2024": ("2024-03-01", "2024-03-01"),
    "5. MAI 2024": ("2024-05-05", "2024-05-05"),
    "3-Okt-2024": ("2024-10-03", "2024-10-03"),
    "January 3, 2024": ("2024-01-03", "2024-01-03"),
    "Jan 3rd 2024 10:00 AM": ("2024-01-03", "2024-01-03"),
    "2024-01-03T23:30:00": ("2024-01-03", "2024-01-03"),
    "2024-01-03 23:30:00Z": ("2024-01-03", "2024-01-04"),
    "2024-01-03T23:30:00.123456+00:00": ("2024-01-03", "2024-01-04"),
    "2024-07-03T22:30:00Z": ("2024-07-03", "2024-07-04"),
    "2024-07-03 21:30:00 UTC": ("2024-07-03", "2024-07-03"),
    "2024-01-03 18:30:00 -0500": ("2024-01-03", "2024-01-04"),
    "2024-01-04 00:30:00 +0100": ("2024-01-04", "2024-01-04"),
    "03.01.2024 11:30 PM +00:00": ("2024-01-03", "2024-01-04"),
    "1704324600": ("2024-01-03", "2024-01-04"),
    "1704324600.5": ("2024-01-03", "2024-01-04"),
    "1704324600000": ("2024-01-03", "2024-01-04"),
    "1704324600000000": ("2024-01-03", "2024-01-04"),
    "1704324600000000000": ("2024-01-03", "2024-01-04"),
    "0000-01-01": (None, None),
    "9999-12-31": ("9999-12-31", "9999-12-31"),
    "": (None, None),
    "yesterday": (None, None),
    "2024": (None, None),
    "45292": (None, None),
    "=TODAY()": (None, None),
    "2024-01-03 tea": (None, None),
}


def day_of(engine: Engine, texts: list[str], *, zone: str | None, layouts: tuple[str, ...] = ()) -> list[str | None]:
    t = engine.from_arrow(pa.table({"row": range(len(texts)), "text": texts}), f"days_{next(_NAMES)}")
    tried = [LAYOUTS[name] for name in layouts or LAYOUTS if layouts or not name.endswith(" first")]
    found = with_day_of_text(t, "text", "day", tried=tried, epoch=True, zone=zone).order_by("row")
    days = engine.to_arrow(found.select("day"))["day"]
    assert days.type == pa.date32()
    return [None if day is None else day.isoformat() for day in days.to_pylist()]


def test_days_are_read_as_people_write_them(engine: Engine) -> None:
    plain, berlin = (day_of(engine, list(WRITTEN), zone=zone) for zone in (None, BERLIN))
    assert dict(zip(WRITTEN, zip(plain, berlin, strict=True), strict=True)) == WRITTEN


def test_every_day_of_a_century_survives_every_layout(duckdb: Engine) -> None:
    days = [date(1969, 1, 1) + timedelta(days=n) for n in range(36_524)]
    for layout, written in {
        "iso": "%Y-%m-%d",
        "dotted": "%d.%m.%Y",
        "day first": "%d/%m/%y",
        "month first": "%m/%d/%Y",
        "compact": "%Y%m%d",
        "day, month name": "%d %B %Y",
        "month name, day": "%b %d, %Y",
    }.items():
        texts = [day.strftime(written) for day in days]
        assert day_of(duckdb, texts, zone=None, layouts=(layout,)) == [day.isoformat() for day in days]


@pytest.mark.parametrize("zone", [BERLIN, "America/New_York", "Asia/Kathmandu", "Pacific/Auckland", "UTC"])
def test_moments_fall_on_the_day_that_the_clock_of_the_zone_shows(duckdb: Engine, zone: str) -> None:
    turns = [moment + near for moment, _ in transitions(zone) for near in (-86_400, -1, 0, 1, 86_400)]
    seconds = [*turns, *range(631_200_000, 2_524_500_000, 86_399)]
    t = duckdb.from_arrow(pa.table({"row": range(len(seconds)), "s": seconds}), f"moments_{next(_NAMES)}")
    found = duckdb.to_arrow(t.select("row", day=day_number(t.s, zone)).order_by("row"))["day"].to_pylist()
    truth = [datetime.fromtimestamp(moment, ZoneInfo(zone)).date() for moment in seconds]
    assert [date(1970, 1, 1) + timedelta(days=day) for day in found] == truth


def test_days_come_in_columns_of_dates_moments_and_numbers(engine: Engine) -> None:
    moment = datetime(2024, 1, 3, 23, 30, tzinfo=UTC)
    seconds, third, fourth = moment.timestamp(), date(2024, 1, 3), date(2024, 1, 4)
    numbers = [20240103.0, seconds, seconds * 1e3, seconds * 1e6, seconds * 1e9, 45292.0, float("nan"), float("inf")]
    columns = {
        "row": pa.array(range(len(numbers))),
        "number": pa.array(numbers),
        "a_date": pa.array([third] * len(numbers)),
        "a_wall_clock": pa.array([moment.replace(tzinfo=None)] * len(numbers), pa.timestamp("us")),
        "a_moment": pa.array([moment] * len(numbers), pa.timestamp("us", "UTC")),
    }
    table = engine.from_arrow(pa.table(columns), f"typed_{next(_NAMES)}")
    for zone, night in ((None, third), (BERLIN, fourth)):
        t = table
        for name in ("number", "a_date", "a_wall_clock", "a_moment"):
            t = with_day_of_typed(t, name, f"{name}_day", zone=zone)
        found = engine.to_arrow(
            t.order_by("row").select("number_day", "a_date_day", "a_wall_clock_day", "a_moment_day")
        )
        assert set(found.schema.types) == {pa.date32()}
        assert found["number_day"].to_pylist() == [third, *[night] * 4, None, None, None]
        assert list(found.drop("number_day").to_pylist()[0].values()) == [third, third, night]


def test_a_column_that_holds_no_dates_is_refused(duckdb: Engine) -> None:
    t = duckdb.from_arrow(pa.table({"date": [True]}), f"typed_{next(_NAMES)}")
    with pytest.raises(InputError, match=r"column 'date'.*holds no dates"):
        with_day_of_typed(t, "date", "day", zone=None)


# --- which comes first, day or month ----------------------------------------------------------------------------------


def slashed(*days: str) -> str:
    return "customer,date,amount\n" + "".join(f"Anna,{day},10\n" for day in days)


def test_one_row_decides_whether_the_day_comes_first(duckdb: Engine, tmp_path: Path) -> None:
    german, american = (
        read(tmp_path, slashed("03/04/2024", last), duckdb).period[0] for last in ("25/04/2024", "04/25/2024")
    )
    assert (german, american) == (date(2024, 4, 3), date(2024, 3, 4))


@pytest.mark.parametrize(
    ("days", "why"),
    [
        (("03/04/2024", "05/06/2024"), "no row says"),
        (("25/04/2024", "04/25/2024"), "only month first"),
        (("3-4-24",), "'3-4-24'"),
    ],
)
def test_stammkunde_asks_when_day_and_month_cannot_be_told_apart(
    duckdb: Engine, tmp_path: Path, days: tuple[str, ...], why: str
) -> None:
    with pytest.raises(AmbiguousDateError, match=why) as refusal:
        read(tmp_path, slashed(*days), duckdb)
    assert "date_format" in str(refusal.value)
    assert "column 'date'" in str(refusal.value)


def test_the_answer_is_followed_and_what_does_not_fit_it_is_rejected(duckdb: Engine, tmp_path: Path) -> None:
    orders = read(tmp_path, slashed("03/04/2024", "04/25/2024"), duckdb, date_format="%d/%m/%Y")
    assert accepted(orders) == [("Anna", "2024-04-03", 10.0)]
    assert rejected(orders) == [(2, "date", "bad_date", "04/25/2024")]


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("%d/%m/%Y", "03/04/2024"),
        ("%m/%d/%y %I:%M %p", "4/3/24 11:00 PM"),
        ("%d%m%Y", "03042024"),
        ("%d%m%y", "030424"),
        ("%Y%m%d%H%M%S", "20240403235959"),
        ("%A, %d. %B %Y", "Mittwoch, 3. April 2024"),
        ("%d-%b-%Y %H:%M:%S", "03-Apr-2024 10:00:00"),
        ("%Y|%m|%d", "2024|04|03"),
    ],
)
def test_a_stated_format_is_read(duckdb: Engine, layout: str, text: str) -> None:
    t = duckdb.from_arrow(pa.table({"text": [text]}), f"days_{next(_NAMES)}")
    found = with_day_of_text(t, "text", "day", tried=[stated(layout)], epoch=False, zone=None)
    assert duckdb.to_arrow(found)["day"].to_pylist() == [date(2024, 4, 3)]


@pytest.mark.parametrize("layout", ["%d/%m", "day first", "", "%d/%m/%Q", "%d %d %Y", "%s"])
def test_a_format_without_day_month_and_year_is_refused(layout: str) -> None:
    with pytest.raises(InputError, match=r"%d/%m/%Y"):
        stated(layout)


# --- time zones -------------------------------------------------------------------------------------------------------


def test_an_order_at_half_past_eleven_utc_belongs_to_the_next_day_in_berlin(duckdb: Engine, tmp_path: Path) -> None:
    text = slashed("2024-01-03T23:30:00Z", "2024-01-03 23:30")
    unnamed, named = read(tmp_path, text, duckdb), read(tmp_path, text, duckdb, timezone=BERLIN)
    assert [day for _, day, _ in accepted(unnamed)] == ["2024-01-03", "2024-01-03"]
    assert [day for _, day, _ in accepted(named)] == ["2024-01-03", "2024-01-04"]
    assert "time zone" in unnamed.warnings[0]
    assert named.warnings == ()


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(InputError, match="no time zone 'Berlin'"):
        read_orders("orders.csv", timezone="Berlin")


@pytest.mark.parametrize("zone", [ZoneInfo(BERLIN), timezone(timedelta(hours=1))], ids=str)
def test_a_dataframe_with_a_zone_is_read_in_its_own_days(duckdb: Engine, zone: ZoneInfo | timezone) -> None:
    pandas = pytest.importorskip("pandas")
    night = datetime(2024, 1, 4, 0, 30, tzinfo=zone)
    frame = pandas.DataFrame({"customer": [1], "date": pandas.to_datetime([night]), "amount": [10.0]})
    own = read_orders(frame, engine=duckdb)
    assert (own.period[0], own.warnings) == (date(2024, 1, 4), ())
    assert read_orders(frame, engine=duckdb, timezone="UTC").period[0] == date(2024, 1, 3)


def test_moments_in_utc_are_read_in_utc_with_a_word_about_it(duckdb: Engine) -> None:
    table = pa.table({"customer": [1], "date": pa.array([1704324600], pa.timestamp("s", "UTC")), "amount": [10.0]})
    found = read_orders(table, engine=duckdb)
    assert found.period[0] == date(2024, 1, 3)
    assert "taken in UTC" in found.warnings[0]
    assert read_orders(table, engine=duckdb, timezone=BERLIN).period[0] == date(2024, 1, 4)
