"""Who may act on a request, and in whose name."""

from outreach.lives import Party


def parties_of(user, request) -> set[Party]:
    """In whose name this person may act on the request; a verified colleague acts like the one who asked."""
    parties: set[Party] = set()
    if user is None or not user.is_active:
        return parties
    if user.is_coordinator:
        parties.add(Party.COORDINATOR)
    if request.school_id and (
        request.school_id in user.verified_school_ids
        or (request.entered_by_id == user.pk and request.school_id in user.school_ids)
    ):
        parties.add(Party.SCHOOL)
    return parties
