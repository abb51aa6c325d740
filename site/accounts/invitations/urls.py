from django.urls import path

from accounts.invitations import views

urlpatterns = [
    path("invitations/<slug:token>/", views.show, name="invitation"),
    path("my/invitation/", views.waiting, name="my_invitation"),
    path("my/memberships/<uuid:public_id>/invite/", views.invite, name="my_invite"),
    path("my/invitations/<uuid:public_id>/send-again/", views.send_again, name="invitation_send_again"),
    path("my/invitations/<uuid:public_id>/revoke/", views.revoke, name="invitation_revoke"),
]
