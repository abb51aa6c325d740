"""Belonging to a school or a board: saying so. Vouching and leaving are the same for every place and lie in accounts."""

from django.utils.translation import gettext as _

from accounts.memberships import actions as memberships
from accounts.memberships.actions import forget_read_memberships, vouch
from accounts.models import Membership, User
from outreach.lives import NotAllowed
from outreach.schools.models import Board, School


def join(school: School, *, by: User, position: str = "", phone: str = "") -> Membership:
    """The person says they belong to the school; the desk is asked to make sure. Said twice, it is said once."""
    if school.closed_on:
        raise NotAllowed(_("%(school)sは廃止されています。いまの学校名で探してください。") % {"school": school.name})
    return memberships.join(school, by=by, position=position, phone=phone)


def join_board(board: Board, *, by: User, position: str = "", phone: str = "") -> Membership:
    """The person says they work for the board; until somebody vouches, nothing of the board is open to them."""
    return memberships.join(board, by=by, position=position, phone=phone)


__all__ = ["forget_read_memberships", "join", "join_board", "vouch"]
