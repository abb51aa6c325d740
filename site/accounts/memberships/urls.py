from django.urls import path

from accounts.memberships import views

urlpatterns = [
    path("my/colleagues/", views.colleagues, name="my_colleagues"),
    path("my/colleagues/<uuid:public_id>/vouch/", views.vouch, name="my_vouch"),
    path("my/memberships/<uuid:public_id>/leave/", views.leave, name="my_leave"),
]
