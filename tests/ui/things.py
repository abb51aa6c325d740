"""What each form is about: a request in this state, a person with that role, a worry that somebody has written."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Membership, User
from outreach.ambassadors import profile
from outreach.availability import sources
from outreach.calendars import actions as calendars
from outreach.inquiries import actions as inquiries
from outreach.models import Board, CalendarSource, Feed, Inquiry, Organisation, ProfileProposal, Request, Visit
from outreach.requests.actions import submit
from outreach.visits import actions as visits
from tests import factories
from tests.accounts.codes import with_app
from tests.factories import accepted_occasion, make_occasion, past_visit


@pytest.fixture
def waiting_calendar(ambassador) -> CalendarSource:
    """Of a host that nobody has used before."""
    return sources.connect(ambassador, by=ambassador.user, address="https://cloud.example.jp/x.ics")


@pytest.fixture
def waiting_membership(unverified_contact) -> Membership:
    return unverified_contact.memberships.get()


@pytest.fixture
def request_of_two_days(open_request, school_contact) -> Request:
    """One of its three days was dropped, so that there is room for another."""
    return visits.drop_date(open_request, open_request.slots.get(rank=3), by=school_contact)


@pytest.fixture
def withdrawn_request(submitted_request, school_contact) -> Request:
    return visits.withdraw(submitted_request, by=school_contact, reason="行事と重なりました。")


@pytest.fixture
def request_with_board(draft_request, school_contact, board_member) -> Request:
    """The board of the school wants to see its requests first."""
    board = board_member.memberships.get().board
    type(board).objects.filter(pk=board.pk).update(route="via")
    type(draft_request.school).objects.filter(pk=draft_request.school_id).update(board=board)
    return submit(Request.objects.get(pk=draft_request.pk), by=school_contact)


@pytest.fixture
def board(board_member) -> Board:
    return board_member.memberships.get().board


@pytest.fixture
def dictated_request(coordinator, school) -> Request:
    """What a school asked for by telephone, before anything of it is written."""
    return visits.start_for_host({"school": school}, by=coordinator, contact=None, caller_name="教頭の佐藤")


@pytest.fixture
def dictated_contest(coordinator) -> Request:
    return visits.start_for_host({}, by=coordinator, contact=coordinator, kind="contest")


@pytest.fixture
def arranged_request(coordinator, school) -> Request:
    """Both sides have agreed on a day; who comes is not written yet."""
    return factories.dictated_request(school, by=coordinator, entry="arranged")


@pytest.fixture
def person(school_contact) -> User:
    return school_contact


@pytest.fixture
def person_with_app(school_contact) -> User:
    with_app(school_contact)
    return school_contact


@pytest.fixture
def paused_person(school_contact) -> User:
    User.objects.filter(pk=school_contact.pk).update(is_active=False)
    return User.objects.get(pk=school_contact.pk)


@pytest.fixture
def role_ending_soon(coordinator) -> Membership:
    coordinator.memberships.update(until=timezone.localdate() + dt.timedelta(days=30))
    return coordinator.memberships.get()


@pytest.fixture
def organisation(org_member) -> Organisation:
    return org_member.current_memberships[0].organisation


@pytest.fixture
def own_membership(school_contact) -> Membership:
    return school_contact.memberships.get()


@pytest.fixture
def membership_with_request(draft_request, own_membership) -> Membership:
    return own_membership


@pytest.fixture
def membership_of_admin(org_admin) -> Membership:
    return org_admin.memberships.get()


@pytest.fixture
def draft_event(db) -> Request:
    return make_occasion()


@pytest.fixture
def draft_content(db) -> Request:
    return make_occasion(kind="content")


@pytest.fixture
def past_event(clock) -> Visit:
    return past_visit(clock, visit=accepted_occasion())


@pytest.fixture
def accepted_content(db) -> Visit:
    return accepted_occasion(kind="content")


@pytest.fixture
def card_that_waits(ambassador) -> ProfileProposal:
    return profile.propose(ambassador, by=ambassador.user, texts={"about_ja": "新しい紹介"})


@pytest.fixture
def new_concern(db) -> Inquiry:
    return inquiries.send(kind="concern", text="こわかったです。", mail="hanako@example.jp")


@pytest.fixture
def concern_in_hand(new_concern, coordinator) -> Inquiry:
    return inquiries.take(new_concern, by=coordinator)


@pytest.fixture
def question_in_hand(coordinator) -> Inquiry:
    """Can be read at once, unlike a concern, whose reading is put on record first."""
    row = inquiries.send(kind="question", topic="press", text="取材できますか。", mail="hanako@example.jp")
    return inquiries.take(row, by=coordinator)


@pytest.fixture
def closed_question(coordinator) -> Inquiry:
    row = inquiries.send(kind="question", topic="press", text="取材できますか。", mail="hanako@example.jp")
    inquiries.answer(row, by=coordinator, text="できます。", then_close=True)
    return row


@pytest.fixture
def feed_of_ambassador(ambassador) -> Feed:
    return calendars.make(by=ambassador.user, name="スマートフォン", scope="full")[0]
