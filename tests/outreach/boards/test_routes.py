"""Three ways a school's request goes: past its board, with a copy to it, or through it."""

import datetime as dt
import uuid

import pytest
from wagtail.models import ModelLogEntry

from outbox.models import Letter
from outreach.boards import actions
from outreach.boards.actions import remind_boards
from outreach.lives import NotAllowed
from outreach.models import Board, IntakeRules, Request, Step
from outreach.requests import actions as requests
from outreach.requests.models import current_rules
from outreach.visits import actions as visits
from tests import factories
from tests.outreach.pages import Reader

pytestmark = pytest.mark.django_db


def told(person) -> list[str]:
    """The news this person has got, in order."""
    return [letter.key.split(":")[-2] for letter in Letter.objects.filter(person=person).order_by("pk")]


def fresh(request: Request) -> Request:
    return Request.objects.get(pk=request.pk)


# ── 直接 ──────────────────────────────────────────────────────────────────────
def test_a_board_passed_by_is_told_nothing_and_sees_its_table(verified_visit, board, board_member):
    assert told(board_member) == []
    body = Reader(board_member).reads(f"/boards/{board.public_id}/")
    assert verified_visit.request.number in body
    assert "最近の知らせ" not in body


# ── 写し ──────────────────────────────────────────────────────────────────────
def test_a_board_with_a_copy_hears_of_sending_booking_moving_and_cancelling(
    copied, draft_request, school_contact, coordinator, ambassador, board_member
):
    request = factories.open_request(request=factories.submitted_request(request=fresh(draft_request)))
    visit = factories.confirmed_visit(offer=factories.offer_for(request, ambassador=ambassador))
    move = factories.proposed_move(visit)
    visits.agree(move, by=school_contact)
    visit.refresh_from_db()
    visits.cancel(visit, by=coordinator, reason="学級閉鎖")
    visits.withdraw(fresh(request), by=school_contact, reason="行事と重なりました。")
    assert told(board_member) == [
        "board_copy_submitted",
        "board_copy_booked",
        "board_copy_moved",
        "board_copy_cancelled",
        "board_copy_withdrawn",
    ]


def test_its_news_are_a_short_list_without_anything_to_do(copied, draft_request, ambassador, board_member):
    request = factories.open_request(request=factories.submitted_request(request=fresh(draft_request)))
    visit = factories.confirmed_visit(offer=factories.offer_for(request, ambassador=ambassador))
    news = Reader(board_member).client.get(f"/boards/{copied.public_id}/").context["news"]
    assert [one.what for one in news] == ["訪問が決まりました", "申し込みました"]
    assert news[0].url == f"/boards/visits/{visit.public_id}/"


def test_a_copy_goes_to_the_verified_people_of_that_board_alone(
    copied, draft_request, foreign_board_member, board_member
):
    board_member.memberships.update(verified_at=None)
    factories.submitted_request(request=fresh(draft_request))
    assert told(board_member) == told(foreign_board_member) == []


# ── 経由 ──────────────────────────────────────────────────────────────────────
def test_several_requests_go_on_with_one_press(with_board, board_member, school_contact):
    second = factories.submitted_request(by=school_contact, days=[factories.school_day(40)])
    board, reader = with_board.school.board, Reader(board_member)
    assert (with_board.state, second.state) == ("with_board", "with_board")
    fields = {"requests": [str(with_board.public_id), str(second.public_id)], "form_key": str(uuid.uuid4())}
    body = reader.told(f"/boards/{board.public_id}/pass-on/", **fields)
    assert "2件を事務局に送りました" in body
    assert {fresh(with_board).state, fresh(second).state} == {"submitted"}
    # The same form again does nothing more, and answers as it did.
    steps = Step.objects.count()
    again = reader.sends(f"/boards/{board.public_id}/pass-on/", **fields)
    assert (again.status_code, Step.objects.count()) == (302, steps)


def test_what_cannot_go_on_stops_no_other_and_is_named(with_board, board_member, school_contact, coordinator):
    second = factories.submitted_request(by=school_contact, days=[factories.school_day(40)])
    requests.hand_back(second, by=coordinator, reason="人数を。")
    page = f"/boards/{with_board.school.board.public_id}/pass-on/"
    body = Reader(board_member).told(page, requests=[str(with_board.public_id), str(second.public_id)])
    assert "1件を事務局に送りました" in body
    assert f"{second.number}は送れませんでした。この派遣の申込みは、いま「修正のお願い」" in body
    assert (fresh(with_board).state, fresh(second).state) == ("submitted", "returned")


def test_nothing_chosen_or_nothing_left_is_said_and_sends_nothing(with_board, board_member):
    page, reader = f"/boards/{with_board.school.board.public_id}/pass-on/", Reader(board_member)
    nothing = reader.sends(page, requests=["x", ""])
    assert (nothing.status_code, "選んでください" in nothing.content.decode()) == (422, True)
    requests.pass_on(with_board, by=board_member)
    late = reader.sends(page, requests=[str(with_board.public_id)])
    assert (late.status_code, "送れませんでした" in late.content.decode()) == (409, True)


def test_a_request_of_another_board_cannot_be_slipped_in(with_board, foreign_board_member):
    own = foreign_board_member.memberships.get().board
    page = f"/boards/{own.public_id}/pass-on/"
    answer = Reader(foreign_board_member).sends(page, requests=[str(with_board.public_id)])
    assert answer.status_code == 422
    assert fresh(with_board).state == "with_board"


def test_before_the_last_day_the_desk_says_how_it_made_sure(with_board, coordinator, school_contact, board_member):
    with pytest.raises(NotAllowed, match="確かめる期限は"):
        requests.pass_on(with_board, by=coordinator)
    page = f"/desk/requests/{with_board.public_id}/pass-on/"
    desk = Reader(coordinator)
    assert "だれに確かめたか" in desk.reads(page)
    assert desk.sends(page).status_code == 200
    desk.sends(page, reason="11月20日、指導課に電話")
    assert fresh(with_board).state == "submitted"
    assert Step.objects.get(verb="pass_on").reason == "11月20日、指導課に電話"
    assert told(board_member)[-1] == "board_passed_over"
    letter = Letter.objects.filter(person=school_contact).latest("pk")
    assert f"事務局が{with_board.school.board.name}に代わって受け付けました" in letter.body


def test_after_the_last_day_the_desk_takes_it_with_one_press(with_board, coordinator, clock):
    last = with_board.board_answers_by(current_rules(with_board.fiscal_year))
    assert last == dt.date(2026, 11, 27)
    clock.move_to(dt.datetime(2026, 11, 28, 1, tzinfo=dt.UTC))
    desk = Reader(coordinator)
    assert "代わりに受け付ける" in desk.reads(f"/desk/requests/{with_board.public_id}/")
    desk.sends(f"/desk/requests/{with_board.public_id}/pass-on/")
    assert fresh(with_board).state == "submitted"


def test_the_days_of_the_board_are_a_rule_of_the_year_and_end_with_the_day_of_the_answer(with_board):
    rules = current_rules(with_board.fiscal_year)
    IntakeRules.objects.filter(pk=rules.pk).update(board_days=30)
    rules.refresh_from_db()
    assert with_board.board_answers_by(rules) == with_board.answer_by == dt.date(2026, 12, 4)


def test_a_board_without_people_leaves_the_desk_free_at_once(with_board, coordinator, board_member):
    board_member.memberships.update(verified_at=None)
    requests.pass_on(with_board, by=coordinator)
    assert fresh(with_board).state == "submitted"


def test_the_board_is_reminded_once_and_then_the_desk_is_told_once(with_board, board_member, coordinator, clock):
    before = told(coordinator)
    for day in (24, 25, 25, 27):
        clock.move_to(dt.datetime(2026, 11, day, 1, tzinfo=dt.UTC))
        remind_boards()
    assert told(board_member) == ["request_with_board", "board_reminder"]
    assert told(coordinator) == before
    for day in (28, 29):
        clock.move_to(dt.datetime(2026, 11, day, 1, tzinfo=dt.UTC))
        remind_boards()
    assert told(board_member) == ["request_with_board", "board_reminder"]
    assert told(coordinator) == [*before, "request_board_is_silent"]
    assert "期限を過ぎても" in Letter.objects.filter(person=coordinator).latest("pk").body


def test_a_board_hears_when_a_request_it_has_is_withdrawn(with_board, school_contact, board_member):
    visits.withdraw(with_board, by=school_contact, reason="行事と重なりました。")
    assert told(board_member) == ["request_with_board", "board_copy_withdrawn"]


# ── changing the route ────────────────────────────────────────────────────────
def test_the_desk_changes_the_route_with_a_reason_and_the_board_learns_it(board, coordinator, board_member):
    page, desk = f"/desk/boards/{board.public_id}/", Reader(coordinator)
    body = desk.told(page, route="via", reason="来年度から経由にしたいとの連絡")
    assert "経路を「経由」に改めました" in body and "直接 → 経由" in body
    assert Board.objects.get(pk=board.pk).route == "via"
    entry = ModelLogEntry.objects.get(action="kakehashi.set_route")
    assert entry.data == {"before": "direct", "after": "via", "reason": "来年度から経由にしたいとの連絡"}
    assert entry.user == coordinator
    assert told(board_member) == ["board_route_set"]


@pytest.mark.parametrize(("route", "reason"), [("via", "　"), ("direct", "同じ"), ("sideways", "だめ")])
def test_without_a_reason_or_a_change_nothing_changes(route, reason, board, coordinator):
    with pytest.raises(NotAllowed):
        actions.set_route(board, route, by=coordinator, reason=reason)
    answer = Reader(coordinator).sends(f"/desk/boards/{board.public_id}/", route=route, reason=reason)
    assert answer.status_code == 200 and "data-error-summary" in answer.content.decode()
    assert Board.objects.get(pk=board.pk).route == "direct"
    assert not ModelLogEntry.objects.filter(action="kakehashi.set_route").exists()


def test_only_the_desk_changes_a_route(board, board_member, foreign_board_member):
    for person in (board_member, foreign_board_member):
        with pytest.raises(NotAllowed):
            actions.set_route(board, "via", by=person, reason="経由に")
    assert Board.objects.get(pk=board.pk).route == "direct"


def test_a_new_route_holds_for_requests_from_now_on(with_board, board, coordinator, board_member, school_contact):
    actions.set_route(board, "direct", by=coordinator, reason="直接に")
    assert fresh(with_board).state == "with_board"
    later = factories.submitted_request(by=school_contact, days=[factories.school_day(40)])
    assert later.state == "submitted"
    assert requests.pass_on(fresh(with_board), by=board_member).state == "submitted"


def test_the_desk_finds_boards_by_name_prefecture_and_route(via, with_board, coordinator, board_member):
    desk = Reader(coordinator)
    lines = desk.client.get("/desk/boards/?route=via").context["lines"]
    assert [(line["board"], line["people"], line["waiting"]) for line in lines] == [(via, 1, 1)]
    assert desk.client.get("/desk/boards/?q=東京都教育").context["lines"][0]["schools"] >= 1
    assert desk.client.get("/desk/boards/?prefecture=01").context["page"].paginator.count == 3
    assert board_member.get_full_name() in desk.reads(f"/desk/boards/{via.public_id}/")
