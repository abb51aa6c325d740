"""From the bytes of a calendar to busy times: start and end, nothing else. Plain Python, run in the child alone.

What comes in is written by strangers. So only bytes are parsed (a text without line breaks would be taken for the path of a
file), a zone is looked up only when it is a known one (its name would become a path), and rules that repeat by the hour or
from the Middle Ages are refused before anything counts them out. What slips through meets the limits of the child.
"""

import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Calendar
from icalendar.prop import vBroken, vDDDLists, vPeriod, vRecur
from icalendar.timezone import tzp
from icalendar.timezone.zoneinfo import ZONEINFO
from recurring_ical_events import CalendarQuery

from outreach.availability.intervals import merge

MOST_TIMES = 5000
MOST_REPEATS = 200_000
MOST_ON_ONE_DAY = 24
SUB_DAILY = {"SECONDLY", "MINUTELY", "HOURLY"}
DAYS_OF = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}
BY_DAY = ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO")
BY_CLOCK = ("BYHOUR", "BYMINUTE", "BYSECOND")
A_DAY = timedelta(days=1)
UTF_16 = (b"\xff\xfe", b"\xfe\xff")

FLOATING, UNKNOWN_ZONE, LEFT_OUT = "floating", "unknown_zone", "left_out"


class Unusable(Exception):
    """Nothing of this calendar is taken over; `about` is the day of the event that is in the way, when there is one."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(code)
        self.code, self.about = code, about


@dataclass
class Wishes:
    """How a calendar is read: for which time, in whose zone, and what of it is not counted."""

    since: datetime
    until: datetime
    zone: str = "Asia/Tokyo"
    counts_all_day: bool = True
    # Events of our own feeds, which come back when somebody subscribes to them elsewhere, end with this.
    own_host: str = ""
    # Under which addresses the owner is invited.
    own_addresses: frozenset[str] = frozenset()


@dataclass
class Expanded:
    busy: list[tuple[int, int]]
    # How many entries the calendar has at all, counted or not.
    entries: int = 0
    warnings: set[str] = field(default_factory=set)


class KnownZones(ZONEINFO):
    """Zones of the list alone: any other name never becomes a path."""

    def timezone(self, name: str) -> Any:
        return super().timezone(name) if name in _zones() else None


def _zones() -> set[str]:
    if not _known:
        _known.update(available_timezones())
    return _known


_known: set[str] = set()


def busy_times(content: bytes, wishes: Wishes) -> Expanded:
    """The times that are taken, in seconds of UTC. Raises: Unusable."""
    content = _calendar_bytes(content)
    # Zones that a calendar brings along hold for this calendar alone.
    tzp.use(KnownZones())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _expanded(content, wishes)
    except (Unusable, MemoryError):
        raise
    except RecursionError as deep:
        raise Unusable("unreadable") from deep
    except Exception as broken:  # the libraries raise more than a dozen kinds about what strangers write
        raise Unusable("impossible_times" if isinstance(broken, OverflowError) else "unreadable") from broken
    finally:
        tzp.use_default()


def _calendar_bytes(content: bytes) -> bytes:
    """The calendar in UTF-8, whole; or what stands there in its place."""
    if content[:2] in UTF_16:
        content = content.decode("utf-16", "replace").encode()
    content = content.removeprefix(b"\xef\xbb\xbf")
    start = content[:2000].lstrip().lower()
    if not start:
        raise Unusable("empty_answer")
    begins, ends = _count(b"BEGIN", content), _count(b"END", content)
    if not begins:
        raise Unusable("web_page" if start.startswith(b"<") or b"<html" in start else "no_calendar")
    if ends < begins:
        raise Unusable("cut_off")
    return content


def _count(word: bytes, content: bytes) -> int:
    return len(re.findall(rb"(?im)^" + word + rb":VCALENDAR[ \t]*\r?$", content))


def _expanded(content: bytes, wishes: Wishes) -> Expanded:
    calendars = [found for found in Calendar.from_ical(content, multiple=True) if found.name == "VCALENDAR"]
    if not calendars:
        raise Unusable("no_calendar")
    told, spans = Expanded([]), []
    for calendar in calendars:
        spans += _of_events(calendar, wishes, told)
        spans += _of_free_busy(calendar, wishes, told)
    told.busy = merge(_cut(spans, wishes))
    if len(told.busy) > MOST_TIMES:
        raise Unusable("too_many_times")
    return told


def _cut(spans: Iterable[tuple[datetime, datetime]], wishes: Wishes) -> Iterator[tuple[int, int]]:
    """Inside the time that is asked about, in seconds."""
    first, last = int(wishes.since.timestamp()), int(wishes.until.timestamp())
    for start, end in spans:
        yield max(int(start.timestamp()), first), min(int(end.timestamp()), last)


# ── events ────────────────────────────────────────────────────────────────────
def _of_events(calendar: Any, wishes: Wishes, told: Expanded) -> Iterator[tuple[datetime, datetime]]:
    zone = ZoneInfo(wishes.zone)
    sound, of_unknown_zone, readable = [], set(), 0
    for zone_told in calendar.walk("VTIMEZONE"):
        for change in zone_told.subcomponents:
            _refuse_bombs(change, wishes.until)
    events = calendar.walk("VEVENT")
    told.entries += len(events)
    parts = Counter(str(event.get("UID")) for event in events)
    for event in events:
        if not _is_readable(event):
            told.warnings.add(LEFT_OUT)
            continue
        _refuse_bombs(event, wishes.until)
        if any(_has_unknown_zone(event.get(name)) for name in ("DTSTART", "DTEND")):
            of_unknown_zone.add(str(event.get("UID")))
        readable += 1
        # Most of a grown calendar is long past: only what can touch the time asked about is counted out.
        if parts[str(event.get("UID"))] > 1 or not _is_far(event, wishes):
            sound.append(event)
    if events and not readable:
        # A calendar of which nothing can be read is not an empty one.
        raise Unusable("unreadable")
    ours = Calendar()
    ours.subcomponents = sound
    # A day more on both sides, because the edges of days lie elsewhere in other zones.
    for event in CalendarQuery(ours).between(wishes.since - A_DAY, wishes.until + A_DAY):
        start, end = event["DTSTART"].dt, event["DTEND"].dt
        if not _takes_time(event, wishes) or (_is_whole_days(event, start) and not wishes.counts_all_day):
            continue
        if isinstance(start, datetime) and start.tzinfo is None:
            told.warnings.add(UNKNOWN_ZONE if str(event.get("UID")) in of_unknown_zone else FLOATING)
        yield _moment(start, zone), _moment(end, zone)


def _is_readable(event: Any) -> bool:
    """Begins at a day or a moment, and what else it says of time could be read."""
    if not isinstance(_said(event.get("DTSTART")), date):
        return False
    for name, kind in (("DTEND", date), ("DURATION", timedelta), ("RECURRENCE-ID", date)):
        if (value := event.get(name)) is not None and not isinstance(_said(value), kind):
            return False
    if any(not isinstance(rule, vRecur) for rule in _each(event.get("RRULE"))):
        return False
    return all(isinstance(days, vDDDLists) for name in ("RDATE", "EXDATE") for days in _each(event.get(name)))


def _is_far(event: Any, wishes: Wishes) -> bool:
    """Over before the time that is asked about, or begun after it; days are compared, two of them left for zones."""
    start = _said(event.get("DTSTART"))
    first, last = _day(start), _last_day(event, start)
    if "RDATE" in event or "RECURRENCE-ID" in event:
        return False
    for rule in _each(event.get("RRULE")):
        ends = [_day(until) for until in _each(rule.get("UNTIL")) if isinstance(until, date)]
        if not ends:
            return first > wishes.until.date() + 2 * A_DAY
        last = max(last, max(ends) + (last - first))
    return last < wishes.since.date() - 2 * A_DAY or first > wishes.until.date() + 2 * A_DAY


def _last_day(event: Any, start: date) -> date:
    end, length = _said(event.get("DTEND")), _said(event.get("DURATION"))
    return max(_day(start), _day(end if end is not None else start + length if length is not None else start))


def _day(value: date) -> date:
    return date(value.year, value.month, value.day)


def _said(value: Any) -> Any:
    """The day, moment or length of a property; None of one that was left out or could not be read."""
    return None if isinstance(value, vBroken) else getattr(value, "dt", None)


def _has_unknown_zone(value: Any) -> bool:
    moment = _said(value)
    return isinstance(moment, datetime) and moment.tzinfo is None and "TZID" in value.params


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _refuse_bombs(event: Any, until: datetime) -> None:
    """Raises: Unusable when an event repeats more often than any appointment of a person."""
    start = _said(event.get("DTSTART"))
    if not isinstance(start, date):
        return
    about = start.strftime("%Y-%m-%d") if start.year > 1000 else str(start.year)
    days = max(0, (until.date() - date(start.year, start.month, start.day)).days)
    for rule in (rule for name in ("RRULE", "EXRULE") for rule in _each(event.get(name))):
        if not isinstance(rule, vRecur):
            raise Unusable("unreadable", about)
        kinds = {str(kind).upper() for kind in _each(rule.get("FREQ"))}
        pause = min((int(number) for number in _each(rule.get("INTERVAL"))), default=1)
        on_one_day = 1
        for name in BY_CLOCK:
            on_one_day *= len(_each(rule.get(name))) or 1
        if kinds & SUB_DAILY or not kinds <= DAYS_OF.keys() or pause < 1 or on_one_day > MOST_ON_ONE_DAY:
            raise Unusable("repeats_too_often", about)
        step = 1 if any(rule.get(name) for name in BY_DAY) else min(DAYS_OF[kind] for kind in kinds) * pause
        if days * on_one_day / step > MOST_REPEATS:
            raise Unusable("repeats_too_long", about)
    if sum(len(dates.dts) for dates in _each(event.get("RDATE")) if isinstance(dates, vDDDLists)) > MOST_TIMES:
        raise Unusable("repeats_too_often", about)


def _takes_time(event: Any, wishes: Wishes) -> bool:
    """Not cancelled, not marked as free, not declined by the owner, not one of our own."""
    said = {name: str(event.get(name, "")).upper() for name in ("STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS")}
    if said["STATUS"] == "CANCELLED" or said["TRANSP"] == "TRANSPARENT":
        return False
    if said["X-MICROSOFT-CDO-BUSYSTATUS"] == "FREE":
        return False
    if _is_our_own(event, wishes):
        return False
    for guest in _each(event.get("ATTENDEE")):
        is_own = str(guest).lower().removeprefix("mailto:") in wishes.own_addresses
        if is_own and str(getattr(guest, "params", {}).get("PARTSTAT", "")).upper() == "DECLINED":
            return False
    return True


def _is_our_own(part: Any, wishes: Wishes) -> bool:
    """Written by one of our own feeds, and come back by way of a calendar elsewhere."""
    return bool(wishes.own_host) and str(part.get("UID", "")).lower().endswith(f"@{wishes.own_host.lower()}")


def _is_whole_days(event: Any, start: date) -> bool:
    is_marked = str(event.get("X-MICROSOFT-CDO-ALLDAYEVENT", "")).upper() == "TRUE"
    return is_marked or not isinstance(start, datetime)


def _moment(value: date, zone: ZoneInfo) -> datetime:
    """A day begins at midnight of the owner; a time without a zone is meant on the owner's clock."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return value.replace(tzinfo=zone) if value.tzinfo is None else value


# ── free and busy, as some calendars tell it ──────────────────────────────────
def _of_free_busy(calendar: Any, wishes: Wishes, told: Expanded) -> Iterator[tuple[datetime, datetime]]:
    zone = ZoneInfo(wishes.zone)
    for table in calendar.walk("VFREEBUSY"):
        for span in _each(table.get("FREEBUSY")):
            told.entries += 1
            if _is_our_own(table, wishes):
                continue
            if not isinstance(span, vPeriod) or not isinstance(span.start, datetime):
                told.warnings.add(LEFT_OUT)
            elif str(span.params.get("FBTYPE", "BUSY")).upper() != "FREE":
                if span.start.tzinfo is None:
                    told.warnings.add(FLOATING)
                yield _moment(span.start, zone), _moment(span.end, zone)


def window(now: datetime) -> tuple[datetime, datetime]:
    """From a month ago until a year ahead."""
    return now.astimezone(UTC) - timedelta(days=31), now.astimezone(UTC) + timedelta(days=366)
