from django.urls import path

from outreach.schools import views

urlpatterns = [
    path("my/school/", views.choose, name="choose_school"),
    path("my/school/<uuid:public_id>/settings/", views.settings, name="school_settings"),
    path("my/school/<uuid:public_id>/bells/<slug:stage>/", views.bells, name="bell_times"),
    path("my/board/", views.choose_board, name="choose_board"),
]
