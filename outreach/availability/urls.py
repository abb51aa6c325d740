from django.urls import path

from outreach.availability import source_pages, views

app_name = "availability"
urlpatterns = [
    path("my/availability/", views.show, name="show"),
    # Before the parts of the page: `calendars` is a page of its own.
    path("my/availability/calendars/", source_pages.calendars, name="calendars"),
    path("my/availability/calendars/<uuid:public_id>/", source_pages.calendar, name="calendar"),
    path("my/availability/calendars/<uuid:public_id>/read/", source_pages.read_calendar, name="read_calendar"),
    path("my/availability/calendars/<uuid:public_id>/remove/", source_pages.remove_calendar, name="remove_calendar"),
    path("my/availability/<uuid:public_id>/", views.show, name="of"),
    path("my/availability/<uuid:public_id>/<slug:part>/", views.tell, name="tell"),
    path("my/availability/<slug:part>/<uuid:public_id>/remove/", views.take_away, name="take_away"),
]
