"""A form that creates something, sent more than once."""

import uuid

import pytest
from django.urls import reverse

from accounts.models import FormKey
from accounts.once import forget_old_keys
from outreach.models import Request

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(client, school_contact, school):
    """The teacher sends the first page of a request with this key."""
    client.force_login(school_contact)

    def send(key, phone="03-0000-0000"):
        told = {"school": school.public_id, "contact_phone": phone, "form_key": key}
        return client.post(reverse("requests:new"), told)

    return send


@pytest.fixture
def send_dates(client, open_request, school_contact):
    """The teacher adds a day to an open request."""
    client.force_login(school_contact)
    slot = open_request.slots.order_by("rank").last()
    slot.dropped_at = slot.starts_at
    slot.save()

    def send_dates(key, day="2026-12-21"):
        told = {
            "day_3": day,
            "from_3": "9:40",
            "until_3": "10:30",
            "answer_by": open_request.answer_by,
            "form_key": key,
        }
        return client.post(reverse("visits:dates", args=[open_request.public_id]), told)

    return send_dates


def test_sent_twice_it_is_done_once_and_both_lead_to_the_same_place(send_dates, open_request):
    key = uuid.uuid4()
    first, second = send_dates(key), send_dates(key)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.headers["Location"] == second.headers["Location"]
    assert open_request.slots.filter(day="2026-12-21", dropped_at__isnull=True).count() == 1


def test_sent_again_with_other_words_it_says_that_the_first_stays(send_dates, open_request):
    key = uuid.uuid4()
    send_dates(key)
    answer = send_dates(key, day="2026-12-22")
    assert answer.status_code == 409
    assert "一度送られています" in answer.content.decode()
    assert not open_request.slots.filter(day="2026-12-22").exists()


def test_what_was_refused_may_be_sent_again(send_dates, open_request):
    key = uuid.uuid4()
    assert send_dates(key, day="2020-01-01").status_code == 422
    assert not FormKey.objects.exists()
    assert send_dates(key).status_code == 302


def test_the_key_of_one_person_is_nothing_to_another(send, client, stranger_contact):
    key = uuid.uuid4()
    send(key)
    client.force_login(stranger_contact)
    theirs = {"school": stranger_contact.memberships.get().school.public_id, "contact_phone": "03-1111-1111"}
    client.post(reverse("requests:new"), theirs | {"form_key": key})
    assert Request.objects.filter(entered_by=stranger_contact).count() <= 1


def test_keys_are_forgotten_after_a_week(send_dates, clock):
    send_dates(uuid.uuid4())
    assert forget_old_keys() == "0 form keys forgotten"
    clock.shift(8 * 24 * 3600)
    assert forget_old_keys() == "1 form keys forgotten"
