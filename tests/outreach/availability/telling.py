"""Ambassadors who tell of their time, shortly."""

import datetime as dt
from typing import Any

from outreach.availability import telling
from outreach.availability.telling import Clocks

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
WORKDAYS = range(5)


def clocks(since: str, until: str) -> Clocks:
    return Clocks(dt.time.fromisoformat(since), dt.time() if until == "24:00" else dt.time.fromisoformat(until))


def weekly(person: Any, weekdays: Any = WORKDAYS, since: str = "08:30", until: str = "17:00", **more: Any):
    more.setdefault("zone", person.time_zone)
    return telling.add_weekly(person, by=person.user, weekdays=weekdays, clocks=clocks(since, until), **more)


def blocked(person: Any, first: dt.date, last: dt.date | None = None, **more: Any):
    return _exception(person, "blocked", first, last, **more)


def free(person: Any, first: dt.date, last: dt.date | None = None, **more: Any):
    return _exception(person, "free", first, last, **more)


def _exception(person: Any, kind: str, first: dt.date, last: dt.date | None, hours: str = "", **more: Any):
    more.setdefault("zone", person.time_zone)
    return telling.add_exception(
        person,
        by=person.user,
        kind=kind,
        first_day=first,
        last_day=last or first,
        clocks=clocks(*hours.split("-")) if hours else None,
        **more,
    )


def stays(person: Any, place: str, first: dt.date | None = None, last: dt.date | None = None, **more: Any):
    more.setdefault("in_person", True)
    return telling.add_stay(
        person, by=person.user, prefecture_code=place, first_day=first, last_day=last or first, **more
    )


def wants(person: Any, **conditions: Any):
    return telling.set_conditions(person, by=person.user, **conditions)
