"""When an ambassador is free by their own words, and where they are then: rules, exceptions and stays made into moments.

Clock times count in the zone they were meant in. Where clocks change, a time that comes twice is its first, and one that
does not exist is read with the clock of before. Pure arithmetic; nothing here asks the database.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from outreach.availability import intervals
from outreach.availability.models import DayException
from ui import dates

DAY = dt.timedelta(days=1)
Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Whereabouts:
    """Where somebody is on a day of Japan; "" is abroad or not known."""

    prefecture_code: str
    in_person: bool


@dataclass(frozen=True)
class Stretch:
    """A free stretch within one day of Japan."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    where: Whereabouts


def clock_span(day: dt.date, since: dt.time | None, until: dt.time | None, zone: ZoneInfo) -> Span:
    """The moments, in UTC, of two clock times of a day; without clocks the whole day, and an earlier end is the next day's."""
    since, until = since or dt.time(), until or dt.time()
    last_day = day if until > since else day + DAY
    return (
        dt.datetime.combine(day, since, tzinfo=zone).astimezone(dt.UTC),
        dt.datetime.combine(last_day, until, tzinfo=zone).astimezone(dt.UTC),
    )


def days_between(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Every day from the first to the last, both included."""
    for number in range((last - first).days + 1):
        yield first + dt.timedelta(days=number)


def free_spans(rules: Iterable[Any], exceptions: Iterable[Any], first: dt.date, last: dt.date) -> list[Span]:
    """Weekly hours, without blocked days, together with the days that are free beside them, merged (UTC).

    An extra day counts also where the days around it are blocked: whoever names it means it.
    """
    # A day elsewhere reaches into the neighbouring days of Japan.
    first, last = first - DAY, last + DAY
    exceptions = list(exceptions)
    weekly = []
    for rule in rules:
        zone = ZoneInfo(rule.zone)
        begins, ends = max(first, rule.valid_from or first), min(last, rule.valid_until or last)
        begins += dt.timedelta(days=(rule.weekday - begins.weekday()) % 7)
        while begins <= ends:
            weekly.append(clock_span(begins, rule.from_time, rule.until_time, zone))
            begins += 7 * DAY
    extra = _spans_of(exceptions, DayException.Kind.FREE, first, last)
    return intervals.merge([*intervals.subtract(weekly, blocked_spans(exceptions, first, last)), *extra])


def blocked_spans(exceptions: Iterable[Any], first: dt.date, last: dt.date) -> list[Span]:
    """The days, or hours of days, on which nothing is possible (UTC)."""
    return intervals.merge(_spans_of(exceptions, DayException.Kind.BLOCKED, first, last))


def _spans_of(exceptions: Iterable[Any], kind: str, first: dt.date, last: dt.date) -> list[Span]:
    return [
        clock_span(day, exception.from_time, exception.until_time, ZoneInfo(exception.zone))
        for exception in exceptions
        if exception.kind == kind
        for day in days_between(max(first, exception.first_day), min(last, exception.last_day))
    ]


def place_of(ambassador: Any, stays: Iterable[Any], day: dt.date) -> Whereabouts:
    """Where the ambassador is on a day of Japan, and whether one could visit from there.

    A stay between two days goes before a weekly one, the later said before the earlier.
    """
    here = [stay for stay in stays if stay.holds_on(day)]
    if here:
        stay = max(here, key=lambda one: (one.weekday is None, one.pk))
        return Whereabouts(stay.prefecture_code, stay.in_person)
    is_in_japan = ambassador.country_code == "JP"
    return Whereabouts(ambassador.prefecture_code if is_in_japan else "", is_in_japan)


def whereabouts(ambassador: Any, stays: Iterable[Any], day: dt.date) -> Whereabouts:
    """The same, and whether this ambassador visits in person at all."""
    place = place_of(ambassador, stays, day)
    return Whereabouts(place.prefecture_code, place.in_person and ambassador.visits_in_person)


def stretches(
    ambassador: Any,
    rules: Iterable[Any],
    exceptions: Iterable[Any],
    stays: Iterable[Any],
    first: dt.date,
    last: dt.date,
) -> list[Stretch]:
    """The free time from one day of Japan to another, both included, cut at midnight there, with the place of each day."""
    stays = list(stays)
    places: dict[dt.date, Whereabouts] = {}
    begins, ends = dates.at_tokyo(first, dt.time()), dates.at_tokyo(last + DAY, dt.time())
    found = []
    for since, until in free_spans(rules, exceptions, first, last):
        since, until = max(since, begins), min(until, ends)
        while since < until:
            day = dates.in_tokyo(since).date()
            midnight = dates.at_tokyo(day + DAY, dt.time()).astimezone(dt.UTC)
            if day not in places:
                places[day] = place_of(ambassador, stays, day)
            found.append(Stretch(since.astimezone(dt.UTC), min(until, midnight).astimezone(dt.UTC), places[day]))
            since = midnight
    return found
