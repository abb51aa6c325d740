"""Who may act on an offer or a visit, and in whose name."""

from outreach.ambassadors.rules import speaks_for, spoken_for
from outreach.lives import Party
from outreach.requests.rules import parties_of as parties_of_request


def parties_of_offer(user, offer) -> set[Party]:
    parties = set()
    if user is None or not user.is_active:
        return parties
    if user.is_coordinator:
        parties.add(Party.COORDINATOR)
    if speaks_for(user, offer.ambassador):
        parties.add(Party.AMBASSADOR)
    return parties


def parties_of_visit(user, visit) -> set[Party]:
    """The school acts on a visit only through people somebody has vouched for."""
    parties = parties_of_request(user, visit.request)
    if Party.SCHOOL in parties and visit.school_id and visit.school_id not in user.verified_school_ids:
        parties.discard(Party.SCHOOL)
    if spoken_for(user, visit.present_ambassadors):
        parties.add(Party.AMBASSADOR)
    return parties
