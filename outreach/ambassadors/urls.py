from django.urls import path

from outreach.ambassadors import views

app_name = "ambassadors"
urlpatterns = [
    path("ambassadors/", views.directory, name="directory"),
    path("ambassadors/<slug:slug>/", views.card, name="card"),
    path("my/profile/", views.own_profile, name="profile"),
    path("my/profile/offering/", views.offering, name="offering"),
    path("my/profile/take-back/", views.take_back, name="take_back"),
    path("my/profile/photo/remove/", views.remove_photo, name="remove_photo"),
    path("my/profile/photo/<uuid:public_id>/", views.waiting_photo, name="waiting_photo"),
    path("my/assistants/", views.own_assistants, name="assistants"),
    path("my/assistants/<uuid:public_id>/end/", views.end_assistant, name="end_assistant"),
    path("my/conduct/", views.own_conduct, name="conduct"),
]
