from django.urls import path

from outreach.inquiries import views

app_name = "inquiries"
urlpatterns = [
    path("safety/report/", views.concern, name="concern"),
    path("safety/report/sent/", views.concern_sent, name="concern_sent"),
    path("contact/write/", views.question, name="question"),
    path("contact/write/sent/", views.question_sent, name="question_sent"),
]
