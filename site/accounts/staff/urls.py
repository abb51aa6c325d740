from django.urls import path

from accounts.staff import views

app_name = "people"
urlpatterns = [
    path("", views.people, name="list"),
    path("<uuid:public_id>/", views.person, name="person"),
    path("<uuid:public_id>/grant/", views.grant, name="grant"),
    path("<uuid:public_id>/pause/", views.pause, name="pause"),
    path("<uuid:public_id>/reopen/", views.reopen, name="reopen"),
    path("<uuid:public_id>/second-factor/", views.forget_factor, name="forget_factor"),
    path("roles/<uuid:public_id>/renew/", views.renew, name="renew"),
    path("roles/<uuid:public_id>/end/", views.end, name="end"),
]
