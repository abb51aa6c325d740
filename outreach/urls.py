"""Addresses of outreach."""

from django.urls import include, path

from outreach.calendars.calendar_pages import calendar
from outreach.requests.chance_pages import chances
from outreach.requests.hand_pages import hand, openings

urlpatterns = [
    path("", include("outreach.schools.urls")),
    path("", include("outreach.alliance.urls")),
    path("", include("outreach.availability.urls")),
    path("", include("outreach.ambassadors.urls")),
    path("my/calendar/", calendar, name="calendar"),
    path("my/openings/", openings, name="openings"),
    path("my/openings/<uuid:public_id>/hand/", hand, name="hand"),
    path("chances/", chances, name="chances"),
    path("requests/", include("outreach.requests.urls")),
    path("", include("outreach.visits.urls")),
    path("", include("outreach.messages.urls")),
    path("", include("outreach.calendars.urls")),
    path("", include("outreach.inquiries.urls")),
    path("boards/", include("outreach.boards.urls")),
    path("desk/", include("outreach.desk.urls")),
]
