import datetime as dt

from django.urls import path, register_converter

from outreach.desk import belonging, boards, calendars, inquiries, on_behalf, people, schools, views


class Day:
    """A day in an address: 2027-03-31."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> dt.date:
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


register_converter(Day, "day")

app_name = "desk"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("requests/new/", on_behalf.new, name="new"),
    path("requests/<uuid:public_id>/", views.show, name="request"),
    path("requests/<uuid:public_id>/write/<slug:page>/", on_behalf.write, name="write"),
    path("requests/<uuid:public_id>/take-up/", views.take_up, name="take_up"),
    path("requests/<uuid:public_id>/offer/", views.offer, name="offer"),
    path("requests/<uuid:public_id>/hand-back/", views.hand_back, name="hand_back"),
    path("requests/<uuid:public_id>/pass-on/", views.pass_on, name="pass_on"),
    path("requests/<uuid:public_id>/settle/", views.settle, name="settle"),
    path("requests/<uuid:public_id>/waitlist/", views.waitlist, name="waitlist"),
    path("requests/<uuid:public_id>/unmatch/", views.unmatch, name="unmatch"),
    path("requests/<uuid:public_id>/decline/", views.decline, name="decline"),
    path("offers/<uuid:public_id>/retract/", views.retract, name="retract"),
    path("memberships/", views.memberships, name="memberships"),
    path("memberships/<uuid:public_id>/", views.membership, name="membership"),
    path("memberships/<uuid:public_id>/end/", belonging.end_membership, name="end_membership"),
    path("domains/", belonging.domains, name="domains"),
    path("domains/new/", belonging.add_domain, name="add_domain"),
    path("domains/<uuid:public_id>/strike/", belonging.strike_domain, name="strike_domain"),
    path("invitations/", belonging.invitations, name="invitations"),
    path("invitations/new/", belonging.invite, name="invite"),
    path("reports/", views.reports, name="reports"),
    path("visits/<uuid:public_id>/report/", on_behalf.report, name="report"),
    path("visits/<uuid:public_id>/correct/", on_behalf.correct, name="correct"),
    path("ambassadors/", people.ambassadors, name="ambassadors"),
    path("ambassadors/<uuid:public_id>/", people.ambassador, name="ambassador"),
    path("schools/", schools.schools, name="schools"),
    path("schools/<uuid:public_id>/", schools.school, name="school"),
    path("schools/<uuid:public_id>/founder/", schools.founder, name="school_founder"),
    path("boards/", boards.boards, name="boards"),
    path("boards/<uuid:public_id>/", boards.board, name="board"),
    path("ambassadors/<uuid:public_id>/appoint/", people.appoint, name="appoint"),
    path("ambassadors/<uuid:public_id>/appointments/<day:from_day>/", people.end_appointment, name="end_appointment"),
    path("ambassadors/<uuid:public_id>/pause/", people.pause, name="pause"),
    path("ambassadors/<uuid:public_id>/resume/", people.resume, name="resume"),
    path("ambassadors/<uuid:public_id>/card/", people.card, name="card"),
    path("ambassadors/<uuid:public_id>/photo/remove/", people.remove_photo, name="remove_photo"),
    path("profiles/", people.profiles, name="profiles"),
    path("profiles/<uuid:public_id>/", people.profile_of, name="profile"),
    path("calendars/", calendars.calendars, name="calendars"),
    path("calendars/<uuid:public_id>/approve/", calendars.approve_calendar, name="approve_calendar"),
    path("calendars/<uuid:public_id>/refuse/", calendars.refuse_calendar, name="refuse_calendar"),
    path("conduct/", people.code_of_conduct, name="conduct"),
    path("letters/", views.letters, name="letters"),
    path("letters/<uuid:public_id>/", views.letter, name="letter"),
    path("letters/<uuid:public_id>/send-again/", views.send_again, name="send_again"),
    path("inquiries/", inquiries.inquiries, name="inquiries"),
    path("inquiries/<uuid:public_id>/", inquiries.inquiry, name="inquiry"),
    path("inquiries/<uuid:public_id>/read/", inquiries.read_inquiry, name="read_inquiry"),
    path("inquiries/<uuid:public_id>/take/", inquiries.take_inquiry, name="take_inquiry"),
    path("inquiries/<uuid:public_id>/note/", inquiries.note_inquiry, name="note_inquiry"),
    path("inquiries/<uuid:public_id>/answer/", inquiries.answer_inquiry, name="answer_inquiry"),
    path("inquiries/<uuid:public_id>/close/", inquiries.close_inquiry, name="close_inquiry"),
    path("inquiries/<uuid:public_id>/reopen/", inquiries.reopen_inquiry, name="reopen_inquiry"),
    path("rules/", views.rules, name="rules"),
]
