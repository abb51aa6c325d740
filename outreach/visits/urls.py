from django.urls import path

from outreach.visits import views

app_name = "visits"
urlpatterns = [
    path("offers/<uuid:public_id>/", views.offer, name="offer"),
    path("offers/<uuid:public_id>/accept/", views.accept, name="accept"),
    path("offers/<uuid:public_id>/decline/", views.decline, name="decline"),
    path("visits/<uuid:public_id>/", views.show, name="show"),
    path("visits/<uuid:public_id>/deliver/", views.deliver, name="deliver"),
    path("visits/<uuid:public_id>/report/", views.report, name="report"),
    path("visits/<uuid:public_id>/comment/", views.comment, name="comment"),
    path("visits/<uuid:public_id>/cancel/", views.cancel, name="cancel"),
    path("visits/<uuid:public_id>/verify/", views.verify, name="verify"),
    path("visits/<uuid:public_id>/hand-back/", views.hand_back, name="hand_back"),
    path("requests/<uuid:public_id>/withdraw/", views.withdraw, name="withdraw"),
]
