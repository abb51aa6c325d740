"""A person's calendar as a file: every entry, or only the hours that are taken."""

import datetime as dt

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from icalendar import Calendar as File
from icalendar import Event, FreeBusy, Parameters, vPeriod

from outreach.calendars.entries import Calendar, Entry, house
from outreach.calendars.models import Feed, Scope
from ui import dates
from ui.calendar_files import add_changes, add_days, add_times, line, new_calendar, prose

# Periods of a free/busy file, and what they mean.
TAKEN, PERHAPS = "BUSY", "BUSY-TENTATIVE"


def calendar_file(feed: Feed, calendar: Calendar, address: str) -> bytes:
    """The whole calendar, or for a feed that shows no more the hours as events without words."""
    file = _empty(feed, address)
    write = _event if feed.scope == Scope.FULL else _bare_event
    for entry in calendar.entries():
        # A due day takes no hours: whoever is told hours alone is not told of it.
        if feed.scope == Scope.FULL or not entry.is_all_day:
            file.add_component(write(entry))
    return file.to_ical()


def freebusy_file(feed: Feed, calendar: Calendar, address: str) -> bytes:
    """The hours that are taken and those that may be, in UTC, as other planning programs read them."""
    file = _empty(feed, address)
    freebusy = FreeBusy()
    freebusy.add("uid", f"freebusy-{feed.public_id}@{house()}")
    freebusy.add("dtstamp", feed.content_since)
    freebusy.add("dtstart", calendar.window.first.astimezone(dt.UTC))
    freebusy.add("dtend", calendar.window.last.astimezone(dt.UTC))
    entries = [entry for entry in calendar.entries() if entry.takes_time]
    for kind, wanted in ((TAKEN, "CONFIRMED"), (PERHAPS, "TENTATIVE")):
        spans = _merged([(entry.starts_at, entry.ends_at) for entry in entries if entry.status == wanted])
        for starts_at, ends_at in spans:
            period = vPeriod((starts_at.astimezone(dt.UTC), ends_at.astimezone(dt.UTC)))
            # What a period is goes without saying here.
            period.params = Parameters({"FBTYPE": kind})
            freebusy.add("freebusy", period)
    file.add_component(freebusy)
    return file.to_ical()


def _empty(feed: Feed, address: str) -> File:
    name = _("Kakehashi（架け橋）：%(name)s") % {"name": feed.name}
    return new_calendar(name, source=address, page=settings.SITE_URL + reverse("my"))


def _event(entry: Entry) -> Event:
    event = _bare_event(entry, title=line(entry.title))
    event.add("categories", [entry.category])
    if entry.place:
        event.add("location", line(entry.place))
    if entry.text:
        event.add("description", prose(entry.text))
    if entry.page:
        event.add("url", entry.page)
    return event


def _bare_event(entry: Entry, title: str = "") -> Event:
    event = Event()
    event.add("uid", entry.uid)
    add_changes(event, begun_at=entry.begun_at, changed_at=entry.changed_at, sequence=entry.sequence)
    if entry.is_all_day:
        first = dates.in_tokyo(entry.starts_at).date()
        add_days(event, first, first + dt.timedelta(days=1))
    else:
        add_times(event, entry.starts_at, entry.ends_at)
    event.add("summary", title or pgettext("in a calendar", "予定あり"))
    event.add("status", entry.status)
    event.add("transp", "OPAQUE" if entry.takes_time else "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def _merged(spans: list[tuple[dt.datetime, dt.datetime]]) -> list[tuple[dt.datetime, dt.datetime]]:
    """The same hours without overlaps, the earliest first."""
    merged: list[tuple[dt.datetime, dt.datetime]] = []
    for starts_at, ends_at in sorted(spans):
        if merged and starts_at <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends_at))
        else:
            merged.append((starts_at, ends_at))
    return merged
