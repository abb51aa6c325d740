"""Calendars that ambassadors keep elsewhere: one that is read, one that fails, one that waits. Nobody outside is asked."""

import datetime as dt
from typing import Any

from demo.places import seeded_uuid
from outreach.availability.sealing import seal
from outreach.models import Ambassador, BusyBlock, CalendarSource
from ui import dates

WEEKS = 8
# Invented, and asked by nobody: the demo reads no calendar.
WORKING = "https://calendar.google.com/calendar/ical/demo%40demo.example/private-00demo00/basic.ics"
FAILING = "https://outlook.office365.com/owa/calendar/00demo00@demo.example/00demo00/calendar.ics"
UNKNOWN = "https://cloud.kazami.example/remote.php/dav/public-calendars/00demo00?export"


def tell_calendars(world: Any, rng: Any) -> None:
    """After all else, so that nobody of the story meets a time they could not know of."""
    own, other = (Ambassador.objects.get(user=world.accounts[who]) for who in ("ambassador", "ambassador2"))
    waiting = next(person for person in world.ambassadors if person.pk not in (own.pk, other.pk))
    long_ago, since = world.now - dt.timedelta(days=40), world.now - dt.timedelta(hours=30)
    working = CalendarSource(
        ambassador=own,
        name="会社の予定",
        sealed_address=seal(WORKING),
        approval="approved",
        added_at=long_ago,
        tried_at=world.now,
        succeeded_at=world.now,
    )
    failing = CalendarSource(
        ambassador=other,
        name="大学の予定",
        sealed_address=seal(FAILING),
        approval="approved",
        added_at=long_ago,
        tried_at=world.now - dt.timedelta(hours=2),
        succeeded_at=since - dt.timedelta(hours=1),
        failing_since=since,
        failures=6,
        trouble="web_page",
        told_at=world.now - dt.timedelta(hours=6),
    )
    unknown = CalendarSource(
        ambassador=waiting,
        name="団体の予定",
        sealed_address=seal(UNKNOWN),
        added_at=world.now - dt.timedelta(days=1),
    )
    for source, address in ((working, WORKING), (failing, FAILING), (unknown, UNKNOWN)):
        source.public_id, source.host = seeded_uuid(rng), address.split("/")[2]
        source.save()
    BusyBlock.objects.bulk_create(
        BusyBlock(source=source, ambassador=source.ambassador, starts_at=starts_at, ends_at=ends_at)
        for source in (working, failing)
        for starts_at, ends_at in _evenings_and_saturdays(world.today)
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
