from django.urls import include, path

from accounts import views

urlpatterns = [
    path("my/", views.my, name="my"),
    path("my/security/", views.my_security, name="my_security"),
    path("my/name/", views.my_name, name="my_name"),
    path("my/language/", views.set_language, name="my_language"),
    path("desk/people/", include("accounts.staff.urls")),
    path("", include("accounts.terms.urls")),
    path("", include("accounts.memberships.urls")),
    path("", include("accounts.invitations.urls")),
]
