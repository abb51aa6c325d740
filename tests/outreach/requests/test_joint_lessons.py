"""A joint lesson: other schools take part, each with its own numbers, and one report names them all."""

import pytest

from outreach.lives import NotAllowed
from outreach.models import Group, PlannedGroup, ReachEntry, Request, School
from outreach.requests import actions
from tests import factories
from tests.outreach.pages import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner(school) -> School:
    return School.objects.open().filter(type_code=school.type_code).exclude(pk=school.pk).first()


@pytest.fixture
def teacher(school_contact) -> Reader:
    return Reader(school_contact)


def schools_page(request: Request) -> str:
    return f"/requests/{request.public_id}/edit/schools/"


def planned() -> set[tuple[int, int, int]]:
    return set(PlannedGroup.objects.values_list("school_id", "grade", "expected"))


@pytest.fixture
def joint_draft(draft_request, partner, school_contact) -> Request:
    return actions.take_part(draft_request, partner, [actions.GroupWish("high", 1, 30)], by=school_contact)


def test_a_school_is_found_added_and_shown_wherever_the_request_is_read(draft_request, partner, teacher):
    page = schools_page(draft_request)
    chosen = f"{page}?school={partner.public_id}"
    assert f"?school={partner.public_id}" in teacher.reads(f"{page}?prefecture={partner.prefecture_code}")
    assert "から参加する人数" in teacher.reads(chosen)
    assert "を合同授業に加えました。" in teacher.told(chosen, grade_high_1="30")
    assert planned() == {(draft_request.school_id, 2, 74), (partner.pk, 1, 30)}
    for place in (page, f"/requests/{draft_request.public_id}/edit/confirm/"):
        assert partner.name in teacher.reads(place)


def test_said_again_the_new_numbers_hold(joint_draft, partner, teacher):
    teacher.sends(f"{schools_page(joint_draft)}?school={partner.public_id}", grade_high_1="25", grade_high_3="10")
    assert planned() == {(joint_draft.school_id, 2, 74), (partner.pk, 1, 25), (partner.pk, 3, 10)}


def test_a_school_without_pupils_is_sent_back(draft_request, partner, teacher):
    answer = teacher.sends(f"{schools_page(draft_request)}?school={partner.public_id}", grade_high_1="")
    assert answer.status_code == 422
    assert "学年ごとに1つは書いてください" in answer.content.decode()
    assert not draft_request.participating_schools.exists()


def test_a_school_is_taken_out_again(joint_draft, partner, teacher):
    words = teacher.told(f"{schools_page(joint_draft)}leave-out/", school=str(partner.public_id))
    assert "を合同授業から外しました。" in words
    assert not joint_draft.participating_schools.exists()
    assert planned() == {(joint_draft.school_id, 2, 74)}


def test_saving_the_lesson_page_keeps_the_other_schools(joint_draft, partner, school_contact):
    actions.expect(joint_draft, [actions.GroupWish("high", 3, 60)], by=school_contact)
    assert planned() == {(joint_draft.school_id, 3, 60), (partner.pk, 1, 30)}


def test_the_way_to_the_page_saves_what_stands_in_the_lesson(draft_request, teacher):
    answer = teacher.sends(f"/requests/{draft_request.public_id}/edit/lesson/", aims="一緒に挑む", joint="1")
    assert answer.headers["Location"] == schools_page(draft_request)
    assert Request.objects.get().aims == "一緒に挑む"


def test_the_asking_school_is_not_its_own_partner(draft_request, school_contact, school):
    with pytest.raises(NotAllowed, match="授業の内容"):
        actions.take_part(draft_request, school, [actions.GroupWish("high", 1, 30)], by=school_contact)


def test_nobody_else_and_nothing_after_the_request_was_sent(submitted_request, partner, teacher, stranger_contact):
    page = f"{schools_page(submitted_request)}?school={partner.public_id}"
    assert teacher.sends(page, grade_high_1="30").status_code == 422
    assert Reader(stranger_contact).sends(page, grade_high_1="30").status_code == 404
    assert not submitted_request.participating_schools.exists()


def test_offer_visit_and_report_name_every_school_and_one_report_counts_them(
    joint_draft, partner, ambassador, school_contact, teacher, clock
):
    request = factories.open_request(request=factories.submitted_request(request=joint_draft))
    offer = factories.offer_for(request, ambassador=ambassador)
    assert partner.name in Reader(ambassador).reads(offer.get_absolute_url())
    visit = factories.confirmed_visit(offer=offer)
    assert partner.name in teacher.reads(visit.get_absolute_url())
    factories.past_visit(clock, visit=visit)
    code = partner.school_code
    page = f"{visit.get_absolute_url()}report/"
    assert f'name="present_high_1_{code}" value="30"' in teacher.reads(page)
    told = {"present_high_2": "70", f"present_high_1_{code}": "28", "format": "in_person"}
    assert teacher.sends(page, **told).status_code == 302
    assert set(Group.objects.values_list("school_id", "present")) == {(request.school_id, 70), (partner.pk, 28)}
    assert partner.name in teacher.reads(visit.get_absolute_url())
    counted = ReachEntry.objects.filter(standing="reported", measure="present")
    assert sum(counted.values_list("amount", flat=True)) == 98


def test_pupils_of_the_other_school_met_before_are_asked_about(
    joint_draft, partner, ambassador, school_contact, teacher, clock
):
    request = factories.open_request(request=factories.submitted_request(request=joint_draft))
    first = factories.confirmed_visit(offer=factories.offer_for(request, ambassador=ambassador))
    again = factories.make_request(by=school_contact, day=factories.school_day(60))
    actions.take_part(again, partner, [actions.GroupWish("high", 1, 30)], by=school_contact)
    later = factories.confirmed_visit(
        offer=factories.offer_for(factories.open_request(request=factories.submitted_request(request=again)))
    )
    factories.past_visit(clock, visit=first)
    code = partner.school_code
    told = {"present_high_2": "70", f"present_high_1_{code}": "28", "format": "in_person"}
    teacher.sends(f"{first.get_absolute_url()}report/", **told)
    factories.past_visit(clock, visit=later)
    assert f'name="met_high_1_{code}"' in teacher.reads(f"{later.get_absolute_url()}report/")
