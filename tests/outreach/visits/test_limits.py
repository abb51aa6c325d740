"""How many visits one ambassador makes, how much time lies around a lesson, and when the desk may go beyond."""

import datetime as dt

import pytest

from outreach.availability.actions import Buffers
from outreach.lives import NotAllowed
from outreach.models import Ambassador, Hold, IntakeRules, Offer
from outreach.visits import actions as visits
from tests import factories
from ui import dates

pytestmark = pytest.mark.django_db


@pytest.fixture
def january(asked_at):
    """An open request for a lesson on that day of January."""
    return lambda day, hour=10: asked_at(dates.at_tokyo(dt.date(2027, 1, day), dt.time(hour)))


def ask(request, ambassador, coordinator, **more) -> Offer:
    return visits.send_offer(request, by=coordinator, ambassador=ambassador, slots=list(request.slots.all()), **more)


def limit(**numbers: int) -> None:
    Ambassador.objects.update(**numbers)


def test_a_visit_beyond_the_month_is_not_asked_for(january, ambassador, coordinator):
    limit(most_per_month=1)
    ask(january(12), ambassador, coordinator)
    with pytest.raises(NotAllowed, match="1月の上限（1件）"):
        ask(january(20), ambassador, coordinator)


def test_the_month_is_that_of_tokyo(january, asked_at, ambassador, coordinator):
    """Nine in the evening in UTC is already the next month in Tokyo."""
    limit(most_per_month=1)
    ask(january(12), ambassador, coordinator)
    first_of_february = dates.at_tokyo(dt.date(2027, 2, 1), dt.time(6))
    assert first_of_february.astimezone(dt.UTC).month == 1
    assert ask(asked_at(first_of_february), ambassador, coordinator).state == "sent"


def test_the_fiscal_year_has_its_own_limit(january, ambassador, coordinator):
    limit(most_per_year=1)
    ask(january(12), ambassador, coordinator)
    with pytest.raises(NotAllowed, match="令和8年度"):
        ask(january(20), ambassador, coordinator)


def test_the_years_rules_limit_those_who_have_no_number_of_their_own(
    january, ambassador, other_ambassador, coordinator
):
    IntakeRules.objects.update(most_per_month=1)
    Ambassador.objects.filter(pk=other_ambassador.pk).update(most_per_month=2)
    for person in (ambassador, other_ambassador):
        ask(january(12), person, coordinator)
    with pytest.raises(NotAllowed, match="上限"):
        ask(january(20), ambassador, coordinator)
    assert ask(january(20), other_ambassador, coordinator).state == "sent"


def test_an_offer_about_three_days_counts_once(open_request, january, ambassador, coordinator):
    """Its days lie in December; a second request of that month is the second."""
    limit(most_per_month=2)
    ask(open_request, ambassador, coordinator)
    assert Hold.objects.filter(ambassador=ambassador).count() == 3
    assert visits.obstacle(ambassador, january(12), january(12).slots.all()) is None


def test_what_was_declined_or_cancelled_counts_no_more(january, ambassador, coordinator):
    limit(most_per_month=1)
    declined = ask(january(12), ambassador, coordinator)
    visits.decline(declined, by=ambassador.user)
    request = january(13)
    visit = factories.confirmed_visit(offer=ask(request, ambassador, coordinator))
    with pytest.raises(NotAllowed, match="上限"):
        ask(january(20), ambassador, coordinator)
    visits.cancel(visit, by=coordinator, reason="休校です。")
    assert ask(january(20), ambassador, coordinator).state == "sent"


def test_an_offer_that_ran_out_counts_no_more_although_nobody_wrote_it_down(january, ambassador, coordinator, clock):
    limit(most_per_month=1)
    first = ask(january(12), ambassador, coordinator)
    clock.move_to(first.expires_at)
    assert ask(january(20), ambassador, coordinator).state == "sent"


def test_the_desk_goes_beyond_a_limit_with_a_reason_that_is_kept(january, ambassador, coordinator):
    limit(most_per_month=1)
    ask(january(12), ambassador, coordinator)
    offer = ask(january(20), ambassador, coordinator, override_reason="本人の了承を得ました。")
    assert Offer.objects.get(pk=offer.pk).override_reason == "本人の了承を得ました。"
    assert offer.steps.get(verb="send").reason == "本人の了承を得ました。"


def test_no_reason_lets_one_person_be_in_two_places(january, ambassador, coordinator):
    ask(january(12), ambassador, coordinator)
    with pytest.raises(NotAllowed, match="ほかの予定"):
        ask(january(12), ambassador, coordinator, override_reason="本人の了承を得ました。")


def test_a_reason_does_not_lengthen_an_appointment(asked_at, ambassador, coordinator):
    ambassador.appointments.filter(from_day__year=2026).update(until=dt.date(2027, 1, 10))
    request = asked_at(dates.at_tokyo(dt.date(2027, 1, 12), dt.time(10)))
    with pytest.raises(NotAllowed, match="任命"):
        ask(request, ambassador, coordinator, override_reason="本人の了承を得ました。")


def test_an_offer_has_its_own_time_around_the_lesson(january, ambassador, coordinator):
    Ambassador.objects.filter(pk=ambassador.pk).update(prefecture_code="27")
    offer = ask(january(12), ambassador, coordinator, buffers=Buffers(240, 120))
    [hold] = offer.holds.all()
    assert hold.starts_at - hold.blocked_from == dt.timedelta(hours=4)
    assert hold.blocked_until - hold.ends_at == dt.timedelta(hours=2)


def test_less_time_than_the_rules_say_needs_a_reason(january, ambassador, coordinator):
    with pytest.raises(NotAllowed, match="短くするときは理由"):
        ask(january(12), ambassador, coordinator, buffers=Buffers(30, 90))
    short = ask(january(12), ambassador, coordinator, buffers=Buffers(30, 30), override_reason="隣の学校です。")
    [hold] = short.holds.all()
    assert hold.buffer_before == 30


def test_two_lessons_in_a_row_fit_when_the_way_between_them_is_short(january, ambassador, coordinator):
    """10:00–10:50, then 11:30: forty minutes between, twenty of them each lesson's own."""
    near = {"buffers": Buffers(20, 20), "override_reason": "同じ敷地です。"}
    ask(january(12, 10), ambassador, coordinator, **near)
    request = january(12, 11)
    request.slots.update(starts_at=dates.at_tokyo(dt.date(2027, 1, 12), dt.time(11, 30)))
    assert ask(request, ambassador, coordinator, **near).state == "sent"
