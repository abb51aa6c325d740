"""The verbs of a confirmed visit up to its day: leaving, replacing, cancelling, and saying that it took place."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from outreach.ambassadors.models import Ambassador
from outreach.ambassadors.rules import spoken_for
from outreach.availability import actions as time
from outreach.availability.models import Hold
from outreach.lives import NotAllowed, Party, TooLate
from outreach.requests.actions import step
from outreach.requests.models import Step
from outreach.requests.states import RequestState
from outreach.visits import ledger, letters
from outreach.visits.locking import (
    end_proposal,
    lock_ambassadors,
    next_version_of_entry,
    open_visit,
    post_all,
    read_people,
    visit_step,
)
from outreach.visits.models import Participation, Standing, Visit
from outreach.visits.rules import parties_of_visit
from outreach.visits.states import VisitState


def _participation(visit: Visit, by: User, ambassador: Ambassador | None) -> Participation:
    """Whose taking part is meant: the ambassador's own, or the one the desk names."""
    parties = parties_of_visit(by, visit)
    own = {person.pk for person in spoken_for(by, visit.present_ambassadors)}
    if ambassador is None and len(own) > 1:
        raise NotAllowed(_("この訪問では2人以上の推進大使の秘書です。外れる推進大使を、訪問のページで選んでください。"))
    for participation in visit.participations.all():
        if participation.left_at is not None:
            continue
        is_own = participation.ambassador_id in own
        if (ambassador is None and is_own) or (
            ambassador is not None
            and participation.ambassador_id == ambassador.pk
            and (is_own or Party.COORDINATOR in parties)
        ):
            return participation
    raise TooLate(_("この推進大使は担当ではありません。画面を開き直して、いまの状態を確かめてください。"))


def _look_for_one_more(visit: Visit, *, by: User, parties: set[Party], reason: str) -> None:
    """Fewer than wanted are coming: the request is open again, the visit stays."""
    if visit.request.state == RequestState.BOOKED and visit.places_free:
        step(visit.request, "lose_one", by=by, parties=parties, reason=reason, visit=visit)


@transaction.atomic
def leave(visit: Visit, *, by: User, reason: str, ambassador: Ambassador | None = None) -> Visit:
    """One ambassador leaves and their time is free; the visit stays with the others, and the desk learns how many."""
    visit = open_visit(visit)
    participation = _participation(visit, by, ambassador)
    lock_ambassadors([participation.ambassador_id])
    parties = parties_of_visit(by, visit) & {Party.AMBASSADOR, Party.COORDINATOR}
    end_proposal(visit, by=by, parties=parties, reason=letters.SOMEBODY_LEFT)
    taken = visit_step(visit, "leave", by=by, parties=parties, reason=reason)
    participation.left_at, participation.left_reason = taken.at, reason.strip()
    participation.save(update_fields=["left_at", "left_reason"])
    time.let_go(Hold.objects.filter(visit=visit, ambassador_id=participation.ambassador_id))
    read_people(visit)
    ledger.write(visit, taken, Standing.BOOKED)
    _look_for_one_more(visit, by=by, parties=parties, reason=reason)
    post_all(letters.somebody_left(visit, participation.ambassador, reason))
    return visit


@transaction.atomic
def replace(visit: Visit, *, by: User, reason: str, ambassador: Ambassador) -> Visit:
    """The desk looks for somebody in this ambassador's place, who stays until somebody else has accepted."""
    visit = open_visit(visit)
    participation = _participation(visit, by, ambassador)
    if participation.replace_since:
        raise TooLate(_("%(name)sさんの交代は、もう探しています。") % {"name": ambassador.name})
    visit_step(visit, "replace", by=by, reason=reason)
    participation.replace_since = timezone.now()
    participation.left_reason = reason.strip()
    participation.save(update_fields=["replace_since", "left_reason"])
    read_people(visit)
    _look_for_one_more(visit, by=by, parties={Party.COORDINATOR}, reason=reason)
    return visit


def cancel_locked(visit: Visit, *, by: User, reason: str, parties: set[Party]) -> Step:
    """The visit will not take place; whoever calls has locked it and says what becomes of the request."""
    lock_ambassadors([ambassador.pk for ambassador in visit.present_ambassadors])
    end_proposal(visit, by=by, parties=parties, reason=reason)
    taken = visit_step(visit, "cancel", by=by, reason=reason, parties=parties)
    next_version_of_entry(visit)
    time.let_go(Hold.objects.filter(visit=visit))
    ledger.write(visit, taken, None)
    post_all(letters.cancelled(visit, reason, letters.spoken_by(visit, taken)))
    return taken


def _fall_through(visit: Visit, taken: Step, reason: str) -> None:
    step(visit.request, "fall_through", by=taken.by, parties={Party(taken.party)}, reason=reason, visit=visit)


@transaction.atomic
def cancel(visit: Visit, *, by: User, reason: str) -> Visit:
    """The visit will not take place; its time is free again, every party learns why, the request is open again."""
    visit = open_visit(visit)
    parties = parties_of_visit(by, visit)
    if parties == {Party.AMBASSADOR} and len(visit.present_ambassadors) > 1:
        raise NotAllowed(_("ほかの推進大使も担当です。来られないときは「担当を外れる」を選んでください。"))
    taken = cancel_locked(visit, by=by, reason=reason, parties=parties)
    _fall_through(visit, taken, reason)
    return visit


@transaction.atomic
def not_held(visit: Visit, *, by: User, reason: str) -> Visit:
    """The day passed and nothing took place: the visit counts nowhere, and the request can be given new dates."""
    visit = open_visit(visit)
    lock_ambassadors([ambassador.pk for ambassador in visit.present_ambassadors])
    taken = visit_step(visit, "not_held", by=by, reason=reason)
    next_version_of_entry(visit)
    time.let_go(Hold.objects.filter(visit=visit))
    ledger.write(visit, taken, None)
    _fall_through(visit, taken, reason)
    post_all(letters.not_held(visit, reason, letters.spoken_by(visit, taken)))
    return visit


@transaction.atomic
def deliver(visit: Visit, *, by: User) -> Visit:
    """Somebody who was there says that the lesson took place."""
    visit = open_visit(visit)
    visit_step(visit, "deliver", by=by)
    return visit


@transaction.atomic
def undo_deliver(visit: Visit, *, by: User) -> Visit:
    """It was said by mistake: nobody has said yet that the lesson took place."""
    visit = open_visit(visit)
    visit_step(visit, "undo_deliver", by=by)
    return visit


def begin_visits() -> str:
    """Requests whose day came with fewer ambassadors than wanted are booked with those who come."""
    count = 0
    come = Visit.objects.filter(
        state=VisitState.CONFIRMED, slot__isnull=False, starts_at__lte=timezone.now(), request__state=RequestState.OPEN
    )
    for visit in come.select_related("request"):
        with transaction.atomic():
            open_visit(visit)
        count += 1
    return f"{count} visits begun with fewer ambassadors than wanted"
