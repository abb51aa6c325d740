"""What the pages of booking say is true of the thing they show, in both languages, and leads somewhere."""

import pytest

from outbox.models import Letter
from outreach.models import Request, School, Visit
from outreach.requests.forms import DatesPageForm
from outreach.visits import actions, closing
from tests import factories
from tests.factories import offer_for, school_day
from tests.outreach.pages import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def one_of_two(school_contact, ambassador) -> Visit:
    """Two ambassadors are wanted; one has accepted, with a word to the school."""
    request = factories.make_request(by=school_contact, days=[school_day(24), school_day(26)])
    Request.objects.filter(pk=request.pk).update(ambassadors_wanted=2)
    request = factories.open_request(request=factories.submitted_request(request=Request.objects.get(pk=request.pk)))
    offer = offer_for(request, ambassador=ambassador)
    return actions.accept(offer, by=ambassador.user, slot=offer.slots.get(rank=1), note="名刺を配ってもよいですか。")


def test_pupils_and_ambassadors_are_counted_by_their_own_names(one_of_two, school_contact):
    page = Reader(school_contact).reads(f"/en{one_of_two.get_absolute_url()}")
    assert "1 of 2 ambassadors confirmed" in page
    assert "2 ambassadors</dd>" in page
    assert "others. The visit" in page  # two sentences, a blank between them
    assert "2 pupils" not in page


def test_when_these_are_enough_nobody_is_said_to_be_looked_for(one_of_two, school_contact, coordinator):
    teacher = Reader(school_contact)
    assert "残りの推進大使を探しています" in teacher.reads(one_of_two.get_absolute_url())
    closing.settle(one_of_two.request, by=coordinator)
    page = teacher.reads(one_of_two.get_absolute_url())
    assert "残りの推進大使を探しています" not in page
    assert "訪問は決まっています" in page


def test_what_an_ambassador_tells_the_school_reaches_the_school(one_of_two, school_contact, ambassador):
    assert "ひとこと：名刺を配ってもよいですか。" in Reader(school_contact).reads(one_of_two.get_absolute_url())
    assert "ひとこと：" not in Reader(ambassador).reads(one_of_two.get_absolute_url())
    letter = Letter.objects.get(key__contains=":visit_confirmed_school:", person=school_contact)
    assert "名刺を配ってもよいですか。" in letter.body


def test_who_accepts_a_second_day_reads_that_the_first_one_stands(one_of_two, ambassador):
    offer = ambassador.offers.get()
    other = offer.slots.get(rank=2)
    answer = Reader(ambassador).sends(f"{offer.get_absolute_url()}accept/", slot=str(other.public_id))
    body = answer.content.decode()
    assert answer.status_code == 409
    assert f"この打診は、{one_of_two.slot.words}で引き受けたあとです。" in body
    assert one_of_two.get_absolute_url() in body


def test_a_cancelled_visit_does_not_say_that_somebody_comes(confirmed_visit, ambassador, school_contact):
    actions.cancel(confirmed_visit, by=school_contact, reason="学級閉鎖のため。")
    page = Reader(ambassador).reads(confirmed_visit.get_absolute_url())
    assert "を訪問します" not in page
    assert "で決まりました。" not in page
    assert "理由：<p>学級閉鎖のため。</p>" in page or "理由：学級閉鎖のため。" in page
    assert "予定が変わったら" not in page


def test_withdrawing_says_only_what_it_ends(confirmed_visit, school_contact):
    teacher = Reader(school_contact)
    submitted_request = factories.submitted_request(by=school_contact, days=[school_day(50)])
    alone = teacher.reads(f"{submitted_request.get_absolute_url()}withdraw/")
    booked = teacher.reads(f"{confirmed_visit.request.get_absolute_url()}withdraw/")
    assert "決まっている訪問も中止になります。" in booked
    assert "決まっている訪問" not in alone
    assert "事務局に伝わり、" in alone


def test_a_list_shows_the_day_that_was_booked_and_no_day_of_an_answer_any_more(confirmed_visit, school_contact):
    page = Reader(school_contact).reads("/requests/")
    assert f"<b>{confirmed_visit.slot.words}</b>" in page
    assert "決まった日時" in page
    for slot in confirmed_visit.request.slots.exclude(pk=confirmed_visit.slot_id):
        assert slot.words not in page


def test_the_first_round_names_the_missing_day_beside_everything_else(school_contact):
    form = DatesPageForm({"answer_by": ""}, request=factories.make_request(by=school_contact))
    assert not form.is_valid()
    assert set(form.errors) == {"day_1", "answer_by"}
    assert form.errors["answer_by"] == ["必須の項目です。ここに書いてください。"]


def test_letters_say_which_school_the_pupils_of_a_joint_lesson_come_from(school_contact, stranger_contact, coordinator):
    request = factories.make_request(by=school_contact)
    other_school = School.objects.get(pk__in=stranger_contact.school_ids)
    request.participating_schools.add(other_school)
    request.planned_groups.create(school=other_school, stage="high", grade=2, expected=21)
    factories.submitted_request(request=request)
    letter = Letter.objects.get(key__contains=":request_arrived:", person=coordinator)
    assert f"・{other_school.name_ja}　高校生 2年　21人" in letter.body


def test_the_address_of_a_button_leads_back_to_the_button(waiting_offer, ambassador):
    browser = Reader(ambassador).client
    answer = browser.get(f"{waiting_offer.get_absolute_url()}accept/", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    body = answer.content.decode()
    assert f'<a class="button" href="{waiting_offer.get_absolute_url()}">前のページを開く</a>' in body
    english = browser.get(f"/en{waiting_offer.get_absolute_url()}accept/", headers={"accept": "text/html"})
    assert f'href="/en{waiting_offer.get_absolute_url()}">Open the previous page</a>' in english.content.decode()
    for_machines = browser.get(f"{waiting_offer.get_absolute_url()}accept/")
    assert (for_machines.status_code, for_machines.content) == (405, b"")


def test_the_desk_reads_who_has_accepted_and_who_is_still_asked(one_of_two, other_ambassador, coordinator):
    desk = Reader(coordinator)
    request = one_of_two.request
    actions.send_offer(request, by=coordinator, ambassador=other_ambassador, slots=[one_of_two.slot])
    page = desk.reads(f"/desk/requests/{request.public_id}/")
    assert "2人のうち1人が決まりました" in page
    assert "いま1人に打診していて、返事を待っています。" in page
