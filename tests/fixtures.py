"""The people, schools and visits that tests start from.

The small world of `demo.world` lies in the test database from the start, on one and the same day for every test. What a
test changes is rolled back; a test that writes for real (a browser, a race) finds the world put back before it begins.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection, transaction

from accounts.models import User
from demo import world
from outreach.models import Ambassador, Offer, Request, Reschedule, School, Visit
from tests import factories

# 20 November 2026, a Friday, ten in the morning in Tokyo; in UTC, because a zone here would set that of the process.
NOW = dt.datetime(2026, 11, 20, 1, tzinfo=dt.UTC)
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_serialized_rollback"}
KEPT = "kept_"
# Indexes for searching pages are written by triggers of their own.
NOT_KEPT = ("modelsearch_", "wagtailsearch_")
OF_PEOPLE = ("accounts_", "account_", "mfa_", "usersessions_", "outreach_", "outbox_", "demo_")
FROM_MIGRATIONS = {"outreach_belltime", "outreach_codeofconduct", "outreach_intakerules"}


def uses_database(request: pytest.FixtureRequest) -> bool:
    return bool(request.node.get_closest_marker("django_db") or DATABASE_FIXTURES & set(request.fixturenames))


def tables() -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(name for name in names if not name.startswith(NOT_KEPT))


def keep_world(kept: str = KEPT) -> None:
    """Every table gets a copy beside it, which no test and no flush knows of."""
    with connection.cursor() as cursor:
        for name in tables():
            cursor.execute(f'DROP TABLE IF EXISTS "{kept}{name}"')
            cursor.execute(f'CREATE TABLE "{kept}{name}" AS SELECT * FROM "{name}"')


def put_world_back(kept: str = KEPT) -> None:
    """The database holds again what it held at the start, row by row with the same keys."""
    with transaction.atomic(), connection.cursor() as cursor:
        for name in tables():
            cursor.execute(f'DELETE FROM "{name}"')
        for name in tables():
            cursor.execute(f'INSERT INTO "{name}" SELECT * FROM "{kept}{name}"')
    ContentType.objects.clear_cache()


def leave_only_what_migrations_brought() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for name in tables():
            if name.startswith(OF_PEOPLE) and name not in FROM_MIGRATIONS:
                cursor.execute(f'DELETE FROM "{name}"')
        # Those of a school go with it; the defaults of the stages stay.
        cursor.execute("DELETE FROM outreach_belltime WHERE school_id IS NOT NULL")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """The test database, with the small world in it."""
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=True):
        if f"{KEPT}{User._meta.db_table}" in connection.introspection.table_names():
            # A database that an earlier run has left.
            put_world_back()
        else:
            world.people_only()
            # A school that wants copies at its own address says so in the tests about them.
            School.objects.update(main_mail="")
            keep_world()


@pytest.fixture(autouse=True)
def clock(request: pytest.FixtureRequest) -> Iterator[time_machine.Traveller | None]:
    """The day of the world, for every test that uses the database; `clock.move_to(moment)` lets time pass."""
    if not uses_database(request):
        yield None
        return
    with time_machine.travel(NOW, tick=True) as traveller:
        request.getfixturevalue("db")
        # A page that one test kept is not the page of the next.
        cache.clear()
        # A test that wrote for real has emptied all tables at its end.
        if not User.objects.exists():
            put_world_back()
        yield traveller


@pytest.fixture
def some_of(pytestconfig: pytest.Config) -> Callable[..., list[Any]]:
    """Every day one of so many, at least one, for the next place the next of them; with `--long` all."""

    def choose(place: int, values: Iterable[Any], every: int) -> list[Any]:
        values = list(values)
        if pytestconfig.getoption("--long"):
            return values
        return values[place % every :: every] or values[:1]

    return choose


@dataclass(frozen=True)
class People:
    """Everybody by their part, read when first asked for."""

    @cached_property
    def school_contact(self) -> User:
        return factories.account("teacher")

    @cached_property
    def colleague(self) -> User:
        return factories.account("colleague")

    @cached_property
    def stranger_contact(self) -> User:
        return factories.account("teacher2")

    @cached_property
    def unverified_contact(self) -> User:
        return factories.account("newcomer")

    @cached_property
    def ambassador(self) -> Ambassador:
        return factories.ambassador_of("ambassador")

    @cached_property
    def other_ambassador(self) -> Ambassador:
        """Comes in person as well."""
        return Ambassador.objects.select_related("user").filter(visits_in_person=True).order_by("pk")[1]

    @cached_property
    def ambassador_abroad(self) -> Ambassador:
        """Lives in another time zone, comes online only."""
        return factories.ambassador_of("ambassador2")

    @cached_property
    def coordinator(self) -> User:
        return factories.account("coordinator")

    @cached_property
    def viewer(self) -> User:
        return factories.account("viewer")

    @cached_property
    def editor(self) -> User:
        return factories.account("editor")

    @cached_property
    def board_member(self) -> User:
        return factories.account("board")

    @cached_property
    def org_member(self) -> User:
        return factories.account("member")

    @cached_property
    def org_admin(self) -> User:
        return factories.account("orgadmin")

    @cached_property
    def superuser(self) -> User:
        return factories.account("admin")

    @cached_property
    def school(self) -> School:
        """Of school_contact: a public high school in Tokyo."""
        return School.objects.get(pk=self.school_contact.school_ids[0])


@pytest.fixture
def people(db) -> People:
    return People()


@pytest.fixture
def empty_house(db) -> None:
    """No people, no schools: only what the migrations brought."""
    leave_only_what_migrations_brought()


@pytest.fixture
def school(people: People) -> School:
    return people.school


@pytest.fixture
def school_contact(people: People) -> User:
    return people.school_contact


@pytest.fixture
def colleague(people: People) -> User:
    return people.colleague


@pytest.fixture
def stranger_contact(people: People) -> User:
    return people.stranger_contact


@pytest.fixture
def unverified_contact(people: People) -> User:
    return people.unverified_contact


@pytest.fixture
def ambassador(people: People) -> Ambassador:
    return people.ambassador


@pytest.fixture
def other_ambassador(people: People) -> Ambassador:
    return people.other_ambassador


@pytest.fixture
def ambassador_abroad(people: People) -> Ambassador:
    return people.ambassador_abroad


@pytest.fixture
def assistant(ambassador: Ambassador) -> User:
    """Named by the ambassador; has an account with that address confirmed."""
    return factories.assistant_of(ambassador)


@pytest.fixture
def coordinator(people: People) -> User:
    return people.coordinator


@pytest.fixture
def viewer(people: People) -> User:
    return people.viewer


@pytest.fixture
def editor(people: People) -> User:
    return people.editor


@pytest.fixture
def board_member(people: People) -> User:
    return people.board_member


@pytest.fixture
def org_member(people: People) -> User:
    return people.org_member


@pytest.fixture
def org_admin(people: People) -> User:
    return people.org_admin


@pytest.fixture
def superuser(people: People) -> User:
    return people.superuser


@pytest.fixture
def draft_request(school_contact: User) -> Request:
    """Complete, not sent: three days, third and fourth period, 74 pupils of the second grade."""
    return factories.make_request(by=school_contact)


@pytest.fixture
def submitted_request(draft_request: Request) -> Request:
    return factories.submitted_request(request=draft_request)


@pytest.fixture
def open_request(submitted_request: Request, coordinator: User) -> Request:
    return factories.open_request(request=submitted_request, desk=coordinator)


@pytest.fixture
def waiting_offer(open_request: Request, ambassador: Ambassador) -> Offer:
    """The ambassador is asked about the first two of three days."""
    return factories.offer_for(open_request, ambassador=ambassador)


@pytest.fixture
def confirmed_visit(waiting_offer: Offer) -> Visit:
    """On the first day, which is to come."""
    return factories.confirmed_visit(offer=waiting_offer)


@pytest.fixture
def past_visit(confirmed_visit: Visit, clock: time_machine.Traveller) -> Visit:
    """An hour after the lesson: the clock has moved."""
    return factories.past_visit(clock, visit=confirmed_visit)


@pytest.fixture
def reported_visit(past_visit: Visit) -> Visit:
    """72 of the 74 were there."""
    return factories.reported_visit(past_visit)


@pytest.fixture
def verified_visit(reported_visit: Visit) -> Visit:
    return factories.verified_visit(reported_visit)


@pytest.fixture
def visit_of_two(db) -> Visit:
    """Two were wanted, two have accepted."""
    return factories.visit_of_two()


@pytest.fixture
def proposal(confirmed_visit: Visit) -> Reschedule:
    """The ambassador asks for another day; the school has not answered yet."""
    return factories.proposed_move(confirmed_visit)
