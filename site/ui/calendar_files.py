"""Calendar files (iCalendar) as every one of ours is written and answered.

The same rows give the same bytes: nothing here asks for the time, and nothing random is added. Therefore calendars are put
together by hand and never by `Calendar.new()` or `Event.new()`.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from icalendar import Calendar, Component, Timezone, TimezoneStandard

from ui.dates import TOKYO

# Part of every ETag: count it up when the same rows are to give other bytes.
EDITION = 1
ASK_AGAIN = dt.timedelta(hours=1)
CONTENT_TYPE = "text/calendar; charset=utf-8"
# No control character, nothing that turns the direction of writing; tabs and new lines are blanks in a single line.
_UNSEEN = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_IN_A_LINE = _UNSEEN | dict.fromkeys((0x09, 0x0A, 0x0D, 0x2028, 0x2029), " ")
_IN_PROSE = _UNSEEN | {0x09: " ", 0x0A: "\n", 0x2028: "\n", 0x2029: "\n"}


def line(words: Any) -> str:
    """One line without characters that nobody can see."""
    return str(words).translate(_IN_A_LINE).strip()


def prose(words: Any) -> str:
    """The same for several lines."""
    return str(words).translate(_IN_PROSE).strip()


def new_calendar(name: str, *, source: str, page: str) -> Calendar:
    """An empty calendar: its name, where it comes from, which page tells more, and the one time zone we write."""
    calendar = Calendar()
    calendar.add("prodid", "-//Kakehashi//Calendar//JA")
    calendar.add("version", "2.0")
    calendar.add("name", line(name))
    calendar.add("x-wr-calname", line(name))
    calendar.add("x-wr-timezone", TOKYO.key)
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add("color", "royalblue")
    calendar.add("source", source, parameters={"VALUE": "URI"})
    calendar.add("url", page)
    calendar.add_component(_tokyo())
    return calendar


def _tokyo() -> Timezone:
    """Japan has known no summer time since 1951: one rule says all."""
    standard = TimezoneStandard()
    standard.add("dtstart", dt.datetime(1970, 1, 1))
    standard.add("tzoffsetfrom", dt.timedelta(hours=9))
    standard.add("tzoffsetto", dt.timedelta(hours=9))
    standard.add("tzname", "JST")
    zone = Timezone()
    zone.add("tzid", TOKYO.key)
    zone.add_component(standard)
    return zone


def add_times(component: Component, starts_at: dt.datetime, ends_at: dt.datetime) -> None:
    """From when until when, on the clocks of Japan."""
    component.add("dtstart", starts_at.astimezone(TOKYO))
    component.add("dtend", ends_at.astimezone(TOKYO))


def add_days(component: Component, first: dt.date, after: dt.date) -> None:
    """Whole days, up to the day after the last one."""
    component.add("dtstart", first)
    component.add("dtend", after)


def add_changes(component: Component, *, begun_at: dt.datetime | None, changed_at: dt.datetime, sequence: int) -> None:
    """When the thing was made and when it changed last, never when somebody looked."""
    changed_at = changed_at.replace(microsecond=0)
    component.add("dtstamp", changed_at)
    component.add("last-modified", changed_at)
    if begun_at is not None:
        component.add("created", begun_at.replace(microsecond=0))
    component.add("sequence", sequence)


def print_of(*parts: Any) -> str:
    """One short print of everything a file is made of."""
    return hashlib.sha256(repr((EDITION, settings.SITE_URL, *parts)).encode(errors="surrogatepass")).hexdigest()


def print_of_rows(rows: Iterable[Any]) -> str:
    """The same rows have the same print, in whatever order they came."""
    return hashlib.sha256("\n".join(sorted(map(repr, rows))).encode(errors="surrogatepass")).hexdigest()


def answer(
    request: HttpRequest, *, etag: str, changed_at: dt.datetime, cache: str, language: str, write: Callable[[], bytes]
) -> HttpResponse:
    """The file, or 304 where the reader has it; `write` is called only when the bytes are wanted."""
    seconds = int(changed_at.timestamp())
    headers = {
        "ETag": f'"{etag[:40]}"',
        "Last-Modified": http_date(seconds),
        "Cache-Control": cache,
        "Content-Language": language,
        "X-Robots-Tag": "noindex",
        "Content-Disposition": 'inline; filename="kakehashi.ics"',
    }
    response = HttpResponse(content_type=CONTENT_TYPE, headers=headers)
    response = get_conditional_response(request, headers["ETag"], seconds, response)
    if response.status_code == 200:
        response.content = write()
    elif response.status_code == 304:
        response.headers["X-Robots-Tag"] = headers["X-Robots-Tag"]
    return response
