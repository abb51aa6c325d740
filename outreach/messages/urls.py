from django.urls import path

from outreach.messages import views

app_name = "messages"
urlpatterns = [
    path("visits/<uuid:public_id>/messages/", views.thread, name="thread"),
    path("visits/<uuid:public_id>/messages/read/", views.read, name="read"),
    path("visits/<uuid:public_id>/messages/files/<uuid:attachment>/", views.file, name="file"),
    path("visits/<uuid:public_id>/messages/<uuid:message>/hide/", views.hide, name="hide"),
]
