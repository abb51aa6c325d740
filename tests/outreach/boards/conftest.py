"""A board with its school, and a municipality in the same prefecture that it sees as counts alone."""

import pytest
from django.utils import timezone

from accounts.models import Membership, User
from demo.living import wish
from outreach.models import Board, Request, School
from outreach.requests.actions import SlotWish
from outreach.schools.models import BoardKind
from tests import factories

CANARY = "CNRY"


@pytest.fixture
def board(board_member) -> Board:
    """Of board@: the prefectural board that founded the school of teacher@."""
    return board_member.memberships.get().board


def route_of(board: Board, route: str) -> Board:
    Board.objects.filter(pk=board.pk).update(route=route)
    board.route = route
    return board


@pytest.fixture
def via(board) -> Board:
    return route_of(board, "via")


@pytest.fixture
def copied(board) -> Board:
    return route_of(board, "copy")


@pytest.fixture
def with_board(draft_request, via, school_contact) -> Request:
    return factories.submitted_request(request=Request.objects.get(pk=draft_request.pk))


def person_of(**place) -> User:
    """Somebody vouched for at a school or a board."""
    number = User.objects.count()
    person = User.objects.create_user(f"somebody{number}@example.jp", name=f"{CANARY} {number}")
    role = "contact" if "school" in place else "board_member"
    Membership.objects.create(person=person, role=role, verified_at=timezone.now(), position="教頭", **place)
    return person


@pytest.fixture
def foreign_board_member(board) -> User:
    """Speaks for the board of another prefecture."""
    other = Board.objects.filter(kind=BoardKind.PREFECTURE).exclude(pk=board.pk).first()
    return person_of(board=other)


@pytest.fixture
def municipality(board) -> Board:
    return Board.objects.get(kind=BoardKind.MUNICIPALITY, prefecture_code=board.prefecture_code)


@pytest.fixture
def municipal_request(municipality) -> Request:
    """Of a municipal school in the board's prefecture; every word of it is a canary."""
    school = School.objects.filter(board=municipality).first()
    School.objects.filter(pk=school.pk).update(name_ja=f"{CANARY}小学校")
    request = factories.make_request(
        by=person_of(school=school), school=school, groups=(("elementary", 5, CANARY, 40),), aims=CANARY, place=CANARY
    )
    Request.objects.filter(pk=request.pk).update(wishes=CANARY, lesson_name=CANARY)
    return Request.objects.get(pk=request.pk)


def wishes_of(school: School) -> list[SlotWish]:
    """One day, third and fourth period."""
    return [wish(school, factories.school_day(24), 3, 4)]
