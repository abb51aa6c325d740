from django.urls import path

from accounts.terms import views

urlpatterns = [
    path("terms/", views.terms, name="terms"),
    path("terms/accept/", views.accept_terms, name="accept_terms"),
    path("terms/<int:number>/", views.terms_version, name="terms_version"),
]
