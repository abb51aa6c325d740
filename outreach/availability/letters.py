"""What an ambassador is told about a calendar of theirs; never its address."""

from django.urls import reverse
from django.utils import translation

from outbox.actions import Draft
from outreach.availability.models import CalendarSource
from outreach.availability.reasons import what_happened, what_to_do


def calendar_failing(source: CalendarSource) -> Draft:
    """The calendar could not be read for a day: why, what holds meanwhile, what to do."""
    person = source.ambassador.user
    with translation.override(person.language):
        context = {
            "source": source,
            "page": reverse("availability:calendar", args=[source.public_id]),
            "what_happened": what_happened(source),
            "what_to_do": what_to_do(source),
        }
    return Draft(
        key=f"calendar:{source.public_id}:{source.failing_since:%Y%m%d%H%M%S%f}:failing",
        to=person,
        template="outreach/letters/calendar_failing",
        context=context,
    )
