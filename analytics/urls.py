"""Addresses of analytics."""

from django.urls import path

from analytics.dashboards import views

urlpatterns = [
    path("reach/", views.reach, name="reach"),
    path("dashboard/", views.dashboard, name="dashboard"),
    path("dashboard/behind/<slug:key>/", views.behind, name="behind"),
    path("dashboard/targets/", views.targets, name="targets"),
    path("dashboard/targets/<slug:kpi>/", views.target, name="target"),
]
