"""What is told about offers, visits and reports, to whom."""

from typing import Any

from accounts.models import User
from outbox.actions import Draft
from outreach.requests.letters import desk_people, letter, page_in
from outreach.visits.models import Offer, Visit


def _of_offer(offer: Offer) -> str:
    return f"offer:{offer.public_id}"


def _of_visit(visit: Visit) -> str:
    return f"visit:{visit.public_id}:{visit.version}"


def to_ambassador(offer: Offer, news: str, **context: Any) -> list[Draft]:
    person = offer.ambassador.user
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


def offered(offer: Offer) -> list[Draft]:
    return to_ambassador(offer, "offer_sent")


def offer_declined(offer: Offer) -> list[Draft]:
    return to_desk_about_offer(offer, "offer_declined")


def offer_retracted(offer: Offer, reason: str) -> list[Draft]:
    return to_ambassador(offer, "offer_retracted", reason=reason)


def offer_expired(offer: Offer) -> list[Draft]:
    return to_ambassador(offer, "offer_expired") + to_desk_about_offer(offer, "offer_expired_desk")


def _of_visit_for(
    visit: Visit, people: list[User], news: str, view: str = "visits:show", **context: Any
) -> list[Draft]:
    return [
        letter(
            _of_visit(visit),
            news,
            person,
            visit=visit,
            request=visit.request,
            page=page_in(person, view, visit.public_id),
            **context,
        )
        for person in people
    ]


def ambassador_people(visit: Visit) -> list[User]:
    return [ambassador.user for ambassador in visit.present_ambassadors]


def school_people(visit: Visit) -> list[User]:
    return [visit.request.contact]


def confirmed(visit: Visit) -> list[Draft]:
    return (
        _of_visit_for(visit, school_people(visit), "visit_confirmed_school")
        + _of_visit_for(visit, ambassador_people(visit), "visit_confirmed_ambassador")
        + _of_visit_for(visit, desk_people(), "visit_confirmed_desk")
    )


def cancelled(visit: Visit, reason: str, by_party: Any) -> list[Draft]:
    return (
        _of_visit_for(visit, school_people(visit), "visit_cancelled_school", reason=reason, by_party=by_party)
        + _of_visit_for(visit, ambassador_people(visit), "visit_cancelled_ambassador", reason=reason, by_party=by_party)
        + _of_visit_for(visit, desk_people(), "visit_cancelled_desk", reason=reason, by_party=by_party)
    )


def report_wanted(visit: Visit, days: int) -> list[Draft]:
    people = school_people(visit)
    return [
        letter(
            f"visit:{visit.public_id}:reminder-{days}",
            "report_wanted",
            person,
            visit=visit,
            request=visit.request,
            days=days,
            page=page_in(person, "visits:report", visit.public_id),
        )
        for person in people
    ]


def reported(visit: Visit) -> list[Draft]:
    return _of_visit_for(visit, ambassador_people(visit), "report_received_ambassador") + _of_visit_for(
        visit, desk_people(), "report_received_desk"
    )


def report_handed_back(visit: Visit, reason: str) -> list[Draft]:
    return _of_visit_for(visit, school_people(visit), "report_handed_back", "visits:report", reason=reason)


def verified(visit: Visit) -> list[Draft]:
    return _of_visit_for(visit, school_people(visit), "report_verified_school") + _of_visit_for(
        visit, ambassador_people(visit), "report_verified_ambassador"
    )
