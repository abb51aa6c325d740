"""What outside calendars have for a person on /my/: those that cannot be read."""

from django.utils.translation import pgettext

from accounts.models import User
from accounts.panels import MyLine, MyPanel
from outreach.availability.models import CalendarSource, Light
from outreach.availability.reasons import what_happened


def calendars_panel(user: User) -> MyPanel | None:
    """Calendars of the person, or of those whom they assist, that have failed for a day or never came."""
    rows = CalendarSource.objects.visible_to(user).filter(failures__gt=0).order_by("added_at", "pk")
    lines = [
        MyLine(row.name, row.get_absolute_url(), what_happened(row), row.light.label, "bad")
        for row in rows
        if row.light == Light.FAILED
    ]
    return MyPanel(pgettext("several", "外部カレンダー"), lines) if lines else None
