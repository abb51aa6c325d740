from django.urls import path

from outreach.alliance import views

urlpatterns = [path("my/organisation/", views.choose, name="choose_organisation")]
