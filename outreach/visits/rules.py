"""Who may act on an offer or a visit, and in whose name."""

from outreach.lives import Party
from outreach.requests.rules import parties_of as parties_of_request


def parties_of_offer(user, offer) -> set[Party]:
    parties = set()
    if user is None or not user.is_active:
        return parties
    if user.is_coordinator:
        parties.add(Party.COORDINATOR)
    if offer.ambassador.user_id == user.pk:
        parties.add(Party.AMBASSADOR)
    return parties


def parties_of_visit(user, visit) -> set[Party]:
    """The school acts on a visit only through people somebody has vouched for."""
    parties = parties_of_request(user, visit.request)
    if Party.SCHOOL in parties and visit.school_id and visit.school_id not in user.verified_school_ids:
        parties.discard(Party.SCHOOL)
    if user is not None and user.is_active and any(a.user_id == user.pk for a in visit.present_ambassadors):
        parties.add(Party.AMBASSADOR)
    return parties
