"""Several ambassadors on one visit: joining, leaving, being replaced, and being enough."""

import pytest
from django.utils import timezone

from outbox.models import Letter
from outreach.lives import NotAllowed, TooLate
from outreach.models import Hold, Offer, Participation, Request, Visit
from outreach.visits import actions as visits
from outreach.visits.models import Measure, ReachEntry
from tests import factories, invariants

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def whatever_happened_all_holds(db):
    yield
    assert invariants.broken() == []


@pytest.fixture
def one_of_two() -> Visit:
    """Two are wanted, the first has accepted."""
    request = factories.make_request()
    Request.objects.filter(pk=request.pk).update(ambassadors_wanted=2)
    request = factories.open_request(request=factories.submitted_request(request=Request.objects.get(pk=request.pk)))
    return factories.confirmed_visit(offer=factories.offer_for(request))


def news(word: str) -> set[str]:
    """Who was told this."""
    return {letter.to_address.partition("@")[0] for letter in Letter.objects.filter(key__contains=f":{word}:")}


def encounters() -> int:
    return sum(ReachEntry.objects.filter(measure=Measure.ENCOUNTERS).values_list("amount", flat=True))


def test_with_one_of_two_the_visit_stands_and_the_desk_looks_on(one_of_two):
    assert one_of_two.state == "confirmed"
    assert one_of_two.request.state == "open"
    assert (one_of_two.places_taken, one_of_two.places_free) == (1, 1)


def test_the_second_joins_on_the_fixed_day_and_the_request_is_booked(one_of_two):
    visit = factories.joined_visit(one_of_two)
    assert visit.request.state == "booked"
    assert len(visit.present_ambassadors) == 2
    assert Hold.objects.filter(visit=visit, is_holding=True).count() == 2
    assert encounters() == 74 * 2
    assert news("visit_joined_school") == {"teacher"}


def test_once_the_day_is_fixed_nobody_is_asked_about_another(one_of_two, coordinator, other_ambassador):
    other_slot = one_of_two.request.slots.exclude(pk=one_of_two.slot_id).first()
    with pytest.raises(TooLate, match="決まりました"):
        visits.send_offer(one_of_two.request, by=coordinator, ambassador=other_ambassador, slots=[other_slot])


def test_an_offer_about_the_fixed_day_lives_on_and_gives_its_other_days_back(coordinator, other_ambassador):
    request = factories.make_request()
    Request.objects.filter(pk=request.pk).update(ambassadors_wanted=2)
    request = factories.open_request(request=factories.submitted_request(request=Request.objects.get(pk=request.pk)))
    first, second = factories.offer_for(request), factories.offer_for(request, ambassador=other_ambassador)
    visit = factories.confirmed_visit(offer=first)
    [kept] = Hold.objects.filter(offer=second, is_holding=True)
    assert kept.slot_id == visit.slot_id
    assert Offer.objects.get(pk=second.pk).state == "sent"
    assert len(news("offer_narrowed")) == 1


def test_an_offer_about_other_days_alone_ends_when_the_day_is_fixed(coordinator, other_ambassador):
    request = factories.make_request()
    Request.objects.filter(pk=request.pk).update(ambassadors_wanted=2)
    request = factories.open_request(request=factories.submitted_request(request=Request.objects.get(pk=request.pk)))
    slots = list(request.slots.order_by("rank"))
    first = factories.offer_for(request, slots=slots[:1])
    second = factories.offer_for(request, ambassador=other_ambassador, slots=slots[1:])
    factories.confirmed_visit(offer=first)
    assert Offer.objects.get(pk=second.pk).state == "retracted"


def test_the_desk_says_that_one_is_enough(one_of_two, coordinator, other_ambassador):
    waiting = factories.offer_for(one_of_two.request, ambassador=other_ambassador, slots=[one_of_two.slot])
    request = visits.settle(one_of_two.request, by=coordinator)
    assert request.state == "booked"
    assert Offer.objects.get(pk=waiting.pk).state == "retracted"
    assert news("visit_settled_school") == {"teacher"}


def test_nobody_is_enough_is_not_said(open_request, coordinator):
    with pytest.raises(NotAllowed, match="まだいません"):
        visits.settle(open_request, by=coordinator)


def test_the_day_comes_with_one_of_two_and_the_request_counts_as_booked(
    one_of_two, clock, coordinator, other_ambassador
):
    waiting = factories.offer_for(one_of_two.request, ambassador=other_ambassador, slots=[one_of_two.slot])
    clock.move_to(one_of_two.ends_at)
    visits.report(one_of_two, by=one_of_two.request.contact, groups=[visits.GroupCount("high", 2, 70)])
    assert Request.objects.get(pk=one_of_two.request_id).state == "booked"
    assert Offer.objects.get(pk=waiting.pk).state == "expired"


def test_tick_says_that_the_day_has_come(one_of_two, clock):
    clock.move_to(one_of_two.starts_at)
    assert visits.begin_visits() == "1 visits begun with fewer ambassadors than wanted"
    assert visits.begin_visits() == "0 visits begun with fewer ambassadors than wanted"


def test_one_leaves_and_the_visit_stays_with_the_other(visit_of_two, other_ambassador):
    visit = visits.leave(visit_of_two, by=other_ambassador.user, reason="発熱です。")
    assert [person.pk for person in visit.present_ambassadors] == [factories.ambassador_of("ambassador").pk]
    assert visit.request.state == "open"
    assert encounters() == 74
    assert not Hold.objects.filter(ambassador=other_ambassador, is_holding=True).exists()
    assert news("visit_left_desk") == {"coordinator"}
    assert news("visit_left_school") == {"teacher"}


def test_the_last_one_does_not_leave_but_cancels(confirmed_visit, ambassador):
    with pytest.raises(NotAllowed, match="中止"):
        visits.leave(confirmed_visit, by=ambassador.user, reason="発熱です。")


def test_one_of_several_does_not_cancel_for_the_others(visit_of_two, ambassador):
    with pytest.raises(NotAllowed, match="担当を外れる"):
        visits.cancel(visit_of_two, by=ambassador.user, reason="発熱です。")


def test_whoever_is_to_be_replaced_stays_until_somebody_else_has_accepted(confirmed_visit, ambassador, coordinator):
    visit = visits.replace(confirmed_visit, by=coordinator, reason="入院しました。", ambassador=ambassador)
    assert visit.present_ambassadors == [ambassador]
    assert (visit.request.state, visit.places_free) == ("open", 1)
    visit = factories.joined_visit(Visit.objects.get(pk=visit.pk))
    assert [person.pk for person in visit.present_ambassadors] == [factories.second_ambassador().pk]
    assert visit.request.state == "booked"
    assert not Hold.objects.filter(ambassador=ambassador, is_holding=True).exists()
    assert news("visit_left_ambassador") == {"ambassador"}


def test_a_search_for_a_replacement_ends_when_the_desk_keeps_the_one_who_is_there(
    confirmed_visit, ambassador, coordinator
):
    visits.replace(confirmed_visit, by=coordinator, reason="入院しました。", ambassador=ambassador)
    visits.settle(confirmed_visit.request, by=coordinator)
    assert Participation.objects.get(visit=confirmed_visit).replace_since is None


def test_somebody_who_left_can_be_asked_again(visit_of_two, other_ambassador):
    visits.leave(visit_of_two, by=other_ambassador.user, reason="発熱です。")
    visit = factories.joined_visit(Visit.objects.get(pk=visit_of_two.pk), other_ambassador)
    assert len(visit.present_ambassadors) == 2


def test_with_all_places_taken_nobody_else_is_asked(visit_of_two, coordinator, ambassador_abroad):
    with pytest.raises(TooLate):
        visits.send_offer(visit_of_two.request, by=coordinator, ambassador=ambassador_abroad, slots=[visit_of_two.slot])
    assert visit_of_two.state_since <= timezone.now()
