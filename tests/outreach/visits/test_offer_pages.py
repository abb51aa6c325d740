"""Answering an offer: too late, not this day but another, one of several, and without any day."""

import datetime as dt

import pytest

from outreach.models import Offer, Request, Visit
from outreach.visits import actions
from tests import factories
from tests.factories import offer_for, school_day
from tests.outreach.pages import Reader

pytestmark = pytest.mark.django_db


def accept(offer: Offer) -> str:
    return f"{offer.get_absolute_url()}accept/"


def decline(offer: Offer) -> str:
    return f"{offer.get_absolute_url()}decline/"


def slot(offer: Offer, rank: int) -> str:
    return str(offer.request.slots.get(rank=rank).public_id)


@pytest.fixture
def taishi(ambassador) -> Reader:
    return Reader(ambassador)


@pytest.fixture
def for_two(school_contact) -> Request:
    """Two ambassadors are wanted, two days are wished for."""
    request = factories.make_request(by=school_contact, days=[school_day(24), school_day(26)])
    Request.objects.filter(pk=request.pk).update(ambassadors_wanted=2)
    return factories.open_request(request=factories.submitted_request(request=Request.objects.get(pk=request.pk)))


def test_who_comes_too_late_reads_what_happened_and_which_others_wait(waiting_offer, taishi, coordinator):
    other = offer_for(factories.open_request(day=school_day(40)))
    actions.retract(waiting_offer, by=coordinator, reason="別の方に決まりました。")
    answer = taishi.sends(accept(waiting_offer), slot=slot(waiting_offer, 1))
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "この打診は、いま「取消し」" in body
    assert "別の方に決まりました。" in body
    assert other.get_absolute_url() in body
    assert taishi.sends(decline(waiting_offer)).status_code == 409


def test_what_the_clock_has_ended_is_not_accepted(waiting_offer, taishi, clock):
    clock.move_to(waiting_offer.expires_at + dt.timedelta(minutes=1))
    answer = taishi.sends(accept(waiting_offer), slot=slot(waiting_offer, 1))
    assert answer.status_code == 409
    assert "この打診の期限は過ぎました" in answer.content.decode()
    assert "引き受ける" not in taishi.reads(waiting_offer.get_absolute_url())
    assert not Visit.objects.exists()


def test_not_this_day_but_another_one_is_told_to_the_desk(waiting_offer, taishi):
    body = taishi.reads(waiting_offer.get_absolute_url())
    assert "次の日時なら都合がつく" in body
    third = waiting_offer.request.slots.get(rank=3)
    taishi.sends(decline(waiting_offer), **{"decline-could_do": str(third.public_id), "decline-note": "出張です。"})
    offer = Offer.objects.get()
    assert (offer.state, list(offer.could_do.all())) == ("declined", [third])


def test_only_days_on_which_the_person_is_free_can_be_named(waiting_offer, taishi, asked_at):
    third = waiting_offer.request.slots.get(rank=3)
    offer_for(asked_at(third.starts_at))
    assert "次の日時なら都合がつく" not in taishi.reads(waiting_offer.get_absolute_url())
    taishi.sends(decline(waiting_offer), **{"decline-could_do": str(third.public_id)})
    assert list(Offer.objects.get(pk=waiting_offer.pk).could_do.all()) == []


def test_once_the_day_is_fixed_an_offer_shows_that_day_alone(for_two, ambassador, other_ambassador):
    first, second = offer_for(for_two), offer_for(for_two, ambassador=other_ambassador)
    Reader(ambassador).sends(accept(first), slot=slot(first, 1))
    other = Reader(other_ambassador)
    body = other.reads(second.get_absolute_url())
    assert "2人のうち1人が決まり" in body
    assert slot(second, 1) in body
    assert slot(second, 2) not in body
    late = other.sends(accept(second), slot=slot(second, 2))
    assert late.status_code == 409
    assert "に決まりました" in late.content.decode()
    other.sends(accept(second), slot=slot(second, 1))
    assert len(Visit.objects.get().present_ambassadors) == 2


def test_pressed_twice_is_one_visit(waiting_offer, taishi):
    first = taishi.sends(accept(waiting_offer), slot=slot(waiting_offer, 1))
    again = taishi.sends(accept(waiting_offer), slot=slot(waiting_offer, 1))
    assert first.headers["Location"] == again.headers["Location"] == Visit.objects.get().get_absolute_url()


def test_a_day_dropped_while_the_page_was_open_is_answered_with_what_is_now(waiting_offer, taishi, school_contact):
    chosen = slot(waiting_offer, 1)
    actions.drop_date(waiting_offer.request, waiting_offer.request.slots.get(rank=1), by=school_contact)
    answer = taishi.sends(accept(waiting_offer), slot=chosen)
    assert answer.status_code == 409
    assert "もう選べません" in answer.content.decode()
    assert chosen not in taishi.reads(waiting_offer.get_absolute_url())


@pytest.fixture
def content_request(board_member, coordinator) -> Request:
    """A board asks for a video: a due date, no day."""
    draft = actions.start_for_host(
        {"board": board_member.memberships.get().board},
        by=coordinator,
        contact=board_member,
        kind="content",
        title="創業の話の動画",
        aims="10分ほどの動画",
        contact_phone="03-0000-0000",
        due_on=dt.date(2027, 2, 1),
    )
    return factories.open_request(request=factories.submitted_request(request=draft))


def test_content_has_a_due_date_and_no_day_from_offer_to_report(
    content_request, ambassador, taishi, board_member, coordinator, clock
):
    offer = actions.send_offer(content_request, by=coordinator, ambassador=ambassador)
    body = taishi.reads(offer.get_absolute_url())
    assert "創業の話の動画" in body
    assert "納期 2027年2月1日（月）" in body
    visit_page = taishi.sends(accept(offer), note="承知しました。").headers["Location"]
    assert "納期 2027年2月1日（月）" in taishi.reads(visit_page)
    assert "創業の話の動画" in taishi.reads(visit_page)
    board = Reader(board_member)
    assert "日時の変更を相談する" not in board.reads(visit_page)
    report = f"{visit_page}report/"
    clock.move_to(dt.datetime(2027, 2, 3, tzinfo=dt.UTC))
    assert board.sends(report, link="").status_code == 200
    board.sends(report, link="https://www.example.ed.jp/video")
    assert Visit.objects.get().state == "reported"
    assert "https://www.example.ed.jp/video" in taishi.reads(visit_page)
