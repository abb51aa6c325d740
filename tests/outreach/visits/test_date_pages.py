"""The school's wished days after it has asked: dropping one, adding others, asking again."""

import datetime as dt

import pytest

from outreach.models import Offer, Request
from outreach.requests.actions import waitlist
from outreach.requests.states import RequestState
from outreach.visits import actions
from tests.factories import offer_for, school_day
from tests.outreach.pages import Reader

pytestmark = pytest.mark.django_db

KEY = "11111111-1111-4111-8111-111111111111"


def fresh(request: Request) -> Request:
    return Request.objects.get(pk=request.pk)


def dates_page(request: Request) -> str:
    return f"/requests/{request.public_id}/dates/"


def drop(request: Request, rank: int) -> str:
    return f"{dates_page(request)}{request.slots.get(rank=rank, dropped_at=None).public_id}/drop/"


def a_day(rank: int, ahead: int = 40, **more: str) -> dict[str, object]:
    day = school_day(ahead).isoformat()
    return {f"day_{rank}": day, f"periods_{rank}": ["3", "4"], "answer_by": "2026-12-04", **more}


def days_of(request: Request) -> list[int]:
    return [slot.rank for slot in fresh(request).open_slots()]


@pytest.fixture
def teacher(school_contact) -> Reader:
    return Reader(school_contact)


def test_a_day_is_dropped_by_its_button_and_the_place_in_the_order_stays(waiting_offer, teacher):
    request = waiting_offer.request
    place = request.place_in_queue_at
    assert "この日時で推進大使に打診しています。" in teacher.reads(dates_page(request))
    words = teacher.told(drop(request, 2))
    assert "を取り下げました。受付の順番は変わりません。" in words
    assert days_of(request) == [1, 2]
    assert (fresh(request).place_in_queue_at, Offer.objects.get().state) == (place, "sent")


def test_an_offer_about_the_dropped_day_alone_has_ended(open_request, ambassador, teacher):
    offer = offer_for(open_request, ambassador=ambassador, slots=[open_request.slots.get(rank=3)])
    teacher.sends(drop(open_request, 3))
    assert Offer.objects.get().state == "retracted"
    assert "もう空いています" in Reader(ambassador).reads(offer.get_absolute_url())


def test_the_last_day_stays_and_the_page_says_what_to_do(open_request, teacher):
    for _twice in range(2):
        teacher.sends(drop(open_request, 1))
    assert "残り1つなので、先に別の日を加えてください。" in teacher.reads(dates_page(open_request))
    assert "残りの希望日時がなくなります" in teacher.told(drop(open_request, 1))
    assert days_of(open_request) == [1]


def test_a_day_dropped_twice_is_dropped_once(open_request, teacher):
    page = drop(open_request, 2)
    assert teacher.sends(page).status_code == 302
    again = teacher.sends(page)
    assert again.status_code == 409
    assert "もう取り下げられています" in again.content.decode()


def test_a_day_is_added_without_promising_the_others_for_longer(open_request, teacher):
    Request.objects.update(answer_by=dt.date(2026, 11, 24))
    teacher.sends(drop(open_request, 2))
    answer = teacher.sends(dates_page(open_request), **a_day(3) | {"answer_by": "2026-11-24"})
    assert (answer.status_code, answer.headers["Location"]) == (302, open_request.get_absolute_url())
    assert days_of(open_request) == [1, 2, 3]
    assert fresh(open_request).answer_by == dt.date(2026, 11, 24)


def test_the_same_form_sent_twice_adds_one_day(open_request, teacher):
    for _twice in range(2):
        teacher.sends(drop(open_request, 2))
    for _time in range(2):
        assert teacher.sends(dates_page(open_request), form_key=KEY, **a_day(2)).status_code == 302
    assert days_of(open_request) == [1, 2]


def test_a_sunday_is_sent_back_with_a_sentence_and_nothing_typed_is_lost(open_request, teacher):
    teacher.sends(drop(open_request, 3))
    answer = teacher.sends(dates_page(open_request), **a_day(3) | {"day_3": "2026-12-20"})
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "日曜日です" in body
    assert 'value="2026-12-20"' in body
    assert days_of(open_request) == [1, 2]


def test_a_day_that_lies_on_a_wished_one_is_sent_back(open_request, teacher):
    teacher.sends(drop(open_request, 3))
    same = open_request.slots.get(rank=1).day.isoformat()
    answer = teacher.sends(dates_page(open_request), **a_day(3) | {"day_3": same})
    assert answer.status_code == 422
    assert "ほかの希望と同じ日時です" in answer.content.decode()


def test_with_a_visit_on_its_way_the_days_are_no_longer_changed(confirmed_visit, teacher):
    request = confirmed_visit.request
    assert "いま「決定」" in teacher.reads(dates_page(request))
    assert teacher.sends(dates_page(request), **a_day(4)).status_code == 409
    assert teacher.sends(drop(request, 2)).status_code == 409


# ── asking again ──────────────────────────────────────────────────────────────
@pytest.fixture
def unmatched(open_request, coordinator) -> Request:
    return actions.unmatch(open_request, by=coordinator, reason="この時期に動ける推進大使がいませんでした。")


def test_the_school_reads_that_nobody_was_found_and_why(unmatched, teacher):
    body = teacher.reads(unmatched.get_absolute_url())
    assert "今回は推進大使が見つかりませんでした" in body
    assert "この時期に動ける推進大使がいませんでした。" in body
    assert f"/requests/{unmatched.public_id}/reopen/" in teacher.reads("/my/")
    assert f"/requests/{unmatched.public_id}/reopen/" in teacher.reads("/requests/")


def test_what_ambassadors_wrote_is_never_the_reason_a_school_reads(waiting_offer, ambassador, teacher, clock):
    actions.decline(waiting_offer, by=ambassador.user, note="理由CNRY")
    clock.move_to(dt.datetime(2027, 1, 10, tzinfo=dt.UTC))
    actions.expire_requests()
    body = teacher.reads(waiting_offer.request.get_absolute_url())
    assert "希望日時がすべて過ぎました" in body
    assert "理由CNRY" not in body


def test_asking_again_keeps_the_days_still_ahead_and_takes_a_new_place(unmatched, teacher, clock):
    number, place = unmatched.number, unmatched.place_in_queue_at
    clock.move_to(dt.datetime(2026, 12, 14, 8, tzinfo=dt.UTC))
    page = f"/requests/{unmatched.public_id}/reopen/"
    body = teacher.reads(page)
    ahead = [slot.day.isoformat() for slot in unmatched.open_slots() if not slot.is_past]
    assert len(ahead) == 2
    assert all(f'value="{day}"' in body for day in ahead)
    answer = teacher.sends(page, form_key=KEY, **a_day(1, 20) | a_day(2, 30) | {"answer_by": "2026-12-24"})
    assert answer.status_code == 302
    again = fresh(unmatched)
    assert (again.state, again.number) == (RequestState.SUBMITTED, number)
    assert again.place_in_queue_at > place
    assert days_of(unmatched) == [1, 2]


def test_an_answer_asked_for_too_soon_is_sent_back(unmatched, teacher):
    page = f"/requests/{unmatched.public_id}/reopen/"
    answer = teacher.sends(page, **a_day(1) | {"answer_by": "2026-11-21"})
    assert answer.status_code == 422
    assert "大使を探す時間が要ります" in answer.content.decode()
    assert fresh(unmatched).state == RequestState.UNMATCHED


def test_a_request_that_is_alive_is_not_asked_again(open_request, teacher):
    page = f"/requests/{open_request.public_id}/reopen/"
    assert teacher.client.get(page).status_code == 302
    assert teacher.sends(page, **a_day(1)).status_code == 409


def test_only_the_school_and_the_desk_change_the_days(open_request, unmatched, stranger_contact, ambassador):
    for person in (stranger_contact, ambassador):
        for page in (dates_page(open_request), drop(open_request, 1), f"/requests/{unmatched.public_id}/reopen/"):
            assert Reader(person).sends(page).status_code == 404


# ── waiting ───────────────────────────────────────────────────────────────────
def test_a_school_on_the_waiting_list_reads_why_and_keeps_its_place(submitted_request, coordinator, teacher):
    waitlist(submitted_request, by=coordinator, reason="予算の見込みを確かめています。")
    body = teacher.reads(submitted_request.get_absolute_url())
    assert "順番を待っています" in body
    assert "予算の見込みを確かめています。" in body
    assert "希望日時を変える" in body
    assert "順番を待っています。" in teacher.reads("/my/")
