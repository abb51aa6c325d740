from django.urls import path

from outreach.visits import move_pages, offer_pages, report_pages, views, wish_pages

app_name = "visits"
urlpatterns = [
    path("offers/<uuid:public_id>/", offer_pages.offer, name="offer"),
    path("offers/<uuid:public_id>/accept/", offer_pages.accept, name="accept"),
    path("offers/<uuid:public_id>/decline/", offer_pages.decline, name="decline"),
    path("visits/<uuid:public_id>/", views.show, name="show"),
    path("visits/<uuid:public_id>/deliver/", views.deliver, name="deliver"),
    path("visits/<uuid:public_id>/undo-deliver/", views.undo_deliver, name="undo_deliver"),
    path("visits/<uuid:public_id>/not-held/", views.not_held, name="not_held"),
    path("visits/<uuid:public_id>/leave/", views.leave, name="leave"),
    path("visits/<uuid:public_id>/replace/", views.replace, name="replace"),
    path("visits/<uuid:public_id>/move/", move_pages.move, name="move"),
    path("visits/<uuid:public_id>/move/<uuid:proposal>/agree/", move_pages.agree, name="agree"),
    path("visits/<uuid:public_id>/move/<uuid:proposal>/refuse/", move_pages.refuse, name="refuse"),
    path("visits/<uuid:public_id>/move/<uuid:proposal>/withdraw/", move_pages.withdraw_move, name="withdraw_move"),
    path("visits/<uuid:public_id>/report/", report_pages.report, name="report"),
    path("visits/<uuid:public_id>/comment/", report_pages.comment, name="comment"),
    path("visits/<uuid:public_id>/cancel/", views.cancel, name="cancel"),
    path("visits/<uuid:public_id>/verify/", report_pages.verify, name="verify"),
    path("visits/<uuid:public_id>/hand-back/", report_pages.hand_back, name="hand_back"),
    path("requests/<uuid:public_id>/dates/", wish_pages.dates, name="dates"),
    path("requests/<uuid:public_id>/dates/<uuid:slot>/drop/", wish_pages.drop_date, name="drop_date"),
    path("requests/<uuid:public_id>/reopen/", wish_pages.reopen, name="reopen"),
    path("requests/<uuid:public_id>/withdraw/", wish_pages.withdraw, name="withdraw"),
]
