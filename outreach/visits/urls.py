from django.urls import path

from outreach.visits import views

app_name = "visits"
urlpatterns = [
    path("offers/<uuid:public_id>/", views.offer, name="offer"),
    path("offers/<uuid:public_id>/accept/", views.accept, name="accept"),
    path("offers/<uuid:public_id>/decline/", views.decline, name="decline"),
    path("visits/<uuid:public_id>/", views.show, name="show"),
    path("visits/<uuid:public_id>/deliver/", views.deliver, name="deliver"),
    path("visits/<uuid:public_id>/undo-deliver/", views.undo_deliver, name="undo_deliver"),
    path("visits/<uuid:public_id>/not-held/", views.not_held, name="not_held"),
    path("visits/<uuid:public_id>/leave/", views.leave, name="leave"),
    path("visits/<uuid:public_id>/replace/", views.replace, name="replace"),
    path("visits/<uuid:public_id>/move/", views.move, name="move"),
    path("visits/<uuid:public_id>/move/<uuid:proposal>/agree/", views.agree, name="agree"),
    path("visits/<uuid:public_id>/move/<uuid:proposal>/refuse/", views.refuse, name="refuse"),
    path("visits/<uuid:public_id>/move/<uuid:proposal>/withdraw/", views.withdraw_move, name="withdraw_move"),
    path("visits/<uuid:public_id>/report/", views.report, name="report"),
    path("visits/<uuid:public_id>/comment/", views.comment, name="comment"),
    path("visits/<uuid:public_id>/cancel/", views.cancel, name="cancel"),
    path("visits/<uuid:public_id>/verify/", views.verify, name="verify"),
    path("visits/<uuid:public_id>/hand-back/", views.hand_back, name="hand_back"),
    path("requests/<uuid:public_id>/dates/", views.dates, name="dates"),
    path("requests/<uuid:public_id>/dates/<uuid:slot>/drop/", views.drop_date, name="drop_date"),
    path("requests/<uuid:public_id>/reopen/", views.reopen, name="reopen"),
    path("requests/<uuid:public_id>/withdraw/", views.withdraw, name="withdraw"),
]
