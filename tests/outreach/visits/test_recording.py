"""What the desk writes down for others, and reports that are made or corrected by it."""

import datetime as dt

import pytest

from outbox.models import Letter
from outreach.lives import NotAllowed
from outreach.models import Hold, IntakeRules, Request, School
from outreach.requests import actions as requests
from outreach.requests.actions import GroupWish, SlotWish
from outreach.visits import actions as visits
from outreach.visits.models import Measure, ReachEntry, Standing
from tests import factories, invariants
from ui import dates

pytestmark = pytest.mark.django_db
HIGH = [visits.GroupCount("high", 2, 70)]


@pytest.fixture(autouse=True)
def whatever_happened_all_holds(db):
    yield
    assert invariants.broken() == []


def count(measure: str, standing: str) -> int:
    return sum(ReachEntry.objects.filter(measure=measure, standing=standing).values_list("amount", flat=True))


@pytest.fixture
def by_phone(coordinator, school):
    """A request that the desk writes down for a school; `entry` says how both sides stand."""

    def by_phone(*, days: int = 30, entry: str = "asked", hour: int = 10, **more) -> Request:
        draft = visits.start_for_host(
            {"school": school}, by=coordinator, contact=None, caller_name="教頭 田中", entry=entry, **more
        )
        requests.describe(draft, by=coordinator, contact_phone="03-0000-0000", theme="story", aims="挑む")
        day = dates.today() + dt.timedelta(days=days)
        starts_at = dates.at_tokyo(day, dt.time(hour))
        wish = SlotWish(day, starts_at, starts_at + dt.timedelta(minutes=50))
        requests.wish_for(draft, [wish], by=coordinator, answer_by=dates.today() + dt.timedelta(days=7))
        requests.expect(draft, [GroupWish("high", 2, 80)], by=coordinator)
        return Request.objects.get(pk=draft.pk)

    return by_phone


def test_a_request_by_telephone_is_asked_like_any_other(by_phone, coordinator, ambassador):
    request = requests.submit(by_phone(), by=coordinator)
    assert (request.state, request.channel, request.caller_name) == ("submitted", "phone", "教頭 田中")
    request = requests.take_up(request, by=coordinator)
    assert factories.offer_for(request, slots=list(request.slots.all())).state == "sent"


def test_the_desk_alone_writes_for_others(by_phone, school, school_contact):
    with pytest.raises(NotAllowed, match="事務局"):
        visits.start_for_host({"school": school}, by=school_contact, contact=school_contact)


def test_a_day_both_sides_agreed_on_is_booked_without_an_offer(by_phone, coordinator, ambassador):
    visit = visits.book_arranged(by_phone(entry="arranged"), by=coordinator, ambassadors=[ambassador])
    assert (visit.state, visit.request.state) == ("confirmed", "booked")
    assert Hold.objects.get(visit=visit, is_holding=True).ambassador == ambassador
    news = {letter.key.split(":")[3] for letter in Letter.objects.all()}
    assert news == {"visit_confirmed_school", "visit_confirmed_ambassador", "visit_confirmed_desk"}


def test_an_agreed_day_on_which_the_ambassador_is_taken_is_refused(by_phone, coordinator, ambassador):
    visits.book_arranged(by_phone(entry="arranged"), by=coordinator, ambassadors=[ambassador])
    with pytest.raises(NotAllowed, match="ほかの予定"):
        visits.book_arranged(by_phone(entry="arranged", hour=11), by=coordinator, ambassadors=[ambassador])
    assert Request.objects.filter(state="draft").count() == 1


def test_two_ambassadors_who_agreed_are_both_booked(by_phone, coordinator, ambassador, other_ambassador):
    visit = visits.book_arranged(by_phone(entry="arranged"), by=coordinator, ambassadors=[ambassador, other_ambassador])
    assert len(visit.present_ambassadors) == 2
    assert visit.places_free == 0


def test_a_visit_held_elsewhere_is_added_with_its_evidence_and_counted(
    by_phone, coordinator, ambassador, appointed_long
):
    request = by_phone(days=-20, entry="afterwards", evidence="学校だより11月号")
    visit = visits.book_arranged(request, by=coordinator, ambassadors=[ambassador])
    assert not Letter.objects.exists()
    visits.report(visit, by=coordinator, groups=HIGH, on_behalf_source="学校だより11月号")
    visits.verify(visit, by=coordinator)
    assert count(Measure.VISITS, Standing.VERIFIED) == 1
    assert count(Measure.DISTINCT, Standing.VERIFIED) == 70


@pytest.fixture
def appointed_long(ambassador):
    ambassador.appointments.filter(until=dt.date(2027, 3, 31)).update(from_day=dt.date(2026, 4, 1))


def test_without_evidence_nothing_is_added_afterwards(by_phone):
    with pytest.raises(NotAllowed, match="根拠"):
        by_phone(days=-20, entry="afterwards")


def test_the_desk_reports_for_a_school_and_names_its_source(past_visit, coordinator):
    with pytest.raises(NotAllowed, match="根拠"):
        visits.report(past_visit, by=coordinator, groups=HIGH)
    report = visits.report(past_visit, by=coordinator, groups=HIGH, on_behalf_source="11月30日の電話、教頭")
    assert report.on_behalf_source == "11月30日の電話、教頭"
    assert Letter.objects.filter(key__contains=":report_on_behalf_school:").count() == 1


def test_a_correction_is_a_new_version_that_counts_from_now_on(verified_visit, coordinator):
    before = count(Measure.DISTINCT, Standing.VERIFIED)
    made = visits.correct(verified_visit, by=coordinator, reason="欠席者を数えていました。", groups=HIGH)
    assert made.version == 2
    assert (before, count(Measure.DISTINCT, Standing.VERIFIED)) == (72, 70)
    assert count(Measure.VISITS, Standing.VERIFIED) == 1
    assert verified_visit.reports.get(version=1).distinct == 72


def test_a_correction_is_corrected_again(verified_visit, coordinator):
    for number in (70, 69):
        visits.correct(verified_visit, by=coordinator, reason="数え直し", groups=[visits.GroupCount("high", 2, number)])
    assert count(Measure.DISTINCT, Standing.VERIFIED) == 69


def test_verifying_may_be_reserved_to_officials_of_the_ministry(reported_visit, coordinator):
    IntakeRules.objects.update(only_ministry_verifies=True)
    with pytest.raises(NotAllowed, match="文部科学省"):
        visits.verify(reported_visit, by=coordinator)
    coordinator.memberships.update(is_ministry=True)
    official = type(coordinator).objects.get(pk=coordinator.pk)
    assert visits.verify(reported_visit, by=official).state == "verified"


def test_a_joint_lesson_is_one_visit_whose_pupils_count_at_their_schools(past_visit, school_contact, coordinator):
    guest = School.objects.exclude(pk=past_visit.school_id).filter(type_code="D1").first()
    past_visit.participating_schools.add(guest)
    groups = [*HIGH, visits.GroupCount("high", 1, 30, school_id=guest.pk)]
    visits.report(past_visit, by=school_contact, groups=groups)
    visits.verify(past_visit, by=coordinator)
    assert count(Measure.VISITS, Standing.VERIFIED) == 1
    of_guest = ReachEntry.objects.filter(school=guest, measure=Measure.DISTINCT, standing=Standing.VERIFIED)
    assert sum(entry.amount for entry in of_guest) == 30
    assert count(Measure.DISTINCT, Standing.VERIFIED) == 100
