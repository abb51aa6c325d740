"""The fixtures give every test the same people, also after a test that wrote for real."""

import pytest
from django.contrib.auth.models import Permission
from wagtail.models import Page

from accounts.models import User
from curriculum.competences.models import Competence
from outreach.models import BellTime, Hold, School
from outreach.visits.states import VisitState
from tests.outreach.rows import rows
from ui import dates


def held() -> dict:
    return {**rows(), "permissions": Permission.objects.count(), "pages": Page.objects.count()}


@pytest.fixture(scope="module")
def first_seen() -> dict:
    return {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_what_is_written_for_real_is_put_back_before_the_next_test(time, people, first_seen):
    first_seen.setdefault("rows", held())
    assert held() == first_seen["rows"]
    assert (Competence.objects.count(), BellTime.objects.filter(school=None).exists()) == (15, True)
    School.objects.filter(memberships=None).delete()
    User.objects.create_user("new@demo.example", name="新")


@pytest.mark.django_db
def test_it_is_the_same_friday_for_every_test(people):
    assert dates.day_words(dates.today(), year=True) == "2026年11月20日（金）"


@pytest.mark.django_db
def test_time_passes_for_a_visit(verified_visit, confirmed_visit):
    assert verified_visit == confirmed_visit
    assert (verified_visit.state, verified_visit.request.state) == (VisitState.VERIFIED, "completed")
    assert verified_visit.is_over and dates.today() == verified_visit.day
    assert Hold.objects.alive().get().visit == verified_visit


@pytest.mark.django_db
def test_an_empty_house_keeps_what_migrations_brought(empty_house):
    assert not User.objects.exists() and not School.objects.exists()
    assert BellTime.objects.exists() and Competence.objects.count() == 15


def test_without_a_database_no_clock_is_moved(clock):
    assert clock is None
