"""The small world and its accounts."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate

from accounts.models import User
from demo import world
from outreach.models import Ambassador, Board, Request, School
from tests import fixtures

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", [one.who for one in world.ACCOUNTS])
def test_every_account_signs_in_with_the_password_of_the_demo(who, people):
    email = f"{who}@demo.example"
    person = authenticate(None, email=email, password=world.PASSWORD)
    assert person == User.objects.get(email=email)
    assert EmailAddress.objects.filter(user=person, verified=True, primary=True, email=email).count() == 1
    assert person.name and person.name_kana


def test_the_accounts_have_their_parts(people):
    assert people.coordinator.is_coordinator and people.viewer.reads_metrics and people.superuser.is_superuser
    assert people.editor.edits_pages and people.editor.has_perm("wagtailadmin.access_admin")
    assert people.school_contact.verified_school_ids == people.colleague.verified_school_ids == [people.school.pk]
    assert people.unverified_contact.school_ids and not people.unverified_contact.verified_school_ids
    assert people.stranger_contact.verified_school_ids != people.school_contact.verified_school_ids
    assert people.ambassador_abroad.time_zone == "Europe/Berlin" and not people.ambassador_abroad.visits_in_person
    desk = people.coordinator.memberships.get()
    assert (desk.until, bool(desk.body_name)) == (dt.date(2027, 3, 31), True)


def test_the_small_world_is_small(people):
    assert (School.objects.count(), Ambassador.objects.count(), Request.objects.count()) == (12, 4, 0)
    assert Board.objects.filter(kind="prefecture").count() == 47


def test_another_seed_makes_other_schools_for_the_same_people(people):
    schools, persons = (list(rows.order_by("pk")) for rows in (School.objects, User.objects))
    names, mails = [school.name_ja for school in schools], [person.email for person in persons]
    fixtures.leave_only_what_migrations_brought()
    world.people_only(seed=2)
    assert list(User.objects.order_by("pk").values_list("email", flat=True)) == mails
    assert list(School.objects.order_by("pk").values_list("name_ja", flat=True)) != names
