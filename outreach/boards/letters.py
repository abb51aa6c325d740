"""What the people of a board and of its schools are told about the route and about drafts the board began."""

from django.urls import reverse
from django.utils import translation

from accounts.models import Membership, Role, User
from outbox.actions import Draft
from outreach.requests.letters import letter, page_in, people_of_board
from outreach.requests.models import Request
from outreach.schools.models import Board, School


def people_of_school(school: School) -> list[User]:
    """Everybody of the school for whom somebody has vouched."""
    members = Membership.objects.current().verified().filter(role=Role.CONTACT, school=school)
    return list(User.objects.filter(pk__in=members.values("person_id")).order_by("pk"))


def route_set(board: Board, reason: str, moment: str) -> list[Draft]:
    """The people of the board learn which way its schools' requests go from now on, and why."""
    return [
        letter(
            f"board:{board.public_id}:{moment}",
            "board_route_set",
            person,
            board=board,
            reason=reason,
            page=page_in(person, "boards:room", board.public_id),
        )
        for person in people_of_board(board)
    ]


def draft_begun(request: Request, board: Board) -> list[Draft]:
    """The people of the school learn that their board has begun a request for them, which is theirs to finish."""
    drafts = []
    for person in people_of_school(request.school):
        with translation.override(person.language):
            page = reverse("requests:edit", args=[request.public_id, "dates"])
        drafts.append(
            Draft(
                key=f"draft:{request.public_id}:board_draft_begun:{person.pk}",
                to=person,
                template="outreach/letters/board_draft_begun",
                context={"request": request, "board": board, "page": page},
            )
        )
    return drafts
