"""A board by which requests go first: it reads them, sends them on or asks for something."""

import pytest

from outreach.models import Request
from outreach.requests import actions
from outreach.requests.states import RequestState
from tests.outreach.pages import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def with_board(draft_request, school_contact, board_member) -> Request:
    """The school's board wants to see requests first."""
    board = board_member.memberships.get().board
    type(board).objects.filter(pk=board.pk).update(route="via")
    type(draft_request.school).objects.filter(pk=draft_request.school_id).update(board=board)
    return actions.submit(Request.objects.get(pk=draft_request.pk), by=school_contact)


def test_the_board_finds_what_waits_for_it_and_sends_it_on(with_board, board_member, school_contact):
    board = Reader(board_member)
    page = with_board.get_absolute_url()
    assert page in board.reads("/my/")
    assert page in board.reads("/requests/")
    assert "教育委員会の番です" in board.reads(page)
    assert "事務局に送りました。" in board.told(f"{page}pass-on/")
    assert Request.objects.get().state == RequestState.SUBMITTED
    assert page not in board.reads("/my/")


def test_sent_on_twice_is_answered_with_what_is_now(with_board, board_member):
    board = Reader(board_member)
    page = f"{with_board.get_absolute_url()}pass-on/"
    board.sends(page)
    again = board.sends(page)
    assert again.status_code == 409
    assert "いま「受付中」" in again.content.decode()


def test_the_board_asks_the_school_to_mend_something(with_board, board_member, school_contact):
    page = f"{with_board.get_absolute_url()}hand-back/"
    Reader(board_member).sends(page, reason="学年を確かめてください。")
    assert Request.objects.get().state == RequestState.RETURNED
    body = Reader(school_contact).reads(with_board.get_absolute_url())
    assert "先生の番です：申込みを直す" in body
    assert "学年を確かめてください。" in body


def test_the_school_reads_whose_turn_it_is_and_cannot_send_it_on_itself(with_board, school_contact):
    teacher = Reader(school_contact)
    page = with_board.get_absolute_url()
    assert f"{with_board.school.board.name}の番です" in teacher.reads(page)
    for act in ("pass-on/", "hand-back/"):
        assert teacher.sends(f"{page}{act}", reason="x").status_code == 404
    assert Request.objects.get().state == RequestState.WITH_BOARD


def test_a_board_does_not_change_what_its_school_asked(with_board, board_member):
    board = Reader(board_member)
    base = f"/requests/{with_board.public_id}/"
    for page in ("dates/", "reopen/", "edit/schools/", "edit/lesson/"):
        assert board.sends(f"{base}{page}").status_code == 404
    assert "希望日時を変える" not in board.reads(base)
