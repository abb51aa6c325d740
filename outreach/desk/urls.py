from django.urls import path

from outreach.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("requests/<uuid:public_id>/", views.show, name="request"),
    path("requests/<uuid:public_id>/take-up/", views.take_up, name="take_up"),
    path("requests/<uuid:public_id>/offer/", views.offer, name="offer"),
    path("requests/<uuid:public_id>/hand-back/", views.hand_back, name="hand_back"),
    path("requests/<uuid:public_id>/decline/", views.decline, name="decline"),
    path("offers/<uuid:public_id>/retract/", views.retract, name="retract"),
    path("memberships/", views.memberships, name="memberships"),
    path("memberships/<uuid:public_id>/", views.membership, name="membership"),
    path("reports/", views.reports, name="reports"),
    path("letters/", views.letters, name="letters"),
    path("letters/<uuid:public_id>/", views.letter, name="letter"),
    path("rules/", views.rules, name="rules"),
]
