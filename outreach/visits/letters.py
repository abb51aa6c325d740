"""What is told about offers, visits and reports, to whom."""

from typing import Any

from django.utils.translation import gettext_lazy

from accounts.models import User
from outbox.actions import Draft
from outreach.ambassadors.models import Ambassador
from outreach.lives import Party
from outreach.requests.letters import (
    board_people,
    by_day,
    desk_people,
    host_people,
    letter,
    page_in,
    standing_copy,
    wants_copies,
)
from outreach.requests.models import Slot, Step
from outreach.visits.models import Offer, Reschedule, Visit


def _of_offer(offer: Offer) -> str:
    return f"offer:{offer.public_id}"


def _of_visit(visit: Visit) -> str:
    return f"visit:{visit.public_id}:{visit.version}"


def voices_of(ambassador: Ambassador) -> list[User]:
    """The ambassador and those who act in their name; the letters of the latter say whose they are (`in_name_of`)."""
    assistants = list(ambassador.assistants.all().people())
    for person in assistants:
        person.in_name_of = ambassador
    return _once([ambassador.user, *assistants])


def to_ambassador(offer: Offer, news: str, **context: Any) -> list[Draft]:
    """To the ambassador asked, and the same to their assistants."""
    return [
        letter(
            _of_offer(offer),
            news,
            person,
            offer=offer,
            request=offer.request,
            slots=list(offer.slots.all()),
            page=page_in(person, "visits:offer", offer.public_id),
            **context,
        )
        for person in voices_of(offer.ambassador)
    ]


def to_desk_about_offer(offer: Offer, news: str, **context: Any) -> list[Draft]:
    return [
        letter(
            _of_offer(offer),
            news,
            person,
            offer=offer,
            request=offer.request,
            page=page_in(person, "desk:request", offer.request.public_id),
            **context,
        )
        for person in desk_people()
    ]


# Why an offer or a proposal ended without a person's own words; read in the reader's language.
DAY_CAME = gettext_lazy("訪問の日になりました。")
PLACES_TAKEN = gettext_lazy("ほかの推進大使に決まりました。")
DAY_FIXED = gettext_lazy("訪問が別の希望日時に決まりました。")
DAY_DROPPED = gettext_lazy("この希望日時が取り下げられました。")
VISIT_MOVED = gettext_lazy("訪問の日時が変わりました。")
SOMEBODY_JOINED = gettext_lazy("担当の推進大使が加わりました。必要なら、もう一度相談してください。")
SOMEBODY_LEFT = gettext_lazy("担当の推進大使が1人外れました。必要なら、もう一度相談してください。")


def offered(offer: Offer) -> list[Draft]:
    """By day where the ambassador lives: nobody is woken by a question that waits for days."""
    return [by_day(draft, offer.ambassador.time_zone) for draft in to_ambassador(offer, "offer_sent")]


def offer_declined(offer: Offer, could_do: list[Slot]) -> list[Draft]:
    return to_desk_about_offer(offer, "offer_declined", could_do=could_do)


def offer_narrowed(offer: Offer, slot: Slot) -> list[Draft]:
    """The visit has its day; this offer goes on about that day alone."""
    return to_ambassador(offer, "offer_narrowed", slot=slot)


def offer_lost_a_day(offer: Offer, slot: Slot) -> list[Draft]:
    return to_ambassador(offer, f"offer_lost_a_day:{slot.public_id}", slot=slot)


def offer_retracted(offer: Offer, reason: str) -> list[Draft]:
    return to_ambassador(offer, "offer_retracted", reason=reason)


def offer_expired(offer: Offer) -> list[Draft]:
    return to_ambassador(offer, "offer_expired") + to_desk_about_offer(offer, "offer_expired_desk")


def _of_visit_for(
    visit: Visit, people: list[User], news: str, view: str = "visits:show", **context: Any
) -> list[Draft]:
    host = {person.pk for person in school_people(visit)}
    return [
        letter(
            _of_visit(visit),
            news,
            person,
            visit=visit,
            request=visit.request,
            page=page_in(person, view, visit.public_id),
            for_host=person.pk in host,
            **context,
        )
        for person in people
    ] + standing_copy(_of_visit(visit), news, visit.request, view, visit.public_id, visit=visit, **context)


def spoken_by(visit: Visit, taken: Step) -> Any:
    """Who moved something, as a reader knows them: a host that is no school by its name."""
    if taken.party == Party.SCHOOL and visit.request.school_id is None:
        return visit.request.host_name
    return Party(taken.party).label


def ambassador_people(visit: Visit) -> list[User]:
    """The ambassadors of the visit with their assistants."""
    return _once([person for ambassador in visit.present_ambassadors for person in voices_of(ambassador)])


def school_people(visit: Visit) -> list[User]:
    return host_people(visit.request)


def copies_for_board(visit: Visit, news: str, **context: Any) -> list[Draft]:
    """To the people of the school's board, where it wants to be told (写し)."""
    if not wants_copies(visit.request):
        return []
    board = visit.request.school.board
    return _of_visit_for(visit, board_people(visit.request), news, "boards:visit", board=board, **context)


def confirmed(visit: Visit) -> list[Draft]:
    return (
        _of_visit_for(visit, school_people(visit), "visit_confirmed_school")
        + _of_visit_for(visit, ambassador_people(visit), "visit_confirmed_ambassador")
        + _of_visit_for(visit, desk_people(), "visit_confirmed_desk")
        + copies_for_board(visit, "board_copy_booked")
    )


def cancelled(visit: Visit, reason: str, by_party: Any) -> list[Draft]:
    return (
        _of_visit_for(visit, school_people(visit), "visit_cancelled_school", reason=reason, by_party=by_party)
        + _of_visit_for(visit, ambassador_people(visit), "visit_cancelled_ambassador", reason=reason, by_party=by_party)
        + _of_visit_for(visit, desk_people(), "visit_cancelled_desk", reason=reason, by_party=by_party)
        + copies_for_board(visit, "board_copy_cancelled", reason=reason, by_party=by_party)
    )


def joined(visit: Visit, ambassador: Ambassador, instead_of: Ambassador | None) -> list[Draft]:
    """One more comes, perhaps in somebody's place: everybody on the visit and the desk learn who comes now."""
    context = {"ambassador": ambassador, "instead_of": instead_of}
    newcomers = voices_of(ambassador)
    others = [person for person in ambassador_people(visit) if person not in newcomers]
    drafts = (
        _of_visit_for(visit, school_people(visit), "visit_joined_school", **context)
        + _of_visit_for(visit, newcomers, "visit_confirmed_ambassador")
        + _of_visit_for(visit, others, "visit_joined_ambassador", **context)
        + _of_visit_for(visit, desk_people(), "visit_joined_desk", **context)
    )
    if instead_of is not None:
        drafts += _of_visit_for(visit, voices_of(instead_of), "visit_left_ambassador", reason="")
    return drafts


def somebody_left(visit: Visit, ambassador: Ambassador, reason: str) -> list[Draft]:
    """One comes no longer, the visit stays: school, those who remain and the desk learn it."""
    context = {"ambassador": ambassador, "reason": reason}
    return (
        _of_visit_for(visit, school_people(visit), "visit_left_school", **context)
        + _of_visit_for(visit, voices_of(ambassador), "visit_left_ambassador", **context)
        + _of_visit_for(visit, ambassador_people(visit), "visit_left_others", **context)
        + _of_visit_for(visit, desk_people(), "visit_left_desk", **context)
    )


def settled(visit: Visit) -> list[Draft]:
    return _of_visit_for(visit, school_people(visit), "visit_settled_school")


def not_held(visit: Visit, reason: str, by_party: Any) -> list[Draft]:
    people = school_people(visit) + ambassador_people(visit) + desk_people()
    return _of_visit_for(visit, _once(people), "visit_not_held", reason=reason, by_party=by_party)


def _once(people: list[User]) -> list[User]:
    return list({person.pk: person for person in people}.values())


# ── another day ───────────────────────────────────────────────────────────────
def _of_reschedule(reschedule: Reschedule, people: list[User], news: str, **context: Any) -> list[Draft]:
    visit = reschedule.visit
    return [
        letter(
            f"reschedule:{reschedule.public_id}:{reschedule.version}",
            news,
            person,
            reschedule=reschedule,
            visit=visit,
            request=visit.request,
            page=page_in(person, "visits:show", visit.public_id),
            **context,
        )
        for person in _once(people)
    ]


def _everybody(visit: Visit) -> list[User]:
    return school_people(visit) + ambassador_people(visit) + desk_people()


def reschedule_proposed(reschedule: Reschedule) -> list[Draft]:
    """Those who must answer are asked; the desk is told."""
    visit = reschedule.visit
    missing = reschedule.still_asked()
    asked = [person for ambassador in missing if ambassador is not None for person in voices_of(ambassador)]
    if None in missing:
        asked += school_people(visit)
    return _of_reschedule(reschedule, asked, "reschedule_asked") + _of_reschedule(
        reschedule, desk_people(), "reschedule_proposed_desk"
    )


def reschedule_refused(reschedule: Reschedule, note: str, by_party: Any) -> list[Draft]:
    return _of_reschedule(reschedule, _everybody(reschedule.visit), "reschedule_refused", note=note, by_party=by_party)


def reschedule_expired(reschedule: Reschedule) -> list[Draft]:
    return _of_reschedule(reschedule, _everybody(reschedule.visit), "reschedule_expired")


def reschedule_ended(reschedule: Reschedule, reason: str) -> list[Draft]:
    return _of_reschedule(reschedule, _everybody(reschedule.visit), "reschedule_ended", reason=reason)


def moved(visit: Visit, old: Slot, reason: str) -> list[Draft]:
    told = _of_visit_for(visit, _once(_everybody(visit)), "visit_moved", old=old, reason=reason)
    return told + copies_for_board(visit, "board_copy_moved", old=old, reason=reason)


# ── reports ───────────────────────────────────────────────────────────────────
def report_wanted(visit: Visit, days: int) -> list[Draft]:
    about = f"visit:{visit.public_id}:reminder-{days}"
    return [
        by_day(
            letter(
                about,
                "report_wanted",
                person,
                visit=visit,
                request=visit.request,
                days=days,
                page=page_in(person, "visits:report", visit.public_id),
                for_host=True,
            )
        )
        for person in school_people(visit)
    ] + standing_copy(about, "report_wanted", visit.request, "visits:report", visit.public_id, visit=visit, days=days)


def reported(visit: Visit, *, on_behalf: bool) -> list[Draft]:
    told = _of_visit_for(visit, school_people(visit), "report_on_behalf_school") if on_behalf else []
    return (
        told
        + _of_visit_for(visit, ambassador_people(visit), "report_received_ambassador")
        + _of_visit_for(visit, desk_people(), "report_received_desk")
    )


def report_handed_back(visit: Visit, reason: str) -> list[Draft]:
    return _of_visit_for(visit, school_people(visit), "report_handed_back", "visits:report", reason=reason)


def verified(visit: Visit) -> list[Draft]:
    return _of_visit_for(visit, school_people(visit), "report_verified_school") + _of_visit_for(
        visit, ambassador_people(visit), "report_verified_ambassador"
    )


def corrected(visit: Visit, reason: str) -> list[Draft]:
    people = school_people(visit) + ambassador_people(visit)
    return _of_visit_for(visit, _once(people), "report_corrected", reason=reason)
