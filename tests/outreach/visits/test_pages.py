"""What each side reads on its pages: contacts only while a visit is on, names of offers only at the desk."""

import datetime as dt

import pytest
from django.test import Client

from accounts.models import User
from outreach.models import Request
from outreach.visits import actions

pytestmark = pytest.mark.django_db

PHONE, HOURS = "03-7777-7777", "放課後CNRY"


@pytest.fixture(autouse=True)
def canaries(db):
    """Private words that can be recognised wherever they appear."""
    for who, name in (("teacher", "学校CNRY"), ("ambassador", "大使CNRY")):
        User.objects.filter(email=f"{who}@demo.example").update(name=name)


def text(person: User, page: str) -> str:
    client = Client()
    client.force_login(person)
    answer = client.get(page, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def seen(person: User, page: str, school_contact: User, ambassador) -> set[str]:
    """Whose contact data this person reads there."""
    Request.objects.update(contact_phone=PHONE, contact_hours=HOURS)
    body = text(person, page)
    found = {"school"} if any(value in body for value in (school_contact.email, PHONE, HOURS)) else set()
    return found | ({"ambassador"} if ambassador.user.email in body else set())


def test_an_offer_shows_no_contact_before_and_after_the_answer(waiting_offer, school_contact, ambassador):
    page = waiting_offer.get_absolute_url()
    assert seen(ambassador.user, page, school_contact, ambassador) == set()
    actions.decline(waiting_offer, by=ambassador.user)
    assert seen(ambassador.user, page, school_contact, ambassador) == set()


def test_the_school_learns_that_somebody_is_asked_and_not_who(waiting_offer, school_contact, ambassador):
    body = text(school_contact, waiting_offer.request.get_absolute_url())
    for secret in (ambassador.name, ambassador.user.name, ambassador.user.email, str(waiting_offer.public_id)):
        assert secret not in body


def test_the_school_does_not_learn_who_declined_and_why(waiting_offer, school_contact, ambassador, coordinator):
    actions.decline(waiting_offer, by=ambassador.user, note="理由CNRY")
    request = waiting_offer.request
    for page in (request.get_absolute_url(), "/my/", "/requests/"):
        body = text(school_contact, page)
        assert "理由CNRY" not in body
        assert ambassador.name not in body
    assert "理由CNRY" in text(coordinator, f"/desk/requests/{request.public_id}/")


def test_parties_of_a_confirmed_visit_reach_each_other_and_readers_of_figures_reach_nobody(
    confirmed_visit, school_contact, colleague, ambassador, coordinator, viewer
):
    page = confirmed_visit.get_absolute_url()
    for person in (school_contact, colleague, ambassador.user, coordinator):
        assert seen(person, page, school_contact, ambassador) == {"school", "ambassador"}
    assert seen(viewer, page, school_contact, ambassador) == set()


def test_contacts_close_with_the_visit(confirmed_visit, school_contact, ambassador, coordinator):
    page = confirmed_visit.get_absolute_url()
    actions.cancel(confirmed_visit, by=coordinator, reason="台風です。")
    for person in (school_contact, ambassador.user):
        assert seen(person, page, school_contact, ambassador) == set()


def test_contacts_close_when_the_report_is_verified(verified_visit, school_contact, ambassador):
    page = verified_visit.get_absolute_url()
    for person in (school_contact, ambassador.user):
        assert seen(person, page, school_contact, ambassador) == set()


def test_a_reader_of_figures_sees_no_history_and_no_wishes_of_the_school(confirmed_visit, viewer, school_contact):
    Request.objects.update(wishes="希望CNRY")
    page = confirmed_visit.get_absolute_url()
    assert "希望CNRY" in text(school_contact, page)
    assert "希望CNRY" not in text(viewer, page)
    assert "学校CNRY" not in text(viewer, page)


def test_only_the_desk_reads_who_did_what(confirmed_visit, school_contact, coordinator):
    assert "大使CNRY（推進大使）" in text(coordinator, confirmed_visit.get_absolute_url())
    assert "大使CNRY（推進大使）" not in text(school_contact, confirmed_visit.get_absolute_url())


def test_the_report_asks_about_pupils_met_before_and_names_the_visit(
    reported_visit, asked_again, school_contact, clock, client
):
    later = asked_again(reported_visit)
    clock.move_to(later.ends_at + dt.timedelta(hours=1))
    client.force_login(school_contact)
    page = f"/visits/{later.public_id}/report/"
    body = client.get(page).content.decode()
    assert "12月14日（月）の訪問で、この学年の72人が会っています。" in body
    answer = client.post(page, {"present_high_2": "70", "format": "in_person"})
    assert "同じ人がいなければ0です" in answer.content.decode()
    answer = client.post(page, {"present_high_2": "70", "met_high_2": "71", "format": "in_person"})
    assert "出席した70人より多くはなりません" in answer.content.decode()
    client.post(page, {"present_high_2": "70", "met_high_2": "70", "format": "in_person"})
    assert later.latest_report().distinct == 0


@pytest.fixture
def asked_again(school_contact, coordinator, ambassador):
    """A second visit of the same school to the same grade, two weeks later."""

    def asked_again(visit):
        from tests.factories import confirmed_visit, offer_for, open_request

        request = open_request(by=school_contact, day=visit.day + dt.timedelta(days=28))
        return confirmed_visit(offer=offer_for(request, ambassador=ambassador))

    return asked_again
