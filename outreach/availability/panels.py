"""What outside calendars have for a person on /my/: those that cannot be read or used."""

from django.db.models import Q
from django.utils.translation import pgettext

from accounts.models import User
from accounts.panels import MyLine, MyPanel
from outreach.availability.models import Approval, CalendarSource, Light
from outreach.availability.reasons import what_happened


def calendars_panel(user: User) -> MyPanel | None:
    """Calendars of the person, or of those whom they assist, that have failed for a day, never came or cannot be used."""
    rows = CalendarSource.objects.visible_to(user).filter(Q(failures__gt=0) | Q(approval=Approval.REFUSED))
    lines = [
        MyLine(row.name, row.get_absolute_url(), what_happened(row), row.light.label, "bad")
        for row in rows.order_by("added_at", "pk")
        if row.light in {Light.FAILED, Light.REFUSED}
    ]
    return MyPanel(pgettext("several", "外部カレンダー"), lines) if lines else None
