"""The lists of the desk: what needs an act, the most urgent first, and who could go."""

import datetime as dt

import pytest
from django.utils import timezone

from outreach.desk import queue
from outreach.desk.candidates import candidates
from outreach.models import Ambassador, Appointment, Hold, Offer, Request, School
from outreach.requests import actions as requests
from outreach.visits import actions as visits

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def test_a_request_wanders_through_the_lists(submitted_request, coordinator, ambassador):
    def where() -> list[str]:
        lists = {
            "act": queue.requests_needing_an_act,
            "waiting": queue.requests_waiting_for_an_answer,
            "booked": queue.booked_requests,
        }
        return [name for name, rows in lists.items() if submitted_request in rows()]

    assert where() == ["act"]
    requests.hand_back(submitted_request, by=coordinator, reason="人数を。")
    assert where() == ["waiting"]
    requests.submit(submitted_request, by=submitted_request.contact)
    requests.take_up(submitted_request, by=coordinator)
    assert where() == ["act"]
    offer = visits.send_offer(
        submitted_request, by=coordinator, ambassador=ambassador, slots=submitted_request.open_slots()
    )
    assert where() == ["waiting"]
    Offer.objects.update(expires_at=timezone.now())
    assert where() == ["act"], "an offer that ran out waits for nobody"
    Offer.objects.update(expires_at=timezone.now() + DAY)
    Hold.objects.update(expires_at=timezone.now() + DAY)
    visits.accept(offer, by=ambassador.user, slot=offer.slots.first())
    assert where() == ["booked"]


def test_the_counts_of_the_lists_are_their_lengths(waiting_offer, asked_at, reported_visit, unverified_contact):
    asked_at(timezone.now() + 20 * DAY)
    counts = queue.counts()
    assert (counts.act, counts.waiting, counts.booked, counts.vouch, counts.reports) == (
        queue.requests_needing_an_act().count(),
        queue.requests_waiting_for_an_answer().count(),
        queue.booked_requests().count(),
        queue.memberships_to_vouch_for().count(),
        queue.reports_to_verify().count(),
    )
    assert (counts.act, counts.booked, counts.vouch, counts.reports) == (1, 1, 1, 1)


def test_the_most_urgent_stands_first_then_remote_schools_then_the_order_of_arrival(asked_at):
    first, second, third = (asked_at(timezone.now() + (40 + number) * DAY) for number in range(3))
    Request.objects.filter(pk=third.pk).update(answer_by=first.answer_by - DAY)
    found = list(queue.for_the_list(queue.requests_needing_an_act()))
    assert found == [third, first, second]
    remote = School.objects.exclude(pk=first.school_id).first()
    School.objects.filter(pk=remote.pk).update(is_remote=True)
    Request.objects.filter(pk=second.pk).update(school=remote)
    assert list(queue.for_the_list(queue.requests_needing_an_act())) == [third, second, first]


@pytest.mark.parametrize("words", ["asked", "number", "kana", "prefecture"])
def test_a_request_is_found_by_number_by_name_whatever_its_kana_and_by_prefecture(words, submitted_request, asked_at):
    asked_at(timezone.now() + 40 * DAY)
    school = submitted_request.school
    School.objects.filter(pk=school.pk).update(name_kana="あさなぎだい", search_text="朝凪台あさなぎだい")
    filters = {
        "asked": {"words": "朝凪"},
        "number": {"words": submitted_request.number.lower()},
        "kana": {"words": "アサナギ 台"},
        "prefecture": {"prefecture": school.prefecture_code},
    }
    assert list(queue.for_the_list(queue.requests_needing_an_act(), **filters[words])) == [submitted_request]


def of(found: list, ambassador: Ambassador):
    return next(one for one in found if one.ambassador == ambassador)


def test_everybody_who_is_free_can_be_asked_and_knows_their_slots(open_request, ambassador):
    candidate = of(candidates(open_request), ambassador)
    assert candidate.can_be_asked
    assert candidate.free_slots == open_request.open_slots()


def test_whoever_is_asked_already_waits_for_their_answer(waiting_offer, ambassador):
    candidate = of(candidates(waiting_offer.request), ambassador)
    assert not candidate.can_be_asked
    assert "返事を待っています" in candidate.against


def test_time_kept_for_another_request_is_not_free(waiting_offer, asked_at, ambassador, other_ambassador):
    slot = waiting_offer.slots.order_by("rank").first()
    other = asked_at(slot.starts_at + dt.timedelta(hours=3))
    assert of(candidates(other), ambassador).against == ["希望日時に空きがない"]
    assert of(candidates(other), other_ambassador).can_be_asked
    Hold.objects.update(expires_at=timezone.now())
    assert of(candidates(other), ambassador).can_be_asked


def test_whom_the_list_offers_can_be_asked_and_the_others_cannot(
    open_request, asked_at, coordinator, ambassador, other_ambassador, ambassador_abroad
):
    Appointment.objects.filter(ambassador=other_ambassador, from_day__year=2026).update(until=dt.date(2026, 12, 1))
    found = candidates(open_request)
    assert [one.can_be_asked for one in found] == sorted((one.can_be_asked for one in found), reverse=True)
    for candidate in found:
        for slot in open_request.open_slots():
            refusal = visits.obstacle(candidate.ambassador, open_request, [slot])
            assert (slot in candidate.free_slots and candidate.can_be_asked) is (refusal is None)
    assert not of(found, ambassador_abroad).can_be_asked
    assert not of(found, other_ambassador).can_be_asked


def test_a_paused_ambassador_is_not_on_the_list(open_request, ambassador):
    Ambassador.objects.filter(pk=ambassador.pk).update(paused_at=timezone.now())
    assert ambassador not in [one.ambassador for one in candidates(open_request)]
