from django.urls import path

from outreach.calendars import views

app_name = "calendars"
urlpatterns = [
    path("my/feeds/", views.feeds, name="feeds"),
    path("my/feeds/<uuid:public_id>/", views.feed, name="feed"),
    path("my/feeds/<uuid:public_id>/address/", views.address, name="address"),
    path("my/feeds/<uuid:public_id>/rotate/", views.rotate, name="rotate"),
    path("my/feeds/<uuid:public_id>/revoke/", views.revoke, name="revoke"),
]
