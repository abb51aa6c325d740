"""Calendars that ambassadors keep elsewhere: one that is read, one that fails, one that waits. Nobody outside is asked."""

import datetime as dt
from typing import Any

from outreach.availability.sealing import seal
from outreach.models import Ambassador, BusyBlock, CalendarSource
from ui import dates

WEEKS = 8
# Invented, and asked by nobody: the demo reads no calendar.
WORKING = "https://calendar.google.com/calendar/ical/demo%40demo.example/private-00demo00/basic.ics"
FAILING = "https://outlook.office365.com/owa/calendar/00demo00@demo.example/00demo00/calendar.ics"
UNKNOWN = "https://cloud.kazami.example/remote.php/dav/public-calendars/00demo00?export"


def tell_calendars(world: Any) -> None:
    """After all else, so that nobody of the story meets a time they could not know of."""
    working = _connect(world, "ambassador", "会社の予定", WORKING, tried_at=world.now, succeeded_at=world.now)
    BusyBlock.objects.bulk_create(
        BusyBlock(source=working, ambassador=working.ambassador, starts_at=since, ends_at=until)
        for since, until in _evenings_and_saturdays(world.today)
    )
    since = world.now - dt.timedelta(hours=30)
    _connect(
        world,
        "ambassador2",
        "大学の予定",
        FAILING,
        tried_at=world.now - dt.timedelta(hours=2),
        succeeded_at=since - dt.timedelta(hours=1),
        failing_since=since,
        failures=6,
        trouble="web_page",
        told_at=world.now - dt.timedelta(hours=6),
    )
    others = (
        person
        for person in world.ambassadors
        if person.user.email.partition("@")[0] not in ("ambassador", "ambassador2")
    )
    _add(next(others), "団体の予定", UNKNOWN, approval="waiting", added_at=world.now - dt.timedelta(days=1))


def _connect(world: Any, who: str, name: str, address: str, **more: Any) -> CalendarSource:
    person = Ambassador.objects.get(user=world.accounts[who])
    return _add(person, name, address, approval="approved", added_at=world.now - dt.timedelta(days=40), **more)


def _add(person: Ambassador, name: str, address: str, **more: Any) -> CalendarSource:
    return CalendarSource.objects.create(
        ambassador=person, name=name, sealed_address=seal(address), host=address.split("/")[2], **more
    )


def _evenings_and_saturdays(today: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
    """Every Tuesday and Thursday evening, and every second Saturday: beside the hours of schools."""
    found = []
    for number in range(WEEKS * 7):
        day = today + dt.timedelta(days=number)
        if day.weekday() in (1, 3):
            found.append((dates.at_tokyo(day, dt.time(18, 30)), dates.at_tokyo(day, dt.time(20))))
        elif day.weekday() == 5 and day.isocalendar().week % 2:
            found.append((dates.at_tokyo(day, dt.time()), dates.at_tokyo(day + dt.timedelta(days=1), dt.time())))
    return found
