"""From the first line of a draft to the desk's list."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from accounts.models import User
from outbox.models import Letter
from outreach.lives import NotAllowed
from outreach.models import IntakeRules, NumberSeries, Request, School, Slot, Step
from outreach.requests import actions
from outreach.requests.models import current_rules
from outreach.requests.states import RequestState
from outreach.schools.actions import vouch
from outreach.visits import actions as visits
from tests.outreach.pages import Reader
from tests.outreach.rows import rows
from ui import dates

pytestmark = pytest.mark.django_db


def their_school(person: User) -> School:
    return person.memberships.get().school


def wish(day: dt.date, hour: int = 10) -> actions.SlotWish:
    return actions.SlotWish(day, dates.at_tokyo(day, dt.time(hour)), dates.at_tokyo(day, dt.time(hour, 50)))


def test_a_request_sent_twice_has_one_number_one_receipt_and_one_step(draft_request, school_contact):
    in_two_tabs = Request.objects.get(pk=draft_request.pk)
    first = actions.submit(draft_request, by=school_contact)
    second = actions.submit(in_two_tabs, by=school_contact)
    assert (first.number, second.number) == ("R8-0001", "R8-0001")
    assert NumberSeries.objects.get(fiscal_year=2026).last_number == 1
    assert Step.objects.filter(verb="submit").count() == 1
    assert Letter.objects.filter(person=school_contact).count() == 1


def test_numbers_follow_each_other_without_a_gap(draft_request, school_contact, asked_at):
    actions.submit(draft_request, by=school_contact)
    asked_at(timezone.now() + dt.timedelta(days=30))
    assert sorted(Request.objects.values_list("number", flat=True)) == ["R8-0001", "R8-0002"]


def test_the_same_form_sent_twice_is_one_draft(school, school_contact):
    key = uuid.uuid4()
    first = actions.start_draft(school, by=school_contact, form_key=key)
    assert actions.start_draft(school, by=school_contact, form_key=key) == first
    assert Request.objects.count() == 1


def test_a_key_used_by_somebody_else_opens_nothing(school, school_contact, colleague):
    key = uuid.uuid4()
    actions.start_draft(school, by=school_contact, form_key=key)
    with pytest.raises(NotAllowed, match="古く"):
        actions.start_draft(school, by=colleague, form_key=key)
    assert Request.objects.count() == 1


def test_nobody_asks_in_the_name_of_a_school_that_is_not_theirs(school, stranger_contact, ambassador, coordinator):
    for person in (stranger_contact, ambassador.user, coordinator):
        with pytest.raises(NotAllowed, match="所属していない"):
            actions.start_draft(school, by=person)
    assert not Request.objects.exists()


def test_a_verified_colleague_continues_the_draft_and_a_stranger_does_not(draft_request, colleague, stranger_contact):
    actions.describe(draft_request, by=colleague, aims="失敗から学ぶ")
    before = rows()
    for verb in (
        lambda: actions.describe(draft_request, by=stranger_contact, aims="x"),
        lambda: actions.wish_for(draft_request, [], by=stranger_contact, answer_by=None),
        lambda: actions.expect(draft_request, [], by=stranger_contact),
        lambda: actions.throw_away(draft_request, by=stranger_contact),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert rows() == before
    assert Request.objects.get().aims == "失敗から学ぶ"


def test_what_was_submitted_is_no_longer_edited_or_thrown_away(submitted_request, school_contact):
    before = rows()
    for verb in (
        lambda: actions.describe(submitted_request, by=school_contact, aims="x"),
        lambda: actions.wish_for(submitted_request, [], by=school_contact, answer_by=None),
        lambda: actions.expect(submitted_request, [], by=school_contact),
        lambda: actions.throw_away(submitted_request, by=school_contact),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert rows() == before


def test_a_draft_thrown_away_leaves_nothing(draft_request, school_contact):
    actions.throw_away(draft_request, by=school_contact)
    assert (Request.objects.count(), Slot.objects.count(), Step.objects.count()) == (0, 0, 0)


def test_an_unfinished_draft_is_refused_with_the_first_thing_that_is_missing(school, school_contact):
    draft = actions.start_draft(school, by=school_contact)
    with pytest.raises(NotAllowed, match="電話番号"):
        actions.submit(draft, by=school_contact)
    pages = [page for page, _words in actions.what_is_missing(draft)]
    assert pages == ["school", "dates", "dates", "lesson", "lesson"]
    assert not Letter.objects.exists()


def test_a_wish_that_meanwhile_lies_in_the_past_is_refused(draft_request, school_contact):
    slot = draft_request.slots.order_by("rank").first()
    Slot.objects.filter(pk=slot.pk).update(starts_at=timezone.now() - dt.timedelta(hours=1))
    with pytest.raises(NotAllowed, match="第1希望の日時は過ぎました"):
        actions.submit(draft_request, by=school_contact)


@pytest.mark.parametrize(
    ("opens_on", "closes_on", "words"),
    [
        (dt.date(2026, 12, 1), dt.date(2027, 2, 26), "12月1日"),
        (dt.date(2026, 4, 1), dt.date(2026, 11, 19), "終わりました"),
    ],
)
def test_outside_the_intake_nothing_is_submitted(opens_on, closes_on, words, draft_request, school_contact):
    IntakeRules.objects.filter(fiscal_year=2026).update(opens_on=opens_on, closes_on=closes_on)
    with pytest.raises(NotAllowed, match=words):
        actions.submit(draft_request, by=school_contact)
    assert Request.objects.get().state == RequestState.DRAFT


def test_an_unverified_person_may_submit_but_nobody_is_asked_before_the_desk_vouches(
    unverified_contact, coordinator, ambassador
):
    draft = actions.start_draft(their_school(unverified_contact), by=unverified_contact)
    actions.describe(draft, by=unverified_contact, contact_phone="03-0000-0000", theme="story", aims="挑む")
    actions.wish_for(draft, [wish(dt.date(2026, 12, 14))], by=unverified_contact, answer_by=dt.date(2026, 12, 5))
    actions.expect(draft, [actions.GroupWish("high", 1, 40)], by=unverified_contact)
    request = actions.submit(draft, by=unverified_contact)
    with pytest.raises(NotAllowed, match="所属をまだ確認していません"):
        actions.take_up(request, by=coordinator)
    Request.objects.update(state=RequestState.OPEN)
    with pytest.raises(NotAllowed, match="所属をまだ確認していません"):
        visits.send_offer(request, by=coordinator, ambassador=ambassador, slots=list(request.slots.all()))
    Request.objects.update(state=RequestState.SUBMITTED)
    vouch(unverified_contact.memberships.get(), by=coordinator, how="call", note="教頭に電話、11月20日")
    request = actions.take_up(request, by=coordinator)
    assert visits.send_offer(request, by=coordinator, ambassador=ambassador, slots=list(request.slots.all())).pk


def test_an_unverified_person_reads_only_what_they_typed(unverified_contact, colleague):
    school = their_school(unverified_contact)
    colleague.memberships.update(school=school)
    of_a_colleague = actions.start_draft(school, by=colleague)
    own = actions.start_draft(school, by=unverified_contact)
    assert list(Request.objects.visible_to(unverified_contact)) == [own]
    assert of_a_colleague in Request.objects.visible_to(colleague)


def test_a_person_who_left_the_school_no_longer_acts_for_it(submitted_request, school_contact):
    school_contact.memberships.update(until=dates.today() - dt.timedelta(days=1), from_day=dt.date(2026, 4, 1))
    gone = User.objects.get(pk=school_contact.pk)
    assert not Request.objects.visible_to(gone).exists()
    with pytest.raises(NotAllowed):
        visits.withdraw(submitted_request, by=gone, reason="異動しました。")


def test_a_mended_request_keeps_its_number_and_its_place(submitted_request, coordinator, school_contact, time_machine):
    place = submitted_request.place_in_queue_at
    returned = actions.hand_back(submitted_request, by=coordinator, reason="人数を書いてください。")
    time_machine.move_to(dt.datetime(2026, 11, 22, 10, tzinfo=dates.TOKYO))
    actions.wish_for(returned, [wish(dt.date(2026, 12, 18))], by=school_contact, answer_by=dt.date(2026, 12, 5))
    again = actions.submit(returned, by=school_contact)
    assert (again.state, again.number, again.place_in_queue_at) == ("submitted", "R8-0001", place)
    assert [slot.day for slot in Request.objects.get().open_slots()] == [dt.date(2026, 12, 18)]
    assert list(Step.objects.values_list("verb", flat=True)) == ["submit", "hand_back", "resubmit"]


def test_a_slot_that_was_offered_is_dropped_and_never_deleted(waiting_offer, coordinator, school_contact):
    offered = set(waiting_offer.slots.values_list("pk", flat=True))
    Request.objects.update(state=RequestState.RETURNED)
    actions.wish_for(
        waiting_offer.request, [wish(dt.date(2026, 12, 18))], by=school_contact, answer_by=dt.date(2026, 12, 5)
    )
    dropped = Slot.objects.filter(dropped_at__isnull=False)
    assert set(dropped.values_list("pk", flat=True)) == offered


def test_rules_change_by_versions_and_only_the_desk_changes_them(coordinator, viewer, school_contact):
    values = {"opens_on": dt.date(2026, 4, 1), "closes_on": dt.date(2027, 1, 29), "offer_days": 3}
    for person in (viewer, school_contact):
        with pytest.raises(NotAllowed):
            actions.set_rules(by=person, fiscal_year=2026, **values)
    made = actions.set_rules(by=coordinator, fiscal_year=2026, note="早く決めるため", **values)
    assert (made.version, current_rules(2026)) == (2, made)
    assert IntakeRules.objects.get(fiscal_year=2026, version=1).closes_on == dt.date(2027, 2, 26)


def test_a_request_that_begins_at_a_card_wishes_for_that_person(school_contact, ambassador):
    card = Reader(school_contact).reads(ambassador.get_absolute_url())
    page = f"/requests/new/?ambassador={ambassador.slug}"
    assert page in card
    assert f"{ambassador.name}さんへの希望を" in Reader(school_contact).reads(page)
    Reader(school_contact).sends(
        page, school=str(school_contact.memberships.get().school.public_id), contact_phone="03-0000-1111"
    )
    assert Request.objects.get().wishes == f"{ambassador.name}さんを希望します。"


@pytest.mark.parametrize("slug", ["nobody", "%00", "../x", "A" * 200, "<b>"])
def test_a_card_that_is_not_there_is_wished_for_by_nobody(slug, school_contact):
    assert "への希望を" not in Reader(school_contact).reads(f"/requests/new/?ambassador={slug}")
