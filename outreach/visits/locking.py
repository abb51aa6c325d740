"""Rows made ours before they are changed, in one order always: request, visit, ambassadors by id.

A row is read only after its lock is held: somebody may have been faster.
"""

from collections.abc import Iterable

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone

from accounts.models import User
from outbox.actions import call_back, post_all
from outreach.ambassadors.models import Ambassador
from outreach.availability import actions as time
from outreach.availability.models import Hold
from outreach.lives import Party
from outreach.requests.actions import locked, step, take_step
from outreach.requests.models import Request, Step
from outreach.requests.states import RequestState
from outreach.visits import letters
from outreach.visits.models import Offer, Participation, Reschedule, Visit
from outreach.visits.rules import parties_of_offer, parties_of_visit
from outreach.visits.states import (
    LIFE_OF_A_RESCHEDULE,
    LIFE_OF_A_VISIT,
    LIFE_OF_AN_OFFER,
    OfferState,
    RescheduleState,
    VisitState,
)


def lock_ambassadors(ids: Iterable[int]) -> dict[int, Ambassador]:
    """The ambassadors by id, their expired holds let go: what the clock has freed is free."""
    wanted = sorted(set(ids))
    people = Ambassador.objects.select_related("user", "conditions").select_for_update(of=("self",))
    people = people.filter(pk__in=wanted).order_by("pk")
    found = {person.pk: person for person in people}
    time.let_go_of_expired(wanted)
    return found


def living_visit(request: Request) -> Visit | None:
    """The visit of a locked request, locked, or None."""
    visit = (
        Visit.objects.select_for_update(of=("self",))
        .filter(request=request)
        .exclude(state__in=(VisitState.CANCELLED, VisitState.NOT_HELD))
        .first()
    )
    return _with_people(visit, request) if visit else None


def _with_people(visit: Visit, request: Request) -> Visit:
    """The visit knowing its request and, freshly read, who takes part."""
    visit = Visit.objects.select_related("school", "slot").prefetch_related(_people()).get(pk=visit.pk)
    visit.request = request
    return visit


def _people() -> Prefetch:
    return Prefetch("participations", Participation.objects.select_related("ambassador__user"))


def read_people(visit: Visit) -> None:
    """Somebody came or left: who takes part is read anew, once for all that follows."""
    visit._prefetched_objects_cache = {}
    prefetch_related_objects([visit], _people())


def open_offer(offer: Offer) -> tuple[Request, Offer]:
    request = locked(offer.request)
    offer = Offer.objects.select_related("ambassador__user", "request").get(pk=offer.pk)
    offer.request = request
    return request, offer


def open_visit(visit: Visit) -> Visit:
    """The visit with its request's and its own row locked; a request whose day has come counts as booked."""
    request = locked(visit.request)
    Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    visit = _with_people(visit, request)
    begin_if_the_day_came(visit)
    return visit


def begin_if_the_day_came(visit: Visit) -> bool:
    """The day came with at least one ambassador: nobody is looked for any more."""
    has_come = visit.state == VisitState.CONFIRMED and visit.holds_time and visit.starts_at <= timezone.now()
    return has_come and begin_visit(visit)


def begin_visit(visit: Visit) -> bool:
    """A request that still looked for more ambassadors is booked with those who come."""
    request = visit.request
    if request.state != RequestState.OPEN:
        return False
    step(request, "begin", by=None, parties={Party.SYSTEM}, visit=visit)
    take_back_offers(waiting_offers(request), by=None, parties={Party.SYSTEM}, reason=letters.DAY_CAME)
    return True


def offer_step(
    offer: Offer, verb: str, *, by: User | None, parties: set[Party] | None = None, reason: str = ""
) -> Step:
    parties = parties_of_offer(by, offer) if parties is None else parties
    return take_step(
        offer, LIFE_OF_AN_OFFER, verb, by=by, parties=parties, reason=reason, request=offer.request, offer=offer
    )


def visit_step(
    visit: Visit, verb: str, *, by: User | None, parties: set[Party] | None = None, reason: str = ""
) -> Step:
    parties = parties_of_visit(by, visit) if parties is None else parties
    could_move = visit.state == VisitState.CONFIRMED
    taken = take_step(
        visit, LIFE_OF_A_VISIT, verb, by=by, parties=parties, reason=reason, request=visit.request, visit=visit
    )
    if could_move and visit.state != VisitState.CONFIRMED:
        # The clock has ended them, and perhaps nobody has written it down yet: their time must not outlive their visit.
        write_down_expired_proposals(visit)
    return taken


def next_version_of_entry(visit: Visit) -> None:
    """Whoever has this visit in a calendar takes what it says now for newer: its time, place or state is another."""
    visit.sequence += 1
    visit.save(update_fields=["sequence"])


def reschedule_step(
    reschedule: Reschedule, verb: str, *, by: User | None, parties: set[Party], reason: str = ""
) -> Step:
    visit = reschedule.visit
    return take_step(
        reschedule,
        LIFE_OF_A_RESCHEDULE,
        verb,
        by=by,
        parties=parties,
        reason=reason,
        request=visit.request,
        visit=visit,
        reschedule=reschedule,
    )


def waiting_offers(request: Request) -> list[Offer]:
    """Offers of a locked request that wait for an answer, whatever the clock says of them."""
    offers = list(request.offers.filter(state=OfferState.SENT).select_related("ambassador__user"))
    for offer in offers:
        offer.request = request
    return offers


def take_back(offer: Offer, verb: str, *, by: User | None, parties: set[Party], reason: str) -> None:
    """The question is no longer open: the ambassador's time is free and they learn why."""
    time.let_go(Hold.objects.filter(offer=offer))
    offer_step(offer, verb, by=by, parties=parties, reason=reason)
    # Where the question itself still waits for the morning it is not sent, and there is nothing to take back.
    questions = {draft.key: draft.to.pk for draft in letters.offered(offer)}
    unasked = {questions[key] for key in call_back(questions)}
    post_all(draft for draft in letters.offer_retracted(offer, reason) if draft.to.pk not in unasked)


def take_back_offers(offers: Iterable[Offer], *, by: User | None, parties: set[Party], reason: str) -> None:
    for offer in offers:
        if offer.expires_at <= timezone.now():
            write_down_expired(offer)
        else:
            take_back(offer, "lapse", by=by, parties=parties, reason=reason)


def write_down_expired(offer: Offer) -> None:
    """The row says what the clock has said since the moment the offer ended."""
    time.let_go(Hold.objects.filter(offer=offer, visit__isnull=True))
    offer_step(offer, "expire", by=None, parties={Party.SYSTEM})
    post_all(letters.offer_expired(offer))


def end_proposal(visit: Visit, *, by: User | None, parties: set[Party], reason: str) -> None:
    """A proposal to move this visit, if one is open, has lost its sense."""
    for reschedule in visit.reschedules.filter(state=RescheduleState.OPEN).select_related("slot", "old_slot"):
        reschedule.visit = visit
        close_proposal(reschedule, "lapse", by=by, parties=parties, reason=reason)
        post_all(letters.reschedule_ended(reschedule, reason))


def write_down_expired_proposals(visit: Visit) -> int:
    """Proposals to move this visit whose moment has passed; how many there were."""
    count = 0
    over = visit.reschedules.filter(state=RescheduleState.OPEN, expires_at__lte=timezone.now())
    for reschedule in over.select_related("slot", "old_slot"):
        reschedule.visit = visit
        close_proposal(reschedule, "expire", by=None, parties={Party.SYSTEM})
        post_all(letters.reschedule_expired(reschedule))
        count += 1
    return count


def close_proposal(
    reschedule: Reschedule, verb: str, *, by: User | None, parties: set[Party], reason: str = ""
) -> Step:
    """The new day is given up: its time is free and the visit stays where it was."""
    time.let_go(Hold.objects.filter(reschedule=reschedule))
    reschedule.slot.dropped_at = timezone.now()
    reschedule.slot.save(update_fields=["dropped_at"])
    return reschedule_step(reschedule, verb, by=by, parties=parties, reason=reason)
