"""Another day for a visit: held beside the old one until everybody has agreed, then both swap."""

import datetime as dt

import pytest
from django.utils import timezone

from outbox.models import Letter
from outreach.lives import NotAllowed, TooLate
from outreach.models import Hold, Reschedule, Visit
from outreach.visits import actions as visits
from outreach.visits.models import ReachEntry
from tests import factories, invariants
from tests.factories import proposed_move

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def whatever_happened_all_holds(db):
    yield
    assert invariants.broken() == []


def told(word: str) -> list[str]:
    return sorted(letter.to_address.partition("@")[0] for letter in Letter.objects.filter(key__contains=f":{word}:"))


def kept(visit: Visit) -> set[dt.date]:
    """The days on which time is kept for this visit or its proposal."""
    return {hold.slot.day for hold in Hold.objects.filter(request=visit.request, is_holding=True)}


def test_both_days_are_kept_while_the_answer_is_out(proposal):
    assert kept(proposal.visit) == {proposal.visit.day, proposal.slot.day}
    assert told("reschedule_asked") == ["teacher"]
    assert told("reschedule_proposed_desk") == ["coordinator"]


def test_with_the_last_yes_the_visit_moves_and_the_old_time_is_free(proposal, school_contact):
    old = proposal.visit
    visits.agree(proposal, by=school_contact)
    visit = Visit.objects.get(pk=old.pk)
    assert (visit.day, visit.slot, visit.sequence) == (proposal.slot.day, proposal.slot, old.sequence + 1)
    assert visit.public_id == old.public_id
    assert kept(visit) == {proposal.slot.day}
    assert {entry.day for entry in ReachEntry.objects.filter(amount__gt=0)} == {old.day, visit.day}
    assert told("visit_moved") == ["ambassador", "coordinator", "teacher"]


def test_everybody_must_agree(visit_of_two, other_ambassador, school_contact, ambassador):
    proposal = proposed_move(visit_of_two, by=school_contact)
    visits.agree(proposal, by=other_ambassador.user)
    assert Visit.objects.get(pk=visit_of_two.pk).day == visit_of_two.day
    assert Reschedule.objects.get(pk=proposal.pk).still_asked() == [ambassador]
    visits.agree(proposal, by=ambassador.user)
    assert Visit.objects.get(pk=visit_of_two.pk).day == proposal.slot.day


def test_a_yes_said_twice_is_said_once(visit_of_two, other_ambassador, school_contact):
    proposal = proposed_move(visit_of_two, by=school_contact)
    visits.agree(proposal, by=other_ambassador.user)
    version = Reschedule.objects.get(pk=proposal.pk).version
    visits.agree(proposal, by=other_ambassador.user)
    assert Reschedule.objects.get(pk=proposal.pk).version == version


def test_the_desk_proposes_and_nobody_has_agreed_yet(confirmed_visit, coordinator, ambassador, school_contact):
    proposal = proposed_move(confirmed_visit, by=coordinator)
    assert proposal.still_asked() == [ambassador, None]
    with pytest.raises(NotAllowed):
        visits.agree(proposal, by=coordinator)


def test_one_no_leaves_the_visit_where_it_was(proposal, school_contact):
    visits.refuse(proposal, by=school_contact, note="行事があります。")
    assert kept(proposal.visit) == {proposal.visit.day}
    assert told("reschedule_refused") == ["ambassador", "coordinator", "teacher"]


def test_a_proposal_past_its_moment_is_refused_by_the_clock(proposal, school_contact, clock):
    clock.move_to(proposal.expires_at)
    with pytest.raises(NotAllowed, match="期限"):
        visits.agree(proposal, by=school_contact)
    assert visits.expire_reschedules() == "1 proposals expired"
    assert kept(proposal.visit) == {proposal.visit.day}
    assert visits.expire_reschedules() == "0 proposals expired"


def test_a_proposal_lasts_no_longer_than_until_the_lesson(confirmed_visit, school_contact, clock):
    clock.move_to(confirmed_visit.starts_at - dt.timedelta(hours=20))
    proposal = proposed_move(confirmed_visit, by=school_contact)
    assert proposal.expires_at == confirmed_visit.starts_at


def test_there_is_one_proposal_at_a_time(proposal, coordinator):
    with pytest.raises(TooLate, match="もう出ています"):
        proposed_move(proposal.visit, by=coordinator, days=6)


def test_after_an_expired_proposal_another_may_be_made(proposal, coordinator, clock):
    clock.move_to(proposal.expires_at)
    assert proposed_move(proposal.visit, by=coordinator, days=6).state == "open"
    assert Reschedule.objects.get(pk=proposal.pk).state == "expired"


def test_a_new_day_on_which_an_ambassador_is_taken_is_refused(confirmed_visit, school_contact, asked_at, coordinator):
    busy = asked_at(confirmed_visit.starts_at + dt.timedelta(days=1))
    factories.offer_for(busy, ambassador=factories.ambassador_of("ambassador"), slots=list(busy.slots.all()))
    with pytest.raises(NotAllowed, match="ほかの予定"):
        proposed_move(confirmed_visit, by=school_contact, days=1)
    assert not Reschedule.objects.exists()


def test_the_proposed_time_is_nobody_elses(proposal, asked_at, coordinator, ambassador):
    request = asked_at(proposal.slot.starts_at)
    with pytest.raises(NotAllowed, match="ほかの予定"):
        factories.offer_for(request, ambassador=ambassador, slots=list(request.slots.all()))


def test_whoever_proposed_takes_it_back_and_nobody_else(proposal, school_contact, ambassador):
    with pytest.raises(NotAllowed):
        visits.withdraw_proposal(proposal, by=school_contact)
    visits.withdraw_proposal(proposal, by=ambassador.user)
    assert kept(proposal.visit) == {proposal.visit.day}


def test_a_cancelled_visit_has_no_proposal(proposal, school_contact):
    visits.cancel(proposal.visit, by=school_contact, reason="台風です。")
    assert Reschedule.objects.get(pk=proposal.pk).state == "withdrawn"
    assert not Hold.objects.filter(is_holding=True).exists()


def test_somebody_leaving_ends_the_proposal(visit_of_two, other_ambassador, school_contact):
    proposal = proposed_move(visit_of_two, by=school_contact)
    visits.leave(visit_of_two, by=other_ambassador.user, reason="発熱です。")
    assert Reschedule.objects.get(pk=proposal.pk).state == "withdrawn"


def test_a_visit_may_move_into_its_own_buffer(confirmed_visit, ambassador, school_contact):
    """An hour later on the same day: its own old time is not in its way."""
    wish = visits_wish(confirmed_visit, hours=1)
    proposal = visits.propose(confirmed_visit, by=ambassador.user, wish=wish, reason="電車の時間です。")
    visits.agree(proposal, by=school_contact)
    assert Visit.objects.get(pk=confirmed_visit.pk).starts_at == wish.starts_at


def visits_wish(visit: Visit, *, hours: int):
    from outreach.requests.actions import SlotWish

    starts_at = visit.starts_at + dt.timedelta(hours=hours)
    return SlotWish(visit.day, starts_at, starts_at + (visit.ends_at - visit.starts_at))


def test_a_day_that_is_past_is_not_proposed(confirmed_visit, ambassador):
    with pytest.raises(NotAllowed, match="過ぎた"):
        visits.propose(
            confirmed_visit, by=ambassador.user, wish=visits_wish(confirmed_visit, hours=-2000), reason="急用"
        )
    assert confirmed_visit.starts_at > timezone.now()


@pytest.mark.parametrize("verb", ["deliver", "report", "not_held"])
def test_a_proposal_that_nobody_answered_does_not_outlive_its_visit(verb, proposal, school_contact, clock):
    """The lesson is over, and what the clock has ended nobody has written down yet."""
    clock.move_to(proposal.visit.ends_at + dt.timedelta(days=9))
    visit = Visit.objects.get(pk=proposal.visit.pk)
    words = {
        "deliver": lambda: visits.deliver(visit, by=school_contact),
        "report": lambda: visits.report(visit, by=school_contact, groups=[visits.GroupCount("high", 1, 6)]),
        "not_held": lambda: visits.not_held(visit, by=school_contact, reason="学級閉鎖"),
    }
    words[verb]()
    assert Reschedule.objects.get(pk=proposal.pk).state == "expired"
    assert not Hold.objects.filter(reschedule=proposal, is_holding=True).exists()
    assert visits.expire_reschedules() == "0 proposals expired"
