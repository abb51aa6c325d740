"""From the question to one ambassador to the confirmed visit, and back."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from outbox.models import Letter
from outreach.lives import NotAllowed
from outreach.models import Ambassador, Appointment, Hold, Offer, Step, Visit
from outreach.visits import actions, ledger
from outreach.visits.states import OfferState, VisitState
from tests.outreach.rows import rows
from ui import dates

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def first_slot(offer: Offer):
    return offer.slots.order_by("rank").first()


def ask(request, coordinator, ambassador, **more) -> Offer:
    return actions.send_offer(request, by=coordinator, ambassador=ambassador, slots=request.open_slots(), **more)


def kept(**which) -> int:
    return Hold.objects.alive().filter(**which).count()


def counted() -> int:
    return sum(entry.amount for entry in ledger.ReachEntry.objects.all())


def test_every_slot_of_an_offer_is_kept_with_its_buffer(waiting_offer):
    for slot, hold in zip(waiting_offer.slots.order_by("rank"), Hold.objects.order_by("slot__rank"), strict=True):
        assert (hold.slot, hold.blocked_from, hold.blocked_until) == (
            slot,
            slot.starts_at - 90 * MINUTE,
            slot.ends_at + 90 * MINUTE,
        )
        assert hold.expires_at == waiting_offer.expires_at


def test_the_same_form_sent_twice_is_one_offer(open_request, coordinator, ambassador):
    key = uuid.uuid4()
    first = ask(open_request, coordinator, ambassador, form_key=key)
    assert ask(open_request, coordinator, ambassador, form_key=key) == first
    assert (Offer.objects.count(), Letter.objects.filter(key__contains="offer_sent").count()) == (1, 1)


def test_nobody_is_asked_twice_at_once_about_one_request(waiting_offer, coordinator, ambassador):
    before = rows()
    with pytest.raises(NotAllowed, match="返事を待っています"):
        ask(waiting_offer.request, coordinator, ambassador)
    assert rows() == before


def test_only_the_desk_asks(open_request, school_contact, ambassador, viewer):
    for person in (school_contact, ambassador.user, viewer):
        with pytest.raises(NotAllowed):
            ask(open_request, person, ambassador)
    assert not Offer.objects.exists()


def test_slots_of_another_request_are_never_offered(open_request, asked_at, coordinator, ambassador):
    other = asked_at(timezone.now() + 40 * DAY)
    with pytest.raises(NotAllowed):
        actions.send_offer(open_request, by=coordinator, ambassador=ambassador, slots=other.open_slots())
    with pytest.raises(NotAllowed):
        actions.send_offer(open_request, by=coordinator, ambassador=ambassador, slots=[])


def test_an_offer_ends_at_the_latest_when_its_first_lesson_begins(open_request, coordinator, ambassador):
    offer = ask(open_request, coordinator, ambassador, expires_at=timezone.now() + 300 * DAY)
    assert offer.expires_at == min(slot.starts_at for slot in open_request.open_slots())


def test_an_offer_lasts_the_days_of_the_rules(open_request, coordinator, ambassador):
    offer = ask(open_request, coordinator, ambassador)
    # The desk wrote at ten on Friday: the last day is Wednesday, to its end.
    assert dates.moment_words(offer.expires_at) == "11月30日（月） 23:59"
    with pytest.raises(NotAllowed):
        ask(open_request, coordinator, ambassador, expires_at=timezone.now() - MINUTE)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"paused_at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC)}, "休んで"),
        ({"visits_in_person": False}, "オンラインだけ"),
    ],
)
def test_somebody_who_cannot_come_is_not_asked(change, words, open_request, coordinator, ambassador):
    type(ambassador).objects.filter(pk=ambassador.pk).update(**change)
    with pytest.raises(NotAllowed, match=words):
        ask(open_request, coordinator, ambassador)
    assert not Hold.objects.exists()


def test_a_visit_lies_inside_an_appointment(open_request, coordinator, ambassador):
    Appointment.objects.filter(ambassador=ambassador, from_day__year=2026).update(until=dt.date(2026, 11, 30))
    with pytest.raises(NotAllowed, match="任命されていません"):
        ask(open_request, coordinator, ambassador)


# Two lessons need the after-buffer of one and the before-buffer of the other between them.
@pytest.mark.parametrize(
    ("formats", "minutes"),
    [(("in_person", "in_person"), 180), (("in_person", "online"), 105), (("online", "online"), 30)],
)
@pytest.mark.parametrize("side", ["after", "before"])
def test_time_kept_for_another_request_keeps_the_way_as_well(formats, minutes, side, asked_at, coordinator, ambassador):
    first = asked_at(dates.at_tokyo(dt.date(2026, 12, 18), dt.time(12)), formats[0])
    # Next door: no way is longer than the rules of the year say.
    Ambassador.objects.filter(pk=ambassador.pk).update(prefecture_code=first.school.prefecture_code)
    ask(first, coordinator, ambassador)
    lesson = first.slots.get()

    def try_with_a_gap_of(gap: int) -> None:
        wait = dt.timedelta(minutes=gap)
        starts_at = lesson.ends_at + wait if side == "after" else lesson.starts_at - wait - 50 * MINUTE
        ask(asked_at(starts_at, formats[1]), coordinator, ambassador)

    with pytest.raises(NotAllowed, match="ほかの予定を確保しています"):
        try_with_a_gap_of(minutes - 1)
    try_with_a_gap_of(minutes)
    assert Offer.objects.count() == 2


def test_another_ambassador_is_free_at_the_same_time(
    waiting_offer, asked_at, coordinator, other_ambassador, ambassador
):
    other = asked_at(first_slot(waiting_offer).starts_at)
    with pytest.raises(NotAllowed):
        ask(other, coordinator, ambassador)
    assert ask(other, coordinator, other_ambassador).state == OfferState.SENT


def test_an_offer_that_ran_out_frees_the_time_by_the_clock_alone(waiting_offer, asked_at, coordinator, ambassador):
    other = asked_at(first_slot(waiting_offer).starts_at)
    for table in (Offer, Hold):
        table.objects.update(expires_at=timezone.now())
    assert ask(other, coordinator, ambassador).state == OfferState.SENT
    assert Offer.objects.get(pk=waiting_offer.pk).state == OfferState.SENT


def test_an_offer_past_its_moment_is_refused_though_its_row_still_waits(waiting_offer, ambassador):
    for table in (Offer, Hold):
        table.objects.update(expires_at=timezone.now())
    before = rows()
    for answer in (
        lambda: actions.accept(waiting_offer, by=ambassador.user, slot=first_slot(waiting_offer)),
        lambda: actions.decline(waiting_offer, by=ambassador.user),
    ):
        with pytest.raises(NotAllowed, match="期限は過ぎました"):
            answer()
    assert rows() == before


def test_an_expired_offer_is_written_down_once(waiting_offer):
    Offer.objects.update(expires_at=timezone.now())
    assert actions.expire_offers() == "1 offers expired"
    letters = Letter.objects.count()
    assert actions.expire_offers() == "0 offers expired"
    assert (Offer.objects.get().state, kept(), Letter.objects.count()) == (OfferState.EXPIRED, 0, letters)
    step = Step.objects.get(verb="expire")
    assert (step.by, step.party) == (None, "system")


def test_accepting_books_the_request_and_lets_every_other_time_go(
    waiting_offer, coordinator, ambassador, other_ambassador
):
    second = ask(waiting_offer.request, coordinator, other_ambassador)
    slot = first_slot(waiting_offer)
    visit = actions.accept(waiting_offer, by=ambassador.user, slot=slot, note="楽しみです。")
    hold = Hold.objects.alive().get()
    assert (hold.visit, hold.slot, hold.ambassador, hold.expires_at) == (visit, slot, ambassador, None)
    assert (visit.state, visit.slot, visit.request.state) == (VisitState.CONFIRMED, slot, "booked")
    second.refresh_from_db()
    assert second.state == OfferState.RETRACTED
    assert visit.present_ambassadors == [ambassador]


def test_the_second_to_accept_is_told_that_somebody_was_faster(
    waiting_offer, coordinator, ambassador, other_ambassador
):
    second = ask(waiting_offer.request, coordinator, other_ambassador)
    actions.accept(waiting_offer, by=ambassador.user, slot=first_slot(waiting_offer))
    before = rows()
    with pytest.raises(NotAllowed):
        actions.accept(second, by=other_ambassador.user, slot=first_slot(second))
    assert rows() == before
    assert Visit.objects.count() == 1


def test_only_a_day_of_the_offer_is_accepted(waiting_offer, ambassador, asked_at):
    offered = set(waiting_offer.slots.values_list("pk", flat=True))
    not_offered = [slot for slot in waiting_offer.request.slots.all() if slot.pk not in offered]
    for slot in [*not_offered, asked_at(timezone.now() + 40 * DAY).slots.get()]:
        with pytest.raises(NotAllowed, match="この打診にない日時"):
            actions.accept(waiting_offer, by=ambassador.user, slot=slot)
    assert not Visit.objects.exists()


def test_declining_frees_the_time_and_leaves_the_request_open(waiting_offer, ambassador):
    actions.decline(waiting_offer, by=ambassador.user, note="出張中です。")
    waiting_offer.refresh_from_db()
    assert (waiting_offer.state, waiting_offer.request.state, kept()) == ("declined", "open", 0)


def test_cancelling_reopens_the_request_and_frees_the_time(confirmed_visit, school_contact, coordinator, ambassador):
    actions.cancel(confirmed_visit, by=school_contact, reason="学級閉鎖です。")
    confirmed_visit.refresh_from_db()
    assert (confirmed_visit.state, confirmed_visit.request.state, kept(), counted()) == ("cancelled", "open", 0, 0)
    again = ask(confirmed_visit.request, coordinator, ambassador)
    assert actions.accept(again, by=ambassador.user, slot=first_slot(again)).state == VisitState.CONFIRMED


def test_calling_a_visit_off_is_a_new_version_of_its_calendar_entry(confirmed_visit, school_contact):
    actions.cancel(confirmed_visit, by=school_contact, reason="学級閉鎖です。")
    confirmed_visit.refresh_from_db()
    assert confirmed_visit.sequence == 1


def test_what_is_no_new_time_place_or_end_leaves_the_calendar_entry(verified_visit):
    assert verified_visit.sequence == 0


def test_time_of_a_cancelled_visit_is_free_for_another_school(confirmed_visit, asked_at, coordinator, ambassador):
    other = asked_at(confirmed_visit.starts_at)
    with pytest.raises(NotAllowed):
        ask(other, coordinator, ambassador)
    actions.cancel(confirmed_visit, by=ambassador.user, reason="病気です。")
    assert ask(other, coordinator, ambassador).state == OfferState.SENT


def test_withdrawing_cancels_the_confirmed_visit(confirmed_visit, school_contact):
    actions.withdraw(confirmed_visit.request, by=school_contact, reason="行事と重なりました。")
    confirmed_visit.refresh_from_db()
    assert (confirmed_visit.state, confirmed_visit.request.state, kept(), counted()) == (
        "cancelled",
        "withdrawn",
        0,
        0,
    )


def test_withdrawing_takes_back_what_waits(waiting_offer, school_contact):
    actions.withdraw(waiting_offer.request, by=school_contact, reason="行事と重なりました。")
    waiting_offer.refresh_from_db()
    assert (waiting_offer.state, waiting_offer.request.state, kept()) == ("retracted", "withdrawn", 0)


def test_a_withdrawn_draft_tells_nobody(draft_request, school_contact):
    actions.withdraw(draft_request, by=school_contact, reason="やめました。")
    assert not Letter.objects.exists()


def test_the_format_of_a_visit_is_what_its_ambassador_can_do(asked_at, coordinator, ambassador):
    type(ambassador).objects.filter(pk=ambassador.pk).update(visits_in_person=False)
    ambassador.refresh_from_db()
    request = asked_at(timezone.now() + 40 * DAY, "either")
    offer = ask(request, coordinator, ambassador)
    assert actions.accept(offer, by=ambassador.user, slot=first_slot(offer)).format == "online"
