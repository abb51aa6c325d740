"""A board begins requests for schools it founded; the schools learn it and act on them like their own."""

import uuid

import pytest

from outbox.models import Letter
from outreach.boards import actions
from outreach.lives import NotAllowed
from outreach.models import Board, Request, School
from outreach.requests import actions as requests
from outreach.visits import actions as visits
from tests import factories
from tests.outreach.boards.conftest import person_of, wishes_of
from tests.outreach.pages import Reader

pytestmark = pytest.mark.django_db

LESSON = {"format": "in_person", "theme": "story", "aims": "挑む力を知る"}


@pytest.fixture
def two_schools(school, board, school_contact) -> list[School]:
    """Of teacher@, and one more of the same board whose head is registered."""
    second = School.objects.exclude(board=board).filter(type_code="D1").first()
    School.objects.filter(pk=second.pk).update(board=board)
    second.refresh_from_db()
    person_of(school=second)
    return [school, second]


@pytest.fixture
def begun(board, school, board_member) -> Request:
    (draft,) = actions.begin_for_schools(board, [school], by=board_member, **LESSON)
    return draft


def test_several_drafts_are_begun_with_one_form_and_each_school_learns_it(two_schools, board, board_member):
    fields = LESSON | {"schools": [str(one.public_id) for one in two_schools], "form_key": str(uuid.uuid4())}
    reader = Reader(board_member)
    body = reader.told(f"/boards/{board.public_id}/ask/", **fields)
    assert "2校の下書きを作り" in body
    assert reader.sends(f"/boards/{board.public_id}/ask/", **fields).status_code == 302
    drafts = Request.objects.order_by("pk")
    assert [(one.state, one.aims, one.entered_by) for one in drafts] == [("draft", "挑む力を知る", board_member)] * 2
    assert {one.school for one in drafts} == set(two_schools)
    people = {letter.person_id for letter in Letter.objects.filter(key__contains="board_draft_begun")}
    assert people == {m.person_id for one in two_schools for m in one.memberships.filter(verified_at__isnull=False)}


def test_the_contact_is_somebody_of_the_school(begun, school):
    contact = begun.contact.memberships.get(school=school)
    assert contact.verified_at and begun.contact != begun.entered_by
    assert begun.contact_phone
    assert begun.contact_is_verified


def test_the_school_finishes_and_sends_it_like_its_own(begun, school_contact):
    teacher = Reader(school_contact)
    assert teacher.sees(f"/requests/{begun.public_id}/edit/dates/") == 200
    requests.wish_for(begun, wishes_of(begun.school), by=school_contact, answer_by=factories.school_day(10))
    requests.expect(begun, [requests.GroupWish("high", 1, 40)], by=school_contact)
    assert requests.submit(begun, by=school_contact).state == "submitted"


def test_whoever_began_it_may_add_the_dates_and_send_it_past_their_own_board(begun, via, board_member):
    reader = Reader(board_member)
    for page in ("dates", "lesson", "confirm"):
        body = reader.reads(f"/requests/{begun.public_id}/edit/{page}/")
        assert begun.contact.name not in body and begun.contact.email not in body
    assert reader.sees(f"/requests/{begun.public_id}/edit/school/") == 302
    requests.wish_for(begun, wishes_of(begun.school), by=board_member, answer_by=factories.school_day(10))
    requests.expect(begun, [requests.GroupWish("high", 1, 40)], by=board_member)
    sent = requests.submit(Request.objects.get(pk=begun.pk), by=board_member)
    assert sent.state == "submitted"
    assert Letter.objects.filter(person=begun.contact, key__contains="request_submitted").count() == 1


def test_the_draft_lies_with_whoever_began_it_and_the_school_alone(begun, board, board_member, foreign_board_member):
    colleague = person_of(board=board)
    page = f"/requests/{begun.public_id}/edit/dates/"
    assert f"/requests/{begun.public_id}/" in Reader(board_member).reads("/my/")
    for stranger in (colleague, foreign_board_member):
        assert Reader(stranger).sees(page) == 404
        with pytest.raises(NotAllowed):
            requests.describe(begun, by=stranger, aims="x")


def test_who_has_left_the_board_no_longer_writes_what_they_began(begun, board_member):
    board_member.memberships.update(verified_at=None)
    gone = type(board_member).objects.get(pk=board_member.pk)
    assert Reader(gone).sees(f"/requests/{begun.public_id}/edit/dates/") == 404
    with pytest.raises(NotAllowed):
        requests.describe(begun, by=gone, aims="x")


def test_the_visit_that_follows_is_the_schools(begun, school_contact, board_member, coordinator):
    requests.wish_for(begun, wishes_of(begun.school), by=school_contact, answer_by=factories.school_day(10))
    requests.expect(begun, [requests.GroupWish("high", 1, 40)], by=school_contact)
    request = factories.open_request(request=requests.submit(begun, by=board_member))
    visit = factories.confirmed_visit(offer=factories.offer_for(request))
    reader = Reader(board_member)
    assert reader.sees(f"/visits/{visit.public_id}/") == 404
    body = reader.reads(request.get_absolute_url())
    assert f"/boards/visits/{visit.public_id}/" in body and f'"/visits/{visit.public_id}/' not in body
    with pytest.raises(NotAllowed):
        visits.cancel(visit, by=board_member, reason="x")


def test_a_school_of_another_founder_or_without_a_contact_cannot_be_chosen(board, two_schools, board_member):
    foreign = School.objects.exclude(board=board).first()
    empty = two_schools[1]
    empty.memberships.all().delete()
    for wrong in (foreign, empty):
        with pytest.raises(NotAllowed, match="始められません"):
            actions.begin_for_schools(board, [two_schools[0], wrong], by=board_member, **LESSON)
        fields = LESSON | {"schools": [str(wrong.public_id)]}
        answer = Reader(board_member).sends(f"/boards/{board.public_id}/ask/", **fields)
        assert answer.status_code == 422
    assert not Request.objects.exists() and not Letter.objects.exists()


def test_only_people_of_the_board_begin_for_its_schools(
    board, school, coordinator, school_contact, foreign_board_member
):
    for person in (coordinator, school_contact, foreign_board_member):
        with pytest.raises(NotAllowed):
            actions.begin_for_schools(board, [school], by=person, **LESSON)
    assert not Request.objects.exists()


def test_no_more_than_a_page_of_schools_at_once(board, school, board_member, monkeypatch):
    monkeypatch.setattr("outreach.boards.forms.MOST_AT_ONCE", 0)
    fields = LESSON | {"schools": [str(school.public_id)]}
    answer = Reader(board_member).sends(f"/boards/{board.public_id}/ask/", **fields)
    assert (answer.status_code, "一度に選べるのは0校まで" in answer.content.decode()) == (422, True)


def test_a_board_whose_schools_have_nobody_registered_is_told_what_to_do(foreign_board_member):
    own: Board = foreign_board_member.memberships.get().board
    assert "登録された担当者のいる学校がまだありません" in Reader(foreign_board_member).reads(
        f"/boards/{own.public_id}/ask/"
    )
