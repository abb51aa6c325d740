"""The public events as a calendar. School visits are never in anything public, and nothing here knows of them."""

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Event

from pages.public import in_language, public_pages
from ui.calendar_files import add_changes, add_times, answer, line, new_calendar, print_of, prose

LONGEST_AGO = dt.timedelta(days=365)
LAST_SAID = "events-feed"


@require_safe
def events_ics(request: HttpRequest) -> HttpResponse:
    """What everybody may read under /events/, in Japanese, of the last year and all that is to come."""
    events = list(_events())
    content = print_of([_shown(event) for event in events])
    return answer(
        request,
        etag=content,
        changed_at=_said_since(content),
        cache="public, no-cache",
        language="ja",
        write=lambda: _file(events),
    )


def _said_since(content: str) -> dt.datetime:
    """Since when this server knows the calendar to say what it says; two contents never share a second.

    What was published last is not enough: an event also goes, and its end comes without anybody's hand.
    """
    known, since = cache.get(LAST_SAID, ("", None))
    if known != content:
        now = timezone.now().replace(microsecond=0)
        since = max(now, since + dt.timedelta(seconds=1)) if since else now
        cache.set(LAST_SAID, (content, since), None)
    return since


def _events() -> Any:
    rows = in_language(public_pages(apps.get_model("pages.EventPage")), "ja")
    rows = rows.filter(ends_at__gt=timezone.now() - LONGEST_AGO).select_related("locale").defer_streamfields()
    return rows.order_by("starts_at", "pk")


def _shown(event: Any) -> tuple[Any, ...]:
    """Everything of an event that stands in the calendar."""
    return (
        str(event.translation_key),
        event.title,
        event.starts_at,
        event.ends_at,
        event.place,
        event.is_online,
        event.description,
        event.get_url(),
        event.first_published_at,
        event.last_published_at,
    )


def _file(events: list[Any]) -> bytes:
    here = settings.SITE_URL + reverse("events_ics")
    file = new_calendar(_("Kakehashi（架け橋）のイベント"), source=here, page=f"{settings.SITE_URL}/events/")
    house = urlsplit(settings.SITE_URL).hostname
    for event in events:
        made = Event()
        made.add("uid", f"event-{event.translation_key}@{house}")
        begun_at = event.first_published_at or event.starts_at
        changed_at = event.last_published_at or begun_at
        # Seconds since it was published first: an editor may move an event, and nothing counts how often.
        sequence = int((changed_at - begun_at).total_seconds())
        add_changes(made, begun_at=begun_at, changed_at=changed_at, sequence=sequence)
        add_times(made, event.starts_at, event.ends_at)
        made.add("summary", line(event.title))
        where = [event.place, _("オンライン") if event.is_online else ""]
        if place := "、".join(part for part in where if part):
            made.add("location", line(place))
        address = settings.SITE_URL + event.get_url()
        made.add("description", prose(f"{event.description}\n{address}"))
        made.add("url", address)
        made.add("status", "CONFIRMED")
        made.add("transp", "TRANSPARENT")
        made.add("class", "PUBLIC")
        file.add_component(made)
    return file.to_ical()
