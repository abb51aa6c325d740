"""What must always hold between requests, offers, visits, kept time, steps, letters and the ledger.

`broken()` reads the rows as they are, each table once, and knows nothing of how they came about: it serves after races,
after killed workers and after every move of a random walk alike. Whoever asks while others write must ask inside one
snapshot of the database.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from outbox.models import Letter
from outreach.lives import Life
from outreach.models import (
    Hold,
    Offer,
    Participation,
    PlannedGroup,
    ReachEntry,
    Report,
    Request,
    Reschedule,
    Step,
    Visit,
)
from outreach.requests.models import Entry, Kind
from outreach.requests.states import LIFE_OF_A_REQUEST, RequestState
from outreach.visits.models import Group, Measure, Standing
from outreach.visits.states import (
    HOLDING,
    LIFE_OF_A_RESCHEDULE,
    LIFE_OF_A_VISIT,
    LIFE_OF_AN_OFFER,
    OfferState,
    RescheduleState,
    VisitState,
)

# (life, table, its first state, the verb that makes it; a request begins as a draft, silently).
LIVES: tuple[tuple[Life, type, str, str], ...] = (
    (LIFE_OF_A_REQUEST, Request, RequestState.DRAFT, ""),
    (LIFE_OF_AN_OFFER, Offer, OfferState.SENT, "send"),
    (LIFE_OF_A_VISIT, Visit, VisitState.CONFIRMED, "confirm"),
    (LIFE_OF_A_RESCHEDULE, Reschedule, RescheduleState.OPEN, "propose"),
)

STANDING_OF = {
    VisitState.CONFIRMED: Standing.BOOKED,
    VisitState.DELIVERED: Standing.BOOKED,
    VisitState.RETURNED: Standing.RETURNED,
    VisitState.REPORTED: Standing.REPORTED,
    VisitState.VERIFIED: Standing.VERIFIED,
    VisitState.CORRECTED: Standing.VERIFIED,
}

# Which news must have gone out because of a move; whoever is told beside these is the letters' own business.
TOLD: dict[tuple[str, str], tuple[str, ...]] = {
    ("request", "submit"): ("request_submitted",),
    ("request", "resubmit"): ("request_submitted",),
    ("request", "reopen"): ("request_submitted",),
    ("request", "send_to_board"): ("request_sent_to_board",),
    ("request", "pass_on"): ("request_passed_on",),
    ("request", "take_up"): ("request_taken_up",),
    ("request", "waitlist"): ("request_waitlisted",),
    ("request", "hand_back"): ("request_handed_back",),
    ("request", "decline"): ("request_declined",),
    ("request", "unmatch"): ("request_unmatched",),
    ("request", "withdraw"): ("request_withdrawn",),
    ("request", "expire"): ("request_expired",),
    ("offer", "send"): ("offer_sent",),
    ("offer", "retract"): ("offer_retracted",),
    ("offer", "lapse"): ("offer_retracted",),
    ("offer", "expire"): ("offer_expired",),
    ("visit", "confirm"): ("visit_confirmed_school", "visit_confirmed_ambassador"),
    ("visit", "join"): ("visit_joined_school", "visit_confirmed_ambassador"),
    ("visit", "leave"): ("visit_left_school", "visit_left_ambassador"),
    ("visit", "move"): ("visit_moved",),
    ("visit", "report"): ("report_received_ambassador",),
    ("visit", "hand_back"): ("report_handed_back",),
    ("visit", "verify"): ("report_verified_school", "report_verified_ambassador"),
    ("visit", "correct"): ("report_corrected",),
    ("visit", "cancel"): ("visit_cancelled_school", "visit_cancelled_ambassador"),
    ("visit", "not_held"): ("visit_not_held",),
    ("reschedule", "propose"): ("reschedule_asked",),
    ("reschedule", "refuse"): ("reschedule_refused",),
    ("reschedule", "withdraw"): ("reschedule_ended",),
    ("reschedule", "lapse"): ("reschedule_ended",),
    ("reschedule", "expire"): ("reschedule_expired",),
}
# Told to the desk alone, so told to nobody while nobody coordinates; or told by the letter of another thing's move.
TOLD_TO_THE_DESK_OR_ELSEWHERE = {
    ("request", "drop_date"),
    ("request", "add_dates"),
    ("request", "book"),
    ("request", "settle"),
    ("request", "begin"),
    ("request", "lose_one"),
    ("request", "fall_through"),
    ("request", "complete"),
    ("offer", "accept"),
    ("offer", "decline"),
    ("visit", "replace"),
    ("visit", "deliver"),
    ("visit", "undo_deliver"),
    ("reschedule", "agree"),
    ("reschedule", "swap"),
}
# Which move of which thing a letter speaks of: those of TOLD, and the others that are sure.
NEWS_OF: dict[str, set[tuple[str, str]]] = defaultdict(
    set,
    {
        "request_arrived": {("request", verb) for verb in ("submit", "resubmit", "reopen", "pass_on")},
        "request_with_board": {("request", "send_to_board")},
        "request_board_is_silent": {("request", "send_to_board")},
        "request_expired_desk": {("request", "expire")},
        "request_withdrawn_desk": {("request", "withdraw")},
        "request_date_dropped_desk": {("request", "drop_date")},
        "request_dates_added_desk": {("request", "add_dates")},
        "offer_declined": {("offer", "decline")},
        "offer_expired_desk": {("offer", "expire")},
        "offer_narrowed": {("visit", "confirm"), ("visit", "join")},
        "offer_lost_a_day": {("request", "drop_date")},
        "visit_confirmed_desk": {("visit", "confirm")},
        "visit_cancelled_desk": {("visit", "cancel")},
        "visit_joined_desk": {("visit", "join")},
        "visit_joined_ambassador": {("visit", "join")},
        "visit_left_ambassador": {("visit", "join")},
        "visit_left_others": {("visit", "leave")},
        "visit_left_desk": {("visit", "leave")},
        "visit_settled_school": {("request", "settle")},
        "report_received_desk": {("visit", "report")},
        "report_on_behalf_school": {("visit", "report")},
        "reschedule_proposed_desk": {("reschedule", "propose")},
    },
)
for _move, _all_news in TOLD.items():
    for _news in _all_news:
        NEWS_OF[_news] |= {_move}

# States of a request beside a visit that is neither cancelled nor missed.
BESIDE_A_VISIT = {
    VisitState.CONFIRMED: {RequestState.BOOKED, RequestState.OPEN},
    VisitState.DELIVERED: {RequestState.BOOKED, RequestState.OPEN},
    VisitState.REPORTED: {RequestState.BOOKED, RequestState.OPEN},
    VisitState.RETURNED: {RequestState.BOOKED, RequestState.OPEN},
    VisitState.VERIFIED: {RequestState.COMPLETED},
    VisitState.CORRECTED: {RequestState.COMPLETED},
}


def broken() -> list[str]:
    """A sentence for every invariant that does not hold, with the keys of the rows; empty when all is well."""
    rows = Rows(timezone.now())
    return [
        *overlapping_holds(rows),
        *two_places_at_once(rows),
        *visits_without_time(rows),
        *ownerless_holds(rows),
        *offers_without_time(rows),
        *requests_apart_from_their_visits(rows),
        *steps_apart_from_states(rows),
        *letters_apart_from_news(rows),
        *ledger_apart_from_reports(rows),
    ]


@dataclass(frozen=True)
class Rows:
    """The tables, each read when first asked for and once; by key, with what the checks compare."""

    now: dt.datetime

    @cached_property
    def holds(self) -> list[Hold]:
        return list(
            Hold.objects.filter(is_holding=True).select_related("slot").order_by("ambassador_id", "blocked_from", "pk")
        )

    @cached_property
    def requests(self) -> dict[int, Request]:
        return _by_key(Request.objects.only("pk", "public_id", "state", "version", "kind", "entry"))

    @cached_property
    def offers(self) -> dict[int, Offer]:
        fields = ("pk", "public_id", "state", "version", "request", "ambassador", "expires_at", "without_slots")
        return _by_key(Offer.objects.only(*fields))

    @cached_property
    def visits(self) -> dict[int, Visit]:
        fields = ("request", "slot", "starts_at", "ends_at", "day", "fiscal_year")
        return _by_key(Visit.objects.only("pk", "public_id", "state", "version", *fields))

    @cached_property
    def reschedules(self) -> dict[int, Reschedule]:
        return _by_key(Reschedule.objects.only("pk", "public_id", "state", "version", "visit", "slot", "expires_at"))

    @cached_property
    def present(self) -> dict[int, list[int]]:
        """Who takes part in each visit and has not left."""
        found: dict[int, list[int]] = defaultdict(list)
        for visit, person in Participation.objects.filter(left_at=None).values_list("visit_id", "ambassador_id"):
            found[visit].append(person)
        return found

    @cached_property
    def steps(self) -> dict[tuple[str, int | None], list[Step]]:
        """The steps of each thing, as they were taken."""
        found: dict[tuple[str, int | None], list[Step]] = defaultdict(list)
        for step in Step.objects.order_by("at", "pk"):
            found[step.subject, getattr(step, f"{step.subject}_id")].append(step)
        for taken in found.values():
            # Two moves of one transaction may bear one moment.
            if all(step.version is not None for step in taken):
                taken.sort(key=lambda step: (step.version, step.pk))
        return found

    def things(self, name: str) -> dict[int, Any]:
        return {
            "request": self.requests,
            "offer": self.offers,
            "visit": self.visits,
            "reschedule": self.reschedules,
        }[name]

    def time_holding_visits(self) -> Iterator[Visit]:
        return (visit for visit in self.visits.values() if visit.state in HOLDING and visit.slot_id is not None)


def _by_key(rows: Iterable[Any]) -> dict[int, Any]:
    return {row.pk: row for row in rows}


def overlapping_holds(rows: Rows) -> Iterator[str]:
    """No two holds of a person for different requests overlap, buffers included, whether or not an offer ran out."""
    by_person: dict[int, list[Hold]] = defaultdict(list)
    for hold in rows.holds:
        by_person[hold.ambassador_id].append(hold)
    for person, holds in by_person.items():
        for place, hold in enumerate(holds):
            for other in holds[place + 1 :]:
                if other.blocked_from >= hold.blocked_until:
                    break
                if other.request_id != hold.request_id:
                    yield (
                        f"ambassador {person} is kept twice: hold {hold.pk} of request {hold.request_id} and hold"
                        f" {other.pk} of request {other.request_id} overlap"
                    )


def two_places_at_once(rows: Rows) -> Iterator[str]:
    """No person takes part in two lessons at once, whatever is kept for them."""
    by_person: dict[int, list[Visit]] = defaultdict(list)
    for visit in sorted(rows.time_holding_visits(), key=lambda visit: (visit.starts_at, visit.pk)):
        for person in rows.present[visit.pk]:
            by_person[person].append(visit)
    for person, visits in by_person.items():
        for place, visit in enumerate(visits):
            for other in visits[place + 1 :]:
                if other.starts_at >= visit.ends_at:
                    break
                yield f"ambassador {person} is in two places at once: visits {visit.pk} and {other.pk}"


def visits_without_time(rows: Rows) -> Iterator[str]:
    """Whoever takes part in a visit that holds time has exactly the time of its lesson kept, without an end."""
    kept: dict[tuple[int, int], list[Hold]] = defaultdict(list)
    for hold in rows.holds:
        if hold.visit_id is not None:
            kept[hold.visit_id, hold.ambassador_id].append(hold)
    for visit in rows.visits.values():
        people = Counter(rows.present[visit.pk])
        if visit.state in HOLDING and not people:
            yield f"visit {visit.pk} is {visit.state}, but nobody takes part in it"
        for person, times in people.items():
            if times > 1:
                yield f"ambassador {person} takes part in visit {visit.pk} {times} times"
    for visit in rows.time_holding_visits():
        for person in sorted(set(rows.present[visit.pk])):
            holds = kept[visit.pk, person]
            if len(holds) != 1:
                yield f"visit {visit.pk} has {len(holds)} holds of ambassador {person}"
                continue
            (hold,) = holds
            if (hold.starts_at, hold.ends_at, hold.slot_id, hold.expires_at, hold.request_id) != (
                visit.starts_at,
                visit.ends_at,
                visit.slot_id,
                None,
                visit.request_id,
            ):
                yield f"hold {hold.pk} does not keep the lesson of its visit {visit.pk}"


def ownerless_holds(rows: Rows) -> Iterator[str]:
    """No hold without an alive owner: a visit somebody takes part in, an open proposal, or an offer that waits."""
    for hold in rows.holds:
        if hold.visit_id is not None:
            reason = _not_of_its_visit(rows, hold)
        elif hold.reschedule_id is not None:
            reason = _not_of_its_proposal(rows, hold)
        else:
            reason = _not_of_its_offer(rows, hold)
        if reason:
            yield f"hold {hold.pk} keeps ambassador {hold.ambassador_id} for nothing: {reason}"


def _not_of_its_visit(rows: Rows, hold: Hold) -> str:
    visit = rows.visits[hold.visit_id]
    if visit.state not in HOLDING:
        return f"visit {visit.pk} is {visit.state}"
    if hold.ambassador_id not in rows.present[visit.pk]:
        return f"they do not take part in visit {visit.pk}"
    return ""


def _not_of_its_proposal(rows: Rows, hold: Hold) -> str:
    proposal = rows.reschedules[hold.reschedule_id]
    visit = rows.visits[proposal.visit_id]
    if proposal.state != RescheduleState.OPEN:
        return f"proposal {proposal.pk} is {proposal.state}"
    if visit.state != VisitState.CONFIRMED or hold.ambassador_id not in rows.present[visit.pk]:
        return f"they do not take part in visit {visit.pk}, or it is {visit.state}"
    if hold.expires_at != proposal.expires_at:
        return f"it does not end with proposal {proposal.pk}"
    if hold.slot_id != proposal.slot_id:
        return f"proposal {proposal.pk} is about another time"
    return ""


def _not_of_its_offer(rows: Rows, hold: Hold) -> str:
    offer = rows.offers.get(hold.offer_id)
    if offer is None:
        return "it has no owner"
    if offer.state != OfferState.SENT:
        return f"offer {offer.pk} is {offer.state}"
    if hold.expires_at != offer.expires_at:
        return f"it does not end with offer {offer.pk}"
    if (hold.ambassador_id, hold.request_id) != (offer.ambassador_id, offer.request_id):
        return f"offer {offer.pk} asks somebody else"
    if hold.slot is not None and hold.slot.dropped_at is not None:
        return f"slot {hold.slot_id} was dropped"
    return ""


def offers_without_time(rows: Rows) -> Iterator[str]:
    """An offer that waits keeps at least one time of its own, and its request still looks for somebody."""
    keeping = {hold.offer_id for hold in rows.holds if hold.visit_id is None}
    for offer in rows.offers.values():
        if offer.state != OfferState.SENT:
            continue
        if rows.requests[offer.request_id].state != RequestState.OPEN:
            yield f"offer {offer.pk} waits, but request {offer.request_id} is {rows.requests[offer.request_id].state}"
        if not offer.without_slots and offer.expires_at > rows.now and offer.pk not in keeping:
            yield f"offer {offer.pk} waits, but keeps no time"


def requests_apart_from_their_visits(rows: Rows) -> Iterator[str]:
    """One living visit at most; a request is booked or completed because of its visit, and ended ones have none."""
    living: dict[int, list[Visit]] = defaultdict(list)
    for visit in rows.visits.values():
        if visit.state in HOLDING:
            living[visit.request_id].append(visit)
    for request in rows.requests.values():
        visits = living[request.pk]
        if len(visits) > 1:
            yield f"request {request.pk} has {len(visits)} visits"
        elif visits and request.state not in BESIDE_A_VISIT[visits[0].state]:
            yield f"request {request.pk} is {request.state}, its visit {visits[0].pk} is {visits[0].state}"
        elif not visits and request.state in (RequestState.BOOKED, RequestState.COMPLETED):
            yield f"request {request.pk} is {request.state} without a visit"


def steps_apart_from_states(rows: Rows) -> Iterator[str]:
    """One step per move: the steps of a thing follow its life, one a version, up to the state it is in."""
    for life, _table, first, opening in LIVES:
        for thing in rows.things(life.name).values():
            for what in _story(life, thing, rows.steps.get((life.name, thing.pk), []), first, opening):
                yield f"{life.name} {thing.pk}: {what}"
    for subject, key in rows.steps:
        if key not in rows.things(subject):
            yield f"a step tells of {subject} {key}, which is gone"


def _story(life: Life, thing: Any, taken: list[Step], first: str, opening: str) -> Iterator[str]:
    if opening:
        if not taken or (taken[0].verb, taken[0].from_state, taken[0].to_state) != (opening, "", first):
            yield f"its first step is not “{opening}”"
            return
        if taken[0].version not in (0, None):
            yield f"its first step has version {taken[0].version}"
        taken = taken[1:]
    state = first
    for number, step in enumerate(taken, start=1):
        if step.version not in (number, None):
            yield f"its move {number} has version {step.version}"
        if step.from_state != state:
            yield f"step {step.pk} ({step.verb}) leaves {step.from_state}, but it was {state}"
        move = life.find(step.verb, step.from_state)
        if move is None or move.target != step.to_state:
            yield f"no move {step.verb} leads from {step.from_state} to {step.to_state}"
        state = step.to_state
    if state != thing.state:
        yield f"its steps lead to {state}, its state is {thing.state}"
    if len(taken) != thing.version:
        yield f"its version is {thing.version} after {len(taken)} moves"


def letters_apart_from_news(rows: Rows) -> Iterator[str]:
    """A letter lies in the outbox if and only if its news happened.

    Steps without a version were written down as history and told nobody.
    """
    told: set[tuple[str, int, int | None, str]] = set()
    by_uuid = {
        (life.name, str(thing.public_id)): thing for life, *_rest in LIVES for thing in rows.things(life.name).values()
    }
    names = tuple(life.name for life, *_rest in LIVES)
    for pk, key, person in Letter.objects.values_list("pk", "key", "person_id"):
        subject, _colon, rest = key.partition(":")
        if subject not in names:
            continue
        uuid, *parts = rest.split(":")
        thing = by_uuid.get((subject, uuid))
        if thing is None:
            yield f"letter {pk} speaks of a {subject} that does not exist: {key}"
            continue
        if person is not None and parts[-1] != str(person):
            yield f"letter {pk} went to person {person}, its key is {key}"
        version = int(parts[0]) if parts[0].isdigit() else None
        news = parts[0] if version is None else parts[1]
        told.add((subject, thing.pk, version, news))
        if reason := _did_not_happen(rows, subject, thing, version, news):
            yield f"letter {pk} tells what did not happen: {news} of {subject} {thing.pk}, {reason}"
    for (subject, key), taken in rows.steps.items():
        for step in taken:
            if step.version is None or _told_nobody(rows, step):
                continue
            version = None if subject == "offer" else step.version
            for news in TOLD.get((subject, step.verb), ()):
                if (subject, key, version, news) not in told:
                    yield f"step {step.pk}: {step.verb} of {subject} {key} happened, but no letter tells {news}"


def _told_nobody(rows: Rows, step: Step) -> bool:
    """A draft that nobody had seen was given up; or what both sides know was entered: a day agreed, a visit that has been."""
    if step.verb == "confirm" and rows.requests[step.request_id].entry == Entry.AFTERWARDS:
        return True
    if step.verb in {"submit", "take_up"} and rows.requests[step.request_id].entry != Entry.ASKED:
        return True
    return (step.subject, step.verb, step.from_state) == ("request", "withdraw", RequestState.DRAFT)


def _did_not_happen(rows: Rows, subject: str, thing: Any, version: int | None, news: str) -> str:
    """Why the news cannot be true; "" when there is a step that it tells of. Unknown news need a step of that version."""
    moves = NEWS_OF.get(news, set())
    own = rows.steps.get((subject, thing.pk), [])
    at_version = [step for step in own if step.version in (version, None)] if version is not None else own
    if version is not None and not at_version:
        return f"which has no move {version}"
    if not moves:
        return ""
    if any((subject, step.verb) in moves for step in at_version):
        return ""
    elsewhere = {move for move in moves if move[0] != subject}
    request = thing.pk if subject == "request" else _request_of(rows, thing)
    for other, verb in elsewhere:
        if other == "request":
            if any(step.verb == verb for step in rows.steps.get(("request", request), [])):
                return ""
        elif any(
            step.verb == verb and step.request_id == request
            for (name, _key), taken in rows.steps.items()
            if name == other
            for step in taken
        ):
            return ""
    return f"which took no step of {', '.join(sorted(verb for _subject, verb in moves))}"


def _request_of(rows: Rows, thing: Any) -> int:
    return rows.visits[thing.visit_id].request_id if isinstance(thing, Reschedule) else thing.request_id


def ledger_apart_from_reports(rows: Rows) -> Iterator[str]:
    """What the ledger sums up to is what a recount of visits, reports and groups says, on the day of the visit."""
    said: dict[int, dict[tuple, int]] = defaultdict(dict)
    sums = (
        ReachEntry.objects.order_by()
        .values_list("visit_id", "standing", "measure", "stage", "day", "fiscal_year")
        .annotate(total=Sum("amount"))
    )
    for visit, *figure, total in sums:
        if total:
            said[visit][tuple(figure)] = total
    counted = _recount(rows)
    for visit in rows.visits.values():
        if said[visit.pk] != counted[visit.pk]:
            yield (
                f"visit {visit.pk} ({visit.state}): the ledger says {_figures(said[visit.pk])},"
                f" a recount {_figures(counted[visit.pk])}"
            )


def _recount(rows: Rows) -> dict[int, dict[tuple, int]]:
    """Per visit what it counts, from the newest report, or before there is one from what the school expected."""
    newest: dict[int, Report] = {}
    for report in Report.objects.only("pk", "visit", "version", "ambassadors_present").order_by("version"):
        newest[report.visit_id] = report
    present: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for report_id, *group in Group.objects.values_list("report_id", "stage", "present", "already_met"):
        present[report_id].append(tuple(group))
    expected: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for request_id, stage, count in PlannedGroup.objects.values_list("request_id", "stage", "expected"):
        expected[request_id].append((stage, count, 0))
    counted: dict[int, dict[tuple, int]] = defaultdict(dict)
    for visit in rows.visits.values():
        standing = STANDING_OF.get(visit.state)
        if standing is None or rows.requests[visit.request_id].kind != Kind.SCHOOL_VISIT:
            continue
        report = newest.get(visit.pk) if standing in (Standing.REPORTED, Standing.VERIFIED) else None
        groups = present[report.pk] if report else expected[visit.request_id]
        people = report.ambassadors_present if report else len(rows.present[visit.pk])
        figures: Counter[tuple] = Counter({(Measure.VISITS, ""): 1})
        for stage, there, met in groups:
            figures[Measure.DISTINCT, stage] += there - met
            figures[Measure.PRESENT, stage] += there
            figures[Measure.ENCOUNTERS, stage] += there * people
        counted[visit.pk] = {
            (standing, measure, stage, visit.day, visit.fiscal_year): amount
            for (measure, stage), amount in figures.items()
            if amount
        }
    return counted


def _figures(figures: dict[tuple, int]) -> str:
    lines = sorted(
        f"{day} {standing} {measure} {stage}".rstrip() + f" {amount}"
        for (standing, measure, stage, day, _year), amount in figures.items()
    )
    return "; ".join(lines) or "nothing"
