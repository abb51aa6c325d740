"""What a tired teacher must find at once: what is it, when, whose turn, until when; and where the lesson is."""

import datetime as dt

import pytest

from outbox.models import Letter
from outreach.models import Request, School
from tests import factories
from tests.outreach.pages import Reader
from ui import dates


@pytest.fixture
def teacher(school_contact):
    return Reader(school_contact)


def test_the_receipt_names_the_day_of_the_answer(teacher, db):
    draft = factories.make_request()
    page = teacher.told(f"/requests/{draft.public_id}/edit/confirm/")
    day = dates.day_words(draft.answer_by)
    assert f"控えをメールで送りました。{day}までにお返事します。" in page
    letter = Letter.objects.get(key__contains=":request_submitted:", person=draft.contact)
    assert f"■ これから\n{day}までにお返事します。" in letter.body


def test_the_status_page_tells_what_when_whose_turn_and_until_when_in_this_order(teacher, submitted_request):
    page = teacher.reads(submitted_request.get_absolute_url())
    first = submitted_request.open_slots()[0]
    places = [
        page.index(words)
        for words in (
            f"申込み {submitted_request.number}",
            f"第1希望　{first.words}　ほか2つ",
            "事務局の番です",
            f"{dates.day_words(submitted_request.answer_by)}までにお返事します。",
            "決まるまで",
        )
    ]
    assert places == sorted(places)


def test_it_is_the_ambassadors_turn_while_an_offer_waits(teacher, waiting_offer):
    page = teacher.reads(waiting_offer.request.get_absolute_url())
    assert "推進大使の番です：返事を待っています" in page
    assert "事務局の番です" not in page


def test_a_day_of_the_answer_that_has_passed_is_not_promised_again(teacher, open_request, clock):
    clock.move_to(dates.at_tokyo(open_request.answer_by + dt.timedelta(days=1), dt.time(9)))
    page = teacher.reads(open_request.get_absolute_url())
    assert "を過ぎています。ようすは事務局に聞いてください。" in page
    assert "までにお返事します" not in page


def test_what_is_booked_is_no_longer_waited_for(teacher, confirmed_visit):
    page = teacher.reads(confirmed_visit.request.get_absolute_url())
    assert confirmed_visit.slot.words in page
    assert "決まるまで" not in page
    assert "までにお返事します" not in page


@pytest.mark.parametrize(("page", "number"), [("school", 1), ("dates", 2), ("lesson", 3), ("confirm", 4)])
def test_each_page_of_the_form_says_which_step_it_is(teacher, draft_request, page, number):
    assert f"手順{number}／4" in teacher.reads(f"/requests/{draft_request.public_id}/edit/{page}/")


# ── the place of the lesson ───────────────────────────────────────────────────
WHERE = "東京都架空区坂の上1-2-3"


def lesson(**more: str) -> dict[str, str]:
    return {"format": "in_person", "theme": "story", "aims": "挑む", "grade_high_2": "74", "place": "体育館", **more}


def test_a_school_without_an_address_says_where_to_come(teacher, ambassador, coordinator):
    School.objects.update(address="")
    draft = factories.make_request()
    form = f"/requests/{draft.public_id}/edit/lesson/"
    assert "授業を行う場所（住所）" in teacher.reads(form)
    teacher.sends(form, **lesson(place_text=WHERE))
    draft = Request.objects.get(pk=draft.pk)
    assert (draft.place_text, draft.address) == (WHERE, WHERE)
    offer = factories.offer_for(
        factories.open_request(request=factories.submitted_request(request=draft)), ambassador=ambassador
    )
    assert WHERE in Reader(ambassador.user).reads(offer.get_absolute_url())
    visit = factories.confirmed_visit(offer=offer)
    for person in (teacher, Reader(ambassador.user), Reader(coordinator)):
        assert WHERE in person.reads(visit.get_absolute_url())
    assert WHERE in teacher.reads(f"/requests/{draft.public_id}/print/")
    told = Letter.objects.filter(person=ambassador.user, body__contains=WHERE).values_list("key", flat=True)
    assert {key.split(":")[-2] for key in told} == {"offer_sent", "visit_confirmed_ambassador"}


def test_a_school_in_the_list_is_not_asked_for_its_address(teacher, draft_request):
    assert draft_request.school.address
    assert "place_text" not in teacher.reads(f"/requests/{draft_request.public_id}/edit/lesson/")
    assert draft_request.address == draft_request.school.address
