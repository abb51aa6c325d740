"""Days, times and fiscal years as people say them."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from ui import dates

DAY = dt.date(2027, 1, 18)


@pytest.fixture
def english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def on_20_november_2026(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 20, 1, tzinfo=dt.UTC), tick=False)


@pytest.mark.parametrize(
    ("day", "era"),
    [
        (dt.date(1926, 12, 25), ("昭和", "S", 1)),
        (dt.date(1989, 1, 7), ("昭和", "S", 64)),
        (dt.date(1989, 1, 8), ("平成", "H", 1)),
        (dt.date(2019, 4, 30), ("平成", "H", 31)),
        (dt.date(2019, 5, 1), ("令和", "R", 1)),
        (dt.date(2026, 11, 20), ("令和", "R", 8)),
    ],
)
def test_an_era_begins_on_its_first_day(day, era):
    assert dates.era_year(day) == era


def test_a_day_before_the_known_eras_is_refused_with_the_first_one():
    with pytest.raises(ValueError, match="1926-12-25"):
        dates.era_year(dt.date(1926, 12, 24))


@pytest.mark.parametrize(
    ("day", "year"), [(dt.date(2026, 3, 31), 2025), (dt.date(2026, 4, 1), 2026), (dt.date(2027, 3, 31), 2026)]
)
def test_a_fiscal_year_begins_in_april(day, year):
    assert dates.fiscal_year_of(day) == year
    first, last = dates.fiscal_year_bounds(year)
    assert first <= day <= last


@pytest.mark.parametrize(
    ("year", "name", "letter"),
    [(2026, "令和8年度（2026）", "R8"), (2019, "令和元年度（2019）", "R1"), (2018, "平成30年度（2018）", "H30")],
)
def test_a_fiscal_year_is_named_by_the_era_of_its_may(year, name, letter):
    assert (dates.fiscal_year_name(year), dates.fiscal_year_letter(year)) == (name, letter)


def test_a_day_carries_its_weekday_and_another_years_day_its_year():
    assert dates.day_words(DAY) == "1月18日（月）"
    assert dates.day_words(DAY, year=True) == "2027年1月18日（月）"
    assert dates.day_words(dt.date(2027, 4, 1)) == "2027年4月1日（木）"
    assert dates.day_words(dt.date(2026, 4, 1)) == "4月1日（水）"


def test_english_readers_read_english_days(english):
    assert dates.day_words(DAY) == "Mon 18 Jan"
    assert dates.day_words(DAY, year=True) == "Mon 18 Jan 2027"
    assert dates.fiscal_year_name(2026) == "FY2026"
    assert dates.moment_words(dates.at_tokyo(DAY, dt.time(9, 5))) == "Mon 18 Jan, 9:05"


def test_a_moment_is_said_in_japan_wherever_it_was_stored():
    assert dates.moment_words(dt.datetime(2027, 1, 17, 15, 30, tzinfo=dt.UTC)) == "1月18日（月） 0:30"


def test_the_day_in_japan_begins_while_it_is_yesterday_in_utc(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 20, 14, 59, 59, tzinfo=dt.UTC), tick=False)
    assert dates.today() == dt.date(2026, 11, 20)
    time_machine.move_to(dt.datetime(2026, 11, 20, 15, 0, tzinfo=dt.UTC), tick=False)
    assert dates.today() == dt.date(2026, 11, 21)


@pytest.mark.parametrize(("ahead", "words"), [(-1, "過ぎています"), (0, "今日"), (3, "あと3日")])
def test_how_near_a_day_is(ahead, words):
    assert dates.days_until_words(dates.today() + dt.timedelta(days=ahead)) == words


def test_holidays_have_a_name_in_the_language_of_the_reader():
    labour_thanksgiving = dt.date(2026, 11, 23)
    assert dates.holiday_name(labour_thanksgiving) == "勤労感謝の日"
    with translation.override("en"):
        assert dates.holiday_name(labour_thanksgiving) == "Labor Thanksgiving Day"
    assert dates.holiday_name(dt.date(2026, 11, 24)) == ""


@pytest.mark.parametrize(
    ("day", "is_one"),
    [
        (dt.date(2026, 11, 20), True),
        (dt.date(2026, 11, 21), False),
        (dt.date(2026, 11, 23), False),
        (dt.date(2026, 9, 22), False),
        (dt.date(2027, 3, 22), False),
    ],
    ids=["friday", "saturday", "holiday", "day-between-holidays", "substitute-holiday"],
)
def test_a_school_weekday_is_neither_weekend_nor_holiday(day, is_one):
    assert dates.is_school_weekday(day) is is_one


@pytest.mark.parametrize(
    ("clock", "leaves"),
    [("7:59", "8:00"), ("8:00", "8:00"), ("19:59", "19:59"), ("20:00", "8:00"), ("23:00", "8:00"), ("0:00", "8:00")],
)
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/Berlin", "America/New_York"])
def test_mail_that_can_wait_lets_the_night_pass(clock, leaves, zone):
    hour, minute = (int(part) for part in clock.split(":"))
    moment = dt.datetime(2026, 11, 20, hour, minute, tzinfo=ZoneInfo(zone))
    found = dates.next_by_day(moment, ZoneInfo(zone)).astimezone(ZoneInfo(zone))
    assert (dates.clock_words(found, ZoneInfo(zone)), found >= moment) == (leaves, True)
    assert found - moment < dt.timedelta(hours=13)


@pytest.mark.parametrize(
    ("country", "last"),
    [
        ("JP", dt.date(2026, 11, 30)),
        ("DE", dt.date(2026, 11, 27)),
        ("US", dt.date(2026, 11, 30)),
        ("XX", dt.date(2026, 11, 27)),
    ],
)
def test_working_days_leave_out_the_holidays_of_the_country(country, last):
    """From a Friday: 23 November is a holiday in Japan, the 26th one in the United States."""
    assert dates.after_working_days(dt.date(2026, 11, 20), 5, country) == last


def test_a_day_ends_by_the_clock_of_its_place():
    berlin = ZoneInfo("Europe/Berlin")
    assert dates.end_of_day_in(dt.date(2026, 11, 27), berlin) == dt.datetime(2026, 11, 27, 22, 59, tzinfo=dt.UTC)
