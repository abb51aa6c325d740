"""Who may invite whom, and for whom an invitation is good."""

import hashlib
import secrets
from typing import Any

from django.http import HttpRequest

from accounts.memberships.rules import speaks_for
from accounts.models import DESK_ROLES, Invitation, Membership, Role, User

IN_SESSION = "invitation"
WHAT_IS_SHOWN = ("school", "board", "organisation", "invited_by")


def new_token() -> str:
    """32 random bytes, as they stand in an address."""
    return secrets.token_urlsafe(32)


def print_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def may_invite(user: User, role: str, place: Any) -> bool:
    """Administrators invite all, also to the desk itself; the desk invites to every place; a verified school contact
    to their own school, an admin to their own organisation.
    """
    if not user.is_active:
        return False
    if role in DESK_ROLES or place is None:
        return user.is_superuser
    if user.is_coordinator:
        return True
    if role == Role.CONTACT:
        return speaks_for(user, place)
    return role in (Role.MEMBER, Role.ADMIN) and any(
        own.role == Role.ADMIN and own.verified_at and own.organisation_id == place.pk
        for own in user.current_memberships
    )


def roles_to_offer(user: User, membership: Membership) -> list[Role]:
    """The roles to which this person invites others at the place of a membership of theirs."""
    if not membership.verified_at or membership.place is None:
        return []
    roles = {"school": [Role.CONTACT], "organisation": [Role.MEMBER, Role.ADMIN]}
    wanted = roles["school"] if membership.school_id else roles["organisation"] if membership.organisation_id else []
    return [role for role in wanted if may_invite(user, role, membership.place)]


def may_manage(user: User, invitation: Invitation) -> bool:
    return may_invite(user, invitation.role, invitation.place)


def is_good(invitation: Invitation | None) -> bool:
    """Whether whoever invited may still do so."""
    return invitation is not None and may_manage(invitation.invited_by, invitation)


def by_token(token: str) -> Invitation | None:
    """The invitation that this token redeems now; None for a bad, used, revoked or old one."""
    rows = Invitation.objects.redeemable().select_related(*WHAT_IS_SHOWN)
    found = rows.filter(token_hash=print_of(token)).first()
    return found if is_good(found) else None


def remember(request: HttpRequest, invitation: Invitation) -> None:
    """Whoever showed the token goes on to sign in or sign up, and comes back to the invitation."""
    request.session[IN_SESSION] = [str(invitation.public_id), invitation.token_hash]


def forget(request: HttpRequest) -> None:
    request.session.pop(IN_SESSION, None)


def remembered(request: HttpRequest) -> Invitation | None:
    """The invitation whose token was shown in this browser, while it can still be redeemed."""
    kept = request.session.get(IN_SESSION)
    if not kept:
        return None
    rows = Invitation.objects.redeemable().select_related(*WHAT_IS_SHOWN)
    found = rows.filter(public_id=kept[0], token_hash=kept[1]).first()
    return found if is_good(found) else None
