"""A page for 50 rows costs the queries of a page for 5."""

import copy
import datetime as dt
import uuid
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership, Role, User
from outbox.models import Letter
from outreach.models import (
    CodeOfConduct,
    Group,
    Hold,
    Offer,
    Participation,
    PlannedGroup,
    ProfileProposal,
    ReachEntry,
    Report,
    Request,
    Reschedule,
    School,
    Slot,
    Visit,
)
from tests.factories import accepted_occasion, make_occasion, submitted_request

pytestmark = pytest.mark.django_db

FEW, MANY = 5, 50
numbers = count(1)


def another(row: Any, **changes: Any) -> Any:
    """A new row like this one."""
    new = copy.copy(row)
    new.pk, new._state = None, copy.copy(row._state)
    new._state.adding = True
    if hasattr(new, "public_id"):
        new.public_id = uuid.uuid4()
    if hasattr(new, "form_key"):
        new.form_key = None
    for name, value in changes.items():
        setattr(new, name, value)
    # Past `save`, where others listen: there are hundreds of rows.
    type(new)._base_manager.bulk_create([new])
    return new


def another_request(request: Request) -> Request:
    new = another(request, number=f"X-{next(numbers)}")
    for table in (Slot, PlannedGroup):
        for row in table.objects.filter(request=request):
            another(row, request=new)
    return new


def another_offer(offer: Offer) -> Offer:
    request = another_request(offer.request)
    new = another(offer, request=request)
    new.slots.set(request.slots.all()[:2])
    return new


def another_visit(visit: Visit) -> Visit:
    request = another_request(visit.request)
    new = another(visit, request=request, slot=request.slots.first())
    for hold in Hold.objects.filter(visit=visit):
        # Nobody is in two places, so each keeps the time of another day.
        away = dt.timedelta(days=2 * next(numbers))
        moved = {name: getattr(hold, name) + away for name in ("starts_at", "ends_at", "blocked_from", "blocked_until")}
        another(hold, visit=new, request=request, slot=new.slot, offer=None, **moved)
    for participation in Participation.objects.filter(visit=visit):
        another(participation, visit=new, offer=None)
    for report in Report.objects.filter(visit=visit):
        made = another(report, visit=new)
        for group in Group.objects.filter(report=report):
            another(group, report=made)
    for entry in ReachEntry.objects.filter(visit=visit):
        another(entry, visit=new)
    return new


def another_proposal(proposal: Reschedule) -> Reschedule:
    visit = another_visit(proposal.visit)
    return another(proposal, visit=visit, slot=visit.slot, old_slot=visit.slot)


def another_membership(school: School) -> Membership:
    number = next(numbers)
    person = User.objects.create_user(f"new{number}@example.jp", name=f"新任 {number}")
    return Membership.objects.create(person=person, role=Role.CONTACT, school=school, phone="03-0000-0000")


def another_letter(person: User) -> Letter:
    number = next(numbers)
    return Letter.objects.create(
        key=f"test:{number}",
        person=person,
        to_address=person.email,
        subject=f"{number}",
        body="x",
        message_id=f"<{number}@x>",
    )


def another_school(school: School) -> School:
    return another(school, school_code=f"D1132{next(numbers):08d}", name_ja=f"試験第{next(numbers)}高等学校")


def cost(person: User, page: str) -> list[str]:
    """The queries of a page, once everything that is read only once has been read."""
    client = Client()
    client.force_login(person)
    client.get(page)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(page)
    assert answer.status_code == 200
    return [query["sql"] for query in queries]


@pytest.fixture
def assert_flat() -> Callable:
    def assert_flat(person: User, pages: list[str], make: Callable[[], Any]) -> None:
        for _number in range(FEW):
            make()
        few = {page: cost(person, page) for page in pages}
        for _number in range(MANY - FEW):
            make()
        for page in pages:
            many = cost(person, page)
            assert len(many) == len(few[page]), [page, *[sql for sql in many if sql not in few[page]][:5]]

    return assert_flat


def test_requests_and_my_page_of_a_school(submitted_request, school_contact, assert_flat):
    assert_flat(school_contact, ["/requests/", "/my/"], lambda: another_request(submitted_request))


def test_requests_that_ended_and_can_be_asked_again(submitted_request, school_contact, assert_flat):
    make = lambda: another(another_request(submitted_request), number=f"E-{next(numbers)}", state="expired")
    assert_flat(school_contact, ["/requests/", "/my/"], make)


def test_requests_that_a_board_passes_on(submitted_request, board_member, assert_flat):
    submitted_request.school.board = board_member.memberships.get().board
    submitted_request.school.save()
    make = lambda: another(another_request(submitted_request), number=f"B-{next(numbers)}", state="with_board")
    assert_flat(board_member, ["/requests/", "/my/"], make)


def test_requests_and_visits_of_an_organisation(people, coordinator, assert_flat):
    asked = submitted_request(request=make_occasion(by=people.org_member))
    assert_flat(people.org_member, ["/requests/", "/my/"], lambda: another_request(asked))
    assert_flat(coordinator, ["/desk/"], lambda: another_request(asked))
    visit = accepted_occasion(kind="content")
    assert_flat(people.org_member, ["/my/"], lambda: another_visit(visit))


def test_proposals_that_wait_for_an_answer(proposal, school_contact, ambassador, assert_flat):
    Reschedule.objects.update(school_agreed_at=None)
    for person in (school_contact, ambassador.user):
        proposal.agreed.clear()
        assert_flat(person, ["/my/"], lambda: another_proposal(proposal))


def test_new_requests_on_the_desk(submitted_request, coordinator, assert_flat):
    assert_flat(coordinator, ["/desk/", "/desk/?q=X&prefecture=13", "/my/"], lambda: another_request(submitted_request))


def test_requests_that_wait_for_an_answer(waiting_offer, coordinator, assert_flat):
    assert_flat(coordinator, ["/desk/?list=waiting"], lambda: another_offer(waiting_offer))


def test_requests_that_wait_their_turn_or_for_a_board(submitted_request, coordinator, assert_flat):
    for state in ("waitlisted", "with_board"):
        make = lambda state=state: another(another_request(submitted_request), number=f"W-{next(numbers)}", state=state)
        assert_flat(coordinator, [f"/desk/?list={state}"], make)


def test_ambassadors_and_their_limits(confirmed_visit, ambassador, coordinator, assert_flat):
    def make() -> None:
        number = next(numbers)
        user = User.objects.create_user(f"meibo{number}@example.jp", name=f"大使 {number}")
        another(ambassador, user=user, slug=f"meibo-{number}")

    assert_flat(coordinator, ["/desk/ambassadors/"], make)


def test_ambassadors_in_public(ambassador, school_contact, assert_flat):
    def make() -> None:
        number = next(numbers)
        user = User.objects.create_user(f"koukai{number}@example.jp", name=f"大使 {number}")
        new = another(ambassador, user=user, slug=f"koukai-{number}")
        for row in (*ambassador.appointments.all(), *ambassador.facets.all()):
            another(row, ambassador=new)

    assert_flat(school_contact, ["/ambassadors/", "/ambassadors/?format=in_person&stage=high"], make)


def test_cards_that_wait_and_codes_not_accepted(ambassador, coordinator, assert_flat):
    def make() -> None:
        number = next(numbers)
        user = User.objects.create_user(f"shoukai{number}@example.jp", name=f"大使 {number}")
        new = another(ambassador, user=user, slug=f"shoukai-{number}")
        for row in ambassador.appointments.all():
            another(row, ambassador=new)
        ProfileProposal.objects.create(ambassador=new, about_ja="新しい", made_by=user)

    assert_flat(coordinator, ["/desk/profiles/", "/desk/conduct/", "/my/"], make)


def test_appointments_versions_and_assistants(ambassador, assistant, coordinator, assert_flat):
    def make() -> None:
        number = next(numbers)
        day = dt.date(2030, 4, 1) + dt.timedelta(days=number)
        ambassador.appointments.create(from_day=day, until=day)
        ambassador.assistants.create(email=f"hisho{number}@example.jp", named_by=ambassador.user)
        CodeOfConduct.objects.create(fiscal_year=2026, version=number, body_ja="約束。", made_by=coordinator)

    assert_flat(coordinator, [f"/desk/ambassadors/{ambassador.public_id}/", "/desk/conduct/"], make)
    assert_flat(ambassador.user, ["/my/assistants/", "/my/profile/"], make)


def test_offers_and_visits_on_the_page_of_an_assistant(waiting_offer, confirmed_visit, assistant, assert_flat):
    assert_flat(assistant, ["/my/"], lambda: another_offer(waiting_offer))
    assert_flat(assistant, ["/my/"], lambda: another_visit(confirmed_visit))


def test_visits_of_one_ambassador_on_the_desk(confirmed_visit, ambassador, coordinator, assert_flat):
    page = f"/desk/ambassadors/{ambassador.public_id}/"
    assert_flat(coordinator, [page], lambda: another_visit(confirmed_visit))


def test_reports_that_are_long_overdue(past_visit, clock, coordinator, assert_flat):
    clock.move_to(past_visit.ends_at + dt.timedelta(days=15))
    assert_flat(coordinator, ["/desk/reports/"], lambda: another_visit(past_visit))


def test_offers_on_the_page_of_their_ambassador(waiting_offer, ambassador, assert_flat):
    assert_flat(ambassador.user, ["/my/"], lambda: another_offer(waiting_offer))


def test_booked_requests_and_visits_to_come(confirmed_visit, coordinator, school_contact, ambassador, assert_flat):
    make = lambda: another_visit(confirmed_visit)
    assert_flat(coordinator, ["/desk/?list=booked", "/dashboard/behind/visits/?standing=planned"], make)
    assert_flat(school_contact, ["/my/"], make)
    assert_flat(ambassador.user, ["/my/"], make)


def test_reports_that_wait_to_be_verified(reported_visit, coordinator, assert_flat):
    pages = ["/desk/reports/", "/dashboard/behind/visits/?standing=reported", "/dashboard/", "/reach/"]
    assert_flat(coordinator, pages, lambda: another_visit(reported_visit))


def test_reports_that_a_school_still_owes(past_visit, school_contact, assert_flat):
    assert_flat(school_contact, ["/my/"], lambda: another_visit(past_visit))


def test_verified_visits_behind_a_figure(verified_visit, viewer, assert_flat):
    assert_flat(viewer, ["/dashboard/behind/visits/"], lambda: another_visit(verified_visit))


def test_people_to_vouch_for(school, coordinator, assert_flat):
    assert_flat(coordinator, ["/desk/memberships/"], lambda: another_membership(school))


def test_letters(school_contact, coordinator, assert_flat):
    assert_flat(coordinator, ["/desk/letters/"], lambda: another_letter(school_contact))


def test_schools_found(school, school_contact, assert_flat):
    assert_flat(school_contact, ["/my/school/?prefecture=13"], lambda: another_school(school))


def test_candidates_for_a_request(open_request, ambassador, coordinator, assert_flat):
    def make() -> None:
        number = next(numbers)
        user = User.objects.create_user(f"taishi{number}@example.jp", name=f"大使 {number}")
        new = another(ambassador, user=user, slug=f"taishi-{number}")
        for appointment in ambassador.appointments.all():
            another(appointment, ambassador=new)

    assert_flat(coordinator, [f"/desk/requests/{open_request.public_id}/"], make)


def test_the_history_of_a_request(open_request, coordinator, school_contact, assert_flat):
    step = open_request.steps.first()
    make = lambda: another(step, at=timezone.now(), version=None)
    assert_flat(coordinator, [f"/desk/requests/{open_request.public_id}/"], make)
    assert_flat(school_contact, [f"/requests/{open_request.public_id}/"], make)
