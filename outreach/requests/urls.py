from django.urls import path

from outreach.requests import handover, views

app_name = "requests"
urlpatterns = [
    path("", views.overview, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:public_id>/", views.show, name="show"),
    path("<uuid:public_id>/edit/schools/", views.schools, name="schools"),
    path("<uuid:public_id>/edit/schools/leave-out/", views.leave_out, name="leave_out"),
    path("<uuid:public_id>/edit/<slug:page>/", views.edit, name="edit"),
    path("hand-over/<uuid:public_id>/", handover.hand_over, name="hand_over"),
    path("<uuid:public_id>/contact/", handover.contact, name="contact"),
    path("<uuid:public_id>/approval/", views.approval, name="approval"),
    path("<uuid:public_id>/print/", views.print_page, name="print"),
    path("<uuid:public_id>/pass-on/", views.pass_on, name="pass_on"),
    path("<uuid:public_id>/hand-back/", views.hand_back, name="hand_back"),
    path("<uuid:public_id>/throw-away/", views.throw_away, name="throw_away"),
]
