"""The lists of the desk: what needs an act, what waits for somebody else."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Membership, Role
from outreach.requests.models import Request
from outreach.requests.states import RequestState
from outreach.schools.models import search_key
from outreach.visits.models import Offer, Visit
from outreach.visits.states import OfferState, VisitState


@dataclass(frozen=True)
class Counts:
    """How many things are on each list."""

    act: int
    waiting: int
    vouch: int
    reports: int
    booked: int


def _waiting_offers() -> Exists:
    return Exists(Offer.objects.filter(request=OuterRef("pk"), state=OfferState.SENT, expires_at__gt=timezone.now()))


def requests_needing_an_act() -> QuerySet[Request]:
    """New requests, and open ones about which nobody is being asked."""
    return Request.objects.filter(Q(state=RequestState.SUBMITTED) | Q(state=RequestState.OPEN) & ~Q(_waiting_offers()))


def requests_waiting_for_an_answer() -> QuerySet[Request]:
    """Somebody else's turn: an ambassador's answer, or the school's mending."""
    return Request.objects.filter(Q(state=RequestState.RETURNED) | Q(state=RequestState.OPEN) & Q(_waiting_offers()))


def booked_requests() -> QuerySet[Request]:
    return Request.objects.filter(state=RequestState.BOOKED)


def memberships_to_vouch_for() -> QuerySet[Membership]:
    return (
        Membership.objects.waiting_for_a_voucher()
        .filter(role=Role.CONTACT)
        .select_related("person", "school")
        .order_by("asked_at")
    )


def reports_to_verify() -> QuerySet[Visit]:
    return (
        Visit.objects.filter(state=VisitState.REPORTED)
        .select_related("school", "request")
        .prefetch_related("reports__groups", "participations__ambassador", "request__planned_groups")
        .order_by("state_since")
    )


def counts() -> Counts:
    numbers = Request.objects.aggregate(
        act=Count("pk", filter=Q(state=RequestState.SUBMITTED) | Q(state=RequestState.OPEN) & ~Q(_waiting_offers())),
        waiting=Count("pk", filter=Q(state=RequestState.RETURNED) | Q(state=RequestState.OPEN) & Q(_waiting_offers())),
        booked=Count("pk", filter=Q(state=RequestState.BOOKED)),
    )
    return Counts(
        vouch=memberships_to_vouch_for().count(),
        reports=Visit.objects.filter(state=VisitState.REPORTED).count(),
        **numbers,
    )


def for_the_list(rows: QuerySet[Request], *, words: str = "", prefecture: str = "") -> QuerySet[Request]:
    """Filtered, most urgent first (the day an answer is needed, then remote schools, then the order of arrival)."""
    for word in words.split()[:5]:
        rows = rows.filter(Q(number__icontains=word) | Q(school__search_text__contains=search_key(word)))
    if prefecture:
        rows = rows.filter(school__prefecture_code=prefecture)
    now = timezone.now()
    return (
        rows.with_what_a_list_shows()
        .order_by("answer_by", "-school__is_remote", "place_in_queue_at", "pk")
        .annotate(
            waiting_offers=Count(
                "offers", distinct=True, filter=Q(offers__state=OfferState.SENT, offers__expires_at__gt=now)
            ),
            declined_offers=Count("offers", distinct=True, filter=Q(offers__state=OfferState.DECLINED)),
            contact_verified=Exists(
                Membership.objects.filter(
                    person=OuterRef("contact"), school=OuterRef("school"), verified_at__isnull=False
                )
            ),
        )
    )
