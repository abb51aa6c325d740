from django.urls import path

from outreach.boards import views

app_name = "boards"
urlpatterns = [
    path("", views.overview, name="list"),
    path("visits/<uuid:public_id>/", views.visit, name="visit"),
    path("<uuid:public_id>/", views.room, name="room"),
    path("<uuid:public_id>/pass-on/", views.pass_on, name="pass_on"),
    path("<uuid:public_id>/schools/", views.schools, name="schools"),
    path("<uuid:public_id>/municipalities/", views.municipalities, name="municipalities"),
    path("<uuid:public_id>/ask/", views.ask, name="ask"),
]
