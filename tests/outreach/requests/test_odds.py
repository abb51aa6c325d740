"""How many could come, told to a school before it asks: numbers, a better time nearby, never a name."""

import datetime as dt

import pytest
from django.urls import reverse

from outreach.models import Ambassador, Facet
from outreach.requests import actions
from outreach.requests.forms import bells_of
from outreach.requests.odds import odds_of
from tests.outreach.availability.telling import FRIDAY, MONDAY, blocked, weekly
from ui import dates

pytestmark = pytest.mark.django_db
A_MONDAY = dt.date(2027, 1, 18)
FIRST = dt.date(2026, 12, 4)


@pytest.fixture
def everybody(db):
    """All who come in person are free on Mondays and Fridays, for whom and about whatever."""
    Facet.objects.exclude(kind="language").delete()
    Ambassador.objects.update(visits_in_person=True, country_code="JP", prefecture_code="13", time_zone="Asia/Tokyo")
    people = list(Ambassador.objects.select_related("user").order_by("pk"))
    for person in people:
        weekly(person, [MONDAY, FRIDAY], "08:00", "17:00")
    return people


@pytest.fixture
def bells(draft_request):
    return {bell.period: bell for bell in bells_of(draft_request)}


@pytest.fixture
def wish(bells):
    """A wished day with some periods of the school."""

    def wish(day, first=3, last=4):
        begins, ends = bells[first].starts_at, bells[last].ends_at
        return actions.SlotWish(day, dates.at_tokyo(day, begins), dates.at_tokyo(day, ends), first, last)

    return wish


@pytest.fixture
def odds(draft_request, bells):
    return lambda *wishes, first_day=FIRST: odds_of(draft_request, wishes, list(bells.values()), first_day)


def test_a_number_for_each_wish(everybody, odds, wish):
    found = odds(wish(A_MONDAY), wish(A_MONDAY + dt.timedelta(days=1)))
    assert [one.count for one in found] == [len(everybody), 0]
    assert found[0].sentence == f"来られそうな推進大使が{len(everybody)}人います。"


def test_the_nearest_better_day_is_named_with_the_same_periods(everybody, odds, wish):
    (tuesday,) = odds(wish(A_MONDAY + dt.timedelta(days=1)))
    assert tuesday.hint == f"1月18日（月） 3・4限 10:50–12:40なら{len(everybody)}人です。"


def test_another_period_of_the_same_day_may_be_better(everybody, odds, wish):
    for person in everybody:
        blocked(person, A_MONDAY, hours="00:00-13:00")
        blocked(person, A_MONDAY - dt.timedelta(days=3))
        blocked(person, A_MONDAY + dt.timedelta(days=4))
    (found,) = odds(wish(A_MONDAY, 3, 3))
    assert (found.count, found.hint) == (0, f"1月18日（月） 5限 13:30–14:20なら{len(everybody)}人です。")


def test_no_better_day_lies_before_the_first_that_can_be_wished_for(everybody, odds, wish):
    tuesday = A_MONDAY + dt.timedelta(days=1)
    (found,) = odds(wish(tuesday), first_day=tuesday)
    assert found.better.time.day == dt.date(2027, 1, 22)


def test_the_queries_do_not_grow_with_the_wishes(everybody, odds, wish, django_assert_num_queries):
    """Who is free, and the rules of the year; the groups of the draft are read with it."""
    days = [A_MONDAY + dt.timedelta(days=number) for number in range(3)]
    with django_assert_num_queries(3):
        odds(*(wish(day) for day in days))


def dates_page(request):
    return reverse("requests:edit", args=[request.public_id, "dates"])


def test_the_form_tells_it_without_javascript_and_sends_nothing(client, everybody, draft_request, school_contact):
    client.force_login(school_contact)
    before = [slot.words for slot in draft_request.open_slots()]
    answer = client.post(dates_page(draft_request), {"day_1": "2027-01-19", "periods_1": ["3", "4"], "look": "1"})
    shown = answer.content.decode()
    assert "来られそうな推進大使は、いまのところいません。" in shown
    assert "1月18日（月） 3・4限" in shown
    assert 'value="2027-01-19"' in shown
    assert "data-error-summary" not in shown
    draft_request.refresh_from_db()
    assert [slot.words for slot in draft_request.open_slots()] == before


def test_a_name_never_enters(client, everybody, draft_request, school_contact):
    client.force_login(school_contact)
    shown = client.post(
        dates_page(draft_request), {"day_1": "2027-01-18", "periods_1": ["3"], "look": "1"}
    ).content.decode()
    assert "人います" in shown
    assert not any(person.name_ja in shown or person.slug in shown for person in everybody)


def test_the_last_page_tells_it_once_more(client, everybody, draft_request, school_contact, wish):
    client.force_login(school_contact)
    actions.wish_for(draft_request, [wish(A_MONDAY)], by=school_contact, answer_by=dates.today() + dt.timedelta(days=9))
    shown = client.get(reverse("requests:edit", args=[draft_request.public_id, "confirm"])).content.decode()
    assert f"来られそうな推進大使が{len(everybody)}人います。" in shown
