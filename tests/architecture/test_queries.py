"""A page for 20 rows costs the queries of a page for 5."""

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
from wagtail.log_actions import log

from accounts.models import Invitation, MailDomain, Membership, Role, User
from outbox.models import Letter
from outreach.inquiries import actions as inquiries
from outreach.models import (
    Attachment,
    CodeOfConduct,
    DayException,
    Group,
    Hold,
    Inquiry,
    InquiryStep,
    Message,
    Offer,
    Participation,
    PlannedGroup,
    ProfileProposal,
    ReachEntry,
    Reading,
    Report,
    Request,
    Reschedule,
    School,
    Slot,
    Stay,
    Visit,
    WeeklyRule,
)
from tests.factories import accepted_occasion, make_occasion, submitted_request
from ui.models import BlockedSource

pytestmark = pytest.mark.django_db

FEW, MANY = 5, 20
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


def test_the_table_of_a_board_at_every_turn_of_the_road(submitted_request, board_member, assert_flat):
    board = board_member.memberships.get().board
    pages = [f"/boards/{board.public_id}/", f"/boards/{board.public_id}/?month=2026-12&year=2026", "/my/"]
    for state in ("submitted", "with_board", "returned"):
        make = lambda state=state: another(another_request(submitted_request), number=f"T-{next(numbers)}", state=state)
        assert_flat(board_member, pages, make)


def test_the_visits_of_a_board(confirmed_visit, board_member, assert_flat):
    board = board_member.memberships.get().board
    type(board).objects.filter(pk=board.pk).update(route="copy")
    pages = [f"/boards/{board.public_id}/", f"/boards/{board.public_id}/?state=planned"]
    assert_flat(board_member, pages, lambda: another_visit(confirmed_visit))


def test_drafts_that_a_board_began_for_its_schools(draft_request, board_member, assert_flat):
    make = lambda: another(another_request(draft_request), number="", entered_by=board_member)
    assert_flat(board_member, [f"/boards/{draft_request.school.board.public_id}/?state=draft", "/my/"], make)


def test_the_schools_of_a_board(submitted_request, board_member, assert_flat):
    board = submitted_request.school.board
    pages = [f"/boards/{board.public_id}/schools/", f"/boards/{board.public_id}/ask/"]

    def make() -> None:
        another_membership(another_school(submitted_request.school))

    assert_flat(board_member, pages, make)


def test_the_municipalities_of_a_prefecture(verified_visit, board_member, assert_flat):
    board = board_member.memberships.get().board
    municipal = type(board).objects.get(kind="municipality", prefecture_code=board.prefecture_code)

    def make() -> None:
        new = another(municipal, name_ja=f"試験第{next(numbers)}市教育委員会")
        school = another_school(verified_visit.school)
        type(school).objects.filter(pk=school.pk).update(board=new)
        visit = another_visit(verified_visit)
        type(visit).objects.filter(pk=visit.pk).update(school=school)
        ReachEntry.objects.filter(visit=visit).update(school=school)

    assert_flat(board_member, [f"/boards/{board.public_id}/municipalities/"], make)


def test_boards_on_the_desk(board_member, coordinator, assert_flat):
    board = board_member.memberships.get().board
    assert_flat(coordinator, ["/desk/boards/"], lambda: another(board, name_ja=f"試験第{next(numbers)}市教育委員会"))
    page = f"/desk/boards/{board.public_id}/"

    def make() -> None:
        number = next(numbers)
        person = User.objects.create_user(f"shidou{number}@example.jp", name=f"指導 {number}")
        Membership.objects.create(person=person, role=Role.BOARD_MEMBER, board=board, verified_at=timezone.now())

    assert_flat(coordinator, [page], make)


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


def test_outside_calendars(ambassador, coordinator, assert_flat):
    """An owner has five at most; of those who wait the desk may have any number."""

    def make() -> None:
        source = ambassador.calendar_sources.create(name="x", host="cloud.example.jp", succeeded_at=timezone.now())
        source.busy_blocks.create(
            ambassador=ambassador, starts_at=timezone.now(), ends_at=timezone.now() + dt.timedelta(hours=1)
        )

    assert_flat(ambassador.user, ["/my/availability/calendars/"], make)
    assert_flat(coordinator, ["/desk/calendars/", "/desk/ambassadors/", "/my/"], make)


def test_appointments_versions_and_assistants(ambassador, assistant, coordinator, assert_flat):
    def make() -> None:
        number = next(numbers)
        day = dt.date(2030, 4, 1) + dt.timedelta(days=number)
        ambassador.appointments.create(from_day=day, until=day)
        ambassador.assistants.create(email=f"hisho{number}@example.jp", named_by=ambassador.user)
        CodeOfConduct.objects.create(fiscal_year=2026, version=number, body_ja="約束。", made_by=coordinator)

    assert_flat(coordinator, [f"/desk/ambassadors/{ambassador.public_id}/", "/desk/conduct/"], make)
    assert_flat(ambassador.user, ["/my/assistants/", "/my/profile/"], make)


def test_the_calendar(waiting_offer, confirmed_visit, ambassador, school_contact, coordinator, assert_flat):
    for view in ("month", "week", "list"):
        pages = [f"/my/calendar/?view={view}&date=2026-12-14"]
        for person in (ambassador.user, school_contact, coordinator):
            assert_flat(person, pages, lambda: (another_offer(waiting_offer), another_visit(confirmed_visit)))


def test_hours_days_and_stays(ambassador, assert_flat):
    def make() -> None:
        day = dt.date(2027, 1, 1) + dt.timedelta(days=next(numbers))
        rule = WeeklyRule(
            ambassador=ambassador, weekday=1, from_time=dt.time(9), until_time=dt.time(10), valid_from=day
        )
        rule.save()
        DayException.objects.create(ambassador=ambassador, kind="blocked", first_day=day, last_day=day)
        Stay.objects.create(ambassador=ambassador, first_day=day, last_day=day, prefecture_code="27")

    assert_flat(ambassador.user, ["/my/availability/"], make)


def test_addresses_of_calendars(ambassador, assert_flat):
    def make() -> None:
        number = next(numbers)
        ambassador.user.feeds.create(name=f"{number}", token_hash=f"{number}", last_used_at=timezone.now())

    assert_flat(ambassador.user, ["/my/feeds/", "/my/"], make)


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


def test_people_and_their_roles(school, school_contact, coordinator, superuser, assert_flat):
    pages = ["/desk/people/", "/desk/people/?q=example&list=", "/desk/people/?list=desk"]
    assert_flat(coordinator, pages, lambda: another_membership(school))
    role = coordinator.memberships.get()
    make = lambda: another(role, person=school_contact, role=Role.VIEWER)
    assert_flat(superuser, [f"/desk/people/{school_contact.public_id}/"], make)
    make = lambda: log(school_contact, "kakehashi.deactivate", user=superuser, data={"reason": "x"})
    assert_flat(superuser, [f"/desk/people/{school_contact.public_id}/"], make)


def test_everybody_who_belongs_somewhere(school, coordinator, assert_flat):
    assert_flat(coordinator, ["/desk/memberships/?q=新任"], lambda: another_membership(school))


def test_colleagues_and_open_invitations(school, school_contact, coordinator, assert_flat):
    def make() -> None:
        another_membership(school)
        known = another_membership(school)
        Membership.objects.filter(pk=known.pk).update(verified_at=timezone.now())
        number = next(numbers)
        Invitation.objects.create(
            address=f"g{number}@example.jp",
            role=Role.CONTACT,
            school=school,
            token_hash=f"{number}",
            invited_by=school_contact,
            expires_at=timezone.now() + dt.timedelta(days=7),
        )

    assert_flat(school_contact, ["/my/colleagues/", "/my/"], make)
    assert_flat(coordinator, ["/desk/invitations/"], make)


def test_mail_domains(school, coordinator, assert_flat):
    def make() -> None:
        MailDomain.objects.create(domain=f"s{next(numbers)}.example.ed.jp", school=school, listed_by=coordinator)

    assert_flat(coordinator, ["/desk/domains/"], make)


def test_boards_and_organisations_found(school_contact, org_member, board_member, coordinator, assert_flat):
    board, organisation = board_member.memberships.get().board, org_member.memberships.get().organisation

    def make() -> None:
        number = next(numbers)
        another(board, name_ja=f"試験第{number}教育委員会")
        another(organisation, slug=f"test-{number}", name_ja=f"試験第{number}機関")

    pages = [f"/my/board/?prefecture={board.prefecture_code}", "/my/organisation/"]
    assert_flat(school_contact, pages, make)
    assert_flat(coordinator, ["/desk/invitations/new/?role=board_member&q=試験", "/desk/domains/?q=試験"], make)


def test_requests_in_the_name_of_whoever_leaves(submitted_request, school_contact, assert_flat):
    membership = school_contact.memberships.get()
    pages = [f"/my/memberships/{membership.public_id}/leave/", f"/requests/hand-over/{membership.public_id}/"]
    assert_flat(school_contact, pages, lambda: another_request(submitted_request))


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


def another_message(visit: Visit, author: User, party: str) -> Message:
    """One more message, with a file."""
    message = Message.objects.create(visit=visit, author=author, party=party, text="x")
    Attachment.objects.create(message=message, file=f"x{next(numbers)}", name="x.pdf", kind="pdf", size=1)
    return message


def test_messages_on_their_page_and_on_that_of_the_visit(
    confirmed_visit, school_contact, ambassador, coordinator, assert_flat
):
    page = f"/visits/{confirmed_visit.public_id}/"

    def make() -> None:
        message = another_message(confirmed_visit, ambassador.user, "ambassador")
        Reading.objects.create(visit=confirmed_visit, party="coordinator", up_to=message, by=coordinator)

    for person in (school_contact, coordinator):
        assert_flat(person, [page, f"{page}messages/"], make)


def test_unread_messages_of_many_visits(confirmed_visit, school_contact, ambassador, coordinator, assert_flat):
    def make() -> None:
        visit = another_visit(confirmed_visit)
        another_message(visit, ambassador.user, "ambassador")
        another_message(visit, school_contact, "school")

    assert_flat(school_contact, ["/my/"], make)
    assert_flat(ambassador.user, ["/my/"], make)
    assert_flat(coordinator, ["/my/", "/desk/?list=messages", "/desk/?list=booked"], make)


def test_schools_on_the_desk(school, coordinator, assert_flat):
    pages = ["/desk/schools/", "/desk/schools/?q=試験&prefecture=13", "/desk/schools/?founder=known"]
    assert_flat(coordinator, pages, lambda: another_school(school))


def test_people_and_requests_of_one_school_on_the_desk(submitted_request, coordinator, assert_flat):
    page = f"/desk/schools/{submitted_request.school.public_id}/"

    def make() -> None:
        another_membership(submitted_request.school)
        another_request(submitted_request)

    assert_flat(coordinator, [page], make)


def test_closed_schools_found(school, school_contact, assert_flat):
    make = lambda: another(another_school(school), school_code=f"D1133{next(numbers):08d}", closed_on=dt.date(2024, 3, 31), successor=school)  # fmt: skip
    assert_flat(school_contact, ["/my/school/?name=試験"], make)


def test_inquiries_on_the_desk(coordinator, assert_flat):
    first = Inquiry.objects.create(kind="concern", danger="yes", text="x", state="taken", taken_by=coordinator)
    step = InquiryStep.objects.create(inquiry=first, verb="note", by=coordinator, text="x")
    inquiries.open_concern(first, by=coordinator)

    def make() -> None:
        another(first, state="new", taken_by=None)
        another(first, kind="question", topic="press", danger="", taken_by=User.objects.order_by("?").first())
        another(step)

    pages = ["/desk/inquiries/", "/desk/inquiries/?state=new&kind=concern", first.get_absolute_url(), "/my/", "/desk/"]
    assert_flat(coordinator, pages, make)


def test_what_browsers_stopped(superuser, assert_flat):
    make = lambda: BlockedSource.objects.create(directive="img-src", source=f"https://{next(numbers)}.example/", page="/")  # fmt: skip
    assert_flat(superuser, ["/cms/reports/blocked/"], make)
