"""Recounts a world: does every row say what its steps, its life and its report say?"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from django.db.models import Sum
from django.utils import timezone

from outreach.lives import Life
from outreach.models import (
    Appointment,
    Group,
    Hold,
    NumberSeries,
    Offer,
    ReachEntry,
    Report,
    Request,
    Reschedule,
    School,
    Step,
    Visit,
)
from outreach.requests.models import Entry, Kind
from outreach.requests.states import LIFE_OF_A_REQUEST, RequestState
from outreach.schools.places import check_digit_is_usual
from outreach.visits import ledger
from outreach.visits.models import Standing
from outreach.visits.states import (
    HOLDING,
    LIFE_OF_A_RESCHEDULE,
    LIFE_OF_A_VISIT,
    LIFE_OF_AN_OFFER,
    OfferState,
    RescheduleState,
    VisitState,
)

STANDING_OF = {
    VisitState.CONFIRMED: Standing.BOOKED,
    VisitState.DELIVERED: Standing.BOOKED,
    VisitState.RETURNED: Standing.RETURNED,
    VisitState.REPORTED: Standing.REPORTED,
    VisitState.VERIFIED: Standing.VERIFIED,
    VisitState.CORRECTED: Standing.VERIFIED,
}
LIVES = {
    LIFE_OF_A_REQUEST: (Request, RequestState.DRAFT, ""),
    LIFE_OF_AN_OFFER: (Offer, OfferState.SENT, "send"),
    LIFE_OF_A_VISIT: (Visit, VisitState.CONFIRMED, "confirm"),
    LIFE_OF_A_RESCHEDULE: (Reschedule, RescheduleState.OPEN, "propose"),
}


def problems() -> list[str]:
    """Every contradiction in a sentence; an empty list when the world is whole."""
    return [*_codes(), *_numbers(), *_steps(), *_holds(), *_appointments(), *_ledger(), *_meetings()]


def states() -> set[tuple[str, str]]:
    """Every (life, state) that occurs."""
    return {
        (life.name, state)
        for life, (model, *_rest) in LIVES.items()
        for state in model.objects.order_by().values_list("state", flat=True).distinct()
    }


def _codes() -> Iterator[str]:
    for school in School.objects.all():
        code = f"{school.type_code}{school.prefecture_code}{school.founder_code}"
        if not school.school_code.startswith(code) or not check_digit_is_usual(school.school_code):
            yield f"{school.name_ja}: the code {school.school_code} does not fit"


def _numbers() -> Iterator[str]:
    by_year: dict[int, list[Request]] = defaultdict(list)
    for request in Request.objects.exclude(number="").order_by("fiscal_year", "place_in_queue_at", "pk"):
        by_year[request.fiscal_year].append(request)
    for year, requests in by_year.items():
        given = [int(request.number.partition("-")[2]) for request in requests]
        if given != list(range(1, len(given) + 1)):
            yield f"{year}: numbers do not follow the order of arrival"
        if NumberSeries.objects.get(fiscal_year=year).last_number != len(given):
            yield f"{year}: the series does not know its last number"
    for request in Request.objects.filter(number="").exclude(state__in=(RequestState.DRAFT, RequestState.WITHDRAWN)):
        yield f"request {request.pk}: {request.state} without a number"


def _steps() -> Iterator[str]:
    now = timezone.now()
    steps: dict[tuple[str, int], list[Step]] = defaultdict(list)
    for step in Step.objects.order_by("at", "pk"):
        steps[step.subject, getattr(step, f"{step.subject}_id")].append(step)
        if step.at > now:
            yield f"step {step.pk} lies in the future"
    for life, (model, first, opening) in LIVES.items():
        for thing in model.objects.all():
            taken = steps.pop((life.name, thing.pk), [])
            yield from (f"{life.name} {thing.pk}: {what}" for what in _story(life, thing, taken, first, opening))
    for subject, pk in steps:
        yield f"{subject} {pk} has steps but is gone"


def _story(
    life: Life, thing: Request | Offer | Visit | Reschedule, taken: list[Step], first: str, opening: str
) -> Iterator[str]:
    """What is wrong with the chain of steps that led to the state of a thing."""
    if opening:
        if not taken or (taken[0].verb, taken[0].from_state, taken[0].to_state) != (opening, "", first):
            yield "its first step is missing"
            return
        taken = taken[1:]
    for step in taken:
        move = life.find(step.verb, step.from_state)
        if move is None or move.target != step.to_state or step.party not in move.who:
            yield f"{step.party} cannot {step.verb} from {step.from_state} to {step.to_state}"
        elif move.needs_reason and not step.reason:
            yield f"{step.verb} has no reason"
    chain = [first, *(step.to_state for step in taken)]
    if [step.from_state for step in taken] != chain[:-1] or thing.state != chain[-1]:
        yield f"its steps lead to {chain[-1]}, its state is {thing.state}"
    if thing.version != len(taken):
        yield f"its version is {thing.version} after {len(taken)} moves"
    if taken and thing.state_since != taken[-1].at:
        yield "its state has another moment than its last step"


def _holds() -> Iterator[str]:
    holding = Hold.objects.filter(is_holding=True).order_by("ambassador_id", "blocked_from")
    by_person: dict[int, list[Hold]] = defaultdict(list)
    for hold in holding:
        by_person[hold.ambassador_id].append(hold)
    for person, holds in by_person.items():
        for place, hold in enumerate(holds):
            for other in holds[place + 1 :]:
                if other.blocked_from >= hold.blocked_until:
                    break
                if other.request_id != hold.request_id:
                    yield f"ambassador {person} is in two places on {hold.starts_at:%Y-%m-%d}"
    wanted = Counter(
        (visit.pk, person)
        for visit in Visit.objects.filter(state__in=HOLDING, slot__isnull=False)
        for person in visit.participations.filter(left_at=None).values_list("ambassador_id", flat=True)
    )
    kept = Counter((hold.visit_id, hold.ambassador_id) for hold in holding if hold.visit_id)
    if wanted != kept:
        yield f"{len(wanted - kept)} visits keep no time, {len(kept - wanted)} holds keep time for nothing"
    asked = Counter(Offer.slots.through.objects.filter(offer__state=OfferState.SENT).values_list("offer_id", "slot_id"))
    waiting = Counter((hold.offer_id, hold.slot_id) for hold in holding if hold.offer_id and not hold.visit_id)
    if asked != waiting:
        yield f"{len(asked - waiting)} slots of offers keep no time, {len(waiting - asked)} holds belong to no offer"
    proposed = Counter(
        (proposal.slot_id, person)
        for proposal in Reschedule.objects.filter(state=RescheduleState.OPEN)
        for person in proposal.visit.participations.filter(left_at=None).values_list("ambassador_id", flat=True)
    )
    kept = Counter((hold.slot_id, hold.ambassador_id) for hold in holding if hold.reschedule_id)
    if proposed != kept:
        yield f"{len(proposed - kept)} proposed days keep no time, {len(kept - proposed)} holds belong to no proposal"


def _appointments() -> Iterator[str]:
    terms: dict[int, list[tuple]] = defaultdict(list)
    for person, since, until in Appointment.objects.values_list("ambassador_id", "from_day", "until"):
        terms[person].append((since, until))
    for visit in Visit.objects.prefetch_related("participations").select_related("slot", "request"):
        if visit.slot and (visit.slot.day, visit.slot.starts_at, visit.slot.request_id) != (
            visit.day,
            visit.starts_at,
            visit.request_id,
        ):
            yield f"visit {visit.pk} is not on its slot"
        for participation in visit.participations.all():
            if not any(since <= visit.day <= until for since, until in terms[participation.ambassador_id]):
                yield f"visit {visit.pk} lies outside the appointment of {participation.ambassador_id}"
            if participation.joined_at >= visit.starts_at and visit.request.entry != Entry.AFTERWARDS:
                yield f"visit {visit.pk} was booked after it began"


def _ledger() -> Iterator[str]:
    sums: dict[int, Counter] = defaultdict(Counter)
    rows = (
        ReachEntry.objects.order_by().values_list("visit_id", "standing", "measure", "stage").annotate(n=Sum("amount"))
    )
    for visit_id, standing, measure, stage, amount in rows:
        if amount:
            sums[visit_id][standing, measure, stage] = amount
    reports: dict[int, Report] = {}
    for report in Report.objects.order_by("version").prefetch_related("groups"):
        reports[report.visit_id] = report
    for visit in Visit.objects.select_related("request").prefetch_related("request__planned_groups", "participations"):
        standing = STANDING_OF.get(VisitState(visit.state))
        wanted: Counter = Counter()
        if standing and visit.request.kind == Kind.SCHOOL_VISIT:
            report = reports.get(visit.pk) if standing in (Standing.REPORTED, Standing.VERIFIED) else None
            groups = report.groups.all() if report else visit.request.planned_groups.all()
            people = (
                report.ambassadors_present if report else sum(p.left_at is None for p in visit.participations.all())
            )
            for measure, stage, amount in ledger.amounts(list(groups), people):
                wanted[standing, measure, stage] = amount
        if sums[visit.pk] != wanted:
            yield f"visit {visit.pk} ({visit.state}): the ledger says {dict(sums[visit.pk])}, not {dict(wanted)}"
    for entry in ReachEntry.objects.select_related("step"):
        if entry.known_at != entry.step.at:
            yield f"ledger line {entry.pk} was not known at the moment of its step"


def _meetings() -> Iterator[str]:
    """Pupils met before belong to a grade that an earlier visit of the same fiscal year met."""
    groups = Group.objects.exclude(report__visit__state=VisitState.RETURNED).order_by("report__visit__starts_at", "pk")
    most: Counter = Counter()
    for group in groups.select_related("report__visit"):
        grade = (group.report.visit.fiscal_year, group.school_id, group.stage, group.grade)
        if group.already_met > most[grade]:
            yield f"group {group.pk}: {group.already_met} already met, but at most {most[grade]} could be"
        most[grade] = max(most[grade], group.present)
