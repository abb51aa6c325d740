"""Days, times and fiscal years as people say them.

The fiscal year (年度) runs from 1 April to 31 March and is named by the year it begins in.
Moments are stored in UTC; schools always see Asia/Tokyo.
"""

import datetime as dt
import functools
from zoneinfo import ZoneInfo

import holidays
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

TOKYO = ZoneInfo("Asia/Tokyo")

# First day of each era; source: 元号法 and the cabinet orders under it.
ERAS = ((dt.date(2019, 5, 1), "令和", "R"), (dt.date(1989, 1, 8), "平成", "H"), (dt.date(1926, 12, 25), "昭和", "S"))

WEEKDAYS_JA = "月火水木金土日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def today() -> dt.date:
    """The day it is in Japan now."""
    return timezone.localdate(timezone=TOKYO)


def in_tokyo(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(TOKYO)


def at_tokyo(day: dt.date, clock: dt.time) -> dt.datetime:
    """The moment of a clock time on a day in Japan."""
    return dt.datetime.combine(day, clock, tzinfo=TOKYO)


def end_of_day(day: dt.date) -> dt.datetime:
    """The last minute of a day in Japan: what ends then still ends on the day that the words name."""
    return at_tokyo(day, dt.time(23, 59))


def fiscal_year_of(day: dt.date) -> int:
    return day.year if day.month >= 4 else day.year - 1


def fiscal_year_bounds(year: int) -> tuple[dt.date, dt.date]:
    """First and last day of a fiscal year, both inside it."""
    return dt.date(year, 4, 1), dt.date(year + 1, 3, 31)


def era_year(day: dt.date) -> tuple[str, str, int]:
    """(era name, era letter, year in the era); raises ValueError before 1926-12-25."""
    for first_day, name, letter in ERAS:
        if day >= first_day:
            return name, letter, day.year - first_day.year + 1
    raise ValueError(f"{day} lies before the eras known here (from {ERAS[-1][0]})")


def fiscal_year_letter(year: int) -> str:
    """The short name used in numbers on papers: R8 for fiscal year 2026."""
    _name, letter, number = era_year(dt.date(year, 5, 1))
    return f"{letter}{number}"


def fiscal_year_name(year: int) -> str:
    """令和8年度（2026） or FY2026."""
    if get_language() == "en":
        return f"FY{year}"
    name, _letter, number = era_year(dt.date(year, 5, 1))
    return f"{name}{'元' if number == 1 else number}年度（{year}）"


def _english() -> bool:
    return (get_language() or "ja").startswith("en")


def day_words(day: dt.date, year: bool | None = None) -> str:
    """1月18日（月）; with the year when asked, or when it is not within the present fiscal year."""
    if year is None:
        year = fiscal_year_of(day) != fiscal_year_of(today())
    if _english():
        words = f"{WEEKDAYS_EN[day.weekday()]} {day.day} {MONTHS_EN[day.month - 1]}"
        return f"{words} {day.year}" if year else words
    words = f"{day.month}月{day.day}日（{WEEKDAYS_JA[day.weekday()]}）"
    return f"{day.year}年{words}" if year else words


def month_words(day: dt.date) -> str:
    """2027年1月; Jan 2027."""
    return f"{MONTHS_EN[day.month - 1]} {day.year}" if _english() else f"{day.year}年{day.month}月"


def month_name(month: int) -> str:
    """12月 of any year; December."""
    return MONTHS_EN[month - 1] if _english() else f"{month}月"


def era_day_words(day: dt.date) -> str:
    """令和8年11月20日（金）, as papers of a school write it; as elsewhere in English."""
    if _english():
        return day_words(day, year=True)
    name, _letter, number = era_year(day)
    return f"{name}{'元' if number == 1 else number}年{day.month}月{day.day}日（{WEEKDAYS_JA[day.weekday()]}）"


def clock_words(moment: dt.datetime | dt.time, zone: ZoneInfo = TOKYO) -> str:
    clock = moment.astimezone(zone).time() if isinstance(moment, dt.datetime) else moment
    return f"{clock.hour}:{clock.minute:02d}"


def moment_words(moment: dt.datetime, year: bool | None = None, zone: ZoneInfo = TOKYO) -> str:
    local = moment.astimezone(zone)
    gap = " " if not _english() else ", "
    return f"{day_words(local.date(), year)}{gap}{clock_words(local, zone)}"


def days_until_words(day: dt.date) -> str:
    """あと3日, 今日, 過ぎています: how near a day is."""
    days = (day - today()).days
    if days < 0:
        return _("過ぎています")
    if days == 0:
        return _("今日")
    return pgettext("deadline", "あと%(days)s日") % {"days": days}


@functools.lru_cache(maxsize=8)
def _holidays_of(year: int, language: str) -> holidays.HolidayBase:
    return holidays.country_holidays("JP", years=year, language=language)


def holiday_name(day: dt.date) -> str:
    """The public holiday's name in the reader's language, or "" on any other day."""
    return _holidays_of(day.year, "en_US" if _english() else "ja").get(day, "")


def is_school_weekday(day: dt.date) -> bool:
    return day.weekday() < 5 and not holiday_name(day)


# ── elsewhere ─────────────────────────────────────────────────────────────────
# Mail that can wait leaves between these hours of its reader's day.
FIRST_HOUR, LAST_HOUR = 8, 20


def next_by_day(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The same moment while it is day in that zone, else the next eight in the morning there."""
    local = moment.astimezone(zone)
    if FIRST_HOUR <= local.hour < LAST_HOUR:
        return moment
    day = local.date() + dt.timedelta(days=local.hour >= LAST_HOUR)
    return dt.datetime.combine(day, dt.time(FIRST_HOUR), tzinfo=zone).astimezone(dt.UTC)


@functools.lru_cache(maxsize=64)
def _holidays_in(country: str, year: int) -> frozenset[dt.date]:
    """The public holidays of a country (ISO 3166 code); none where nobody has listed them."""
    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()


def is_working_day(day: dt.date, country: str = "JP") -> bool:
    """Neither Saturday, Sunday nor a public holiday there."""
    return day.weekday() < 5 and day not in _holidays_in(country, day.year)


def after_working_days(day: dt.date, count: int, country: str = "JP") -> dt.date:
    """The last of so many working days that follow this day."""
    while count > 0:
        day += dt.timedelta(days=1)
        count -= is_working_day(day, country)
    return day


def end_of_day_in(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The last minute of a day there."""
    return dt.datetime.combine(day, dt.time(23, 59), tzinfo=zone).astimezone(dt.UTC)
