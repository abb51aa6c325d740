"""The lists of the desk: what needs an act, what waits for somebody else."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts.models import Membership, Role
from outreach.requests.models import Format, Request
from outreach.requests.states import RequestState
from outreach.schools.models import search_key
from outreach.visits.models import Offer, Visit
from outreach.visits.states import OfferState, VisitState
from ui import dates
from ui.templatetags.kakehashi import due_html, tag_html

STATE_TAGS = {
    RequestState.OPEN: "going",
    RequestState.SUBMITTED: "going",
    RequestState.RETURNED: "care",
    RequestState.BOOKED: "done",
}


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
    numbers = Request.objects.filter(
        state__in=(RequestState.SUBMITTED, RequestState.OPEN, RequestState.RETURNED, RequestState.BOOKED)
    ).aggregate(
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
    rows = rows.select_related("school").only(
        *("public_id", "number", "state", "format", "answer_by", "contact", "board", "organisation"),
        *("school__name_ja", "school__name_en", "school__prefecture_code", "school__is_remote"),
    )
    return rows.order_by("answer_by", "-school__is_remote", "place_in_queue_at", "pk")


@dataclass(frozen=True)
class QueueLine:
    """One row of the queue, ready to be shown: building it in the template would cost most of the page's time."""

    url: str
    host: str
    number: str
    place: str
    is_remote: bool
    format: str
    due: SafeString
    answer_by: str
    slots: list[str]
    waiting_offers: int
    declined_offers: int
    state: SafeString
    is_verified: bool


def lines(rows: list[Request]) -> list[QueueLine]:
    """The rows of one page with what belongs to them: three queries, however many rows."""
    prefetch_related_objects(rows, "slots")
    now = timezone.now()
    waiting, declined = Counter(), Counter()
    offers = Offer.objects.filter(request__in=rows, state__in=(OfferState.SENT, OfferState.DECLINED))
    for request_id, state, expires_at in offers.values_list("request_id", "state", "expires_at"):
        if state == OfferState.DECLINED:
            declined[request_id] += 1
        elif expires_at > now:
            waiting[request_id] += 1
    verified = set(
        Membership.objects.current()
        .filter(person__in={row.contact_id for row in rows}, verified_at__isnull=False)
        .values_list("person_id", "school_id")
    )
    formats = {value: str(label) for value, label in Format.choices}
    states = {value: tag_html(str(label), STATE_TAGS.get(value, "")) for value, label in RequestState.choices}
    return [
        QueueLine(
            url=reverse("desk:request", args=[row.public_id]),
            host=row.host_name,
            number=row.number,
            place=row.school.prefecture if row.school else "",
            is_remote=bool(row.school and row.school.is_remote),
            format=formats[row.format],
            due=due_html(row.answer_by),
            answer_by=dates.day_words(row.answer_by) if row.answer_by else "",
            slots=[f"{slot.rank_words}　{slot.short_words}" for slot in row.open_slots()[:2]],
            waiting_offers=waiting[row.pk],
            declined_offers=declined[row.pk],
            state=states[row.state],
            is_verified=(row.contact_id, row.school_id) in verified,
        )
        for row in rows
    ]
