"""The first part of an address says which middleware it meets; `wsgi.py` holds to it."""

from django.urls import include, path
from wagtail import urls as wagtail_urls

from tests.bench.floors import views

urlpatterns = [
    path("bare/html/", views.html),
    path("default/html/", views.html),
    path("bare/db/", views.db),
    path("bare/table50/", views.table50),
    path("bare/db50/", views.db_rows, {"count": 50}),
    path("bare/db200/", views.db_rows, {"count": 200}),
    path("bare/cached/", views.cached),
    path("bare/same/", views.same),
    path("default/plain/<str:name>/", views.plain),
    path("", include(wagtail_urls)),
]
