"""Who may act on a request, and in whose name."""

from typing import Any

from accounts.memberships.rules import speaks_for
from outreach.lives import Party


def hosts_of(user: Any) -> list[Any]:
    """In whose name this person may ask: their schools, then boards and organisations where somebody vouched for them."""
    places = user.current_memberships
    schools = [place.school for place in places if place.school_id]
    return schools + [place.board or place.organisation for place in places if _is_other_host(place)]


def may_ask(user: Any) -> bool:
    return any(place.school_id or _is_other_host(place) for place in user.current_memberships)


def _is_other_host(place: Any) -> bool:
    return bool((place.board_id or place.organisation_id) and place.verified_at)


def may_name_contact(user: Any, request: Any) -> bool:
    """Whether this person may say who the contact is: verified people of the host, and the desk."""
    if request.host is None or not user.is_active:
        return False
    return user.is_coordinator or speaks_for(user, request.host)


def may_note_approval(user: Any, request: Any) -> bool:
    """What the principal has said, only the school's own people can tell, and the desk when they call."""
    if request.school_id is None:
        return False
    parties = parties_of(user, request)
    return Party.COORDINATOR in parties or (Party.SCHOOL in parties and request.school_id in user.school_ids)


def parties_of(user, request) -> set[Party]:
    """In whose name this person may act on the request; a verified colleague acts like the one who asked.

    The host's people are the party SCHOOL, whatever the host is; the board of an asking school is the party BOARD.
    Whoever began a request for a school of their board acts on it in the school's name as well.
    """
    parties: set[Party] = set()
    if user is None or not user.is_active:
        return parties
    if user.is_coordinator:
        parties.add(Party.COORDINATOR)
    if request.school_id:
        is_of_board = bool(request.school.board_id and request.school.board_id in user.verified_board_ids)
        if request.school_id in user.verified_school_ids or (
            request.entered_by_id == user.pk and (request.school_id in user.school_ids or is_of_board)
        ):
            parties.add(Party.SCHOOL)
        if is_of_board:
            parties.add(Party.BOARD)
    elif (request.board_id and request.board_id in user.verified_board_ids) or (
        request.organisation_id and request.organisation_id in user.verified_organisation_ids
    ):
        parties.add(Party.SCHOOL)
    return parties
