"""Several ambassadors on one visit: who leaves, who is replaced, what the school reads; and what became of the day."""

import datetime as dt

import pytest

from outreach.models import Participation, Request, Visit
from outreach.requests.history import history
from outreach.requests.states import RequestState
from outreach.visits import actions
from outreach.visits.states import VisitState
from tests import factories
from tests.outreach.pages import Reader

pytestmark = pytest.mark.django_db

REASON = "発熱です。"


def act(visit: Visit, verb: str) -> str:
    return f"/visits/{visit.public_id}/{verb}/"


def test_one_of_two_leaves_and_the_visit_goes_on(visit_of_two, other_ambassador, school_contact):
    leaving = Reader(other_ambassador)
    page = visit_of_two.get_absolute_url()
    assert "担当を外れる" in leaving.reads(page)
    answer = leaving.sends(act(visit_of_two, "leave"), reason=REASON)
    assert answer.headers["Location"] == "/my/"
    assert leaving.sees(page) == 404
    teacher = Reader(school_contact)
    assert "2人のうち1人が決まりました" in teacher.reads(page)
    assert "2人のうち1人が決まりました" in teacher.reads(visit_of_two.request.get_absolute_url())
    assert "2人のうち1人が決まりました" in teacher.reads("/my/")
    assert other_ambassador.user.email not in teacher.reads(page)


def test_an_ambassador_beside_others_is_not_offered_to_cancel_for_them(visit_of_two, ambassador):
    one = Reader(ambassador)
    assert "訪問を中止する" not in one.reads(visit_of_two.get_absolute_url())
    assert "来られないときは「担当を外れる」を選んでください。" in one.told(act(visit_of_two, "cancel"), reason=REASON)
    assert Visit.objects.get().state == VisitState.CONFIRMED


def test_who_is_alone_cancels_and_does_not_leave(confirmed_visit, ambassador):
    one = Reader(ambassador)
    body = one.reads(confirmed_visit.get_absolute_url())
    assert "訪問を中止する" in body
    assert "担当を外れる" not in body
    assert "「訪問を中止する」を選んでください。" in one.told(act(confirmed_visit, "leave"), reason=REASON)
    assert Participation.objects.get().left_at is None


def test_the_desk_looks_for_somebody_in_an_ambassadors_place_and_the_school_reads_nothing_of_it(
    visit_of_two, ambassador, coordinator, school_contact
):
    desk, page = Reader(coordinator), visit_of_two.get_absolute_url()
    wanted = f"{act(visit_of_two, 'replace')}?who={ambassador.public_id}"
    assert wanted in desk.reads(page)
    assert f'name="who" value="{ambassador.public_id}"' in desk.reads(wanted)
    assert "学校と推進大使には伝わりません。" in desk.reads(wanted)
    answer = desk.sends(act(visit_of_two, "replace"), who=str(ambassador.public_id), reason="長期の出張です。")
    assert answer.headers["Location"] == f"/desk/requests/{visit_of_two.request.public_id}/"
    assert "交代の推進大使を探しています" in desk.reads(page)
    for reader in (Reader(school_contact), Reader(ambassador)):
        body = reader.reads(page)
        assert "交代" not in body
        assert "長期の出張です。" not in body
    body = Reader(school_contact).reads(visit_of_two.request.get_absolute_url())
    assert "訪問が決まりました" in body
    assert "のうち" not in body


def test_the_desk_takes_one_of_two_off_the_visit(visit_of_two, other_ambassador, coordinator):
    desk = Reader(coordinator)
    words = desk.told(act(visit_of_two, "leave"), who=str(other_ambassador.public_id), reason=REASON)
    assert "担当から外しました。" in words
    assert [p.ambassador for p in Participation.objects.filter(left_at=None)] != [other_ambassador]


def test_nobody_takes_somebody_else_off_a_visit(visit_of_two, ambassador, other_ambassador, school_contact):
    named = {"who": str(other_ambassador.public_id), "reason": REASON}
    assert Reader(ambassador).sends(act(visit_of_two, "leave"), **named).status_code == 403
    assert Reader(ambassador).sends(act(visit_of_two, "replace"), **named).status_code == 403
    assert "この操作ができるのは" in Reader(school_contact).told(act(visit_of_two, "leave"), **named)
    assert Participation.objects.filter(left_at=None).count() == 2


def test_an_ambassador_who_is_not_on_the_visit_cannot_be_named(visit_of_two, coordinator, ambassador_abroad):
    for named in (str(ambassador_abroad.public_id), "x", "00000000-0000-4000-8000-000000000000"):
        answer = Reader(coordinator).sends(act(visit_of_two, "leave"), who=named, reason=REASON)
        assert answer.status_code == 404
    assert "選んでください。" in Reader(coordinator).told(act(visit_of_two, "replace"), reason=REASON)


def test_said_by_mistake_is_taken_back_within_a_week(past_visit, ambassador, school_contact, clock):
    one = Reader(ambassador)
    one.sends(act(past_visit, "deliver"))
    assert "実施の記録を取り消す" in Reader(school_contact).reads(past_visit.get_absolute_url())
    assert "実施の記録を取り消しました。" in one.told(act(past_visit, "undo-deliver"))
    assert Visit.objects.get().state == VisitState.CONFIRMED
    one.sends(act(past_visit, "deliver"))
    clock.move_to(dt.datetime.now(dt.UTC) + dt.timedelta(days=8))
    assert "実施の記録を取り消す" not in one.reads(past_visit.get_absolute_url())
    one.sends(act(past_visit, "undo-deliver"))
    assert Visit.objects.get().state == VisitState.DELIVERED


def test_what_was_not_held_is_said_with_a_reason_and_the_school_can_give_new_dates(past_visit, school_contact):
    teacher = Reader(school_contact)
    assert "実施しなかった" in teacher.reads(past_visit.get_absolute_url())
    assert teacher.sends(act(past_visit, "not-held"), reason="").status_code == 200
    teacher.sends(act(past_visit, "not-held"), reason="大雪で休校でした。")
    assert (Visit.objects.get().state, Request.objects.get().state) == (VisitState.NOT_HELD, RequestState.OPEN)
    body = teacher.reads(past_visit.get_absolute_url())
    assert "この訪問は実施されませんでした" in body
    assert "大雪で休校でした。" in body
    assert "希望日時を変える" in teacher.reads(past_visit.request.get_absolute_url())


def test_before_the_lesson_nobody_says_that_it_was_not_held(confirmed_visit, school_contact):
    teacher = Reader(school_contact)
    assert "実施しなかった" not in teacher.reads(confirmed_visit.get_absolute_url())
    assert "授業が終わってから行えます。" in teacher.told(act(confirmed_visit, "not-held"), reason=REASON)


def test_the_history_says_each_thing_once(visit_of_two, school_contact, ambassador, other_ambassador):
    proposal = factories.proposed_move(visit_of_two, by=school_contact)
    for person in (ambassador, other_ambassador):
        actions.agree(proposal, by=person.user)
    lines = history(Request.objects.get(), see_names=False, hide_offers=True)
    assert [line.what for line in lines] == [
        "申し込みました",
        "調整を始めました",
        "推進大使に打診しました",
        "訪問が決まりました",
        "推進大使に打診しました",
        "推進大使が加わりました",
        "日時の変更を相談しました",
        "日時の変更に同意しました",
        "全員が同意し、日時が変わりました",
    ]


def test_an_ambassador_who_has_left_sees_the_visit_no_more(visit_of_two, other_ambassador, ambassador):
    Reader(other_ambassador).sends(act(visit_of_two, "leave"), reason=REASON)
    assert list(Visit.objects.visible_to(other_ambassador.user)) == []
    assert list(Visit.objects.visible_to(ambassador.user)) == [visit_of_two]
    assert visit_of_two.get_absolute_url() not in Reader(other_ambassador).reads("/my/")
