from django.urls import path

from outreach.availability import views

app_name = "availability"
urlpatterns = [
    path("my/availability/", views.show, name="show"),
    path("my/availability/<uuid:public_id>/", views.show, name="of"),
    path("my/availability/<uuid:public_id>/<slug:part>/", views.tell, name="tell"),
    path("my/availability/<slug:part>/<uuid:public_id>/remove/", views.take_away, name="take_away"),
]
