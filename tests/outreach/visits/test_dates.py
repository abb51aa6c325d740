"""The days of a request while somebody is looked for, its end by the clock, and its beginning again."""

import datetime as dt

import pytest

from outbox.models import Letter
from outreach.lives import NotAllowed, TooLate
from outreach.models import Hold, Offer, Request
from outreach.requests.actions import SlotWish
from outreach.visits import actions as visits
from tests import factories, invariants
from tests.outreach.pages import Reader
from ui import dates

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def whatever_happened_all_holds(db):
    yield
    assert invariants.broken() == []


def wish(days: int) -> SlotWish:
    day = dates.today() + dt.timedelta(days=days)
    starts_at = dates.at_tokyo(day, dt.time(10))
    return SlotWish(day, starts_at, starts_at + dt.timedelta(minutes=50), is_school_day=True)


def told(word: str) -> int:
    return Letter.objects.filter(key__contains=f":{word}:").count()


def test_a_dropped_day_takes_its_time_from_an_offer_about_several(waiting_offer, school_contact):
    first, second = waiting_offer.slots.order_by("rank")
    visits.drop_date(waiting_offer.request, first, by=school_contact)
    [kept] = Hold.objects.filter(offer=waiting_offer, is_holding=True)
    assert kept.slot == second
    assert Offer.objects.get(pk=waiting_offer.pk).state == "sent"
    assert told(f"offer_lost_a_day:{first.public_id}") == 1
    with pytest.raises(TooLate):
        visits.accept(waiting_offer, by=waiting_offer.ambassador.user, slot=first)
    assert visits.accept(waiting_offer, by=waiting_offer.ambassador.user, slot=second).slot == second


def test_an_offer_about_a_dropped_day_alone_is_taken_back(open_request, school_contact):
    slot = open_request.slots.order_by("rank").first()
    offer = factories.offer_for(open_request, slots=[slot])
    visits.drop_date(open_request, slot, by=school_contact)
    assert Offer.objects.get(pk=offer.pk).state == "retracted"
    assert told("offer_retracted") == 1


def test_the_last_day_is_not_dropped(open_request, school_contact):
    first, second, third = open_request.slots.order_by("rank")
    for slot in (first, second):
        visits.drop_date(open_request, slot, by=school_contact)
    with pytest.raises(NotAllowed, match="残りの希望日時がなくなります"):
        visits.drop_date(open_request, third, by=school_contact)


def test_a_day_dropped_twice_is_gone_once(open_request, school_contact):
    slot = open_request.slots.first()
    visits.drop_date(open_request, slot, by=school_contact)
    with pytest.raises(TooLate):
        visits.drop_date(open_request, slot, by=school_contact)


def test_the_day_of_a_booked_visit_is_not_dropped(confirmed_visit, school_contact):
    with pytest.raises(NotAllowed):
        visits.drop_date(confirmed_visit.request, confirmed_visit.slot, by=school_contact)


def test_a_day_is_added_and_the_request_keeps_its_place(open_request, school_contact):
    before = open_request.place_in_queue_at
    slot = open_request.slots.order_by("rank").first()
    visits.drop_date(open_request, slot, by=school_contact)
    visits.add_dates(open_request, [wish(40)], by=school_contact)
    request = Request.objects.get(pk=open_request.pk)
    assert [slot.rank for slot in request.open_slots()] == [1, 2, 3]
    assert request.place_in_queue_at == before
    assert told("request_dates_added_desk") == 1


def test_what_was_dropped_keeps_its_words_and_the_others_count_from_one(open_request, school_contact, coordinator):
    first, second, third = open_request.slots.order_by("rank")
    visits.drop_date(open_request, first, by=school_contact)
    visits.add_dates(open_request, [wish(40)], by=school_contact)
    page = Reader(coordinator).reads(f"/desk/requests/{open_request.public_id}/")
    shown = [f"第{rank}希望" for rank in range(1, 5) if f"<b>第{rank}希望</b>" in page]
    assert shown == ["第1希望", "第2希望", "第3希望"]
    assert f"<b>第1希望</b>　{second.words}" in page and f"<b>第2希望</b>　{third.words}" in page
    assert open_request.steps.get(verb="drop_date").reason == str(first)
    first.refresh_from_db()
    assert first.rank_words == "第1希望" and first.dropped_at


def test_after_a_move_and_a_cancellation_new_days_count_on_from_the_wishes(confirmed_visit, school_contact):
    visits.agree(factories.proposed_move(confirmed_visit), by=school_contact)
    visits.cancel(confirmed_visit, by=school_contact, reason="行事が入りました。")
    visits.add_dates(confirmed_visit.request, [wish(40)], by=school_contact)
    request = Request.objects.get(pk=confirmed_visit.request_id)
    assert [slot.rank_words for slot in request.open_slots()] == ["第1希望", "第2希望", "第3希望"]


def test_no_more_days_than_the_rules_allow(open_request, school_contact):
    with pytest.raises(NotAllowed, match="3個まで"):
        visits.add_dates(open_request, [wish(40)], by=school_contact)


def test_the_same_day_is_not_added_twice(open_request, school_contact):
    first, second, _third = open_request.slots.order_by("rank")
    visits.drop_date(open_request, first, by=school_contact)
    again = SlotWish(second.day, second.starts_at, second.ends_at)
    with pytest.raises(NotAllowed, match="重なります"):
        visits.add_dates(open_request, [again], by=school_contact)


def test_whoever_declines_names_other_days_that_would_suit(open_request, ambassador, coordinator):
    first, second, third = open_request.slots.order_by("rank")
    offer = factories.offer_for(open_request, slots=[first])
    assert visits.other_days(offer) == [second, third]
    declined = visits.decline(offer, by=ambassador.user, could_do=[third])
    assert list(declined.could_do.all()) == [third]
    assert "第3希望" in Letter.objects.get(key__contains=":offer_declined:").body


def test_a_day_on_which_the_ambassador_is_taken_is_not_offered_back(open_request, ambassador, asked_at):
    first, second, third = open_request.slots.order_by("rank")
    busy = asked_at(second.starts_at)
    factories.offer_for(busy, ambassador=ambassador, slots=list(busy.slots.all()))
    assert visits.other_days(factories.offer_for(open_request, slots=[first])) == [third]


def test_a_request_ends_with_its_last_day(open_request, clock):
    last = open_request.slots.latest("starts_at")
    clock.move_to(last.starts_at - dt.timedelta(hours=1))
    assert visits.expire_requests() == "0 requests ended with their last day"
    clock.move_to(last.starts_at)
    assert visits.expire_requests() == "1 requests ended with their last day"
    assert Request.objects.get(pk=open_request.pk).state == "expired"
    assert (told("request_expired"), told("request_expired_desk")) == (1, 1)


def test_a_request_with_a_visit_does_not_end_by_the_clock(confirmed_visit, clock):
    clock.move_to(confirmed_visit.ends_at + dt.timedelta(days=60))
    assert visits.expire_requests() == "0 requests ended with their last day"


def test_a_draft_does_not_end_by_the_clock(draft_request, clock):
    clock.shift(dt.timedelta(days=100))
    assert visits.expire_requests() == "0 requests ended with their last day"


def test_what_has_ended_is_asked_again_with_a_new_place(open_request, coordinator, school_contact, clock):
    visits.unmatch(open_request, by=coordinator, reason="都合の合う大使がいません。")
    before = Request.objects.get(pk=open_request.pk).place_in_queue_at
    clock.shift(dt.timedelta(days=1))
    request = visits.reopen(open_request, by=school_contact)
    assert request.state == "submitted"
    assert request.place_in_queue_at > before
    assert request.number == open_request.number


def test_asked_again_it_needs_days_to_come(open_request, school_contact, clock):
    clock.move_to(open_request.slots.latest("starts_at").starts_at)
    visits.expire_requests()
    with pytest.raises(NotAllowed, match="希望日時がまだ"):
        visits.reopen(open_request, by=school_contact)
    request = visits.reopen(
        open_request, by=school_contact, wishes=[wish(30)], answer_by=dates.today() + dt.timedelta(days=10)
    )
    assert len(request.open_slots()) == 1


def test_a_visit_that_was_not_held_counts_nowhere_and_new_days_may_be_asked(past_visit, school_contact):
    visit = visits.not_held(past_visit, by=school_contact, reason="大雪で休校でした。")
    assert (visit.state, visit.request.state, visit.sequence) == ("not_held", "open", 1)
    assert sum(entry.amount for entry in visit.reach_entries.all()) == 0
    assert told("visit_not_held") == 3


def test_what_was_said_by_mistake_is_taken_back_within_a_week(past_visit, ambassador, clock):
    visits.deliver(past_visit, by=ambassador.user)
    assert visits.undo_deliver(past_visit, by=ambassador.user).state == "confirmed"
    visits.deliver(past_visit, by=ambassador.user)
    clock.shift(dt.timedelta(days=7, minutes=1))
    with pytest.raises(NotAllowed, match="7日以内"):
        visits.undo_deliver(past_visit, by=ambassador.user)
