from django.urls import path

from outreach.requests import views

app_name = "requests"
urlpatterns = [
    path("", views.overview, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:public_id>/", views.show, name="show"),
    path("<uuid:public_id>/edit/<slug:page>/", views.edit, name="edit"),
    path("<uuid:public_id>/throw-away/", views.throw_away, name="throw_away"),
]
