from django.urls import include, path

from accounts import views

urlpatterns = [
    path("my/", views.my, name="my"),
    path("my/language/", views.set_language, name="my_language"),
    path("", include("accounts.memberships.urls")),
    path("", include("accounts.invitations.urls")),
]
