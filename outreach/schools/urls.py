from django.urls import path

from outreach.schools import views

urlpatterns = [
    path("my/school/", views.choose, name="choose_school"),
    path("my/board/", views.choose_board, name="choose_board"),
]
