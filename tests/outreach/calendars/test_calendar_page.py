"""The calendar on the screen: what stands on whose days, and in which words."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from outreach.ambassadors.rules import those_spoken_for
from outreach.availability.models import BusyBlock, CalendarSource
from outreach.calendars.days import Wanted, happenings
from outreach.visits import actions as visits
from tests.outreach.availability.telling import MONDAY, blocked, weekly
from ui import dates

pytestmark = pytest.mark.django_db
A_MONDAY = dt.date(2027, 1, 18)


def look(client, person, query=""):
    client.force_login(person)
    return client.get(reverse("calendar") + query)


def on(user, day, **more):
    """What stands on one day: kind and clock."""
    found = happenings(user, Wanted(day, day, those_spoken_for(user)), **more)
    return [(one.kind, one.clock_words) for one in found.get(day, [])]


@pytest.fixture
def asked(asked_at, ambassador, coordinator):
    """Asked about a Monday at ten, ninety minutes each way."""
    from tests.outreach.availability.telling import wants

    wants(ambassador, buffer_in_person=90)
    request = asked_at(dates.at_tokyo(A_MONDAY, dt.time(10)))
    return visits.send_offer(request, by=coordinator, ambassador=ambassador, slots=list(request.slots.all()))


def test_an_offer_stands_there_with_the_way_around_it(asked, ambassador):
    assert on(ambassador.user, A_MONDAY) == [("road", "8:30–10:00"), ("ask", "10:00–10:50"), ("road", "10:50–12:20")]


def test_an_accepted_offer_is_a_visit_and_a_declined_one_nothing(asked, ambassador, asked_at, coordinator):
    visits.accept(asked, by=ambassador.user, slot=asked.slots.get())
    assert ("set", "10:00–10:50") in on(ambassador.user, A_MONDAY)
    later = asked_at(dates.at_tokyo(A_MONDAY, dt.time(15)))
    offer = visits.send_offer(later, by=coordinator, ambassador=ambassador, slots=list(later.slots.all()))
    visits.decline(offer, by=ambassador.user)
    assert [kind for kind, _clock in on(ambassador.user, A_MONDAY)] == ["road", "set", "road"]


def test_hours_days_off_and_outside_events_are_told_apart(ambassador):
    weekly(ambassador, [MONDAY], "09:00", "17:00")
    blocked(ambassador, A_MONDAY, hours="12:00-13:00")
    source = CalendarSource.objects.create(ambassador=ambassador, name="仕事")
    since = dates.at_tokyo(A_MONDAY - dt.timedelta(days=1), dt.time(22))
    BusyBlock.objects.create(
        source=source, ambassador=ambassador, starts_at=since, ends_at=since + dt.timedelta(hours=6)
    )
    assert on(ambassador.user, A_MONDAY) == [
        ("busy", "0:00–4:00"),
        ("free", "9:00–12:00"),
        ("off", "12:00–13:00"),
        ("free", "13:00–17:00"),
    ]


def test_the_school_sees_the_days_it_keeps_free_and_then_its_visit(asked, ambassador, stranger_contact):
    assert on(stranger_contact, A_MONDAY) == [("wish", "10:00–10:50")]
    visits.accept(asked, by=ambassador.user, slot=asked.slots.get())
    assert on(stranger_contact, A_MONDAY) == [("set", "10:00–10:50")]


def test_a_stranger_sees_nothing_of_it(asked, other_ambassador, school_contact, unverified_contact):
    for person in (other_ambassador.user, school_contact, unverified_contact):
        assert on(person, A_MONDAY) == []


def test_the_desk_sees_everybodys_narrowed_down(asked, coordinator, ambassador):
    visits.accept(asked, by=ambassador.user, slot=asked.slots.get())
    assert on(coordinator, A_MONDAY, is_desk=True) == [("set", "10:00–10:50")]
    prefecture = asked.request.school.prefecture_code
    for wanted, count in ((prefecture, 1), ("47", 0)):
        narrowed = Wanted(A_MONDAY, A_MONDAY, prefecture=wanted)
        assert len(happenings(coordinator, narrowed, is_desk=True).get(A_MONDAY, [])) == count


def test_the_month_says_in_words_what_its_grounds_say(client, asked, ambassador):
    shown = look(client, ambassador.user, "?date=2027-01-18").content.decode()
    assert re.search(r'<a class="event event--ask"[^>]*>打診<span', shown)
    assert "2027年1月の予定。打診の日時1件" in shown
    assert "成人の日" in shown
    assert 'abbr="日曜日"' in shown


def test_a_week_shows_every_day_and_a_list_only_those_with_something(client, asked, ambassador):
    week = look(client, ambassador.user, "?view=week&date=2027-01-20").content.decode()
    assert week.count('class="agenda__day"') == 7
    listed = look(client, ambassador.user, "?view=list&date=2027-01-10").content.decode()
    assert listed.count('class="agenda__day"') == 1
    assert "移動" not in re.search(r'<ol class="agenda">.*?</ol>', listed, re.DOTALL)[0]


def test_somebody_abroad_reads_both_clocks(client, asked_at, ambassador_abroad, coordinator):
    request = asked_at(dates.at_tokyo(A_MONDAY, dt.time(17)), format="online")
    visits.send_offer(request, by=coordinator, ambassador=ambassador_abroad, slots=list(request.slots.all()))
    shown = look(client, ambassador_abroad.user, "?view=list&date=2027-01-10").content.decode()
    assert "17:00–17:50" in shown
    assert "Berlinでは2027年1月18日（月） 9:00から" in shown or "Berlinでは1月18日（月） 9:00から" in shown


def test_an_assistant_sees_whose_day_it_is(client, asked, assistant, ambassador, other_ambassador):
    shown = look(client, assistant, "?view=list&date=2027-01-10").content.decode()
    assert f"{ambassador.name}さん" in shown
    assert look(client, assistant, f"?of={other_ambassador.public_id}").status_code == 404
    assert look(client, assistant, f"?of={ambassador.public_id}").status_code == 200


@pytest.mark.parametrize(
    "query", ["?date=31.02.2027", "?date=9999-12-31", "?date=", "?of=", "?date=2100-12-31&view=week"]
)
def test_an_address_that_cannot_be_read_is_today(client, ambassador, query):
    assert look(client, ambassador.user, query).status_code == 200


@pytest.mark.parametrize("query", ["?view=year", "?of=x", "?of=00000000-0000-4000-8000-000000000000"])
def test_an_address_of_nothing_is_nothing(client, ambassador, query):
    assert look(client, ambassador.user, query).status_code == 404


def test_months_follow_each_other_over_the_year(client, ambassador):
    shown = look(client, ambassador.user, "?date=2026-12-31").content.decode()
    assert "date=2027-01-01" in shown
    assert "date=2026-11-01" in shown
