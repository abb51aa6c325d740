"""Who is likely free: the one question to the database says what the careful look at each person says."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from outreach.ambassadors.models import Ambassador, Facet
from outreach.availability import free as finding
from outreach.availability.free import Time, Wanted, suiting, who_is_free
from outreach.availability.models import BusyBlock, CalendarSource
from outreach.requests.odds import wanted_by
from outreach.visits.actions import obstacle
from tests.outreach.availability.telling import blocked, free, stays, wants, weekly
from ui import dates

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2027, 1, 18)
DAYS = [MONDAY + dt.timedelta(days=number) for number in range(5)]


def at(day, hour):
    begins = dates.at_tokyo(day, dt.time(hour))
    return Time(begins, begins + dt.timedelta(minutes=50))


@pytest.fixture
def full_house(people, asked_at, coordinator):
    """Everybody has told something, and some are taken."""
    everybody = list(Ambassador.objects.select_related("user").order_by("pk"))
    Facet.objects.filter(kind="language").exclude(value="ja").delete()
    for number, person in enumerate(everybody):
        weekly(person, [(number + step) % 5 for step in range(3)], "08:00", "18:00", zone="Asia/Tokyo")
    first, second, third, *_rest = everybody
    wants(first, farthest_km=500, buffer_in_person=300)
    wants(third, notice_days=60, buffer_online=45)
    stays(first, "27", DAYS[1])
    stays(third, "", DAYS[2], in_person=False)
    blocked(second, DAYS[3], hours="12:00-15:00")
    free(first, DAYS[4], hours="09:00-12:00")
    source = CalendarSource.objects.create(ambassador=first, name="仕事")
    for day in DAYS[:2]:
        moment = dates.at_tokyo(day, dt.time(14))
        BusyBlock.objects.create(
            source=source, ambassador=first, starts_at=moment, ends_at=moment + dt.timedelta(hours=1)
        )
    from outreach.visits import actions as visits

    taken = asked_at(dates.at_tokyo(DAYS[1], dt.time(13)), format="online")
    visits.send_offer(taken, by=coordinator, ambassador=second, slots=list(taken.slots.all()), override_reason="試験")
    return everybody


@pytest.mark.parametrize("format", ["in_person", "online", "either"])
def test_the_index_and_the_careful_look_agree(full_house, asked_at, format):
    requests = {
        (day, hour): asked_at(dates.at_tokyo(day, dt.time(hour)), format=format)
        for day in DAYS
        for hour in (8, 11, 14, 17)
    }
    wanted = wanted_by(next(iter(requests.values())))
    everybody = Ambassador.objects.select_related("user")
    found = who_is_free(wanted, [at(*when) for when in requests], among=everybody)
    differ = []
    for when, request in requests.items():
        slots = list(request.slots.all())
        careful = {person.pk for person in everybody if obstacle(person, request, slots) is None}
        if found[at(*when)] != careful:
            differ.append((when, found[at(*when)], careful))
    assert differ == []
    # A comparison of nothing with nothing would say nothing.
    assert len({frozenset(ids) for ids in found.values()}) > 3


def test_it_is_one_query_however_many_times(full_house):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        who_is_free(Wanted("either", "13"), [at(day, hour) for day in DAYS for hour in (9, 10, 11)])
    assert len(asked) == 1


def test_time_kept_for_the_request_itself_takes_nobody_away(asked_at, ambassador, coordinator):
    from outreach.visits import actions as visits

    weekly(ambassador)
    request = asked_at(dates.at_tokyo(MONDAY, dt.time(10)))
    visits.send_offer(request, by=coordinator, ambassador=ambassador, slots=list(request.slots.all()))
    wanted = wanted_by(request)
    assert ambassador.pk in who_is_free(wanted, [at(MONDAY, 10)], request_id=request.pk)[at(MONDAY, 10)]
    assert ambassador.pk not in who_is_free(wanted, [at(MONDAY, 10)])[at(MONDAY, 10)]


def test_nobody_is_free_past_what_was_worked_out(ambassador):
    weekly(ambassador)
    late = dt.date(2028, 4, 3)
    assert who_is_free(Wanted("in_person", "13"), [at(late, 10)]) == {at(late, 10): set()}


def test_who_suits(ambassador):
    """Language, stage and theme; who has not said is left out by none of it."""
    everybody = set(Ambassador.objects.filter(visits_in_person=True).values_list("pk", flat=True))
    Facet.objects.all().delete()
    assert set(suiting(Wanted("in_person", theme="story")).values_list("pk", flat=True)) == everybody
    for kind, value in (("theme", "local"), ("stage", "elementary"), ("language", "en")):
        Facet.objects.create(ambassador=ambassador, kind=kind, value=value)
    assert ambassador not in suiting(Wanted("in_person", language="ja"))
    assert ambassador not in suiting(Wanted("in_person", theme="story", language="en"))
    assert ambassador not in suiting(Wanted("in_person", stages=frozenset({"high"}), language="en"))
    asked = Wanted("in_person", theme="local", stages=frozenset({"high", "elementary"}), language="en")
    assert ambassador in suiting(asked)
    assert ambassador in suiting(Wanted("in_person", theme="other", language="en"))


def test_the_times_of_a_year_do_not_ask_for_a_year(ambassador, django_assert_num_queries):
    weekly(ambassador)
    with django_assert_num_queries(1):
        finding.who_is_free(Wanted("in_person", "13"), [at(day, 10) for day in DAYS])


def test_who_stops_visiting_in_person_is_not_counted_at_once(ambassador):
    weekly(ambassador)
    asked = at(MONDAY, 10)
    assert ambassador.pk in who_is_free(Wanted("either", "13"), [asked])[asked]
    Ambassador.objects.filter(pk=ambassador.pk).update(visits_in_person=False, visits_online=False)
    assert ambassador.pk not in who_is_free(Wanted("either", "13"), [asked])[asked]
